"""People who belong to the house: accounts on the website, Greenroom Friends, newsletter readers."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from desktop.services.demo.guests import account_id
from desktop.services.demo.rows import Order, Package, Subscriber, User, identity
from desktop.services.demo.staff import STAFF

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from desktop.services.demo.guests import Guests
    from desktop.services.demo.people import Person

FRIENDS_MONTHLY = "greenroom-friends-monthly"
FRIENDS_YEARLY = "greenroom-friends-yearly"
SUBSCRIBERS = 404


@dataclass(frozen=True, slots=True)
class Friendship:
    """One of the two subscriptions of the house; ``price`` in rupees."""

    slug: str
    name: str
    price: int
    days: int
    members: int


FRIENDSHIPS = (
    Friendship(FRIENDS_MONTHLY, "Greenroom Friends, monthly", 299, 30, 38),
    Friendship(FRIENDS_YEARLY, "Greenroom Friends, yearly", 2990, 365, 64),
)


def packages(founded: datetime) -> list[Package]:
    """The subscriptions, on sale since the house was founded."""
    return [
        Package(
            id=identity("package", friendship.slug),
            name=friendship.name,
            slug=friendship.slug,
            description="First to know, first to book, and a chair with your name on it.",
            price=Decimal(friendship.price).quantize(Decimal("0.01")),
            duration_days=friendship.days,
            is_active=True,
            package_type="subscription",
            event_id=None,
            capacity=None,
            package_registration_deadline=None,
            created_at=founded,
            updated_at=founded,
            deactivated_at=None,
        )
        for friendship in FRIENDSHIPS
    ]


def orders(crowd: Sequence[Person], founded: datetime, present: datetime, seed: int) -> list[Order]:
    """What the Friends paid, renewals included; access ends ``duration_days`` after each purchase (ruling 18).
    A monthly friend pays again the day access ends, until some stop."""
    rng = random.Random(seed)
    bought = []
    members = iter(rng.sample(crowd, sum(friendship.members for friendship in FRIENDSHIPS)))
    for friendship in FRIENDSHIPS:
        for _ in range(friendship.members):
            person = next(members)
            at = founded + timedelta(seconds=rng.randrange(int((present - founded).total_seconds())))
            number = 1
            while at < present:
                bought.append(_renewal(friendship, person, number, at, _payment_status(rng)))
                if rng.random() < 0.12:
                    break
                at += timedelta(days=friendship.days)
                number += 1
    return sorted(bought, key=lambda order: (order.purchased_at, order.id))


def _payment_status(rng: random.Random) -> str:
    return rng.choices(("paid", "failed", "refunded"), (95, 3, 2))[0]


def _renewal(friendship: Friendship, person: Person, number: int, at: datetime, status: str) -> Order:
    key = identity("order", friendship.slug, person.email, number)
    return Order(
        id=key,
        user_id=account_id(person),
        package_id=identity("package", friendship.slug),
        payment_gateway="razorpay",
        payment_id=f"pay_demo{identity('payment', key).hex[:14]}",
        amount_paid=Decimal(friendship.price).quantize(Decimal("0.01")),
        currency="INR",
        payment_status=status,
        purchased_at=at,
        access_expires_at=at + timedelta(days=friendship.days),
        updated_at=at,
    )


def accounts(crowd: Sequence[Person], guests: Guests, subscriptions: Iterable[Order]) -> list[User]:
    """A ``users`` row for everybody an order or a registration points to, in the order they first appeared.
    Nobody but the staff has a password: people sign in to the website through others, or not at all yet
    (ruling 18)."""
    first: dict[object, datetime] = {}
    last: dict[object, datetime] = {}
    seen = [(row.user_id, row.registered_at) for row in guests.registrations if row.user_id is not None]
    seen += [(row.user_id, row.purchased_at) for row in (*guests.orders, *subscriptions)]
    for key, at in seen:
        first[key] = min(at, first.get(key, at))
        last[key] = max(at, last.get(key, at))
    taken = {member.username for member in STAFF}
    people = sorted(
        ((first[key], person) for person in crowd if (key := account_id(person)) in first),
        key=lambda pair: (pair[0], pair[1].email),
    )
    return [_account(person, joined, last[account_id(person)], taken) for joined, person in people]


def _account(person: Person, joined: datetime, seen: datetime, taken: set[str]) -> User:
    local = person.email.partition("@")[0][:44]
    username = local
    number = 2
    while username in taken:
        username = f"{local}.{number}"
        number += 1
    taken.add(username)
    key = account_id(person)
    provider = {0: "google", 1: "google", 2: "github", 3: "apple"}.get(key.int % 16, "local")
    return User(
        id=key,
        username=username,
        email=person.email,
        password_hash=None,
        oauth_provider=provider,
        oauth_provider_id=None if provider == "local" else f"demo-{key.hex[:20]}",
        last_login_at=None if provider == "local" else seen,
        created_at=joined,
        updated_at=seen,
        status="active",
    )


def subscribers(crowd: Sequence[Person], founded: datetime, present: datetime, seed: int) -> list[Subscriber]:
    """Newsletter readers; five of six confirmed their address, most within the hour."""
    rng = random.Random(seed)
    span = int((present - founded).total_seconds()) - 90_000
    readers = []
    for person in rng.sample(crowd, SUBSCRIBERS):
        at = founded + timedelta(seconds=rng.randrange(span))
        verified = rng.random() < 0.83
        readers.append(
            Subscriber(
                id=identity("subscriber", person.email),
                email=person.email,
                subscribed_at=at,
                is_verified=verified,
                unsubscribe_token=identity("unsubscribe token", person.email),
                verified_at=at + timedelta(seconds=rng.choice((95, 240, 610, 3100, 61_000)))
                if verified
                else None,
            )
        )
    return sorted(readers, key=lambda row: (row.subscribed_at, row.id))
