"""Moves, bulk work and undos beside each other and beside the website: real threads, real commits."""

from __future__ import annotations

import time
from functools import partial
from threading import Event

import psycopg
import pytest

from desktop import errors
from desktop.db.session import Database
from desktop.services import registering, registrations
from desktop.services.registering import Registering


@pytest.fixture
def windows(database_url):
    """Four organizers' computers."""
    opened = [Database(database_url) for _ in range(4)]
    yield opened
    for one in opened:
        one.close()


def _gapless(building, package):
    return [place for place, _ in building.queue(package)] == list(range(1, len(building.queue(package)) + 1))


def test_moves_in_both_directions_beside_a_website_deadlock_nobody_and_oversell_nothing(
    windows, building, organizer, at_once
):
    """Ruling 8, and the order of locks: packages by id, whichever way somebody moves."""
    event = building.event()
    here, there = (building.package(event, name=name, capacity=6) for name in ("A", "B"))
    people = {
        package: [building.registration(package, f"{n}@{package}.org") for n in range(5)]
        for package in (here, there)
    }
    for package in (here, there):
        building.waiting(package, *(f"w{n}@{package}.org" for n in range(4)))
    over = Event()
    seen: list[tuple[str | None, str | None]] = []

    def website():
        with building.connect() as connection:
            n = 0
            while not over.is_set():
                n += 1
                try:
                    connection.execute(
                        "INSERT INTO event_registrations (event_id, package_id, attendee_email)"
                        " SELECT event_id, id, %s FROM packages WHERE id = %s",
                        (f"web{n}@example.org", (here, there)[n % 2]),
                    )
                    connection.execute(
                        "UPDATE event_registrations SET status = 'cancelled' WHERE attendee_email = %s",
                        (f"web{n}@example.org",),
                    )
                except psycopg.Error as error:
                    seen.append((error.sqlstate, error.diag.constraint_name))

    def mover(window, package, other, person):
        def run():
            try:
                for target in (other, package, other):
                    registrations.move(window, organizer, person, target, when_full="waitlist")
            finally:
                if person == people[there][-1]:
                    over.set()

        return run

    work = [
        mover(windows[n % 4], package, other, person)
        for package, other in ((here, there), (there, here))
        for n, person in enumerate(people[package])
    ]
    results = at_once(website, *work)
    assert set(seen) <= {("23514", "package_capacity")}
    assert {type(result) for result in results} <= {type(None), errors.Busy}
    for package in (here, there):
        assert building.held(package) <= 6
        registering.register(windows[0], organizer, Registering(package, "last@example.org"))
        assert _gapless(building, package)


def test_two_organizers_cancelling_the_same_crowd_cancel_everybody_once(
    windows, building, organizer, at_once
):
    package = building.package(capacity=40)
    people = [building.registration(package, f"p{n:02}@example.org") for n in range(40)]
    building.waiting(package, *(f"w{n:02}@example.org" for n in range(15)))
    first, second = at_once(
        partial(registrations.cancel_all, windows[0], organizer, people),
        partial(registrations.cancel_all, windows[1], organizer, list(reversed(people))),
    )
    by_both = [row.registration_id for bulk in (first, second) for row in bulk.rows if row.result == "done"]
    assert sorted(by_both) == sorted(people)
    assert building.held(package) == 15
    assert building.value("SELECT count(*) FROM admin_logs WHERE action_type = 'registration.cancel'") == 40


def test_two_undos_at_once_take_everything_back_once(windows, building, organizer, at_once):
    """Ruling 8: an undo beside its own repetition gives no seat twice."""
    package = building.package(capacity=12)
    people = [building.registration(package, f"p{n:02}@example.org") for n in range(12)]
    waiting = building.waiting(package, *(f"w{n:02}@example.org" for n in range(12)))
    done = registrations.cancel_all(windows[0], organizer, people)
    results = at_once(*(partial(registrations.undo, window, organizer, done.undo) for window in windows[:2]))
    assert sum(result.done for result in results) == 12
    assert {building.status(person) for person in people} == {"registered"}
    assert [email for _, email in building.queue(package)] == [f"w{n:02}@example.org" for n in range(12)]
    assert {building.status(person) for person in waiting} == {"waitlisted"}


def test_one_cancelled_person_revived_by_eight_at_once_is_revived_once(windows, building, organizer, at_once):
    """Ruling 12: one row, one new ticket."""
    package = building.package(capacity=1)
    person = building.registration(package, status="cancelled")
    results = at_once(*(partial(registrations.revive, windows[n % 4], organizer, person) for n in range(8)))
    assert sum(isinstance(result, registrations.Revived) for result in results) == 1
    assert sum(isinstance(result, errors.TransitionRefused) for result in results) == 7
    assert building.held(package) == 1


@pytest.mark.parametrize("held", ["first", "second"])
def test_a_package_the_website_holds_keeps_nobody_waiting_at_the_other(
    database, building, organizer, at_once, held
):
    """A move that cannot have both packages lets go of the one it has: a website's insert there is delayed for a
    tenth of a second, not until the website's slow transaction ends."""
    event = building.event()
    packages = sorted(building.package(event, capacity=5) for _ in range(2))
    busy, other = packages if held == "first" else reversed(packages)
    person = building.registration(other)
    with building.connect(autocommit=False) as slow, building.connect() as website:
        slow.execute(
            "INSERT INTO event_registrations (event_id, package_id, attendee_email) VALUES (%s, %s, 'slow@x.org')",
            (event, busy),
        )
        delays, took = [], []

        def move():
            started = time.monotonic()
            try:
                registrations.move(database, organizer, person, busy)
            finally:
                took.append(time.monotonic() - started)

        def insert():
            for n in range(40):
                started = time.monotonic()
                website.execute(
                    "INSERT INTO event_registrations (event_id, package_id, attendee_email, status)"
                    " VALUES (%s, %s, %s, 'attended')",
                    (event, other, f"{n}@x.org"),
                ) if n < 4 else website.execute(
                    "UPDATE event_registrations SET status = CASE status WHEN"
                    " 'attended' THEN 'no_show' ELSE 'attended' END WHERE attendee_email = '0@x.org'"
                )
                delays.append(time.monotonic() - started)
                time.sleep(0.02)

        refused, _ = at_once(move, insert)
        assert isinstance(refused, errors.Busy)
        assert max(delays) < took[0] / 2
        slow.rollback()
    assert registrations.move(database, organizer, person, busy).status == "registered"


def test_a_website_cancelling_by_link_while_somebody_is_moved(windows, building, organizer, at_once):
    """Whoever is first wins; nobody ends up in two places or holding a seat they gave up."""
    event = building.event()
    here, there = (building.package(event, name=name, capacity=30) for name in ("A", "B"))
    people = [building.registration(here, f"p{n:02}@example.org") for n in range(16)]

    def by_link():
        with building.connect() as website:
            for person in people:
                website.execute(
                    "UPDATE event_registrations SET status = 'cancelled', cancelled_at = now() WHERE id = %s",
                    (person,),
                )

    bulk, _ = at_once(partial(registrations.move_all, windows[0], organizer, people, there), by_link)
    assert {row.result for row in bulk.rows} <= {"done", "refused"}
    assert {building.status(person) for person in people} == {"cancelled"}
    assert (building.held(here), building.held(there)) == (0, 0)
