"""Behind PgBouncer: who stands there, what holds with each transaction, and what never stays behind."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

import psycopg
import pytest

from desktop import errors
from desktop.db import pooling, session, upgrade
from desktop.db.pooling import Pooling
from desktop.db.session import Scrubbed
from desktop.services import registering, waitlist
from desktop.services.grid import Cancellation, Order
from desktop.services.lists import events
from desktop.services.registering import Registering
from tests.connections import wire
from tests.connections.waiting import until

if TYPE_CHECKING:
    from pathlib import Path

    from desktop.db.session import Database

SHOWN = "SELECT " + ", ".join(f"current_setting('{name}') AS {name.lower()}" for name in pooling.SETTINGS)
WISHED = {name.lower(): value for name, value in pooling.SETTINGS.items()}


def _website(database: Database) -> psycopg.Connection:
    """The website, on the same pooler as ours."""
    there = database.url.query
    return psycopg.connect(
        host=str(there["host"]), port=int(str(there["port"])), dbname=database.url.database, user="greenroom"
    )


def test_nobody_stands_before_the_server_itself(database):
    assert database.pooling is Pooling.NONE
    assert database.pooled is None


@pytest.mark.parametrize("size", [1, 4])
def test_a_pooler_that_lends_its_connections_is_found_out_and_what_it_takes_away_is_said(through, size):
    database = through("transaction", default_pool_size=size)
    assert database.pooling is Pooling.TRANSACTION
    assert "cannot be told of other people's changes" in database.pooled


def test_a_pooler_that_lends_a_connection_for_the_whole_session_takes_nothing_away(through):
    database = through("session")
    assert database.pooling is Pooling.SESSION
    assert "Nothing is lost" in database.pooled


def test_a_pooler_that_has_no_second_connection_is_trusted_with_nothing(through, monkeypatch):
    monkeypatch.setattr(pooling, "PATIENCE_SECONDS", 0.05)
    assert through("session", default_pool_size=1).pooling is Pooling.TRANSACTION


@pytest.mark.parametrize("mode", ["transaction", "session"])
def test_every_transaction_and_every_call_has_our_settings(mode, through, building):
    name = building.value("SELECT current_database()")
    building.do(f"ALTER DATABASE {name} SET timezone = 'Asia/Kolkata'")
    building.do(f"ALTER DATABASE {name} SET default_transaction_isolation = 'serializable'")
    building.do(
        f"CREATE FUNCTION greenroom.how() RETURNS TABLE (settings json, isolation text) LANGUAGE sql AS"
        f" $$ SELECT to_json(s), current_setting('transaction_isolation') FROM ({SHOWN}) s $$"
    )
    database = through(mode)
    for _ in range(3):
        called = database.call("how", {})
        with database.transaction() as tx:
            begun = tx.row("SELECT * FROM greenroom.how()")
        assert called.settings == begun.settings == WISHED
        assert called.isolation == begun.isolation == "read committed"


def test_the_first_statement_may_write_many_rows_or_choose_the_isolation(through, building):
    database = through("transaction")
    with database.transaction() as tx:
        tx.execute("INSERT INTO roles (name) VALUES (:name)", [{"name": "one"}, {"name": "two"}])
        assert tx.row(SHOWN)._asdict() == WISHED
    with database.transaction() as tx:
        tx.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        assert tx.value("SHOW transaction_isolation") == "repeatable read"
    assert building.value("SELECT count(*) FROM roles WHERE name IN ('one', 'two')") == 2


def test_a_failed_first_statement_is_rolled_back_and_the_connection_stays_good(through, building):
    building.do("CREATE FUNCTION greenroom.fail() RETURNS int LANGUAGE sql AS 'SELECT 1 / 0'")
    database = through("transaction", default_pool_size=1)
    for _ in range(2):
        with pytest.raises(Scrubbed, match="22012"):
            database.call("fail", {})
        with pytest.raises(Scrubbed, match="22012"), database.transaction() as tx:
            tx.value("SELECT greenroom.fail()")
    with database.transaction() as tx:
        assert tx.row(SHOWN)._asdict() == WISHED


def test_rows_of_a_list_are_read_in_one_go_and_what_is_refused_leaves_the_connection_good(
    through, admin, building
):
    package, event = building.package(), UUID(str(building.value("SELECT id FROM events")))
    database = through("transaction", default_pool_size=1)
    grid = events.grid(database, admin, ZoneInfo("Asia/Kolkata"))
    for _ in range(2):
        found = grid.rows([package.bytes, event.bytes], Cancellation())
        assert found.keys == [event.bytes] == [row.id.bytes for row in found]
        assert grid.skeleton(Order("when"), events.Where(), Cancellation()) == event.bytes
        nobody = replace(admin, id=package)
        with pytest.raises(errors.AccountClosed):
            events.grid(database, nobody, ZoneInfo("Asia/Kolkata")).rows([event.bytes], Cancellation())
    with database.transaction() as tx:
        assert tx.row(SHOWN)._asdict() == WISHED


def test_a_failed_call_lets_go_of_its_locks_at_once(through, building):
    package = building.package()
    building.do(
        "CREATE FUNCTION greenroom.grab() RETURNS int LANGUAGE plpgsql AS"
        " $$ BEGIN PERFORM 1 FROM package_seats FOR UPDATE; RETURN 1 / 0; END $$"
    )
    database = through("transaction")
    with pytest.raises(Scrubbed):
        database.call("grab", {})
    assert building.rows("SELECT 1 FROM package_seats WHERE package_id = %s FOR UPDATE NOWAIT", package)


def test_nothing_of_ours_stays_behind_for_the_website(through, building):
    building.do("CREATE FUNCTION greenroom.fail(p_n int) RETURNS int LANGUAGE sql AS 'SELECT 1 / p_n'")
    database = through("transaction", default_pool_size=1)
    with _website(database) as website:
        before = website.execute(SHOWN).fetchone()
        website.commit()
        for n in (1, 0, 1, 0, 1, 1, 1, 1):
            with pytest.raises(Scrubbed) if n == 0 else nullcontext():
                database.call("fail", {"p_n": n})
            with pytest.raises(Scrubbed) if n == 0 else nullcontext(), database.transaction() as tx:
                tx.value("SELECT greenroom.fail(:n)", {"n": n})
        assert database.pooled
        assert website.execute(SHOWN).fetchone() == before
        assert website.execute("SELECT count(*) FROM pg_prepared_statements").fetchone() == (0,)
        held = website.execute(
            "SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database"
            " WHERE l.locktype = 'advisory' AND d.datname = current_database()"
        )
        assert held.fetchone() == (0,)


@pytest.mark.skipif(sys.platform != "linux", reason="libpq traces on Linux only")
def test_a_call_is_one_round_trip_from_begin_to_commit(through, building, tmp_path: Path):
    building.do("CREATE FUNCTION greenroom.echo(p_n int) RETURNS int LANGUAGE sql RETURN p_n")
    database = through("transaction")
    sent = wire.sent(database, "echo", {"p_n": 1}, tmp_path / "trace")
    parsed = [rest for kind, rest in sent if kind == "Parse"]
    assert "BEGIN" in parsed[0]
    assert "greenroom.echo" in parsed[-2]
    assert "COMMIT" in parsed[-1]
    assert len(parsed) == len(pooling.SETTINGS) + 3
    assert [kind for kind, _rest in sent].count("Sync") == 1


def test_a_connection_lost_during_a_call_leaves_an_unknown_outcome_and_is_not_repeated(through, building):
    building.do("CREATE SEQUENCE greenroom.tries")
    building.do(
        "CREATE FUNCTION greenroom.vanish() RETURNS boolean LANGUAGE sql AS $$"
        " SELECT nextval('greenroom.tries') > 0 AND pg_terminate_backend(pg_backend_pid()) $$"
    )
    database = through("transaction")
    with pytest.raises(errors.DatabaseDown) as caught:
        database.call("vanish", {})
    assert caught.value.unknown_outcome
    assert building.value("SELECT last_value FROM greenroom.tries") == 1
    assert database.run(lambda tx: tx.value("SELECT 1")) == 1


def test_a_connection_lost_in_the_commit_leaves_an_unknown_outcome(through, building):
    building.do(
        "CREATE FUNCTION greenroom.vanish() RETURNS trigger LANGUAGE plpgsql AS $$"
        " BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$"
    )
    building.do(
        "CREATE CONSTRAINT TRIGGER vanish AFTER INSERT ON roles DEFERRABLE INITIALLY DEFERRED"
        " FOR EACH ROW EXECUTE FUNCTION greenroom.vanish()"
    )
    with pytest.raises(errors.DatabaseDown) as caught, through("transaction").transaction() as tx:
        tx.execute("INSERT INTO roles (name) VALUES ('lost')")
    assert caught.value.unknown_outcome


def test_connections_of_the_pooler_that_broke_while_idle_are_replaced_unnoticed(
    through, building, monkeypatch
):
    monkeypatch.setattr(session, "FRESH_SECONDS", 0.0)  # as if they had been idle for a while
    database = through("transaction")
    assert database.pooled  # takes two
    building.rows(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE application_name = 'greenroom' AND datname = current_database()"
    )
    with database.transaction() as tx:
        assert tx.value("SELECT 1") == 1


def test_a_laptop_frozen_after_its_first_statement_holds_nobody_up(through, building):
    database = through("transaction")
    with pytest.raises(errors.DatabaseDown) as caught, database.transaction() as tx:
        first = tx.row(
            "SELECT set_config('idle_in_transaction_session_timeout', '10ms', true), pg_backend_pid() AS it"
        )
        until(lambda: not building.rows("SELECT FROM pg_stat_activity WHERE pid = %s", first.it))
        tx.value("SELECT 1")
    assert not caught.value.unknown_outcome


def test_an_upgrade_through_a_pooler_that_lends_its_connections_is_refused(through):
    with pytest.raises(errors.DatabaseRefused, match="name the address of the server itself"):
        upgrade.upgrade(through("transaction"))


def test_an_upgrade_through_a_pooler_that_keeps_a_session_does_all_of_its_work(through):
    database = through("session")
    assert upgrade.upgrade(database) == []
    upgrade.downgrade(database, "0007")
    assert upgrade.upgrade(database)
    assert upgrade.is_current(database)
    with database.transaction() as tx:
        assert tx.row(SHOWN)._asdict() == WISHED


def test_a_pooler_without_a_free_connection_is_told_as_that(through, building):
    database = through("transaction", default_pool_size=1, query_wait_timeout=1)

    with _website(database) as website:
        website.execute("SELECT 1")
        with (
            pytest.raises(errors.DatabaseDown, match="pooler has no connection left") as caught,
            database.transaction(),
        ):
            pass
    assert not caught.value.unknown_outcome


def test_ten_organizers_through_one_pooler_never_oversell(through, building, organizer, at_once):
    package = building.package(capacity=5)
    database = through("transaction", default_pool_size=3)
    people = [Registering(package, f"guest{n}@example.org") for n in range(10)]
    results = at_once(*(lambda p=person: registering.register(database, organizer, p) for person in people))
    assert sorted(result.status for result in results) == ["registered"] * 5 + ["waitlisted"] * 5
    seated = next(result for result in results if result.status == "registered")
    assert registering.cancel(database, organizer, seated.registration_id).promoted_id is not None
    building.do("UPDATE packages SET capacity = 7 WHERE id = %s", package)
    assert len(waitlist.promote_next(database, organizer, package, 9).ids) == 2
    assert building.held(package) == 7
    assert [place for place, _email in building.queue(package)] == [1, 2]
