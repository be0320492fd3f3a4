"""What an import does or did, as figures and as text for a terminal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from desktop.services.importing.checking import Problem, Severity

SHOWN = 50
"""Problems of one kind that `ImportReport.lines` spells out; all of them are counted."""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """The report of a dry run, or of what was done: the same for the same file and database.

    ``seated + waitlisted + kept_cancelled + changed + unchanged + refused`` is ``rows``. ``first_place`` and
    ``last_place`` are those of the waitlist that the file's people get. ``cancelled`` (registrations that were
    there), ``checked_in``, ``paid``, ``pending`` and ``refunded`` (orders) say what the file's words did;
    ``promoted`` people of the queue got the seats it freed; ``accounts`` are made for buyers (ruling 18).
    ``held``, ``capacity`` (None without limit) and ``waiting`` are the package's afterwards.
    ``locked_seconds`` is how long others had to wait for the package.
    """

    dry_run: bool
    file: str
    format: str
    zone: str
    event: str
    package: str
    recognised: tuple[tuple[str, str], ...]
    ignored: tuple[str, ...]
    rows: int
    seated: int
    waitlisted: int
    kept_cancelled: int
    changed: int
    unchanged: int
    refused: int
    first_place: int | None
    last_place: int | None
    cancelled: int
    checked_in: int
    paid: int
    pending: int
    refunded: int
    promoted: int
    accounts: int
    held: int
    capacity: int | None
    waiting: int
    late: bool
    remarks: tuple[str, ...]
    problems: tuple[Problem, ...]
    locked_seconds: float

    @property
    def noted(self) -> int:
        """How many things about rows that are imported a person should know."""
        return len(self.problems) - self.refused

    def lines(self) -> list[str]:
        """The report as text; at most `SHOWN` problems of a kind are spelt out."""
        return [
            *self._heading(),
            "",
            *_table(self._figures()),
            "",
            *(f"- {remark}" for remark in self.remarks),
            *([""] if self.remarks else []),
            *_listed("Not imported", "refused", self.problems),
            *_listed("Imported, but look at these", "noted", self.problems),
            f"{self.package} now: {self._seats()}."
            if not self.dry_run
            else f"Dry run: nothing was changed. Afterwards “{self.package}” would have {self._seats()}.",
        ]

    def _heading(self) -> Iterator[str]:
        verb = "Would import" if self.dry_run else "Imported"
        yield f"{verb} “{self.file}” into “{self.package}” of “{self.event}”."
        yield f"{self.format}; {_count(self.rows, 'row')}; times without a zone are read as {self.zone}."
        yield "Columns: " + ", ".join(f"{title} from “{header}”" for title, header in self.recognised) + "."
        if self.ignored:
            yield f"Not used: {', '.join(self.ignored)}."

    def _figures(self) -> Iterator[tuple[str, int, str]]:
        places = ""
        if self.first_place is not None and self.last_place is not None:
            places = f"places {self.first_place:,} to {self.last_place:,}"
        yield "New, with a seat", self.seated, ""
        yield "New, on the waitlist", self.waitlisted, places
        yield "New, cancelled already", self.kept_cancelled, ""
        yield "There already, changed", self.changed, ""
        yield "There already, unchanged", self.unchanged, ""
        yield "Refused", self.refused, ""
        yield "Checked in", self.checked_in, ""
        yield "Cancelled", self.cancelled, ""
        yield (
            "Promoted from the waitlist",
            self.promoted,
            "into the seats this frees" if self.promoted else "",
        )
        yield "Orders paid", self.paid, ""
        yield "Orders pending", self.pending, ""
        yield "Orders refunded", self.refunded, ""
        yield "Accounts for buyers", self.accounts, "without a password" if self.accounts else ""

    def _seats(self) -> str:
        of = "" if self.capacity is None else f" of {self.capacity:,}"
        return f"{self.held:,}{of} seats held, {self.waiting:,} waiting"


def _count(number: int, thing: str) -> str:
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"


def _table(figures: Iterable[tuple[str, int, str]]) -> list[str]:
    """The first six rows add up to the file and are always shown; of the others, those that say something."""
    shown = [figure for index, figure in enumerate(figures) if index < 6 or figure[1]]
    return [f"  {name:<28}{number:>10,}  {remark}".rstrip() for name, number, remark in shown]


def _listed(title: str, severity: Severity, problems: Iterable[Problem]) -> Iterator[str]:
    kinds: dict[str, list[Problem]] = {}
    for problem in problems:
        if problem.severity == severity:
            kinds.setdefault(problem.kind, []).append(problem)
    if not kinds:
        return
    yield f"{title}: {sum(map(len, kinds.values())):,}"
    for alike in kinds.values():
        for problem in alike[:SHOWN]:
            yield f"  line {problem.line}, {problem.field}: {problem.reason}"
        if len(alike) > SHOWN:
            yield f"  … and {len(alike) - SHOWN:,} more of this kind"
    yield ""
