"""An event with a package of two seats and three people: one came in, one has a seat, one waits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest

from desktop.services import checking

if TYPE_CHECKING:
    from collections.abc import Callable

    from desktop.db.session import Database, Transaction
    from desktop.services.checking.model import Finding, Subject

EVENT, PACKAGE = UUID(int=1), UUID(int=2)


@dataclass
class Summit:
    database: Database

    def do(self, sql: str, **parameters: Any) -> int:
        """A statement, in a transaction of its own."""
        with self.database.transaction() as tx:
            return tx.execute(sql, parameters)

    def value(self, sql: str, **parameters: Any) -> Any:
        with self.database.transaction() as tx:
            return tx.value(sql, parameters)

    def rows(self, sql: str) -> list[Any]:
        with self.database.transaction() as tx:
            return tx.rows(sql)

    def person(self, email: str, status: str, place: int | None = None) -> UUID:
        """A registration as the website writes it."""
        made = uuid4()
        self.do(
            "INSERT INTO event_registrations (id, event_id, package_id, attendee_email, status, waitlist_position)"
            " VALUES (:id, :event, :package, :email, :status, :place)",
            id=made,
            event=EVENT,
            package=PACKAGE,
            email=email,
            status=status,
            place=place,
        )
        return made

    def found(self, *looks: Callable[[Transaction], Subject]) -> list[Finding]:
        """What these looks find, notes too; the whole check without any."""
        if looks:
            with self.database.transaction() as tx:
                subjects = tuple(look(tx) for look in looks)
        else:
            subjects = checking.check(self.database).subjects
        return [finding for subject in subjects for finding in subject.findings]


@pytest.fixture
def summit(database, admin):
    made = Summit(database)
    made.do(
        "INSERT INTO events (id, created_by, title, slug, start_time, location, status)"
        " VALUES (:id, :by, 'Monsoon Summit', 'monsoon', now(), 'Bengaluru', 'published')",
        id=EVENT,
        by=admin.id,
    )
    made.do(
        "INSERT INTO packages (id, name, slug, price, duration_days, package_type, event_id, capacity)"
        " VALUES (:id, 'Workshop', 'workshop', 0, 0, 'event', :event, 2)",
        id=PACKAGE,
        event=EVENT,
    )
    made.person("a@example.org", "attended")
    made.person("b@example.org", "registered")
    made.person("c@example.org", "waitlisted", 1)
    return made


@pytest.fixture
def role(summit):
    """A role of the test's own, without a right to anything."""
    name = f"role_{uuid4().hex}"
    summit.do(f"CREATE ROLE {name} LOGIN")
    yield name
    summit.do(f"DROP OWNED BY {name}")
    summit.do(f"DROP ROLE {name}")
