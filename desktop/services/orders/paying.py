"""Taking payments: `greenroom.take_payment`, and what is due before (ruling 17)."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID, uuid4

from desktop import errors
from desktop.services import inputs, money
from desktop.services.orders import telling
from desktop.services.permissions import Operation, acting

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from desktop.db.session import Actor, Database

Owed = Literal["due", "paid", "nothing", "waitlisted", "cancelled", "event_cancelled", "no_registration"]


@dataclass(frozen=True, slots=True)
class Due:
    """What a registration or an order has to pay. ``state`` is “due”, or why nothing is taken: paid, nothing (it costs
    nothing), waitlisted, cancelled, event_cancelled, no_registration."""

    state: Owed
    registration_id: UUID | None
    order_id: UUID | None
    who: str
    package: str
    event: str | None
    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Payment:
    """Money in somebody's hand: the whole amount, as `due` said it. Of a registration, or of an order: one of the two.

    Complimentary is an amount of 0. ``operation_id`` makes repeating it harmless: send the same again after a lost
    connection. ``reference`` is what the receipt or the transfer says, never a card's number."""

    paid_with: str
    amount: Decimal
    currency: str
    registration_id: UUID | None = None
    order_id: UUID | None = None
    reference: str = ""
    operation_id: UUID = field(default_factory=uuid4)


@dataclass(frozen=True, slots=True)
class Paid:
    """What was recorded. ``replaced_order_id`` is the order of the website's, or a failed one, that this one stands for
    from now on; it is as it was. ``access_expires_at`` (UTC) belongs to subscriptions. ``repeated``: this operation had
    been received before."""

    operation_id: UUID
    order_id: UUID
    registration_id: UUID | None
    who: str
    package: str
    event: str | None
    amount: Decimal
    currency: str
    paid_with: str
    replaced_order_id: UUID | None
    access_expires_at: datetime | None
    repeated: bool


@dataclass(frozen=True, slots=True)
class Failed:
    """An order that nobody paid. ``registration_id``'s seat is kept: it wants another payment, or a cancellation."""

    order_id: UUID
    registration_id: UUID | None
    who: str
    repeated: bool


def due(
    database: Database,
    actor: Actor,
    *,
    registration_id: UUID | None = None,
    order_id: UUID | None = None,
) -> Due:
    """What is to be taken from somebody at the desk; locks nothing. Raises `NotFound`, `NotAllowed`."""
    _one_of(registration_id, order_id)
    with database.transaction(acting(actor, Operation.TAKE_PAYMENT)) as tx:
        (row,) = tx.rows(
            "SELECT * FROM greenroom.due(cast(:registration AS uuid), cast(:order AS uuid))",
            {"registration": registration_id, "order": order_id},
        )
    if row.outcome == "not_found":
        raise errors.NotFound("registration" if order_id is None else "order")
    return Due(
        state=row.outcome,
        registration_id=row.registration_id,
        order_id=row.order_id,
        who=row.who,
        package=row.package_name,
        event=row.event_title,
        amount=row.amount,
        currency=row.currency,
    )


def take_payment(database: Database, actor: Actor, payment: Payment, zone: ZoneInfo) -> Paid:
    """Record that the whole amount due was taken, once. ``zone`` is the workspace's, for times that are told.

    An order the desk opened becomes paid; one of the website's stays with its gateway and gets a paid one beside it
    (docs/decisions/0015-payments.md). Complimentary is for those who may waive. Locks the registration and its order.
    Raises `InvalidField`, `WrongAmount`, `AlreadyPaid`, `NothingDue`, `NoPlaceToPayFor`, `OperationReused`,
    `NotFound`, `NotAllowed`, `Busy`. Rulings 17 and 18.
    """
    _one_of(payment.registration_id, payment.order_id)
    way = telling.paid_with(payment.paid_with)
    currency, amount = checked(payment.amount, payment.currency, way)
    parameters = {
        "p_actor": acting(actor, Operation.TAKE_PAYMENT),
        "p_operation": payment.operation_id,
        "p_registration": payment.registration_id,
        "p_order": payment.order_id,
        "p_paid_with": way,
        "p_amount": amount,
        "p_currency": currency,
        "p_reference": telling.reference(payment.reference),
    }
    if way == "complimentary":
        parameters |= {"p_actor": acting(actor, Operation.WAIVE)}
        row = telling.send(database, "take_payment", parameters)
    else:  # the only one of the two that the door's database role may call
        row = telling.send(database, "take_payment_at_door", parameters)
    if row.outcome != "paid":
        raise _refused(row.outcome, row.answer, payment, amount, currency, zone)
    return _paid(payment.operation_id, row.answer, repeated=row.repeated)


