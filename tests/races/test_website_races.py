"""The website beside us: plain SQL that knows nothing of our locks. It may be told that a package is full, and at
REPEATABLE READ or SERIALIZABLE that a snapshot is too old; it is never oversold and never the victim of a deadlock."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from desktop import errors
from desktop.services import attendance, registering, waitlist
from desktop.services.attendance import Admission
from desktop.services.registering import Registering

if TYPE_CHECKING:
    from collections.abc import Callable

FULL = "23514 package_capacity"
STALE = "40001"


class Storm:
    """Runs workers again and again for a while, and keeps what each was told."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.website: Counter[str] = Counter()
        self.staff: Counter[str] = Counter()
        self.done: Counter[str] = Counter()
        self.slowest = 0.0
        self._until = 0.0
        self._turn = threading.Lock()

    def as_website(
        self, connect: Callable[[], Any], name: str, work: Callable[[Any, random.Random], object]
    ) -> None:
        """``work(connection, random)`` in a transaction of its own each time."""
        chance = random.Random(name)
        with connect() as connection:
            while time.monotonic() < self._until:
                began = time.monotonic()
                told = None
                try:
                    with connection.transaction():
                        work(connection, chance)
                except psycopg.Error as error:
                    told = f"{error.sqlstate} {error.diag.constraint_name or ''}".strip()
                took = time.monotonic() - began
                with self._turn:
                    self.slowest = max(self.slowest, took)
                    self._count(name, self.website, told)

    def as_staff(self, name: str, work: Callable[[random.Random], object]) -> None:
        chance = random.Random(name)
        while time.monotonic() < self._until:
            told = None
            try:
                work(chance)
            except errors.AppError as error:
                told = type(error).__name__
            with self._turn:
                self._count(name, self.staff, told)

    def _count(self, name: str, told_to: Counter[str], told: str | None) -> None:
        if told is None:
            self.done[name.split("-")[0]] += 1
        else:
            told_to[told] += 1

    def blow(self, *workers: Callable[[], None]) -> None:
        self._until = time.monotonic() + self.seconds
        with ThreadPoolExecutor(len(workers)) as pool:
            for finished in [pool.submit(worker) for worker in workers]:
                finished.result()


def _blind_insert(connection, chance, packages):
    package, event = chance.choice(packages)
    connection.execute(
        "INSERT INTO event_registrations (event_id, package_id, attendee_email) VALUES (%s, %s, %s)",
        (event, package, f"web{chance.getrandbits(64)}@example.org"),
    )


def _cancel_by_token(connection, chance, packages):
    package, _ = chance.choice(packages)
    found = connection.execute(
        "SELECT registration_token FROM event_registrations WHERE package_id = %s"
        " AND status IN ('registered', 'waitlisted') ORDER BY random() LIMIT 1",
        (package,),
    ).fetchone()
    if found:
        connection.execute(
            "UPDATE event_registrations SET status = 'cancelled', cancelled_at = now() WHERE registration_token = %s",
            (found["registration_token"],),
        )


def _delete(connection, chance, packages):
    package, _ = chance.choice(packages)
    connection.execute(
        "DELETE FROM event_registrations WHERE id = (SELECT id FROM event_registrations WHERE package_id = %s"
        " ORDER BY random() LIMIT 1)",
        (package,),
    )


def _register(windows, organizer, packages, chance):
    registering.register(
        chance.choice(windows),
        organizer,
        Registering(chance.choice(packages)[0], f"staff{chance.getrandbits(64)}@example.org"),
    )


def _cancel(windows, organizer, building, packages, chance):
    with building.connect() as reading:
        found = reading.execute(
            "SELECT id FROM event_registrations WHERE package_id = %s AND status IN ('registered', 'waitlisted')"
            " ORDER BY random() LIMIT 1",
            (chance.choice(packages)[0],),
        ).fetchone()
    if found:
        registering.cancel(chance.choice(windows), organizer, found["id"])


def _promote(windows, organizer, packages, chance):
    waitlist.promote_next(chance.choice(windows), organizer, chance.choice(packages)[0], chance.randint(1, 3))


