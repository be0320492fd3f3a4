"""Bringing a database to this program's schema: empty, again, two at once, from the middle, and not at all."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from desktop import errors
from desktop.db import upgrade
from desktop.db.session import Database
from desktop.db.upgrading import running
from tests.db.upgrading import stepwise


@pytest.fixture
def empty(empty_url):
    """An empty database of the test's own."""
    opened = Database(empty_url)
    yield opened
    opened.close()


def _website(database: Database) -> psycopg.Connection:
    address = database.url.set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(address, autocommit=True)


def _objects(database: Database) -> list[tuple[str, ...]]:
    """Everything there is, and in which version of its row."""
    with _website(database) as connection:
        return connection.execute(
            "SELECT 'class', c.oid::regclass::text, c.xmin::text FROM pg_class c"
            " WHERE relnamespace IN (SELECT oid FROM pg_namespace WHERE nspname IN ('public', 'greenroom'))"
            " UNION ALL SELECT 'function', p.oid::regprocedure::text, p.xmin::text FROM pg_proc p"
            " WHERE pronamespace IN (SELECT oid FROM pg_namespace WHERE nspname IN ('public', 'greenroom'))"
            " ORDER BY 1, 2"
        ).fetchall()


def test_an_empty_database_becomes_current_step_by_step_with_each_step_explained(empty):
    told = []
    applied = upgrade.upgrade(empty, told.append)
    assert upgrade.is_current(empty)
    assert told == applied
    assert len(applied) == len(stepwise.names())
    assert applied[0] == "Create the tables of the specification, section 2"


def test_no_extension_is_needed(building):
    """Ruling 4: core PostgreSQL only."""
    assert building.rows("SELECT extname FROM pg_extension WHERE extname <> 'plpgsql'") == []


def test_upgrading_again_changes_nothing(empty):
    upgrade.upgrade(empty)
    before = _objects(empty)
    assert upgrade.upgrade(empty) == []
    assert _objects(empty) == before


def test_an_empty_database_is_not_current(empty):
    assert not upgrade.is_current(empty)
    assert _objects(empty) == []


def test_of_three_who_upgrade_at_once_one_does_it_and_all_end_well(empty, at_once):
    """Ruling 3."""
    told: list[str] = []
    opened = [Database(empty.url.render_as_string(hide_password=False)) for _ in range(3)]
    applied = at_once(*(lambda one=one: upgrade.upgrade(one, told.append) for one in opened))
    for one in opened:
        one.close()
    assert sorted(map(len, applied)) == [0, 0, len(stepwise.names())]
    assert "Somebody else is upgrading this database; waiting for them to finish." in told
    assert upgrade.is_current(empty)


def test_a_failed_upgrade_lets_the_next_one_in(empty):
    stepwise.upgrade_to(empty, "0002")
    with _website(empty) as website:
        website.execute("CREATE FUNCTION greenroom.follow_packages() RETURNS int LANGUAGE sql RETURN 1")
        with pytest.raises(Exception, match="return type"):
            upgrade.upgrade(empty)
        website.execute("DROP FUNCTION greenroom.follow_packages()")
    assert upgrade.upgrade(empty)
    assert upgrade.is_current(empty)


def test_a_step_that_fails_keeps_the_steps_before_it_and_not_the_revision(empty):
    stepwise.upgrade_to(empty, "0002")
    with _website(empty) as website:
        website.execute("CREATE FUNCTION greenroom.follow_packages() RETURNS int LANGUAGE sql RETURN 1")
        with pytest.raises(Exception, match="return type"):
            upgrade.upgrade(empty)
        assert website.execute("SELECT version_num FROM greenroom.schema_version").fetchone() == ("0002",)
        assert website.execute(
            "SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'trg_set_updated_at_%'"
        ).fetchone() == (7,)


def test_an_older_greenroom_database_is_taken_further(empty):
    stepwise.upgrade_to(empty, "0005")
    assert not upgrade.is_current(empty)
    applied = upgrade.upgrade(empty)
    assert len(applied) == len(stepwise.names()) - 5
    assert upgrade.is_current(empty)


