"""Completing an event."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import uuid4

import pytest

from desktop import errors
from desktop.services import attendance, events, registering
from desktop.services.attendance import Admission
from desktop.services.registering import Registering

NOW = datetime.now(UTC).replace(tzinfo=None)


@pytest.fixture
def complete(database, organizer, zone):
    return lambda event: events.complete(database, organizer, event, zone)


@pytest.fixture
def over(building):
    """An event that began two hours ago, and its package."""
    event = building.event(start_time=NOW - timedelta(hours=2))
    return event, building.package(event, name="Day pass")


def test_it_proposes_who_never_came_and_records_nothing(over, building, complete, row, database, organizer):
    """Ruling 11: no-shows are recorded by a person; here they are proposed."""
    event, package = over
    zoe = building.registration(package, "z@x.org", attendee_name="Élise")
    nameless = building.registration(package, "a@x.org")
    came, back, *_ = (building.registration(package) for _ in range(2))
    for status in ("cancelled", "no_show"):
        building.registration(package, status=status)
    building.waiting(package, "w@x.org")
    for person in (came, back):
        attendance.admit(database, organizer, Admission(person, "gate"))
    attendance.undo(database, organizer, Admission(back, "gate"))
    building.do("UPDATE event_registrations SET attendee_name = 'Zed' WHERE id = %s", back)
    done = complete(event)
    assert (done.title, done.attended, done.waitlisted) == ("Monsoon Data Summit", 1, 1)
    assert done.absent == (
        events.Absent(nameless, "a@x.org", "Day pass"),
        events.Absent(zoe, "Élise", "Day pass"),
        events.Absent(back, "Zed", "Day pass"),
    )
    assert {building.status(one.registration_id) for one in done.absent} == {"registered"}
    assert row(event)["status"] == "completed"
    assert building.log(event) == [
        (
            "event.complete",
            "Completed “Monsoon Data Summit” (was published): registered 3, waiting 1, attended 1, no-shows 1",
        )
    ]


@pytest.mark.parametrize("verdict", ["admitted", "admitted_over_capacity"])
def test_who_is_inside_by_the_ledger_is_no_no_show(over, building, complete, organizer, verdict):
    """Ruling 16: a person let in offline is inside, although the status waits."""
    person = building.registration(over[1])
    building.insert(
        "check_ins",
        id=uuid4(),
        registration_id=person,
        action="admit",
        station="gate",
        staff_id=organizer.id,
        decided_at=NOW,
        decision="admitted",
        verdict=verdict,
    )
    assert complete(over[0]).absent == ()


def test_an_event_that_lies_ahead_is_not_complete(building, complete, row, at):
    event = building.event(start_time=at("2031-12-14T03:30"), time_zone="Asia/Tokyo")
    with pytest.raises(
        errors.NotBegun, match=r"before it begins \(Sun 14 Dec 2031, 12:30 JST \(Asia/Tokyo\)\)"
    ):
        complete(event)
    assert row(event)["status"] == "published"


@pytest.mark.parametrize("columns", [{"status": "draft"}, {"status": "cancelled"}, {"deleted_at": NOW}])
def test_only_a_published_event_is_completed(building, complete, columns):
    event = building.event(**{"start_time": NOW - timedelta(hours=1)} | columns)
    with pytest.raises(errors.WrongEventState, match="cannot be completed"):
        complete(event)


def test_a_completed_event_takes_nobody(over, complete, database, organizer):
    """Ruling 15: completed events take no registrations, walk-ins included."""
    complete(over[0])
    with pytest.raises(errors.EventClosed, match="is completed"):
        registering.register(database, organizer, Registering(over[1], "new@x.org"))
    with pytest.raises(errors.WrongEventState, match="completed event stays closed"):
        complete(over[0])


def test_several_complete_it_at_once_and_one_does(over, database, organizer, zone, at_once, building):
    results = at_once(*[partial(events.complete, database, organizer, over[0], zone)] * 5)
    assert sum(isinstance(result, events.Completed) for result in results) == 1
    assert len(building.log(over[0])) == 1


@pytest.mark.parametrize("role", ["door", "editor"])
def test_who_may_not_complete_is_refused(over, database, zone, role, request, row):
    actor = request.getfixturevalue(role)
    with pytest.raises(errors.NotAllowed):
        events.complete(database, actor, over[0], zone)
    with pytest.raises(errors.NotAllowed):
        events.no_shows(database, actor, over[0])
    assert row(over[0])["status"] == "published"


def test_whoever_a_station_let_in_unpaid_is_not_proposed(building, complete, database, door):
    """Ruling 16: the person is inside, and `attendance.record_no_shows` leaves them alone as well."""
    event = building.event(payment_required=True, start_time=NOW - timedelta(hours=2))
    person = building.registration(building.package(event, price=100))
    (told,) = attendance.send(database, door, [Admission(person, "gate", sequence=1, decision="admitted")])
    assert (told.verdict, building.status(person)) == ("payment_due", "registered")
    assert complete(event).absent == ()
