"""One event, as its panel shows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from desktop import errors
from desktop.db.beyond import Beyond
from desktop.services import readable, zones
from desktop.services.permissions import Operation, acting

if TYPE_CHECKING:
    from decimal import Decimal
    from uuid import UUID
    from zoneinfo import ZoneInfo

    from desktop.db.session import Actor, Database


@dataclass(frozen=True, slots=True)
class PackageDetail:
    """A package of the event: ``free`` is None without a limit, and 0 when more seats are held than there are."""

    id: UUID
    name: str
    slug: str
    price: str
    active: bool
    held: int
    capacity: int | None
    waiting: int
    needs_order: bool

    @property
    def free(self) -> int | None:
        """Seats left."""
        return None if self.capacity is None else max(self.capacity - self.held, 0)


@dataclass(frozen=True, slots=True)
class EventDetail:
    """Times as text in the event's own zone; ``day`` is the first one, ``deadline`` says how far away it is."""

    id: UUID
    title: str
    slug: str
    day: str
    when: str
    place: str
    status: str
    payment_required: bool
    deadline: str
    zone: ZoneInfo
    packages: tuple[PackageDetail, ...]


def read(database: Database, actor: Actor, event_id: UUID, zone: ZoneInfo) -> EventDetail:
    """The event with its packages, active ones first. ``zone`` is the workspace's.

    Raises `NotAllowed`, `NotFound` (also for a deleted one, ruling 20).
    """
    with database.transaction(acting(actor, Operation.SEE_EVENTS)) as tx:
        event = tx.row(
            "SELECT id, title, slug, start_time, end_time, location, status, payment_required,"
            " registration_deadline, time_zone FROM events WHERE id = :id AND deleted_at IS NULL",
            {"id": event_id},
        )
        packages = tx.rows(
            "SELECT p.id, p.name, p.slug, p.price, p.is_active, s.held, s.capacity,"
            " (SELECT count(*) FROM event_registrations r WHERE r.package_id = p.id AND r.status = 'waitlisted')"
            " AS waiting,"
            " greenroom.currency_of(p.id) AS currency"
            " FROM packages p JOIN package_seats s ON s.package_id = p.id WHERE p.event_id = :id"
            " ORDER BY p.is_active DESC, p.price DESC, p.name, p.id",
            {"id": event_id},
        )
    if event is None:
        raise errors.NotFound("event")
    own = zones.named(event.time_zone, zone)
    return EventDetail(
        id=event.id,
        title=event.title or "Untitled event",
        slug=event.slug or "",
        day=_day(event.start_time, own),
        when=_span(event.start_time, event.end_time, own),
        place=event.location or "",
        status=event.status,
        payment_required=event.payment_required,
        deadline=_deadline(event.registration_deadline, own),
        zone=own,
        packages=tuple(
            PackageDetail(
                id=package.id,
                name=package.name,
                slug=package.slug,
                price=_price(package.price, package.currency),
                active=package.is_active,
                held=package.held,
                capacity=package.capacity,
                waiting=package.waiting,
                needs_order=event.payment_required and package.price > 0,
            )
            for package in packages
        ),
    )


def _price(price: Decimal, currency: str | None) -> str:
    return readable.money(price, currency or "INR") if price else "Free"


def _day(start: datetime | None, zone: ZoneInfo) -> str:
    """“14 Dec 2026”."""
    if start is None:
        return "No date yet"
    first = readable.local(start, zone)
    return readable.day(first) if isinstance(first, Beyond) else f"{readable.day(first)} {first.year}"


def _span(start: datetime | None, end: datetime | None, zone: ZoneInfo) -> str:
    """“Mon 14 Dec 2026, 09:00 – 18:00 · Asia/Kolkata”."""
    if start is None:
        return "No date yet"
    first = readable.local(start, zone)
    text = readable.dated(first)
    if end is not None:
        last = readable.local(end, zone)
        same_day = last.date() == first.date()
        text += f" – {last:%H:%M}" if same_day else f" – {_weekday_and_time(last)}"
    return f"{text} · {zone.key}"


def _weekday_and_time(there: datetime, between: str = " ") -> str:
    """“Mon 14 Dec 18:00”."""
    day = readable.weekday(there)
    return day if isinstance(there, Beyond) else f"{day}{between}{there:%H:%M}"


def _deadline(deadline: datetime | None, zone: ZoneInfo) -> str:
    if deadline is None:
        return ""
    there = readable.local(deadline, zone)
    now = datetime.now(UTC).astimezone(zone)
    days = (there.date() - now.date()).days
    when = _weekday_and_time(there, ", ")
    if there < now:
        return f"Registration closed {when}; staff can still add people"
    if isinstance(there, Beyond):
        return f"Registration closes {when}"
    away = "today" if days == 0 else "tomorrow" if days == 1 else f"in {days} days"
    return f"Registration closes {when} · {away}"
