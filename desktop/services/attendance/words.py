"""What a verdict says to the person at the door."""

from __future__ import annotations

from datetime import UTC
from decimal import Decimal
from typing import TYPE_CHECKING

from desktop import errors
from desktop.db import beyond
from desktop.services import readable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any
    from zoneinfo import ZoneInfo

    from desktop.services.attendance.operations import Admitted
    from desktop.services.deciding import Verdict

SAYS = {
    "admitted": "{who} is checked in.",
    "undone": "The check-in of {who} is taken back.",
    "no_show": "{who} is marked as no-show. The seat is free; release it to give it to the next waiting person.",
    "released": "The seat of {who} is given to {promoted}.",
    "waitlisted": "{who} is waiting at #{place} and has no seat. Promote first, then check in.",
    "cancelled": "{who} cancelled. Register the person again if there is a seat.",
    "seat_given_away": "{who} was marked as no-show and the seat is taken by now. Raise the capacity, or ask them to"
    " wait.",
    "admitted_over_capacity": "{who} was let in without a network, and the seat was given away meanwhile. They are"
    " inside; an organizer has to take them in.",
    "revoked": "{who} was let in without a network, but had cancelled meanwhile. They are inside; ask them to leave, or"
    " an organizer to take them in.",
    "event_cancelled": "The event of {who} is cancelled or deleted; nobody is checked in.",
    "event_closed": "The event or the package gives out no seats any more, so the seat of {who} stays free.",
    "wrong_event": "{who} has a ticket for another event: “{event}”.",
    "not_inside": "{who} is not checked in, so there is nothing to take back.",
    "not_yours": "{who} was checked in by somebody else. Ask an organizer to take it back.",
    "already_no_show": "{who} is marked as no-show already.",
    "not_no_show": "{who} is not marked as no-show, so there is no seat to release.",
    "already_released": "The seat of {who} was released before.",
    "nobody_waiting": "Nobody is waiting, so the seat of {who} stays free.",
    "not_let_in": "{who} was not let in without a seat, so there is nothing to take in. Check the person in instead.",
    "not_found": "This ticket is not known here. Look the person up by name.",
    "number_taken": "Another computer uses the station name “{station}”: its number {sequence} belongs to another scan."
    " Give this station a name of its own; {who} was not checked in.",
    "invalid": "The scan of {who} cannot be read ({field}). Scan the ticket again.",
    "failed": "The database refused the scan of {who}. Nothing was changed; show this to whoever runs the website.",
}


def sentence(result: Admitted | Verdict, who: str, zone: ZoneInfo) -> str:
    """The verdict as the person at the door reads it; times in ``zone``."""
    code = result.verdict if hasattr(result, "verdict") else result.code
    answer = result.answer
    if code == "already_inside":
        return _already_inside(answer, who, zone)
    if code == "not_yours" and result.status == "no_show":
        return f"{who} was marked as no-show by somebody else. Ask an organizer to take it back."
    if code == "undone" and answer.get("was") == "no_show":
        return f"The no-show of {who} is taken back: they have their seat again."
    if code == "payment_due":
        due = readable.money(Decimal(answer["amount"]), answer["currency"])
        return f"{who} has not paid yet: {due} is due. Take the payment first, then check in."
    told = SAYS[code].format_map(
        {
            "who": who,
            "place": answer.get("place"),
            "event": answer.get("event"),
            "promoted": answer.get("who"),
            "station": answer.get("station"),
            "sequence": answer.get("sequence"),
            "field": answer.get("field"),
        }
    )
    return told + (_after_taking_in(answer) if code == "admitted" else "")


def require_change(result: Admitted, who: str, zone: ZoneInfo) -> None:
    """Raises `NotAdmitted` with the sentence unless the operation changed something."""
    if not result.changed:
        raise errors.NotAdmitted(result.verdict, sentence(result, who, zone))


def _already_inside(answer: Mapping[str, Any], who: str, zone: ZoneInfo) -> str:
    at = beyond.moment(answer["at"]).replace(tzinfo=UTC) if "at" in answer else None
    when = f" since {at.astimezone(zone):%H:%M}" if at else ""
    where = f", let in at {answer['station']}" if "station" in answer else ""
    by = f" by {answer['staff']}" if "staff" in answer else ""
    return f"{who} is already inside{when}{where}{by}."


def _after_taking_in(answer: Mapping[str, Any]) -> str:
    raised = ""
    if "capacity" in answer:
        raised = f" The capacity was raised from {answer['capacity_was']} to {answer['capacity']}."
    if "amount" in answer:
        raised += f" {readable.money(Decimal(answer['amount']), answer['currency'])} is due."
    return raised
