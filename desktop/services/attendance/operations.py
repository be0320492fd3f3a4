"""Letting people in, and taking it back: `greenroom.admit`, exactly once per operation (ruling 16, door.md 3)."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from desktop import errors
from desktop.db.session import Acting
from desktop.db.translating import Scrubbed
from desktop.services import deciding, inputs, waitlist
from desktop.services.attendance.stations import clean_station
from desktop.services.permissions import ALLOWED, Operation, acting

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from desktop.db.session import Actor, Database

BATCH = 100
"""The most operations one call takes."""

LARGEST = 2**63 - 1

RIGHTS = {
    "admit": Operation.ADMIT,
    "undo": Operation.UNDO_OWN_ADMISSION,
    "no_show": Operation.RECORD_NO_SHOW,
    "release": Operation.RELEASE_NO_SHOWS,
}
"""What each action needs the right to."""


@dataclass(frozen=True, slots=True)
class Admission:
    """One operation of a station. ``operation_id`` makes repeating it harmless: send the same again after a
    lost connection. ``event_id`` is the event of this door, None where any will do (back office). ``sequence`` counts
    the station's operations from 1. ``decision`` is “admitted” when the station let the person in by itself.
    ``action`` is for `send`; the others set it."""

    registration_id: UUID
    station: str
    event_id: UUID | None = None
    sequence: int | None = None
    reason: str = ""
    operation_id: UUID = field(default_factory=uuid4)
    decided_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    decision: str = "asked"
    action: deciding.Action = "admit"


@dataclass(frozen=True, slots=True)
class Admitted:
    """The verdict. ``answer`` holds what belongs to it: station and time (UTC) of an earlier admission, the
    amount due, the place in the waitlist. ``repeated`` is true when this operation had been received before."""

    registration_id: UUID
    operation_id: UUID
    verdict: str
    status: str | None
    repeated: bool
    answer: Mapping[str, Any]

    @property
    def changed(self) -> bool:
        """True when the registration is, because of this operation, as was asked."""
        return self.verdict in deciding.CHANGING


def admit(database: Database, actor: Actor, admission: Admission) -> Admitted:
    """Let the person in if the rules say so; every verdict is kept in ``check_ins``, and none raises: a guest
    who is already inside or has to pay is an ordinary answer at a door. `sentence` puts it in words.

    Locks the registration (and the package's seats for a late no-show). Raises `InvalidField`, `NumberTaken`,
    `NotAllowed`, `Busy`.
    """
    return _operate(database, acting(actor, Operation.ADMIT), admission, "admit")


def undo(database: Database, actor: Actor, admission: Admission) -> Admitted:
    """Take a check-in, or a no-show, back by a compensating operation; the door its own, organizers anybody's
    (door.md 6): the call itself looks who has which role now. A no-show needs a free seat to be registered again
    (ruling 14).

    Locks the registration (and the package's seats for a no-show). Raises as `admit`.
    """
    return _operate(database, acting(actor, Operation.UNDO_OWN_ADMISSION), admission, "undo")


def no_show(database: Database, actor: Actor, admission: Admission) -> Admitted:
    """Record that somebody with a seat did not come. The seat is free then, and nobody is promoted into it before
    it is released (ruling 11).

    Locks the package's seats, then the registration. Raises as `admit`.
    """
    return _operate(database, acting(actor, Operation.RECORD_NO_SHOW), admission, "no_show")


def release(database: Database, actor: Actor, admission: Admission) -> Admitted:
    """Give the seat of a no-show to the next waiting person, once; ``answer`` has ``promoted`` and ``who``
    (ruling 11).

    Locks the package's seats, then the registration. Raises as `admit`.
    """
    return _operate(database, acting(actor, Operation.RELEASE_NO_SHOWS), admission, "release")


def take_in(database: Database, actor: Actor, admission: Admission) -> Admitted:
    """Give somebody a station let in without a seat the seat they need: the capacity is raised where none is free, by
    one, with ``reason`` (required) in the log, and the person counts as inside (rulings 9 and 16). ``answer`` has
    ``capacity_was`` and ``capacity`` when it was raised, ``amount`` and ``currency`` when money is due (ruling 17).

    Locks the package's seats, then the registration. Raises as `admit`.
    """
    if not admission.reason.strip():
        raise errors.InvalidField(
            "reason", "Say why the capacity is raised: it is overbooking, and the log keeps the reason."
        )
    row = database.call(
        "take_in",
        {
            "p_operation": admission.operation_id,
            "p_registration": admission.registration_id,
            "p_station": clean_station(admission.station),
            "p_staff": acting(actor, Operation.CHANGE_CAPACITY),
            "p_decided_at": _utc(admission.decided_at),
            "p_reason": admission.reason,
        },
    )
    if row.verdict == "admitted" and row.package_id is not None:
        waitlist.close_gaps(database, row.package_id)
    return _readable(_result(admission, row))


def send(database: Database, actor: Actor, operations: Sequence[Admission]) -> tuple[Admitted, ...]:
    """Apply operations of a station in their order, at most `BATCH`, in one transaction; their verdicts in that order.
    Send the same again whenever the answer is lost: what was applied is told again and changes nothing.

    None raises for one of its operations: one that cannot be stored gets the verdict “invalid”, “number_taken”, or
    “failed” when the database itself refused it (a trigger of the website's), and does not keep the others back.
    Who may take back only their own takes back only those. Locks the packages' seats by id where a seat moves, then
    the registrations by id. Raises `NotAllowed`, `AccountClosed`, `Busy`, `DatabaseDown`.
    """
    if len(operations) > BATCH:
        raise ValueError(f"{len(operations)} operations in one batch")
    if not operations:
        return ()
    return _sent(database, _all_of(actor, operations), operations)


def _all_of(actor: Actor, operations: Sequence[Admission]) -> Acting:
    """Somebody with the right to each of the actions."""
    wanted = {RIGHTS.get(one.action, Operation.ADMIT) for one in operations}
    narrowest = min(sorted(wanted, key=lambda one: one.name), key=lambda one: len(ALLOWED[one]))
    roles = tuple(role for role in ALLOWED[narrowest] if all(role in ALLOWED[one] for one in wanted))
    return Acting(actor, roles, narrowest.value)


def _sent(database: Database, may: Acting, operations: Sequence[Admission]) -> tuple[Admitted, ...]:
    sql = f"SELECT * FROM greenroom.admit_batch_at_door({Acting.ID}, :operations)"
    try:
        rows = database.once(sql, {"operations": json.dumps([_written(one) for one in operations])}, may)
    except Scrubbed as trouble:
        if len(operations) > 1:  # one of them spoils it for all: each for itself
            return tuple(told for one in operations for told in _sent(database, may, [one]))
        (one,) = operations
        why = {"state": trouble.sqlstate, "constraint": trouble.constraint}
        return (Admitted(one.registration_id, one.operation_id, "failed", None, False, why),)
    told = tuple(_result(one, row) for one, row in zip(operations, rows, strict=True))
    for package in {one.answer["package"] for one in told if one.verdict == "released"}:
        waitlist.close_gaps(database, UUID(package))
    return told


def _operate(database: Database, may: Acting, admission: Admission, action: deciding.Action) -> Admitted:
    if admission.sequence is not None and not 0 < admission.sequence <= LARGEST:
        raise errors.InvalidField("sequence", "A station numbers its operations from 1.")
    row = database.call(
        "admit_at_door",
        {
            "p_operation": admission.operation_id,
            "p_action": action,
            "p_registration": admission.registration_id,
            "p_event": admission.event_id,
            "p_station": clean_station(admission.station),
            "p_sequence": admission.sequence,
            "p_staff": may,
            "p_decided_at": _utc(admission.decided_at),
            "p_decision": admission.decision,
            "p_reason": inputs.reason(admission.reason),
        },
    )
    told = _result(admission, row)
    if told.verdict == "number_taken":
        raise errors.NumberTaken(told.answer["station"], told.answer["sequence"])
    if told.verdict == "released":
        waitlist.close_gaps(database, UUID(told.answer["package"]))
    return _readable(told)


def _readable(told: Admitted) -> Admitted:
    if told.verdict == "invalid":
        raise errors.InvalidField(
            told.answer["field"],
            f"This operation cannot be read ({told.answer['field']}), so nothing was changed. Scan the ticket again.",
        )
    return told


def _result(admission: Admission, row: Any) -> Admitted:
    return Admitted(
        registration_id=admission.registration_id,
        operation_id=admission.operation_id,
        verdict=row.verdict,
        status=row.status,
        repeated=row.repeated,
        answer=row.answer,
    )


def _written(one: Admission) -> dict[str, Any]:
    """The operation as the database reads it."""
    number = one.sequence
    return {  # what cannot be read is sent as something the database finds invalid: it keeps no other back
        "operation": str(one.operation_id),
        "action": one.action,
        "registration": str(one.registration_id),
        "event": str(one.event_id) if one.event_id is not None else None,
        "station": inputs.line(one.station),
        "sequence": number if number is None or 0 < number <= LARGEST else 0,
        "decided_at": _utc(one.decided_at).isoformat(),
        "decision": one.decision.replace("\0", ""),
        "reason": one.reason.replace("\0", ""),
    }


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)
