"""What others wrote in a way of their own and Greenroom keeps: the same questions, in the same words, that an
upgrade asks (`desktop.db.survey`)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from desktop.db.catalog.wanted import wanted
from desktop.db.survey import looking, reported
from desktop.db.survey import times as survey_times
from desktop.services.checking.model import Finding, Row, Severity, Subject

if TYPE_CHECKING:
    from collections.abc import Iterable

    from desktop.db import findings
    from desktop.db.session import Transaction

CLOCKS_APART = timedelta(minutes=1)


def kept(tx: Transaction) -> Subject:
    """Overbooked packages and people who are there twice."""
    asked = (reported.OVERBOOKED, reported.TWINS)
    found = [looking.look(tx.connection, trouble) for trouble in asked]
    return Subject("kept", "Kept as others wrote it", len(asked), "habits", _notes(found))


def times(tx: Transaction) -> Subject:
    """Times that look like local time, where the columns hold UTC (ruling 5), and clocks that differ."""
    tables = {name: table for name, table in wanted().tables.items() if table.kind == "table"}
    notes = (*_notes(survey_times.local_looking(tx.connection, tables)), *_clock(tx))
    return Subject("times", "Times in UTC", len(tables), "tables", notes)


def _clock(tx: Transaction) -> tuple[Finding, ...]:
    before = datetime.now(UTC)
    server: datetime = tx.value("SELECT clock_timestamp()")
    apart = server - before
    if abs(apart) <= CLOCKS_APART + (datetime.now(UTC) - before):
        return ()
    minutes = round(abs(apart).total_seconds() / 60)
    return (
        Finding(
            kind="clock",
            severity=Severity.NOTE,
            sentence=f"The server's clock is {minutes:,} {'minute' if minutes == 1 else 'minutes'} "
            f"{'ahead of' if apart > timedelta(0) else 'behind'} this computer's",
            remedy="One of them is not set by the network (NTP). A door's times are told by its own computer.",
        ),
    )


def _notes(found: Iterable[findings.Finding | None]) -> tuple[Finding, ...]:
    return tuple(_note(one) for one in found if one is not None)


def _note(found: findings.Finding) -> Finding:
    return Finding(
        kind=found.kind.replace(" ", "_"),
        severity=Severity.NOTE,
        sentence=f"{found.table}: {found.reason.removesuffix('.')}",
        remedy=found.remedy,
        count=found.count,
        rows=tuple(Row(row, found.kind) for row in found.rows),
        sql=found.sql.removesuffix(";"),
    )