def fail(database: Database, actor: Actor, order_id: UUID, zone: ZoneInfo, reason: str = "") -> Failed:
    """Record that a payment failed: pending → failed. Only of an order the desk opened; saying it twice is harmless.

    Somebody who pays after all gets a new order: a failed one stays as it is. Locks the order. Raises `NotPending`,
    `AlreadyRefunded`, `GatewayDecides`, `NotFound`, `NotAllowed`, `Busy`.
    """
    row = database.call(
        "fail_order",
        {
            "p_actor": acting(actor, Operation.TAKE_PAYMENT),
            "p_order": order_id,
            "p_reason": inputs.reason(reason),
        },
    )
    answer = row.answer
    match row.outcome:
        case "failed":
            return Failed(order_id, _id(answer["registration"]), answer["who"], row.repeated)
        case "not_found":
            raise errors.NotFound("order")
        case "gateways_own":
            raise errors.GatewayDecides(answer["who"], telling.what(answer), answer["gateway"])
        case "refunded":
            told = telling.told(answer, answer, zone)
            raise errors.AlreadyRefunded(answer["who"], telling.what(answer), told)
    raise errors.NotPending(answer["who"], telling.what(answer), row.outcome)


def checked(amount: Decimal, currency: str, paid_with: str) -> tuple[str, Decimal]:
    """The currency's code and the exact amount. Raises `InvalidField`."""
    code = money.currency(currency)
    exact = money.amount(amount, code)
    if paid_with == "complimentary" and exact:
        raise errors.InvalidField("amount", "Complimentary means that nothing is paid: the amount is 0.")
    return code, exact


def _one_of(registration_id: UUID | None, order_id: UUID | None) -> None:
    if (registration_id is None) == (order_id is None):
        raise TypeError("a payment is of a registration or of an order")


def _refused(
    outcome: str, answer: Mapping[str, Any], payment: Payment, amount: Decimal, currency: str, zone: ZoneInfo
) -> errors.AppError:
    match outcome:
        case "not_found":
            return errors.NotFound("registration" if payment.order_id is None else "order")
        case "reused":
            return errors.OperationReused()
        case "already":
            told = telling.told(answer, answer, zone)
            return errors.AlreadyPaid(answer["who"], telling.what(answer), told)
        case "amount":
            return telling.wrong_amount(answer, amount, currency)
        case "nothing":
            return errors.NothingDue(telling.what(answer))
    return errors.NoPlaceToPayFor(answer["who"], telling.what(answer), outcome)


def _paid(operation_id: UUID, answer: Mapping[str, Any], *, repeated: bool) -> Paid:
    return Paid(
        operation_id=operation_id,
        order_id=UUID(answer["order"]),
        registration_id=_id(answer["registration"]),
        who=answer["who"],
        package=answer["package"],
        event=answer["event"],
        amount=Decimal(answer["amount"]),
        currency=answer["currency"],
        paid_with=answer["paid_with"],
        replaced_order_id=_id(answer["replaces"]),
        access_expires_at=telling.moment(answer["access_until"]) if answer["access_until"] else None,
        repeated=repeated,
    )


def _id(text: str | None) -> UUID | None:
    return UUID(text) if text else None
