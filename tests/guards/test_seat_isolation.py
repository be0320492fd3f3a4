"""The seat guard at every isolation level, and beside others: real connections, real commits."""

from __future__ import annotations

import random
from collections import Counter
from functools import partial

import psycopg
import pytest
from psycopg import IsolationLevel

FULL = "23514 package_capacity"
STALE = "40001"
COMMITTED, REPEATABLE, SERIALIZABLE = (
    IsolationLevel.READ_COMMITTED,
    IsolationLevel.REPEATABLE_READ,
    IsolationLevel.SERIALIZABLE,
)
LEVELS = [COMMITTED, REPEATABLE, SERIALIZABLE]


@pytest.fixture
def connect(building):
    """Connections of the website's at a level; each statement a transaction unless ``autocommit=False``."""
    opened = []

    def one(level, **options):
        connection = building.connect(**options)
        connection.isolation_level = level
        opened.append(connection)
        return connection

    yield one
    for connection in opened:
        connection.close()


def _told(connection, sql, *values):
    try:
        connection.execute(sql, values or None)
    except psycopg.Error as error:
        connection.rollback()
        return f"{error.sqlstate} {error.diag.constraint_name or ''}".strip()
    connection.commit()
    return None


ONE_MORE = {
    "insert": "INSERT INTO event_registrations (event_id, package_id, attendee_email)"
    " SELECT event_id, id, 'new' FROM packages WHERE name = 'P'",
    "insert select count": "INSERT INTO event_registrations (event_id, package_id, attendee_email)"
    " SELECT p.event_id, p.id, 'new' FROM packages p WHERE p.name = 'P' AND p.capacity >"
    " (SELECT count(*) FROM event_registrations r WHERE r.package_id = p.id AND r.status = 'registered')",
    "upsert": "INSERT INTO event_registrations (event_id, package_id, attendee_email, status)"
    " SELECT event_id, id, 'gone', 'registered' FROM packages WHERE name = 'P'"
    " ON CONFLICT (package_id, attendee_email) DO UPDATE SET status = excluded.status",
    "un-cancel": "UPDATE event_registrations SET status = 'registered' WHERE attendee_email = 'gone'",
    "promotion": "UPDATE event_registrations SET status = 'registered' WHERE attendee_email = 'waits'",
    "late no-show": "UPDATE event_registrations SET status = 'attended' WHERE attendee_email = 'absent'",
    "move": "UPDATE event_registrations SET package_id = (SELECT id FROM packages WHERE name = 'P')"
    " WHERE attendee_email = 'elsewhere'",
    "merge": "MERGE INTO event_registrations r USING packages p ON p.id = r.package_id AND p.name = 'P'"
    " AND r.attendee_email = 'gone' WHEN MATCHED THEN UPDATE SET status = 'attended'",
    "copy": "COPY",
}


def _one_more(connection, way):
    if way != "copy":
        return _told(connection, ONE_MORE[way])
    try:
        event, package = (
            connection.execute("SELECT event_id AS e, id AS p FROM packages WHERE name = 'P'")
            .fetchall()[0]
            .values()
        )
        with connection.cursor().copy(
            "COPY event_registrations (event_id, package_id, attendee_email) FROM STDIN"
        ) as copy:
            copy.write_row((event, package, "new"))
    except psycopg.Error as error:
        connection.rollback()
        return f"{error.sqlstate} {error.diag.constraint_name or ''}".strip()
    connection.commit()
    return None


KNOCK = "UPDATE event_registrations SET status = 'attended' WHERE attendee_email = 'knocks'"


@pytest.fixture
def last_seat(building):
    """A package with one seat left, and people who would like it."""
    package = building.package(name="P", capacity=2)
    building.registration(package, "ann")
    for status in ("cancelled", "waitlisted", "no_show"):
        building.registration(
            package, {"cancelled": "gone", "waitlisted": "waits", "no_show": "absent"}[status], status=status
        )
    building.registration(package, "knocks", status="waitlisted")
    building.registration(building.package(), "elsewhere")
    return package


