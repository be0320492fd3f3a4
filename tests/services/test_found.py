"""Rows that are made when somebody looks, of what the driver read in binary: the same as those SQLAlchemy reads."""

from __future__ import annotations

import gc
import logging
import weakref
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desktop.db import straight
from desktop.db.session import Scrubbed
from desktop.errors import DatabaseDown
from desktop.services.found import Found
from desktop.services.grid import PERMITTED, Cancellation, Condition, Grid, Order, ask
from desktop.services.lists import audit, event_detail, events, registrations
from desktop.services.permissions import Operation, acting

if TYPE_CHECKING:
    from collections.abc import Callable

    from desktop.db.session import Actor, Database

KOLKATA = ZoneInfo("Asia/Kolkata")
NOBODY = Cancellation()
EVENT, PACKAGE, ORDER, SOMEBODY, ENTRY = (UUID(int=number) for number in range(1, 6))

NAMES = st.sampled_from(
    [None, "", "Zoë Fernández", "عمر الفاروق", "נעמה 🎟", "李雷", "łukasz", "50% | x'\\", "ä" * 80]
)
TIMES = st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31, 23))
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


def test_a_time_python_has_none_for_hides_no_other_row_and_is_sorted_as_the_server_sorts(
    listed: Database, admin: Actor
) -> None:
    times = ["-infinity", "0044-03-15 BC", "2026-12-14", "10000-01-01", "infinity"]
    with listed.transaction() as tx:
        for at in times:
            tx.execute(
                "INSERT INTO event_registrations (event_id, package_id, attendee_email, status, registered_at)"
                " VALUES (:event, :package, :at || '@example.org', 'registered', CAST(:at AS timestamp))",
                {"event": EVENT, "package": PACKAGE, "at": at},
            )
        tx.execute("DELETE FROM event_registrations WHERE id = :id", {"id": SOMEBODY})
    grid = registrations.grid(listed, admin, EVENT, KOLKATA)
    order, where = Order("registered"), registrations.Where()
    first = grid.first(order, where, 5, NOBODY)
    told = [row.registered for row in first]
    assert [*told[:2], *told[3:]] == [
        "infinitely early", "in the year 44 BC", "in the year 10000", "infinitely late"
    ]  # fmt: skip
    assert told[2].startswith("14 Dec")
    assert b"".join(first.keys) == grid.skeleton(order, where, NOBODY)
    assert list(grid.rows(first.keys, NOBODY)) == list(first)
    assert list(first) == [by_sqlalchemy(listed, grid, UUID(bytes=key)) for key in first.keys]


def test_an_event_without_a_time_in_the_calendar_is_listed_and_described(
    listed: Database, admin: Actor
) -> None:
    with listed.transaction() as tx:
        tx.execute(
            "UPDATE events SET start_time = '2026-12-14 03:30', end_time = 'infinity', time_zone = 'Asia/Kolkata',"
            " registration_deadline = '10000-01-01'"
        )
    detail = event_detail.read(listed, admin, EVENT, KOLKATA)
    assert detail.when == "Mon 14 Dec 2026, 09:00 – infinitely late · Asia/Kolkata"
    assert detail.deadline == "Registration closes in the year 10000"
    with listed.transaction() as tx:
        tx.execute("UPDATE events SET start_time = '-infinity', registration_deadline = '-infinity'")
    detail = event_detail.read(listed, admin, EVENT, KOLKATA)
    assert (detail.day, detail.when) == (
        "infinitely early",
        "infinitely early – infinitely late · Asia/Kolkata",
    )
    assert detail.deadline == "Registration closed infinitely early; staff can still add people"
    (row,) = events.grid(listed, admin, KOLKATA).rows([EVENT.bytes], NOBODY)
    assert (row.when, row.when_in_full) == ("infinitely early", "infinitely early")


def test_what_cannot_be_read_is_told_without_quoting_it(listed: Database) -> None:
    """A date, of which no list has any."""
    with listed.connected() as connection:
        answer = straight.rows(straight.driver(connection), "SELECT uuidv4(), CAST('infinity' AS date)", {})
    with pytest.raises(Scrubbed) as told:
        Found(answer, str).raw()
    assert "infinity" not in str(told.value)


def test_a_row_that_is_kept_keeps_no_answer(listed: Database, admin: Actor) -> None:
    found = registrations.grid(listed, admin, EVENT, KOLKATA).rows([SOMEBODY.bytes], NOBODY)
    make, (raw,) = found.make, found.raw()
    answer = weakref.ref(found._answer)
    del found
    gc.collect()
    assert answer() is None
    assert make(raw).id == SOMEBODY


@pytest.mark.parametrize("question", ["first", "skeleton"])
def test_a_connection_cut_in_the_middle_of_a_search_is_told_of_and_not_used_again(
    listed: Database, admin: Actor, caplog: pytest.LogCaptureFixture, question: str
) -> None:
    """The server ends it while it answers: after the rights were looked up, in the statement itself."""
    whole = registrations.grid(listed, admin, EVENT, KOLKATA)
    cut = Condition("(SELECT pg_terminate_backend(pg_backend_pid()) AND pg_sleep(5) IS NULL)")
    cutting: Grid[Any, Any] = Grid(
        listed, whole._acting, replace(whole._listing, scope=whole._listing.scope & cut)
    )
    order, where = Order("name"), registrations.Where()
    ask: dict[str, Callable[[Grid[Any, Any]], Any]] = {
        "first": lambda grid: grid.first(order, where, 5, NOBODY).keys,
        "skeleton": lambda grid: grid.skeleton(order, where, NOBODY),
    }
    assert list(ask[question](whole)) == list([SOMEBODY.bytes] if question == "first" else SOMEBODY.bytes)
    with caplog.at_level(logging.WARNING), pytest.raises(DatabaseDown, match="Nothing was changed"):
        ask[question](cutting)
    assert ask[question](whole)
    assert [record.getMessage().partition(":")[0] for record in caplog.records] == ["lost"]


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
