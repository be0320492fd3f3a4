"""Recording the no-shows of an event, once no station has anything left to send (ruling 11)."""

from __future__ import annotations

import time
from functools import partial
from zoneinfo import ZoneInfo

import pytest

from desktop import errors
from desktop.services import attendance
from desktop.services.attendance import Admission

KOLKATA = ZoneInfo("Asia/Kolkata")


@pytest.fixture
def over(building, hours_ago):
    """An event that ended an hour ago, with two packages and people of every status in the first."""
    event = building.event(title="Tech Day", start_time=hours_ago(5), end_time=hours_ago(1))
    first, second = (building.package(event, capacity=5) for _ in range(2))
    people = {
        status: building.registration(first, status=status, attendee_name=status.title())
        for status in ("registered", "waitlisted", "cancelled", "attended", "no_show")
    }
    return event, people, building.registration(second, attendee_name="Zoë")


@pytest.fixture
def record(database, organizer):
    def run(event, **known):
        return attendance.record_no_shows(database, known.pop("by", organizer), event, "Office", **known)

    return run


@pytest.fixture
def report(database, door):
    def run(event, station, pending=0, **known):
        return attendance.report(database, door, event, station, pending=pending, **known)

    return run


def test_everybody_still_registered_becomes_a_no_show_and_nobody_is_promoted(building, over, record, ledger):
    """Ruling 11: recorded after the event, and promotes nobody."""
    event, people, second = over
    result = record(event)
    assert set(result.ids) == {people["registered"], second}
    assert (result.event, result.inside) == ("Tech Day", 0)
    assert {status: building.status(one) for status, one in people.items()} == {
        status: "no_show" if status == "registered" else status for status in people
    }
    assert ledger(second) == [("no_show", "no_show")]
    assert building.log(second) == [
        ("attendance.no_show", "Recorded Zoë as no-show after the event (“Workshop pass” of “Tech Day”)")
    ]
    assert building.log(event) == [("attendance.no_shows", "Recorded 2 no-shows of “Tech Day”")]


def test_recording_again_records_nobody(building, over, record, ledger):
    event, _people, _second = over
    record(event)
    before = (ledger(), building.log())
    assert record(event).ids == ()
    assert (ledger(), building.log()) == before


@pytest.mark.parametrize(
    ("columns", "error"),
    [
        ({"end_time": None, "start_time": "2999-01-01"}, errors.EventNotOver),
        ({"status": "cancelled"}, errors.NobodyExpected),
        ({"deleted_at": "2026-01-01"}, errors.NobodyExpected),
    ],
)
def test_an_event_that_is_not_over_or_not_taking_place_has_no_no_shows(
    columns, error, building, over, record
):
    event, people, _second = over
    for name, value in columns.items():
        building.do(f"UPDATE events SET {name} = %s", value)
    with pytest.raises(error, match="“Tech Day”"):
        record(event)
    assert building.status(people["registered"]) == "registered"


def test_a_completed_event_is_over_whatever_the_clock_says(building, over, record):
    event, _people, _second = over
    building.do("UPDATE events SET status = 'completed', end_time = '2999-01-01'")
    assert len(record(event).ids) == 2


def test_stations_with_something_to_send_must_be_named(building, over, record, report, ask, database, door):
    """Ruling 11: every station has nothing left to send, or a named confirmation lists the silent stations."""
    event, people, second = over
    ask("admit", people["attended"], station="Desk 1", sequence=1)  # never reported
    report(event, "Desk 2", pending=14)
    report(event, "Desk 3", last_sequence=2)
    report(event, "Desk 4")
    report(event, "Desk 5", signing_off=True)
    report(event, "Desk 6")
    building.do(
        "UPDATE greenroom.station_reports SET heard_at = heard_at - interval '3 hours'"
        " WHERE station IN ('Desk 5', 'Desk 6')"
    )
    with pytest.raises(errors.StationsSilent) as caught:
        record(event, zone=KOLKATA)
    assert caught.value.stations == ("Desk 1", "Desk 2", "Desk 3", "Desk 6")
    told = str(caught.value)
    for part in (
        "Desk 1 (never reported)",
        "Desk 2 (14 scans not sent yet)",
        "Desk 3 (2 scans missing here)",
    ):
        assert part in told
    assert "Desk 6 (not heard since " in told
    with pytest.raises(errors.StationsSilent, match="Desk 3") as caught:
        record(event, confirmed=["Desk 1", "Desk 2", "Desk 6", "Desk 9"])
    assert caught.value.stations == ("Desk 3",)
    assert building.status(second) == "registered"
    record(event, confirmed=(*caught.value.stations, "Desk 1", "Desk 2", "Desk 6"), reason="it rains")
    assert building.status(second) == "no_show"
    assert building.log(event)[-1][1] == (
        "Recorded 2 no-shows of “Tech Day” without waiting for Desk 1, Desk 2, Desk 3, Desk 6: it rains"
    )
    names = {one.name: one.why for one in attendance.stations(database, door, event)}
    assert names == {
        "Desk 1": "never_reported",
        "Desk 2": "pending",
        "Desk 3": "missing",
        "Desk 4": None,
        "Desk 5": None,
        "Desk 6": "not_heard",
    }