@pytest.mark.parametrize("level", LEVELS, ids=lambda level: level.name.lower())
@pytest.mark.parametrize("way", ONE_MORE)
def test_a_writer_who_looked_before_somebody_took_the_last_seat_does_not_get_it_as_well(
    way, level, building, connect, last_seat
):
    late = connect(level, autocommit=False)
    assert late.execute("SELECT capacity > held AS free FROM package_seats").rowcount == 2  # its snapshot
    building.registration(last_seat, "first")
    told = _one_more(late, way)
    if level is not COMMITTED:
        assert told == STALE
    elif way != "insert select count":  # which saw by itself that there is none
        assert told == FULL
    assert building.held(last_seat) == 2


@pytest.mark.parametrize("way", ONE_MORE)
def test_a_writer_who_is_alone_gets_the_last_seat_and_the_next_is_told_it_is_full(
    way, building, connect, last_seat
):
    alone = connect(SERIALIZABLE, autocommit=False)
    assert _one_more(alone, way) is None
    assert building.held(last_seat) == 2
    assert _told(alone, KNOCK) == FULL
    assert building.held(last_seat) == 2


@pytest.mark.parametrize("level", LEVELS, ids=lambda level: level.name.lower())
def test_a_capacity_lowered_meanwhile_binds_whoever_looked_before(level, building, connect, last_seat):
    late = connect(level, autocommit=False)
    late.execute("SELECT FROM packages")
    building.do("UPDATE packages SET capacity = 1 WHERE id = %s", last_seat)
    assert _one_more(late, "insert") == (FULL if level is COMMITTED else STALE)
    assert building.held(last_seat) == 1


@pytest.mark.parametrize("level", [REPEATABLE, SERIALIZABLE], ids=lambda level: level.name.lower())
def test_a_capacity_raised_in_an_old_snapshot_does_not_hide_who_came_meanwhile(
    level, building, connect, last_seat
):
    late = connect(level, autocommit=False)
    late.execute("SELECT FROM event_registrations")
    building.registration(last_seat, "first")
    assert _told(late, "UPDATE packages SET capacity = 3 WHERE id = %s", last_seat) == STALE
    assert building.held(last_seat) == 2


@pytest.mark.parametrize("level", [REPEATABLE, SERIALIZABLE], ids=lambda level: level.name.lower())
def test_truncating_in_an_old_snapshot_is_refused_because_its_counters_are_old_as_well(
    level, building, connect, last_seat
):
    late = connect(level, autocommit=False)
    late.execute("SELECT FROM event_registrations")
    building.do("UPDATE event_registrations SET status = 'cancelled'")
    assert _told(late, "TRUNCATE event_registrations") == "0A000"
    assert building.value("SELECT count(*) FROM event_registrations") == 6


def test_truncating_waits_for_writers_and_counts_them(building, connect, last_seat):
    first = connect(COMMITTED, autocommit=False)
    first.execute(ONE_MORE["insert"])
    second = connect(COMMITTED)
    second.execute("SET lock_timeout = '50ms'")
    with pytest.raises(psycopg.errors.LockNotAvailable):
        second.execute("TRUNCATE event_registrations")
    first.commit()
    second.execute("TRUNCATE event_registrations")
    assert building.held(last_seat) == 0


PROMOTING = (
    "CREATE FUNCTION public.promote() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
    " UPDATE event_registrations SET status = 'registered' WHERE id = (SELECT id FROM event_registrations"
    "  WHERE package_id = OLD.package_id AND status = 'waitlisted' LIMIT 1 FOR UPDATE SKIP LOCKED);"
    " RETURN NULL; END $$"
)
"""What a website may do by a trigger of its own when somebody leaves, which is counted before the leaving is."""

