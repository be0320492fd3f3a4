"""An event that moves to another time zone."""

from __future__ import annotations

from functools import partial

import pytest

from desktop import errors
from desktop.services import events


@pytest.fixture
def summit(create, building, at):
    """09:00 to 18:00 in Kolkata, with a package that closes the evening before and one without a deadline."""
    made = create(
        title="Summit",
        start_time=at("2026-12-14T09:00"),
        end_time=at("2026-12-14T18:00"),
        registration_deadline=at("2026-12-13T12:00"),
    )
    closing = building.package(made.id, package_registration_deadline=at("2026-12-12T12:30"))
    building.package(made.id)
    return made.id, closing


def _deadline(building, package):
    return building.value("SELECT package_registration_deadline FROM packages WHERE id = %s", package)


def test_its_times_and_its_packages_deadlines_stay_as_the_clocks_show_them(summit, edit, row, building, at):
    """Ruling 5: an event's times are read in its zone; what the form shows when it is saved is what is saved."""
    event, closing = summit
    done = edit(event, time_zone="Asia/Tokyo")
    found = row(event)
    assert (found["start_time"], found["end_time"], found["registration_deadline"]) == (
        at("2026-12-14T00:00"),
        at("2026-12-14T09:00"),
        at("2026-12-13T03:00"),
    )
    assert _deadline(building, closing) == at("2026-12-12T09:00")
    assert set(done.new) == {"time_zone", "start_time", "end_time", "registration_deadline"}
    assert building.log(event)[1] == (
        "event.edit",
        "Edited “Summit”: start Mon 14 Dec 2026, 09:00 IST (Asia/Kolkata) → Mon 14 Dec 2026, 09:00 JST (Asia/Tokyo), "
        "end Mon 14 Dec 2026, 18:00 IST (Asia/Kolkata) → Mon 14 Dec 2026, 18:00 JST (Asia/Tokyo), "
        "registration deadline Sun 13 Dec 2026, 12:00 IST (Asia/Kolkata) → Sun 13 Dec 2026, 12:00 JST (Asia/Tokyo), "
        "time zone nothing → “Asia/Tokyo”; the deadlines of its packages keep their clock time (1)",
    )


def test_what_is_typed_with_it_is_read_in_the_new_zone(summit, edit, row, at):
    event, _ = summit
    edit(event, time_zone="Asia/Tokyo", start_time=at("2026-12-14T10:00"), title="Tokyo Summit")
    assert (row(event)["start_time"], row(event)["title"]) == (at("2026-12-14T01:00"), "Tokyo Summit")


def test_naming_the_workspaces_own_zone_moves_nothing(summit, edit, row, building, at):
    event, closing = summit
    assert edit(event, time_zone="Asia/Kolkata").new == {"time_zone": "Asia/Kolkata"}
    assert edit(event, time_zone=None).new == {"time_zone": None}
    assert row(event)["start_time"] == at("2026-12-14T03:30")
    assert _deadline(building, closing) == at("2026-12-12T12:30")


def test_a_time_that_is_unclear_in_the_new_zone_is_pointed_out(create, edit, row, at):
    """Ruling 5: nothing is shifted silently, and choosing an offset is possible."""
    made = create(title="Night", start_time=at("2026-10-25T02:30"))
    with pytest.raises(errors.UnclearTime, match="Sun 25 Oct 2026, 02:30 happens twice") as refused:
        edit(made.id, time_zone="Europe/Berlin")
    assert (refused.value.field, row(made.id)["time_zone"]) == ("start_time", None)
    edit(made.id, time_zone="Europe/Berlin", start_time=refused.value.meanings[0])
    assert row(made.id)["start_time"] == at("2026-10-25T00:30")


def test_a_packages_deadline_that_is_unclear_there_keeps_the_event_where_it_is(
    summit, edit, row, building, at
):
    event, closing = summit
    building.do(
        "UPDATE packages SET package_registration_deadline = '2026-10-24 21:00' WHERE id = %s", closing
    )
    with pytest.raises(
        errors.InvalidField, match="deadline of “Workshop pass” must be changed first"
    ) as refused:
        edit(event, time_zone="Europe/Berlin")
    assert (refused.value.field, row(event)["start_time"]) == ("time_zone", at("2026-12-14T03:30"))


def test_a_package_that_got_a_deadline_meanwhile_moves_too(summit, edit, building, monkeypatch, at):
    """Between reading and writing somebody gives the other package a deadline: the call writes nothing and all is read
    again."""
    event, _ = summit
    real = events.editing.zoning._deadline
    other = building.value("SELECT id FROM packages WHERE package_registration_deadline IS NULL")

    def late(*arguments):
        building.do(
            "UPDATE packages SET package_registration_deadline = '2026-12-12 06:30' WHERE id = %s"
            " AND package_registration_deadline IS NULL",
            other,
        )
        return real(*arguments)

    monkeypatch.setattr(events.editing.zoning, "_deadline", late)
    edit(event, time_zone="Asia/Tokyo")
    assert _deadline(building, other) == at("2026-12-12T03:00")
    assert len(building.log(event)) == 2


def test_two_people_move_it_at_once_and_it_moves_once(
    summit, database, organizer, zone, read, row, at_once, at
):
    event, _ = summit
    seen = read(event)
    results = at_once(
        *(
            partial(events.edit, database, organizer, seen, zone, time_zone=name)
            for name in ("Asia/Tokyo", "Europe/Berlin", "America/New_York")
        )
    )
    assert sum(isinstance(result, errors.Stale) for result in results) == 2
    clock = {"Asia/Tokyo": "00:00", "Europe/Berlin": "08:00", "America/New_York": "14:00"}
    assert row(event)["start_time"] == at(f"2026-12-14T{clock[row(event)['time_zone']]}")


def test_somebody_at_work_on_a_package_is_not_waited_for_without_end(summit, edit, building):
    event, closing = summit
    with building.connect(autocommit=False) as website:
        website.execute("UPDATE packages SET description = 'x' WHERE id = %s", (closing,))
        with pytest.raises(errors.Busy):
            edit(event, time_zone="Asia/Tokyo")
        website.rollback()
