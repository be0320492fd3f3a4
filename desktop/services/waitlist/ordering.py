"""Leaving the waitlist, and being moved within it: `greenroom.leave_waitlist` and `greenroom.move_in_waitlist`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from desktop import errors
from desktop.services import inputs
from desktop.services.permissions import Operation, acting
from desktop.services.waitlist.closing import close_gaps

if TYPE_CHECKING:
    from uuid import UUID

    from desktop.db.session import Actor, Database


@dataclass(frozen=True, slots=True)
class Left:
    """Who is off the waitlist. ``waiting`` is exact up to 100 people, and at rest."""

    registration_id: UUID
    package_id: UUID
    who: str
    waiting: int


@dataclass(frozen=True, slots=True)
class Moved:
    """Where the person was and is, 1 for the next. ``others`` were overtaken, or let pass, in their order; nobody when
    the person was there already."""

    registration_id: UUID
    package_id: UUID
    package: str
    who: str
    old_place: int
    new_place: int
    others: tuple[str, ...]
    waiting: int


def leave(database: Database, actor: Actor, registration_id: UUID, reason: str = "") -> Left:
    """Cancel the registration of somebody who waits. Unlike `registering.cancel` it never takes a seat away that the
    person was given a moment ago.

    Locks the package's seats, then the registration. Raises `NotOnWaitlist`, `NotFound`, `NotAllowed`, `Busy`.
    """
    row = database.call(
        "leave_waitlist",
        {
            "p_actor": acting(actor, Operation.CANCEL),
            "p_registration": registration_id,
            "p_reason": inputs.reason(reason),
        },
    )
    if row.outcome == "not_found":
        raise errors.NotFound("registration")
    if row.outcome == "wrong_state":
        raise errors.NotOnWaitlist(row.who, row.previous_status.replace("_", "-"))
    close_gaps(database, row.package_id)
    return Left(registration_id, row.package_id, row.who, row.waiting)


def move_to(database: Database, actor: Actor, registration_id: UUID, place: int, reason: str) -> Moved:
    """Put somebody who waits at ``place``, 1 for the next and the last one when there are fewer; those between move by
    one. The log names whom the person overtook, or let pass, and the reason (ruling 14).

    Locks the package's seats, then everybody whose place changes. Raises `InvalidField` without a reason or for a place
    below 1, `NotOnWaitlist`, `NotFound`, `NotAllowed`, `Busy`.
    """
    why = inputs.reason(reason)
    if why is None:
        raise errors.InvalidField(
            "reason", "Say why the order is changed: the log keeps it for those who were waiting in front."
        )
    if place < 1:
        raise errors.InvalidField("place", "Choose a place on the waitlist: 1 is the next.")
    row = database.call(
        "move_in_waitlist",
        {
            "p_actor": acting(actor, Operation.REORDER_WAITLIST),
            "p_registration": registration_id,
            "p_place": min(place, 2**31 - 1),
            "p_reason": why,
        },
    )
    if row.outcome == "not_found":
        raise errors.NotFound("registration")
    if row.outcome == "wrong_state":
        raise errors.NotOnWaitlist(row.who, row.status.replace("_", "-"))
    return Moved(
        registration_id=registration_id,
        package_id=row.package_id,
        package=row.package_name,
        who=row.who,
        old_place=row.old_place,
        new_place=row.new_place,
        others=tuple(row.others),
        waiting=row.waiting,
    )
