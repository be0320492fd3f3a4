"""Changing what an event says."""

from __future__ import annotations

from functools import partial

import pytest

from desktop import errors
from desktop.services import events, times


def test_what_changes_is_written_and_logged_with_before_and_after(create, edit, row, building, at):
    """Ruling 6: updated_at follows. Only what changed is in the log."""
    made = create(title="Gala", location="Pune", start_time=at("2026-12-14T09:00"))
    building.do("ALTER TABLE events DISABLE TRIGGER trg_set_updated_at_events")
    building.do("UPDATE events SET updated_at = '2001-01-01'")
    building.do("ALTER TABLE events ENABLE TRIGGER trg_set_updated_at_events")
    done = edit(
        made.id, title="Gala", location="Mumbai", start_time=at("2026-12-14T10:00"), payment_required=True
    )
    assert set(done.new) == {"location", "start_time", "payment_required"}
    found = row(made.id)
    assert (found["location"], found["start_time"]) == ("Mumbai", at("2026-12-14T04:30"))
    assert found["updated_at"].year > 2001
    assert building.log(made.id)[1:] == [
        (
            "event.edit",
            "Edited “Gala”: place “Pune” → “Mumbai”, start Mon 14 Dec 2026, 09:00 IST (Asia/Kolkata) → "
            "Mon 14 Dec 2026, 10:00 IST (Asia/Kolkata), payment required no → yes",
        )
    ]


def test_saving_what_is_there_already_writes_nothing(create, edit, read, building, at):
    made = create(title="Gala", start_time=at("2026-12-14T09:00"))
    building.do("UPDATE events SET slug = 'Gala_Of_The_Website', title = ' Gala '")
    seen = read(made.id)
    done = edit(
        made.id,
        title=seen.title,
        slug=seen.slug,
        location="",
        description="",
        start_time=at("2026-12-14T09:00"),
    )
    assert done.new == {}
    assert len(building.log(made.id)) == 1


def test_an_unchanged_time_the_clocks_show_twice_is_left_alone(create, edit, at):
    """Ruling 5: it was pointed out when it was typed; the form shows it again without its offset."""
    made = create(title="Night", time_zone="Europe/Berlin", start_time=at("2026-10-25T02:30+01:00"))
    assert edit(made.id, start_time=at("2026-10-25T02:30"), location="Club").new == {"location": "Club"}
    with pytest.raises(errors.UnclearTime):
        edit(made.id, start_time=at("2026-10-25T02:45"))


def test_a_time_python_has_none_for_stays_as_the_website_wrote_it(
    create, edit, read, row, zone, building, at
):
    """Also where the form hands it back, where it is compared with the row, and with another zone's clocks."""
    made = create(title="Gala", location="Pune", start_time=at("2026-12-14T09:00"))
    building.package(event_id=made.id)
    building.do("UPDATE events SET end_time = 'infinity', registration_deadline = '10000-02-29 12:00:00.5'")
    seen = read(made.id)
    building.do(
        "UPDATE packages SET package_registration_deadline = '-infinity' WHERE event_id = %s", made.id
    )
    kept = (
        "SELECT end_time::text, registration_deadline::text, (SELECT package_registration_deadline::text FROM packages"
        " WHERE event_id = e.id) AS deadline FROM events e WHERE id = %s"
    )
    was = building.row(kept, made.id)
    ends, closes = (times.on_clocks(at, zone) for at in (seen.end_time, seen.registration_deadline))
    done = edit(made.id, location="Mumbai", end_time=ends, start_time=at("2026-12-14T10:00"))
    assert set(done.new) == {"location", "start_time"}
    assert edit(made.id, registration_deadline=closes).new == {}
    assert set(edit(made.id, time_zone="Europe/Berlin").new) == {"time_zone", "start_time"}
    assert building.row(kept, made.id) == was
    assert list(was.values()) == ["infinity", "10000-02-29 12:00:00.5", "-infinity"]
    building.do("UPDATE events SET end_time = '20000-01-01'")
    with pytest.raises(errors.Stale):
        edit(made.id, seen=seen, start_time=at("2026-12-15T10:00"))
    with pytest.raises(errors.InvalidField, match="time is infinitely late; a year between"):
        edit(made.id, end_time=ends)
    assert edit(made.id, end_time=None, registration_deadline=None).new == {
        "end_time": None,
        "registration_deadline": None,
    }
    assert "end in the year 20000 → nothing" in building.log(made.id)[-1][1]


def test_two_people_who_change_different_things_do_not_meet(create, edit, read, row):
    made = create(title="Gala", location="Pune")
    seen = read(made.id)
    edit(made.id, seen, title="Great Gala")
    edit(made.id, seen, location="Mumbai")
    assert (row(made.id)["title"], row(made.id)["location"]) == ("Great Gala", "Mumbai")


