"""The seat guard under statements that do several things at once, and under a website's own triggers and habits.

`tests/migrations/test_seat_counters.py` has the plain ones. Every test ends with a recount (`inside`)."""

from __future__ import annotations

import psycopg
import pytest

from tests.guards.conftest import FULL, NEW, who

CANCEL_AND_PROMOTE = {
    "two updates": "WITH gone AS (UPDATE event_registrations SET status = 'cancelled' WHERE attendee_email = 'ann')"
    " UPDATE event_registrations SET status = 'registered', waitlist_position = NULL WHERE attendee_email = 'wil'",
    "an update that follows from the other": "WITH gone AS (UPDATE event_registrations SET status = 'cancelled'"
    " WHERE attendee_email = 'ann' RETURNING package_id) UPDATE event_registrations r SET status = 'registered'"
    " FROM gone WHERE r.id = (SELECT w.id FROM event_registrations w WHERE w.package_id = gone.package_id"
    " AND w.status = 'waitlisted' ORDER BY w.waitlist_position LIMIT 1)",
    "an update for both": "UPDATE event_registrations SET status = CASE attendee_email WHEN 'ann' THEN 'cancelled'"
    " ELSE 'registered' END WHERE attendee_email IN ('ann', 'wil')",
    "a merge": "MERGE INTO event_registrations r USING (VALUES ('ann', 'cancelled'), ('wil', 'registered')) AS v (who,"
    " what) ON r.attendee_email = v.who WHEN MATCHED THEN UPDATE SET status = v.what",
    "an upsert": "INSERT INTO event_registrations (event_id, package_id, attendee_email, status)"
    " SELECT p.event_id, p.id, v.who, v.what FROM packages p,"
    " (VALUES ('ann', 'cancelled'), ('wil', 'registered')) AS v (who, what)"
    " ON CONFLICT (package_id, attendee_email) DO UPDATE SET status = excluded.status",
}


@pytest.mark.parametrize("way", CANCEL_AND_PROMOTE)
def test_cancelling_and_promoting_in_one_statement_fits_in_a_full_package(way, inside, told, full):
    assert told(CANCEL_AND_PROMOTE[way]) is None
    assert who(inside) == ["ben", "wil"]
    assert inside.held(full) == 2


REPLACED = {
    "an insert beside an update": "WITH gone AS (UPDATE event_registrations SET status = 'cancelled'"
    f" WHERE attendee_email = 'ann') INSERT {NEW}",
    "an insert beside a delete": "WITH gone AS (DELETE FROM event_registrations WHERE attendee_email = 'ann')"
    f" INSERT {NEW}",
    "an update beside an insert": f"WITH new AS (INSERT {NEW}) UPDATE event_registrations SET status = 'no_show'"
    " WHERE attendee_email = 'ann'",
    "a merge that inserts first": "MERGE INTO event_registrations r USING (SELECT v.who, p.* FROM packages p,"
    " (VALUES ('new'), ('ann')) AS v (who)) AS v ON r.attendee_email = v.who WHEN MATCHED THEN DELETE"
    " WHEN NOT MATCHED THEN INSERT (event_id, package_id, attendee_email) VALUES (v.event_id, v.id, v.who)",
    "an insert beside a larger capacity": f"WITH more AS (UPDATE packages SET capacity = 3) INSERT {NEW}",
}


@pytest.mark.parametrize("way", REPLACED)
def test_a_statement_that_frees_the_seat_it_takes_fits_in_a_full_package(way, inside, told, full):
    if "capacity" in way:  # which is counted after the seat: like any two statements in that order
        assert told(REPLACED[way]) == FULL
        return
    assert told(REPLACED[way]) is None
    assert who(inside) == ["ben", "new"]
    assert inside.held(full) == 2


TOO_MANY = {
    "frees one and takes two": "WITH gone AS (DELETE FROM event_registrations WHERE attendee_email = 'ann')"
    " UPDATE event_registrations SET status = 'registered' WHERE status = 'waitlisted'",
    "frees another package's": "WITH gone AS (UPDATE event_registrations SET status = 'cancelled'"
    " WHERE attendee_email = 'elsewhere') UPDATE event_registrations SET status = 'registered'"
    " WHERE attendee_email = 'wil'",
    "merges everybody in": "MERGE INTO event_registrations r USING event_registrations s ON r.id = s.id"
    " WHEN MATCHED THEN UPDATE SET status = 'attended'",
    "upserts everybody in": "INSERT INTO event_registrations SELECT * FROM event_registrations"
    " ON CONFLICT (id) DO UPDATE SET status = 'attended'",
    "takes one by view": "UPDATE waiting SET status = 'registered' WHERE attendee_email = 'wil'",
    "takes one in a block that goes on": "DO $$ BEGIN UPDATE event_registrations SET status = 'registered'"
    " WHERE attendee_email = 'wil'; EXCEPTION WHEN unique_violation THEN NULL; END $$",
}


