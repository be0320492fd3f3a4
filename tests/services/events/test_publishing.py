"""Publishing events, and taking them back."""

from __future__ import annotations

from functools import partial

import pytest

from desktop import errors
from desktop.services import events, registering
from desktop.services.registering import Registering


@pytest.fixture
def unpublish(database, organizer):
    return lambda event: events.unpublish(database, organizer, event)


@pytest.fixture
def ready(building):
    """A draft that lacks nothing."""
    event = building.event(status="draft", slug="summit")
    building.package(event, capacity=2)
    return event


def test_a_draft_that_has_everything_is_published(ready, publish, row, building):
    done = publish(ready)
    found = row(ready)
    assert (found["status"], found["published_at"]) == ("published", done.published_at)
    assert (done.title, done.notes, done.free_for_waiting) == ("Monsoon Data Summit", (), 0)
    assert building.log(ready) == [("event.publish", "Published “Monsoon Data Summit”")]


def test_published_at_is_the_first_publication_and_stays(ready, publish, unpublish, row, building):
    """Ruling 6: `published_at` is the first publication and is never overwritten."""
    first = publish(ready).published_at
    assert unpublish(ready).title == "Monsoon Data Summit"
    assert (row(ready)["status"], row(ready)["published_at"]) == ("draft", first)
    assert publish(ready).published_at == first == row(ready)["published_at"]
    assert [what for _, what in building.log(ready)][1:] == [
        "Unpublished “Monsoon Data Summit” (was published): registered 0, waiting 0",
        "Published “Monsoon Data Summit” again",
    ]


def test_the_websites_first_publication_counts(building, publish, row, at):
    """Ruling 6: also when it was the website's."""
    event = building.event(status="draft", published_at=at("2026-01-02T03:04"))
    building.package(event)
    assert publish(event).published_at == at("2026-01-02T03:04") == row(event)["published_at"]


def test_everything_that_is_missing_is_said_at_once_beside_its_field(building, publish, row):
    event = building.event(status="draft", title=None, slug=None, location=" ", start_time=None)
    building.package(event, is_active=False)
    with pytest.raises(errors.NotReady, match="“an untitled event” cannot be published yet") as refused:
        publish(event)
    assert list(refused.value.fields) == ["title", "slug", "start_time", "location", "packages"]
    assert all(sentence.endswith(".") for sentence in refused.value.fields.values())
    assert "Add a package, or reactivate one" in str(refused.value)
    assert row(event)["status"] == "draft"
    assert building.log() == []


def test_times_that_contradict_each_other_are_said_beside_their_field(building, publish, at):
    event = building.event(
        status="draft",
        start_time=at("2026-12-14T03:30"),
        end_time=at("2026-12-14T03:00"),
        time_zone="Asia/Tokyo",
    )
    building.package(event)
    with pytest.raises(errors.NotReady) as refused:
        publish(event)
    assert refused.value.fields == {
        "end_time": "The event ends (Mon 14 Dec 2026, 12:00 JST (Asia/Tokyo)) before it has started "
        "(Mon 14 Dec 2026, 12:30 JST (Asia/Tokyo)). Choose a later end, or none."
    }
    building.do(
        "UPDATE events SET end_time = '2026-12-15', registration_deadline = '2026-12-16', location = ''"
    )
    with pytest.raises(errors.NotReady) as refused:
        publish(event)
    assert set(refused.value.fields) == {"registration_deadline", "location"}


def test_what_is_allowed_and_perhaps_not_meant_is_noted(building, publish, at):
    event = building.event(
        status="draft",
        start_time=at("2020-01-02T03:30"),
        registration_deadline=at("2020-01-01T00:00"),
        payment_required=True,
    )
    building.package(event)
    assert publish(event).notes == (
        "The event began Thu 2 Jan 2020, 09:00 IST (Asia/Kolkata).",
        "Registration closed Wed 1 Jan 2020, 05:30 IST (Asia/Kolkata): only staff can add people.",
        "Payment is required, and no package costs anything: nobody will be asked to pay.",
    )


def test_who_could_have_a_seat_after_a_pause_is_counted(building, publish, unpublish, database, organizer):
    event = building.event()
    small, wide, shut = (
        building.package(event, capacity=2),
        building.package(event),
        building.package(event, capacity=0),
    )
    seated = building.registration(small)
    building.registration(small)
    building.waiting(small, "a@x.org", "b@x.org")
    building.waiting(wide, "c@x.org")
    building.waiting(shut, "d@x.org")
    done = unpublish(event)
    assert (done.registered, done.waitlisted) == (2, 4)
    assert registering.cancel(database, organizer, seated).promoted_id is None
    assert publish(event).free_for_waiting == 2


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        ({"status": "published"}, "is published already"),
        ({"status": "cancelled"}, "a cancelled event stays closed. Duplicate it"),
        ({"status": "completed"}, "a completed event stays closed"),
        ({"deleted_at": "2026-01-01", "status": "draft"}, "It is in the bin. Restore it first"),
    ],
)
def test_only_a_draft_is_published(building, publish, row, columns, says):
    event = building.event(**columns)
    building.package(event)
    before = row(event)
    with pytest.raises(errors.WrongEventState) as refused:
        publish(event)
    assert says in str(refused.value)
    assert row(event) == before


def test_an_unpublished_event_gives_out_no_seats_and_takes_none_away(
    building, publish, unpublish, ready, database, organizer
):
    """Ruling 15: new registrations need a published event."""
    publish(ready)
    package = building.value("SELECT id FROM packages")
    kept = registering.register(database, organizer, Registering(package, "a@x.org"))
    unpublish(ready)
    with pytest.raises(errors.EventClosed, match="is a draft"):
        registering.register(database, organizer, Registering(package, "b@x.org"))
    assert building.status(kept.registration_id) == "registered"
    with pytest.raises(errors.WrongEventState, match="cannot be unpublished"):
        unpublish(ready)


def test_several_people_publish_at_once_and_one_does(
    database, organizer, zone, ready, at_once, row, building
):
    results = at_once(*[partial(events.publish, database, organizer, ready, zone)] * 6)
    done = [result for result in results if isinstance(result, events.Published)]
    assert [one.published_at for one in done] == [row(ready)["published_at"]]
    assert {type(result) for result in results} <= {events.Published, errors.WrongEventState, errors.Busy}
    assert len(building.log(ready)) == 1


def test_an_event_nobody_has_is_not_found(building, publish, unpublish):
    for work in (publish, unpublish):
        with pytest.raises(errors.NotFound):
            work(building.user())


@pytest.mark.parametrize("role", ["door", "editor"])
def test_who_may_not_publish_is_refused(database, zone, ready, role, request, row):
    actor = request.getfixturevalue(role)
    with pytest.raises(errors.NotAllowed, match="may not publish or unpublish events"):
        events.publish(database, actor, ready, zone)
    with pytest.raises(errors.NotAllowed):
        events.unpublish(database, actor, ready)
    assert row(ready)["status"] == "draft"