@pytest.mark.parametrize(
    ("first", "second", "columns"),
    [
        ({"title": "A"}, {"title": "B"}, {"title"}),
        ({"start_time": "2026-12-14T09:00"}, {"end_time": "2026-12-14T18:00"}, {"start_time"}),
        ({"time_zone": "Asia/Tokyo"}, {"start_time": "2026-12-14T18:00"}, {"time_zone"}),
    ],
)
def test_who_changes_what_somebody_else_just_changed_is_told(
    create, edit, read, building, at, first, second, columns
):
    def typed(fields):
        return {name: at(text) if name.endswith("_time") else text for name, text in fields.items()}

    made = create(title="Gala")
    seen = read(made.id)
    edit(made.id, seen, **typed(first))
    written = building.rows("SELECT * FROM events")
    with pytest.raises(errors.Stale) as refused:
        edit(made.id, seen, **typed(second))
    assert columns <= set(refused.value.columns)
    assert building.rows("SELECT * FROM events") == written
    assert len(building.log(made.id)) == 2


def test_ten_people_save_at_once_and_one_wins(database, organizer, zone, create, read, at_once, building):
    made = create(title="Gala")
    seen = read(made.id)
    results = at_once(
        *(partial(events.edit, database, organizer, seen, zone, title=f"Gala {n}") for n in range(10))
    )
    assert sum(isinstance(result, errors.Stale) for result in results) == 9
    assert len(building.log(made.id)) == 2


def test_an_event_without_a_slug_gets_one_with_its_title_and_keeps_it(create, edit, row):
    made = create()
    assert edit(made.id, title="Gala Night").new["slug"] == "gala-night"
    edit(made.id, title="Another Night")
    assert row(made.id)["slug"] == "gala-night"
    edit(made.id, slug="another")
    assert row(made.id)["slug"] == "another"


def test_a_slug_of_another_event_is_refused_beside_its_field(create, edit, row, building):
    building.event(slug="gala")
    made = create(title="Night")
    with pytest.raises(errors.InvalidField, match="“gala-2” is free") as refused:
        edit(made.id, slug="gala", title="Gala")
    assert (refused.value.field, row(made.id)["title"]) == ("slug", "Night")


def test_two_events_race_for_one_slug(database, organizer, zone, create, read, at_once, building):
    seen = [read(create(title=name).id) for name in ("one", "two", "three")]
    results = at_once(
        *(partial(events.edit, database, organizer, event, zone, slug="gala") for event in seen)
    )
    assert sum(isinstance(result, errors.InvalidField) for result in results) == 2
    assert building.value("SELECT count(*) FROM events WHERE slug = 'gala'") == 1


@pytest.mark.parametrize("field", ["title", "slug", "location", "start_time"])
def test_a_published_event_keeps_what_it_needs(building, edit, row, field):
    event = building.event()
    with pytest.raises(
        errors.InvalidField, match=r"A published event has a .* unpublish the event"
    ) as refused:
        edit(event, **{field: None if field == "start_time" else " "})
    assert refused.value.field == field
    assert row(event)[field] is not None


def test_an_event_published_while_somebody_emptied_it_is_stale_and_no_crash(create, edit, read, building):
    made = create(title="Gala", location="Pune")
    seen = read(made.id)
    building.do("UPDATE events SET start_time = now(), status = 'published'")
    with pytest.raises(errors.Stale, match="status"):
        edit(made.id, seen, location="")


def test_an_event_in_the_bin_is_not_edited(create, edit, read, building):
    made = create(title="Gala")
    seen = read(made.id)
    building.do("UPDATE events SET deleted_at = now()")
    with pytest.raises(errors.Stale, match="deleted at"):
        edit(made.id, seen, title="B")
    with pytest.raises(errors.WrongEventState, match=r"in the bin\. Restore it first"):
        edit(made.id, title="B")


def test_an_end_before_the_start_that_is_there_is_refused(create, edit, at):
    made = create(title="Gala", start_time=at("2026-12-14T09:00"))
    with pytest.raises(errors.InvalidField, match="before it has started"):
        edit(made.id, end_time=at("2026-12-14T08:00"))


def test_an_event_nobody_has_is_not_found(read, edit, create, building):
    made = create(title="Gala")
    seen = read(made.id)
    building.do("DELETE FROM events")
    for look in (partial(read, made.id), partial(edit, made.id, seen, title="B")):
        with pytest.raises(errors.NotFound):
            look()


def test_the_door_edits_nothing(database, door, zone, create, read, row):
    made = create(title="Gala")
    with pytest.raises(errors.NotAllowed):
        events.edit(database, door, read(made.id), zone, title="Mine")
    assert row(made.id)["title"] == "Gala"
