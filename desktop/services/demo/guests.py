"""Who came, who comes, who waits: registrations, their orders, and what the door recorded."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from desktop.services.demo import places
from desktop.services.demo.people import CAST
from desktop.services.demo.plans import in_office_hours
from desktop.services.demo.rows import CheckIn, Order, Registration, identity
from desktop.services.demo.staff import ASHA, DOOR

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from uuid import UUID

    from desktop.services.demo.people import Person
    from desktop.services.demo.plans import EventPlan, PackagePlan

MEALS = ("vegetarian", "vegan", "Jain", "halal", "no nuts", "anything")
COMPANIES = (
    "Rainfall Lab",
    "Nandi Software",
    "Periyar Water Trust",
    "Atelier Nord",
    "Casa Verde",
    "二月书店",
)
GATES = (("North gate", DOOR), ("South gate", ASHA))
OFFICE = "Back office"


@dataclass(frozen=True, slots=True)
class Promotion:
    """Somebody got the seat that another person's cancellation freed; ``at`` is UTC."""

    promoted: UUID
    cancelled: UUID
    at: datetime


@dataclass(frozen=True, slots=True)
class Guests:
    """Everything that follows from people registering; lists are in the order things happened."""

    registrations: list[Registration] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    check_ins: list[CheckIn] = field(default_factory=list)
    promotions: list[Promotion] = field(default_factory=list)
    added_by_staff: set[UUID] = field(default_factory=set)


def invite(plans: Iterable[EventPlan], crowd: Sequence[Person], present: datetime, seed: int) -> Guests:
    """Fill every package of every plan with people of the crowd, nobody twice at one event."""
    rng = random.Random(seed)
    cast = {person.email.partition("@")[0]: person for person in crowd[: len(CAST)]}
    guests = Guests()
    for plan in plans:
        pinned = {local for package in plan.packages for local, _ in package.pinned}
        needed = sum(places.size(package) for package in plan.packages) - len(pinned)
        others = places.draw(rng, crowd, plan.home, needed, {cast[local].email for local in pinned})
        for package in plan.packages:
            for place in places.places_of(rng, plan, package, cast, others, present):
                _record(rng, guests, plan, package, place, present)
    guests.registrations.sort(key=lambda row: (row.registered_at, row.id))
    guests.orders.sort(key=lambda row: (row.purchased_at, row.id))
    guests.promotions.sort(key=lambda promotion: (promotion.at, promotion.promoted))
    guests.check_ins[:] = _numbered(guests.check_ins)
    return guests


def _record(
    rng: random.Random,
    guests: Guests,
    plan: EventPlan,
    package: PackagePlan,
    place: places.Place,
    present: datetime,
) -> None:
    key = registration_id(package, place.person)
    by_staff = place.kind == "registered" and place.promoted_at is None and rng.random() < 0.03
    by_staff = by_staff and in_office_hours(place.registered_at)
    if by_staff:
        guests.added_by_staff.add(key)
    order = _order(rng, key, plan, package, place, by_staff=by_staff)
    if order is not None:
        guests.orders.append(order)
    since = place.promoted_at or place.registered_at
    attendance = _attendance(rng, key, plan, package, place.kind, since, present)
    guests.check_ins.extend(attendance)
    touched = max(
        [since, place.cancelled_at or since]
        + [entry.recorded_at for entry in attendance]
        + ([order.updated_at] if order is not None and place.cancelled_at is None else [])
    )
    logged_in = order is not None or int(identity("member", place.person.email).hex[:2], 16) < 70
    registration = Registration(
        id=key,
        event_id=plan.id,
        user_id=account_id(place.person) if logged_in else None,
        attendee_name=place.person.name,
        attendee_email=place.person.email,
        phone_number=place.person.phone,
        package_id=package.id,
        order_id=order.id if order is not None else None,
        status="registered" if place.kind == "unpaid" else place.kind,
        registered_at=place.registered_at,
        cancelled_at=place.cancelled_at,
        waitlist_position=place.position,
        registration_token=identity("registration token", key),
        created_at=place.registered_at,
        updated_at=touched,
        registration_meta=_meta(rng) if rng.random() < 0.35 else None,
    )
    guests.registrations.append(registration)
    if place.promoted_at is not None and place.instead_of is not None:
        cancelled = registration_id(package, place.instead_of)
        guests.promotions.append(Promotion(key, cancelled, place.promoted_at))


def registration_id(package: PackagePlan, person: Person) -> UUID:
    """The key of a person's registration for a package."""
    return identity("registration", package.slug, person.email)


