"""What is different between a preview and now, as sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from desktop.services import readable
from desktop.services.waitlist.promoting import REASONS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from desktop.services.waitlist.previewing import Candidate, Preview

_GONE = {
    "cancelled": "{} cancelled.",
    "registered": "{} has a seat by now.",
    "attended": "{} is inside by now.",
    "no_show": "{} was recorded as a no-show.",
    "waitlisted": "It is no longer the turn of {}.",
}


def differences(seen: Preview, now: Preview, fates: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """One sentence for each thing that changed; never none. ``fates``: what became of those in ``seen``, by id."""
    said = list(_of_the_seats(seen, now))
    then = {row.registration_id: row for row in seen.rows if row.reason != "full"}
    today = {row.registration_id: row for row in now.rows}
    for known_id, known in then.items():
        if known_id in today:
            said += _of_the_person(known, today[known_id])
        else:
            said.append(_gone(known, fates.get(str(known_id))))
    for row in now.rows:
        if row.registration_id not in then and row.reason != "full":
            what = (
                "would be promoted"
                if row.reason is None
                else f"{REASONS[row.reason]}, so would be passed over"
            )
            said.append(f"{row.who} is at #{row.place} now and {what}.")
    in_both = [known_id for known_id in then if known_id in today]
    if in_both != [row.registration_id for row in now.rows if row.registration_id in then]:
        said.append("The order was changed.")
    if seen.ahead_of != now.ahead_of and now.rows:
        said.append(f"{now.ahead_of:,} wait in front of {now.rows[0].who} now, not {seen.ahead_of:,}.")
    return said or ["Somebody changed it at this moment."]


def _of_the_seats(seen: Preview, now: Preview) -> list[str]:
    said = []
    if seen.closed_code != now.closed_code:
        said.append(now.closed or "It gives out seats again.")
    if seen.capacity != now.capacity:
        said.append(f"The package has {_limit(now.capacity)} now, not {_limit(seen.capacity)}.")
    if seen.held != now.held:
        said.append(
            f"{now.held:,} of them are held now, not {seen.held:,}."
            if now.capacity is not None
            else f"{now.held:,} seats are held now, not {seen.held:,}."
        )
    return said


def _limit(capacity: int | None) -> str:
    if capacity is None:
        return "no limit"
    return "1 seat" if capacity == 1 else f"{capacity:,} seats"


def _of_the_person(then: Candidate, now: Candidate) -> list[str]:
    if now.reason == "full":
        return [f"There is no seat left for {now.who}."]
    if now.reason != then.reason:
        return [f"{now.who} {REASONS[now.reason]}." if now.reason else f"{now.who} can get a seat now."]
    if (now.due, now.currency) != (then.due, then.currency):
        return [f"{now.who} {_owes(now)} now{', not ' + _amount(then) if now.due is not None else ''}."]
    return []


def _owes(row: Candidate) -> str:
    return "owes nothing" if row.due is None else f"would owe {_amount(row)}"


def _amount(row: Candidate) -> str:
    return "nothing" if row.due is None else readable.money(row.due, row.currency or "")


def _gone(known: Candidate, fate: Mapping[str, Any] | None) -> str:
    if fate is None:
        return f"The registration of {known.who} is gone."
    if fate["moved"]:
        return f"{known.who} was moved to {fate['moved']}."
    return _GONE[fate["status"]].format(known.who)
