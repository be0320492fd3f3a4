"""Another package, back to the waitlist, back from a cancellation: `greenroom.move`, ``put_back`` and ``revive``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from desktop import errors
from desktop.services import inputs, readable, waitlist
from desktop.services.permissions import Operation, acting
from desktop.services.registrations import outcomes

if TYPE_CHECKING:
    from uuid import UUID

    from desktop.db.session import Actor, Database

WhenFull = Literal["waitlist", "refuse"]


@dataclass(frozen=True, slots=True)
class Revived:
    """Where somebody ended up who had cancelled. ``waitlist_position`` is None with a seat, ``payment_status`` that
    of the order, None without one; ``late`` is true after the deadline (ruling 15), ``free`` None without limit."""

    registration_id: UUID
    who: str
    status: Literal["registered", "waitlisted"]
    waitlist_position: int | None
    order_id: UUID | None
    payment_status: str | None
    late: bool
    package: str
    event: str
    free: int | None


@dataclass(frozen=True, slots=True)
class PutBack:
    """Who waits again, at which place, and who got the seat."""

    registration_id: UUID
    package_id: UUID
    who: str
    package: str
    waitlist_position: int
    promoted_id: UUID | None
    promoted_who: str | None


@dataclass(frozen=True, slots=True)
class Moved:
    """What the move did. ``order_id`` is the order a seat in the new package has, ``payment_status`` its state, both
    None where none is needed; ``promoted_id`` got the seat that was left."""

    registration_id: UUID
    from_package_id: UUID
    package_id: UUID
    who: str
    previous_status: Literal["registered", "waitlisted"]
    status: Literal["registered", "waitlisted"]
    waitlist_position: int | None
    from_package: str
    package: str
    order_id: UUID | None
    payment_status: str | None
    late: bool
    free: int | None
    promoted_id: UUID | None
    promoted_who: str | None


def revive(
    database: Database, actor: Actor, registration_id: UUID, when_full: WhenFull = "waitlist"
) -> Revived:
    """Register somebody again who had cancelled, in the same row: a new date, a new ticket, old links die (ruling 12).
    The seat, or the last place of the waitlist, as for anybody new; ``when_full`` says what to do without a seat.

    Locks the package's seats, then the registration. Raises `TransitionRefused`, `AlreadyRegistered` (the address has
    another registration by now), `PackageFull`, `PaidAlready`, `EventClosed`, `PackageRetired`, `NotFound`,
    `NotAllowed`, `Busy`. Rulings 8, 12 to 15, 17.
    """
    row = database.call(
        "revive",
        {
            "p_actor": acting(actor, Operation.REGISTER),
            "p_registration": registration_id,
            "p_when_full": when_full,
        },
    )
    if refused := outcomes.refusal("revive", row._asdict()):
        raise refused
    return Revived(
        registration_id=registration_id,
        who=row.who,
        status=row.status,
        waitlist_position=row.place,
        order_id=row.order_id,
        payment_status=row.payment_status,
        late=row.late,
        package=row.package_name,
        event=row.event_title or readable.UNTITLED,
        free=_free(row.held, row.capacity),
    )


def put_back(database: Database, actor: Actor, registration_id: UUID, reason: str) -> PutBack:
    """Take somebody's seat and put them at the end of the waitlist; the seat goes to the next in line, in the same
    transaction. Only a person does that, and says why (ruling 14). An order the desk opened and nobody paid is closed.

    Locks the package's seats, then the registration. Raises `InvalidField` without a reason, `TransitionRefused`,
    `PaidAlready`, `PaymentUnderWay`, `EventClosed`, `PackageRetired`, `NotFound`, `NotAllowed`, `Busy`.
    Rulings 10, 11, 14, 17.
    """
    row = database.call(
        "put_back",
        {
            "p_actor": acting(actor, Operation.PUT_BACK),
            "p_registration": registration_id,
            "p_reason": needed(reason),
            "p_except": None,
        },
    )
    if refused := outcomes.refusal("put_back", row._asdict()):
        raise refused
    waitlist.close_gaps(database, row.package_id)
    return PutBack(
        registration_id=registration_id,
        package_id=row.package_id,
        who=row.who,
        package=row.package_name,
        waitlist_position=row.place,
        promoted_id=row.promoted_id,
        promoted_who=row.promoted_who,
    )


def move(
    database: Database,
    actor: Actor,
    registration_id: UUID,
    package_id: UUID,
    *,
    when_full: WhenFull = "refuse",
    reason: str = "",
) -> Moved:
    """Move a registration to another package of its event, with its ticket; the seat it held goes to the next in line
    in the same transaction. A seat is given while there is one and nobody waits; else ``when_full`` says whether to
    wait there. A paid order goes along when the price is the same (decision 0017).

    Locks the seats of both packages in id order, the registration, its order. Raises `NoMove`, `TransitionRefused`,
    `AlreadyRegistered` (also with a cancelled registration there: an address has one row per package), `PackageFull`,
    `PaidAlready`, `PaymentUnderWay`, `PriceDiffers`, `OrderShared`, `EventClosed`, `PackageRetired`, `NotFound`,
    `NotAllowed`, `Busy`. Rulings 8, 11, 13, 15, 17, 18.
    """
    row = database.call(
        "move",
        {
            "p_actor": acting(actor, Operation.MOVE_REGISTRATIONS),
            "p_registration": registration_id,
            "p_package": package_id,
            "p_when_full": when_full,
            "p_reason": inputs.reason(reason),
        },
    )
    if refused := outcomes.refusal("move", row._asdict()):
        raise refused
    if row.previous_status == "waitlisted" or row.promoted_id is not None:
        waitlist.close_gaps(database, row.from_package)
    return Moved(
        registration_id=registration_id,
        from_package_id=row.from_package,
        package_id=package_id,
        who=row.who,
        previous_status=row.previous_status,
        status=row.status,
        waitlist_position=row.place,
        from_package=row.from_name,
        package=row.package_name,
        order_id=row.order_id,
        payment_status=row.payment_status,
        late=row.late,
        free=_free(row.held, row.capacity),
        promoted_id=row.promoted_id,
        promoted_who=row.promoted_who,
    )


def needed(reason: str) -> str:
    """Why a seat is taken away (ruling 14). Raises `InvalidField` without a reason, and above 500 letters."""
    said = inputs.reason(reason)
    if said is None:
        raise errors.InvalidField(
            "reason", "Say why the seat is taken away: the reason is kept in the person's history."
        )
    return said


def _free(held: int, capacity: int | None) -> int | None:
    return None if capacity is None else max(capacity - held, 0)
