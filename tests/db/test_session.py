"""Connections, transactions, retries and the one translation of driver errors, against the real server."""

from __future__ import annotations

import datetime
import sys
import threading
import time
import traceback
from typing import TYPE_CHECKING

import psycopg
import pytest

from desktop import errors
from desktop.db import session
from desktop.db.session import Database, Scrubbed
from tests.connections import wire

if TYPE_CHECKING:
    from pathlib import Path

    import sqlalchemy as sa

EXPECTED_SETTINGS = {
    "TimeZone": "UTC",
    "default_transaction_isolation": "read committed",
    "lock_timeout": "2s",
    "statement_timeout": "15s",
    "idle_in_transaction_session_timeout": "10s",
    "search_path": "public",
}
NO_WAIT = "SELECT FROM package_seats FOR UPDATE NOWAIT"


def _settings(connection: sa.Connection) -> dict[str, str]:
    return {name: connection.exec_driver_sql(f"SHOW {name}").scalar_one() for name in EXPECTED_SETTINGS}


def _says(error: BaseException) -> str:
    return "".join(traceback.format_exception(error))


def _as_website(database: Database) -> psycopg.Connection:
    address = database.url.set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(address)


def test_every_connection_is_in_utc_and_gives_up_waiting_in_time(database):
    """Ruling 5."""
    with database.engine.connect() as one, database.engine.connect() as two:
        assert _settings(one) == EXPECTED_SETTINGS
        assert _settings(two) == EXPECTED_SETTINGS


def test_what_the_database_prescribes_for_its_sessions_does_not_win(database, building):
    name = building.value("SELECT current_database()")
    building.do(f"ALTER DATABASE {name} SET timezone = 'Asia/Kolkata'")
    building.do(f"ALTER DATABASE {name} SET default_transaction_isolation = 'serializable'")
    with database.engine.connect() as connection:
        assert _settings(connection) == EXPECTED_SETTINGS


def test_one_call_operations_run_with_the_same_settings_at_read_committed(database, building):
    building.do(
        "CREATE FUNCTION greenroom.how() RETURNS TABLE (isolation text, zone text, waits text) LANGUAGE sql AS $$"
        " SELECT current_setting('transaction_isolation'), current_setting('TimeZone'),"
        " current_setting('statement_timeout') $$"
    )
    assert tuple(database.call("how", {})) == ("read committed", "UTC", "15s")


def test_a_transaction_started_after_a_call_still_rolls_back(database, building):
    building.do("CREATE FUNCTION greenroom.one() RETURNS int LANGUAGE sql RETURN 1")
    for _ in range(3):
        database.call("one", {})
        with pytest.raises(RuntimeError), database.transaction() as tx:
            tx.execute("INSERT INTO roles (name) VALUES ('ghost')")
            raise RuntimeError
    assert building.value("SELECT count(*) FROM roles WHERE name = 'ghost'") == 0


def test_a_call_may_speak_of_per_cent_and_of_the_time_of_day(database):
    (only,) = database.once(
        "SELECT '50 %' AS half, '%s' AS sign, cast('12:30' AS time) AS noon, :n AS n", {"n": "%"}
    )
    assert (only.half, only.sign, only.noon, only.n) == ("50 %", "%s", datetime.time(12, 30), "%")
    (only,) = database.once("SELECT '50 %' AS half", {})
    assert only.half == "50 %"


@pytest.mark.skipif(sys.platform != "linux", reason="libpq traces on Linux only")
def test_a_call_is_one_round_trip_without_begin_and_commit(database, building, tmp_path: Path):
    building.do("CREATE FUNCTION greenroom.echo(p_n int) RETURNS int LANGUAGE sql RETURN p_n")
    trace = tmp_path / "trace"
    sent = wire.sent(database, "echo", {"p_n": 1}, trace)
    round_trips = [kind for kind, _rest in sent if kind in {"Sync", "Query"}]
    assert len(round_trips) == 1  # the pool asks nothing of a connection that worked a moment ago
    assert [kind for kind, rest in sent if "greenroom.echo" in rest] == ["Parse"]
    assert not any(word in trace.read_text() for word in ("BEGIN", "COMMIT", "ROLLBACK"))


def test_a_finished_block_is_committed_and_a_failed_one_is_not(database, building):
    with database.transaction() as tx:
        tx.execute("INSERT INTO roles (name) VALUES ('kept')")
    with pytest.raises(errors.NotFound), database.transaction() as tx:
        tx.execute("INSERT INTO roles (name) VALUES ('gone')")
        raise errors.NotFound("role")
    names = {row["name"] for row in building.rows("SELECT name FROM roles")}
    assert "kept" in names
    assert "gone" not in names


