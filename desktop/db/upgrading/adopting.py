"""Bring a table that is there already to the wanted columns and constraints, disturbing a live site least.

Nothing is dropped, renamed or retyped. A constraint is added NOT VALID, which is instant, and validated
afterwards, which stops no writer; what has to be unique is built concurrently first.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from desktop.db.upgrading import matching
from desktop.db.upgrading.actions import Action, Build, Fill, Made, Short, bare
from migrations.steps import Backfill

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from desktop.db.catalog.model import Catalog, Column, Constraint, Table

RANDOM = re.compile(r"\b(gen_random_uuid|random|nextval|uuid_\w+|clock_timestamp)\b")
"""Defaults that differ from row to row: added with the column, they would rewrite the table under its lock."""


def table(
    place: str,
    actual: Catalog,
    wanted: Table,
    columns: Iterable[str],
    elsewhere: frozenset[str],
    revision: str,
) -> Iterator[Action]:
    """What the table lacks of these columns and of the constraints on them; ``elsewhere`` names constraints that
    statements of their own add."""
    there = actual.tables[place]
    named = [column for column in wanted.columns if column.name in set(columns)]
    yield from _columns(place, there, named, revision)
    for constraint in wanted.constraints:
        if constraint.name not in elsewhere and set(constraint.columns) <= {column.name for column in named}:
            yield from lacking(place, actual, wanted, constraint)


def lacking(place: str, actual: Catalog, wanted: Table, constraint: Constraint) -> Iterator[Action]:
    """What it takes to have the constraint; nothing when it is there under whatever name."""
    there = actual.tables[place]
    kept = matching.constraints(there, wanted).get(constraint.name)
    if kept is not None:
        if not kept.validated:
            yield _validation(place, kept.name)
        return
    taken = {other.name for other in there.constraints}
    if constraint.kind in {"primary key", "unique"}:
        yield from _unique(place, actual, wanted, constraint)
        return
    name = matching.free(constraint.name, taken)
    yield Short(
        (f"Demand from now on on {bare(place)}: {constraint.definition}",),
        (f"ALTER TABLE {place} ADD CONSTRAINT {name} {constraint.definition} NOT VALID",),
        (Made("constraint", place, name),),
        (place, *re.findall(r"REFERENCES ([\w.]+)", constraint.definition)),
    )
    yield _validation(place, name)


def _unique(place: str, actual: Catalog, wanted: Table, constraint: Constraint) -> Iterator[Action]:
    there = actual.tables[place]
    index = matching.backing(there, wanted, constraint)
    if index is not None:
        name = index.name
        made = (Made("constraint over index", place, name),)
    else:
        leftover = any(i.name == constraint.name and not i.valid for i in there.indexes)
        taken = matching.relations(actual, place.partition(".")[0])
        name = constraint.name if leftover else matching.free(constraint.name, taken)
        made = (Made("constraint", place, name),)
        columns = constraint.definition[constraint.definition.index("(") :]
        yield Build(place, name, f"CREATE UNIQUE INDEX CONCURRENTLY {name} ON {place} {columns}")
    kind = constraint.kind.upper()
    yield Short(
        (f"Declare {bare(place)} {constraint.definition}",),
        (f'ALTER TABLE {place} ADD CONSTRAINT "{name}" {kind} USING INDEX "{name}"',),
        made,
        (place,),
    )


def _validation(place: str, name: str) -> Short:
    return Short(
        (f"Look whether every row of {bare(place)} keeps {name}; nobody waits for this",),
        (f'ALTER TABLE {place} VALIDATE CONSTRAINT "{name}"',),
        (),
        (place,),
    )


def _columns(place: str, there: Table, wanted: Iterable[Column], revision: str) -> Iterator[Action]:
    says: list[str] = []
    statements: list[str] = []
    made: list[Made] = []
    later: list[Action] = []
    for column in wanted:
        mine = there.column(column.name)
        if mine is None:
            says.append(f"Add the column {column.name} to {bare(place)}")
            statements.extend(_added(place, column))
            made.append(Made("column", place, column.name))
            if _by_row(column):
                later.append(Fill(_filling(place, column, revision)))
                later.extend(_never_null(place, there, column))
            continue
        if mine.default is None and column.default is not None and not mine.generated:
            says.append(f"Let {bare(place)}.{column.name} begin as {column.default}")
            statements.append(f"ALTER TABLE {place} ALTER COLUMN {column.name} SET DEFAULT {column.default}")
            made.append(Made("default", place, column.name))
        if mine.nullable and not column.nullable:
            if _by_row(column):  # an upgrade was interrupted before every row had its own
                later.append(Fill(_filling(place, column, revision)))
            later.extend(_never_null(place, there, column))
    if statements:
        yield Short(tuple(says), tuple(statements), tuple(made), (place,))
    yield from later


def _by_row(column: Column) -> bool:
    return column.default is not None and RANDOM.search(column.default) is not None


def _filling(place: str, column: Column, revision: str) -> Backfill:
    return Backfill(
        revision,
        f"Give every row of {bare(place)} its {column.name}",
        place,
        column.name,
        column.default or "NULL",
        f"{column.name} IS NULL",
    )


def _added(place: str, column: Column) -> Iterator[str]:
    add = f"ALTER TABLE {place} ADD COLUMN {column.name} {column.type}"
    if _by_row(column):
        yield add
        yield f"ALTER TABLE {place} ALTER COLUMN {column.name} SET DEFAULT {column.default}"
        return
    default = f" DEFAULT {column.default}" if column.default is not None else ""
    yield add + default + ("" if column.nullable else " NOT NULL")


def _never_null(place: str, there: Table, column: Column) -> Iterator[Action]:
    """NOT NULL without reading the table under its lock: a validated CHECK stands in for the reading."""
    name = f"{column.name}_not_null{matching.OURS}"
    found = next((constraint for constraint in there.constraints if constraint.name == name), None)
    if found is None:
        yield Short(
            (f"Demand a value for {bare(place)}.{column.name} from now on",),
            (f"ALTER TABLE {place} ADD CONSTRAINT {name} CHECK ({column.name} IS NOT NULL) NOT VALID",),
            (),
            (place,),
        )
    if found is None or not found.validated:
        yield _validation(place, name)
    yield Short(
        (f"Declare {bare(place)}.{column.name} NOT NULL",),
        (
            f"ALTER TABLE {place} ALTER COLUMN {column.name} SET NOT NULL",
            f"ALTER TABLE {place} DROP CONSTRAINT {name}",
        ),
        (Made("not null", place, column.name),),
        (place,),
    )
