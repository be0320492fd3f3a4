"""Many at once on one database: writers on connections of their own, staff in several windows, somebody who reads
snapshots all the while, and somebody who kills the connections of the others."""

from __future__ import annotations

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import psycopg
import sqlalchemy as sa
from psycopg.rows import tuple_row

from desktop import errors
from desktop.db.session import Database, Scrubbed

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.proving.findings import Findings

    Connection = psycopg.Connection[Any]
    Work = Callable[[Connection, random.Random], object]

FULL = "23514 package_capacity"
LOST = "connection lost"
STAFF = "operations of staff"
KILLED = frozenset({"57P01", LOST})
"""What whoever is killed is told."""


class Storm:
    """Goes on until ``attempts`` were made, ``by_staff`` of them by staff, and ``snapshots`` read; or ``seconds`` have
    passed, or a fault of the kind ``until`` is found. ``expected`` is what staff may be told."""

    def __init__(
        self,
        url: str,
        found: Findings,
        *,
        attempts: int,
        snapshots: int = 0,
        by_staff: int = 0,
        seconds: float,
        until: str = "",
        expected: frozenset[str] = frozenset(),
    ) -> None:
        self.url = url
        self.address = sa.make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        self.found = found
        self.wanted = {
            "attempts": found.figures.get("attempts", 0) + attempts,
            "snapshots": found.figures.get("snapshots", 0) + snapshots,
            STAFF: found.figures.get(STAFF, 0) + by_staff,
        }
        self.seconds = seconds
        self.until = until
        self.expected = expected
        self._until = 0.0

    def connect(self, name: str, **options: Any) -> Connection:
        """A connection as a website opens it; ``name`` is what `kill` knows it by."""
        return psycopg.connect(
            self.address, row_factory=tuple_row, application_name=name, **{"autocommit": True, **options}
        )

    def over(self) -> bool:
        """Whether enough was seen."""
        figures = self.found.figures
        return (
            time.monotonic() > self._until
            or all(figures.get(name, 0) >= wanted for name, wanted in self.wanted.items())
            or self.until in self.found.faults
        )

    def write(
        self,
        who: str,
        seed: str,
        work: Work,
        level: psycopg.IsolationLevel | None = None,
        prepare: str = "",
    ) -> None:
        """Do ``work(connection, random)`` again and again, in a transaction each time, at an isolation level."""
        chance = random.Random(seed)
        connection: Connection | None = None
        while not self.over():
            started = time.monotonic()
            try:
                if connection is None or connection.closed:
                    connection = self.connect(who)
                    connection.isolation_level = level
                    if prepare:
                        connection.execute(prepare)
                with connection.transaction():
                    work(connection, chance)
            except psycopg.Error as error:
                self.found.tell(who, told(error))
            else:
                self.found.tell(who, "done")
            self.found.most("longest transaction of a writer (s)", round(time.monotonic() - started, 3))
            self.found.count("attempts")
        if connection is not None:
            connection.close()

    def staff(
        self, seed: str, work: Callable[[Database, random.Random, Connection], object], window: Database
    ) -> None:
        """Do ``work(window, random, reading)`` again and again, as staff do it at their desks."""
        chance = random.Random(seed)
        name = seed.rstrip("0123456789 ")
        with self.connect("reading") as reading:
            while not self.over():
                try:
                    work(window, chance, reading)
                except psycopg.errors.DeadlockDetected:  # of `reading`, which makes people as a website does
                    self.found.fault("the website was told 40P01", f"before {name} went to work")
                    continue
                except (errors.AppError, Scrubbed) as error:
                    word = said(error)
                else:
                    word = "done"
                self.found.tell(name, word)
                self.found.count(STAFF)
                if word not in self.expected:
                    self.found.fault("staff met what is no situation of theirs", f"{name}: {word}")
                self.found.count("attempts")

    def sample(self, look: Callable[[Connection], object]) -> None:
        """``look(connection)`` reads one snapshot with one statement and reports what is wrong in it."""
        with self.connect("sampler") as connection:
            while not self.over():
                look(connection)
                self.found.count("snapshots")

    def kill(self, *whom: str, pause: float, cancels: bool = True) -> None:
        """Kill, or cancel the statement of, somebody at work, again and again."""
        chance = random.Random("nemesis")
        with self.connect("nemesis") as connection:
            while not self.over():
                cancel = cancels and chance.random() < 1 / 3
                deed = "pg_cancel_backend" if cancel else "pg_terminate_backend"
                done = connection.execute(
                    f"SELECT {deed}(pid) FROM (SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
                    " AND application_name = ANY (%s) AND state <> 'idle' ORDER BY random() LIMIT 1) w",
                    (list(whom),),
                ).fetchone()
                if done and done[0]:
                    self.found.count("kills")
                time.sleep(chance.uniform(0, 2 * pause))

    def blow(self, *workers: Callable[[], object]) -> None:
        """Let all of them go at once, and wait until it is over."""
        self._until = time.monotonic() + self.seconds
        started = time.monotonic()
        switching = threading.Barrier(len(workers))

        def one(worker: Callable[[], object]) -> None:
            switching.wait()
            try:
                worker()
            except BaseException:
                self._until = 0.0
                raise

        with ThreadPoolExecutor(len(workers)) as pool:
            for finished in [pool.submit(one, worker) for worker in workers]:
                finished.result()
        self.found.count("seconds", round(time.monotonic() - started, 1))


def told(error: psycopg.Error) -> str:
    """“23514 package_capacity”, “40001”, or that the connection is gone."""
    if error.sqlstate is None:
        return LOST
    return f"{error.sqlstate} {error.diag.constraint_name or ''}".strip()


def said(error: Exception) -> str:
    """The situation staff were told of; of one that is a bug of ours the SQLSTATE as well."""
    if isinstance(error, Scrubbed):
        return f"Scrubbed {error}"
    if isinstance(error, errors.DatabaseDown) and error.unknown_outcome:
        return "DatabaseDown, outcome unknown"
    return type(error).__name__
