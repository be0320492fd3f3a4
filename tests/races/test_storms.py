"""Everybody at once: staff, and a website whose plain SQL knows nothing of our locks. It may be told that a package is
full, and at REPEATABLE READ or SERIALIZABLE that a snapshot is too old; nothing else, and nothing is oversold."""

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
        self._until = 0.0
        self._turn = threading.Lock()

    def as_website(
        self, connect: Callable[[], Any], name: str, work: Callable[[Any, random.Random], object]
    ) -> None:
        """``work(connection, random)`` in a transaction of its own each time."""
        chance = random.Random(name)
        with connect() as connection:
            while time.monotonic() < self._until:
                told = None
                try:
                    with connection.transaction():
                        work(connection, chance)
                except psycopg.Error as error:
                    told = f"{error.sqlstate} {error.diag.constraint_name or ''}".strip()
                with self._turn:
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

    def unlucky(self) -> float:
        """The share of what staff tried that ended Busy."""
        tried = sum(self.staff.values()) + sum(
            self.done[name] for name in ("register", "cancel", "promote", "admit")
        )
        return self.staff["Busy"] / tried

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
    assert set(storm.staff) <= {"PackageFull", "WaitlistEmpty", "WrongState", "Busy"}
    assert storm.unlucky() < 0.02
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
    assert set(storm.staff) <= {"PackageFull", "WaitlistEmpty", "WrongState", "NotFound", "Busy"}
    assert storm.unlucky() < 0.02
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
    assert storm.website == {}
    assert storm.unlucky() < 0.02
    assert min(storm.done.values()) > 0