@pytest.mark.parametrize("way", TOO_MANY)
def test_a_statement_that_ends_with_too_many_seats_changes_nothing(way, inside, told, full):
    inside.registration(inside.package(capacity=9), "elsewhere")
    inside.do("CREATE VIEW waiting AS SELECT * FROM event_registrations WHERE status = 'waitlisted'")
    before = inside.rows("SELECT id, status FROM event_registrations ORDER BY id")
    assert told(TOO_MANY[way]) == FULL
    assert inside.rows("SELECT id, status FROM event_registrations ORDER BY id") == before
    assert inside.held(full) == 2


def test_a_website_that_swallows_the_refusal_has_taken_no_seat(inside, told, full):
    assert (
        told(
            "DO $$ BEGIN UPDATE event_registrations SET status = 'registered' WHERE attendee_email = 'wil';"
            " EXCEPTION WHEN check_violation THEN NULL; END $$"
        )
        is None
    )
    assert who(inside, "waitlisted") == ["wil", "xia"]
    assert inside.held(full) == 2


@pytest.mark.parametrize("name", ["new_rows", "old_rows", "package_seats", "event_registrations"])
def test_a_temporary_table_of_the_same_name_deceives_nobody(name, inside, told, full):
    inside.do(f"CREATE TEMP TABLE {name} (package_id uuid, status text, capacity int, held int)")
    insert = (
        "INSERT INTO public.event_registrations (event_id, package_id, attendee_email, status)"
        " SELECT event_id, id,"
    )
    assert told(f"{insert} 'new', 'registered' FROM packages") == FULL
    assert told(f"{insert} 'new', 'waitlisted' FROM packages") is None
    assert inside.value("SELECT held FROM public.package_seats") == 2
    inside.do(f"DROP TABLE pg_temp.{name}")


def test_a_prepared_statement_meets_the_guard_every_time(inside, full):
    inside.do("UPDATE packages SET capacity = 9")
    inside.do(
        "PREPARE seat (text) AS INSERT INTO event_registrations (event_id, package_id, attendee_email)"
        " SELECT event_id, id, $1 FROM packages"
    )
    for n in range(7):  # by then the plan is a generic one
        inside.do(f"EXECUTE seat ('p{n}')")
    with pytest.raises(psycopg.errors.CheckViolation), inside.website.transaction():
        inside.do("EXECUTE seat ('too many')")
    inside.do("DEALLOCATE seat")
    assert inside.held(full) == 9


def test_copy_into_a_full_package_brings_nobody(inside, full):
    event = inside.value("SELECT event_id FROM packages")
    with (
        pytest.raises(psycopg.errors.CheckViolation),
        inside.website.transaction(),
        inside.website.cursor().copy(
            "COPY event_registrations (event_id, package_id, attendee_email, status) FROM STDIN"
        ) as copy,
    ):
        copy.write_row((event, full, "c1", "waitlisted"))
        copy.write_row((event, full, "c2", "registered"))
    assert inside.value("SELECT count(*) FROM event_registrations") == 4
    assert inside.held(full) == 2


def test_work_that_is_rolled_back_to_a_savepoint_is_not_counted(inside, told, full):
    inside.do("SAVEPOINT one")
    inside.do("DELETE FROM event_registrations")
    inside.do("SAVEPOINT two")
    inside.do(f"INSERT {NEW}")
    inside.do("ROLLBACK TO SAVEPOINT two")
    assert inside.held(full) == 0
    inside.do("RELEASE SAVEPOINT two")
    inside.do("ROLLBACK TO SAVEPOINT one")
    assert inside.held(full) == 2
    assert told(f"INSERT {NEW}") == FULL


def test_a_conflict_that_updates_nobody_takes_nothing(inside, told, full):
    assert (
        told(
            "INSERT INTO event_registrations (event_id, package_id, attendee_email, status)"
            " SELECT event_id, id, 'wil', 'registered' FROM packages"
            " ON CONFLICT (package_id, attendee_email) DO UPDATE SET status = excluded.status"
            " WHERE event_registrations.status = 'cancelled'"
        )
        is None
    )
    assert who(inside, "waitlisted") == ["wil", "xia"]


def test_moving_everybody_to_a_larger_package_frees_the_first(inside, told, full):
    larger = inside.package(capacity=2)
    assert told("UPDATE event_registrations SET package_id = %s", larger) is None
    assert (inside.held(full), inside.held(larger)) == (0, 2)
    assert told("UPDATE event_registrations SET status = 'registered'") == FULL


