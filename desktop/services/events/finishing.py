"""Completing an event, and who never came."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from desktop import errors
from desktop.services import readable, zones
from desktop.services.events import closing
from desktop.services.permissions import Operation, acting

if TYPE_CHECKING:
    from uuid import UUID
    from zoneinfo import ZoneInfo

    from desktop.db.session import Actor, Database


@dataclass(frozen=True, slots=True)
class Absent:
    """Somebody who is registered and never came."""

    registration_id: UUID
    who: str
    package: str


@dataclass(frozen=True, slots=True)
class Completed:
    """``absent`` are proposed as no-shows, nothing is recorded of them yet; ``waitlisted`` never got a seat."""

    title: str
    attended: int
    waitlisted: int
    absent: tuple[Absent, ...]


def complete(database: Database, actor: Actor, event_id: UUID, zone: ZoneInfo) -> Completed:
    """Close a published event that has begun. ``zone`` is the workspace's, for the words.

    Locks the packages' seats, then the event. Raises `NotBegun`, `WrongEventState`, `NotFound`, `NotAllowed`,
    `AccountClosed`, `Busy`. Rulings 11 and 15.
    """
    row = database.call(
        "shut_event",
        {
            "p_actor": acting(actor, Operation.CLOSE_EVENTS),
            "p_event": event_id,
            "p_how": "complete",
        },
    )
    if row.outcome == "not_begun":
        starts = readable.full(row.start_time, zones.named(row.time_zone, zone))
        raise errors.NotBegun(row.title or readable.UNTITLED, starts)
    closing.check(row, "completed")
    return Completed(
        row.title or readable.UNTITLED, row.attended, row.waitlisted, no_shows(database, actor, event_id)
    )


def no_shows(database: Database, actor: Actor, event_id: UUID) -> tuple[Absent, ...]:
    """Everybody who is registered and never came, by name. Not whoever the ledger says is inside, although their
    registration does not say so yet (ruling 16). Raises `NotAllowed`, `AccountClosed`."""
    with database.transaction(acting(actor, Operation.CLOSE_EVENTS)) as tx:
        rows = tx.rows(
            """
            SELECT r.id, greenroom.called(r.attendee_name, r.attendee_email) AS who, p.name AS package
              FROM packages p JOIN event_registrations r ON r.package_id = p.id AND r.status = 'registered'
              LEFT JOIN LATERAL (
                SELECT c.action FROM check_ins c  -- as greenroom.last_seen
                 WHERE c.registration_id = r.id
                   AND (c.verdict IN ('admitted', 'undone', 'no_show', 'admitted_over_capacity', 'revoked')
                        OR (c.verdict = 'payment_due' AND c.decision = 'admitted'))
                 ORDER BY c.recorded_at DESC, c.sequence DESC NULLS LAST LIMIT 1) latest ON true
             WHERE p.event_id = :id AND latest.action IS DISTINCT FROM 'admit'
             ORDER BY r.name_key COLLATE "C", r.id
            """,
            {"id": event_id},
        )
    return tuple(Absent(row.id, row.who, row.package) for row in rows)
