"""Giving free seats to waiting people."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from desktop import errors
from desktop.services import waitlist
from desktop.services.waitlist import promoting

LAST_WEEK = datetime.now(UTC).replace(tzinfo=None) - timedelta(days=7)


@pytest.fixture
def promote_next(database, organizer):
    """`waitlist.promote_next` as the organizer does it."""

    def run(package, count=1):
        return waitlist.promote_next(database, organizer, package, count)

    return run


@pytest.fixture
def promote(database, organizer):
    """`waitlist.promote` as the organizer does it."""

    def run(registration):
        return waitlist.promote(database, organizer, registration)

    return run


def test_the_next_person_gets_the_free_seat_and_everybody_moves_up(building, promote_next):
    package = building.package(capacity=1)
    first, _, _ = building.waiting(package, "a@example.org", "b@example.org", "c@example.org")
    done = promote_next(package)
    assert (done.package_id, done.package, done.ids, done.names, done.unpaid, done.free, done.waiting) == (
        package,
        "Workshop pass",
        (first,),
        ("a@example.org",),
        0,
        0,
        2,
    )
    assert building.status(first) == "registered"
    assert building.registered(first)["waitlist_position"] is None
    assert building.queue(package) == [(1, "b@example.org"), (2, "c@example.org")]
    assert building.held(package) == 1
    assert building.log(first) == [
        (
            "waitlist.promote",
            "Promoted a@example.org from the waitlist of “Workshop pass” of “Monsoon Data Summit”",
        )
    ]


def test_the_order_is_position_then_time_then_id_with_those_without_a_place_last(building, promote_next):
    package = building.package(capacity=6)
    written = [
        ("none-late", None, 9),
        ("two", 2, 0),
        ("one-late", 1, 5),
        ("none-early", None, 1),
        ("one-early", 1, 4),
    ]
    for name, place, minute in written:
        building.registration(
            package,
            f"{name}@example.org",
            attendee_name=name,
            status="waitlisted",
            waitlist_position=place,
            registered_at=LAST_WEEK + timedelta(minutes=minute),
        )
    assert [promote_next(package).names[0] for _ in range(5)] == [
        "one-early",
        "one-late",
        "two",
        "none-early",
        "none-late",
    ]


def test_places_others_wrote_badly_are_healed_by_the_next_promotion(building, promote_next):
    package = building.package(capacity=1)
    for minute, place in enumerate([7, None, 7, 7, None]):
        building.registration(
            package,
            f"p{minute}@example.org",
            status="waitlisted",
            waitlist_position=place,
            registered_at=LAST_WEEK + timedelta(minutes=minute),
        )
    promote_next(package)
    assert building.queue(package) == [(n, f"p{p}@example.org") for n, p in enumerate([2, 3, 1, 4], 1)]


def test_people_with_equal_place_and_time_come_in_the_order_of_their_ids(building, promote_next):
    package = building.package(capacity=3)
    people = [
        building.registration(package, status="waitlisted", waitlist_position=1, registered_at=LAST_WEEK)
        for _ in range(3)
    ]
    assert list(promote_next(package, 3).ids) == sorted(people)


def test_as_many_are_promoted_as_there_are_seats_and_no_more(building, promote_next):
    package = building.package(capacity=2)
    people = building.waiting(package, "a@example.org", "b@example.org", "c@example.org")
    done = promote_next(package, 10)
    assert (done.ids, done.names, done.free, done.waiting) == (
        tuple(people[:2]),
        ("a@example.org", "b@example.org"),
        0,
        1,
    )
    assert len(building.log()) == 2


def test_as_many_are_promoted_as_are_waiting_and_the_rest_stays_free(building, promote_next):
    package = building.package(capacity=5)
    building.waiting(package, "a@example.org", "b@example.org")
    done = promote_next(package, 4)
    assert (len(done.ids), done.free, done.waiting) == (2, 3, 0)


def test_a_package_without_capacity_promotes_everybody_asked_for(building, promote_next):
    package = building.package()
    building.waiting(package, "a@example.org", "b@example.org", "c@example.org")
    done = promote_next(package, 2)
    assert (len(done.ids), done.free, done.waiting) == (2, None, 1)


def test_this_person_may_be_promoted_ahead_of_others_and_the_log_says_of_how_many(building, promote):
    package = building.package(capacity=2)
    people = building.waiting(package, *(f"{letter}@example.org" for letter in "abcd"))
    for person, ahead_of in ((people[3], 3), (people[1], 1)):
        done = promote(person)
        assert (done.ids, done.ahead_of) == ((person,), ahead_of)
    assert building.queue(package) == [(1, "a@example.org"), (2, "c@example.org")]
    assert building.log(people[3])[0][1].endswith("“Monsoon Data Summit”, ahead of 3 others")
    assert building.log(people[1])[0][1].endswith("“Monsoon Data Summit”, ahead of 1 other")


def test_this_person_may_be_the_first_and_then_nobody_was_skipped(building, promote):
    package = building.package(capacity=1)
    first, _ = building.waiting(package, "a@example.org", "b@example.org")
    promote(first)
    assert "ahead" not in building.log(first)[0][1]


def test_a_promotion_into_a_paid_package_opens_pending_orders(building, promote_next):
    package = building.package(building.event(payment_required=True), capacity=3, price=10)
    paid = building.insert(
        "orders",
        user_id=building.user(),
        package_id=package,
        payment_id="p",
        amount_paid=10,
        payment_status="paid",
    )
    building.registration(package, status="waitlisted", waitlist_position=1, order_id=paid)
    building.registration(package, status="waitlisted", waitlist_position=2)
    done = promote_next(package, 2)
    assert done.unpaid == 1
    found = building.rows(
        "SELECT o.payment_status FROM event_registrations r JOIN orders o ON o.id = r.order_id"
        " WHERE r.id = ANY (%s) ORDER BY 1",
        list(done.ids),
    )
    assert [row["payment_status"] for row in found] == ["paid", "pending"]


def test_a_full_package_promotes_nobody(building, promote_next, promote):
    package = building.package(capacity=1)
    building.registration(package)
    (waiting,) = building.waiting(package, "a@example.org")
    with pytest.raises(errors.PackageFull, match=r"1 of 1 seats are held"):
        promote_next(package)
    with pytest.raises(errors.PackageFull):
        promote(waiting)
    assert building.status(waiting) == "waitlisted"


def test_a_package_over_its_capacity_promotes_nobody(building, promote_next):
    package = building.package(capacity=2)
    building.registration(package)
    building.registration(package)
    building.waiting(package, "a@example.org")
    building.do("UPDATE packages SET capacity = 1")
    with pytest.raises(errors.PackageFull, match="2 of 1"):
        promote_next(package, 5)


def test_without_anybody_waiting_there_is_nobody_to_promote(building, promote_next):
    with pytest.raises(errors.WaitlistEmpty, match="Nobody is waiting for “Workshop pass”"):
        promote_next(building.package(capacity=1))


@pytest.mark.parametrize("state", ["draft", "cancelled", "completed"])
def test_an_event_that_is_not_published_promotes_nobody(state, building, promote_next, promote):
    package = building.package(building.event(status=state), capacity=1)
    (waiting,) = building.waiting(package, "a@example.org")
    with pytest.raises(errors.EventClosed, match=f"is (a )?{state}"):
        promote_next(package)
    with pytest.raises(errors.EventClosed):
        promote(waiting)


def test_a_retired_package_promotes_nobody(building, promote_next):
    package = building.package(is_active=False)
    building.waiting(package, "a@example.org")
    with pytest.raises(errors.PackageRetired):
        promote_next(package)


@pytest.mark.parametrize("status", ["registered", "attended", "cancelled", "no_show"])
def test_only_somebody_who_waits_can_be_promoted(status, building, promote):
    registration = building.registration(building.package(capacity=9), attendee_name="Ann", status=status)
    with pytest.raises(errors.TransitionRefused, match="Ann cannot be promoted: the registration is"):
        promote(registration)
    assert building.status(registration) == status


def test_unknown_packages_and_registrations_are_told_as_such(promote_next, promote):
    with pytest.raises(errors.NotFound, match="no event package"):
        promote_next(uuid4())
    with pytest.raises(errors.NotFound, match="no registration"):
        promote(uuid4())


@pytest.mark.parametrize("count", [0, -1])
def test_nobody_is_no_number_to_promote(count, building, promote_next):
    with pytest.raises(errors.InvalidField) as caught:
        promote_next(building.package(), count)
    assert caught.value.field == "count"


@pytest.mark.parametrize("fixture", ["door", "editor"])
def test_the_door_and_editors_promote_nobody(fixture, request, database, building):
    package = building.package(capacity=1)
    (waiting,) = building.waiting(package, "a@example.org")
    actor = request.getfixturevalue(fixture)
    with pytest.raises(errors.NotAllowed, match="may not promote people"):
        waitlist.promote_next(database, actor, package)
    with pytest.raises(errors.NotAllowed):
        waitlist.promote(database, actor, waiting)
    assert building.status(waiting) == "waitlisted"


def test_many_are_promoted_in_short_calls_and_in_order(building, promote_next, monkeypatch):
    """So that the website waits for one of them at most."""
    monkeypatch.setattr(promoting, "AT_ONCE", 3)
    package = building.package(capacity=7)
    people = building.waiting(package, *(f"p{n}@example.org" for n in range(9)))
    done = promote_next(package, 50)
    assert (done.ids, len(done.names), done.free, done.waiting) == (tuple(people[:7]), 7, 0, 2)
    building.do("UPDATE packages SET capacity = NULL")
    assert promote_next(package, 50).ids == tuple(people[7:])
