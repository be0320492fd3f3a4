"""The demo in a real PostgreSQL."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from desktop import errors
from desktop.db.session import Actor, Database
from desktop.services import accounts, attendance, demo, registering, waitlist

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from desktop.db.embedded import LocalServer

pytestmark = pytest.mark.unwatched  # an invented past, log and all
TODAY = date(2026, 11, 22)

TABLES = {
    "users": "id, username, email, oauth_provider, oauth_provider_id, last_login_at, created_at, updated_at, status",
    "user_roles": "user_id",
    "events": "*",
    "packages": "*",
    "package_seats": "*",
    "package_capacity_status": "*",
    "orders": "*",
    "event_registrations": "*",
    "check_ins": "*",
    "blogs": "*",
    "contacts": "*",
    "newsletter_subscriptions": "*",
    "admin_logs": "*",
}
"""What must be the same in every demo of one day: everything but the salted password hash."""


@pytest.fixture(scope="module")
def filled(server: LocalServer, template: str) -> Iterator[Database]:
    """A demo that tests read, and those at the end of the file work in."""
    name = f"test_demo_{uuid4().hex}"
    maintenance = Database(server.url("postgres"))
    with maintenance.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        opened = Database(server.url(name))
        demo.fill(opened, TODAY)
        yield opened
        opened.close()
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    maintenance.close()


@pytest.fixture
def played(database: Database) -> Database:
    """A demo a test may change."""
    demo.fill(database, TODAY)
    return database


def value(database: Database, sql: str, **parameters: Any) -> Any:
    with database.transaction() as tx:
        return tx.value(sql, parameters)


def asha(database: Database) -> Actor:
    return accounts.sign_in(database, "asha.menon", demo.DEMO_PASSWORD)


def package(database: Database, slug: str) -> UUID:
    found: UUID = value(database, "SELECT id FROM packages WHERE slug = :slug", slug=slug)
    return found


def test_the_seat_counters_equal_a_recount(filled: Database) -> None:
    with filled.transaction() as tx:
        drifted = tx.rows(
            "SELECT s.* FROM package_seats s JOIN packages p ON p.id = s.package_id WHERE s.held <> (SELECT count(*)"
            " FROM event_registrations r WHERE r.package_id = p.id AND r.status IN ('registered', 'attended'))"
            " OR s.capacity IS DISTINCT FROM p.capacity"
        )
        assert drifted == []
        assert tx.value("SELECT sum(held) FROM package_seats") > 6000


def test_the_capacity_view_is_as_fresh_as_the_counters(filled: Database) -> None:
    stale = value(
        filled,
        "SELECT count(*) FROM package_seats s JOIN packages p ON p.id = s.package_id"
        " LEFT JOIN package_capacity_status v ON v.package_id = p.id"
        " WHERE p.package_type = 'event'"
        " AND (v.package_id IS NULL OR v.seats_remaining IS DISTINCT FROM s.capacity - s.held)",
    )
    assert stale == 0


def test_every_event_lists_its_packages_in_the_order_they_were_added(filled: Database) -> None:
    with filled.transaction() as tx:
        rows = tx.rows(
            "SELECT e.slug, e.packages_ids, (SELECT array_agg(p.id) FROM packages p WHERE p.event_id = e.id) AS own"
            " FROM events e"
        )
    for row in rows:
        assert sorted(row.packages_ids) == sorted(row.own or []), row.slug


def test_two_demos_of_one_day_hold_the_same_rows(filled: Database, played: Database) -> None:
    for table, columns in TABLES.items():
        digest = (
            f"SELECT md5(string_agg(t::text, '\n' ORDER BY t::text)) FROM (SELECT {columns} FROM {table}) t"
        )
        assert value(filled, digest) == value(played, digest), table


def test_what_was_written_is_what_is_told(database: Database) -> None:
    heard: list[tuple[str, int, int]] = []
    summary = demo.fill(database, TODAY, lambda what, done, of: heard.append((what, done, of)))
    assert value(database, "SELECT count(*) FROM event_registrations") == summary.registrations
    assert value(database, "SELECT count(*) FROM admin_logs") == summary.log_entries
    assert value(database, "SELECT count(*) FROM users") == summary.users
    shares = [done / of for _, done, of in heard]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0, 1)


def test_everybody_of_the_staff_signs_in_with_the_shown_password(filled: Database) -> None:
    for account in demo.STAFF:
        actor = accounts.sign_in(filled, account.username, demo.DEMO_PASSWORD)
        assert (actor.id, actor.email, actor.roles) == (account.id, account.email, frozenset({account.role}))
    assert accounts.checked_password(demo.DEMO_PASSWORD)


def test_nobody_else_has_a_password(filled: Database) -> None:
    assert value(filled, "SELECT count(*) FROM users WHERE password_hash IS NOT NULL") == len(demo.STAFF)
    assert value(filled, "SELECT bool_and(password_hash LIKE '$2b$12$%') FROM users") is True


def test_no_token_and_no_hash_appears_in_the_log(filled: Database) -> None:
    found = value(
        filled,
        "SELECT count(*) FROM admin_logs WHERE description ~ '[0-9a-f]{8}-[0-9a-f]{4}' OR description LIKE '%$2b$%'",
    )
    assert found == 0


def test_a_filled_database_is_refused_and_says_that_it_is_filled(filled: Database) -> None:
    before = value(filled, "SELECT count(*) FROM event_registrations")
    with pytest.raises(errors.RuleViolation, match="already holds events or accounts"):
        demo.fill(filled, TODAY)
    assert value(filled, "SELECT count(*) FROM event_registrations") == before
    assert demo.is_filled(filled)


def test_of_two_demos_at_once_the_second_waits_and_is_refused(database: Database) -> None:
    with ThreadPoolExecutor(2) as pool:
        tries = [pool.submit(demo.fill, database, TODAY) for _ in range(2)]
        failures = [failure for attempt in tries if (failure := attempt.exception()) is not None]
    assert [type(failure) for failure in failures] == [errors.RuleViolation]
    assert demo.is_filled(database)


def test_a_database_with_one_account_of_somebody_is_left_alone(database: Database) -> None:
    with database.transaction() as tx:
        tx.execute("INSERT INTO users (username, email) VALUES ('mine', 'mine@example.org')")
    with pytest.raises(errors.RuleViolation, match="Name an empty database"):
        demo.fill(database, TODAY)
    assert value(database, "SELECT count(*) FROM events") == 0
    assert not demo.is_filled(database)


def test_a_seat_given_up_at_the_running_event_goes_to_whoever_waits_first(filled: Database) -> None:
    festival = package(filled, demo.RUNNING_PASS)
    first = value(
        filled,
        "SELECT attendee_name FROM event_registrations WHERE package_id = :id AND waitlist_position = 1",
        id=festival,
    )
    promoted = waitlist.promote_next(filled, asha(filled), festival)
    assert promoted.names == (first,)
    assert (promoted.free, promoted.waiting, promoted.unpaid) == (3, 11, 1)


def test_a_cancelled_workshop_seat_goes_to_zoe(filled: Database) -> None:
    workshop = package(filled, demo.MONSOON_WORKSHOP)
    with pytest.raises(errors.PackageFull):
        waitlist.promote_next(filled, asha(filled), workshop)
    holder = value(
        filled,
        "SELECT id FROM event_registrations WHERE package_id = :id AND status = 'registered'"
        " AND attendee_name = 'Łukasz Nowak'",
        id=workshop,
    )
    with filled.transaction() as tx:  # `TODAY` stays as it is; the day on which this is read does not
        tx.execute(
            "UPDATE events SET start_time = now() + interval '19 days', end_time = now() + interval '20 days'"
            " WHERE id = (SELECT event_id FROM packages WHERE id = :id)",
            {"id": workshop},
        )
    cancelled = registering.cancel(filled, asha(filled), holder)
    assert cancelled.promoted_who == "Zoë Fernández"
    assert cancelled.waiting == 60


def test_the_door_of_the_running_event_has_every_kind_of_guest(filled: Database) -> None:
    door = accounts.sign_in(filled, "door.north", demo.DEMO_PASSWORD)
    verdicts = {}
    for status, payment in (
        ("registered", "paid"),
        ("registered", "pending"),
        ("attended", "paid"),
        ("cancelled", "refunded"),
        ("waitlisted", None),
    ):
        guest = value(
            filled,
            "SELECT r.id FROM event_registrations r LEFT JOIN orders o ON o.id = r.order_id"
            " WHERE r.package_id = :id AND r.status = :status AND o.payment_status IS NOT DISTINCT FROM :payment"
            " ORDER BY r.id LIMIT 1",
            id=package(filled, demo.RUNNING_PASS),
            status=status,
            payment=payment,
        )
        verdicts[status, payment] = attendance.admit(
            filled, door, attendance.Admission(guest, "North gate")
        ).verdict
    assert list(verdicts.values()) == ["admitted", "payment_due", "already_inside", "cancelled", "waitlisted"]
