"""Moving packages between events: `greenroom.move_package`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from desktop import errors
from desktop.services import closed, readable, slugs
from desktop.services.packages import values
from desktop.services.permissions import Operation, acting

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from desktop.db.session import Actor, Database
    from desktop.services.packages.reading import Package

TRIES = 5


@dataclass(frozen=True, slots=True)
class Moved:
    """Where the package is now. ``slug`` is made anew where it named the old event. ``cancelled`` registrations came
    along. ``deadline`` is the package's own, in UTC, and is as it was: it may not suit the new event."""

    package_id: UUID
    package: str
    event: str
    changed: bool
    slug: str
    cancelled: int
    deadline: datetime | None


def move(database: Database, actor: Actor, seen: Package, event_id: UUID) -> Moved:
    """Move the package to another event while nobody holds a seat of it or waits for one.

    `PackageOccupied` else, also when somebody was recorded as a no-show, which is history of the event it was, and
    while an order for it is open or paid that has no registration: somebody is just buying it. ``packages_ids``
    of both events follow (ruling 22).

    Locks the package's seats, its row and the events'. Raises also `Stale` when it is in another event than was seen,
    `EventClosed`, `InvalidField` for a subscription, `NotFound`, `NotAllowed`, `AccountClosed`, `Busy`.
    """
    allowed = acting(actor, Operation.EDIT_PACKAGES)
    for _ in range(TRIES):
        with database.transaction(allowed) as tx:
            event = tx.row("SELECT slug, title FROM events WHERE id = :id", {"id": event_id})
            slug = None
            if event is not None and (rest := _behind_the_event(seen)):
                wanted = values.slug_for(event.slug or event.title or "", rest)
                slug = slugs.free(tx, "packages", wanted, values.LIMIT)
        row = database.call(
            "move_package",
            {
                "p_actor": allowed,
                "p_package": seen.id,
                "p_seen": seen.event_id,
                "p_event": event_id,
                "p_slug": slug,
            },
        )
        if row.outcome != "slug_taken":
            break
    else:
        raise errors.Busy
    if row.outcome not in {"moved", "unchanged"}:
        raise _refusal(row.outcome, row.package_name, row.event_title) or errors.PackageOccupied(
            row.package_name, row.held, row.waiting, row.no_shows, row.buying
        )
    return Moved(
        package_id=seen.id,
        package=row.package_name,
        event=row.event_title or readable.UNTITLED,
        changed=row.outcome == "moved",
        slug=row.slug,
        cancelled=row.cancelled if row.outcome == "moved" else 0,
        deadline=row.deadline,
    )


def _behind_the_event(seen: Package) -> str:
    """“vip” of “monsoon-summit-vip”; "" of a slug that does not name the event."""
    start = f"{seen.event_slug}-"
    slug = seen.details.slug
    return slug.removeprefix(start) if seen.event_slug and slug.startswith(start) else ""


def _refusal(outcome: str, package: str | None, event: str | None) -> errors.AppError | None:
    if outcome == "not_found":
        return errors.NotFound("package")
    if outcome == "event_not_found":
        return errors.NotFound("event")
    if outcome == "stale":
        return errors.Stale("package", ("event_id",))
    if outcome == "subscription":
        return errors.InvalidField(
            "event_id", "A subscription belongs to no event, so it cannot be moved to one."
        )
    return closed.refusal(outcome, package, event)