def _packages(building, count, **columns):
    event = building.event()
    return [(building.package(event, **columns), event) for _ in range(count)]


@pytest.mark.parametrize("isolation", psycopg.IsolationLevel)
def test_blind_website_inserts_beside_staff_never_oversell(isolation, windows, building, organizer):
    if isolation is psycopg.IsolationLevel.READ_UNCOMMITTED:
        isolation = None  # what a website that sets nothing gets
    packages = _packages(building, 1, capacity=20)
    building.waiting(packages[0][0], *(f"early{n}@example.org" for n in range(10)))

    def connect():
        connection = building.connect()
        connection.isolation_level = isolation
        return connection

    storm = Storm(1.2)
    storm.blow(
        *(
            partial(storm.as_website, connect, f"insert-{n}", partial(_blind_insert, packages=packages))
            for n in "abc"
        ),
        *(
            partial(storm.as_website, connect, f"token-{n}", partial(_cancel_by_token, packages=packages))
            for n in "a"
        ),
        partial(storm.as_staff, "register", partial(_register, windows, organizer, packages)),
        partial(storm.as_staff, "cancel", partial(_cancel, windows, organizer, building, packages)),
        partial(storm.as_staff, "promote", partial(_promote, windows, organizer, packages)),
    )
    assert set(storm.website) <= (
        {FULL} if isolation in {None, psycopg.IsolationLevel.READ_COMMITTED} else {FULL, STALE}
    )
    assert set(storm.staff) <= {"PackageFull", "WaitlistEmpty", "WrongState"}
    assert building.held(packages[0][0]) <= 20
    assert min(storm.done[name] for name in ("insert", "token", "register", "cancel")) > 0


def test_mixed_work_over_three_packages_never_costs_the_website_a_deadlock(windows, building, organizer):
    packages = _packages(building, 3, capacity=15)
    for package, _ in packages:
        building.waiting(package, *(f"early{n}@example.org" for n in range(10)))

    def edit_event_then_insert(connection, chance):
        package, event = chance.choice(packages)
        connection.execute("UPDATE events SET description = 'new' WHERE id = %s", (event,))
        time.sleep(0.002)
        _blind_insert(connection, chance, [(package, event)])

    def lock_package_then_insert(connection, chance):
        package, event = chance.choice(packages)
        connection.execute("SELECT FROM packages WHERE id = %s FOR UPDATE", (package,))
        time.sleep(0.002)
        _blind_insert(connection, chance, [(package, event)])

    def change_capacity(connection, chance):
        connection.execute(
            "UPDATE packages SET capacity = %s WHERE id = %s",
            (chance.randint(10, 20), chance.choice(packages)[0]),
        )

    def admit(chance):
        with building.connect() as reading:
            found = reading.execute(
                "SELECT id, status FROM event_registrations WHERE package_id = %s"
                " AND status IN ('registered', 'attended') ORDER BY random() LIMIT 1",
                (chance.choice(packages)[0],),
            ).fetchone()
        if found:
            act = attendance.admit if found["status"] == "registered" else attendance.undo
            act(chance.choice(windows), organizer, Admission(found["id"], "Desk 1"))

    def web(name, work):
        return partial(storm.as_website, building.connect, name, work)

    storm = Storm(6)
    storm.blow(
        web("insert-a", partial(_blind_insert, packages=packages)),
        web("token-a", partial(_cancel_by_token, packages=packages)),
        web("delete-a", partial(_delete, packages=packages)),
        web("edit-a", edit_event_then_insert),
        web("hold-a", lock_package_then_insert),
        web("capacity-a", change_capacity),
        *(
            partial(storm.as_staff, f"register-{n}", partial(_register, windows, organizer, packages))
            for n in "ab"
        ),
        *(
            partial(storm.as_staff, f"cancel-{n}", partial(_cancel, windows, organizer, building, packages))
            for n in "ab"
        ),
        *(
            partial(storm.as_staff, f"promote-{n}", partial(_promote, windows, organizer, packages))
            for n in "ab"
        ),
        *(partial(storm.as_staff, f"admit-{n}", admit) for n in "ab"),
    )
    assert set(storm.website) <= {FULL}
    assert set(storm.staff) <= {"PackageFull", "WaitlistEmpty", "WrongState", "NotFound"}
    assert min(storm.done.values()) > 0


