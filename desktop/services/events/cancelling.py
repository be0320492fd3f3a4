"""Cancelling an event: first what it will do, then what it did."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from desktop import errors
from desktop.services import inputs, readable
from desktop.services.events import closing
from desktop.services.permissions import Operation, acting

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    import sqlalchemy as sa

    from desktop.db.session import Actor, Database

OPEN = {"draft", "published"}
COUNTED = {
    "registered": "registered people whose registration ends",
    "waitlisted": "waiting people whose registration ends",
    "attended": "people who attended, and stay as they are",
    "no_show": "no-shows, who stay as they are",
    "refund_orders": "paid orders to refund",
    "closing": "unpaid orders to close",
    "open": "payments still under way on the website",
    "loose": "paid orders without a registration",
}


@dataclass(frozen=True, slots=True)
class Toll:
    """Whom a cancellation concerns and what money: the registrations that end; those that stay history; how many paid
    orders of those that end want a refund, and how much in each currency; the unpaid orders of the desk that close; the
    pending ones of the website's gateway, which may still be paid; and paid orders no registration names."""

    registered: int
    waitlisted: int
    attended: int
    no_show: int
    refund_orders: int
    refunds: Mapping[str, Decimal]
    closing: int
    open: int
    loose: int


@dataclass(frozen=True, slots=True)
class Cancelled:
    """What was done. ``differs`` has a sentence for everything that is not as the preview said."""

    title: str
    toll: Toll
    differs: tuple[str, ...]


def preview_cancel(database: Database, actor: Actor, event_id: UUID) -> Toll:
    """What `cancel` would do now. Changes and locks nothing.

    Raises `NotFound`, `WrongEventState`, `NotAllowed`, `AccountClosed`.
    """
    with database.transaction(acting(actor, Operation.CLOSE_EVENTS)) as tx:
        row = tx.rows("SELECT * FROM greenroom.event_toll(:id)", {"id": event_id})[0]
    if row.status is None:
        raise errors.NotFound("event")
    if row.deleted_at is not None or row.status not in OPEN:
        state = "deleted" if row.deleted_at is not None else row.status
        raise errors.WrongEventState(row.title or readable.UNTITLED, "cancelled", state)
    return _toll(row)


def cancel(
    database: Database, actor: Actor, event_id: UUID, reason: str = "", preview: Toll | None = None
) -> Cancelled:
    """Cancel the event and everybody registered or waiting; who attended or never came stays history. Promotes nobody.
    Orders the desk opened and nobody paid close; what was paid is refunded by a person (ruling 18).

    Locks the packages' seats in id order, then the registrations, the orders and the event; all in one call. Raises
    `NotFound`, `WrongEventState`, `NotAllowed`, `AccountClosed`, `Busy`. Rulings 14 and 15.
    """
    row = database.call(
        "cancel_event",
        {
            "p_actor": acting(actor, Operation.CLOSE_EVENTS),
            "p_event": event_id,
            "p_reason": inputs.reason(reason),
        },
    )
    closing.check(row, "cancelled")
    toll = _toll(row)
    return Cancelled(
        row.title or readable.UNTITLED, toll, _differences(preview, toll) if preview is not None else ()
    )


def _toll(row: sa.Row[Any]) -> Toll:
    return Toll(
        registered=row.registered,
        waitlisted=row.waitlisted,
        attended=row.attended,
        no_show=row.no_show,
        refund_orders=sum(money["orders"] for money in row.refunds),
        refunds={money["currency"]: Decimal(money["amount"]) for money in row.refunds},
        closing=row.closing,
        open=row.open,
        loose=row.loose,
    )


def _differences(shown: Toll, done: Toll) -> tuple[str, ...]:
    counts = [
        f"{label[0].upper()}{label[1:]}: {getattr(done, name)}, not {getattr(shown, name)}."
        for name, label in COUNTED.items()
        if getattr(done, name) != getattr(shown, name)
    ]
    money = [
        f"To refund: {readable.money(done.refunds.get(currency, Decimal()), currency)}, "
        f"not {readable.money(shown.refunds.get(currency, Decimal()), currency)}."
        for currency in sorted({*shown.refunds, *done.refunds})
        if shown.refunds.get(currency) != done.refunds.get(currency)
    ]
    return (*counts, *money)
