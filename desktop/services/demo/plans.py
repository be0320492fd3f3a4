"""What is decided about an event and its packages before anybody is invented to come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from desktop.services.demo.rows import identity

if TYPE_CHECKING:
    from uuid import UUID

WORKSPACE_ZONE = "Asia/Kolkata"
"""Where the office of the demo is."""


@dataclass(frozen=True, slots=True)
class PackagePlan:
    """A ticket and how many people of each status hold it. ``unpaid`` of the registered still owe the price.
    ``pinned`` places people of the cast: (local part of the address, status or "unpaid")."""

    slug: str
    name: str
    price: int
    capacity: int | None
    registered: int = 0
    unpaid: int = 0
    attended: int = 0
    no_show: int = 0
    waiting: int = 0
    cancelled: int = 0
    deadline: datetime | None = None
    retired_at: datetime | None = None
    description: str | None = None
    pinned: tuple[tuple[str, str], ...] = ()

    @property
    def id(self) -> UUID:
        """The key of the package's row."""
        return identity("package", self.slug)


@dataclass(frozen=True, slots=True)
class EventPlan:
    """An event; datetimes are UTC without zone. ``home`` is the region most of its people come from."""

    slug: str
    title: str
    status: str
    created_at: datetime
    zone: str | None = WORKSPACE_ZONE
    location: str | None = None
    start: datetime | None = None
    end: datetime | None = None
    deadline: datetime | None = None
    published_at: datetime | None = None
    cancelled_at: datetime | None = None
    deleted_at: datetime | None = None
    payment_required: bool = False
    currency: str = "INR"
    home: str = "india"
    description: str | None = None
    packages: tuple[PackagePlan, ...] = ()

    @property
    def id(self) -> UUID:
        """The key of the event's row."""
        return identity("event", self.slug)


@dataclass(frozen=True, slots=True)
class Calendar:
    """Dates around one day, and clock times of a zone as the UTC the columns hold."""

    today: date

    @property
    def present(self) -> datetime:
        """The last moment the demo tells of: midnight of ``today`` where it comes first on earth (UTC+14), so
        that nothing recorded lies in the future wherever the newcomer sits."""
        return datetime.combine(self.today, time()) - timedelta(hours=14)

    def on(self, days: int, weekday: int | None = None) -> date:
        """The day ``days`` after today, or the first such weekday (0 is Monday) from there on."""
        day = self.today + timedelta(days=days)
        return day if weekday is None else day + timedelta(days=(weekday - day.weekday()) % 7)

    def at(self, day: date, clock: str, zone: str = WORKSPACE_ZONE) -> datetime:
        """UTC without zone of a clock time ("09:30") on a day in a zone."""
        local = datetime.combine(day, time.fromisoformat(clock), ZoneInfo(zone))
        return local.astimezone(UTC).replace(tzinfo=None)

    def ago(self, days: int, clock: str = "10:00") -> datetime:
        """A clock time of the workspace's zone some days ago, as UTC."""
        return self.at(self.on(-days), clock)


def in_office_hours(at: datetime) -> bool:
    """Whether somebody sits in the office at this UTC: between 09:30 and 19:30 of the workspace's zone."""
    return time(4) <= at.time() < time(14)
