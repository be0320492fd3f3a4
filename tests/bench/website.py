"""What a website does all day, one statement each, on its own database and on one that was upgraded."""

from __future__ import annotations

import itertools
import os
import sys
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import psycopg
import sqlalchemy as sa

from tests.adoption import websites

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

PEOPLE = 20_000
PACKAGES = 10
BULK = 1000

FILLED = f"""
    INSERT INTO users (username, email, password_hash)
      SELECT 'user' || n, 'user' || n || '@example.org', '$2b$12$' || repeat('x', 53) FROM generate_series(1, 1000) n;
    INSERT INTO events (created_by, title, slug, location, start_time, status)
      SELECT id, 'Event', 'event', 'Pune', '2099-01-01', 'published' FROM users LIMIT 1;
    INSERT INTO packages (name, slug, price, duration_days, package_type, event_id, capacity)
      SELECT 'Pass ' || n, 'pass-' || n, 100, 0, 'event', e.id, 1000000 FROM events e, generate_series(1, {PACKAGES}) n;
    INSERT INTO event_registrations (event_id, package_id, attendee_email, attendee_name)
      SELECT p.event_id, p.id, p.slug || '-' || n || '@example.org', 'Somebody ' || n
        FROM packages p, generate_series(1, {PEOPLE // PACKAGES}) n;
    INSERT INTO blogs (author_id, title, slug, content, status)
      SELECT u.id, 'Post', 'post-' || u.username, repeat('words ', 500), 'published' FROM users u LIMIT 100;
"""


@dataclass
class Website:
    """A website's database and its connection; statements are committed one by one."""

    url: str
    connection: psycopg.Connection[Any] = field(init=False)
    _numbers: Iterator[int] = field(default_factory=itertools.count)
    _run: str = field(default_factory=lambda: uuid4().hex[:8])

    def __post_init__(self) -> None:
        self.connection = self.connect()
        _pin(self.connection.info.backend_pid)
        self.user: UUID = self.value("SELECT id FROM users ORDER BY id LIMIT 1")
        self.event: UUID = self.value("SELECT id FROM events")
        self.package: UUID = self.value("SELECT id FROM packages ORDER BY slug LIMIT 1")
        self.someone: UUID = self.value("SELECT id FROM event_registrations ORDER BY id LIMIT 1")
        self.post: UUID = self.value("SELECT id FROM blogs ORDER BY id LIMIT 1")

    def connect(self) -> psycopg.Connection[Any]:
        """One more connection."""
        address = sa.make_url(self.url).set(drivername="postgresql").render_as_string(hide_password=False)
        return psycopg.connect(address, autocommit=True)

    def value(self, sql: str, *values: Any) -> Any:
        """The only value of a statement."""
        (found,) = self.connection.execute(sql, values or None).fetchall()
        return found[0]

    def do(self, sql: str, *values: Any) -> None:
        """Run a statement."""
        self.connection.execute(sql, values or None)

    def register(self, connection: psycopg.Connection[Any] | None = None) -> None:
        """Somebody buys a ticket."""
        (connection or self.connection).execute(
            "INSERT INTO event_registrations (event_id, package_id, attendee_email, attendee_name)"
            " VALUES (%s, %s, %s, 'Somebody')",
            (self.event, self.package, f"{next(self._numbers)}-{self._run}@example.org"),
        )

    def register_many(self) -> None:
        """A thousand people at once."""
        self.do(
            "INSERT INTO event_registrations (event_id, package_id, attendee_email, attendee_name)"
            " SELECT %s, %s, 'bulk-' || %s || '-' || n || '@example.org', 'Somebody'"
            f" FROM generate_series(1, {BULK}) n",
            self.event,
            self.package,
            next(self._numbers),
        )

    def copy_many(self) -> None:
        """The same thousand by COPY."""
        number = next(self._numbers)
        columns = "event_id, package_id, attendee_email, attendee_name"
        with self.connection.cursor().copy(f"COPY event_registrations ({columns}) FROM STDIN") as copy:
            for n in range(BULK):
                copy.write_row((self.event, self.package, f"copy-{number}-{n}@example.org", "Somebody"))

    def cancel_and_return(self) -> None:
        """A seat is given up and taken again: two statements."""
        self.do("UPDATE event_registrations SET status = 'cancelled' WHERE id = %s", self.someone)
        self.do("UPDATE event_registrations SET status = 'registered' WHERE id = %s", self.someone)

    def change_phone(self) -> None:
        """A change of a registration that has nothing to do with seats."""
        self.do(
            "UPDATE event_registrations SET phone_number = %s WHERE id = %s",
            str(next(self._numbers)),
            self.someone,
        )

    def delete_bulk(self) -> None:
        """Take the thousands out again."""
        self.do(
            "DELETE FROM event_registrations WHERE attendee_email LIKE 'bulk-%' OR attendee_email LIKE 'copy-%'"
        )

    def order(self) -> None:
        """An order is paid."""
        self.do(
            "INSERT INTO orders (user_id, package_id, payment_id, amount_paid, payment_status)"
            " VALUES (%s, %s, %s, 100, 'paid')",
            self.user,
            self.package,
            f"pay-{next(self._numbers)}",
        )

    def view(self) -> None:
        """Somebody reads a post."""
        self.do("UPDATE blogs SET views_count = views_count + 1 WHERE id = %s", self.post)

    def sign_in(self) -> None:
        """Somebody signs in."""
        self.do("UPDATE users SET last_login_at = now() WHERE id = %s", self.user)

    def edit_package(self) -> None:
        """A package's text is edited."""
        self.do("UPDATE packages SET description = %s WHERE id = %s", str(next(self._numbers)), self.package)

    def edit_event(self) -> None:
        """An event's text is edited."""
        self.do("UPDATE events SET description = %s WHERE id = %s", str(next(self._numbers)), self.event)

    def follow_link(self) -> None:
        """Somebody follows the link of a ticket: found by its token."""
        self.do(
            "SELECT id FROM event_registrations WHERE registration_token = %s",
            "00000000-0000-4000-8000-000000000000",
        )

    def crowd(self, writers: int, each: int) -> float:
        """Microseconds for one registration when so many writers want the same package at once."""
        connections = [self.connect() for _ in range(writers)]
        start = threading.Barrier(writers + 1)

        def write(connection: psycopg.Connection[Any]) -> None:
            start.wait()
            for _ in range(each):
                self.register(connection)

        threads = [threading.Thread(target=write, args=(one,)) for one in connections]
        for thread in threads:
            thread.start()
        start.wait()
        began = time.perf_counter()
        for thread in threads:
            thread.join()
        taken = time.perf_counter() - began
        for one in connections:
            one.close()
        return taken * 1e6 / (writers * each)


def _pin(process: int) -> None:
    """Keep a server process on the last processor. Where the system happened to put each of two made 40 µs into 100."""
    if sys.platform == "linux":
        os.sched_setaffinity(process, {max(os.sched_getaffinity(0))})


def build(url: str) -> None:
    """A website's database from the specification, with its rows, in an empty one."""
    websites.build(url, websites.SPECIFIED, rows=False, extras=False)
    with websites.connect(url) as connection:
        connection.execute(FILLED)
        connection.execute("VACUUM ANALYZE")
