"""The states of a registration and the ways between them: ruling 14 as a table. What is not here does not exist.

The functions in the database decide under their locks; this says the same to people, and to a test that tries every
pair against them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from desktop import errors

Status = Literal["registered", "waitlisted", "cancelled", "attended", "no_show"]

STATUSES: tuple[Status, ...] = ("registered", "waitlisted", "cancelled", "attended", "no_show")
HOLDS_SEAT = frozenset({"registered", "attended"})
"""Ruling 7."""


@dataclass(frozen=True, slots=True)
class Transition:
    """One way: what a person asks for, and whether they have to say why."""

    deed: str
    needs_reason: bool = False


TRANSITIONS: dict[tuple[Status, Status], Transition] = {
    ("waitlisted", "registered"): Transition("promote"),
    ("waitlisted", "cancelled"): Transition("cancel"),
    ("registered", "attended"): Transition("check in"),
    ("registered", "no_show"): Transition("record a no-show"),
    ("registered", "cancelled"): Transition("cancel"),
    ("registered", "waitlisted"): Transition("put back on the waitlist", needs_reason=True),
    ("attended", "registered"): Transition("take the check-in back"),
    ("no_show", "registered"): Transition("take the no-show back"),
    ("no_show", "attended"): Transition("check in late"),
    ("cancelled", "registered"): Transition("register again"),
    ("cancelled", "waitlisted"): Transition("put on the waitlist again"),
}


def is_possible(before: str, after: str) -> bool:
    """True when ruling 14 knows the way."""
    return (before, after) in TRANSITIONS


def takes_seat(before: str, after: str) -> bool:
    """True when a seat must be free for it (rulings 7 and 8)."""
    return after in HOLDS_SEAT and before not in HOLDS_SEAT


def ways(status: str) -> tuple[str, ...]:
    """What can be done with a registration in this state."""
    return tuple(way.deed for (before, _after), way in TRANSITIONS.items() if before == status)


def refusal(who: str, wish: str, status: str) -> errors.TransitionRefused:
    """The error for a way that does not exist; ``wish`` completes “cannot be …”."""
    return errors.TransitionRefused(who, wish, status, ways(status))
