"""Places 1..n at rest, closed behind everybody's back (ruling 10)."""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from desktop.services import registering, waitlist
from desktop.services.registering import Registering
from desktop.services.waitlist import closing

LAST_WEEK = datetime.now(UTC).replace(tzinfo=None) - timedelta(days=7)


@pytest.fixture
def calls(database, monkeypatch):
    """The names of the functions that were called."""
    made = []
    call = database.call
    monkeypatch.setattr(
        database, "call", lambda function, given: made.append(function) or call(function, given)
    )
    return made


def _stored(building, package):
    return building.rows(
        "SELECT waitlist_position AS place, attendee_email AS email FROM event_registrations"
        " WHERE package_id = %s AND status = 'waitlisted' ORDER BY waitlist_position, registered_at, id",
        package,
    )


def test_a_promotion_is_one_round_trip_and_a_burst_is_numbered_once(building, database, organizer, calls):
    package = building.package(capacity=9)
    building.waiting(package, *(f"p{n}@example.org" for n in range(10)))
    for _ in range(5):
        waitlist.promote_next(database, organizer, package)
    assert calls == ["promote_seen"] * 5
    assert [row["place"] for row in _stored(building, package)] == [6, 7, 8, 9, 10]
    database.settle()
    assert calls == ["promote_seen"] * 5 + ["close_gaps"]
    assert [row["place"] for row in _stored(building, package)] == [1, 2, 3, 4, 5]


def test_gaps_are_closed_a_moment_later_though_nobody_waits_for_it(building, database, organizer):
    package = building.package(capacity=1)
    building.waiting(package, "a@example.org", "b@example.org")
    waitlist.promote_next(database, organizer, package)
    until = time.monotonic() + 5
    while _stored(building, package)[0]["place"] != 1:
        assert time.monotonic() < until
        time.sleep(0.02)


def test_a_long_queue_is_numbered_again_in_several_short_steps(
    building, database, organizer, calls, monkeypatch
):
    monkeypatch.setattr(closing, "STEP", 3)
    package = building.package(capacity=2)
    building.waiting(package, *(f"p{n}@example.org" for n in range(10)))
    waitlist.promote_next(database, organizer, package, 2)
    assert building.queue(package) == [(n - 1, f"p{n}@example.org") for n in range(2, 10)]
    assert calls == ["promote_seen", "close_gaps", "close_gaps", "close_gaps"]


def test_while_others_hold_a_row_the_gaps_stay_and_are_closed_when_they_are_done(
    building, database, organizer
):
    package = building.package(capacity=1)
    building.waiting(package, "a@example.org", "b@example.org", "c@example.org")
    with building.connect(autocommit=False) as website:
        website.execute("SELECT FROM event_registrations WHERE attendee_email = 'c@example.org' FOR UPDATE")
        waitlist.promote_next(database, organizer, package)
        assert not database._afterwards.settle(0.5)
        assert [row["place"] for row in _stored(building, package)] == [2, 3]
    assert building.queue(package) == [(1, "b@example.org"), (2, "c@example.org")]


def test_closing_gaps_waits_for_nobody_who_holds_the_seats(building, database, organizer):
    package = building.package(capacity=0)
    building.waiting(package, "a@example.org", "b@example.org")
    building.do("UPDATE event_registrations SET waitlist_position = waitlist_position + 5")
    building.do("SET lock_timeout = 0")  # whoever waited would wait for ever
    with building.connect(autocommit=False) as other:
        other.execute("SELECT FROM package_seats WHERE package_id = %s FOR UPDATE", (package,))
        with pytest.raises(psycopg.errors.LockNotAvailable, match="could not obtain lock"):
            building.value("SELECT greenroom.close_gaps(%s, 100)", package)


def test_a_waitlist_in_order_is_looked_at_without_any_lock(building, database):
    package = building.package(capacity=0)
    building.waiting(package, "a@example.org", "b@example.org")
    with building.connect(autocommit=False) as other:
        other.execute("SELECT FROM package_seats WHERE package_id = %s FOR UPDATE", (package,))
        assert building.value("SELECT greenroom.close_gaps(%s, 100)", package) == 0


@pytest.mark.parametrize("step", [1, 2, 3, 100])
@pytest.mark.parametrize("seed", range(6))
def test_whatever_others_wrote_is_healed_in_steps_that_never_change_the_order(seed, step, building):
    """Ruling 10: by position (NULLs last), registered_at, id; after every step, too."""
    chance = random.Random(seed)
    package = building.package(capacity=0)
    for n in range(12):
        building.registration(
            package,
            f"p{n}@example.org",
            status="waitlisted",
            waitlist_position=chance.choice([None, *range(1, 9), 40, 41]),
            registered_at=LAST_WEEK + timedelta(minutes=chance.randrange(5)),
        )
    order = [row["email"] for row in _stored(building, package)]
    for _ in range(60):
        moved = building.value("SELECT greenroom.close_gaps(%s, %s)", package, step)
        assert [row["email"] for row in _stored(building, package)] == order
        if moved < step:
            break
    assert [row["place"] for row in _stored(building, package)] == list(range(1, 13))


def test_who_registers_behind_people_without_a_place_comes_behind_them(building, database, organizer):
    """Ruling 10: nobody is overtaken, in the call itself; what does not matter for the order waits."""
    package = building.package(capacity=0)
    for minute, (name, place) in enumerate([("lost", None), ("two", 2), ("two-again", 2), ("later", None)]):
        building.registration(
            package,
            f"{name}@example.org",
            status="waitlisted",
            waitlist_position=place,
            registered_at=LAST_WEEK + timedelta(minutes=minute),
        )
    made = registering.register(database, organizer, Registering(package, "new@example.org"))
    assert (made.waitlist_position, made.waiting) == (5, 5)
    assert [row["email"].split("@")[0] for row in _stored(building, package)] == [
        "two", "two-again", "lost", "later", "new",
    ]  # fmt: skip
    assert [place for place, _ in building.queue(package)] == [1, 2, 3, 4, 5]


def test_numbers_beyond_a_hundred_are_right_at_rest_and_close_before(building, database, organizer):
    package = building.package(capacity=0)
    building.do(
        "INSERT INTO event_registrations (event_id, package_id, attendee_email, status, waitlist_position)"
        " SELECT event_id, id, 'p' || n || '@example.org', 'waitlisted', n FROM packages, generate_series(1, 300) n"
        " WHERE id = %s",
        package,
    )
    someone = building.value("SELECT id FROM event_registrations WHERE waitlist_position = 250")
    place = "SELECT greenroom.place_of(%s)"
    assert (building.value(place, someone), building.value("SELECT greenroom.waiting(%s)", package)) == (
        250,
        300,
    )
    building.do("UPDATE packages SET capacity = 20 WHERE id = %s", package)
    done = waitlist.promote_next(database, organizer, package, 20)
    assert (done.waiting, building.value(place, someone)) == (280, 230)  # gaps in front do not count
    middle = building.value("SELECT id FROM event_registrations WHERE waitlist_position = 150")
    assert waitlist.leave(database, organizer, middle).waiting == 280  # one too many, for a moment
    database.settle()
    assert building.value("SELECT greenroom.waiting(%s)", package) == 279
    assert building.value(place, someone) == 229
