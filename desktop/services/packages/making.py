"""Making packages."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from desktop import errors
from desktop.db.session import Acting
from desktop.services import inputs, money, readable, slugs, zones
from desktop.services.packages import reading, values
from desktop.services.permissions import Operation, acting

if TYPE_CHECKING:
    from decimal import Decimal
    from zoneinfo import ZoneInfo

    import sqlalchemy as sa

    from desktop.db.session import Actor, Database, Transaction
    from desktop.services.packages.reading import Details, Package

TRIES = 5

MADE = f"""
    WITH made AS (
      INSERT INTO packages (id, package_type, event_id, name, slug, description, price, currency, duration_days,
                            capacity, package_registration_deadline)
      SELECT :id, :package_type, :event_id, :name, :slug, :description, :price, :currency, :duration_days,
             CAST(:capacity AS int), CAST(:deadline AS timestamp)
       WHERE CAST(:event_id AS uuid) IS NULL
          OR EXISTS (SELECT FROM events e WHERE e.id = :event_id AND e.deleted_at IS NULL
                      AND e.status IN ('draft', 'published'))
      ON CONFLICT DO NOTHING RETURNING id),
    logged AS (
      INSERT INTO admin_logs (admin_id, action_type, description, subject_id, logged_at)
      SELECT {Acting.ID}, 'package.add', :told, m.id, timezone('UTC', clock_timestamp()) FROM made m)
    SELECT id FROM made
    """


@dataclass(frozen=True, slots=True)
class NewPackage:
    """A package to be made: of an event, or a subscription when ``event_id`` is None. ``capacity`` is None without
    limit. ``id`` makes it safe to ask again for the same one when an answer was lost."""

    details: Details
    event_id: UUID | None = None
    capacity: int | None = None
    id: UUID = field(default_factory=uuid4)


def create(database: Database, actor: Actor, new: NewPackage, zone: ZoneInfo) -> Package:
    """Make the package; asked again with the same ``new.id``, it is there already and stays as it is. ``zone`` is the
    workspace's.

    Raises `InvalidField` (``slug``: another package has it) or `InvalidFields`, `NotFound` for the event,
    `EventClosed` for one that is over or in the bin, `NotAllowed`, `AccountClosed`, `Busy`. Locks the event's row for
    the statement only. Rulings 21 and 22.
    """
    allowed = acting(actor, Operation.EDIT_PACKAGES)
    for _ in range(TRIES):
        with database.transaction(allowed) as tx:
            there = tx.value("SELECT true FROM packages WHERE id = :id", {"id": new.id})
            columns = None if there else _columns(tx, new, zone)
        if columns is None or database.once(MADE, columns, allowed):
            return reading.read(database, actor, new.id, zone)
        # Somebody took the slug, or closed the event, since we looked: look again.
    raise errors.Busy


def _columns(tx: Transaction, new: NewPackage, zone: ZoneInfo) -> dict[str, Any]:
    event = _event(tx, new.event_id)
    kind = "subscription" if event is None else "event"
    own = zone if event is None else zones.named(event.time_zone, zone)
    details = new.details
    known = values.gathered(
        {
            "name": lambda: values.name(details.name),
            "slug": lambda: slugs.typed(details.slug, values.LIMIT) if details.slug.strip() else "",
            "description": lambda: inputs.text(details.description),
            "price": lambda: values.price(details.price),
            "currency": lambda: money.currency(details.currency or _usual(tx, new.event_id)),
            "duration_days": lambda: values.duration(details.duration_days, kind),
            "capacity": lambda: values.capacity(new.capacity, kind),
            "deadline": lambda: values.deadline(details.deadline, own, event and event.over, kind),
        }
    )
    values.sellable(known["price"], known["currency"])
    if known["slug"]:
        require_free(tx, known["slug"])
    else:
        wanted = values.slug_for(event.slug or event.title or "" if event is not None else "", known["name"])
        known["slug"] = slugs.free(tx, "packages", wanted, values.LIMIT)
    title = reading.title(known["name"], None if event is None else event.title or readable.UNTITLED)
    price = readable.money(known["price"], known["currency"]) if known["price"] else "free"
    return known | {
        "id": new.id,
        "package_type": kind,
        "event_id": new.event_id,
        "told": f"Made {title}: {price}, {_extent(kind, known)}, slug {known['slug']}",
    }


def _event(tx: Transaction, event_id: UUID | None) -> sa.Row[Any] | None:
    if event_id is None:
        return None
    event = tx.row(
        "SELECT id, title, slug, status, deleted_at, time_zone, coalesce(end_time, start_time + interval '24 hours')"
        " AS over FROM events WHERE id = :id",
        {"id": event_id},
    )
    if event is None:
        raise errors.NotFound("event")
    state = "deleted" if event.deleted_at is not None else event.status
    if state not in {"draft", "published"}:
        raise errors.EventClosed(event.title or "The event", state)
    return event


def _usual(tx: Transaction, event_id: UUID | None) -> str:
    """What the event's other packages are sold in."""
    return (
        tx.value(
            "SELECT greenroom.currency_of(p.id) FROM packages p WHERE p.event_id = :id"
            " ORDER BY p.is_active DESC, p.price = 0, p.created_at DESC, p.id LIMIT 1",
            {"id": event_id},
        )
        or "INR"
    )


def require_free(tx: Transaction, slug: str, but: UUID | None = None) -> None:
    """Raises `InvalidField` when another package has the slug, with one that is free (ruling 21)."""
    other = tx.row(
        "SELECT p.name, p.event_id, e.title FROM packages p LEFT JOIN events e ON e.id = p.event_id"
        " WHERE lower(p.slug) = :slug AND p.id IS DISTINCT FROM CAST(:but AS uuid) LIMIT 1",
        {"slug": slug, "but": but},
    )
    if other is not None:
        title = reading.title(
            other.name, None if other.event_id is None else other.title or readable.UNTITLED
        )
        raise taken(slug, title, slugs.free(tx, "packages", slug, values.LIMIT))


def taken(slug: str, whose: str, instead: str) -> errors.InvalidField:
    """The slug is another package's."""
    return errors.InvalidField("slug", f"The slug “{slug}” belongs to {whose}. “{instead}” is free.")


def _extent(kind: str, known: dict[str, Decimal | int | None]) -> str:
    if kind == "subscription":
        days = known["duration_days"]
        return "for 1 day" if days == 1 else f"for {days} days"
    seats = known["capacity"]
    return "no limit of seats" if seats is None else f"{seats} {'seat' if seats == 1 else 'seats'}"
