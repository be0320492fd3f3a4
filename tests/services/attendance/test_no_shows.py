"""No-shows, late arrivals and released seats (rulings 7, 11 and 14)."""

from __future__ import annotations

from functools import partial
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from desktop import errors
from desktop.services import attendance, registering
from desktop.services.attendance import Admission

UTC = ZoneInfo("UTC")


@pytest.fixture
def full(building):
    """A package of one seat, who has it, and two who wait."""
    package = building.package(capacity=1)
    guest = building.registration(package, attendee_name="محمد")
    return package, guest, building.waiting(package, "b@example.org", "c@example.org")


def test_a_no_show_frees_the_seat_and_promotes_nobody(building, full, ask, ledger):
    """Rulings 7 and 11: a no-show holds no seat, and one recorded during the event does not promote by itself."""
    package, guest, waiting = full
    result = ask("no_show", guest, sequence=1)
    assert (result.verdict, result.status, result.changed) == ("no_show", "no_show", True)
    assert (building.held(package), building.status(guest)) == (0, "no_show")
    assert [building.status(one) for one in waiting] == ["waitlisted", "waitlisted"]
    assert ledger(guest) == [("no_show", "no_show")]
    assert building.log(guest) == [
        (
            "attendance.no_show",
            "Recorded محمد as no-show at Desk 1 (“Workshop pass” of “Monsoon Data Summit”)",
        )
    ]


def test_a_released_seat_goes_to_the_next_who_waits(building, full, ask, ledger):
    """Ruling 11: the release promotes in the same transaction, in the order of the waitlist."""
    package, guest, waiting = full
    ask("no_show", guest)
    result = ask("release", guest, reason="doors close")
    assert (result.verdict, result.status) == ("released", "no_show")
    assert result.answer == {"promoted": str(waiting[0]), "who": "b@example.org", "package": str(package)}
    assert building.status(waiting[0]) == "registered"
    assert building.queue(package) == [(1, "c@example.org")]
    assert building.held(package) == 1
    assert ledger(guest) == [("no_show", "no_show"), ("release", "released")]
    assert building.log(guest)[-1] == (
        "attendance.release",
        "Released the seat of no-show محمد to b@example.org at Desk 1 (“Workshop pass” of “Monsoon Data Summit”):"
        " doors close",
    )
    assert building.log(waiting[0])[-1][0] == "waitlist.promote"
    assert attendance.sentence(result, "محمد", UTC) == "The seat of محمد is given to b@example.org."


def test_one_no_show_releases_one_seat(building, full, ask):
    """Ruling 11: pressing it twice, or capacity from elsewhere, does not promote a second person."""
    _package, guest, waiting = full
    ask("no_show", guest)
    ask("release", guest)
    building.do("UPDATE packages SET capacity = 9")
    assert ask("release", guest).verdict == "already_released"
    assert building.status(waiting[1]) == "waitlisted"


def test_a_repeated_release_tells_the_same_person_again(building, full, ask):
    package, guest, _waiting = full
    ask("no_show", guest)
    operation = uuid4()
    first = ask("release", guest, operation_id=operation)
    again = ask("release", guest, operation_id=operation)
    assert (again.verdict, again.answer, again.repeated) == ("released", first.answer, True)
    assert building.held(package) == 1


@pytest.mark.parametrize(
    ("state", "verdict"),
    [
        ("UPDATE event_registrations SET status = 'cancelled' WHERE status = 'waitlisted'", "nobody_waiting"),
        ("UPDATE events SET status = 'completed'", "event_closed"),
        ("UPDATE events SET start_time = '2020-01-01', end_time = '2020-01-02'", "event_closed"),
        ("UPDATE packages SET is_active = false", "event_closed"),
        ("UPDATE packages SET capacity = 0", "seat_given_away"),
    ],
)
def test_a_seat_is_released_only_where_somebody_may_have_it(state, verdict, building, full, ask):
    """Rulings 11 and 15: nobody is promoted into an event that is over or closed."""
    package, guest, _waiting = full
    ask("no_show", guest)
    building.do(state)
    assert ask("release", guest).verdict == verdict
    assert building.held(package) == 0


def test_a_late_no_show_is_told_when_the_seat_was_released(building, full, ask):
    """Ruling 14: no_show→attended needs a free seat."""
    package, guest, waiting = full
    ask("no_show", guest)
    ask("release", guest)
    late = ask("admit", guest)
    assert (late.verdict, late.status) == ("seat_given_away", "no_show")
    assert building.held(package) == 1
    assert building.status(waiting[0]) == "registered"


