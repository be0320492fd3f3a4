"""Batches of a station's operations: in their order, each exactly once, none keeping the others back (door.md 3, 4)."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from uuid import uuid4

import pytest

from desktop import errors
from desktop.services import attendance
from desktop.services.attendance import Admission


@pytest.fixture
def send(database, door):
    def run(*operations, by=None):
        return attendance.send(database, by or door, operations)

    return run


def _op(registration, action="admit", **known):
    return Admission(registration, "Desk 1", action=action, **known)


def test_a_batch_is_applied_in_its_order_and_sending_it_again_changes_nothing(building, send, ledger):
    """Ruling 16: known ids get the stored verdicts."""
    package = building.package(capacity=3)
    one, other = building.registration(package), building.registration(package)
    batch = [
        _op(one, sequence=1),
        _op(one, "undo", sequence=2),
        _op(one, sequence=3),
        _op(other, "no_show", sequence=4),
        _op(uuid4(), sequence=5),
    ]
    told = send(*batch)
    assert [answer.verdict for answer in told] == ["admitted", "undone", "admitted", "no_show", "not_found"]
    assert [answer.operation_id for answer in told] == [one.operation_id for one in batch]
    before = (ledger(), building.log())
    again = send(*batch)
    assert [(answer.verdict, answer.repeated) for answer in again] == [(one.verdict, True) for one in told]
    assert (ledger(), building.log()) == before
    assert (building.status(one), building.held(package)) == ("attended", 1)


def test_a_hundred_operations_are_one_batch_and_more_are_not(building, send, ledger):
    package = building.package()
    guests = [building.registration(package) for _ in range(100)]
    told = send(*(_op(guest, sequence=n) for n, guest in enumerate(guests, 1)))
    assert {answer.verdict for answer in told} == {"admitted"}
    with pytest.raises(ValueError, match="101"):
        send(*(_op(uuid4()) for _ in range(101)))
    assert send() == ()
    assert len(ledger()) == 100


def test_what_cannot_be_stored_gets_a_verdict_and_keeps_nothing_back(building, send, ledger):
    """Nothing leaves the queue without a verdict (door.md 4)."""
    guest = building.registration(building.package())
    first = _op(guest, sequence=7)
    send(first)
    told = send(
        replace(_op(guest), station="x" * 101),
        replace(_op(guest), station="  "),
        _op(guest, sequence=0),
        _op(guest, sequence=2**70),
        _op(guest, sequence=7),
        replace(_op(guest), action="dance"),
        replace(_op(guest), decision="y" * 31),
        replace(first, action="undo"),
        _op(guest, "undo", sequence=8),
    )
    assert [(answer.verdict, answer.answer.get("field")) for answer in told] == [
        ("invalid", "station"),
        ("invalid", "station"),
        ("invalid", "sequence"),
        ("invalid", "sequence"),
        ("number_taken", None),
        ("invalid", "action"),
        ("invalid", "decision"),
        ("invalid", "operation"),
        ("undone", None),
    ]
    assert ledger() == [("admit", "admitted"), ("undo", "undone")]


def test_a_reused_number_is_a_sentence_at_the_desk(building, ask, ledger):
    """UNIQUE (station, sequence): another computer has this station's name."""
    one, other = (building.registration(building.package()) for _ in range(2))
    ask("admit", one, sequence=1)
    with pytest.raises(errors.NumberTaken, match="Another computer uses the station name “Desk 1”"):
        ask("admit", other, sequence=1)
    assert (building.status(other), len(ledger())) == ("registered", 1)
    assert ask("admit", other, sequence=1, station="Desk 2").verdict == "admitted"


def test_two_computers_with_one_name_and_number_at_once(building, database, door, at_once):
    package = building.package()
    for n in range(1, 6):
        guests = [building.registration(package) for _ in range(2)]
        told = at_once(
            *(
                partial(attendance.admit, database, door, Admission(one, "Desk 1", sequence=n))
                for one in guests
            )
        )
        assert sorted(type(one).__name__ for one in told) == ["Admitted", "NumberTaken"]
        assert sorted(building.status(one) for one in guests) == ["attended", "registered"]


def test_an_operation_the_website_s_own_trigger_refuses_does_not_spoil_the_batch(building, send, ledger):
    package = building.package()
    one, poor, other = (building.registration(package, f"{name}@x.org") for name in ("a", "poor", "c"))
    building.do(
        "CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'no'; END $$"
    )
    building.do(
        "CREATE TRIGGER refuse BEFORE UPDATE ON event_registrations FOR EACH ROW"
        " WHEN (OLD.attendee_email = 'poor@x.org') EXECUTE FUNCTION public.refuse()"
    )
    told = send(_op(one), _op(poor), _op(other))
    assert [answer.verdict for answer in told] == ["admitted", "failed", "admitted"]
    assert [building.status(guest) for guest in (one, poor, other)] == ["attended", "registered", "attended"]
    assert len(ledger()) == 2


def test_the_door_takes_back_only_its_own_in_a_batch_and_an_organizer_anybodys(building, send, organizer):
    guest = building.registration(building.package())
    send(_op(guest), by=organizer)
    assert send(_op(guest, "undo"))[0].verdict == "not_yours"
    assert send(_op(guest, "undo"), by=organizer)[0].verdict == "undone"


def test_an_organizer_who_became_door_staff_still_sends_what_is_queued(building, send, organizer):
    guest = building.registration(building.package())
    send(_op(guest), by=organizer)
    building.do(
        "UPDATE user_roles SET role_id = (SELECT id FROM roles WHERE name = 'door') WHERE user_id = %s",
        organizer.id,
    )
    assert [one.verdict for one in send(_op(guest, "undo"), _op(guest), by=organizer)] == [
        "undone",
        "admitted",
    ]


def test_an_editor_sends_nothing(building, send, editor, ledger):
    with pytest.raises(errors.NotAllowed):
        send(_op(building.registration(building.package())), by=editor)
    assert ledger() == []


def test_batches_of_two_stations_over_the_same_guests_in_opposite_order_never_deadlock(
    building, database, door, at_once
):
    packages = [building.package(capacity=30) for _ in range(3)]
    guests = [building.registration(packages[n % 3], status="no_show") for n in range(30)]
    for desk in ("Desk 1", "Desk 2"):
        building.do("UPDATE event_registrations SET status = 'no_show'")
        told = at_once(
            partial(attendance.send, database, door, [Admission(one, f"{desk}a") for one in guests]),
            partial(
                attendance.send, database, door, [Admission(one, f"{desk}b") for one in reversed(guests)]
            ),
        )
        verdicts = sorted(answer.verdict for answers in told for answer in answers)
        assert verdicts == ["admitted"] * 30 + ["already_inside"] * 30
