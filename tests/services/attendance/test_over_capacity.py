"""People a station let in without a network (ruling 16): inside, whatever the status says, until somebody decides."""

from __future__ import annotations

from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from desktop import errors
from desktop.services import attendance
from desktop.services.attendance import Admission

UTC = ZoneInfo("UTC")


@pytest.fixture
def given_away(building):
    """A package of one seat; a no-show, and who has the seat now."""
    package = building.package(capacity=1)
    guest = building.registration(package, status="no_show", attendee_name="Łucja")
    building.registration(package)
    return package, guest


@pytest.fixture
def take_in(database, organizer):
    def run(registration, by=None, **known):
        admission = Admission(registration, **{"station": "Office", "reason": "She is inside"} | known)
        return attendance.take_in(database, by or organizer, admission)

    return run


def test_somebody_let_in_offline_whose_seat_was_given_away_is_inside_over_capacity(
    building, given_away, ask, ledger
):
    """Ruling 16: the ledger records admitted_over_capacity, the status waits."""
    package, guest = given_away
    result = ask("admit", guest, decision="admitted")
    assert (result.verdict, result.status, result.changed) == ("admitted_over_capacity", "no_show", False)
    assert (building.held(package), ledger(guest)) == (1, [("admit", "admitted_over_capacity")])
    assert building.log(guest) == [
        (
            "attendance.over_capacity",
            "Łucja was let in at Desk 1 without a seat (“Workshop pass” of “Monsoon Data Summit”; the registration is"
            " no-show)",
        )
    ]
    again = ask("admit", guest, station="Desk 2")
    assert (again.verdict, again.answer["station"]) == ("already_inside", "Desk 1")
    assert attendance.sentence(result, "Łucja", UTC).startswith("Łucja was let in without a network")


def test_raising_the_capacity_by_one_takes_them_in(building, given_away, ask, take_in, ledger):
    """Rulings 9 and 16: an organizer raises the capacity by one, with a reason in the log, which then sets attended."""
    package, guest = given_away
    ask("admit", guest, decision="admitted")
    result = take_in(guest)
    assert (result.verdict, result.status) == ("admitted", "attended")
    assert result.answer == {"capacity_was": 1, "capacity": 2}
    assert (building.held(package), building.status(guest)) == (2, "attended")
    assert ledger(guest) == [("admit", "admitted_over_capacity"), ("admit", "admitted")]
    assert building.log(package) == [
        (
            "package.capacity",
            "Raised the capacity of “Workshop pass” of “Monsoon Data Summit” from 1 to 2 for Łucja, who is inside:"
            " She is inside",
        )
    ]
    assert building.log(guest)[-1][1].startswith("Took in Łucja, who had been let in without a seat")
    assert attendance.sentence(result, "Łucja", UTC) == (
        "Łucja is checked in. The capacity was raised from 1 to 2."
    )
    assert take_in(guest).verdict == "not_let_in"
    assert building.value("SELECT capacity FROM packages WHERE id = %s", package) == 2


def test_taking_in_twice_after_a_lost_answer_raises_once(building, given_away, ask, take_in):
    package, guest = given_away
    ask("admit", guest, decision="admitted")
    operation = uuid4()
    first = take_in(guest, operation_id=operation)
    again = take_in(guest, operation_id=operation)
    assert (again.answer, again.repeated) == (first.answer, True)
    assert building.value("SELECT capacity FROM packages WHERE id = %s", package) == 2


def test_a_seat_that_is_free_again_is_used_and_the_capacity_stays(building, given_away, ask, take_in):
    package, guest = given_away
    ask("admit", guest, decision="admitted")
    building.do("UPDATE event_registrations SET status = 'cancelled' WHERE id <> %s", guest)
    assert take_in(guest).answer == {}
    assert building.value("SELECT capacity FROM packages WHERE id = %s", package) == 1


def test_somebody_put_back_on_the_waitlist_meanwhile_leaves_no_gap_there(building, ask, take_in):
    package = building.package(capacity=0)
    first, guest, last = building.waiting(package, "a@example.org", "b@example.org", "c@example.org")
    assert ask("admit", guest, decision="admitted").verdict == "admitted_over_capacity"
    assert ask("admit", first).verdict == "waitlisted"
    assert take_in(guest).status == "attended"
    assert building.queue(package) == [(1, "a@example.org"), (2, "c@example.org")]
    assert building.status(last) == "waitlisted"


