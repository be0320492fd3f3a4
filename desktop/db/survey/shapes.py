"""Columns that are not as specified: those nothing can be done about without the website's owner, and those that are
kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop.db.catalog import comparing
from desktop.db.findings import LISTED, Finding
from desktop.db.survey import showing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from desktop.db.catalog.model import Column, Table

FILLED = frozenset(
    {
        "public.users",
        "public.events",
        "public.packages",
        "public.orders",
        "public.event_registrations",
        "public.admin_logs",
        "public.blogs",
    }
)
"""The website's tables that Greenroom adds rows to."""

MOMENT = "timestamp without time zone"


def findings(name: str, there: Table, table: Table) -> Iterator[Finding]:
    """A finding for each kind of trouble with the table's columns."""
    pairs = [(own, column) for column in table.columns if (own := there.column(column.name)) is not None]
    yield from _types(name, pairs)
    yield from _generated(name, pairs)
    yield from _demanding(name, there, pairs)
    yield from _defaults(name, pairs)
    yield from _mandatory(name, there, table)


def _types(name: str, pairs: list[tuple[Column, Column]]) -> Iterator[Finding]:
    wrong = [(own, column) for own, column in pairs if own.type != column.type]
    if wrong:
        told = "; ".join(f"“{own.name}” is {own.type}, not {column.type}" for own, column in wrong)
        yield _finding(
            "column type",
            name,
            [own for own, _ in wrong],
            f"{told}. Greenroom reads and writes what the specification says.",
            "The website's program has to agree first. Then:\n"
            + "\n".join(_retyping(name, own, column) for own, column in wrong),
        )


def _retyping(name: str, own: Column, column: Column) -> str:
    given = showing.quoted(own.name)
    if (own.type, column.type) == ("timestamp with time zone", MOMENT):
        given += " AT TIME ZONE 'UTC'"
    else:
        given += f"::{column.type}"
    return f"  ALTER TABLE {name} ALTER COLUMN {showing.quoted(own.name)} TYPE {column.type} USING {given};"


def _generated(name: str, pairs: list[tuple[Column, Column]]) -> Iterator[Finding]:
    wrong = [own for own, column in pairs if own.generated and not column.generated]
    if wrong:
        yield _finding(
            "generated column",
            name,
            wrong,
            f"{_named(wrong)} cannot be written to: the database makes the values itself.",
            "\n".join(
                f"ALTER TABLE {name} ALTER COLUMN {showing.quoted(own.name)}"
                f" DROP {'IDENTITY' if own.generated == 'identity' else 'EXPRESSION'};"
                for own in wrong
            ),
        )


def _demanding(name: str, there: Table, pairs: list[tuple[Column, Column]]) -> Iterator[Finding]:
    keys = {column for own in there.constraints if own.kind == "primary key" for column in own.columns}
    wrong = [own for own, column in pairs if column.nullable and not own.nullable and own.name not in keys]
    if wrong:
        yield _finding(
            "value demanded",
            name,
            wrong,
            f"{_named(wrong)} must always have a value here, and the specification lets it be empty (NULL), which "
            "Greenroom makes use of.",
            "\n".join(
                f"ALTER TABLE {name} ALTER COLUMN {showing.quoted(own.name)} DROP NOT NULL;" for own in wrong
            ),
        )


def _defaults(name: str, pairs: list[tuple[Column, Column]]) -> Iterator[Finding]:
    other = [
        (own, column)
        for own, column in pairs
        if own.default is not None
        and not own.generated
        and own.type == column.type
        and not comparing.same_default(own.default, column.default)
    ]
    if other:
        told = "; ".join(
            f"“{own.name}” begins as {own.default}, not {column.default or 'empty (NULL)'}"
            for own, column in other
        )
        yield _finding(
            "another default",
            name,
            [own for own, _ in other],
            f"{told}.",
            "It is kept: what the website leaves out is filled as it always was. Greenroom writes its own values.",
            refused=False,
        )


def _mandatory(name: str, there: Table, table: Table) -> Iterator[Finding]:
    """The website's own columns without which no row can be added."""
    own = [
        column
        for column in there.columns
        if table.column(column.name) is None
        and not column.nullable
        and column.default is None
        and not column.generated
    ]
    if own and name in FILLED:
        yield _finding(
            "value demanded",
            name,
            own,
            f"{_named(own)} is the website's own and must have a value, so Greenroom could not add a single row.",
            "Let the database fill in something the website understands:\n"
            + "\n".join(
                f"  ALTER TABLE {name} ALTER COLUMN {showing.quoted(column.name)} SET DEFAULT …;"
                for column in own
            ),
        )


def _named(columns: list[Column]) -> str:
    return ", ".join(f"“{column.name}”" for column in columns)


def _finding(
    kind: str, table: str, columns: list[Column], reason: str, remedy: str, *, refused: bool = True
) -> Finding:
    names = [column.name for column in columns]
    return Finding(
        kind, table, reason, showing.columns(table, names), remedy, refused, len(names), tuple(names[:LISTED])
    )
