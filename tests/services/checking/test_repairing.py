"""What is derived is mended under the lock everybody takes, logged, and then there is nothing more to mend."""

from __future__ import annotations

from uuid import UUID, uuid4

import psycopg
import pytest
import sqlalchemy as sa

from desktop.services import waitlist
from desktop.services.checking import derived, repairing

EVENT, PACKAGE = UUID(int=1), UUID(int=2)
WORKSHOP = "“Workshop” of “Monsoon Summit”"
DERIVED = (derived.seats, derived.lists_of_packages, derived.waitlists)
DAMAGE = {
    "too few held": (
        "UPDATE package_seats SET held = 1",
        "repair.seats",
        f"Recounted the seats of {WORKSHOP}: 2 held (the counter said 1)",
    ),
    "another capacity": (
        "UPDATE package_seats SET capacity = NULL",
        "repair.seats",
        f"Recounted the seats of {WORKSHOP}: 2 held, capacity 2 (the counter said without limit)",
    ),
    "no counter": (
        "DELETE FROM package_seats",
        "repair.seats",
        f"Recounted the seats of {WORKSHOP}: 2 held (there was no counter)",
    ),
    "an empty list": (
        "UPDATE events SET packages_ids = '{}'",
        "repair.packages_ids",
        "Listed the packages of “Monsoon Summit” again: 1 (the list had 0)",
    ),
    "somebody else's package": (
        "UPDATE events SET packages_ids = gen_random_uuid() || packages_ids || packages_ids",
        "repair.packages_ids",
        "Listed the packages of “Monsoon Summit” again: 1 (the list had 3)",
    ),
    "a gap": (
        "UPDATE event_registrations SET waitlist_position = 4 WHERE status = 'waitlisted'",
        "repair.waitlist",
        f"Numbered the waitlist of {WORKSHOP} again: 1 place changed",
    ),
    "no place": (
        "UPDATE event_registrations SET waitlist_position = NULL WHERE status = 'waitlisted'",
        "repair.waitlist",
        f"Numbered the waitlist of {WORKSHOP} again: 1 place changed",
    ),
}
TOLD = {
    "a gap": f"{WORKSHOP}: the places of the 1 waiting people have gaps: they go from 4 to 4."
    " Numbered again, 1 place changed",
    "no place": f"{WORKSHOP}: 1 of 1 waiting people have no place. Numbered again, 1 place changed",
}
LOGGED = "SELECT action_type, description, subject_id, admin_id FROM admin_logs ORDER BY logged_at"


@pytest.fixture
def website(database_url):
    """The website's connection, in a transaction it has not ended yet."""
    address = sa.make_url(database_url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address) as connection:
        yield connection


@pytest.mark.parametrize("case", DAMAGE)
def test_each_kind_of_damage_is_mended_and_logged_once(summit, admin, case):
    damage, action, sentence = DAMAGE[case]
    summit.do(damage)

    mended = repairing.repair(summit.database, admin)

    told = TOLD.get(case, sentence)
    assert [(one.done, one.sentence) for one in mended] == [(True, told)]
    subject = EVENT if "packages_ids" in action else PACKAGE
    assert [tuple(row) for row in summit.rows(LOGGED)] == [(action, sentence, subject, admin.id)]
    assert summit.found(*DERIVED) == []
    assert repairing.repair(summit.database, admin) == ()
    assert len(summit.rows(LOGGED)) == 1


def test_everything_at_once_is_mended_in_one_go(summit, admin):
    for case in ("no counter", "an empty list", "no place"):
        summit.do(DAMAGE[case][0])

    mended = repairing.repair(summit.database, admin)

    assert [one.kind for one in mended] == ["seat_counter", "packages_ids", "waitlist_positions"]
    assert summit.found(*DERIVED) == []


def test_a_counter_whose_package_is_gone_goes_too(summit, admin):
    gone = uuid4()
    summit.do(
        f"SET LOCAL session_replication_role = replica; INSERT INTO package_seats VALUES ('{gone}', 3, 0)"
    )

    (mended,) = repairing.repair(summit.database, admin)

    assert mended.sentence == "Removed the seat counter of a package that is gone"
    assert summit.found(*DERIVED) == []


def test_a_database_in_order_is_left_alone(summit, admin):
    before = summit.rows("SELECT xmin::text, * FROM event_registrations ORDER BY id")

    assert repairing.repair(summit.database, admin) == ()

    assert summit.rows("SELECT xmin::text, * FROM event_registrations ORDER BY id") == before
    assert summit.rows(LOGGED) == []


def test_a_list_of_packages_keeps_its_order_and_gets_the_missing_ones_behind(summit, admin):
    second, third = uuid4(), uuid4()
    for package in (second, third):
        summit.do(
            "INSERT INTO packages (id, name, slug, price, duration_days, package_type, event_id)"
            " VALUES (:id, 'Other', CAST(:id AS text), 0, 0, 'event', :event)",
            id=package,
            event=EVENT,
        )
    summit.do(
        "UPDATE events SET packages_ids = CAST(:ids AS uuid[])", ids=[str(third), str(uuid4()), str(PACKAGE)]
    )

    repairing.repair(summit.database, admin)

    assert summit.value("SELECT packages_ids FROM events") == [third, PACKAGE, second]


