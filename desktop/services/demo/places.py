"""Who is on a package's list: in what order, with which status, cancelled or promoted when."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

    from desktop.services.demo.people import Person
    from desktop.services.demo.plans import EventPlan, PackagePlan


@dataclass(frozen=True, slots=True)
class Place:
    """One line of a package's list before it becomes rows. ``kind`` is a status or "unpaid"; ``instead_of`` is
    who cancelled the seat that was given at ``promoted_at``."""

    kind: str
    person: Person
    registered_at: datetime
    promoted_at: datetime | None = None
    instead_of: Person | None = None
    cancelled_at: datetime | None = None
    position: int | None = None


def size(package: PackagePlan) -> int:
    return package.registered + package.attended + package.no_show + package.waiting + package.cancelled


def draw(
    rng: random.Random, crowd: Sequence[Person], home: str, count: int, excluded: set[str]
) -> list[Person]:
    """``count`` people, two thirds from the event's own region while it has that many."""
    free = [person for person in crowd if person.email not in excluded]
    near = [person for person in free if person.region == home]
    chosen = rng.sample(near, min(len(near), count * 2 // 3))
    emails = {person.email for person in chosen}
    rest = [person for person in free if person.email not in emails]
    chosen += rng.sample(rest, count - len(chosen))
    rng.shuffle(chosen)
    return chosen


def places_of(
    rng: random.Random,
    plan: EventPlan,
    package: PackagePlan,
    cast: dict[str, Person],
    others: list[Person],
    present: datetime,
) -> list[Place]:
    """The package's list in the order of registering: seats first, then whoever waits. Takes from ``others``."""
    count = size(package)
    if count == 0 or plan.published_at is None:
        return []
    seated = count - package.waiting
    kinds = _kinds(rng, package)
    who: list[Person | None] = [None] * count
    for local, kind in package.pinned:
        free = [i for i, wanted in enumerate(kinds) if wanted == kind and who[i] is None]
        who[free[0] if kind == "waitlisted" else rng.choice(free)] = cast[local]
    ends = (package.deadline, package.retired_at, plan.deadline, plan.start, plan.cancelled_at, present)
    times = _moments(rng, plan.published_at, min(end for end in ends if end is not None), count)
    places = [
        Place(kind, person or others.pop(), moment)
        for kind, person, moment in zip(kinds, who, times, strict=True)
    ]
    _cancel(rng, plan, package, places, seated, present)
    for index in range(seated, count):
        places[index] = replace(places[index], position=index - seated + 1)
    return places


def _kinds(rng: random.Random, package: PackagePlan) -> list[str]:
    """One kind per line. With a waitlist, the last seats belong to people who were promoted after the
    cancellations of others, so no cancelled line is among them."""
    holders = ["registered"] * (package.registered - package.unpaid) + ["unpaid"] * package.unpaid
    holders += ["attended"] * package.attended + ["no_show"] * package.no_show
    rng.shuffle(holders)
    promoted = package.cancelled if package.waiting else 0
    head = holders[promoted:] + ["cancelled"] * package.cancelled
    rng.shuffle(head)
    return head + holders[:promoted] + ["waitlisted"] * package.waiting


def _moments(rng: random.Random, start: datetime, end: datetime, count: int) -> list[datetime]:
    """``count`` moments between two, ascending, most of them some time after the start."""
    span = (end - start).total_seconds()
    return sorted(
        start + timedelta(seconds=int(rng.triangular(0, span - 60, span * 0.35))) for _ in range(count)
    )


def _cancel(
    rng: random.Random,
    plan: EventPlan,
    package: PackagePlan,
    places: list[Place],
    seated: int,
    present: datetime,
) -> None:
    """Give every cancelled line its moment, and with a waitlist the seat to the next person at that moment."""
    until = min(present, plan.start or present)
    freed: list[tuple[datetime, int]] = []
    for index, place in enumerate(places):
        if place.kind != "cancelled":
            continue
        moment = plan.cancelled_at
        if moment is None:
            earliest = places[seated - 1].registered_at if package.waiting else place.registered_at
            span = int((until - earliest).total_seconds())
            moment = earliest + timedelta(seconds=rng.randrange(30, max(span, 31)))
        places[index] = replace(place, cancelled_at=moment)
        freed.append((moment, index))
    if package.waiting:
        for index, (moment, gone) in zip(range(seated - len(freed), seated), sorted(freed), strict=True):
            places[index] = replace(places[index], promoted_at=moment, instead_of=places[gone].person)
