"""The orders of a registration, and of a person: `greenroom.orders_of`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from desktop.services import readable, zones
from desktop.services.orders import telling
from desktop.services.permissions import Operation, acting
from desktop.services.registering import PAID_WITH, clean_email

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal
    from uuid import UUID
    from zoneinfo import ZoneInfo

    import sqlalchemy as sa

    from desktop.db.session import Actor, Database


@dataclass(frozen=True, slots=True)
class Order:
    """One order. ``when`` is in the event's zone, ``access_expires_at`` UTC; ``paid`` and ``refunded`` say who, how and
    when. ``at_desk`` is false for what the website, or a file, brought. ``replaced_by`` is the order that took its
    place at the registration; ``paid_twice``: both were paid, so one is to be given back. ``registration_id`` is who it
    pays for now."""

    id: UUID
    registration_id: UUID | None
    registration_status: str | None
    package: str
    event: str | None
    buyer: str
    amount: Decimal
    currency: str
    status: str
    gateway: str
    at_desk: bool
    reference: str
    when: str
    access_expires_at: datetime | None
    paid: str | None
    refunded: str | None
    replaced_by: UUID | None
    paid_twice: bool


def of_registration(
    database: Database, actor: Actor, registration_id: UUID, zone: ZoneInfo
) -> tuple[Order, ...]:
    """Every order that had to do with the registration, the newest first; the one that counts names it. ``zone`` is
    the workspace's. Empty for an unknown id. Raises `NotAllowed`."""
    return _read(database, actor, zone, registration_id, None)


def of_person(database: Database, actor: Actor, email: str, zone: ZoneInfo) -> tuple[Order, ...]:
    """Every order of the accounts of this address, in any case, the newest first. Raises `InvalidField`,
    `NotAllowed`."""
    return _read(database, actor, zone, None, clean_email(email))


def _read(
    database: Database, actor: Actor, zone: ZoneInfo, registration_id: UUID | None, email: str | None
) -> tuple[Order, ...]:
    with database.transaction(acting(actor, Operation.SEE_ORDERS)) as tx:
        rows = tx.rows(
            "SELECT * FROM greenroom.orders_of(cast(:registration AS uuid), cast(:email AS text))",
            {"registration": registration_id, "email": email},
        )
    paid = {row.id for row in rows if row.status == "paid"}
    return tuple(_order(row, zone, twice=row.status == "paid" and row.replaced_by in paid) for row in rows)


def _order(row: sa.Row[Any], zone: ZoneInfo, *, twice: bool) -> Order:
    answer = {"time_zone": row.time_zone}
    return Order(
        id=row.id,
        registration_id=row.registration_id,
        registration_status=row.registration_status,
        package=row.package_name,
        event=row.event_title,
        buyer=row.buyer,
        amount=row.amount,
        currency=row.currency,
        status=row.status,
        gateway=row.gateway,
        at_desk=row.gateway in PAID_WITH or row.gateway == "desk",
        reference=row.reference or "",
        when=readable.short(row.purchased_at, zones.named(row.time_zone, zone)),
        access_expires_at=row.access_expires_at,
        paid=telling.told(row.paid, answer, zone) if row.paid else None,
        refunded=telling.told(row.refunded, answer, zone) if row.refunded else None,
        replaced_by=row.replaced_by,
        paid_twice=twice,
    )