def test_work_that_meets_a_lock_is_tried_again_whole(database, building, monkeypatch):
    building.package()
    monkeypatch.setattr(session.time, "sleep", lambda _seconds: None)
    tries = []
    with _as_website(database) as holder:
        holder.execute("SELECT FROM package_seats FOR UPDATE")

        def work(tx):
            tries.append(tx.value("SELECT pg_current_xact_id()::text"))
            if len(tries) == 3:
                holder.rollback()
            tx.rows(NO_WAIT)
            return "done"

        assert database.run(work) == "done"
    assert len(set(tries)) == 3


def test_after_five_tries_somebody_else_is_working_here(database, building, monkeypatch):
    building.package()
    monkeypatch.setattr(session.time, "sleep", lambda _seconds: None)
    tries = []
    with _as_website(database) as holder:
        holder.execute("SELECT FROM package_seats FOR UPDATE")

        def work(tx):
            tries.append(1)
            tx.rows(NO_WAIT)

        with pytest.raises(errors.Busy):
            database.run(work)
    assert len(tries) == 5


def test_after_two_seconds_it_is_not_tried_again(database, building, monkeypatch):
    building.package()
    clock = iter([0.0, 1.9, 2.1, 9.9])
    monkeypatch.setattr(session.time, "sleep", lambda _seconds: None)
    monkeypatch.setattr(session.time, "monotonic", lambda: next(clock))
    tries = []

    def attempt():
        tries.append(1)
        raise errors.Busy

    with pytest.raises(errors.Busy):
        session._patiently(attempt)
    assert len(tries) == 2


def test_the_pauses_between_tries_are_random_and_double(monkeypatch):
    asked, slept = [], []
    monkeypatch.setattr(session.random, "uniform", lambda low, high: asked.append((low, high)) or high)
    monkeypatch.setattr(session.time, "sleep", slept.append)

    def attempt():
        raise errors.Busy

    with pytest.raises(errors.Busy):
        session._patiently(attempt)
    assert asked == [(0.005, 0.05), (0.005, 0.1), (0.005, 0.2), (0.005, 0.4)]
    assert slept == [0.05, 0.1, 0.2, 0.4]


def test_a_deadlock_is_tried_again(database, building, at_once):
    packages = [building.package(), building.package()]
    lock = "SELECT FROM package_seats WHERE package_id = :id FOR UPDATE"
    met = threading.Barrier(2, timeout=10)
    tries = []

    def crossing(first, second):
        alone = []

        def work(tx):
            tries.append(first)
            tx.rows(lock, {"id": first})
            if not alone:
                alone.append(True)
                met.wait()
            tx.rows(lock, {"id": second})
            return "done"

        return lambda: database.run(work)

    results = at_once(crossing(*packages), crossing(*reversed(packages)))
    assert results == ["done", "done"]
    assert len(tries) == 3


def test_a_connection_lost_during_a_call_leaves_an_unknown_outcome_and_is_not_repeated(database, building):
    building.do("CREATE SEQUENCE greenroom.tries")
    building.do(
        "CREATE FUNCTION greenroom.vanish() RETURNS boolean LANGUAGE sql AS $$"
        " SELECT nextval('greenroom.tries') > 0 AND pg_terminate_backend(pg_backend_pid()) $$"
    )
    with pytest.raises(errors.DatabaseDown) as caught:
        database.call("vanish", {})
    assert caught.value.unknown_outcome
    assert "not known whether the last change arrived" in str(caught.value)
    assert building.value("SELECT last_value FROM greenroom.tries") == 1


def test_a_connection_lost_before_the_commit_changed_nothing(database):
    with pytest.raises(errors.DatabaseDown) as caught, database.transaction() as tx:
        tx.value("SELECT pg_terminate_backend(pg_backend_pid())")
    assert not caught.value.unknown_outcome
    assert "Nothing was changed" in str(caught.value)


def test_a_connection_lost_in_the_commit_leaves_an_unknown_outcome(database, building):
    building.do(
        "CREATE FUNCTION greenroom.vanish() RETURNS trigger LANGUAGE plpgsql AS $$"
        " BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$"
    )
    building.do(
        "CREATE CONSTRAINT TRIGGER vanish AFTER INSERT ON roles DEFERRABLE INITIALLY DEFERRED"
        " FOR EACH ROW EXECUTE FUNCTION greenroom.vanish()"
    )
    tries = []

    def work(tx):
        tries.append(1)
        tx.execute("INSERT INTO roles (name) VALUES ('lost')")

    with pytest.raises(errors.DatabaseDown) as caught:
        database.run(work)
    assert caught.value.unknown_outcome
    assert len(tries) == 1