def test_a_schema_newer_than_the_program_is_refused_and_left_alone(database):
    """Ruling 3."""
    with database.transaction() as tx:
        tx.execute("UPDATE greenroom.schema_version SET version_num = '9999'")
    before = _objects(database)
    with pytest.raises(errors.SchemaNewer, match="newer Greenroom"):
        upgrade.upgrade(database)
    with pytest.raises(errors.SchemaNewer):
        upgrade.is_current(database)
    assert _objects(database) == before
    with database.transaction() as tx:
        assert tx.value("SELECT version_num FROM greenroom.schema_version") == "9999"


def test_a_database_that_is_not_utf8_is_refused_untouched(server):
    with psycopg.connect(_plain(server.url("postgres")), autocommit=True) as maintenance:
        maintenance.execute("DROP DATABASE IF EXISTS latin")
        maintenance.execute(
            "CREATE DATABASE latin ENCODING 'LATIN1' LOCALE_PROVIDER libc LOCALE 'C' TEMPLATE template0"
        )
        latin = Database(server.url("latin"))
        with pytest.raises(errors.DatabaseRefused, match="encoded as LATIN1"):
            upgrade.upgrade(latin)
        assert _objects(latin) == []
        latin.close()
        maintenance.execute("DROP DATABASE latin")


def test_somebody_reading_for_a_while_only_delays_a_step(empty, monkeypatch):
    stepwise.upgrade_to(empty, "0005")
    with _website(empty) as reader:
        reader.autocommit = False
        reader.execute("LOCK TABLE packages IN ACCESS SHARE MODE; LOCK TABLE users IN ROW EXCLUSIVE MODE")
        waits = []

        def wait(seconds):
            waits.append(seconds)
            reader.rollback()

        monkeypatch.setattr(running.time, "sleep", wait)
        reader.execute("LOCK TABLE event_registrations IN ROW EXCLUSIVE MODE")
        upgrade.upgrade(empty)
    assert len(waits) == 1
    assert upgrade.is_current(empty)


def test_the_first_count_takes_over_whoever_is_there_already_even_too_many(empty):
    stepwise.upgrade_to(empty, "0004")
    with _website(empty) as website:
        website.execute(
            """
            WITH u AS (INSERT INTO users (username, email) VALUES ('a', 'a@example.org') RETURNING id),
                 e AS (INSERT INTO events (created_by) SELECT id FROM u RETURNING id),
                 p AS (INSERT INTO packages (name, slug, price, duration_days, package_type, event_id, capacity)
                       SELECT 'P', 'p', 0, 0, 'event', id, 1 FROM e RETURNING id, event_id)
            INSERT INTO event_registrations (event_id, package_id, attendee_name, attendee_email, status, updated_at)
            SELECT p.event_id, p.id, 'Łukasz', s || '@example.org', s, '2020-02-20' FROM p,
                   unnest(ARRAY['registered', 'attended', 'waitlisted', 'cancelled', 'no_show']) AS s
            """
        )
        upgrade.upgrade(empty)
        assert website.execute("SELECT capacity, held FROM package_seats").fetchall() == [(1, 2)]
        kept = website.execute(
            "SELECT DISTINCT updated_at::date::text, name_key FROM event_registrations"
        ).fetchall()
        assert kept == [("2020-02-20", "lukasz")]
        website.execute("UPDATE event_registrations SET phone_number = '1'")
        assert website.execute(
            "SELECT min(updated_at) > '2021-01-01' FROM event_registrations"
        ).fetchone() == (True,)


def test_the_upgrade_works_from_another_folder(empty, tmp_path):
    root = Path(upgrade.__file__).parents[2]
    script = (
        "import sys; from desktop.db import upgrade; from desktop.db.session import Database;"
        "d = Database(sys.argv[1]); upgrade.upgrade(d); assert upgrade.is_current(d); d.close()"
    )
    finished = subprocess.run(
        [sys.executable, "-c", script, empty.url.render_as_string(hide_password=False)],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (finished.returncode, finished.stderr) == (0, "")
    assert upgrade.is_current(empty)


def _plain(url: str) -> str:
    return url.replace("postgresql+psycopg:", "postgresql:")
