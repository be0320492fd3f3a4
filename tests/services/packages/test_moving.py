"""Moving packages between events."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

import pytest

from desktop import errors
from desktop.services import packages, registering
from desktop.services.checking import rules
from desktop.services.packages import moving
from desktop.services.registering import Registering


@pytest.fixture
def events(building):
    """Two events."""
    return (
        building.event(title="Monsoon Summit", slug="monsoon-summit"),
        building.event(title="Tech Day", slug="tech-day"),
    )


@pytest.fixture
def vip(building, events):
    return building.package(events[0], name="VIP", slug="monsoon-summit-vip", capacity=5)


@pytest.fixture
def move(database, organizer, see):
    """`packages.move` as the organizer does it, who has just looked."""

    def run(package, event, seen=None):
        return packages.move(database, organizer, seen or see(package), event)

    return run


def _lists(building, events):
    return [building.value("SELECT packages_ids FROM events WHERE id = %s", event) for event in events]


def test_a_package_moves_with_its_place_in_the_lists_its_counter_and_a_slug_that_fits(
    building, move, vip, events, database, organizer
):
    """Rulings 21 and 22."""
    other = building.package(events[1])
    done = move(vip, events[1])
    assert (done.package, done.event, done.changed, done.slug, done.cancelled) == (
        "VIP",
        "Tech Day",
        True,
        "tech-day-vip",
        0,
    )
    assert _lists(building, events) == [[], [other, vip]]
    assert building.row("SELECT event_id, slug FROM packages WHERE id = %s", vip) == {
        "event_id": events[1],
        "slug": "tech-day-vip",
    }
    assert building.log(vip) == [
        (
            "package.move",
            "Moved “VIP” of “Monsoon Summit” to “Tech Day”, slug monsoon-summit-vip → tech-day-vip",
        )
    ]
    new = registering.register(database, organizer, Registering(vip, "zoe@example.org"))
    assert building.registered(new.registration_id)["event_id"] == events[1]
    assert building.held(vip) == 1


@pytest.mark.parametrize(
    ("slug", "becomes"),
    [
        ("front-row", "front-row"),
        ("monsoon-summit", "monsoon-summit"),
        ("monsoon-summit-vip", "tech-day-vip-2"),
    ],
)
def test_a_slug_that_does_not_name_the_event_stays_and_one_that_is_taken_is_numbered(
    building, move, events, slug, becomes
):
    """Ruling 21."""
    building.package(slug="tech-day-vip")
    package = building.package(events[0], slug=slug)
    assert move(package, events[1]).slug == becomes


def test_a_slug_taken_while_it_moves_is_numbered_again(building, move, vip, events, monkeypatch):
    """Ruling 21: nobody typed it, so nobody is asked."""
    look = moving.slugs.free

    def taken_behind_our_back(*asked):
        monkeypatch.setattr(moving.slugs, "free", look)
        building.package(slug="tech-day-vip")
        return "tech-day-vip"

    monkeypatch.setattr(moving.slugs, "free", taken_behind_our_back)
    assert move(vip, events[1]).slug == "tech-day-vip-2"
    assert len(building.log(vip)) == 1


@pytest.mark.parametrize(
    ("status", "count"),
    [("registered", "held"), ("attended", "held"), ("waitlisted", "waiting"), ("no_show", "no_shows")],
)
def test_a_package_somebody_counts_on_stays_where_it_is(building, move, vip, events, status, count):
    """A seat, a place in the queue, and what happened at the event are of the event they were given for."""
    building.registration(vip, status=status)
    with pytest.raises(errors.PackageOccupied) as caught:
        move(vip, events[1])
    assert getattr(caught.value, count) == 1
    assert _lists(building, events) == [[vip], []]
    assert building.log() == []


def test_who_had_cancelled_comes_along_and_comes_back_to_the_new_event(
    building, move, vip, events, database, organizer
):
    """Ruling 12: a revived registration is of its package's event; `db check` finds nothing."""
    gone = building.registration(vip, "zoe@example.org", status="cancelled")
    done = move(vip, events[1])
    assert done.cancelled == 1
    assert building.log(vip)[0][1].endswith(", with 1 cancelled registration")
    assert building.registered(gone)["event_id"] == events[1]
    revived = registering.register(database, organizer, Registering(vip, "zoe@example.org"))
    assert (revived.registration_id, revived.event) == (gone, "Tech Day")
    (question,) = [one for one in rules.WRONG if one.kind == "registration_of_other_event"]
    assert building.rows(question.sql) == []


@pytest.mark.parametrize(
    ("status", "moves"), [("pending", False), ("paid", False), ("failed", True), ("refunded", True)]
)
def test_a_package_somebody_is_just_buying_stays_where_it_is(building, move, vip, events, status, moves):
    """Scenario 1: the website pays first and registers then, for the event it showed."""
    building.insert(
        "orders",
        user_id=building.user(),
        package_id=vip,
        payment_id="p",
        amount_paid=5,
        payment_status=status,
    )
    if moves:
        assert move(vip, events[1]).changed
        return
    with pytest.raises(errors.PackageOccupied, match="1 order without a registration is open or paid"):
        move(vip, events[1])


def test_moving_twice_moves_once_and_what_somebody_else_moved_is_not_moved_on(
    building, move, vip, events, see
):
    seen = see(vip)
    move(vip, events[1])
    assert not move(vip, events[1], seen).changed
    third = building.event()
    with pytest.raises(errors.Stale) as caught:
        move(vip, third, seen)
    assert caught.value.columns == ("event_id",)
    assert len(building.log(vip)) == 1


@pytest.mark.parametrize(
    ("state", "columns"),
    [
        ("cancelled", {"status": "cancelled"}),
        ("completed", {"status": "completed"}),
        ("deleted", {"deleted_at": datetime(2026, 1, 1)}),
    ],
)
def test_nothing_moves_to_an_event_that_is_over(building, move, vip, events, state, columns):
    with pytest.raises(errors.EventClosed) as caught:
        move(vip, building.event(title="Past", **columns))
    assert (caught.value.event, caught.value.state) == ("Past", state)
    assert move(vip, building.event(status="draft")).changed


def test_what_cannot_be_moved_is_refused(building, move, vip, see, database, organizer, events):
    with pytest.raises(errors.InvalidField, match="belongs to no event"):
        move(building.package(package_type="subscription"), events[0])
    with pytest.raises(errors.NotFound, match="no event"):
        move(vip, uuid4())
    seen = see(vip)
    building.do("DELETE FROM packages")
    with pytest.raises(errors.NotFound, match="no package"):
        packages.move(database, organizer, seen, events[1])


@pytest.mark.parametrize("fixture", ["door", "editor"])
def test_the_door_and_editors_move_nothing(fixture, request, database, building, vip, see, events):
    with pytest.raises(errors.NotAllowed):
        packages.move(database, request.getfixturevalue(fixture), see(vip), events[1])
    assert _lists(building, events) == [[vip], []]


def test_an_own_deadline_moves_along_as_it_was(building, move, vip, events):
    """It may not suit the new event, so it is told."""
    building.do("UPDATE packages SET package_registration_deadline = '2026-12-01 08:00' WHERE id = %s", vip)
    assert move(vip, events[1]).deadline == datetime(2026, 12, 1, 8)
