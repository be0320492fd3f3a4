"""Which object of a live table stands for which wanted one, by definition and each for one only."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from desktop.db.catalog import comparing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from desktop.db.catalog.model import Catalog, Constraint, Index, Table, Trigger

    Named = TypeVar("Named", Constraint, Index, Trigger)

OURS = "_greenroom"
"""What is put behind a name that something else has."""


def indexes(actual: Table, wanted: Table) -> dict[str, Index]:
    """Wanted index name → the valid index that is equal to it."""
    return _pairs(actual.indexes, wanted.indexes, lambda a, w: a.valid and comparing.equal_index(a, w))


def constraints(actual: Table, wanted: Table) -> dict[str, Constraint]:
    """Wanted constraint name → the constraint that is equal to it, validated or not."""
    return _pairs(
        actual.constraints, wanted.constraints, lambda a, w: a.enforced and comparing.equal_constraint(a, w)
    )


def triggers(actual: Table, wanted: Table) -> dict[str, Trigger]:
    """Wanted trigger name → the trigger that fires when it should and does the same; one of the website's may stand
    for several. One that is switched off does nothing, so it stands for nothing."""
    found = {one.name: [own for own in actual.triggers if _stands(own, one)] for one in wanted.triggers}
    return {name: min(equals, key=lambda own: own.name != name) for name, equals in found.items() if equals}


def backing(actual: Table, wanted: Table, constraint: Constraint) -> Index | None:
    """The unique index that can become the constraint, when it stands for no wanted index itself."""
    as_unique = replace(
        constraint,
        kind="unique",
        definition="UNIQUE " + constraint.definition.partition(" ")[2].removeprefix("KEY "),
    )
    if constraint.kind == "unique":
        as_unique = constraint
    taken = {index.name for index in indexes(actual, wanted).values()}
    return next((i for i in actual.indexes if i.name not in taken and comparing.backs(i, as_unique)), None)


def _stands(actual: Trigger, wanted: Trigger) -> bool:
    ours = actual.function.startswith("greenroom.")
    return comparing.equal_trigger(actual, wanted) and (ours or actual.enabled in {"O", "A"})


def _pairs(
    actual: Iterable[Named], wanted: Iterable[Named], equal: Callable[[Named, Named], bool]
) -> dict[str, Named]:
    left = list(actual)
    found: dict[str, Named] = {}
    for one in wanted:
        equals = [other for other in left if equal(other, one)]
        if equals:
            found[one.name] = min(equals, key=lambda other: other.name != one.name)
            left.remove(found[one.name])
    return found


def relations(catalog: Catalog, schema: str) -> set[str]:
    """The names that tables, views, sequences and indexes of a schema have."""
    names = set()
    for place, table in catalog.tables.items():
        if place.startswith(f"{schema}."):
            names.add(table.name)
            names.update(index.name for index in table.indexes)
            names.update(
                c.name for c in table.constraints if c.kind in {"primary key", "unique", "exclusion"}
            )
    return names


def free(name: str, taken: Iterable[str]) -> str:
    """The name, or one beside it that nobody has."""
    taken = set(taken)
    tried = name
    number = 1
    while tried in taken:
        number += 1
        tried = f"{name}{OURS}{number if number > 2 else ''}"
    return tried
