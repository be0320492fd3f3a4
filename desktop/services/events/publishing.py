"""Publishing an event, and taking it back to a draft."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from desktop import errors
from desktop.services import readable, zones
from desktop.services.events import closing, fields
from desktop.services.permissions import Operation, acting

if TYPE_CHECKING:
    from uuid import UUID
    from zoneinfo import ZoneInfo

    import sqlalchemy as sa

    from desktop.db.session import Actor, Database

MISSING = {
    "title": "Type a title.",
    "slug": "Type a slug: the event's own part of its address on the website, like “monsoon-summit”.",
    "start_time": "Say when it starts.",
    "location": "Say where it takes place; for an event online, how people get in.",
    "packages": "Add a package, or reactivate one: without an active package nobody can register.",
}


@dataclass(frozen=True, slots=True)
class Published:
    """``published_at`` is the first publication, naive UTC. ``notes`` are sentences about what is allowed, and perhaps
    not meant. ``free_for_waiting`` is how many waiting people could have a seat: nobody was promoted while the event
    was closed."""

    title: str
    published_at: datetime
    notes: tuple[str, ...]
    free_for_waiting: int


@dataclass(frozen=True, slots=True)
class Unpublished:
    """Who is in the event that the website no longer shows; nobody's registration changed."""

    title: str
    registered: int
    waitlisted: int


def publish(database: Database, actor: Actor, event_id: UUID, zone: ZoneInfo) -> Published:
    """Put a draft on the website. ``zone`` is the workspace's, for the words.

    Raises `NotReady` with everything that is missing or wrong, beside its input; `WrongEventState`, `NotFound`,
    `NotAllowed`, `AccountClosed`, `Busy`. Locks the event's row. Specification 2.9, ruling 6.
    """
    row = database.call(
        "publish_event", {"p_actor": acting(actor, Operation.PUBLISH_EVENTS), "p_event": event_id}
    )
    own = zones.named(row.time_zone, zone)
    if row.outcome == "not_ready":
        raise errors.NotReady(
            row.title or readable.UNTITLED, {field: _lacking(field, row, own) for field in row.missing}
        )
    closing.check(row, "published")
    return Published(row.title, row.published_at, tuple(_notes(row, own)), row.free_for_waiting)


def unpublish(database: Database, actor: Actor, event_id: UUID) -> Unpublished:
    """Take an event back to a draft: it gives out no seats, and whoever has one keeps it.

    Raises `WrongEventState`, `NotFound`, `NotAllowed`, `AccountClosed`, `Busy`. Locks the packages' seats, then the
    event. Ruling 15.
    """
    row = database.call(
        "shut_event",
        {
            "p_actor": acting(actor, Operation.PUBLISH_EVENTS),
            "p_event": event_id,
            "p_how": "unpublish",
        },
    )
    closing.check(row, "unpublished")
    return Unpublished(row.title or readable.UNTITLED, row.registered, row.waitlisted)


def _lacking(field: str, row: sa.Row[Any], zone: ZoneInfo) -> str:
    if field == "end_time":
        return fields.ends_early(row.start_time, row.end_time, zone)
    if field == "registration_deadline":
        return fields.closes_late(row.registration_deadline, row.end_time, zone)
    return MISSING[field]


def _notes(row: sa.Row[Any], zone: ZoneInfo) -> list[str]:
    now = datetime.now(UTC).replace(tzinfo=None)
    notes = []
    if row.start_time < now:
        notes.append(f"The event began {readable.full(row.start_time, zone)}.")
    if row.registration_deadline is not None and row.registration_deadline < now:
        notes.append(
            f"Registration closed {readable.full(row.registration_deadline, zone)}: only staff can add people."
        )
    if row.payment_required and not row.priced:
        notes.append("Payment is required, and no package costs anything: nobody will be asked to pay.")
    return notes
