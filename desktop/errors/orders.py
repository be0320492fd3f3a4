"""Money that cannot be taken, or given back, as it was asked. Sums and times come as people read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop.errors.base import RuleViolation

if TYPE_CHECKING:
    from datetime import datetime


class AlreadyPaid(RuleViolation):
    """Another desk, or the website, was first. ``told`` says who, how and when: “noor.door, in cash, Today 19:02”."""

    def __init__(self, who: str, what: str, told: str) -> None:
        super().__init__(
            f"{who} has paid for {what} already: {told}. Take nothing more; if you have the money in your hand, "
            "give it back."
        )
        self.told = told


class PaidBefore(RuleViolation):
    """Who cancelled without getting the money back needs no second ticket."""

    def __init__(self, who: str, what: str, told: str = "") -> None:
        how = f" (paid: {told})" if told else ""
        super().__init__(
            f"{who} cancelled {what} and never got the money back{how}. Register the person again without a payment, "
            "or refund that order first."
        )
        self.told = told


class AlreadyRefunded(RuleViolation):
    """The money was given back before."""

    def __init__(self, who: str, what: str, told: str) -> None:
        super().__init__(
            f"The order of {who} for {what} was refunded already: {told}. Give nothing back a second time."
        )
        self.told = told


class NotPaid(RuleViolation):
    """Only what was paid can be refunded (ruling 18); ``status`` is that of the order."""

    def __init__(self, who: str, what: str, status: str) -> None:
        way_out = (
            "Cancel the registration, or record that the payment failed."
            if status == "pending"
            else "There is nothing to give back."
        )
        super().__init__(f"The order of {who} for {what} is {status}, not paid. {way_out}")
        self.status = status


class NotPending(RuleViolation):
    """Only a payment that is still expected can fail; ``status`` is that of the order."""

    def __init__(self, who: str, what: str, status: str) -> None:
        way_out = "Refund it instead." if status == "paid" else "There is nothing to record."
        super().__init__(
            f"The order of {who} for {what} is {status}, so its payment cannot fail any more. {way_out}"
        )
        self.status = status


class GatewayDecides(RuleViolation):
    """What the website's gateway opened, it closes."""

    def __init__(self, who: str, what: str, gateway: str) -> None:
        super().__init__(
            f"The order of {who} for {what} is with {gateway}, which tells the website itself whether it was paid. "
            "To be paid here, take the payment at the desk: that order stays beside it."
        )
        self.gateway = gateway


class WrongAmount(RuleViolation):
    """Orders are paid whole. ``due`` is what must be taken, as people read it."""

    def __init__(self, given: str, due: str, *, less: bool, other_currency: bool = False) -> None:
        if other_currency:
            way_out = "Take it in that currency."
        elif less:
            way_out = "A part of it cannot be recorded: take the whole amount, or nothing."
        else:
            way_out = "Take exactly that, and give change."
        super().__init__(f"{due} is due, not {given}. {way_out}")
        self.due = due


class NothingDue(RuleViolation):
    """What costs nothing is not paid for (ruling 17)."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"{what} costs nothing, so there is nothing to pay. Register people without a payment."
        )


class NoPlaceToPayFor(RuleViolation):
    """Nobody pays without a seat; ``reason`` is waitlisted, cancelled, event_cancelled or no_registration."""

    def __init__(self, who: str, what: str, reason: str) -> None:
        why = {
            "waitlisted": f"{who} is waiting for {what} and has no seat yet. Promote the person first",
            "cancelled": f"{who} cancelled {what}. Register the person again first",
            "event_cancelled": f"The event of {what} is cancelled or deleted, so {who} pays nothing for it",
            "no_registration": f"No seat belongs to this order of {who} for {what}. Register the person first",
        }[reason]
        super().__init__(f"{why}; no payment was recorded.")
        self.reason = reason


class NotForSale(RuleViolation):
    """A subscription that nobody can buy now."""

    def __init__(self, what: str, why: str) -> None:
        reason = {
            "retired": "is retired and not sold any more. Reactivate it, or choose another one",
            "no_duration": "lasts no days. Give it a duration before it is sold",
        }[why]
        super().__init__(f"{what} {reason}.")


class BuyerInactive(RuleViolation):
    """Access sold to an account that cannot sign in is money for nothing."""

    def __init__(self, email: str) -> None:
        super().__init__(
            f"The account of {email} is deactivated and could not use what it buys. Reactivate it, or sell to "
            "another address."
        )


class AlreadySubscribed(RuleViolation):
    """The person's access still runs: renewing it is said, and starts at ``until`` (UTC)."""

    def __init__(self, who: str, what: str, end: str, told: str, until: datetime) -> None:
        super().__init__(
            f"{who} has {what} until {end} (sold: {told}). Renew it from there, if that is meant; nothing was sold."
        )
        self.until = until


class OperationReused(RuleViolation):
    """The operation's id was used for something else: a form that was not begun anew."""

    def __init__(self) -> None:
        super().__init__(
            "This was recorded before, for something else; nothing was recorded now. Close the form and begin anew."
        )
