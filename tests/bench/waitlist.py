"""What registering and promoting cost as a package and its waitlist grow, as ratios to the smallest."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg
import sqlalchemy as sa

from desktop.db import afterwards, upgrade
from desktop.db.session import Actor, Database
from desktop.services import registering, waitlist
from desktop.services.registering import Registering
from tests.bench.measuring import took

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any
    from uuid import UUID

    from desktop.db import embedded

PEOPLE = (100, 1_000, 10_000, 100_000)
WAITING = (0, 100, 10_000)
ROUNDS = 60


@dataclass(frozen=True, slots=True)
class Cost:
    """Microseconds of one call, the median; ``ratio`` is the median of the rounds' ratios to the package of 100 people
    with the shortest waitlist."""

    operation: str
    people: int
    waiting: int
    median_us: float
    ratio: float


class Hall:
    """A database with one event and packages of any size."""

    def __init__(self, server: embedded.LocalServer, name: str) -> None:
        server.ensure_database(name)
        self.url = server.url(name)
        self.database = Database(self.url)
        upgrade.upgrade(self.database)
        address = sa.make_url(self.url).set(drivername="postgresql").render_as_string(hide_password=False)
        self.website: psycopg.Connection[Any] = psycopg.connect(address, autocommit=True)
        user = self.made("INSERT INTO users (username, email) VALUES ('bench', 'bench@example.org')")
        self.made(
            "INSERT INTO user_roles (user_id, role_id) SELECT %s, id FROM roles WHERE name = 'admin'",
            user,
            returning="user_id",
        )
        self.actor = Actor(user, "bench", "bench@example.org", frozenset({"admin"}))
        self.event = self.made(
            "INSERT INTO events (created_by, title, slug, location, start_time, status)"
            " VALUES (%s, 'Event', 'event', 'Pune', '2099-01-01', 'published')",
            user,
        )

    def made(self, sql: str, *values: object, returning: str = "id") -> UUID:
        """The id of the row an INSERT makes."""
        (row,) = self.website.execute(f"{sql} RETURNING {returning}", values).fetchall()
        return row[0]

    def package(self, people: int, waiting: int) -> UUID:
        """A package in which so many have a seat and so many wait, with seats to spare."""
        package = self.made(
            "INSERT INTO packages (name, slug, price, duration_days, package_type, event_id, capacity)"
            " VALUES ('Pass', %s, 0, 0, 'event', %s, %s)",
            f"pass-{uuid4()}",
            self.event,
            people + 100_000,
        )
        for status, count in (("registered", people), ("waitlisted", waiting)):
            self.website.execute(
                "INSERT INTO event_registrations (event_id, package_id, attendee_email, attendee_name, status,"
                " waitlist_position) SELECT %s, %s, %s || n || '@example.org', 'Somebody ' || n, %s,"
                " CASE WHEN %s = 'waitlisted' THEN n END FROM generate_series(1, %s::int) n",
                (self.event, package, status, status, status, count),
            )
        return package

    def close(self) -> None:
        """Let go of it."""
        self.website.close()
        self.database.close()


def measure(server: embedded.LocalServer) -> list[Cost]:
    """Register and promote in each of the packages, round by round. Gaps are closed when all is measured: that is not
    part of a call."""
    hall = Hall(server, "waitlist")
    sizes = [(people, waiting) for people in PEOPLE for waiting in WAITING]
    packages = {size: hall.package(*size) for size in sizes}
    hall.website.execute("VACUUM ANALYZE")
    quiet, latest = afterwards.QUIET_SECONDS, afterwards.LATEST_SECONDS
    afterwards.QUIET_SECONDS = afterwards.LATEST_SECONDS = 3600.0

    def register(size: tuple[int, int]) -> Callable[[], object]:
        person = Registering(packages[size], f"{uuid4()}@example.org")
        return lambda: registering.register(hall.database, hall.actor, person)

    def promote(size: tuple[int, int]) -> Callable[[], object]:
        return lambda: waitlist.promote_next(hall.database, hall.actor, packages[size])

    queued = [size for size in sizes if size[1]]
    try:
        return _of("register", register, sizes) + _of("promote", promote, queued)
    finally:
        afterwards.QUIET_SECONDS, afterwards.LATEST_SECONDS = quiet, latest
        hall.database.settle()
        hall.close()


def _of(
    operation: str, work: Callable[[tuple[int, int]], Callable[[], object]], sizes: list[tuple[int, int]]
) -> list[Cost]:
    taken: dict[tuple[int, int], list[float]] = {size: [] for size in sizes}
    for turn in range(ROUNDS + 8):  # plans are made in the first few
        for size in sizes if turn % 2 else sizes[::-1]:
            one = took(work(size))
            if turn >= 8:
                taken[size].append(one)
    base = taken[sizes[0]]
    return [
        Cost(
            operation,
            *size,
            round(statistics.median(taken[size]), 1),
            round(statistics.median(one / first for one, first in zip(taken[size], base, strict=True)), 2),
        )
        for size in sizes
    ]


def told(costs: list[Cost]) -> list[str]:
    """The table."""
    lines = [f"\n{'microseconds, and times the first of its kind':<46}{'people':>9}{'waiting':>9}"]
    lines += [
        f"{cost.operation:<24}{cost.median_us:>14,.0f}{cost.ratio:>8.2f}{cost.people:>9,}{cost.waiting:>9,}"
        for cost in costs
    ]
    return [*lines, f"Highest ratio: {max(cost.ratio for cost in costs):.2f} (1.5 is allowed)."]
