"""What a door says to a ticket: one pure function, with or without a network (door.md 2, rulings 14, 16 and 17).

`greenroom.decide` says the same in the database, under the locks; a test compares the two over every combination.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from decimal import Decimal
    from uuid import UUID

Action = Literal["admit", "undo", "no_show", "release"]
CHANGING = frozenset({"admitted", "undone", "no_show", "released"})
"""Verdicts after which something is as was asked."""
INSIDE = frozenset({"admitted_over_capacity", "revoked", "payment_due"})
"""What a station that let somebody in by itself may be told; the person is inside all the same (ruling 16)."""


@dataclass(frozen=True, slots=True)
class Registration:
    """``free``: its package has a seat that nobody holds. ``waiting``: somebody waits for one. ``place``: the number
    the person is in the waitlist."""

    event_id: UUID
    status: str
    place: int | None = None
    free: bool = True
    waiting: bool = False


@dataclass(frozen=True, slots=True)
class Payment:
    """``needed``: a seat of the package needs an order (ruling 17); ``status`` is that order's, None without one."""

    needed: bool
    status: str | None
    amount: Decimal
    currency: str

    @property
    def settled(self) -> bool:
        """True when nothing is due."""
        return not self.needed or self.status == "paid"


@dataclass(frozen=True, slots=True)
class Event:
    """``closed``: it gives out no seats (any more)."""

    title: str
    status: str = "published"
    deleted: bool = False
    closed: bool = False

    @property
    def off(self) -> bool:
        """True when it does not take place."""
        return self.status == "cancelled" or self.deleted


@dataclass(frozen=True, slots=True)
class Entry:
    """The ledger's last entry that says where the person is (``greenroom.last_seen``); times in UTC."""

    action: Action
    verdict: str
    station: str
    at: datetime
    staff_id: UUID
    staff: str | None = None


@dataclass(frozen=True, slots=True)
class Ledger:
    """``released``: the seat of this no-show was given to somebody already."""

    last: Entry | None = None
    released: bool = False

    @property
    def unratified(self) -> bool:
        """True when a station let the person in by itself and the server could not make it true."""
        return self.last is not None and self.last.action == "admit" and self.last.verdict != "admitted"


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked. ``event_id`` is the event of this door, None where any will do; ``decision`` is “admitted” when
    the station let the person in before it asked. ``only_own``: others' entries may not be taken back."""

    action: Action
    staff_id: UUID
    event_id: UUID | None = None
    decision: str = "asked"
    only_own: bool = True


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer: its code, the registration's status afterwards, and what belongs to it."""

    code: str
    status: str | None
    answer: Mapping[str, Any] = field(default_factory=dict)

    @property
    def changed(self) -> bool:
        """True when something is as was asked."""
        return self.code in CHANGING


def decide(
    registration: Registration | None,
    payment: Payment,
    event: Event,
    ledger: Ledger,
    question: Question,
) -> Verdict:
    """The verdict; ``registration`` is None for a ticket nobody knows."""
    if registration is None:
        return Verdict("not_found", None)
    status = registration.status
    if question.event_id is not None and question.event_id != registration.event_id:
        return Verdict("wrong_event", status, {"event": event.title})
    match question.action:
        case "admit":
            return _admit(registration, payment, event, ledger, question)
        case "undo":
            return _undo(registration, event, ledger, question)
        case "no_show":
            return _no_show(registration, event, ledger)
        case "release":
            return Verdict(_release(registration, event, ledger), status)


def _admit(
    registration: Registration, payment: Payment, event: Event, ledger: Ledger, question: Question
) -> Verdict:
    status = registration.status
    if event.off:
        return Verdict("event_cancelled", status)
    if status == "attended":
        return _already_inside(status, ledger)
    if status in {"waitlisted", "cancelled"} or (status == "no_show" and not registration.free):
        if ledger.unratified:
            return _already_inside(status, ledger)
        if question.decision == "admitted":
            if status == "cancelled":
                return Verdict("revoked", status)
            return Verdict("admitted_over_capacity", status, {"was": status})
        if status == "waitlisted":
            return _as_it_is(registration)
        return Verdict("seat_given_away" if status == "no_show" else status, status)
    if not payment.settled:  # after the seat: nobody pays for one that is gone
        return Verdict("payment_due", status, {"amount": str(payment.amount), "currency": payment.currency})
    return Verdict("admitted", "attended")


def _undo(registration: Registration, event: Event, ledger: Ledger, question: Question) -> Verdict:
    status = registration.status
    if status == "attended" or ledger.unratified:
        if not _own(ledger, "admit", question):
            return Verdict("not_yours", status)
        return Verdict("undone", "registered" if status == "attended" else status)
    if status != "no_show":
        return Verdict("not_inside", status)
    if not _own(ledger, "no_show", question):
        return Verdict("not_yours", status)
    if event.off:
        return Verdict("event_cancelled", status)
    if not registration.free:
        return Verdict("seat_given_away", status)
    return Verdict("undone", "registered", {"was": status})


def _no_show(registration: Registration, event: Event, ledger: Ledger) -> Verdict:
    status = registration.status
    if event.off:
        return Verdict("event_cancelled", status)
    if status == "attended" or ledger.unratified:
        return _already_inside(status, ledger)
    if status == "registered":
        return Verdict("no_show", "no_show")
    return Verdict("already_no_show", status) if status == "no_show" else _as_it_is(registration)


def _release(registration: Registration, event: Event, ledger: Ledger) -> str:
    if registration.status != "no_show":
        return "not_no_show"
    if ledger.released:
        return "already_released"
    if event.closed:
        return "event_closed"
    if not registration.free:
        return "seat_given_away"
    return "released" if registration.waiting else "nobody_waiting"


def _already_inside(status: str, ledger: Ledger) -> Verdict:
    last = ledger.last
    if last is None or last.action != "admit":  # the website let them in
        return Verdict("already_inside", status)
    known = {"station": last.station, "at": last.at.isoformat(), "staff": last.staff}
    return Verdict(
        "already_inside", status, {key: value for key, value in known.items() if value is not None}
    )


def _as_it_is(registration: Registration) -> Verdict:
    status = registration.status
    return Verdict(status, status, {"place": registration.place} if status == "waitlisted" else {})


def _own(ledger: Ledger, action: Action, question: Question) -> bool:
    if not question.only_own:
        return True
    last = ledger.last
    return last is not None and last.action == action and last.staff_id == question.staff_id