def test_a_station_that_sent_everything_and_was_heard_after_the_end_is_not_waited_for(
    building, over, record, report, ask
):
    event, people, _second = over
    ask("admit", people["registered"], station="Desk 1", sequence=1)
    report(event, "Desk 1", last_sequence=1)
    assert people["registered"] not in record(event).ids


def test_a_station_learns_which_of_its_numbers_the_server_does_not_have(over, report, ask):
    """door.md 5: UNIQUE (station, sequence) shows a missing operation by desk and number."""
    event, _people, second = over
    ask("admit", second, station="Desk 1", sequence=2)
    assert report(event, "Desk 1", last_sequence=4).missing == (1, 3, 4)
    assert report(event, "Desk 2").missing == ()


def test_the_stations_of_another_event_do_not_matter(building, over, record, report):
    report(building.event(), "Desk 7", pending=3)
    assert len(record(over[0]).ids) == 2


def test_whoever_a_station_let_in_by_itself_is_inside_and_no_no_show(building, over, record, ask):
    """Ruling 16: a person let in offline is inside, whatever the status says."""
    event, people, second = over
    building.do("UPDATE events SET payment_required = true")
    building.do("UPDATE packages SET price = 10")
    assert ask("admit", second, decision="admitted").verdict == "payment_due"
    result = record(event)
    assert (set(result.ids), result.inside) == ({people["registered"]}, 1)
    assert building.status(second) == "registered"


def test_the_door_records_no_no_shows_in_bulk(building, over, record, door):
    with pytest.raises(errors.NotAllowed, match="record the no-shows of an event"):
        record(over[0], by=door)
    assert building.status(over[2]) == "registered"


@pytest.mark.parametrize(("name", "says"), [("", "Give this station a name"), ("x" * 101, "has 101 letters")])
def test_a_station_needs_a_name_of_at_most_100_letters(name, says, over, report, ask, ledger):
    with pytest.raises(errors.InvalidField, match=says):
        report(over[0], name)
    with pytest.raises(errors.InvalidField, match=says):
        ask("admit", over[2], station=name)
    assert ledger() == []


def test_a_check_in_beside_the_recording_is_kept_or_finds_a_no_show(
    building, database, organizer, door, at_once, hours_ago
):
    event = building.event(start_time=hours_ago(5), end_time=hours_ago(1))
    package = building.package(event, capacity=40)
    guests = [building.registration(package) for _ in range(12)]
    at_once(
        partial(attendance.record_no_shows, database, organizer, event, "Office"),
        *(partial(attendance.admit, database, door, Admission(one, "Desk 1")) for one in guests[:6]),
    )
    assert [building.status(one) for one in guests[:6]] == ["attended"] * 6
    assert {building.status(one) for one in guests[6:]} <= {
        "no_show",
        "registered",
    }  # Busy after 2 s changes nothing
    assert building.held(package) == sum(building.status(one) in {"attended", "registered"} for one in guests)


@pytest.mark.slow
def test_five_thousand_no_shows_take_less_than_a_second(building, database, organizer, hours_ago):
    event = building.event(start_time=hours_ago(5), end_time=hours_ago(1))
    package = building.package(event)
    building.do(
        "INSERT INTO event_registrations (event_id, package_id, attendee_email)"
        " SELECT %s, %s, 'guest' || n || '@example.org' FROM generate_series(1, 5000) n",
        event,
        package,
    )
    began = time.monotonic()
    assert len(attendance.record_no_shows(database, organizer, event, "Office").ids) == 5000
    print(f"\n5,000 no-shows in {time.monotonic() - began:.2f} s")  # noqa: T201
    assert time.monotonic() - began < 1
