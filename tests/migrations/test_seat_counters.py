"""The seat counters under every kind of statement; `building` compares them with a recount after each test."""

from __future__ import annotations

import psycopg
import pytest


@pytest.fixture
def package(building):
    """A package of three seats, empty."""
    return building.package(capacity=3)


def _seats(building, package):
    return building.row("SELECT capacity, held FROM package_seats WHERE package_id = %s", package)


def _agrees(building, package, held):
    assert building.held(package) == held
    assert building.drift() == []


@pytest.mark.parametrize(
    ("status", "held"),
    [("registered", 1), ("attended", 1), ("waitlisted", 0), ("cancelled", 0), ("no_show", 0)],
)
def test_registered_and_attended_hold_a_seat_and_nobody_else(status, held, building, package):
    """Ruling 7."""
    building.registration(package, status=status)
    _agrees(building, package, held)


def test_one_statement_with_many_people_counts_them_all(building):
    one, other = building.package(capacity=50), building.package()
    building.do(
        "INSERT INTO event_registrations (event_id, package_id, attendee_email)"
        " SELECT p.event_id, p.id, n || '@example.org' FROM packages p, generate_series(1, 40) n"
    )
    _agrees(building, one, 40)
    _agrees(building, other, 40)


def test_a_statement_that_asks_for_too_many_seats_gets_none(building, package):
    with pytest.raises(psycopg.errors.CheckViolation):
        building.do(
            "INSERT INTO event_registrations (event_id, package_id, attendee_email)"
            " SELECT event_id, id, n || '@example.org' FROM packages, generate_series(1, 4) n"
        )
    _agrees(building, package, 0)


def test_every_change_of_status_is_counted(building, package):
    registration = building.registration(package, status="waitlisted")
    held = []
    for status in ("registered", "attended", "registered", "no_show", "attended", "cancelled", "registered"):
        building.do("UPDATE event_registrations SET status = %s WHERE id = %s", status, registration)
        held.append(building.held(package))
        assert building.drift() == []
    assert held == [1, 1, 1, 0, 1, 0, 1]


def test_a_deleted_registration_gives_its_seat_back(building, package):
    building.do("DELETE FROM event_registrations WHERE id = %s", building.registration(package))
    _agrees(building, package, 0)


def test_deleting_an_order_or_a_user_leaves_the_seat_where_it_is(building, package):
    user = building.user()
    order = building.insert(
        "orders", user_id=user, package_id=package, payment_id="p", amount_paid=1, payment_status="paid"
    )
    building.registration(package, user_id=user, order_id=order)
    building.do("DELETE FROM users WHERE id = %s", user)
    _agrees(building, package, 1)


def test_an_insert_that_finds_the_person_there_already_takes_no_seat(building, package):
    event = building.value("SELECT event_id FROM packages WHERE id = %s", package)
    statement = "INSERT INTO event_registrations (event_id, package_id, attendee_email) SELECT %s, %s, 'a@example.org'"
    building.do(statement, event, package)
    for _ in range(3):
        building.do(statement + " ON CONFLICT DO NOTHING", event, package)
    _agrees(building, package, 1)


def test_an_upsert_counts_what_it_inserted_and_what_it_updated(building, package):
    event = building.value("SELECT event_id FROM packages WHERE id = %s", package)
    building.registration(package, "back@example.org", status="cancelled")
    building.registration(package, "here@example.org")
    building.do(
        "INSERT INTO event_registrations (event_id, package_id, attendee_email)"
        " SELECT %s, %s, name || '@example.org' FROM unnest(ARRAY['back', 'here', 'new']) AS name"
        " ON CONFLICT (package_id, attendee_email) DO UPDATE SET status = 'registered'",
        event,
        package,
    )
    _agrees(building, package, 3)


def test_copy_is_counted(building, package):
    event = building.value("SELECT event_id FROM packages WHERE id = %s", package)
    with building.website.cursor().copy(
        "COPY event_registrations (event_id, package_id, attendee_email, status) FROM STDIN"
    ) as copy:
        copy.write_row((event, package, "a@example.org", "registered"))
        copy.write_row((event, package, "b@example.org", "attended"))
        copy.write_row((event, package, "c@example.org", "waitlisted"))
    _agrees(building, package, 2)


def test_somebody_who_moves_to_another_package_takes_the_seat_there(building, package):
    other = building.package(capacity=1)
    registration = building.registration(package)
    building.do("UPDATE event_registrations SET package_id = %s WHERE id = %s", other, registration)
    _agrees(building, package, 0)
    _agrees(building, other, 1)


def test_somebody_who_moves_to_a_full_package_stays_where_they_are(building, package):
    other = building.package(capacity=0)
    registration = building.registration(package)
    with pytest.raises(psycopg.errors.CheckViolation):
        building.do("UPDATE event_registrations SET package_id = %s WHERE id = %s", other, registration)
    _agrees(building, package, 1)
    _agrees(building, other, 0)


def test_two_people_who_swap_packages_in_one_statement_fit_even_when_both_are_full(building):
    one, other = building.package(capacity=1), building.package(capacity=1)
    building.registration(one)
    building.registration(other)
    building.do(
        f"UPDATE event_registrations SET package_id = CASE package_id WHEN '{one}' THEN '{other}'::uuid"
        f" ELSE '{one}'::uuid END"
    )
    _agrees(building, one, 1)
    _agrees(building, other, 1)


