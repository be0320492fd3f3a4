"""The upgrade itself, on a database of some size, beside a website that goes on writing."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from desktop.db import upgrade
from desktop.db.session import Database

if TYPE_CHECKING:
    from tests.bench.website import Website


@dataclass(frozen=True, slots=True)
class Upgrading:
    """How long it took, and what the writers beside it met: how often they wrote, the longest time one statement took
    (and took before the upgrade began), and what failed."""

    people: int
    seconds: float
    writes: int
    longest_ms: float
    longest_before_ms: float
    errors: tuple[str, ...]


class Writer(threading.Thread):
    """A website's worker that registers somebody, edits and reads, without pause."""

    def __init__(self, website: Website) -> None:
        super().__init__(daemon=True)
        self.website = website
        self.connection = website.connect()
        self.taken: list[tuple[float, float]] = []
        self.errors: list[str] = []
        self.ended = threading.Event()

    def run(self) -> None:
        statements = (
            "UPDATE blogs SET views_count = views_count + 1 WHERE slug = 'post-user1'",
            "UPDATE packages SET description = clock_timestamp()::text WHERE slug = 'pass-2'",
            "UPDATE users SET last_login_at = now() WHERE username = 'user2'",
            "UPDATE event_registrations SET phone_number = '1' WHERE attendee_email = 'pass-3-7@example.org'",
            "SELECT count(*) FROM event_registrations WHERE attendee_email = 'pass-1-1@example.org'",
        )
        turn = 0
        while not self.ended.is_set():
            began = time.perf_counter()
            try:
                if turn % 2:
                    self.website.register(self.connection)
                else:
                    self.connection.execute(statements[turn // 2 % len(statements)])
            except Exception as error:  # noqa: BLE001 - whatever it is, it is what the website met
                self.errors.append(f"{type(error).__name__}: {error}")
            self.taken.append((began, time.perf_counter() - began))
            turn += 1
        self.connection.close()


def beside_writers(website: Website, people: int, writers: int = 2) -> Upgrading:
    """Upgrade the website's database while it works, after two seconds of it working alone."""
    working = [Writer(website) for _ in range(writers)]
    for writer in working:
        writer.start()
    time.sleep(2)
    database = Database(website.url)
    began = time.perf_counter()
    upgrade.upgrade(database)
    seconds = time.perf_counter() - began
    for writer in working:
        writer.ended.set()
    for writer in working:
        writer.join()
    database.close()
    taken = [one for writer in working for one in writer.taken]
    during = [length for start, length in taken if start + length >= began]
    before = [length for start, length in taken if start + length < began]
    errors = [error for writer in working for error in writer.errors]
    return Upgrading(people, seconds, len(during), max(during) * 1e3, max(before) * 1e3, tuple(errors))
