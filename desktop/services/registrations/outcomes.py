"""The words for what the functions of revision 0017 answered, the same for one registration and for many."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from desktop import errors
from desktop.services import closed, readable, transitions

if TYPE_CHECKING:
    from collections.abc import Mapping

WISHES = {
    "cancel": "cancelled",
    "promote": "promoted",
    "move": "moved to another package",
    "put_back": "put back on the waitlist",
    "revive": "registered again",
}
"""What completes “cannot be …” for each verb of `greenroom.in_bulk`, and for reviving."""

DONE = frozenset({"registered", "waitlisted", "cancelled", "promoted", "undone"})
"""Outcomes that are no refusal."""


def refusal(verb: str, told: Mapping[str, Any]) -> errors.AppError | None:
    """The situation an answer stands for; None when it is not a refusal. ``told`` are the function's columns."""
    outcome = told["outcome"]
    who = told.get("who") or "This person"
    package = told.get("package_name") or "The package"
    match outcome:
        case "not_found":
            return errors.NotFound("registration")
        case "wrong_state":
            return transitions.refusal(who, WISHES[verb], told.get("previous_status") or told["status"])
        case "already":
            return errors.AlreadyRegistered(told["email"], package, told["status"].replace("_", "-"))
        case "full":
            return errors.PackageFull(package, told["held"], told["capacity"])
        case "nobody":
            return errors.WaitlistEmpty(package)
        case "paid":
            return errors.PaidAlready(who, package)
        case "paying":
            return errors.PaymentUnderWay(who)
        case "price_differs":
            paid = readable.money(told["paid"], told["currency"])
            return errors.PriceDiffers(who, paid, package, readable.money(told["price"], told["sold_in"]))
        case "order_shared":
            return errors.OrderShared(who)
        case "same_package" | "other_event":
            return errors.NoMove(who, package, same=outcome == "same_package")
        case "seat_taken":
            return errors.SeatPassedOn(who, told["back_who"], package)
        case "changed":
            return errors.ChangedSince(who, told["status"])
        case "duplicate" | "inactive":
            return errors.CannotPromote(who, package, outcome)
        case "busy":
            return errors.Busy()
    if outcome in DONE:
        return None
    refused = closed.refusal(outcome, told.get("package_name"), told.get("event_title"))
    if refused is None:
        raise AssertionError(f"{verb} answered {outcome}")
    return refused


def done(verb: str, who: str, told: Mapping[str, Any]) -> str:
    """What happened to one of many, as a sentence."""
    package = told.get("package_name")
    match verb:
        case "cancel" if told["previous_status"] == "waitlisted":
            said = f"{who} is off the waitlist."
        case "cancel":
            said = f"The registration of {who} is cancelled."
        case "promote":
            said = f"{who} has a seat in “{package}”."
        case "move" if told["status"] == "waitlisted":
            said = f"{who} waits for “{package}” at #{told['place']}."
        case "move":
            said = f"{who} has a seat in “{package}” now."
        case "put_back":
            said = f"{who} is back on the waitlist of “{package}” at #{told['place']}."
        case _ if told["status"] == "waitlisted":
            said = f"{who} waits for “{package}” again, at #{told['place']}."
        case _:
            said = f"{who} has the seat in “{package}” back."
    if told.get("promoted_who"):
        said += f" The seat went to {told['promoted_who']}."
    if told.get("back_who"):
        said += f" {told['back_who']} is back on the waitlist."
    if verb == "cancel" and told.get("payment_status") == "paid":
        said += " The order stays paid until somebody refunds it."
    if told.get("unpaid") or (verb == "move" and told.get("payment_status") == "pending"):
        said += " Payment is due."
    return said