def test_the_counter_follows_the_capacity(building, package):
    building.do("UPDATE packages SET capacity = 7 WHERE id = %s", package)
    assert _seats(building, package) == {"capacity": 7, "held": 0}
    building.do("UPDATE packages SET capacity = NULL WHERE id = %s", package)
    assert _seats(building, package) == {"capacity": None, "held": 0}


def test_a_capacity_below_the_seats_held_takes_nobodys_seat_and_gives_none_until_it_is_below_again(
    building, package
):
    """Ruling 8."""
    people = [building.registration(package) for _ in range(3)]
    building.do("UPDATE packages SET capacity = 1 WHERE id = %s", package)
    _agrees(building, package, 3)
    for person in people[:2]:
        building.do("UPDATE event_registrations SET status = 'cancelled' WHERE id = %s", person)
        with pytest.raises(psycopg.errors.CheckViolation):
            building.registration(package)
    building.do("UPDATE event_registrations SET status = 'attended' WHERE id = %s", people[2])
    building.do("DELETE FROM event_registrations WHERE id = %s", people[2])
    building.registration(package)
    _agrees(building, package, 1)


def test_a_package_without_capacity_never_fills(building):
    package = building.package()
    for _ in range(5):
        building.registration(package)
    _agrees(building, package, 5)


def test_taking_back_a_cancellation_needs_a_free_seat(building):
    package = building.package(capacity=1)
    left = building.registration(package, status="cancelled")
    building.registration(package)
    with pytest.raises(psycopg.errors.CheckViolation):
        building.do("UPDATE event_registrations SET status = 'registered' WHERE id = %s", left)
    _agrees(building, package, 1)


def test_truncating_the_registrations_empties_every_counter(building, package):
    building.registration(package)
    building.do("TRUNCATE event_registrations")
    _agrees(building, package, 0)


def test_deleting_an_event_deletes_its_counters(building, package):
    building.registration(package)
    building.do("DELETE FROM events")
    assert building.rows("SELECT FROM package_seats") == []


def test_upserting_a_package_keeps_one_counter(building, package):
    building.do(
        "INSERT INTO packages (id, name, slug, price, duration_days) VALUES (%s, 'P', 'p', 0, 0)"
        " ON CONFLICT (id) DO UPDATE SET capacity = 9",
        package,
    )
    assert _seats(building, package) == {"capacity": 9, "held": 0}


def test_a_package_may_be_given_another_id(building, package):
    building.registration(building.package())
    building.do("UPDATE packages SET id = gen_random_uuid() WHERE id = %s", package)
    assert building.drift() == []


def test_a_rolled_back_statement_leaves_the_counter_alone(building, package):
    with building.connect() as website, pytest.raises(RuntimeError), website.transaction():
        website.execute(
            "INSERT INTO event_registrations (event_id, package_id, attendee_email)"
            " SELECT event_id, id, 'a@example.org' FROM packages"
        )
        raise RuntimeError
    _agrees(building, package, 0)


def test_a_blind_insert_into_a_full_package_is_told_which_rule_it_broke(building):
    """Ruling 8: an ordinary 23514 named package_capacity."""
    package = building.package(capacity=1)
    building.registration(package)
    with pytest.raises(psycopg.errors.CheckViolation) as caught:
        building.registration(package)
    told = caught.value.diag
    assert (told.sqlstate, told.constraint_name, told.table_name) == (
        "23514",
        "package_capacity",
        "event_registrations",
    )
    assert "1 of 1 seats are held" in told.message_primary
    assert told.message_detail is None


def test_the_capacity_view_counts_as_the_specification_says_and_can_be_refreshed_while_read(
    building, package
):
    """Ruling 7."""
    for status in ("registered", "attended", "waitlisted", "cancelled", "no_show"):
        building.registration(package, status=status)
    unlimited = building.package()
    subscription = building.package(package_type="subscription")
    with building.connect(autocommit=False) as reader:
        reader.execute("SELECT * FROM package_capacity_status")
        building.do("REFRESH MATERIALIZED VIEW CONCURRENTLY package_capacity_status")
    found = {row.pop("package_id"): row for row in building.rows("SELECT * FROM package_capacity_status")}
    assert found[package] == {"capacity": 3, "registered_count": 1, "seats_remaining": 1}
    assert found[unlimited] == {"capacity": None, "registered_count": 0, "seats_remaining": None}
    assert subscription not in found


def test_a_counter_kept_by_a_row_trigger_drifts_and_the_recount_notices(building, package):
    """The mutant of concurrency.md: one insert and three ON CONFLICT DO NOTHING count four."""
    for trigger in ("insert", "update", "delete"):
        building.do(f"DROP TRIGGER trg_seats_{trigger} ON event_registrations")
    building.do(
        "CREATE FUNCTION greenroom.count_one() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " UPDATE package_seats SET held = held + 1 WHERE package_id = NEW.package_id; RETURN NEW; END $$"
    )
    building.do(
        "CREATE TRIGGER count_one BEFORE INSERT ON event_registrations FOR EACH ROW"
        " EXECUTE FUNCTION greenroom.count_one()"
    )
    test_an_insert = (
        "INSERT INTO event_registrations (event_id, package_id, attendee_email) SELECT event_id, id,"
    )
    for _ in range(4):
        building.do(test_an_insert + " 'a@example.org' FROM packages ON CONFLICT DO NOTHING")
    drifted = building.drift()
    assert [(row["held"], row["really"]) for row in drifted] == [(4, 1)]
    building.do("UPDATE package_seats SET held = 1")
