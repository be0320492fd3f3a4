"""Letting people in, exactly once per operation, and taking it back (ruling 16, door.md 3 and 6)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from desktop import errors
from desktop.services import attendance
from desktop.services.attendance import Admission, Admitted

KOLKATA = ZoneInfo("Asia/Kolkata")
AT = datetime(2026, 7, 1, 13, 33, 20, 120000, tzinfo=UTC)


@pytest.fixture
def admit(database, door):
    """`attendance.admit` as the door does it at Desk 1."""

    def run(registration, **known):
        return attendance.admit(database, door, Admission(registration, **{"station": "Desk 1"} | known))

    return run


@pytest.fixture
def undo(database, door):
    """`attendance.undo` as the door does it at Desk 1, unless by somebody else."""

    def run(registration, by=None, **known):
        return attendance.undo(database, by or door, Admission(registration, **{"station": "Desk 1"} | known))

    return run


@pytest.fixture
def seated(building):
    """Somebody with a seat."""
    return building.registration(building.package(capacity=2), attendee_name="Zoë")


def _ledger(building):
    return building.rows("SELECT * FROM check_ins ORDER BY recorded_at")


def _only_entry(building, result):
    (entry,) = _ledger(building)
    assert (entry["id"], entry["verdict"], entry["answer"]) == (
        result.operation_id,
        result.verdict,
        result.answer,
    )
    return entry


def test_somebody_with_a_seat_is_let_in(building, seated, admit, door):
    result = admit(seated, decided_at=AT, sequence=4)
    assert (result.verdict, result.status, result.repeated, result.changed) == (
        "admitted",
        "attended",
        False,
        True,
    )
    assert result.registration_id == seated
    assert building.status(seated) == "attended"
    entry = _only_entry(building, result)
    registration = building.registered(seated)
    assert {key: entry[key] for key in ("registration_id", "event_id", "package_id")} == {
        "registration_id": seated,
        "event_id": registration["event_id"],
        "package_id": registration["package_id"],
    }
    assert (entry["action"], entry["station"], entry["sequence"], entry["staff_id"], entry["decision"]) == (
        "admit",
        "Desk 1",
        4,
        door.id,
        "asked",
    )
    assert entry["decided_at"] == AT.replace(tzinfo=None)
    assert building.log(seated) == [
        ("attendance.admit", "Checked in Zoë at Desk 1 (“Workshop pass” of “Monsoon Data Summit”)")
    ]


def test_letting_somebody_in_moves_no_seat(building, seated, admit):
    package = building.registered(seated)["package_id"]
    admit(seated)
    assert building.held(package) == 1


def test_the_stations_clock_is_stored_in_utc_whatever_its_zone(building, seated, admit):
    admit(seated, decided_at=AT.astimezone(KOLKATA))
    assert _ledger(building)[0]["decided_at"] == AT.replace(tzinfo=None)


def test_a_repeated_operation_gets_the_same_verdict_and_changes_nothing(building, seated, admit, undo):
    operation = uuid4()
    first = admit(seated, operation_id=operation)
    undo(seated)
    again = admit(seated, operation_id=operation)
    assert (first.repeated, again.repeated) == (False, True)
    assert (again.verdict, again.answer) == (first.verdict, first.answer)
    assert building.status(seated) == "registered"
    assert len(_ledger(building)) == 2
    assert len(building.log(seated)) == 2


def test_a_repeated_refusal_gets_the_same_answer_though_the_world_moved_on(building, admit):
    registration, _ = building.waiting(building.package(capacity=9), "a@example.org", "b@example.org")
    operation = uuid4()
    first = admit(registration, operation_id=operation)
    building.do("UPDATE event_registrations SET status = 'registered' WHERE id = %s", registration)
    again = admit(registration, operation_id=operation)
    assert (again.verdict, again.answer, again.repeated) == ("waitlisted", first.answer, True)
    assert building.status(registration) == "registered"


def test_a_repeated_unknown_ticket_is_written_once(building, admit):
    operation, nobody = uuid4(), uuid4()
    assert [admit(nobody, operation_id=operation).repeated for _ in range(2)] == [False, True]
    assert len(_ledger(building)) == 1


def test_somebody_inside_is_told_with_station_time_and_staff(building, seated, admit, organizer, database):
    admit(seated, decided_at=AT)
    again = attendance.admit(database, organizer, Admission(seated, "Desk 2"))
    assert (again.verdict, again.status, again.changed) == ("already_inside", "attended", False)
    assert again.answer == {"station": "Desk 1", "at": "2026-07-01T13:33:20.12", "staff": "noor.door"}
    assert len(_ledger(building)) == 2
    assert len(building.log(seated)) == 1
    assert attendance.sentence(again, "Zoë", KOLKATA) == (
        "Zoë is already inside since 19:03, let in at Desk 1 by noor.door."
    )


def test_somebody_the_website_let_in_is_inside_without_further_detail(building, admit):
    registration = building.registration(building.package(), status="attended")
    result = admit(registration)
    assert (result.verdict, result.answer) == ("already_inside", {})
    assert attendance.sentence(result, "Zoë", KOLKATA) == "Zoë is already inside."


def test_somebody_let_in_again_after_an_undo_is_told_of_the_later_time(building, seated, admit, undo):
    admit(seated, station="Desk 1")
    undo(seated)
    admit(seated, station="Desk 2")
    assert admit(seated).answer["station"] == "Desk 2"


def test_somebody_who_has_not_paid_pays_first_and_comes_in_then(building, admit):
    package = building.package(building.event(payment_required=True), price="12.50")
    order = building.insert(
        "orders",
        user_id=building.user(),
        package_id=package,
        payment_id="p",
        amount_paid="12.50",
        currency="EUR",
        payment_status="pending",
    )
    registration = building.registration(package, order_id=order)
    due = admit(registration)
    assert (due.verdict, due.status, due.answer) == (
        "payment_due",
        "registered",
        {"amount": "12.50", "currency": "EUR"},
    )
    assert building.status(registration) == "registered"
    building.do("UPDATE orders SET payment_status = 'paid'")
    assert admit(registration).verdict == "admitted"


@pytest.mark.parametrize("state", ["failed", "refunded"])
def test_an_order_that_is_closed_does_not_open_the_door(state, building, admit):
    package = building.package(building.event(payment_required=True), price=10)
    order = building.insert(
        "orders",
        user_id=building.user(),
        package_id=package,
        payment_id="p",
        amount_paid=10,
        payment_status=state,
    )
    assert admit(building.registration(package, order_id=order)).verdict == "payment_due"


def test_a_seat_without_any_order_owes_the_price(building, admit):
    package = building.package(building.event(payment_required=True), price=10)
    result = admit(building.registration(package))
    assert (result.verdict, result.answer) == ("payment_due", {"amount": "10.00", "currency": "INR"})
    assert attendance.sentence(result, "Zoë", KOLKATA) == (
        "Zoë has not paid yet: ₹10 is due. Take the payment first, then check in."
    )


def test_a_package_that_costs_nothing_needs_no_order_at_the_door(building, admit):
    package = building.package(building.event(payment_required=True), price=0)
    assert admit(building.registration(package)).verdict == "admitted"


def test_somebody_waiting_is_told_their_place_counted_among_those_who_wait(building, admit):
    package = building.package(capacity=9)
    for place in (4, None, 4):
        registration = building.registration(package, status="waitlisted", waitlist_position=place)
    result = admit(registration)
    assert (result.verdict, result.status, result.answer) == ("waitlisted", "waitlisted", {"place": 2})
    _only_entry(building, result)


def test_somebody_who_cancelled_stays_outside(building, admit):
    registration = building.registration(building.package(), status="cancelled")
    result = admit(registration)
    assert (result.verdict, building.status(registration)) == ("cancelled", "cancelled")
    _only_entry(building, result)


def test_a_late_no_show_gets_a_free_seat(building, admit):
    package = building.package(capacity=1)
    registration = building.registration(package, status="no_show")
    result = admit(registration)
    assert (result.verdict, result.status) == ("admitted", "attended")
    assert building.held(package) == 1
    _only_entry(building, result)


def test_a_late_no_show_whose_seat_is_taken_is_told_so(building, admit):
    package = building.package(capacity=1)
    registration = building.registration(package, status="no_show")
    building.registration(package)
    result = admit(registration)
    assert (result.verdict, building.status(registration), building.held(package)) == (
        "seat_given_away",
        "no_show",
        1,
    )
    _only_entry(building, result)


def test_a_late_no_show_of_a_package_without_capacity_comes_in(building, admit):
    assert admit(building.registration(building.package(), status="no_show")).verdict == "admitted"


@pytest.mark.parametrize("columns", [{"status": "cancelled"}, {"deleted_at": "2026-01-01"}])
def test_nobody_is_let_in_to_an_event_that_does_not_take_place(columns, building, admit):
    registration = building.registration(building.package(building.event(**columns)))
    result = admit(registration)
    assert (result.verdict, building.status(registration)) == ("event_cancelled", "registered")
    _only_entry(building, result)


def test_a_ticket_for_another_event_is_told_with_that_events_title(building, seated, admit):
    result = admit(seated, event_id=building.event(title="Tech Day"))
    assert (result.verdict, result.answer, building.status(seated)) == (
        "wrong_event",
        {"event": "Monsoon Data Summit"},
        "registered",
    )
    _only_entry(building, result)


def test_a_ticket_for_this_event_is_let_in_at_its_own_door(building, seated, admit):
    assert admit(seated, event_id=building.registered(seated)["event_id"]).verdict == "admitted"


def test_an_unknown_ticket_is_written_down(building, admit):
    nobody = uuid4()
    result = admit(nobody)
    assert (result.verdict, result.status) == ("not_found", None)
    assert _only_entry(building, result)["registration_id"] == nobody


def test_the_door_takes_back_its_own_check_in(building, seated, admit, undo):
    admit(seated)
    result = undo(seated, reason="wrong badge")
    assert (result.verdict, result.status, result.changed) == ("undone", "registered", True)
    assert building.status(seated) == "registered"
    assert [entry["verdict"] for entry in _ledger(building)] == ["admitted", "undone"]
    assert building.log(seated)[-1] == (
        "attendance.undo",
        "Took back the check-in of Zoë at Desk 1 (“Workshop pass” of “Monsoon Data Summit”): wrong badge",
    )


def test_a_repeated_undo_does_not_take_back_the_check_in_after_it(building, seated, admit, undo):
    operation = uuid4()
    admit(seated)
    undo(seated, operation_id=operation)
    admit(seated)
    assert undo(seated, operation_id=operation).repeated
    assert building.status(seated) == "attended"


def test_the_door_does_not_take_back_somebody_elses_check_in(building, seated, undo, organizer, database):
    attendance.admit(database, organizer, Admission(seated, "Desk 2"))
    assert undo(seated).verdict == "not_yours"
    assert building.status(seated) == "attended"


def test_an_organizer_takes_back_anybodys_check_in(building, seated, admit, undo, organizer):
    admit(seated)
    assert undo(seated, by=organizer).verdict == "undone"
    assert building.status(seated) == "registered"


def test_whoever_let_the_person_in_last_may_take_it_back(building, seated, admit, undo, organizer, database):
    attendance.admit(database, organizer, Admission(seated, "Desk 2"))
    undo(seated, by=organizer)
    admit(seated)
    assert undo(seated).verdict == "undone"


def test_what_the_website_let_in_is_nobodys_own(building, undo):
    registration = building.registration(building.package(), status="attended")
    assert undo(registration).verdict == "not_yours"


@pytest.mark.parametrize("status", ["registered", "waitlisted", "cancelled"])
def test_somebody_outside_cannot_be_taken_back(status, building, undo):
    registration = building.registration(building.package(), status=status)
    result = undo(registration)
    assert (result.verdict, building.status(registration)) == ("not_inside", status)
    _only_entry(building, result)


def test_an_editor_lets_nobody_in_and_takes_nothing_back(database, building, seated, editor):
    with pytest.raises(errors.NotAllowed, match="may not check people in"):
        attendance.admit(database, editor, Admission(seated, "Desk 1"))
    with pytest.raises(errors.NotAllowed, match="may not take back a check-in"):
        attendance.undo(database, editor, Admission(seated, "Desk 1"))
    assert _ledger(building) == []


def test_every_admission_has_an_id_and_a_time_of_its_own():
    one, other = Admission(uuid4(), "Desk 1"), Admission(uuid4(), "Desk 1")
    assert one.operation_id != other.operation_id
    assert datetime.now(UTC) - one.decided_at < timedelta(minutes=10)


def test_whoever_needs_a_change_is_told_why_there_was_none():
    refused = Admitted(uuid4(), uuid4(), "cancelled", "cancelled", False, {})
    with pytest.raises(errors.NotAdmitted, match="Zoë cancelled") as caught:
        attendance.require_change(refused, "Zoë", KOLKATA)
    assert caught.value.verdict == "cancelled"
    attendance.require_change(Admitted(uuid4(), uuid4(), "undone", "registered", False, {}), "Zoë", KOLKATA)


def test_the_log_says_of_a_late_arrival_what_was_before(building, seated, admit):
    building.do("UPDATE event_registrations SET status = 'no_show' WHERE id = %s", seated)
    admit(seated)
    assert building.log(seated)[-1][1].endswith(", who was marked as no-show")
