"""Changing the columns of one row, and its line in the log, in one statement.

Nothing is locked while a person thinks or an answer travels (concurrency.md): the row is read, the change is worked
out here, and one statement writes it only where the columns are still what was read. Whatever takes or frees seats is
a function of its own instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from desktop import errors
from desktop.db.session import Acting

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from uuid import UUID

    from desktop.db.session import Database

Table = Literal["events", "packages"]
TRIES = 3


@dataclass(frozen=True, slots=True)
class Changed:
    """What a row's columns were and are; ``new`` holds those that were written, none when all was so already."""

    old: Mapping[str, Any]
    new: Mapping[str, Any]


def change(
    database: Database,
    acting: Acting,
    table: Table,
    row_id: UUID,
    wanted: Mapping[str, Any],
    *,
    what: str,
    seen: Mapping[str, Any],
    action: str,
    describe: Callable[[Mapping[str, Any], Mapping[str, Any]], str],
) -> Changed:
    """Write ``wanted`` into the row's columns and ``describe(old, new)`` into the log as ``action``.

    ``seen`` are the columns the person saw when deciding. Where somebody else changed one of them meanwhile, to
    something else than is wanted, nothing is written: `Stale`, with their names in ``columns``. Columns that are as
    wanted already are left alone. ``describe`` is given what is written only. Raises `NotFound` (``what`` is missing),
    `Stale`, `NotAllowed`, `AccountClosed`, `Busy`.
    """
    read = sorted({*wanted, *seen})
    for _ in range(TRIES):
        with database.transaction(acting) as tx:
            row = tx.row(f"SELECT {', '.join(read)} FROM {table} WHERE id = :id", {"id": row_id})
        if row is None:
            raise errors.NotFound(what)
        now = row._asdict()
        due = compared(now, wanted, seen, what)
        if not due.new or _written(
            database, acting, table, row_id, now, due.new, action, describe(due.old, due.new)
        ):
            return due
    raise errors.Busy


def compared(
    now: Mapping[str, Any], wanted: Mapping[str, Any], seen: Mapping[str, Any], what: str
) -> Changed:
    """What is to be written into a row that is ``now``: the columns that are not as ``wanted`` already. Raises `Stale`
    where one is neither as ``seen`` nor as wanted."""
    other = [name for name, value in seen.items() if now[name] not in (value, wanted.get(name, value))]
    if other:
        raise errors.Stale(what, tuple(sorted(other)))
    new = {name: value for name, value in wanted.items() if now[name] != value}
    return Changed({name: now[name] for name in new}, new)


def _written(
    database: Database,
    acting: Acting,
    table: Table,
    row_id: UUID,
    now: Mapping[str, Any],
    new: Mapping[str, Any],
    action: str,
    description: str,
) -> bool:
    """False when the row was changed since it was read."""
    setting = ", ".join(f"{name} = :new_{name}" for name in new)
    still = " AND ".join(f"t.{name} IS NOT DISTINCT FROM :now_{name}" for name in now)
    statement = f"""
        WITH written AS (UPDATE {table} t SET {setting} WHERE t.id = :row_id AND {still} RETURNING t.id),
        logged AS (
          INSERT INTO admin_logs (admin_id, action_type, description, subject_id, logged_at)
          SELECT {Acting.ID}, :action, :description, w.id, timezone('UTC', clock_timestamp()) FROM written w)
        SELECT id FROM written
        """
    values = {f"new_{name}": value for name, value in new.items()}
    values |= {f"now_{name}": value for name, value in now.items()}
    values |= {"row_id": row_id, "action": action, "description": description}
    return bool(database.once(statement, values, acting))


def shown(value: object) -> str:
    """A value in the log: “Pune”, 120, nothing; what is longer than 80 letters is cut."""
    if value is None or value == "":
        return "nothing"
    text = str(value)
    if isinstance(value, str):
        return f"“{text[:79]}…”" if len(text) > 80 else f"“{text}”"
    return text


def differences(
    labels: Mapping[str, str],
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    show: Callable[[Any], str] = shown,
) -> str:
    """“title “A” → “B”, location nothing → “Pune””, in the order of ``labels``, which name the columns."""
    return ", ".join(
        f"{label} {show(old[name])} → {show(new[name])}" for name, label in labels.items() if name in new
    )