def test_waiting_people_keep_their_order(summit, admin):
    summit.person("e@example.org", "waitlisted", None)
    summit.person("d@example.org", "waitlisted", 9)
    summit.person("f@example.org", "waitlisted", None)

    repairing.repair(summit.database, admin)

    queue = summit.rows(
        "SELECT attendee_email, waitlist_position FROM event_registrations WHERE status = 'waitlisted'"
        " ORDER BY waitlist_position"
    )
    assert [tuple(row) for row in queue] == [
        ("c@example.org", 1), ("d@example.org", 2), ("e@example.org", 3), ("f@example.org", 4),
    ]  # fmt: skip


def test_a_long_waitlist_is_numbered_in_several_short_transactions(summit, admin, monkeypatch):
    monkeypatch.setattr(waitlist.closing, "STEP", 2)
    for place in range(5, 10):
        summit.person(f"w{place}@example.org", "waitlisted", place)

    (mended,) = repairing.repair(summit.database, admin)

    assert mended.sentence.endswith(". Numbered again, 5 places changed")
    assert [row.description.rpartition(": ")[2] for row in summit.rows(LOGGED)] == [
        "2 places changed", "2 places changed", "1 place changed",
    ]  # fmt: skip
    assert summit.found(*DERIVED) == []


@pytest.mark.parametrize(
    ("damage", "held"),
    [
        ("DELETE FROM package_seats", "UPDATE event_registrations SET phone_number = '1'"),
        ("UPDATE events SET packages_ids = '{}'", "UPDATE events SET description = 'new'"),
        (
            "UPDATE event_registrations SET waitlist_position = 4 WHERE status = 'waitlisted'",
            "UPDATE event_registrations SET phone_number = '1' WHERE status = 'waitlisted'",
        ),
    ],
)
def test_what_others_hold_is_left_and_said(summit, admin, website, monkeypatch, damage, held):
    monkeypatch.setattr("desktop.db.session.PATIENCE_SECONDS", 0)
    summit.do(damage)
    website.execute(held)

    (left,) = repairing.repair(summit.database, admin)

    assert not left.done
    assert summit.rows(LOGGED) == []
    website.rollback()
    (mended,) = repairing.repair(summit.database, admin)
    assert mended.done
    assert summit.found(*DERIVED) == []


def test_what_came_right_meanwhile_is_not_mended_again(summit, admin, monkeypatch):
    summit.do("UPDATE package_seats SET held = 0")
    looked = repairing._wrong

    def somebody_was_faster(*asked):
        wrong = looked(*asked)
        summit.do("UPDATE package_seats SET held = 2")
        return wrong

    monkeypatch.setattr(repairing, "_wrong", somebody_was_faster)

    assert repairing.repair(summit.database, admin) == ()
    assert summit.rows(LOGGED) == []


def test_a_writer_in_the_middle_of_an_insert_is_counted_once(summit, admin, website, at_once):
    """Its seat is in the counter already and in nobody's sight: a recount that does not wait would take it away."""
    summit.do("UPDATE packages SET capacity = 10")
    summit.do("UPDATE package_seats SET held = 0")
    website.execute(
        "INSERT INTO event_registrations (event_id, package_id, attendee_email)"
        " SELECT event_id, id, 'new@example.org' FROM packages"
    )

    (mended,), _ = at_once(lambda: repairing.repair(summit.database, admin), commits(summit, website))

    assert mended.sentence == f"Recounted the seats of {WORKSHOP}: 3 held (the counter said 1)"
    assert summit.found(*DERIVED) == []


def test_a_package_somebody_is_just_adding_is_listed_once(summit, admin, website, at_once):
    summit.do("UPDATE events SET packages_ids = '{}'")
    website.execute(
        "INSERT INTO packages (name, slug, price, duration_days, package_type, event_id)"
        " SELECT 'Late', 'late', 0, 0, 'event', id FROM events"
    )

    (mended,), _ = at_once(lambda: repairing.repair(summit.database, admin), commits(summit, website))

    assert mended.sentence == "Listed the packages of “Monsoon Summit” again: 2 (the list had 1)"
    assert summit.found(*DERIVED) == []


def commits(summit, website):
    """Ends the website's transaction as soon as somebody waits for it."""
    waiting = (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )

    def run():
        while not summit.value(waiting):
            pass
        website.commit()

    return run


def test_nobody_but_the_owner_may_call_the_functions(summit, role):
    functions = summit.rows(
        "SELECT oid::regprocedure::text AS name, prosecdef, has_function_privilege(:role, oid, 'EXECUTE') AS may"
        " FROM pg_proc WHERE pronamespace = 'greenroom'::regnamespace AND proname LIKE 'repair%'".replace(
            ":role", f"'{role}'"
        )
    )

    assert len(functions) == 3
    assert all(function.prosecdef and not function.may for function in functions)
