"""An event as it is stored: what an edit starts from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from desktop import errors
from desktop.services import readable, zones
from desktop.services.permissions import Operation, acting

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID
    from zoneinfo import ZoneInfo

    from desktop.db.session import Actor, Database

COLUMNS = (
    "id, title, slug, description, location, start_time, end_time, registration_deadline, time_zone,"
    " payment_required, status, published_at, cancelled_at, deleted_at"
)


@dataclass(frozen=True, slots=True)
class Event:
    """The event's columns. Times are naive UTC; ``time_zone`` is None where the workspace's counts."""

    id: UUID
    title: str | None
    slug: str | None
    description: str | None
    location: str | None
    start_time: datetime | None
    end_time: datetime | None
    registration_deadline: datetime | None
    time_zone: str | None
    payment_required: bool
    status: str
    published_at: datetime | None
    cancelled_at: datetime | None
    deleted_at: datetime | None

    @property
    def called(self) -> str:
        """What a sentence calls it."""
        return self.title or readable.UNTITLED

    def zone(self, otherwise: ZoneInfo) -> ZoneInfo:
        """On whose clocks its times are read."""
        return zones.named(self.time_zone, otherwise)


def read(database: Database, actor: Actor, event_id: UUID) -> Event:
    """The event, also one in the bin. Raises `NotFound`, `NotAllowed`, `AccountClosed`."""
    with database.transaction(acting(actor, Operation.EDIT_EVENTS)) as tx:
        row = tx.row(f"SELECT {COLUMNS} FROM events WHERE id = :id", {"id": event_id})
    if row is None:
        raise errors.NotFound("event")
    return Event(**row._asdict())