def test_a_capacity_taken_away_and_given_back_is_followed_by_the_guard(inside, told, full):
    assert told("UPDATE packages SET capacity = NULL") is None
    assert told(f"INSERT {NEW}") is None
    assert told("UPDATE packages SET capacity = 0") is None
    assert told("UPDATE event_registrations SET status = 'registered' WHERE attendee_email = 'wil'") == FULL
    assert told("UPDATE event_registrations SET status = 'attended' WHERE attendee_email = 'ann'") is None
    assert told("UPDATE event_registrations SET status = 'cancelled' WHERE attendee_email = 'ann'") is None
    assert inside.held(full) == 2


def test_a_package_upserted_with_another_capacity_is_followed(inside, full):
    inside.do(
        "MERGE INTO packages p USING (VALUES (%s::uuid, 5), (gen_random_uuid(), 7)) AS v (id, capacity) ON p.id = v.id"
        " WHEN MATCHED THEN UPDATE SET capacity = v.capacity WHEN NOT MATCHED THEN"
        " INSERT (id, name, slug, price, duration_days, capacity) VALUES (v.id, 'P', 'merged', 0, 0, v.capacity)",
        full,
    )
    assert inside.rows("SELECT capacity, held FROM package_seats ORDER BY capacity") == [
        {"capacity": 5, "held": 2},
        {"capacity": 7, "held": 0},
    ]


def test_a_package_that_gets_another_id_keeps_its_counter_and_its_place_in_the_event(inside, told):
    event = inside.event()
    old = inside.package(event, capacity=1)
    assert told("UPDATE packages SET id = gen_random_uuid(), capacity = 2 WHERE id = %s", old) is None
    new = inside.value("SELECT id FROM packages")
    assert inside.rows("SELECT * FROM package_seats") == [{"package_id": new, "capacity": 2, "held": 0}]
    assert inside.value("SELECT packages_ids FROM events") == [new]
    inside.registration(new)
    assert told("UPDATE packages SET id = gen_random_uuid()") is not None  # somebody refers to it
    assert inside.held(new) == 1


def test_a_package_that_gets_another_id_and_another_event_is_listed_there_only(inside):
    here, there = inside.event(), inside.event()
    inside.package(here)
    inside.do("UPDATE packages SET id = gen_random_uuid(), event_id = %s", there)
    listed = {row["id"]: row["packages_ids"] for row in inside.rows("SELECT id, packages_ids FROM events")}
    assert listed == {here: [], there: [inside.value("SELECT id FROM packages")]}


@pytest.mark.parametrize("table", ["event_registrations", "packages", "events", "users", "orders"])
def test_truncating_whatever_takes_registrations_along_leaves_no_seat_held(table, inside, told, full):
    assert told(f"TRUNCATE {table} CASCADE") == ("23001 admin_logs_append_only" if table == "users" else None)
    taken = inside.value("SELECT coalesce(sum(held), 0) FROM package_seats")
    assert taken == inside.value("SELECT count(*) FROM event_registrations WHERE status = 'registered'")


def test_a_missing_counter_is_said_and_sells_nothing(inside, told, full):
    inside.do("DELETE FROM package_seats")
    assert told(f"INSERT {NEW}") == "55000 package_seats_missing"
    assert told("UPDATE event_registrations SET status = 'cancelled' WHERE attendee_email = 'ann'") is None
    inside.do("INSERT INTO package_seats (package_id, capacity, held) VALUES (%s, 2, 1)", full)


@pytest.mark.parametrize("counted", [5, 1])
def test_a_counter_somebody_spoiled_refuses_nobody_who_fits_and_the_recount_says_so(
    counted, inside, told, full
):
    inside.do("DELETE FROM event_registrations WHERE attendee_email = 'ann'")
    inside.do("UPDATE package_seats SET held = %s", counted)
    assert told(f"INSERT {NEW}") is None
    if counted == 5:
        assert (
            told("UPDATE event_registrations SET status = 'registered' WHERE attendee_email = 'wil'") == FULL
        )
    inside.do("UPDATE package_seats SET held = 2")


def test_row_security_that_hides_people_does_not_hide_them_from_the_count(inside, told, full):
    owner = inside.value("SELECT current_user")
    inside.do("ALTER TABLE event_registrations ENABLE ROW LEVEL SECURITY")
    inside.do("CREATE POLICY nobody ON event_registrations FOR SELECT USING (attendee_email = 'new')")
    inside.do("CREATE ROLE guest_of_the_house")
    inside.do("GRANT SELECT, INSERT ON event_registrations TO guest_of_the_house")
    inside.do("GRANT SELECT ON packages TO guest_of_the_house")
    inside.do("CREATE POLICY insert_all ON event_registrations FOR INSERT WITH CHECK (true)")
    inside.do("SET ROLE guest_of_the_house")
    assert told(f"INSERT {NEW}") == FULL
    inside.do(f"SET ROLE {owner}")
    assert inside.held(full) == 2
