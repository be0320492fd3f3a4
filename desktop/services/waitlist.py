"""Giving free seats to waiting people: `greenroom.promote`."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from desktop import errors
from desktop.services import closed
from desktop.services.permissions import Operation, acting

if TYPE_CHECKING:
    from uuid import UUID

    from desktop.db.session import Actor, Database

STEP = 1000
"""Places that are renumbered in one transaction; the package's seats are locked meanwhile."""


@dataclass(frozen=True, slots=True)
class Promoted:
    """Who got a seat, in order, and what is left. ``unpaid`` counts the pending orders this opened (ruling 17);
    ``free`` is None without limit."""

    package_id: UUID
    package: str
    ids: tuple[UUID, ...]
    names: tuple[str, ...]
    unpaid: int
    free: int | None
    waiting: int


def promote_next(database: Database, actor: Actor, package_id: UUID, count: int = 1) -> Promoted:
    """Give seats to the next ``count`` people in the order of ruling 10, as many as there are seats for.

    Locks the package's seats. Raises `PackageFull` without a free seat, `WaitlistEmpty`, `EventClosed`,
    `PackageRetired`, `NotFound`, `InvalidField` for a count below 1, `NotAllowed`, `Busy`.
    """
    if count < 1:
        raise errors.InvalidField("count", "Choose how many to promote: 1 or more.")
    return _promote(database, actor, package_id=package_id, count=count)


def promote(database: Database, actor: Actor, registration_id: UUID) -> Promoted:
    """Give a seat to this waiting person, ahead of others if need be; the log says how many were skipped.

    Raises as `promote_next`, and `WrongState` when the person is not waiting (any more).
    """
    return _promote(database, actor, registration_id=registration_id)


def close_gaps(database: Database, package_id: UUID) -> None:
    """Number the package's waitlist 1..n again, in transactions of 50 ms at most (ruling 10). When others are busy
    there, or the link breaks, the gaps stay until the next change: the order is right with gaps, only the numbers
    people read are not."""
    with suppress(errors.Unavailable):
        while database.call("close_gaps", {"p_package": package_id, "p_most": STEP}).close_gaps >= STEP:
            pass


def _promote(
    database: Database,
    actor: Actor,
    *,
    package_id: UUID | None = None,
    registration_id: UUID | None = None,
    count: int = 1,
) -> Promoted:
    row = database.call(
        "promote",
        {
            "p_actor": acting(actor, Operation.PROMOTE),
            "p_package": package_id,
            "p_registration": registration_id,
            "p_count": count,
        },
    )
    if row.outcome == "full":
        raise errors.PackageFull(row.package_name, row.held, row.capacity)
    if row.outcome == "nobody":
        raise errors.WaitlistEmpty(row.package_name)
    if row.outcome == "not_found":
        raise errors.NotFound("registration")
    if row.outcome == "wrong_state":
        raise errors.WrongState(row.who, "promoted", row.status.replace("_", "-"))
    if refused := closed.refusal(row.outcome, row.package_name, row.event_title):
        raise refused
    close_gaps(database, row.package_id)
    return Promoted(
        package_id=row.package_id,
        package=row.package_name,
        ids=tuple(row.promoted),
        names=tuple(row.names),
        unpaid=row.unpaid,
        free=None if row.capacity is None else max(row.capacity - row.held, 0),
        waiting=row.waiting,
    )
