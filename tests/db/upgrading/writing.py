"""A website at work beside an upgrade: its ordinary statements, as a role that owns nothing, and how long each took."""

from __future__ import annotations

import random
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg

from tests.adoption import websites

if TYPE_CHECKING:
    from collections.abc import Iterator

ROLE = "upgrading_website"
PACKAGE = (
    "UPDATE packages SET description = '{new}' WHERE id = (SELECT id FROM packages ORDER BY random() LIMIT 1)"
)
# In the order in which a transaction does them: a website that locks its own tables in any order deadlocks by itself.
WORK = (
    "INSERT INTO event_registrations (event_id, package_id, attendee_name, attendee_email, status)"
    " SELECT event_id, id, 'Somebody', '{new}@example.org', 'waitlisted' FROM packages"
    "  WHERE event_id IS NOT NULL ORDER BY random() LIMIT 1",
    "UPDATE event_registrations SET status = 'cancelled', cancelled_at = now() WHERE id ="
    " (SELECT id FROM event_registrations WHERE status = 'waitlisted' ORDER BY random() LIMIT 1)",
    "UPDATE event_registrations SET phone_number = '1' WHERE attendee_email = '{new}@example.org'",
    "SELECT count(*) FROM event_registrations WHERE status = 'registered'",
    "UPDATE events SET description = '{new}' WHERE id = (SELECT id FROM events ORDER BY random() LIMIT 1)",
    "UPDATE blogs SET views_count = views_count + 1 WHERE id = (SELECT id FROM blogs ORDER BY random() LIMIT 1)",
    PACKAGE,
    "INSERT INTO users (username, email) VALUES ('{new}', '{new}@example.org')",
    "INSERT INTO contacts (name, email, country_code, phone_number, message)"
    " VALUES ('a', '{new}@example.org', '+91', '1', 'hello')",
    "SELECT * FROM events e JOIN packages p ON p.event_id = e.id",
)


@dataclass(slots=True)
class Diary:
    """What happened to the website."""

    statements: int = 0
    longest: float = 0.0
    slowest: str = ""
    failures: list[str] = field(default_factory=list)


@contextmanager
def website(url: str, writers: int = 3) -> Iterator[Diary]:
    """Writers at work until the end of the block; transactions of one to four statements."""
    with websites.connect(url) as owner:
        owner.execute(
            f"DO $$ BEGIN CREATE ROLE {ROLE} LOGIN; EXCEPTION WHEN duplicate_object THEN END $$;"
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {ROLE};"
            f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {ROLE}; GRANT USAGE ON SCHEMA website TO {ROLE}"
        )
        diary, done = Diary(), threading.Event()
        threads = [threading.Thread(target=_write, args=(url, diary, done)) for _ in range(writers)]
        for thread in threads:
            thread.start()
        try:
            yield diary
        finally:
            done.set()
            for thread in threads:
                thread.join()
            owner.execute(f"DROP OWNED BY {ROLE}")


def _some_work() -> list[str]:
    """A package is written by itself: the specification's own trigger goes on to its event, so that two transactions of
    a website that did something else before meet in a deadlock, with or without Greenroom."""
    chosen = sorted(random.sample(WORK, random.randint(1, 4)), key=WORK.index)
    return [PACKAGE] if PACKAGE in chosen else chosen


def _write(url: str, diary: Diary, done: threading.Event) -> None:
    with websites.connect(url, autocommit=False) as connection:
        connection.execute(f"SET SESSION AUTHORIZATION {ROLE}")
        connection.commit()
        while not done.is_set():
            new = uuid4().hex[:20]
            try:
                for sql in _some_work():
                    began = time.monotonic()
                    # A prepared “SELECT *” fails once when a column is added, whoever adds it (docs/database.md).
                    connection.execute(sql.format(new=new), prepare="*" not in sql)
                    took = time.monotonic() - began
                    diary.statements += 1
                    if took > diary.longest:
                        diary.longest, diary.slowest = took, sql
                connection.commit()
            except psycopg.Error as error:
                diary.failures.append(f"{error.sqlstate} {error.diag.message_primary}")
                connection.rollback()
            time.sleep(0.002)
