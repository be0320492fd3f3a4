"""The test's database in one transaction that is never committed: triggers may be made and dropped there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

FULL = "23514 package_capacity"
NEW = (
    "INTO event_registrations (event_id, package_id, attendee_email) SELECT event_id, id, 'new' FROM packages"
)


@pytest.fixture
def inside(building) -> Iterator[Any]:
    """`building` in an open transaction that is rolled back, so that a test may change the schema as well. The counters
    must equal a recount before that."""
    with building.website.transaction(force_rollback=True):
        yield building
        assert building.drift() == []


@pytest.fixture
def told(building) -> Callable[..., str | None]:
    """Run a statement; the SQLSTATE and constraint it was refused with, or None. A refusal undoes that statement."""

    def run(sql: str, *values: Any) -> str | None:
        try:
            with building.website.transaction():
                building.do(sql, *values)
        except psycopg.Error as error:
            return f"{error.sqlstate} {error.diag.constraint_name or ''}".strip()
        return None

    return run


@pytest.fixture
def full(inside):
    """A package of two seats, both taken (ann, ben), and two who wait (wil, xia)."""
    package = inside.package(capacity=2)
    for name in ("ann", "ben"):
        inside.registration(package, name)
    inside.waiting(package, "wil", "xia")
    return package


def who(building, status="registered") -> list[str]:
    """Whose registrations have that status."""
    found = building.rows(
        "SELECT attendee_email AS name FROM event_registrations WHERE status = %s ORDER BY 1", status
    )
    return [row["name"] for row in found]
