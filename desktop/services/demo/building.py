"""The whole demo as rows, computed without a database: the same for the same day."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from desktop.services.demo import fair, friends, guests, journal, messages, people, places, posts, story
from desktop.services.demo.fair import Fair
from desktop.services.demo.plans import Calendar
from desktop.services.demo.rows import Event, Package, User
from desktop.services.demo.staff import ASHA, STAFF

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from desktop.services.demo.plans import EventPlan, PackagePlan
    from desktop.services.demo.rows import CheckIn, LogEntry, Message, Order, Post, Registration, Subscriber

SEED = 20_061
CROWD = 6_400
FOUNDED_DAYS_AGO = 352


@dataclass(frozen=True, slots=True)
class Demo:
    """Every row of the demo, each list in the order things happened. Accounts have no password yet."""

    users: Sequence[User]
    events: Sequence[Event]
    packages: Sequence[Package]
    orders: Sequence[Order]
    registrations: Sequence[Registration]
    check_ins: Sequence[CheckIn]
    posts: Sequence[Post]
    messages: Sequence[Message]
    subscribers: Sequence[Subscriber]
    log: Sequence[LogEntry]


def build(today: date, large: Fair | None = None) -> Demo:
    """The demo around ``today``; with a ``large`` fair, the event itself is among it, and its visitors are not."""
    calendar = Calendar(today)
    founded = calendar.ago(FOUNDED_DAYS_AGO, "09:00")
    plans = story.events(calendar)
    if large is not None:
        plans = (*plans, large.plan)
    crowd = people.crowd(CROWD, SEED)
    invited = guests.invite(plans, crowd, calendar.present, SEED + 1)
    subscriptions = friends.orders(crowd, founded, calendar.present, SEED + 2)
    written = posts.written(calendar)
    received = messages.received(calendar)
    return Demo(
        users=[*_staff(founded, calendar.present), *friends.accounts(crowd, invited, subscriptions)],
        events=[_event(plan, calendar.present) for plan in plans],
        packages=[
            *friends.packages(founded),
            *(_package(plan, package) for plan in plans for package in plan.packages),
        ],
        orders=sorted([*invited.orders, *subscriptions], key=lambda row: (row.purchased_at, row.id)),
        registrations=invited.registrations,
        check_ins=invited.check_ins,
        posts=written,
        messages=received,
        subscribers=friends.subscribers(crowd, founded, calendar.present, SEED + 3),
        log=journal.entries(calendar, founded, plans, invited, written, received, SEED + 4),
    )


def build_fair(today: date, registrations: int) -> Fair:
    """The fair whose visitors bring the demo around ``today`` to so many registrations."""
    calendar = Calendar(today)
    visitors = registrations - sum(_planned(plan) for plan in story.events(calendar))
    return Fair(fair.event(calendar, visitors), calendar, visitors)


def _planned(plan: EventPlan) -> int:
    """How many registrations `guests.invite` makes for an event."""
    return sum(places.size(package) for package in plan.packages) if plan.published_at is not None else 0


def _staff(founded: datetime, present: datetime) -> list[User]:
    return [
        User(
            id=account.id,
            username=account.username,
            email=account.email,
            password_hash=None,
            oauth_provider="local",
            oauth_provider_id=None,
            last_login_at=present,
            created_at=founded,
            updated_at=present,
            status="active",
        )
        for account in STAFF
    ]


def _event(plan: EventPlan, present: datetime) -> Event:
    """``packages_ids`` is already what the triggers make of it (ruling 22): they then leave the row, and its
    ``updated_at``, alone."""
    touched = [plan.created_at, plan.published_at, plan.cancelled_at, plan.deleted_at]
    if plan.status == "completed":
        touched.append(plan.end)
    return Event(
        id=plan.id,
        created_by=ASHA.id,
        title=plan.title,
        slug=plan.slug,
        description=plan.description,
        location=plan.location,
        start_time=plan.start,
        end_time=plan.end,
        registration_deadline=plan.deadline,
        packages_ids=[package.id for package in plan.packages],
        payment_required=plan.payment_required,
        status=plan.status,
        published_at=plan.published_at,
        cancelled_at=plan.cancelled_at,
        created_at=plan.created_at,
        updated_at=min(max(at for at in touched if at is not None), present),
        deleted_at=plan.deleted_at,
        time_zone=plan.zone,
    )


def _package(plan: EventPlan, package: PackagePlan) -> Package:
    return Package(
        id=package.id,
        name=package.name,
        slug=package.slug,
        description=package.description,
        price=Decimal(package.price).quantize(Decimal("0.01")),
        duration_days=0,
        is_active=package.retired_at is None,
        package_type="event",
        event_id=plan.id,
        capacity=package.capacity,
        package_registration_deadline=package.deadline,
        created_at=plan.created_at,
        updated_at=package.retired_at or plan.created_at,
        deactivated_at=package.retired_at,
    )
