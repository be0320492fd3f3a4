"""Staff at their desks, for storms: a scene they work on, and how each of them goes on."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from psycopg.rows import dict_row

from desktop.db.session import Actor, Database

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import psycopg

    from tests.conftest import Building
    from tests.proving.operation import Operation

    Connection = psycopg.Connection[Any]

EXPECTED = frozenset(
    {
        "done",
        # a rule, of the package, the event or the person as they are
        "PackageFull",
        "EventClosed",
        "WaitlistEmpty",
        "AlreadyRegistered",
        "PackageInUse",
        "PackageOccupied",
        "NotReady",
        "PriceDiffers",
        "OrderShared",
        "PaymentUnderWay",
        # others were quicker
        "TransitionRefused",
        "NoMove",
        "NotOnWaitlist",
        "WrongEventState",
        "NotFound",
        "Stale",
        "PreviewChanged",
        "PaidAlready",
        "AlreadyPaid",
        "AlreadyRefunded",
        "NotPaid",
        "NoPlaceToPayFor",
        "Busy",
        # killed
        "DatabaseDown",
        "DatabaseDown, outcome unknown",
    }
)
"""What staff may be told in a storm: a rule, that others were quicker, or that their connection was killed."""


@contextmanager
def windows(url: str, count: int) -> Iterator[list[Database]]:
    """Several computers' connections to the database."""
    opened = [Database(url) for _ in range(count)]
    yield opened
    for one in opened:
        one.close()


def settle(opened: Sequence[Database]) -> None:
    """Wait for what Greenroom does after its answers."""
    for one in opened:
        if hasattr(one, "settle"):
            one.settle()


def organizer(building: Building) -> Actor:
    """An organizer with an account, who is an admin as well: repairing is for those."""
    name = f"organizer{uuid4().hex[:8]}"
    made = building.user(username=name)
    building.do("INSERT INTO user_roles SELECT %s, id FROM roles WHERE name IN ('organizer', 'admin')", made)
    return Actor(made, name, f"{name}@example.org", frozenset({"organizer", "admin"}))


def scene(building: Building, *, packages: int = 2, seats: int = 20, each: int = 4) -> list[UUID]:
    """Packages of an event that wants payment, every other one with a price, and people in every state. Seats are
    free, and people wait."""
    event = building.event(payment_required=True)
    made = [
        building.package(event, name=f"P{n}", capacity=seats, price=(499 if n % 2 else 0))
        for n in range(packages)
    ]
    for package in made:
        for status in ("registered", "attended", "no_show", "cancelled"):
            people(building, package, status, each)
        people(building, package, "waitlisted", each)
    return made


def spares(building: Building, *, seats: int = 14, each: int = 4) -> dict[str, UUID]:
    """What may be closed: the package ``spare`` of an event that has begun, and ``over`` of one that is over."""
    hours = {"spare": 1, "over": 72}
    made = {}
    for name, ago in hours.items():
        event = building.event(
            title=name, start_time=datetime.now(UTC).replace(tzinfo=None) - timedelta(hours=ago)
        )
        made[name] = building.package(event, name=name, capacity=seats)
        for status in ("registered", "cancelled", "waitlisted"):
            people(building, made[name], status, each)
    return made


def people(building: Building, package: UUID, status: str, count: int) -> None:
    """Registrations in a status; whoever waits has a place, in another order than they came."""
    building.website.execute(
        "INSERT INTO event_registrations (event_id, package_id, attendee_email, attendee_name, status,"
        " waitlist_position, registered_at) SELECT p.event_id, p.id, md5(random()::text) || '@example.org',"
        " 'Guest ' || n, %(status)s::text, CASE WHEN %(status)s::text = 'waitlisted' THEN n END,"
        " timezone('UTC', now()) - n * interval '1 minute'"
        " FROM packages p, generate_series(1, %(count)s::int) n WHERE p.id = %(package)s",
        {"status": status, "count": count, "package": package},
    )


def given(
    reading: Connection,
    operation: Operation,
    packages: Sequence[UUID],
    spare: Mapping[str, UUID] | None = None,
) -> dict[str, str] | None:
    """What the operation is to be done to; None when there is nobody. ``spare`` are the `spares`, where there are."""
    with reading.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(operation.find, {"packages": list(packages), **(spare or {})}).fetchone()


def at_work(
    actor: Actor,
    packages: Sequence[UUID],
    operations: Sequence[Operation],
    spare: Mapping[str, UUID] | None = None,
) -> Callable[[Database, random.Random, Connection], object]:
    """One turn of somebody who does any of the operations; for `Storm.staff`."""

    def turn(window: Database, chance: random.Random, reading: Connection) -> object:
        operation = chance.choice(operations)
        found = given(reading, operation, packages, spare)
        return operation.run(window, actor, found) if found else None

    return turn
