"""A package as a person sees it before changing it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from desktop import errors
from desktop.services import readable, zones
from desktop.services.permissions import Operation, acting

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from decimal import Decimal
    from uuid import UUID
    from zoneinfo import ZoneInfo

    from desktop.db.session import Actor, Database

COLUMNS = {"deadline": "package_registration_deadline"}
"""What the fields of `Details` are called in the table, where that is another name."""


@dataclass(frozen=True, slots=True)
class Details:
    """What a person types of a package.

    An empty ``slug`` is made of the event's and the name (ruling 21); an empty ``currency`` is what the event's other
    packages are sold in, else INR. ``duration_days`` is for subscriptions. ``deadline`` is on the clocks of the
    event's zone, or carries an offset; None leaves the event's own deadline (ruling 15).
    """

    name: str
    price: Decimal
    slug: str = ""
    description: str = ""
    currency: str = ""
    duration_days: int = 0
    deadline: datetime | None = None


@dataclass(frozen=True, slots=True)
class Package:
    """A package as it is. ``stored`` are its columns as the database has them, ``zone`` is the event's.

    ``held`` counts registered and attended people (ruling 7). ``capacity`` is None without limit, and for
    subscriptions. ``retired_at`` is UTC; a website may retire without saying when.
    """

    id: UUID
    kind: Literal["event", "subscription"]
    event_id: UUID | None
    event: str
    event_slug: str
    details: Details
    active: bool
    retired_at: datetime | None
    capacity: int | None
    held: int
    waiting: int
    zone: ZoneInfo
    stored: Mapping[str, Any] = field(repr=False, compare=False)

    @property
    def title(self) -> str:
        """“VIP” of “Tech Day”, as the log says it."""
        return title(self.details.name, self.event if self.kind == "event" else None)


def title(name: str, event: str | None) -> str:
    """“VIP” of “Tech Day”; without an event, the subscription “Gold”."""
    return f"the subscription “{name}”" if event is None else f"“{name}” of “{event}”"


def read(database: Database, actor: Actor, package_id: UUID, zone: ZoneInfo) -> Package:
    """The package. ``zone`` is the workspace's, for an event that names none (ruling 5).

    Raises `NotFound`, `NotAllowed`, `AccountClosed`.
    """
    with database.transaction(acting(actor, Operation.EDIT_PACKAGES)) as tx:
        row = tx.row(
            "SELECT p.id, p.package_type, p.event_id, p.name, p.slug, p.description, p.price, p.currency,"
            " greenroom.currency_of(p.id) AS sold_in, p.duration_days, p.package_registration_deadline, p.is_active,"
            " p.deactivated_at, p.capacity, coalesce(s.held, 0) AS held, e.title, e.slug AS event_slug, e.time_zone,"
            " (SELECT count(*) FROM event_registrations r WHERE r.package_id = p.id AND r.status = 'waitlisted')"
            " AS waiting"
            " FROM packages p LEFT JOIN package_seats s ON s.package_id = p.id"
            " LEFT JOIN events e ON e.id = p.event_id WHERE p.id = :id",
            {"id": package_id},
        )
    if row is None:
        raise errors.NotFound("package")
    own = zones.named(row.time_zone, zone)
    deadline = row.package_registration_deadline
    details = Details(
        name=row.name,
        price=row.price,
        slug=row.slug,
        description=row.description or "",
        currency=row.sold_in,
        duration_days=row.duration_days,
        deadline=None if deadline is None else readable.local(deadline, own),
    )
    return Package(
        id=row.id,
        kind=row.package_type,
        event_id=row.event_id,
        event="" if row.event_id is None else row.title or readable.UNTITLED,
        event_slug=row.event_slug or "",
        details=details,
        active=row.is_active,
        retired_at=row.deactivated_at,
        capacity=row.capacity,
        held=row.held,
        waiting=row.waiting,
        zone=own,
        stored={name: getattr(row, COLUMNS.get(name, name)) for name in Details.__dataclass_fields__},
    )
