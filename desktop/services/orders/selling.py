"""Selling at a desk: `greenroom.sell`, a ticket with its seat, or a subscription (ruling 18)."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from desktop import errors
from desktop.services import closed, readable, zones
from desktop.services.orders import telling
from desktop.services.orders.paying import checked
from desktop.services.permissions import Operation, acting
from desktop.services.registering import clean_email, clean_name, clean_phone

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from desktop.db.session import Actor, Database


@dataclass(frozen=True, slots=True)
class Sale:
    """Who buys what, and the money in the seller's hand: the package's price; 0 when it is complimentary.

    ``renews`` is where the access that is renewed ends (UTC), as the seller saw it; None for a first sale and for
    tickets. ``operation_id`` makes repeating it harmless."""

    package_id: UUID
    email: str
    paid_with: str
    amount: Decimal
    currency: str
    name: str = ""
    phone: str = ""
    reference: str = ""
    renews: datetime | None = None
    operation_id: UUID = field(default_factory=uuid4)


@dataclass(frozen=True, slots=True)
class Sold:
    """What was recorded. ``registration_id`` is the seat of a ticket; ``access_expires_at`` (UTC) the end of a
    subscription. ``account_made``: the buyer had no account, and has one without a password now. ``repeated``: this
    operation had been received before."""

    operation_id: UUID
    order_id: UUID
    registration_id: UUID | None
    who: str
    package: str
    event: str | None
    amount: Decimal
    currency: str
    paid_with: str
    access_expires_at: datetime | None
    account_made: bool
    repeated: bool


def sell(database: Database, actor: Actor, sale: Sale, zone: ZoneInfo) -> Sold:
    """Sell a ticket (the person is registered, and the order paid) or a subscription, once.

    A subscription runs `duration_days` from now, or from the end of what the person has paid for already. The buyer is
    the account of the address, made without a password when there is none. ``zone`` is the workspace's, for times that
    are told. Locks the package's seats. Raises `InvalidField`, `WrongAmount`, `AlreadyRegistered`, `PaidBefore`,
    `PackageFull`, `EventClosed`, `PackageRetired`, `NothingDue`, `NotForSale`, `BuyerInactive`, `AlreadySubscribed`,
    `OperationReused`, `NotFound`, `NotAllowed`, `Busy`. Rulings 8, 12, 13, 15, 17, 18.
    """
    email = clean_email(sale.email)
    way = telling.paid_with(sale.paid_with)
    currency, amount = checked(sale.amount, sale.currency, way)
    row = telling.send(
        database,
        "sell",
        {
            "p_actor": acting(actor, Operation.SELL),
            "p_operation": sale.operation_id,
            "p_package": sale.package_id,
            "p_email": email,
            "p_name": clean_name(sale.name) or None,
            "p_phone": clean_phone(sale.phone) or None,
            "p_paid_with": way,
            "p_amount": amount,
            "p_currency": currency,
            "p_reference": telling.reference(sale.reference),
            "p_renews": sale.renews,
        },
    )
    answer = row.answer
    if row.outcome == "amount":
        raise telling.wrong_amount(answer, amount, currency)
    if row.outcome != "sold":
        raise _refused(row.outcome, answer, email, zone)
    return Sold(
        operation_id=sale.operation_id,
        order_id=UUID(answer["order"]),
        registration_id=UUID(answer["registration"]) if answer["registration"] else None,
        who=answer["who"],
        package=answer["package"],
        event=answer["event"],
        amount=Decimal(answer["amount"]),
        currency=answer["currency"],
        paid_with=answer["paid_with"],
        access_expires_at=telling.moment(answer["access_until"]) if answer["access_until"] else None,
        account_made=answer["account_made"],
        repeated=row.repeated,
    )


def _refused(outcome: str, answer: Mapping[str, Any], email: str, zone: ZoneInfo) -> errors.AppError:
    package = answer.get("package")
    if refused := closed.refusal(outcome, package, answer.get("event")):
        return refused
    what = telling.what(answer) if package else ""
    match outcome:
        case "reused":
            return errors.OperationReused()
        case "nothing":
            return errors.NothingDue(what)
        case "full":
            return errors.PackageFull(str(package), answer["held"], answer["capacity"])
        case "already":
            return errors.AlreadyRegistered(email, str(package), answer["status"].replace("_", "-"))
        case "already_paid":
            return errors.PaidBefore(answer["who"], what, telling.told(answer, answer, zone))
        case "buyer_inactive":
            return errors.BuyerInactive(email)
        case "running":
            until = telling.moment(answer["until"])
            end = readable.full(until, zones.named(answer.get("time_zone"), zone))
            return errors.AlreadySubscribed(
                answer["who"], what, end, telling.told(answer, answer, zone), until
            )
    return errors.NotForSale(what, outcome)
