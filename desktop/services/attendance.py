"""Letting people in, and taking it back: `greenroom.admit`, exactly once per operation (ruling 16, door.md 3)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from desktop import errors
from desktop.services.permissions import Operation, acting, allowed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from zoneinfo import ZoneInfo

    from desktop.db.session import Acting, Actor, Database


@dataclass(frozen=True, slots=True)
class Admission:
    """One operation of a station. ``operation_id`` makes repeating it harmless: send the same again after a
    lost connection. ``event_id`` is the event of this door, None where any will do (back office)."""

    registration_id: UUID
    station: str
    event_id: UUID | None = None
    sequence: int | None = None
    reason: str = ""
    operation_id: UUID = field(default_factory=uuid4)
    decided_at: datetime = field(default_factory=lambda: datetime.now(UTC))


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
        """True when the person is inside, or outside again, because of this operation."""
        return self.verdict in {"admitted", "undone"}


def admit(database: Database, actor: Actor, admission: Admission) -> Admitted:
    """Let the person in if the rules say so; every verdict is kept in ``check_ins``, and none raises: a guest
    who is already inside or has to pay is an ordinary answer at a door. `sentence` puts it in words.

    Locks the registration (and the package's seats for a late no-show). Raises `NotAllowed`, `Busy`.
    """
    may = acting(actor, Operation.ADMIT)
    return _operate(database, may, admission, "admit", only_own=True)


def undo(database: Database, actor: Actor, admission: Admission) -> Admitted:
    """Take a check-in back by a compensating operation; the door its own, organizers anybody's (door.md 6).

    Locks the registration. Raises `NotAllowed`, `Busy`.
    """
    only_own = not allowed(actor.roles, Operation.UNDO_ANY_ADMISSION)
    wish = Operation.UNDO_OWN_ADMISSION if only_own else Operation.UNDO_ANY_ADMISSION
    return _operate(database, acting(actor, wish), admission, "undo", only_own=only_own)


def sentence(result: Admitted, who: str, zone: ZoneInfo) -> str:
    """The verdict as the person at the door reads it; times in ``zone``."""
    answer = result.answer
    match result.verdict:
        case "admitted":
            return f"{who} is checked in."
        case "undone":
            return f"The check-in of {who} is taken back."
        case "already_inside":
            at = datetime.fromisoformat(answer["at"]).replace(tzinfo=UTC) if "at" in answer else None
            when = f" since {at.astimezone(zone):%H:%M}" if at else ""
            where = f", let in at {answer['station']}" if "station" in answer else ""
            by = f" by {answer['staff']}" if "staff" in answer else ""
            return f"{who} is already inside{when}{where}{by}."
        case "payment_due":
            due = " ".join(str(answer[key]) for key in ("currency", "amount") if key in answer)
            return f"{who} has not paid yet: {due} is due. Take the payment first, then check in."
        case "waitlisted":
            place = answer.get("place")
            return f"{who} is waiting at #{place} and has no seat. Promote first, then check in."
        case "cancelled":
            return f"{who} cancelled. Register the person again if there is a seat."
        case "seat_given_away":
            return f"{who} was marked as no-show and the seat is taken by now. Raise the capacity, or ask them to wait."
        case "event_cancelled":
            return f"The event of {who} is cancelled; nobody is checked in."
        case "wrong_event":
            return f"{who} has a ticket for another event: “{answer.get('event')}”."
        case "not_inside":
            return f"{who} is not checked in, so there is nothing to take back."
        case "not_yours":
            return f"{who} was checked in by somebody else. Ask an organizer to take it back."
    return "This ticket is not known here. Look the person up by name."


def require_change(result: Admitted, who: str, zone: ZoneInfo) -> None:
    """Raises `NotAdmitted` with the sentence unless the operation changed something."""
    if not result.changed:
        raise errors.NotAdmitted(result.verdict, sentence(result, who, zone))


def _operate(
    database: Database, may: Acting, admission: Admission, action: str, *, only_own: bool
) -> Admitted:
    parameters = {
        "p_operation": admission.operation_id,
        "p_action": action,
        "p_registration": admission.registration_id,
        "p_event": admission.event_id,
        "p_station": admission.station,
        "p_sequence": admission.sequence,
        "p_staff": may,
        "p_decided_at": admission.decided_at.astimezone(UTC).replace(tzinfo=None),
        "p_decision": "asked",
        "p_reason": admission.reason or None,
    }
    if only_own:  # the only one of the two that the door's database role may call
        row = database.call("admit_at_door", parameters)
    else:
        row = database.call("admit", parameters | {"p_only_own": False})
    return Admitted(
        registration_id=admission.registration_id,
        operation_id=admission.operation_id,
        verdict=row.verdict,
        status=row.status,
        repeated=row.repeated,
        answer=row.answer,
    )
