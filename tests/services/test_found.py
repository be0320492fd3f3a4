"""Rows that are made when somebody looks, of what the driver read in binary: the same as those SQLAlchemy reads."""

from __future__ import annotations

import gc
import logging
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desktop.db.session import Scrubbed
from desktop.errors import DatabaseDown
from desktop.services.grid import PERMITTED, Cancellation, Order, ask
from desktop.services.lists import audit, events, registrations
from desktop.services.permissions import Operation, acting

if TYPE_CHECKING:
    from collections.abc import Callable

    from desktop.db.session import Actor, Database
    from desktop.services.grid import Grid

KOLKATA = ZoneInfo("Asia/Kolkata")
NOBODY = Cancellation()
EVENT, PACKAGE, ORDER, SOMEBODY, ENTRY = (UUID(int=number) for number in range(1, 6))

NAMES = st.sampled_from(
    [None, "", "Zoë Fernández", "عمر الفاروق", "נעמה 🎟", "李雷", "łukasz", "50% | x'\\", "ä" * 80]
)
TIMES = st.datetimes(datetime(1900, 1, 1), datetime(9990, 1, 1))
ZONES = st.sampled_from([None, "Asia/Kolkata", "Pacific/Chatham", "America/New_York", "Nowhere/Here"])
AMOUNTS = st.decimals(0, 99_999_999, places=2)


@pytest.fixture
def listed(database: Database, admin: Actor) -> Database:
    """One of each kind of row, all of them to be changed."""
    with database.transaction() as tx:
        tx.execute(
            "INSERT INTO events (id, title, slug, created_by) VALUES (:id, 'E', 'e', :who)",
            {"id": EVENT, "who": admin.id},
        )
        tx.execute(
            "INSERT INTO packages (id, event_id, name, slug, price, duration_days, package_type)"
            " VALUES (:id, :event, 'P', 'p', 0, 0, 'event')",
            {"id": PACKAGE, "event": EVENT},
        )
        tx.execute(
            "INSERT INTO orders (id, user_id, package_id, payment_id, amount_paid, payment_status, currency)"
            " VALUES (:id, :who, :package, 'x', 0, 'paid', 'INR')",
            {"id": ORDER, "who": admin.id, "package": PACKAGE},
        )
        tx.execute(
            "INSERT INTO event_registrations (id, event_id, package_id, attendee_email, status)"
            " VALUES (:id, :event, :package, 'a@example.org', 'registered')",
            {"id": SOMEBODY, "event": EVENT, "package": PACKAGE},
        )
    return database


def by_sqlalchemy(database: Database, grid: Grid[Any, Any], key: UUID) -> Any:
    """The row of an id, read as text and made at once."""
    listing = grid._listing
    sql = (
        f"SELECT {listing.columns} FROM {listing.table} {listing.joins} WHERE {listing.identifier} = :id"
        f" AND ({listing.scope.sql})"
    )
    with database.engine.connect() as connection:
        return listing.row(connection.execute(sa.text(sql), {**listing.scope.values, "id": key}).one())


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=NAMES,
    zone=ZONES,
    at=TIMES,
    price=AMOUNTS,
    ordered=st.booleans(),
    place=st.none() | st.integers(1, 1_000_000),
    capacity=st.none() | st.integers(1, 2_000_000),
)
def test_a_row_made_when_it_is_looked_at_is_the_row_made_at_once(
    listed: Database, admin: Actor, name: str | None, zone: str | None, at: datetime, **values: Any
) -> None:
    given = {"name": name, "zone": zone, "at": at, **values, "o": ORDER if values["ordered"] else None}
    given["status"] = "waitlisted" if values["place"] else "registered"
    with listed.transaction() as tx:
        tx.execute(
            "UPDATE events SET title = :name, location = :name, time_zone = coalesce(:zone, time_zone),"
            " start_time = :at, end_time = NULL, payment_required = :ordered",
            given,
        )
        tx.execute("UPDATE packages SET price = :price, capacity = :capacity", given)
        tx.execute("UPDATE orders SET amount_paid = :price, currency = 'CHF'", given)
        tx.execute(
            "UPDATE event_registrations SET attendee_name = :name, registered_at = :at, order_id = :o,"
            " waitlist_position = :place, status = :status",
            given,
        )
    for grid, key in (
        (registrations.grid(listed, admin, EVENT, KOLKATA), SOMEBODY),
        (events.grid(listed, admin, KOLKATA), EVENT),
    ):
        found = grid.rows([key.bytes], NOBODY)
        assert found.keys == [key.bytes]
        (made,) = found
        assert made == by_sqlalchemy(listed, grid, key)
        assert made.id == key


def test_an_entry_of_the_log_is_the_same_too(database: Database, admin: Actor) -> None:
    with database.transaction(admin) as tx:
        tx.log("registration.add", "“نعمة” ‏ – Zoë", None)
        key = tx.value("SELECT id FROM admin_logs")
    grid = audit.grid(database, admin, KOLKATA)
    (made,) = grid.first(Order("when"), audit.Where(), 5, NOBODY)
    assert made == by_sqlalchemy(database, grid, key)


def test_rows_outlive_the_connection_they_were_read_by(listed: Database, admin: Actor) -> None:
    grid = registrations.grid(listed, admin, EVENT, KOLKATA)
    found, before = grid.rows([SOMEBODY.bytes], NOBODY), by_sqlalchemy(listed, grid, SOMEBODY)
    with listed.transaction() as tx:
        tx.execute("UPDATE event_registrations SET attendee_name = 'later'")
    listed.engine.dispose()
    gc.collect()
    assert list(found) == list(found) == [before]
    assert found.raw() == found.raw() != grid.rows([SOMEBODY.bytes], NOBODY).raw()


@pytest.mark.parametrize("question", ["rows", "first"])
def test_a_time_python_has_none_for_is_told_without_quoting_it(
    listed: Database, admin: Actor, question: str
) -> None:
    with listed.transaction() as tx:
        tx.execute("UPDATE event_registrations SET registered_at = 'infinity'")
    grid = registrations.grid(listed, admin, EVENT, KOLKATA)
    ask: dict[str, Callable[[], Any]] = {
        "rows": lambda: grid.rows([SOMEBODY.bytes], NOBODY),
        "first": lambda: grid.first(Order("name"), registrations.Where(), 5, NOBODY),
    }
    with pytest.raises(Scrubbed) as told:
        ask[question]().raw()
    assert "infinity" not in str(told.value)


def test_a_connection_that_breaks_is_told_of_and_not_used_again(
    listed: Database, admin: Actor, caplog: pytest.LogCaptureFixture
) -> None:
    may = acting(admin, Operation.SEE_REGISTRATIONS)
    end = f"SELECT pg_terminate_backend(pg_backend_pid()) WHERE {PERMITTED}"
    grid = registrations.grid(listed, admin, EVENT, KOLKATA)
    with caplog.at_level(logging.WARNING), pytest.raises(DatabaseDown, match="closed the connection"):
        ask(listed, may, NOBODY, end, {})
    assert [record.getMessage().partition(":")[0] for record in caplog.records] == ["lost"]
    assert len(grid.rows([SOMEBODY.bytes], NOBODY)) == 1
