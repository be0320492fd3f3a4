"""A website at work, by plain SQL under a role of its own, and what it is answered, written down so that two answers
can be compared: before the upgrade and after it."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import psycopg

if TYPE_CHECKING:
    from collections.abc import Iterator

NUMBERED = {"number", "seat_no"}
"""Columns of the website's own that a sequence fills: it goes on where it was, whatever is rolled back."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a statement was answered: rows without their order, or the error a website's code looks at."""

    statement: str
    rows: tuple[dict[str, Any], ...]
    changed: int
    sqlstate: str | None
    constraint: str | None

    def told(self, columns: tuple[str, ...]) -> tuple[Any, ...]:
        """The answer as a website sees it that knows these columns only."""
        rows = sorted(repr([(name, row[name]) for name in columns]) for row in self.rows)
        return self.statement, rows, self.changed, self.sqlstate, self.constraint


class Website:
    """One connection of the website's. Every answer is kept; ids it was given are known by name."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.connection = connection
        self.answers: list[Answer] = []
        self.names: dict[UUID, str] = {}

    def say(self, sql: str, *values: Any, name: str | None = None, **options: Any) -> list[dict[str, Any]]:
        """Run a statement; its rows, which are none when it was refused. ``name`` calls the id that comes back."""
        rows: list[dict[str, Any]] = []
        changed, state, constraint = 0, None, None
        try:
            with self.connection.transaction():
                cursor = self.connection.execute(sql, values or None, **options)
                changed = cursor.rowcount
                rows = cursor.fetchall() if cursor.description else []
        except psycopg.Error as error:
            state, constraint = error.sqlstate, error.diag.constraint_name
        if name is not None and rows:
            self.names[rows[0]["id"]] = name
        written = tuple(
            {key: self._written(value) for key, value in row.items() if key not in NUMBERED} for row in rows
        )
        self.answers.append(Answer(sql, written, changed, state, constraint))
        return rows

    def one(self, sql: str, *values: Any, name: str | None = None) -> Any:
        """The first column of the only row."""
        (row,) = self.say(sql, *values, name=name)
        return next(iter(row.values()))

    def _written(self, value: Any) -> Any:
        if isinstance(value, UUID):
            return self.names.get(value, "an id")
        if isinstance(value, list):
            return [self._written(one) for one in value]
        if isinstance(value, datetime):
            now = datetime.now(UTC).replace(tzinfo=None)
            return "now" if abs(now - value.replace(tzinfo=None)) < timedelta(hours=16) else str(value)
        return value


@contextmanager
def role(owner: psycopg.Connection[Any]) -> Iterator[str]:
    """A role that may read and write what is there now, and owns nothing."""
    name = f"website_{uuid4().hex}"
    owner.execute(f"CREATE ROLE {name}")
    schemas = [
        row["nspname"]
        for row in owner.execute("SELECT nspname FROM pg_namespace WHERE nspname IN ('public', 'website')")
    ]
    for schema in schemas:
        owner.execute(f"GRANT USAGE ON SCHEMA {schema} TO {name}")
        owner.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {name}")
        owner.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {name}")
    yield name
    owner.execute(f"DROP OWNED BY {name}")
    owner.execute(f"DROP ROLE {name}")


def played(connection: psycopg.Connection[Any], name: str, play: Any) -> list[Answer]:
    """The answers to a play, of which nothing stays."""
    connection.execute(f"SET SESSION AUTHORIZATION {name}")
    website = Website(connection)
    try:
        with connection.transaction(force_rollback=True):
            play(website)
    finally:
        connection.execute("RESET SESSION AUTHORIZATION")
    return website.answers


def differences(before: list[Answer], after: list[Answer]) -> list[tuple[Any, Any]]:
    """The answers that are not the same, additional columns aside, as (before, after)."""
    different = []
    for was, now in zip(before, after, strict=True):
        columns = tuple(was.rows[0]) if was.rows else ()
        answers = was.told(columns), now.told(columns)
        if answers[0] != answers[1]:
            different.append(answers)
    return different
