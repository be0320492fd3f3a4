"""One look at the rows of a database: the statement that shows them, how many there are, and the first few."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from desktop.db import privileges
from desktop.db.findings import LISTED, Finding, Trouble

if TYPE_CHECKING:
    import sqlalchemy as sa

SECRETS = frozenset(column for columns in privileges.SECRETS.values() for column in columns)
"""Columns no statement that is shown to people selects (ruling 26)."""


def look(connection: sa.Connection, trouble: Trouble) -> Finding | None:
    """The finding when there are such rows, else None. It carries the statement as it is, so that a person who runs
    it sees exactly the rows that were counted."""
    count, rows = answer(
        connection,
        f"WITH found (called) AS (\n{trouble.sql}\n), listed AS (SELECT called FROM found LIMIT {LISTED})\n"
        "SELECT (SELECT count(*) FROM found), ARRAY(SELECT called::text FROM listed)",
    )
    if not count:
        return None
    return Finding(
        kind=trouble.kind,
        table=trouble.table,
        reason=trouble.reason,
        sql=f"{trouble.sql};",
        remedy=trouble.remedy,
        refused=trouble.refused,
        count=count,
        rows=tuple(rows),
    )


def answer(connection: sa.Connection, sql: str) -> tuple[Any, ...]:
    """The one row of a statement that is sent as a person would type it."""
    return tuple(connection.exec_driver_sql(sql.replace("%", "%%")).one())
