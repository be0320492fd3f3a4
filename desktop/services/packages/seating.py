"""How many seats a package has: `greenroom.set_capacity`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from desktop import errors
from desktop.services import closed, inputs, readable, waitlist
from desktop.services.packages import values
from desktop.services.permissions import Operation, acting

if TYPE_CHECKING:
    from uuid import UUID

    from desktop.db.session import Actor, Database


@dataclass(frozen=True, slots=True)
class Resized:
    """What a package's seats were and are, and who got one: ``ids`` and ``names``, in order. ``capacity`` and
    ``previous`` are None without limit, ``free`` too. ``unpaid`` counts the pending orders this opened (ruling 17).
    ``withheld`` is why nobody got a seat although seats were added and people wait, "" else."""

    package_id: UUID
    package: str
    event: str
    previous: int | None
    capacity: int | None
    held: int
    waiting: int
    ids: tuple[UUID, ...]
    names: tuple[str, ...]
    unpaid: int
    withheld: str

    @property
    def free(self) -> int | None:
        """Seats that nobody holds."""
        return None if self.capacity is None else max(self.capacity - self.held, 0)


def set_capacity(
    database: Database,
    actor: Actor,
    package_id: UUID,
    capacity: int | None,
    *,
    seen: int | None,
    reason: str = "",
    confirmed: int | None = None,
) -> Resized:
    """Give the package ``capacity`` seats, None for no limit; ``seen`` is how many it had when the person decided.

    The seats a raise adds go to the next people waiting, in the same transaction (ruling 11). Seats that were free
    before are left free: a no-show's is released by a person. Every raise wants a ``reason``, which the log keeps:
    Greenroom does not know the room, so each may be one over it (ruling 9); a draft nobody registered for wants none.
    Below the seats held nobody loses a seat (ruling 8), and it is done only when ``confirmed`` is the number of seats
    held that the person was told, or more. Asked again, nothing changes twice.

    Locks the package's seats. Raises `CapacityBelowSeats`, `InvalidField` of ``capacity`` or ``reason``, `Stale` when
    the capacity is neither as seen nor as wanted, `NotFound`, `NotAllowed`, `AccountClosed`, `Busy`.
    """
    row = database.call(
        "set_capacity",
        {
            "p_actor": acting(actor, Operation.CHANGE_CAPACITY),
            "p_package": package_id,
            "p_seen": seen,
            "p_capacity": values.capacity(capacity),
            "p_confirmed": confirmed,
            "p_reason": inputs.reason(reason),
        },
    )
    if row.outcome == "not_found":
        raise errors.NotFound("package")
    if row.outcome == "subscription":
        raise errors.InvalidField("capacity", values.NO_SEATS)
    if row.outcome == "stale":
        raise errors.Stale("package", ("capacity",))
    if row.outcome == "below_held" and capacity is not None:
        raise errors.CapacityBelowSeats(row.package_name, capacity, row.held)
    if row.outcome == "reason_needed":
        raise errors.InvalidField(
            "reason",
            f"Say why “{row.package_name}” gets more seats: the log keeps it, in case the room turns out too small.",
        )
    if row.promoted:
        waitlist.close_gaps(database, package_id)
    return Resized(
        package_id=package_id,
        package=row.package_name,
        event=row.event_title or readable.UNTITLED,
        previous=row.previous,
        capacity=capacity,
        held=row.held,
        waiting=row.waiting,
        ids=tuple(row.promoted),
        names=tuple(row.names),
        unpaid=row.unpaid,
        withheld=_withheld(row.closed, row.package_name, row.event_title),
    )


def _withheld(why: str | None, package: str, event: str | None) -> str:
    if why is None:
        return ""
    if why == "event_over":
        return f"“{event or 'The event'}” is over, so nobody waiting was given a seat."
    return f"Nobody waiting was given a seat. {closed.refusal(why, package, event)}"