def test_connections_that_broke_while_idle_are_replaced_unnoticed(database, building, monkeypatch):
    monkeypatch.setattr(session, "FRESH_SECONDS", 0.0)  # as if they had been idle for a while
    with database.engine.connect() as one, database.engine.connect() as two:
        one.exec_driver_sql("SELECT 1")
        two.exec_driver_sql("SELECT 1")
    building.rows(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE application_name = 'greenroom' AND datname = current_database()"
    )
    with database.transaction() as tx:
        assert tx.value("SELECT 1") == 1


def test_a_server_that_became_a_follower_is_left_and_nothing_was_changed(database, building):
    with (
        pytest.raises(errors.DatabaseDown, match="only a standby answers") as caught,
        database.transaction() as tx,
    ):
        process = tx.value("SELECT pg_backend_pid()")
        tx.execute("SET TRANSACTION READ ONLY")
        tx.execute("INSERT INTO roles (name) VALUES ('late')")
    assert not caught.value.unknown_outcome
    with database.transaction() as tx:
        assert tx.value("SELECT pg_backend_pid()") != process


def test_a_laptop_frozen_inside_a_transaction_is_told_that_the_connection_broke(database, building):
    with pytest.raises(errors.DatabaseDown) as caught, database.transaction() as tx:
        process = tx.value("SELECT pg_backend_pid()")
        tx.execute("SET LOCAL idle_in_transaction_session_timeout = '10ms'")
        while building.rows("SELECT FROM pg_stat_activity WHERE pid = %s", process):
            time.sleep(0.005)  # a server that never gives up ends in the test's time limit
        tx.value("SELECT 1")
    assert not caught.value.unknown_outcome


def test_a_laptop_frozen_after_writing_many_rows_at_once_holds_nobody_up(database, building):
    with pytest.raises(errors.DatabaseDown), database.transaction() as tx:
        process = tx.value("SELECT pg_backend_pid()")
        tx.execute("SET LOCAL idle_in_transaction_session_timeout = '10ms'")
        tx.execute("INSERT INTO roles (name) VALUES (:name)", [{"name": "one"}, {"name": "two"}])
        while building.rows("SELECT FROM pg_stat_activity WHERE pid = %s", process):
            time.sleep(0.005)  # a server that never gives up ends in the test's time limit
        tx.value("SELECT 1")


def test_a_statement_that_takes_too_long_changed_nothing_and_says_so(database, building):
    with (
        pytest.raises(errors.DatabaseDown, match="too long to answer") as caught,
        database.transaction() as tx,
    ):
        tx.execute("INSERT INTO roles (name) VALUES ('slow')")
        tx.execute("SET LOCAL statement_timeout = '20ms'")
        tx.value("SELECT pg_sleep(5)")
    assert not caught.value.unknown_outcome
    assert building.value("SELECT count(*) FROM roles WHERE name = 'slow'") == 0


def test_a_call_that_takes_too_long_changed_nothing_and_is_not_repeated(database, building):
    building.do("CREATE SEQUENCE greenroom.tries")
    building.do(
        "CREATE FUNCTION greenroom.dawdle() RETURNS boolean LANGUAGE plpgsql SET statement_timeout = '20ms' AS $$"
        " BEGIN PERFORM nextval('greenroom.tries'); INSERT INTO roles (name) VALUES ('slow');"
        " RAISE query_canceled; END $$"
    )
    with pytest.raises(errors.DatabaseDown) as caught:
        database.call("dawdle", {})
    assert not caught.value.unknown_outcome
    assert building.value("SELECT last_value FROM greenroom.tries") == 1
    assert building.value("SELECT count(*) FROM roles WHERE name = 'slow'") == 0


def test_a_server_that_does_not_answer_is_named_without_the_password():
    nowhere = Database("postgresql://greta:secret-word@127.0.0.1:1/greenroom")
    with pytest.raises(errors.DatabaseDown, match="nothing answers there") as caught, nowhere.transaction():
        pass
    nowhere.close()
    assert not caught.value.unknown_outcome
    assert "secret-word" not in _says(caught.value)


def test_a_call_that_never_left_has_no_unknown_outcome():
    nowhere = Database("postgresql://greta@127.0.0.1:1/greenroom")
    with pytest.raises(errors.DatabaseDown) as caught:
        nowhere.call("register", {})
    nowhere.close()
    assert not caught.value.unknown_outcome


def test_a_missing_database_is_named(database):
    missing = Database(database.url.set(database="no_such_thing").render_as_string(hide_password=False))
    with pytest.raises(errors.DatabaseRefused, match="no database of that name"), missing.transaction():
        pass
    missing.close()