def account_id(person: Person) -> UUID:
    """The key of the ``users`` row of somebody who ever paid or signed in (ruling 18)."""
    return identity("user", person.email)


def _meta(rng: random.Random) -> str:
    answers = {"meal_preference": rng.choice(MEALS)}
    if rng.random() < 0.4:
        answers["company"] = rng.choice(COMPANIES)
    return json.dumps(answers, ensure_ascii=False)


def _order(
    rng: random.Random,
    key: UUID,
    plan: EventPlan,
    package: PackagePlan,
    place: places.Place,
    *,
    by_staff: bool,
) -> Order | None:
    """The order behind a paid seat: the price, in the event's currency; nobody who waits has paid (ruling 17).

    What staff sold is paid at the desk, what a promotion opened is "desk" until it is paid; the website's
    gateway took the rest.
    """
    if package.price == 0 or place.kind == "waitlisted":
        return None
    order_id = identity("order", key)
    purchased = (place.promoted_at or place.registered_at) + timedelta(seconds=rng.randrange(1, 25))
    status = {"unpaid": "pending", "cancelled": "refunded"}.get(place.kind, "paid")
    if place.kind == "cancelled" and rng.random() < 0.12:
        status = "failed"
    if by_staff or (place.promoted_at is not None and place.kind == "unpaid"):
        gateway = rng.choice(("cash", "card", "upi")) if by_staff else "desk"
        payment = f"greenroom:{order_id}"
    else:
        gateway, prefix = ("razorpay", "pay") if plan.currency == "INR" else ("stripe", "pi")
        payment = f"{prefix}_demo{identity('payment', key).hex[:14]}"
    return Order(
        id=order_id,
        user_id=account_id(place.person),
        package_id=package.id,
        payment_gateway=gateway,
        payment_id=payment,
        amount_paid=Decimal(package.price).quantize(Decimal("0.01")),
        currency=plan.currency,
        payment_status=status,
        purchased_at=purchased,
        access_expires_at=None,
        updated_at=place.cancelled_at or purchased,
    )


def _attendance(
    rng: random.Random,
    key: UUID,
    plan: EventPlan,
    package: PackagePlan,
    kind: str,
    since: datetime,
    present: datetime,
) -> list[CheckIn]:
    """What the ledger holds of one person, unnumbered (ruling 16): one admission, rarely one undone before it,
    or the no-show recorded by the office."""
    if plan.start is None or kind not in {"attended", "no_show"}:
        return []

    def entry(number: int, action: str, station: str, staff: UUID, at: datetime, verdict: str) -> CheckIn:
        recorded = at + timedelta(milliseconds=rng.randrange(40, 900))
        return CheckIn(
            id=identity("check-in", key, number),
            registration_id=key,
            event_id=plan.id,
            package_id=package.id,
            action=action,
            station=station,
            sequence=0,
            staff_id=staff,
            decided_at=at,
            recorded_at=recorded,
            decision="asked",
            verdict=verdict,
        )

    if kind == "no_show":
        ended = min(plan.end or plan.start, present)
        return [
            entry(1, "no_show", OFFICE, ASHA.id, ended - timedelta(seconds=rng.randrange(60, 900)), "no_show")
        ]
    opened = max(plan.start - timedelta(minutes=30), since)
    closed = min(plan.start + timedelta(hours=2), present - timedelta(minutes=20))
    arrived = opened + timedelta(
        seconds=int(rng.triangular(0, (closed - opened).total_seconds(), 2100)),
        milliseconds=rng.randrange(1000),
    )
    station, keeper = GATES[0] if rng.random() < 0.6 else GATES[1]
    if rng.random() > 0.012:
        return [entry(1, "admit", station, keeper.id, arrived, "admitted")]
    return [
        entry(1, "admit", station, keeper.id, arrived, "admitted"),
        entry(2, "undo", station, keeper.id, arrived + timedelta(seconds=20), "undone"),
        entry(
            3, "admit", station, keeper.id, arrived + timedelta(seconds=rng.randrange(60, 900)), "admitted"
        ),
    ]


def _numbered(entries: list[CheckIn]) -> list[CheckIn]:
    """The ledger in order of time, each station counting its own operations from 1."""
    counters: dict[str, int] = {}
    numbered = []
    for entry in sorted(entries, key=lambda row: (row.decided_at, row.id)):
        counters[entry.station] = counters.get(entry.station, 0) + 1
        numbered.append(replace(entry, sequence=counters[entry.station]))
    return numbered
