"""Repairing beside people who register, cancel and promote, while somebody makes the numbers wrong again and again."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import psycopg
import pytest

from desktop import errors
from desktop.services import checking, registering, waitlist
from desktop.services.checking import repairing
from desktop.services.checking.model import Severity
from desktop.services.registering import Registering

DAMAGES = (
    "UPDATE package_seats SET held = held + 1",
    "UPDATE package_seats SET capacity = 0",
    "UPDATE events SET packages_ids = '{}'",
    "UPDATE event_registrations SET waitlist_position = NULL WHERE status = 'waitlisted'",
)
FULL = ("23514", "package_capacity")
KINDS = {"seat_counter", "packages_ids", "waitlist_positions"}
SECONDS = 1.5


@pytest.mark.parametrize("isolation", [None, psycopg.IsolationLevel.REPEATABLE_READ])
def test_repairing_beside_everybody_leaves_nothing_wrong_and_hurts_nobody(
    isolation, windows, building, organizer, admin
):
    event = building.event()
    packages = [building.package(event, capacity=15) for _ in range(2)]
    for package in packages:
        building.waiting(package, *(f"early{n}@example.org" for n in range(5)))
    until = time.monotonic() + SECONDS
    told, mended = set(), []
    turn = threading.Lock()

    def website(n):
        number = 0
        with building.connect() as connection:
            connection.isolation_level = isolation
            while time.monotonic() < until:
                number += 1
                try:
                    with connection.transaction():
                        _writes(connection, event, packages[number % 2], f"w{n}-{number}@example.org", number)
                except psycopg.Error as error:
                    with turn:
                        told.add((error.sqlstate, error.diag.constraint_name))

    def staff(n):
        number = 0
        while time.monotonic() < until:
            number += 1
            with suppress(errors.RuleViolation, errors.Busy):
                registering.register(
                    windows[n], organizer, Registering(packages[number % 2], f"s{n}-{number}@example.org")
                )
                waitlist.promote_next(windows[n], organizer, packages[number % 2])

    def repairer(n):
        """Ends before the others do, with everything repaired beside them, where this computer has time for it."""
        while time.monotonic() < until - 0.3 or not {one.kind for one in mended if one.done} >= KINDS:
            for damage in DAMAGES:
                with suppress(psycopg.errors.DeadlockDetected), building.connect() as connection:
                    connection.execute(damage)
                mended.extend(repairing.repair(windows[n], admin))
        while any(not one.done for one in repairing.repair(windows[n], admin)):
            pass

    with ThreadPoolExecutor(6) as pool:
        for work in [
            *(pool.submit(website, n) for n in range(3)),
            *(pool.submit(staff, n) for n in range(2)),
            pool.submit(repairer, 2),
        ]:
            work.result()

    assert wrong_in(windows[3]) <= {"waitlists"}  # people left since then
    repairing.repair(windows[3], admin)
    assert checking.check(windows[3]).count(Severity.WRONG) == 0
    assert repairing.repair(windows[3], admin) == ()
    assert told <= ({FULL} if isolation is None else {FULL, ("40001", None)})
    assert {one.kind for one in mended if one.done} == KINDS


def wrong_in(database):
    return {subject.name for subject in checking.check(database).subjects if subject.count(Severity.WRONG)}


def _writes(connection, event, package, email, number):
    """What a website does: somebody new, and now and then somebody who leaves or is deleted."""
    if number % 3:
        connection.execute(
            "INSERT INTO event_registrations (event_id, package_id, attendee_email) VALUES (%s, %s, %s)",
            (event, package, email),
        )
    else:
        one = "(SELECT id FROM event_registrations WHERE package_id = %s AND status = 'registered' LIMIT 1)"
        change = (
            "DELETE FROM event_registrations"
            if number % 2
            else "UPDATE event_registrations SET status = 'cancelled'"
        )
        connection.execute(f"{change} WHERE id = {one}", (package,))


def test_two_repairs_at_once_mend_once(windows, building, admin, at_once):
    package = building.package(capacity=3)
    building.registration(package)
    building.do("DELETE FROM package_seats")

    done = at_once(lambda: repairing.repair(windows[0], admin), lambda: repairing.repair(windows[1], admin))

    assert len([one for mended in done for one in mended]) == 1
    assert [action for action, _ in building.log()] == ["repair.seats"]
