"""Which column of a file holds what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from desktop.errors import ColumnsUnclear, ImportRefused
from desktop.services.importing.headers import FIELDS, SECRET, folded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from desktop.services.importing.reading import Sheet


@dataclass(frozen=True, slots=True)
class Columns:
    """``places`` gives the index of each recognised field's column, ``recognised`` its title and header for
    people, ``ignored`` the other headers in the order of the file."""

    header: tuple[str, ...]
    places: dict[str, int]
    ignored: tuple[str, ...]

    @property
    def recognised(self) -> tuple[tuple[str, str], ...]:
        """(what it becomes, name of the column), in the order of the fields."""
        return tuple((FIELDS[name].title, self.header[at]) for name, at in self.places.items())

    def title(self, *names: str) -> str:
        """How the file calls the first of these fields that it has; else how we call it."""
        for name in names:
            if name in self.places:
                return self.header[self.places[name]]
        return FIELDS[names[0]].title


def recognise(sheet: Sheet, overrides: Mapping[str, str] | None = None) -> Columns:
    """The columns of ``sheet``. ``overrides`` maps a field's name to the column a person chose; an empty
    column leaves the field out.

    An attendee's own address wins over a plain “Email”, which then is the buyer's. Raises `ImportRefused`
    when no column holds addresses, when a name or column of ``overrides`` is unknown, and when a header that
    would be used stands there twice.
    """
    chosen = _chosen(sheet, overrides or {})
    free = [
        (index, folded(header))
        for index, header in enumerate(sheet.header)
        if not SECRET.search(header) and index not in chosen.values()
    ]
    places: dict[str, int] = {}
    for name, field in FIELDS.items():
        if name in chosen:
            if chosen[name] >= 0:
                places[name] = chosen[name]
            continue
        for wanted in field.headers:
            at = next((index for index, header in free if header == wanted), None)
            if at is not None:
                _refuse_twins(sheet, name, at, chosen)
                places[name] = at
                free = [pair for pair in free if pair[0] != at]
                break
    _german_names(sheet, places, chosen)
    if "email" not in places and "buyer_email" not in places:
        raise _without_email(sheet)
    used = set(places.values())
    ignored = tuple(header for index, header in enumerate(sheet.header) if index not in used)
    return Columns(sheet.header, places, ignored)


def _chosen(sheet: Sheet, overrides: Mapping[str, str]) -> dict[str, int]:
    """The columns people named, -1 where they want none."""
    chosen: dict[str, int] = {}
    for name, column in overrides.items():
        if name not in FIELDS:
            raise ImportRefused(f"“{name}” is nothing the import knows. It knows: {', '.join(FIELDS)}.")
        if not column:
            chosen[name] = -1
            continue
        if column in sheet.header:
            at = sheet.header.index(column)
        else:
            alike = [i for i, header in enumerate(sheet.header) if folded(header) == folded(column)]
            if not alike:
                raise ImportRefused(
                    f"“{sheet.file}” has no column “{column}”. It has: {', '.join(sheet.header)}."
                )
            at = alike[0]
        if SECRET.search(sheet.header[at]):
            raise ImportRefused(f"“{sheet.header[at]}” holds another system's secrets and is never imported.")
        chosen[name] = at
    return chosen


def _refuse_twins(sheet: Sheet, name: str, at: int, chosen: Mapping[str, int]) -> None:
    """A repeated header is no matter as long as nobody needs it."""
    header = sheet.header[at]
    twin = f"{header} (2)"
    if twin in sheet.header and sheet.header.index(twin) not in chosen.values():
        raise ColumnsUnclear(
            f"“{sheet.file}” has two columns “{header}”.",
            f"Rename one of them, or choose with --map {name}=“{header}” or --map {name}=“{twin}”.",
        )


def _german_names(sheet: Sheet, places: dict[str, int], chosen: Mapping[str, int]) -> None:
    """In lists with “Vorname” and “Name”, the latter is the family name."""
    given_without_family = "given_name" in places and "family_name" not in places.keys() | chosen.keys()
    plain = "name" in places and "name" not in chosen and folded(sheet.header[places["name"]]) == "name"
    if given_without_family and plain:
        places["family_name"] = places.pop("name")


def _without_email(sheet: Sheet) -> ImportRefused:
    if any("@" in header for header in sheet.header):
        return ImportRefused(
            f"The first line of “{sheet.file}” looks like a person, not like column names. "
            "Put a line such as “Name” and “Email” above it."
        )
    return ColumnsUnclear(
        f"“{sheet.file}” has no column with e-mail addresses that is recognised.",
        f"Name it with --map email=COLUMN. The columns are: {', '.join(sheet.header)}.",
    )
