"""Questions to a database: SQL that gives the rows something is the matter with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from desktop.db.findings import LISTED
from desktop.services.checking.model import Finding, Row, Severity, Subject

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from desktop.db.session import Transaction

_NOT_ALLOWED = (
    "This account lacks the privileges to look at this",
    "Check the database with its owner's account.",
)
_NOT_THERE = (
    "What this is about is not there as it has to be",
    "The subject “Schema” says what is missing; look again when that is put right.",
)
OBSTACLES = {"42501": _NOT_ALLOWED, **dict.fromkeys(("42P01", "42703", "42883", "3F000"), _NOT_THERE)}
"""Insufficient privilege; undefined table, column, function, schema."""
PATIENT = "SET LOCAL statement_timeout = '10min'"
"""Tables are read from end to end."""


@dataclass(frozen=True, slots=True)
class Question:
    """``sql`` gives (id, what) for each row that is found, ``what`` being its sentence. ``one`` and ``many`` say
    what was found; ``many`` has a ``{count}``."""

    kind: str
    severity: Severity
    one: str
    many: str
    remedy: str
    sql: str
    repairable: bool = False


def ask(tx: Transaction, question: Question) -> Finding | None:
    """What the question finds, at most `LISTED` rows of it; None when it finds nothing."""
    found = tx.rows(
        f"SELECT found.id::text AS id, found.what, count(*) OVER () AS altogether FROM ({question.sql}) found"
        f" ORDER BY found.what, found.id LIMIT {LISTED}"
    )
    if not found:
        return None
    count: int = found[0].altogether
    return Finding(
        kind=question.kind,
        severity=question.severity,
        sentence=question.one if count == 1 else question.many.format(count=f"{count:,}"),
        remedy=question.remedy,
        count=count,
        rows=tuple(Row(row.id, row.what) for row in found if row.id is not None),
        sql=question.sql,
        repairable=question.repairable,
    )


def rows(tx: Transaction, question: Question) -> tuple[Row, ...]:
    """All rows the question finds."""
    found = tx.rows(f"SELECT found.id::text AS id, found.what FROM ({question.sql}) found ORDER BY found.id")
    return tuple(Row(row.id, row.what) for row in found)


def subject(
    tx: Transaction, name: str, title: str, counted: str, things: str, questions: Sequence[Question]
) -> Subject:
    """The questions asked one after the other; ``counted`` is SQL for how many ``things`` they are about."""
    findings = tuple(finding for question in questions if (finding := ask(tx, question)))
    return Subject(name, title, int(tx.value(counted) or 0), things, findings)


def where_possible(tx: Transaction, name: str, title: str, look: Callable[[Transaction], Subject]) -> Subject:
    """The subject, or the finding that it cannot be looked at: what was not looked at is not right."""
    try:
        with tx.connection.begin_nested():
            return look(tx)
    except sa.exc.DBAPIError as error:
        obstacle = OBSTACLES.get(getattr(error.orig, "sqlstate", None) or "")
        if obstacle is None:
            raise
    sentence, remedy = obstacle
    found = Finding("not_looked_at", Severity.WRONG, sentence, remedy)
    return Subject(name, title, 0, "things", (found,))