def test_a_missing_privilege_is_told_as_one(database, building):
    with pytest.raises(errors.DatabaseRefused, match="may not do this"), database.transaction() as tx:
        tx.execute("SET LOCAL ROLE pg_monitor")
        tx.rows("SELECT * FROM users")


def test_a_full_package_is_told_as_one_whoever_finds_out(database, building):
    package = building.package(capacity=0)
    with pytest.raises(errors.PackageFull), database.transaction() as tx:
        tx.execute(
            "INSERT INTO event_registrations (event_id, package_id, attendee_email)"
            " SELECT event_id, id, 'a@example.org' FROM packages WHERE id = :id",
            {"id": package},
        )


def test_our_own_mistake_is_told_by_state_constraint_and_message(database, building):
    user = building.user()
    with pytest.raises(Scrubbed) as caught, database.transaction() as tx:
        tx.execute("UPDATE users SET status = 'asleep' WHERE id = :id", {"id": user})
    assert (caught.value.sqlstate, caught.value.constraint) == ("23514", "users_status_check")
    assert "violates check constraint" in str(caught.value)


@pytest.mark.parametrize("how", ["transaction", "call"])
def test_no_row_shows_up_in_a_printed_error(how, database, building):
    registration = building.registration(building.package())
    token = building.registered(registration)["registration_token"]
    building.do(
        "CREATE FUNCTION greenroom.spoil(p_id uuid) RETURNS void LANGUAGE sql AS"
        " $$ UPDATE event_registrations SET status = 'lost' WHERE id = p_id $$"
    )
    with pytest.raises(Scrubbed) as caught:
        if how == "call":
            database.call("spoil", {"p_id": registration})
        else:
            with database.transaction() as tx:
                tx.value("SELECT greenroom.spoil(:id)", {"id": registration})
    printed = _says(caught.value)
    assert str(token) not in printed
    assert "event_registrations_status_check" in printed
    chained: list[BaseException | None] = [caught.value]
    while chained[-1] is not None:
        assert str(token) not in str(chained[-1])
        chained.append(chained[-1].__cause__ or chained[-1].__context__)


def test_a_change_without_somebody_who_makes_it_cannot_be_logged(database):
    with pytest.raises(AssertionError), database.transaction() as tx:
        tx.log("event.publish", "Published it")


def test_a_logged_change_names_who_what_and_about_which_row(database, building, admin):
    subject = building.user()
    with database.transaction(admin) as tx:
        tx.log("user.deactivate", "Deactivated somebody", subject)
    found = building.row("SELECT * FROM admin_logs")
    assert (found["admin_id"], found["action_type"], found["description"], found["subject_id"]) == (
        admin.id,
        "user.deactivate",
        "Deactivated somebody",
        subject,
    )


def test_rows_values_and_counts_come_as_asked(database, building):
    building.user(username="ann", email="ann@example.org")
    with database.transaction() as tx:
        assert tx.row("SELECT 1 WHERE false") is None
        assert tx.value("SELECT 1 WHERE false") is None
        assert [row.name for row in tx.rows("SELECT name FROM roles ORDER BY name LIMIT 2")] == [
            "admin",
            "door",
        ]
        assert tx.execute("UPDATE users SET status = 'inactive' WHERE username = :name", {"name": "ann"}) == 1


def test_a_full_disk_of_the_server_is_a_sentence(database):
    with pytest.raises(errors.DatabaseRefused, match="The disk of the server of"):
        database.run(lambda tx: tx.execute("DO $$ BEGIN RAISE disk_full; END $$"))


@pytest.mark.parametrize(
    ("sql", "limit"),
    [
        ("SELECT pg_sleep(5)", "50ms"),
        ("SELECT 1/0", "5min"),
        ("SELECT pg_terminate_backend(pg_backend_pid())", "5min"),
        ("SELECT pg_terminate_backend(pg_backend_pid())", None),
        ("SELEC", None),
    ],
)
def test_however_a_call_ends_the_next_one_to_get_its_connection_is_in_a_transaction(database, sql, limit):
    """A call is lent its connection in autocommit, which stays with it; a transaction without one would be none."""
    with pytest.raises((errors.AppError, Scrubbed)):
        database.once(sql, {}, statement_timeout=limit)
    assert database.engine.pool.checkedin() <= 1
    with pytest.raises(ZeroDivisionError), database.transaction() as tx:
        assert tx.value("SHOW statement_timeout") == "15s"
        tx.execute("CREATE TABLE taken_back ()")
        raise ZeroDivisionError
    assert database.once("SELECT to_regclass('taken_back') AS found, '%' AS sign", {})[0] == (None, "%")