def test_a_website_that_edits_an_event_and_then_inserts_is_not_sacrificed_to_a_crowd_of_staff(
    windows, building, organizer
):
    packages = _packages(building, 1)

    def edit_then_insert(connection, chance):
        connection.execute("UPDATE events SET description = 'new' WHERE id = %s", (packages[0][1],))
        time.sleep(0.03)
        _blind_insert(connection, chance, packages)

    storm = Storm(2)
    storm.blow(
        partial(storm.as_website, building.connect, "edit-a", edit_then_insert),
        *(
            partial(storm.as_staff, f"register-{n}", partial(_register, windows, organizer, packages))
            for n in range(24)
        ),
    )
    assert (storm.website, storm.staff) == ({}, {})
    assert min(storm.done.values()) > 0


def test_while_an_event_is_being_cancelled_nobody_is_registered_behind_its_back(
    windows, building, organizer, until_it_waits
):
    ((package, event),) = _packages(building, 1)
    with building.connect(autocommit=False) as website, ThreadPoolExecutor(1) as pool:
        website.execute("UPDATE events SET status = 'cancelled' WHERE id = %s", (event,))
        adding = pool.submit(
            registering.register, windows[0], organizer, Registering(package, "late@example.org")
        )
        assert until_it_waits(adding)
        website.commit()
        with pytest.raises(errors.EventClosed):
            adding.result()
    assert building.rows("SELECT FROM event_registrations") == []


@pytest.mark.parametrize(
    "change", ["is_active = false", "event_id = (SELECT id FROM events WHERE title = 'Other')"]
)
def test_while_a_package_is_being_retired_or_moved_nobody_is_registered_behind_its_back(
    change, windows, building, organizer, until_it_waits
):
    other = building.event(title="Other")
    ((package, _),) = _packages(building, 1)
    with building.connect(autocommit=False) as website, ThreadPoolExecutor(1) as pool:
        website.execute(f"UPDATE packages SET {change} WHERE id = %s", (package,))
        adding = pool.submit(
            registering.register, windows[0], organizer, Registering(package, "late@example.org")
        )
        assert until_it_waits(adding)
        website.commit()
        if change == "is_active = false":
            with pytest.raises(errors.PackageRetired):
                adding.result()
        else:
            assert building.registered(adding.result().registration_id)["event_id"] == other


def test_whoever_edits_an_event_or_a_package_is_in_nobodys_way(windows, building, organizer):
    ((package, _),) = _packages(building, 1, capacity=2)
    with building.connect(autocommit=False) as website:
        website.execute("UPDATE events SET description = 'new'")
        website.execute("UPDATE packages SET description = 'new'")
        made = registering.register(windows[0], organizer, Registering(package, "a@example.org"))
        registering.cancel(windows[0], organizer, made.registration_id)


ROWS = {
    "register, the package": "SELECT FROM packages FOR UPDATE",
    "register, the event": "SELECT FROM events FOR UPDATE",
    "register, the cancelled registration": "SELECT FROM event_registrations WHERE status = 'cancelled' FOR UPDATE",
    "promote, the next person": "SELECT FROM event_registrations WHERE status = 'waitlisted' FOR UPDATE",
    "cancel, the registration": "SELECT FROM event_registrations WHERE status = 'registered' FOR UPDATE",
    "cancel, the order": "SELECT FROM orders FOR UPDATE",
    "cancel, the next person": "SELECT FROM event_registrations WHERE status = 'waitlisted' FOR UPDATE",
    "admit, the late no-show": "SELECT FROM event_registrations WHERE status = 'no_show' FOR UPDATE",
}


