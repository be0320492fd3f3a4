"""Who would be promoted, before it happens, and doing exactly that: `greenroom.preview_promotion` (ruling 11)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from desktop import errors
from desktop.services import closed, readable, transitions
from desktop.services.permissions import Operation, acting
from desktop.services.waitlist import comparing
from desktop.services.waitlist.promoting import (
    AT_ONCE,
    Promoted,
    Skip,
    called,
    checked_count,
    promoted,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from desktop.db.session import Actor, Database

MOST = AT_ONCE
"""How many people a preview names at most: it is carried out in one call."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who would be looked at. ``place`` is 1 for the next. ``reason`` says why there is no seat, None when
    there is one. ``due`` and ``currency`` are what the person would owe with a pending order (ruling 17), None when
    nothing."""

    registration_id: UUID
    who: str
    place: int
    reason: Skip | None
    due: Decimal | None
    currency: str | None


@dataclass(frozen=True, slots=True)
class Preview:
    """What promoting the next ``count``, or the one ``registration_id``, would do at the moment it was asked.

    ``rows`` in the order of the queue. ``closed`` says why the package gives out no seats, empty when it does.
    ``ahead_of`` and ``ahead`` (at most 20 names): who waits in front of the one. ``waiting`` is how many wait now,
    exact up to 100 people, and at rest. ``capacity`` is None without limit.
    """

    package_id: UUID
    registration_id: UUID | None
    count: int
    package: str
    event: str
    closed: str
    held: int
    capacity: int | None
    rows: tuple[Candidate, ...]
    ahead_of: int
    ahead: tuple[str, ...]
    waiting: int
    closed_code: str | None

    @property
    def promoted(self) -> tuple[Candidate, ...]:
        """Who would get a seat, in order."""
        return tuple(row for row in self.rows if row.reason is None)

    @property
    def skipped(self) -> tuple[Candidate, ...]:
        """Who would not, though it is their turn."""
        return tuple(row for row in self.rows if row.reason is not None)

    @property
    def leaves_free(self) -> int | None:
        """Seats that would still be free; None without limit."""
        return None if self.capacity is None else max(self.capacity - self.held - len(self.promoted), 0)

    @property
    def owed(self) -> dict[str, Decimal]:
        """What would be owed altogether, by currency."""
        sums: dict[str, Decimal] = {}
        for row in self.promoted:
            if row.due is not None and row.currency is not None:
                sums[row.currency] = sums.get(row.currency, Decimal(0)) + row.due
        return sums


def preview(database: Database, actor: Actor, package_id: UUID, count: int = 1) -> Preview:
    """What `promote_next` would do now. Locks nothing; a package that is full or closed is an ordinary answer.

    Raises `InvalidField` for a count below 1 or above `MOST`, `NotFound`, `NotAllowed`.
    """
    if checked_count(count) > MOST:
        raise errors.InvalidField(
            "count", f"A preview shows {MOST} people at most; promote them in several turns."
        )
    return _previewed(database, actor, package_id, None, count)


def preview_one(database: Database, actor: Actor, registration_id: UUID) -> Preview:
    """What `promote` would do now. Raises `TransitionRefused` when the person does not wait, `NotFound`,
    `NotAllowed`."""
    return _previewed(database, actor, None, registration_id, 1)


def commit(database: Database, actor: Actor, seen: Preview) -> Promoted:
    """Promote exactly those the preview named, owing what it said, from the seats it counted; or nobody.

    Compared under the lock of the package's seats. Raises `PreviewChanged`, which says what is different and carries
    the preview of now, and otherwise as `promote_next` and `promote`.
    """
    row = called(database, actor, seen.package_id, seen.registration_id, seen.count, _seen(seen))
    if row.outcome != "changed":
        return promoted(row, database)
    now = _made(
        row.plan, seen.package_id, seen.registration_id, seen.count, seen.package, seen.event, seen.waiting
    )
    raise errors.PreviewChanged(seen.package, comparing.differences(seen, now, row.fates or {}), now)


def _previewed(
    database: Database, actor: Actor, package_id: UUID | None, registration_id: UUID | None, count: int
) -> Preview:
    row = database.call(
        "preview_promotion",
        {
            "p_actor": acting(actor, Operation.PROMOTE),
            "p_package": package_id,
            "p_registration": registration_id,
            "p_count": count,
        },
    )
    if row.outcome == "not_found":
        raise errors.NotFound("event package" if registration_id is None else "registration")
    if row.outcome == "wrong_state":
        raise transitions.refusal(row.who, "promoted", row.status)
    event = row.event_title or readable.UNTITLED
    return _made(row.plan, row.package_id, registration_id, count, row.package_name, event, row.waiting)


def _made(
    plan: Mapping[str, Any],
    package_id: UUID,
    registration_id: UUID | None,
    count: int,
    package: str,
    event: str,
    waiting: int,
) -> Preview:
    why = closed.refusal(plan["closed"], package, event) if plan["closed"] else None
    return Preview(
        package_id=package_id,
        registration_id=registration_id,
        count=count,
        package=package,
        event=event,
        closed=str(why or ""),
        held=plan["held"],
        capacity=plan["capacity"],
        rows=tuple(_candidate(row) for row in plan["rows"]),
        ahead_of=plan["ahead"],
        ahead=tuple(plan["names"]),
        waiting=waiting,
        closed_code=plan["closed"],
    )


def _candidate(row: Mapping[str, Any]) -> Candidate:
    return Candidate(
        registration_id=UUID(row["id"]),
        who=row["who"],
        place=row["turn"],
        reason=row["skip"],
        due=None if row["due"] is None else Decimal(row["due"]),
        currency=row["currency"],
    )


def _seen(preview: Preview) -> dict[str, Any]:
    """The parts of a plan that `greenroom.what_counts` reads."""
    rows = [
        {
            "id": str(row.registration_id),
            "skip": row.reason,
            "due": None if row.due is None else str(row.due),
            "currency": row.currency,
        }
        for row in preview.rows
    ]
    return {
        "closed": preview.closed_code,
        "held": preview.held,
        "capacity": preview.capacity,
        "ahead": preview.ahead_of,
        "rows": rows,
    }