WRITES = (
    "INSERT INTO event_registrations (event_id, package_id, attendee_email) SELECT event_id, id, %(new)s FROM packages"
    " WHERE name = %(here)s",
    "INSERT INTO event_registrations (event_id, package_id, attendee_email, status) SELECT event_id, id, n, 'attended'"
    " FROM packages, unnest(ARRAY[%(who)s, %(new)s]) AS n WHERE name = %(here)s"
    " ON CONFLICT (package_id, attendee_email) DO UPDATE SET status = excluded.status",
    "UPDATE event_registrations SET status = 'cancelled' WHERE attendee_email = %(who)s AND status = 'registered'",
    "UPDATE event_registrations SET status = 'waitlisted' WHERE attendee_email = %(who)s",
    "UPDATE event_registrations SET status = 'registered' WHERE attendee_email = %(who)s",
    "UPDATE event_registrations SET package_id = (SELECT id FROM packages WHERE name = %(here)s)"
    " WHERE attendee_email = %(new)s",
    "DELETE FROM event_registrations WHERE attendee_email = %(who)s",
    "MERGE INTO event_registrations r USING (SELECT * FROM packages WHERE name = %(here)s) p"
    " ON r.package_id = p.id AND r.attendee_email = %(who)s WHEN MATCHED AND r.status = 'registered' THEN DELETE"
    " WHEN MATCHED THEN UPDATE SET status = 'registered' WHEN NOT MATCHED THEN"
    " INSERT (event_id, package_id, attendee_email) VALUES (p.event_id, p.id, %(who)s)",
    "WITH gone AS (DELETE FROM event_registrations WHERE attendee_email = %(who)s)"
    " INSERT INTO event_registrations (event_id, package_id, attendee_email)"
    " SELECT event_id, id, %(new)s FROM packages WHERE name = %(here)s",
    "UPDATE packages SET capacity = capacity + 1 WHERE name = %(here)s AND capacity < 5",
)
EXPECTED = {"23514", "23505"}
"""Full, and one address twice in a package."""


def _write(building, level, worker, statements):
    chance = random.Random(worker)
    told = Counter()
    with building.connect() as website:
        website.execute(f"SET default_transaction_isolation = '{level.name.lower().replace('_', ' ')}'")
        for _ in range(statements):
            values = {
                "here": chance.choice("PQ"),
                "who": f"p{chance.randrange(8)}",
                "new": f"w{worker}-{chance.randrange(4)}",
            }
            try:
                website.execute(chance.choice(WRITES), values)
            except psycopg.Error as error:
                told[error.sqlstate] += 1
            else:
                told[None] += 1
    return told


def _race(building, at_once, level, writers, statements, *, promoting):
    event = building.event()
    packages = [building.package(event, name=name, capacity=3) for name in "PQ"]
    if promoting:
        building.do(PROMOTING)
        building.do(
            "CREATE TRIGGER promote AFTER UPDATE OF status ON event_registrations FOR EACH ROW"
            " WHEN (OLD.status = 'registered' AND NEW.status = 'cancelled') EXECUTE FUNCTION promote()"
        )
    told = at_once(*(partial(_write, building, level, n, statements) for n in range(writers)))
    for package in packages:
        seats = building.row("SELECT capacity, held FROM package_seats WHERE package_id = %s", package)
        assert seats["held"] <= seats["capacity"]
    return sum(told, Counter())


@pytest.mark.parametrize("promoting", [False, True], ids=["plain", "with a promoting trigger"])
@pytest.mark.parametrize("level", LEVELS, ids=lambda level: level.name.lower())
def test_writers_of_every_kind_at_once_take_no_seat_too_many(level, promoting, building, at_once):
    """Ruling 8: whoever writes, at every isolation level."""
    told = _race(building, at_once, level, 4, 25, promoting=promoting)
    allowed = EXPECTED | ({STALE} if level is not COMMITTED else set()) | {"40P01"}
    assert told.keys() - allowed == {None}
    assert told[None] > 20


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("promoting", [False, True], ids=["plain", "with a promoting trigger"])
@pytest.mark.parametrize("level", LEVELS, ids=lambda level: level.name.lower())
def test_many_writers_of_every_kind_at_length_take_no_seat_too_many(level, promoting, building, at_once):
    told = _race(building, at_once, level, 12, 600, promoting=promoting)
    allowed = EXPECTED | ({STALE} if level is not COMMITTED else set()) | {"40P01"}
    assert told.keys() - allowed == {None}
