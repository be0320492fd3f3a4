"""What somebody gets out of the functions they may call by handing them what no window would."""

from __future__ import annotations

import json
from uuid import uuid4

import psycopg
import pytest

BULK = "SELECT outcome FROM greenroom.in_bulk(%s, 'undo', %s, 'x', NULL, NULL)"


def _undo(building, registration, **before):
    now = building.registered(registration)
    undo = {
        "status": now["status"],
        "package": str(now["package_id"]),
        "registered_at": now["registered_at"].isoformat(),
        "cancelled_at": None,
        "before": {"status": "registered", "package": str(now["package_id"]), "place": 1} | before,
    }
    return json.dumps([{"id": str(registration), "undo": undo}])


def test_no_error_tells_a_ticket(building, session):
    """Ruling 26: in the detail of a violated constraint is the whole row, because the functions run as the owner."""
    actor, registration = building.user(), building.registration(building.package())
    building.do("ALTER TABLE event_registrations ADD CONSTRAINT dial CHECK (phone_number ~ '^[0-9]+$')")
    token = str(building.registered(registration)["registration_token"])
    edit = "SELECT greenroom.edit_contact(%s, %s, '{}', %s)"
    try:
        for statement, values in (
            (edit, (actor, registration, '{"attendee_email": null}')),
            (edit, (actor, registration, '{"phone_number": "none"}')),
            (BULK, (actor, _undo(building, registration, status="banana"))),
        ):
            with pytest.raises(psycopg.Error) as refused:
                session("organizer").execute(statement, values)
            assert token not in str(refused.value)
    finally:
        building.do("ALTER TABLE event_registrations DROP CONSTRAINT dial")


def test_nothing_is_taken_back_that_no_bulk_operation_did(building, session):
    """Ruling 14: only the door's operations make somebody attended; a registration stays in its event."""
    actor, registration = building.user(), building.registration(building.package())
    with pytest.raises(psycopg.errors.InvalidParameterValue):
        session("organizer").execute(BULK, (actor, _undo(building, registration, status="attended")))
    assert building.status(registration) == "registered"
    elsewhere = str(building.package())
    told = session("organizer").execute(BULK, (actor, _undo(building, registration, package=elsewhere)))
    assert told.fetchone() == ("changed",)


def test_answers_are_not_lost_for_a_null(building, session):
    actor = building.user()
    registration = building.registration(building.package(), registration_meta='{"import": 1, "q": 1}')
    session("organizer").execute(
        "SELECT greenroom.set_answers(%s, %s, NULL, %s, NULL)", (actor, registration, '{"q": 2}')
    )
    assert building.registered(registration)["registration_meta"] == {"import": 1, "q": 2}


@pytest.mark.parametrize("statement", ["set_role(%s, %s, 'admin', NULL)", "set_active(%s, %s, NULL, NULL)"])
def test_the_last_admin_stays_one_whatever_is_asked(statement, building, session, staff):
    """Ruling 24."""
    admin = staff("admin")
    with pytest.raises(psycopg.errors.InvalidParameterValue):
        session("admin").execute(f"SELECT greenroom.{statement}", (admin.id, admin.id))
    assert building.value("SELECT status FROM users WHERE id = %s", admin.id) == "active"
    assert building.value("SELECT count(*) FROM user_roles WHERE user_id = %s", admin.id) == 1


def test_a_station_that_says_a_billion_is_answered(building, session):
    event = building.event()
    building.insert(
        "check_ins", id=uuid4(), registration_id=uuid4(), action="admit", station="North", sequence=2,
        staff_id=uuid4(), decided_at="2026-01-01", decision="asked", verdict="not_found",
    )  # fmt: skip
    door = session("door")
    door.execute("SET statement_timeout = '2s'")
    for last, missing in (
        (0, []),
        (3, [1, 3]),
        (10**9, [1, *range(3, 1002)]),
        (2**63 - 1, [1, *range(3, 1002)]),
    ):
        told = door.execute(
            "SELECT missing FROM greenroom.report_station(%s, %s, 'North', 0, %s, false)",
            (uuid4(), event, last),
        )
        assert told.fetchone()[0] == missing


def test_whoever_is_taken_in_was_so_at_a_time_and_by_an_operation_of_their_own(building, session):
    """An infinite time in the ledger, which is never rewritten, would be in the way of everybody who reads it."""
    actor, package = building.user(), building.package(capacity=0)
    first, second = building.waiting(package, "a@example.org", "b@example.org")
    used = uuid4()
    for operation, person in ((used, first), (uuid4(), second)):
        session("door").execute(
            "SELECT greenroom.admit_at_door(%s, 'admit', %s, NULL, 'N', NULL, %s, '2026-01-01', 'admitted', NULL)",
            (operation, person, actor),
        )
    take = "SELECT verdict, answer FROM greenroom.take_in(%s, %s, 'N', %s, %s, 'x')"
    organizer = session("organizer")
    for operation, at, field in ((uuid4(), "infinity", "decided_at"), (used, "2026-01-01", "operation")):
        told = organizer.execute(take, (operation, second, actor, at)).fetchone()
        assert told == ("invalid", {"field": field})


def test_silent_stations_are_named_and_not_waved_through(building, session):
    """Ruling 11."""
    actor, event = building.user(), building.event(status="completed", start_time="2020-01-01")
    building.registration(building.package(event))
    session("door").execute("SELECT greenroom.report_station(%s, %s, 'South', 7, 10, false)", (actor, event))
    for confirmed in (None, [None], []):
        told = session("organizer").execute(
            "SELECT outcome FROM greenroom.record_no_shows(%s, %s, 'desk', %s::text[], NULL)",
            (actor, event, confirmed),
        )
        assert told.fetchone() == ("silent",)


def test_how_many_is_a_number(building, session):
    actor, package = building.user(), building.package(capacity=None)
    building.waiting(package, "a@example.org", "b@example.org")
    organizer = session("organizer")
    told = organizer.execute("SELECT outcome FROM greenroom.promote(%s, %s, NULL, NULL)", (actor, package))
    assert told.fetchone() == ("nobody",)
    with pytest.raises(psycopg.errors.InvalidParameterValue):
        organizer.execute("SELECT greenroom.set_capacity(%s, %s, NULL, -1, 9, 'x')", (actor, package))