def test_somebody_who_cancelled_meanwhile_is_revoked_and_can_be_taken_in(building, ask, take_in):
    """Rulings 12 and 16: a cancelled registration gets a new token and date when its seat is given again."""
    package = building.package(capacity=0)
    guest = building.registration(package, status="cancelled", cancelled_at="2026-01-01")
    before = building.registered(guest)
    assert ask("admit", guest, decision="admitted").verdict == "revoked"
    take_in(guest)
    after = building.registered(guest)
    assert (after["status"], after["cancelled_at"]) == ("attended", None)
    assert after["registration_token"] != before["registration_token"]


def test_whoever_owes_money_for_the_seat_gets_a_pending_order(building, ask, take_in):
    """Ruling 17: every registration that holds a seat needs an order."""
    package = building.package(building.event(payment_required=True), capacity=0, price="12.50")
    (guest,) = building.waiting(package, "a@example.org")
    ask("admit", guest, decision="admitted")
    result = take_in(guest)
    assert result.answer["amount"] == "12.50"
    assert building.value("SELECT payment_status FROM orders") == "pending"
    assert attendance.sentence(result, "Zoë", UTC).endswith("₹12.50 is due.")


def test_the_door_takes_its_own_letting_in_back_and_the_status_stays(building, given_away, ask, ledger):
    _package, guest = given_away
    ask("admit", guest, decision="admitted")
    back = ask("undo", guest)
    assert (back.verdict, back.status, building.status(guest)) == ("undone", "no_show", "no_show")
    assert ask("admit", guest).verdict == "seat_given_away"


def test_raising_the_capacity_needs_the_permission_and_a_reason(building, given_away, ask, take_in, door):
    """Ruling 9: overbooking is raising the capacity, with a permission and a reason in the log."""
    package, guest = given_away
    ask("admit", guest, decision="admitted")
    with pytest.raises(errors.NotAllowed, match="change how many seats a package has"):
        take_in(guest, by=door)
    with pytest.raises(errors.InvalidField, match="Say why"):
        take_in(guest, reason="  ")
    assert building.value("SELECT capacity FROM packages WHERE id = %s", package) == 1
    assert building.status(guest) == "no_show"


@pytest.mark.parametrize("status", ["registered", "attended", "waitlisted", "cancelled", "no_show"])
def test_nobody_is_taken_in_whom_no_station_let_in(status, building, take_in, ledger):
    package = building.package(capacity=9)
    guest = building.registration(package, status=status)
    assert take_in(guest).verdict == "not_let_in"
    assert (building.status(guest), ledger()) == (status, [])


def test_nobody_is_taken_in_who_is_not_there_or_whose_event_is_cancelled(building, given_away, ask, take_in):
    assert take_in(uuid4()).verdict == "not_found"
    _package, guest = given_away
    ask("admit", guest, decision="admitted")
    building.do("UPDATE events SET status = 'cancelled'")
    assert take_in(guest).verdict == "event_cancelled"


def test_a_lowered_capacity_is_raised_as_far_as_it_takes(building, given_away, ask, take_in):
    """Ruling 8: below the seats held nobody new gets one, so one more seat is one above those held."""
    _package, guest = given_away
    ask("admit", guest, decision="admitted")
    building.do("UPDATE packages SET capacity = 0")
    assert take_in(guest).answer == {"capacity_was": 0, "capacity": 2}


def test_the_history_does_not_say_turned_away_of_somebody_inside(building, given_away, ask):
    _package, guest = given_away
    ask("admit", guest, decision="admitted")
    told = [row["what"] for row in building.rows("SELECT what FROM greenroom.history_of(%s, 9)", guest)]
    assert not any("Turned away" in one for one in told)
    assert any("was let in at Desk 1 without a seat" in one for one in told)


def test_an_operation_that_was_for_somebody_else_takes_nobody_in(building, given_away, ask, take_in):
    """Exactly once: an id answers for its own registration and action only."""
    _, guest = given_away
    ask("admit", guest, decision="admitted")
    operation = uuid4()
    take_in(guest, operation_id=operation)
    other = building.registration(building.registered(guest)["package_id"], status="cancelled")
    with pytest.raises(errors.InvalidField, match="nothing was changed"):
        take_in(other, operation_id=operation)
