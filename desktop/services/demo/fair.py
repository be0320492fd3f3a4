"""The event of the large demos: a book fair most of the registrations are for, too many to be kept in memory."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Final, Literal
from uuid import UUID

from desktop.services.demo import people
from desktop.services.demo.guests import account_id
from desktop.services.demo.plans import EventPlan, PackagePlan
from desktop.services.demo.rows import Order, Registration, User

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from desktop.services.demo.people import Person
    from desktop.services.demo.plans import Calendar

FAIR: Final = "madras-book-fair"
"""The event most registrations of a large demo are for."""
READING: Final = "madras-book-fair-reading"
"""The package of it that is full, where people wait."""

Scale = Literal["large", "million"]
REGISTRATIONS: Final[dict[Scale, int]] = {"large": 200_000, "million": 1_000_000}
"""How many registrations a demo of each scale has in all."""

SEED: Final = 44_430
CANCELLED: Final = 0.04
UNPAID: Final = 0.03
READING_SHARE, READING_SEATS = 0.17, 0.15
"""Those who want a seat at the reading, and the seats there are, both as shares of everybody."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """One registration, with the account and the order of somebody who paid."""

    registration: Registration
    order: Order | None
    account: User | None


@dataclass(frozen=True, slots=True)
class Fair:
    """The event, and how many people there are to be invented for it."""

    plan: EventPlan
    calendar: Calendar
    visitors: int


def event(calendar: Calendar, visitors: int) -> EventPlan:
    """The fair, five weeks ahead. Nobody is planned to come: `coming` invents them one after the other."""
    day = calendar.on(36, 4)
    return EventPlan(
        FAIR,
        "Madras Book Fair",
        "published",
        calendar.ago(210, "10:10"),
        location="Island Grounds, Chennai",
        start=calendar.at(day, "10:00"),
        end=calendar.at(calendar.on(45, 6), "20:00"),
        published_at=calendar.ago(200, "09:00"),
        payment_required=True,
        description="Ten days, nine hundred stalls. Entrance is free, and asks for a registration.",
        packages=(
            PackagePlan("madras-book-fair-any-day", "Any day", 0, None),
            PackagePlan("madras-book-fair-weekday", "Weekday mornings", 0, None),
            PackagePlan(READING, "Opening reading", 0, max(1, round(visitors * READING_SEATS))),
            PackagePlan("madras-book-fair-patron", "Patron’s pass", 650, None),
        ),
    )


def coming(fair: Fair) -> Iterator[Visitor]:
    """Its visitors in the order they registered, the same for the same day. Whoever asks for the reading
    when its seats are taken waits, numbered from 1 (ruling 10)."""
    rng = random.Random(SEED)
    plan, visitors = fair.plan, fair.visitors
    packages = rng.choices(plan.packages, (0.52, 0.20, READING_SHARE, 0.11), k=visitors)
    opened = plan.published_at or plan.created_at
    between = (fair.calendar.present - timedelta(days=1) - opened) / max(1, visitors)
    free = {package.id: package.capacity for package in plan.packages}
    waiting = 0
    for number, person in enumerate(people.multitude(visitors, SEED + 1)):
        package = packages[number]
        at = (opened + between * (number + rng.random())).replace(microsecond=0)
        seats = free[package.id]
        status = "cancelled" if rng.random() < CANCELLED else "waitlisted" if seats == 0 else "registered"
        if status == "registered" and seats is not None:
            free[package.id] = seats - 1
        waiting += status == "waitlisted"
        yield _visitor(rng, plan, package, person, status, at, waiting if status == "waitlisted" else None)


def _visitor(
    rng: random.Random,
    plan: EventPlan,
    package: PackagePlan,
    person: Person,
    status: str,
    at: datetime,
    position: int | None,
) -> Visitor:
    """Keys are drawn, not derived from names: that would take as long as everything else."""
    cancelled_at = at + timedelta(hours=20) if status == "cancelled" else None
    order = account = None
    if package.price:
        account = _account(person, at)
        order = Order(
            id=_key(rng),
            user_id=account.id,
            package_id=package.id,
            payment_gateway="razorpay",
            payment_id=f"pay_fair{rng.getrandbits(56):014x}",
            amount_paid=Decimal(package.price).quantize(Decimal("0.01")),
            currency=plan.currency,
            payment_status="refunded" if cancelled_at else "pending" if rng.random() < UNPAID else "paid",
            purchased_at=at,
            access_expires_at=None,
            updated_at=cancelled_at or at,
        )
    registration = Registration(
        id=_key(rng),
        event_id=plan.id,
        user_id=account.id if account else None,
        attendee_name=person.name,
        attendee_email=person.email,
        phone_number=person.phone,
        package_id=package.id,
        order_id=order.id if order else None,
        status=status,
        registered_at=at,
        cancelled_at=cancelled_at,
        waitlist_position=position,
        registration_token=_key(rng),
        created_at=at,
        updated_at=cancelled_at or at,
        registration_meta=None,
    )
    return Visitor(registration, order, account)


def _account(person: Person, since: datetime) -> User:
    return User(
        id=account_id(person),
        username=person.email.partition("@")[0][:50],
        email=person.email,
        password_hash=None,
        oauth_provider="google",
        oauth_provider_id=f"fair-{person.email.partition('@')[0]}",
        last_login_at=since,
        created_at=since,
        updated_at=since,
        status="active",
    )


def _key(rng: random.Random) -> UUID:
    return UUID(int=rng.getrandbits(128), version=4)