def test_a_late_no_show_who_owes_money_for_a_seat_that_is_gone_is_not_asked_to_pay(building, ask):
    """Ruling 17 after ruling 7: nobody pays at the door for a seat that is gone."""
    package = building.package(building.event(payment_required=True), capacity=1, price=10)
    guest = building.registration(package, status="no_show")
    building.registration(package)
    assert ask("admit", guest).verdict == "seat_given_away"
    building.do("UPDATE packages SET capacity = 2")
    assert ask("admit", guest).verdict == "payment_due"


def test_a_no_show_can_be_taken_back_while_the_seat_is_free(building, full, ask):
    """Ruling 14: no_show→registered needs a free seat."""
    package, guest, _waiting = full
    ask("no_show", guest)
    back = ask("undo", guest)
    assert (back.verdict, back.status, building.held(package)) == ("undone", "registered", 1)
    assert attendance.sentence(back, "محمد", UTC) == (
        "The no-show of محمد is taken back: they have their seat again."
    )
    assert building.log(guest)[-1][1].startswith("Took back the no-show of محمد at Desk 1")
    ask("no_show", guest)
    ask("release", guest)
    assert ask("undo", guest).verdict == "seat_given_away"
    assert building.status(guest) == "no_show"


def test_the_door_takes_back_its_own_no_shows_only(building, full, ask, organizer):
    _package, guest, _waiting = full
    ask("no_show", guest, by=organizer)
    assert ask("undo", guest).verdict == "not_yours"
    assert ask("undo", guest, by=organizer).verdict == "undone"


def test_a_no_show_after_a_no_show_can_be_released_again(building, full, ask):
    _package, guest, waiting = full
    building.do("UPDATE packages SET capacity = 2")
    ask("no_show", guest)
    assert ask("release", guest).verdict == "released"
    ask("undo", guest)
    ask("no_show", guest)
    assert ask("release", guest).verdict == "released"
    assert [building.status(one) for one in waiting] == ["registered", "registered"]


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        ("attended", "already_inside"),
        ("waitlisted", "waitlisted"),
        ("cancelled", "cancelled"),
        ("no_show", "already_no_show"),
    ],
)
def test_only_somebody_with_a_seat_who_is_outside_is_a_no_show(status, verdict, building, ask, ledger):
    """Ruling 14: registered→no_show and nothing else."""
    guest = building.registration(building.package(capacity=3), status=status)
    result = ask("no_show", guest)
    assert (result.verdict, building.status(guest)) == (verdict, status)
    assert ledger(guest) == [("no_show", verdict)]


@pytest.mark.parametrize("action", ["no_show", "release"])
def test_an_editor_records_and_releases_nobody(action, building, full, ask, editor, ledger):
    with pytest.raises(errors.NotAllowed):
        ask(action, full[1], by=editor)
    assert ledger() == []


def test_a_deactivated_account_records_nothing(building, full, ask, door, ledger):
    building.do("UPDATE users SET status = 'inactive' WHERE id = %s", door.id)
    with pytest.raises(errors.AccountClosed):
        ask("no_show", full[1])
    assert ledger() == []


def test_of_a_release_and_a_late_arrival_at_once_one_gets_the_seat(building, database, door, at_once):
    for _ in range(6):
        package = building.package(capacity=1)
        guest = building.registration(package, status="no_show")
        (waiting,) = building.waiting(package, "b@example.org")
        told = at_once(
            partial(attendance.release, database, door, Admission(guest, "Desk 1")),
            partial(attendance.admit, database, door, Admission(guest, "Desk 2")),
        )
        verdicts = tuple(one.verdict for one in told)
        assert verdicts in {("released", "seat_given_away"), ("not_no_show", "admitted")}
        assert building.held(package) == 1
        assert building.status(waiting) == ("registered" if verdicts[0] == "released" else "waitlisted")


def test_releases_beside_registering_and_a_website_never_give_more_than_there_is(
    building, database, organizer, at_once
):
    package = building.package(capacity=4)
    event = building.value("SELECT event_id FROM packages WHERE id = %s", package)
    guests = [building.registration(package, status="no_show") for _ in range(4)]
    building.waiting(package, *(f"w{n}@example.org" for n in range(6)))

    def website(n):
        with building.connect() as connection:
            connection.execute(
                "INSERT INTO event_registrations (event_id, package_id, attendee_email) VALUES (%s, %s, %s)",
                (event, package, f"web{n}@example.org"),
            )

    told = at_once(
        *(partial(attendance.release, database, organizer, Admission(one, "Desk 1")) for one in guests),
        *(partial(website, n) for n in range(4)),
        partial(
            registering.register, database, organizer, registering.Registering(package, "new@example.org")
        ),
    )
    assert {type(one).__name__ for one in told if isinstance(one, Exception)} <= {"CheckViolation"}
    assert building.held(package) == 4
    places = [place for place, _ in building.queue(package)]
    assert places == list(range(1, len(places) + 1))
