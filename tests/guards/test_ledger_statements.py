"""The two ledgers under every statement that could rewrite them (rulings 16 and 23), by whoever and however.

`tests/migrations/test_ledgers.py` has the plain ones."""

from __future__ import annotations

from uuid import uuid4

import psycopg
import pytest

from tests.guards.ledgers import CHECK_IN

REFUSED = "23001 {}_append_only"
LEDGERS = ["admin_logs", "check_ins"]
REWRITES = {
    "update": "UPDATE {0} SET id = id",
    "update of one column": "UPDATE ONLY {0} AS l SET {1} = 'x' WHERE l.id IS NOT NULL",
    "delete": "DELETE FROM {0} RETURNING *",
    "delete in a with": "WITH gone AS (DELETE FROM {0} RETURNING *) SELECT count(*) FROM gone",
    "delete using": "DELETE FROM {0} USING users",
    "upsert": "INSERT INTO {0} SELECT * FROM {0} ON CONFLICT (id) DO UPDATE SET {1} = 'x'",
    "upsert that keeps the values": "INSERT INTO {0} SELECT * FROM {0} ON CONFLICT (id) DO UPDATE SET id = excluded.id",
    "merge that updates": "MERGE INTO {0} l USING users u ON true WHEN MATCHED THEN UPDATE SET {1} = 'x'",
    "merge that deletes": "MERGE INTO {0} l USING users u ON true WHEN MATCHED THEN DELETE",
    "truncate": "TRUNCATE ONLY {0}",
    "truncate with others": "TRUNCATE contacts, {0} RESTART IDENTITY",
    "update of a view": "UPDATE seen SET {1} = 'x'",
    "delete from a view": "DELETE FROM seen",
    "a block that goes on": "DO $$ BEGIN DELETE FROM {0}; EXCEPTION WHEN unique_violation THEN NULL; END $$",
    "a cursor": "DO $$ DECLARE c CURSOR FOR SELECT * FROM {0} FOR UPDATE; r record; BEGIN OPEN c; FETCH c INTO r;"
    " DELETE FROM {0} WHERE CURRENT OF c; END $$",
}


@pytest.fixture(params=LEDGERS)
def ledger(request, inside):
    """A ledger with one row, and a view of it."""
    user = inside.user()
    if request.param == "admin_logs":
        inside.insert("admin_logs", admin_id=user, action_type="event.publish")
    else:
        inside.insert("check_ins", id=uuid4(), **CHECK_IN)
    inside.do(f"CREATE VIEW seen AS SELECT * FROM {request.param}")
    return request.param


@pytest.mark.parametrize("role", ["origin", "replica"])
def test_a_row_that_was_written_stays_as_it_is(role, ledger, inside, told):
    column = {"admin_logs": "action_type", "check_ins": "station"}[ledger]
    before = inside.rows(f"SELECT * FROM {ledger}")
    inside.do(f"SET LOCAL session_replication_role = {role}")
    answers = {way: told(statement.format(ledger, column)) for way, statement in REWRITES.items()}
    inside.do("SET LOCAL session_replication_role = origin")
    assert answers == dict.fromkeys(REWRITES, REFUSED.format(ledger))
    assert inside.rows(f"SELECT * FROM {ledger}") == before


@pytest.mark.parametrize("role", ["origin", "replica"])
def test_a_new_row_is_always_welcome(role, ledger, inside, told):
    inside.do(f"SET LOCAL session_replication_role = {role}")
    made = "gen_random_uuid()"
    if ledger == "admin_logs":
        insert = f"INSERT INTO admin_logs (id, admin_id, action_type) SELECT {made}, id, 'more' FROM users"
    else:
        insert = (
            f"INSERT INTO check_ins (id, {', '.join(CHECK_IN)}) SELECT {made},"
            f" {', '.join(CHECK_IN)} FROM check_ins ON CONFLICT DO NOTHING"
        )
    assert told(insert) is None
    with inside.website.cursor().copy(f"COPY {ledger} TO STDOUT") as copy:
        rows = [bytes(row).decode() for row in copy]
    assert len(rows) == 2
    inside.do("SET LOCAL session_replication_role = origin")


def test_a_station_that_sends_twice_keeps_one_row_by_doing_nothing(inside, told):
    row = {"id": uuid4(), **CHECK_IN}
    insert = f"INSERT INTO check_ins ({', '.join(row)}) VALUES ({', '.join(['%s'] * len(row))})"
    assert told(insert, *row.values()) is None
    assert told(insert + " ON CONFLICT (id) DO NOTHING", *row.values()) is None
    assert inside.value("SELECT count(*) FROM check_ins") == 1


@pytest.mark.parametrize(
    "statement", ["TRUNCATE users CASCADE", "DELETE FROM users", "UPDATE users SET id = gen_random_uuid()"]
)
def test_nobody_who_acted_takes_the_log_along(statement, inside, told):
    inside.insert("admin_logs", admin_id=inside.user(), action_type="event.publish")
    assert told(statement) in {"23001 admin_logs_append_only", "23503 admin_logs_admin_id_fkey"}
    assert inside.value("SELECT count(*) FROM admin_logs") == 1


@pytest.mark.parametrize("statement", ["TRUNCATE {} CASCADE", "DELETE FROM {}"])
def test_what_was_decided_at_the_door_outlives_what_it_is_about(statement, inside, told):
    package = inside.package(capacity=1)
    registration = inside.registration(package)
    inside.insert(
        "check_ins", id=uuid4(), **CHECK_IN | {"registration_id": registration, "package_id": package}
    )
    inside.insert(
        "admin_logs", admin_id=inside.user(), action_type="attendance.admit", subject_id=registration
    )
    for table in ("orders", "event_registrations", "packages", "events"):
        assert told(statement.format(table)) is None
    assert inside.value("SELECT count(*) FROM event_registrations") == 0
    assert inside.value("SELECT count(*) FROM check_ins") == 1
    assert inside.value("SELECT count(*) FROM admin_logs") == 1


def test_a_member_of_staff_without_rows_may_go_and_takes_nothing_along(inside, told):
    inside.insert("admin_logs", admin_id=inside.user(), action_type="event.publish")
    other = inside.user()
    assert told("DELETE FROM users WHERE id = %s", other) is None
    assert inside.value("SELECT count(*) FROM admin_logs") == 1


def test_the_refusal_names_the_ledger_and_quotes_no_row(ledger, inside):
    with pytest.raises(psycopg.errors.RestrictViolation) as caught, inside.website.transaction():
        inside.do(f"DELETE FROM {ledger}")
    assert caught.value.diag.message_primary == f"{ledger} is append-only: DELETE is refused"
    assert caught.value.diag.table_name == ledger
    assert caught.value.diag.message_detail is None
