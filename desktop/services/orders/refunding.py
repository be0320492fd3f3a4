"""Giving money back: `greenroom.refund`, the whole amount, with the cancellation when it is wanted (ruling 18)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from desktop import errors
from desktop.services import inputs, waitlist
from desktop.services.orders import telling
from desktop.services.permissions import ALLOWED, Operation, acting
from desktop.services.registering import PAID_WITH

if TYPE_CHECKING:
    from collections.abc import Mapping
    from zoneinfo import ZoneInfo

    from desktop.db.session import Acting, Actor, Database


@dataclass(frozen=True, slots=True)
class Refund:
    """An order that is given back whole. ``cancel`` cancels the registrations it paid for in the same transaction.
    ``operation_id`` makes repeating it harmless."""

    order_id: UUID
    cancel: bool
    reason: str = ""
    operation_id: UUID = field(default_factory=uuid4)


@dataclass(frozen=True, slots=True)
class Person:
    """A registration that a refund touched, and its status now."""

    id: UUID
    who: str
    status: str
    package_id: UUID


@dataclass(frozen=True, slots=True)
class Refunded:
    """What was recorded. ``cancelled`` are those who lost their registration, ``promoted`` who got their seats,
    ``kept`` those whose registration stays and is not paid for: offer to cancel them. ``give_back_at`` names the
    gateway where the money itself has to be given back, None when it was taken at a desk. ``repeated``: this operation
    had been received before."""

    operation_id: UUID
    order_id: UUID
    who: str
    package: str
    event: str | None
    amount: Decimal
    currency: str
    give_back_at: str | None
    cancelled: tuple[Person, ...]
    kept: tuple[Person, ...]
    promoted: tuple[Person, ...]
    repeated: bool


def refund(database: Database, actor: Actor, wanted: Refund, zone: ZoneInfo) -> Refunded:
    """Record that a paid order was given back, once: paid → refunded; the order stays.

    With ``cancel`` each freed seat goes to the next waiting person; whoever is inside, or was a no-show, keeps that
    status. Access to a subscription ends, and what was renewed on top of it begins earlier. ``zone`` is the
    workspace's. Locks the packages' seats (with ``cancel``), the registrations, the order. Raises `AlreadyRefunded`,
    `NotPaid`, `OperationReused`, `NotFound`, `NotAllowed`, `Busy`. Rulings 11, 14, 18.
    """
    row = telling.send(
        database,
        "refund",
        {
            "p_actor": _may(actor, cancel=wanted.cancel),
            "p_operation": wanted.operation_id,
            "p_order": wanted.order_id,
            "p_cancel": wanted.cancel,
            "p_reason": inputs.reason(wanted.reason),
        },
    )
    answer = row.answer
    if row.outcome != "refunded":
        raise _refused(row.outcome, answer, zone)
    people = answer["people"]
    cancelled = _people(people, "cancelled")
    for package in {person.package_id for person in cancelled}:
        waitlist.close_gaps(database, package)
    return Refunded(
        operation_id=wanted.operation_id,
        order_id=wanted.order_id,
        who=answer["who"],
        package=answer["package"],
        event=answer["event"],
        amount=Decimal(answer["amount"]),
        currency=answer["currency"],
        give_back_at=None if answer["paid_with"] in PAID_WITH else answer["paid_with"],
        cancelled=cancelled,
        kept=_people(people, "kept"),
        promoted=_people(people, "promoted"),
        repeated=row.repeated,
    )


def _may(actor: Actor, *, cancel: bool) -> Acting:
    """Who refunds and cancels at once must be allowed both."""
    may = acting(actor, Operation.REFUND)
    if cancel:
        both = tuple(role for role in may.roles if role in ALLOWED[Operation.CANCEL])
        return replace(may, roles=both, wish="refund orders and cancel what they paid for")
    return may


def _refused(outcome: str, answer: Mapping[str, Any], zone: ZoneInfo) -> errors.AppError:
    match outcome:
        case "not_found":
            return errors.NotFound("order")
        case "reused":
            return errors.OperationReused()
        case "already":
            told = telling.told(answer, answer, zone)
            return errors.AlreadyRefunded(answer["who"], telling.what(answer), told)
    return errors.NotPaid(answer["who"], telling.what(answer), outcome)


def _people(people: list[Mapping[str, Any]], fate: str) -> tuple[Person, ...]:
    return tuple(
        Person(UUID(one["id"]), one["who"], one["status"], UUID(one["package_id"]))
        for one in people
        if one["fate"] == fate
    )
