"""Staff at their desks, for storms: a scene they work on, and how each of them goes on."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from psycopg.rows import dict_row

from desktop.db.session import Actor, Database

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterator, Sequence

    import psycopg

    from tests.conftest import Building
    from tests.proving.operations import Operation

    Connection = psycopg.Connection[Any]

EXPECTED = frozenset(
    {
        "done",
        "PackageFull",
        "EventClosed",
        "WaitlistEmpty",
        "TransitionRefused",
        "AlreadyRegistered",
        "NotFound",
        "Stale",
        "Busy",
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


def given(reading: Connection, operation: Operation, packages: Sequence[UUID]) -> dict[str, str] | None:
    """What the operation is to be done to; None when there is nobody."""
    with reading.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(operation.find, {"packages": list(packages)}).fetchone()


def at_work(
    actor: Actor, packages: Sequence[UUID], operations: Sequence[Operation]
) -> Callable[[Database, random.Random, Connection], object]:
    """One turn of somebody who does any of the operations; for `Storm.staff`."""

    def turn(window: Database, chance: random.Random, reading: Connection) -> object:
        operation = chance.choice(operations)
        found = given(reading, operation, packages)
        return operation.run(window, actor, found) if found else None

    return turn
