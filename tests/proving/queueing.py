"""What a website does to a waitlist while staff are at work: for `waiting`."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import psycopg

if TYPE_CHECKING:
    import random
    from uuid import UUID

    from tests.proving.storm import Connection

COUNTED = "counted"
"""How the address of somebody begins whose place the website counted by itself."""
LAST = (
    "(SELECT max(waitlist_position) + 1 FROM event_registrations w"
    " WHERE w.package_id = p.id AND w.status = 'waitlisted')"
)
SEATS = 12
QUEUE = 50


def waits(connection: Connection, chance: random.Random, packages: list[UUID]) -> None:
    """Somebody joins the queue without a place, or at a place it counted by itself; somebody leaves it by a link."""
    time.sleep(0.004)
    package = chance.choice(packages)
    (waiting,) = connection.execute(
        "SELECT count(*) FROM event_registrations WHERE package_id = %s AND status = 'waitlisted'", (package,)
    ).fetchall()[0]
    if waiting > 2 * QUEUE or (waiting > QUEUE and chance.random() < 0.5):
        connection.execute(
            "UPDATE event_registrations SET status = 'cancelled', cancelled_at = now() WHERE id ="
            " (SELECT id FROM event_registrations WHERE package_id = %s AND status = 'waitlisted'"
            " ORDER BY random() LIMIT 1) AND status = 'waitlisted'",
            (package,),
        )
        return
    name, place = chance.choice((("web", "NULL"), (COUNTED, LAST)))
    connection.execute(
        "INSERT INTO event_registrations (event_id, package_id, attendee_email, status, waitlist_position)"
        f" SELECT p.event_id, p.id, %s, 'waitlisted', {place} FROM packages p WHERE p.id = %s",
        (f"{name}{chance.getrandbits(60)}@example.org", package),
    )


def holds(connection: Connection, chance: random.Random, packages: list[UUID]) -> None:
    """Somebody at the front of the queue changes their name, and the website takes its time."""
    connection.execute(
        "UPDATE event_registrations SET attendee_name = 'Ann ' || n.n FROM (SELECT %s::int AS n) n WHERE id ="
        " (SELECT id FROM event_registrations WHERE package_id = %s AND status = 'waitlisted'"
        "  ORDER BY waitlist_position NULLS LAST, registered_at, id LIMIT 1)",
        (chance.randrange(100), chance.choice(packages)),
    )
    time.sleep(0.003)
    if chance.random() < 0.3:
        raise psycopg.Rollback


def frees(connection: Connection, chance: random.Random, package: UUID) -> None:
    """Seats come free, and nobody is promoted by that: the website knows no promotion."""
    time.sleep(0.004)
    if chance.random() < 0.8:
        connection.execute(
            "UPDATE event_registrations SET status = 'cancelled', cancelled_at = now() WHERE id ="
            " (SELECT id FROM event_registrations WHERE package_id = %s AND status = 'registered'"
            "  ORDER BY random() LIMIT 1)",
            (package,),
        )
    else:
        connection.execute(
            "UPDATE packages SET capacity = %s WHERE id = %s", (SEATS + chance.randint(-2, 4), package)
        )