@pytest.mark.parametrize("case", ROWS)
def test_nobody_waits_for_a_row_of_the_websites_with_seats_in_hand(
    case, windows, building, organizer, until_it_waits
):
    """Else a website that holds the row and then wants a seat is in a circle with us."""
    package = building.package(building.event(payment_required=True), capacity=4, price=10)
    seated = registering.register(
        windows[0], organizer, Registering(package, "a@example.org")
    ).registration_id
    building.registration(package, "gone@example.org", status="cancelled")
    absent = building.registration(package, status="no_show")
    building.do(
        "UPDATE packages SET capacity = 1"
        if case.startswith("cancel")
        else "UPDATE packages SET capacity = 9"
    )
    if not case.startswith("register"):
        building.waiting(package, "next@example.org")
    work = {
        "register": partial(
            registering.register, windows[0], organizer, Registering(package, "gone@example.org")
        ),
        "promote": partial(waitlist.promote_next, windows[0], organizer, package),
        "cancel": partial(registering.cancel, windows[0], organizer, seated),
        "admit": partial(attendance.admit, windows[0], organizer, Admission(absent, "Desk 1")),
    }[case.split(",")[0]]
    with building.connect(autocommit=False) as website, ThreadPoolExecutor(1) as pool:
        website.execute(ROWS[case])
        working = pool.submit(work)
        assert not until_it_waits(working)
        with pytest.raises(errors.Busy):
            working.result()
    work()  # as soon as the website is done


@pytest.mark.parametrize("status", ["registered", "waitlisted", "cancelled"])
def test_a_person_the_website_is_writing_at_this_moment_is_not_written_twice(
    status, windows, building, organizer, until_it_waits
):
    ((package, event),) = _packages(building, 1, capacity=5)
    with building.connect(autocommit=False) as website, ThreadPoolExecutor(1) as pool:
        website.execute(
            "INSERT INTO event_registrations (event_id, package_id, attendee_email, status)"
            " VALUES (%s, %s, 'zoe@example.org', %s)",
            (event, package, status),
        )
        adding = pool.submit(
            registering.register, windows[0], organizer, Registering(package, "zoe@example.org")
        )
        assert until_it_waits(adding)
        website.commit()
        if status == "cancelled":
            assert adding.result().revived
        else:
            with pytest.raises(errors.AlreadyRegistered):
                adding.result()
    assert building.value("SELECT count(*) FROM event_registrations") == 1


def test_an_account_the_website_is_making_at_this_moment_is_the_buyers(
    windows, building, organizer, until_it_waits
):
    package = building.package(building.event(payment_required=True), price=10)
    with building.connect(autocommit=False) as website, ThreadPoolExecutor(1) as pool:
        website.execute("INSERT INTO users (username, email) VALUES ('zoe', 'zoe@example.org')")
        adding = pool.submit(
            registering.register, windows[0], organizer, Registering(package, "zoe@example.org")
        )
        assert until_it_waits(adding)
        website.commit()
        order = adding.result().order_id
    assert (
        building.value(
            "SELECT u.username FROM orders o JOIN users u ON u.id = o.user_id WHERE o.id = %s", order
        )
        == "zoe"
    )


def test_people_who_leave_by_their_link_while_staff_promote_are_never_promoted(
    windows, building, organizer, at_once
):
    package = building.package(capacity=20)
    queue = building.waiting(package, *(f"p{n:02}@example.org" for n in range(40)))
    leaving = queue[::3]

    def leave(registration):
        with building.connect() as website:
            return website.execute(
                "UPDATE event_registrations SET status = 'cancelled', waitlist_position = NULL"
                " WHERE registration_token = (SELECT registration_token FROM event_registrations WHERE id = %s)"
                " AND status = 'waitlisted'",
                (registration,),
            ).rowcount

    promotions = [partial(waitlist.promote_next, windows[n % 4], organizer, package) for n in range(20)]
    results = at_once(*promotions, *(partial(leave, registration) for registration in leaving))
    assert [result for result in results if isinstance(result, Exception)] == []
    left = {person for person, done in zip(leaving, results[20:], strict=True) if done}
    promoted = {person for result in results[:20] for person in result.ids}
    assert left.isdisjoint(promoted)
    assert len(promoted) == building.held(package) == 20
    assert promoted == {person for person in queue if building.status(person) == "registered"}
    waitlist.close_gaps(windows[0], package)
    assert [place for place, _ in building.queue(package)] == list(range(1, 40 - 20 - len(left) + 1))
