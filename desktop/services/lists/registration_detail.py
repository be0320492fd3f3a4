"""One registration, as its panel shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from desktop import errors
from desktop.services import readable, zones
from desktop.services.lists import history
from desktop.services.lists.registrations import is_due, payment
from desktop.services.permissions import Operation, acting

if TYPE_CHECKING:
    from uuid import UUID
    from zoneinfo import ZoneInfo

    import sqlalchemy as sa

    from desktop.db.session import Actor, Database, Transaction

HISTORY = 50


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """What happened, whole and in a few words, and when in the event's zone."""

    when: str
    what: str
    brief: str


@dataclass(frozen=True, slots=True)
class RegistrationDetail:
    """Everything the panel says. ``place`` of ``waiting`` is counted, not the stored position; ``next_in_line``
    names who would get the seat; ``free`` is None without limit. ``over``: the event has ended, and a seat
    that becomes free goes to nobody by itself."""

    id: UUID
    event_id: UUID
    package_id: UUID
    name: str
    email: str
    phone: str
    status: str
    package: str
    held: int
    capacity: int | None
    waiting: int
    place: int | None
    next_in_line: str | None
    payment: str
    payment_due: bool
    open_for_seats: bool
    over: bool
    zone: ZoneInfo
    history: tuple[HistoryLine, ...]

    @property
    def free(self) -> int | None:
        """Seats left."""
        return None if self.capacity is None else max(self.capacity - self.held, 0)

    @property
    def who(self) -> str:
        """The name, or the address of somebody who gave none."""
        return self.name or self.email


def read(database: Database, actor: Actor, registration_id: UUID, zone: ZoneInfo) -> RegistrationDetail:
    """The registration with its package's seats and its history. ``zone`` is the workspace's.

    Raises `NotAllowed`, `NotFound`.
    """
    with database.transaction(acting(actor, Operation.SEE_REGISTRATIONS)) as tx:
        row = tx.row(
            "SELECT r.id, r.event_id, r.package_id, r.attendee_name, r.attendee_email, r.phone_number, r.status,"
            " r.registered_at, r.waitlist_position, p.name AS package, p.price, s.held, s.capacity, e.time_zone,"
            " o.payment_status, o.amount_paid, o.currency, e.payment_required AND p.price > 0 AS needs_order,"
            " p.is_active AND e.status = 'published' AND e.deleted_at IS NULL AS open_for_seats,"
            " coalesce(e.end_time, e.start_time + interval '24 hours') < timezone('UTC', now()) AS over"
            " FROM event_registrations r JOIN packages p ON p.id = r.package_id"
            " JOIN package_seats s ON s.package_id = p.id JOIN events e ON e.id = r.event_id"
            " LEFT JOIN orders o ON o.id = r.order_id WHERE r.id = :id",
            {"id": registration_id},
        )
        if row is None:
            raise errors.NotFound("registration")
        waiting, ahead, next_in_line = _queue(tx, row)
        own = zones.named(row.time_zone, zone)
        told = _history(tx, row, own)
    return RegistrationDetail(
        id=row.id,
        event_id=row.event_id,
        package_id=row.package_id,
        name=row.attendee_name or "",
        email=row.attendee_email,
        phone=row.phone_number or "",
        status=row.status,
        package=row.package,
        held=row.held,
        capacity=row.capacity,
        waiting=waiting,
        place=ahead + 1 if row.status == "waitlisted" else None,
        next_in_line=next_in_line,
        payment=payment(row),
        payment_due=is_due(row),
        open_for_seats=row.open_for_seats,
        over=bool(row.over),
        zone=own,
        history=told,
    )


def _queue(tx: Transaction, row: sa.Row[Any]) -> tuple[int, int, str | None]:
    """How many wait for the package, how many of them ahead of this row, and who is next (ruling 10's order)."""
    counted = tx.row(
        "SELECT count(*) AS waiting, count(*) FILTER ("
        "  WHERE (coalesce(r.waitlist_position, 2147483647), r.registered_at, r.id)"
        "      < (coalesce(cast(:position AS int), 2147483647), cast(:since AS timestamp), cast(:id AS uuid))"
        ") AS ahead FROM event_registrations r WHERE r.package_id = :package AND r.status = 'waitlisted'",
        {
            "package": row.package_id,
            "position": row.waitlist_position,
            "since": row.registered_at,
            "id": row.id,
        },
    )
    first = tx.value(
        "SELECT greenroom.called(r.attendee_name, r.attendee_email) FROM event_registrations r"
        " WHERE r.package_id = :package AND r.status = 'waitlisted'"
        " ORDER BY r.waitlist_position NULLS LAST, r.registered_at, r.id LIMIT 1",
        {"package": row.package_id},
    )
    return (counted.waiting, counted.ahead, first) if counted else (0, 0, None)


def _history(tx: Transaction, row: sa.Row[Any], zone: ZoneInfo) -> tuple[HistoryLine, ...]:
    """What happened to this registration, the newest first: by a function, because the door may not read the log."""
    lines = tx.rows("SELECT * FROM greenroom.history_of(:id, :most)", {"id": row.id, "most": HISTORY})
    return tuple(
        HistoryLine(readable.relative(line.at, zone), line.what, history.brief(line.what)) for line in lines
    )
