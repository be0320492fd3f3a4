"""The bin: deleted events are kept, and come back as they were (ruling 20). Nothing here deletes a row (ruling 29)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from desktop.services import readable
from desktop.services.events import closing
from desktop.services.permissions import Operation, acting

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from desktop.db.session import Actor, Database


@dataclass(frozen=True, slots=True)
class Deleted:
    """Who is in the event that nobody sees any more; their registrations stay as they are, and come back with it."""

    title: str
    registered: int
    waitlisted: int


@dataclass(frozen=True, slots=True)
class Restored:
    """A ``published`` one is on the website again. ``was_deleted`` is false when it was not in the bin (any more)."""

    title: str
    status: str
    was_deleted: bool


@dataclass(frozen=True, slots=True)
class Binned:
    """An event in the bin; times are naive UTC."""

    id: UUID
    title: str
    status: str
    start_time: datetime | None
    deleted_at: datetime
    registered: int
    waitlisted: int


def delete(database: Database, actor: Actor, event_id: UUID) -> Deleted:
    """Put the event into the bin: no list shows it, and it gives out no seats until it is restored.

    Locks the packages' seats, then the event. Raises `WrongEventState` when it is there already, `NotFound`,
    `NotAllowed`, `AccountClosed`, `Busy`. Rulings 15, 20 and 29.
    """
    row = database.call(
        "shut_event",
        {
            "p_actor": acting(actor, Operation.DELETE_EVENTS),
            "p_event": event_id,
            "p_how": "delete",
        },
    )
    closing.check(row, "deleted")
    return Deleted(row.title or readable.UNTITLED, row.registered, row.waitlisted)


def restore(database: Database, actor: Actor, event_id: UUID) -> Restored:
    """Take the event out of the bin, as it was. Locks its row. Raises `NotFound`, `NotAllowed`, `AccountClosed`,
    `Busy`. Ruling 20."""
    row = database.call(
        "restore_event", {"p_actor": acting(actor, Operation.DELETE_EVENTS), "p_event": event_id}
    )
    closing.check(row, "restored")
    return Restored(row.title or readable.UNTITLED, row.status, row.outcome == "restored")


def binned(database: Database, actor: Actor) -> tuple[Binned, ...]:
    """The events in the bin, the last one first. Raises `NotAllowed`, `AccountClosed`."""
    with database.transaction(acting(actor, Operation.DELETE_EVENTS)) as tx:
        rows = tx.rows(
            """
            SELECT e.id, coalesce(e.title, :untitled) AS title, e.status, e.start_time, e.deleted_at,
                   count(r.id) FILTER (WHERE r.status = 'registered') AS registered,
                   count(r.id) FILTER (WHERE r.status = 'waitlisted') AS waitlisted
              FROM events e LEFT JOIN packages p ON p.event_id = e.id
              LEFT JOIN event_registrations r ON r.package_id = p.id
             WHERE e.deleted_at IS NOT NULL GROUP BY e.id ORDER BY e.deleted_at DESC, e.id
            """,
            {"untitled": readable.UNTITLED},
        )
    return tuple(Binned(**row._asdict()) for row in rows)
