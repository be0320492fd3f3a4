"""Two stations, one guest: every operation ends in exactly one verdict (door.md 3 and 4)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from uuid import uuid4

import pytest

from desktop import errors
from desktop.db import session
from desktop.services import attendance, registering
from desktop.services.attendance import Admission


def _verdicts(results):
    return sorted(result.verdict for result in results)


def test_a_guest_shown_to_four_stations_at_once_is_let_in_by_one(windows, building, door, at_once):
    guest = building.registration(building.package(capacity=1))
    results = at_once(
        *(
            partial(attendance.admit, window, door, Admission(guest, f"Desk {n}"))
            for n, window in enumerate(windows)
        )
    )
    assert _verdicts(results) == ["admitted"] + ["already_inside"] * 3
    let_in = next(result for result in results if result.verdict == "admitted")
    station = building.value("SELECT station FROM check_ins WHERE id = %s", let_in.operation_id)
    assert {result.answer["station"] for result in results if result.verdict == "already_inside"} == {station}
    assert building.value("SELECT count(*) FROM check_ins") == 4


@pytest.mark.parametrize("known", [True, False])
def test_one_operation_that_arrives_four_times_at_once_is_decided_once(
    known, windows, building, door, at_once
):
    guest = building.registration(building.package()) if known else uuid4()
    operation = uuid4()
    for _ in range(5):
        results = at_once(
            *(
                partial(attendance.admit, window, door, Admission(guest, "Desk 1", operation_id=operation))
                for window in windows
            )
        )
        assert _verdicts(results) == ["admitted" if known else "not_found"] * 4
        assert building.value("SELECT count(*) FROM check_ins WHERE id = %s", operation) == 1
        operation = uuid4()
        if known:
            building.do("UPDATE event_registrations SET status = 'registered'")


def test_an_operation_that_arrives_while_it_is_being_written_down_gets_what_was_written(
    windows, building, door, until_it_waits
):
    operation, nobody = uuid4(), uuid4()
    with building.connect(autocommit=False) as first, ThreadPoolExecutor(1) as pool:
        first.execute(
            "INSERT INTO check_ins (id, registration_id, action, station, staff_id, decided_at, decision, verdict)"
            " VALUES (%s, %s, 'admit', 'Desk 1', %s, now(), 'asked', 'not_found')",
            (operation, nobody, door.id),
        )
        again = pool.submit(
            attendance.admit, windows[0], door, Admission(nobody, "Desk 1", operation_id=operation)
        )
        assert until_it_waits(again)
        first.commit()
        assert (again.result().verdict, again.result().repeated) == ("not_found", True)


def test_the_door_lets_a_guest_in_while_others_hold_the_seats(windows, building, door):
    package = building.package(capacity=2)
    guest = building.registration(package)
    with building.connect(autocommit=False) as website:
        website.execute("SELECT FROM package_seats FOR UPDATE")
        assert attendance.admit(windows[0], door, Admission(guest, "Desk 1")).verdict == "admitted"
        assert attendance.undo(windows[0], door, Admission(guest, "Desk 1")).verdict == "undone"


def test_of_four_no_shows_who_arrive_late_together_one_gets_the_free_seat(windows, building, door, at_once):
    package = building.package(capacity=3)
    for _ in range(2):
        building.registration(package)
    late = [building.registration(package, status="no_show") for _ in range(4)]
    results = at_once(
        *(
            partial(attendance.admit, window, door, Admission(guest, "Desk 1"))
            for window, guest in zip(windows, late, strict=True)
        )
    )
    assert _verdicts(results) == ["admitted"] + ["seat_given_away"] * 3
    assert building.held(package) == 3


def test_checking_in_and_taking_back_at_once_leaves_the_guest_where_the_last_verdict_says(
    windows, building, organizer, at_once
):
    guest = building.registration(building.package(capacity=1))
    for _ in range(5):
        results = at_once(
            partial(attendance.admit, windows[0], organizer, Admission(guest, "Desk 1")),
            partial(attendance.undo, windows[1], organizer, Admission(guest, "Desk 2")),
        )
        assert [result for result in results if isinstance(result, Exception)] == []
        last = building.row(
            "SELECT verdict FROM check_ins WHERE verdict IN ('admitted', 'undone') ORDER BY recorded_at DESC LIMIT 1"
        )
        assert building.status(guest) == {"admitted": "attended", "undone": "registered"}[last["verdict"]]


def test_a_door_that_checks_in_while_the_desk_cancels_leaves_one_of_the_two(
    windows, building, organizer, at_once
):
    package = building.package(capacity=40)
    guests = [building.registration(package) for _ in range(10)]
    for guest in guests:
        at_once(
            partial(attendance.admit, windows[0], organizer, Admission(guest, "Desk 1")),
            partial(registering.cancel, windows[1], organizer, guest),
        )
    inside = sum(building.status(guest) == "attended" for guest in guests)
    gone = sum(building.status(guest) == "cancelled" for guest in guests)
    assert inside + gone == 10
    assert building.held(package) == inside
    assert building.value("SELECT count(*) FROM check_ins WHERE verdict = 'admitted'") == inside


def test_an_operation_that_was_written_down_meanwhile_does_not_meet_its_own_number(
    database, building, door, monkeypatch
):
    """The first sending is written between the two looks into the ledger; a function that does so stands for it."""
    monkeypatch.setattr(session, "TRIES", 1)
    text = building.value(
        "SELECT pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'greenroom'::regnamespace"
        " AND proname = 'operate'"
    )
    between = "  answer := CASE\n    WHEN p_action IN"
    assert text.count(between) == 1
    building.do(
        text.replace(
            between,
            "INSERT INTO public.check_ins (id, registration_id, action, station, sequence, staff_id, decided_at,"
            " decision, verdict) VALUES (p_operation, p_registration, p_action, p_station, p_sequence, p_staff,"
            f" p_decided_at, p_decision, 'not_found');\n{between}",
        )
    )
    with pytest.raises(errors.Busy):  # it is tried again, and gets what was written
        attendance.admit(database, door, Admission(uuid4(), "Desk 1", sequence=7))
    assert building.value("SELECT count(*) FROM check_ins") == 0
