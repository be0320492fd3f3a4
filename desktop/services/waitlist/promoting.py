"""Giving free seats to waiting people: `greenroom.promote_seen`."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

from desktop import errors
from desktop.services import closed, transitions
from desktop.services.permissions import Operation, acting
from desktop.services.waitlist.closing import close_gaps

if TYPE_CHECKING:
    from collections.abc import Mapping

    import sqlalchemy as sa

    from desktop.db.session import Actor, Database

AT_ONCE = 100
"""How many people get seats in one call: the website waits for the package's seats meanwhile, some 20 ms."""

Skip = Literal["duplicate", "inactive", "closed", "full"]
REASONS: dict[str, str] = {
    "duplicate": "has a seat in this package already",
    "inactive": "has a deactivated account",
    "closed": "waits for a package that gives out no seats now",
    "full": "finds no free seat left",
}
"""Why somebody waiting gets no seat; completes the person's name."""


@dataclass(frozen=True, slots=True)
class Passed:
    """Somebody who was next and got no seat; still waiting."""

    registration_id: UUID
    who: str
    reason: Skip


@dataclass(frozen=True, slots=True)
class Promoted:
    """Who got a seat, in order, and what is left. ``unpaid`` counts the pending orders this left (ruling 17); ``free``
    is None without limit. ``waiting`` is exact up to 100 people, and at rest. ``ahead_of``: how many others waited in
    front of the person who was picked. ``passed``: who was next and could not get a seat."""

    package_id: UUID
    package: str
    ids: tuple[UUID, ...]
    names: tuple[str, ...]
    unpaid: int
    free: int | None
    waiting: int
    ahead_of: int
    passed: tuple[Passed, ...]


def promote_next(database: Database, actor: Actor, package_id: UUID, count: int = 1) -> Promoted:
    """Give seats to the next ``count`` people in the order of ruling 10, as many as there are seats for. Who holds a
    seat there already, or has a deactivated account, is passed over and keeps the place.

    Locks the package's seats, for `AT_ONCE` people in a call; what is done stays done when others come in between.
    Raises `PackageFull` without a free seat, `WaitlistEmpty`, `NobodyEligible`, `EventClosed`, `PackageRetired`,
    `NotFound`, `InvalidField` for a count below 1, `NotAllowed`, `Busy`.
    """
    left = checked_count(count)
    done = promoted(called(database, actor, package_id, None, min(left, AT_ONCE)), database)
    with suppress(errors.RuleViolation, errors.Busy):  # the seats, or the people, came to an end
        while len(done.ids) % AT_ONCE == 0 and (left := left - AT_ONCE) > 0:
            more = promoted(called(database, actor, package_id, None, min(left, AT_ONCE)), database)
            done = replace(
                more,
                ids=done.ids + more.ids,
                names=done.names + more.names,
                unpaid=done.unpaid + more.unpaid,
                passed=done.passed,
            )
    return done


def promote(database: Database, actor: Actor, registration_id: UUID) -> Promoted:
    """Give a seat to this waiting person, ahead of others if need be; the log says of how many.

    Raises as `promote_next`, `TransitionRefused` when the person is not waiting (any more), and `CannotPromote` for
    somebody who would be passed over.
    """
    return promoted(called(database, actor, None, registration_id, 1), database)


def checked_count(count: int) -> int:
    """Raises `InvalidField` below 1."""
    if count < 1:
        raise errors.InvalidField("count", "Choose how many to promote: 1 or more.")
    return min(count, 2**31 - 1)


def called(
    database: Database,
    actor: Actor,
    package_id: UUID | None,
    registration_id: UUID | None,
    count: int,
    seen: Mapping[str, Any] | None = None,
) -> sa.Row[Any]:
    """The answer of `greenroom.promote_seen`."""
    return database.call(
        "promote_seen",
        {
            "p_actor": acting(actor, Operation.PROMOTE),
            "p_package": package_id,
            "p_registration": registration_id,
            "p_count": count,
            "p_seen": None if seen is None else json.dumps(seen),
        },
    )


def promoted(row: sa.Row[Any], database: Database) -> Promoted:
    """What the answer says was done, or the error it stands for; has the gaps closed."""
    if row.outcome == "full":
        raise errors.PackageFull(row.package_name, row.held, row.capacity)
    if row.outcome == "nobody":
        raise errors.WaitlistEmpty(row.package_name)
    if row.outcome == "all_skipped":
        raise errors.NobodyEligible(
            row.package_name, [(one["who"], REASONS[one["skip"]]) for one in row.passed]
        )
    if row.outcome in {"duplicate", "inactive"}:
        raise errors.CannotPromote(row.who, row.package_name, row.outcome)
    if row.outcome == "not_found":
        raise errors.NotFound("registration")
    if row.outcome == "wrong_state":
        raise transitions.refusal(row.who, "promoted", row.status)
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
        ahead_of=row.ahead,
        passed=tuple(Passed(UUID(one["id"]), one["who"], one["skip"]) for one in row.passed),
    )
