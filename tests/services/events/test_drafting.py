"""Drafting events."""

from __future__ import annotations

from functools import partial
from itertools import count

import pytest

from desktop import errors
from desktop.services import events


def test_a_draft_of_nothing_but_a_title_gets_a_slug(create, row, building, organizer):
    made = create(title="  Día de la\nMúsica ")
    found = row(made.id)
    assert (found["title"], found["slug"], made.slug) == ("Día de la Música", *["dia-de-la-musica"] * 2)
    assert (found["status"], found["created_by"], found["published_at"]) == ("draft", organizer.id, None)
    assert (found["packages_ids"], found["payment_required"], found["time_zone"]) == ([], False, None)
    assert building.log(made.id) == [("event.add", "Drafted “Día de la Música”")]


def test_a_draft_of_nothing_at_all_is_one(create, row, building):
    made = create()
    assert (made.slug, row(made.id)["title"]) == (None, None)
    assert building.log(made.id) == [("event.add", "Drafted “an untitled event”")]


def test_times_are_typed_on_the_events_clocks_and_stored_in_utc(create, row, at):
    """Ruling 5: in the event's own zone, or the workspace's where it names none; stored in UTC."""
    clock = {"start_time": at("2026-12-14T09:00"), "end_time": at("2026-12-14T18:00")}
    here, there = create(title="a", **clock), create(title="b", time_zone="Europe/Berlin", **clock)
    assert row(here.id)["start_time"] == at("2026-12-14T03:30")
    assert (row(there.id)["start_time"], row(there.id)["time_zone"]) == (
        at("2026-12-14T08:00"),
        "Europe/Berlin",
    )


def test_a_time_the_clocks_show_twice_is_pointed_out_and_an_offset_chooses(create, row, building, at):
    """Ruling 5: an ambiguous time is never silently shifted."""
    typed = {"title": "Night", "time_zone": "Europe/Berlin", "end_time": at("2026-10-25T02:30")}
    with pytest.raises(errors.UnclearTime, match=r"happens twice in Europe/Berlin") as refused:
        create(**typed)
    assert refused.value.field == "end_time"
    assert building.rows("SELECT FROM events") == []
    made = create(**typed | {"end_time": refused.value.meanings[1]})
    assert row(made.id)["end_time"] == at("2026-10-25T01:30")


def test_everything_that_cannot_be_taken_is_told_at_once(create, building, at):
    with pytest.raises(errors.InvalidFields) as refused:
        create(
            title="x" * 256,
            slug="No Slug",
            location="y" * 300,
            time_zone="Europe/Berlin",
            start_time=at("2026-03-29T02:30"),
        )
    assert set(refused.value.fields) == {"title", "slug", "location", "start_time"}
    assert refused.value.fields["title"] == "The title has 256 letters; there is room for 255."
    assert isinstance(refused.value.invalid[3], errors.UnclearTime)
    assert building.rows("SELECT FROM events") == []


@pytest.mark.parametrize(
    ("times", "field", "says"),
    [
        (
            {"start_time": "2026-12-14T09:00", "end_time": "2026-12-14T09:00"},
            "end_time",
            r"ends \(Mon 14 Dec 2026, 09:00 IST \(Asia/Kolkata\)\) before it has started",
        ),
        ({"start_time": "2026-12-14T09:00", "end_time": "2026-12-13T18:00"}, "end_time", "a later end"),
        (
            {"end_time": "2026-12-14T18:00", "registration_deadline": "2026-12-15T00:00"},
            "registration_deadline",
            "would close .* after the event has ended",
        ),
    ],
)
def test_an_event_ends_after_it_starts(create, at, times, field, says):
    with pytest.raises(errors.InvalidField, match=says) as refused:
        create(title="Gala", **{name: at(text) for name, text in times.items()})
    assert refused.value.field == field


def test_of_a_zone_nobody_knows_no_time_is_read(create, at):
    with pytest.raises(errors.InvalidField, match="Did you mean “Europe/Berlin”") as refused:
        create(title="Gala", time_zone="Europe/Berln", start_time=at("2026-12-14T09:00"))
    assert refused.value.field == "time_zone"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Zoe\u0308’s\x00 ev\ten\u2028ing", "Zoë’s ev en ing"),
        ("ערב \u200fשירה", "ערב \u200fשירה"),
        ("a\ud800b", "a b"),
        ("\u200b \u0301", None),
        ("", None),
    ],
)
def test_a_title_is_one_line_of_what_people_see(create, row, typed, kept):
    assert row(create(title=typed).id)["title"] == kept


def test_a_description_keeps_its_lines(create, row):
    made = create(description="First\r\nSecond\x00\tthird\n\n")
    assert row(made.id)["description"] == "First\nSecond\tthird"


def test_a_slug_somebody_has_is_told_with_a_free_one(create, building):
    building.event(slug="gala", deleted_at="2026-01-01")
    with pytest.raises(errors.InvalidField, match=r"may be in the bin\. “gala-2” is free") as refused:
        create(title="Gala", slug="gala")
    assert refused.value.field == "slug"
    assert create(title="Gala").slug == "gala-2"


def test_ten_people_draft_the_same_title_at_once(database, organizer, zone, at_once, building):
    made = at_once(*[partial(events.create, database, organizer, zone, title="Gala Night")] * 10)
    slugs = {one.slug for one in made}
    assert slugs == {"gala-night", *(f"gala-night-{n}" for n in range(2, 11))}


def test_a_slug_taken_between_look_and_write_is_no_crash(database, organizer, zone, building, monkeypatch):
    """The website's insert comes between our looking and our writing, each time."""
    real, number = events.editing.naming.slugs.free, count(1)

    def free(tx, table, wanted, limit):
        found = real(tx, table, wanted, limit)
        if next(number) == 1:
            building.event(slug=found)
        return found

    monkeypatch.setattr(events.editing.naming.slugs, "free", free)
    assert events.create(database, organizer, zone, title="Gala").slug == "gala-2"


@pytest.mark.parametrize("role", ["door", "editor"])
def test_who_may_not_draft_is_refused_and_nothing_is_written(database, zone, building, role, request):
    actor = request.getfixturevalue(role)
    with pytest.raises(errors.NotAllowed, match="may not create or edit events"):
        events.create(database, actor, zone, title="Gala")
    assert building.rows("SELECT FROM events") == building.log() == []


def test_a_deactivated_account_drafts_nothing(database, organizer, zone, building):
    building.do("UPDATE users SET status = 'inactive' WHERE id = %s", organizer.id)
    with pytest.raises(errors.AccountClosed):
        events.create(database, organizer, zone, title="Gala")
    assert building.rows("SELECT FROM events") == []
