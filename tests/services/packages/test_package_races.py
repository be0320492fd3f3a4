"""Changing packages beside others who register, change them too, or write as the website does."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from desktop import errors
from desktop.db.session import Database
from desktop.services import packages, registering, waitlist
from desktop.services.registering import Registering


@pytest.fixture
def windows(database_url):
    """Four organizers' computers, each with connections of its own."""
    opened = [Database(database_url) for _ in range(4)]
    yield opened
    for one in opened:
        one.close()


def _register(window, actor, package, n):
    return registering.register(window, actor, Registering(package, f"new{n:02}@example.org"))


def _settled(windows, package):
    """The gaps of the waitlist are closed behind each change; here, once more for certain."""
    waitlist.close_gaps(windows[0], package)


def test_of_two_who_raise_at_once_one_is_told(windows, building, organizer, at_once):
    """Ruling 9: the second has not seen what the first did; nobody is promoted for seats that are not there."""
    package = building.package(capacity=0)
    queue = building.waiting(package, *(f"w{n}@example.org" for n in range(9)))
    results = at_once(
        *(
            partial(packages.set_capacity, window, organizer, package, seats, seen=0, reason="more")
            for window, seats in zip(windows, (2, 3, 4, 5), strict=True)
        )
    )
    (done,) = [result for result in results if isinstance(result, packages.Resized)]
    assert sum(isinstance(result, errors.Stale) for result in results) == 3
    assert done.ids == tuple(queue[: done.capacity])
    assert building.held(package) == building.value("SELECT capacity FROM packages") == done.capacity
    assert len(building.log(package)) == 1


def test_of_four_who_raise_to_the_same_at_once_one_does_and_nobody_is_refused(
    windows, building, organizer, at_once
):
    package = building.package(capacity=1)
    building.registration(package)
    building.waiting(package, "a@example.org", "b@example.org")
    raised = partial(
        packages.set_capacity, actor=organizer, package_id=package, capacity=2, seen=1, reason="more"
    )
    results = at_once(*(partial(raised, window) for window in windows))
    assert sorted(result.names for result in results) == [(), (), (), ("a@example.org",)]
    assert building.held(package) == 2


def test_raising_beside_people_who_register_oversells_nothing_and_keeps_the_order(
    windows, building, organizer, at_once
):
    """Rulings 8, 10 and 11: whoever comes while seats are added gets one or waits; who waited goes first."""
    package = building.package(capacity=2)
    for n in range(2):
        building.registration(package, f"seated{n}@example.org")
    queue = building.waiting(package, *(f"w{n}@example.org" for n in range(6)))

    def raise_step_by_step():
        for seats in (3, 4, 5, 6, 12):
            packages.set_capacity(
                windows[0], organizer, package, seats, seen=_seats(building, package), reason="more"
            )

    results = at_once(
        raise_step_by_step,
        *(partial(_register, windows[1 + n % 3], organizer, package, n) for n in range(12)),
    )
    assert [result for result in results if isinstance(result, Exception)] == []
    _settled(windows, package)
    promoted = building.rows(
        "SELECT subject_id FROM admin_logs WHERE action_type = 'waitlist.promote' ORDER BY logged_at, id"
    )
    assert [row["subject_id"] for row in promoted[:6]] == queue
    assert building.held(package) == 12
    assert [place for place, _ in building.queue(package)] == list(range(1, 9))


def _seats(building, package):
    with building.connect() as website:
        return website.execute("SELECT capacity FROM packages WHERE id = %s", (package,)).fetchone()[
            "capacity"
        ]


def test_lowering_beside_people_who_register_never_sells_a_seat_above_it(
    windows, building, organizer, at_once
):
    """Ruling 8: who got a seat before keeps it; the confirmation covers no more than was told."""
    package = building.package(capacity=10)
    results = at_once(
        partial(packages.set_capacity, windows[0], organizer, package, 3, seen=10, confirmed=0),
        *(partial(_register, windows[n % 4], organizer, package, n) for n in range(10)),
    )
    lowered = results[0]
    held = building.held(package)
    if isinstance(lowered, errors.CapacityBelowSeats):
        assert (lowered.held > 3, held) == (True, 10)
    else:
        assert (lowered.held <= 3, held) == (True, 3)


def test_retiring_beside_people_who_register_lets_nobody_in_afterwards(windows, building, organizer, at_once):
    """Ruling 19: whom the retirement counted is who has a seat."""
    package = building.package(capacity=50)
    results = at_once(
        *(partial(_register, windows[n % 4], organizer, package, n) for n in range(8)),
        partial(packages.retire, windows[0], organizer, package),
        *(partial(_register, windows[n % 4], organizer, package, n) for n in range(8, 16)),
    )
    (retired,) = [result for result in results if isinstance(result, packages.Shelved)]
    refused = [result for result in results if isinstance(result, errors.PackageRetired)]
    assert retired.held == building.held(package) == 16 - len(refused)


def test_a_website_that_is_just_registering_somebody_is_waited_for_and_keeps_the_package(
    windows, building, organizer
):
    """Ruling 19: beside a website's insert, the foreign key never speaks; the person reads who came between."""
    package = building.package(name="VIP")
    with building.connect(autocommit=False) as website:
        website.execute(
            "INSERT INTO event_registrations (event_id, package_id, attendee_email, status)"
            " SELECT event_id, id, 'site@example.org', 'waitlisted' FROM packages WHERE id = %s",
            (package,),
        )
        threading.Timer(0.1, website.commit).start()
        with pytest.raises(errors.PackageInUse) as caught:
            packages.delete(windows[0], organizer, package)
        time.sleep(0.1)
    assert caught.value.registrations == 1


def test_a_website_that_hangs_while_it_registers_is_somebody_elses_work(windows, building, organizer):
    """Nothing is changed, and nothing is left locked."""
    package = building.package(name="VIP")
    with building.connect(autocommit=False) as website:
        website.execute(
            "INSERT INTO event_registrations (event_id, package_id, attendee_email, status)"
            " SELECT event_id, id, 'site@example.org', 'cancelled' FROM packages WHERE id = %s",
            (package,),
        )
        with pytest.raises(errors.Busy):
            packages.delete(windows[0], organizer, package)
        with pytest.raises(errors.Busy):
            seen = packages.read(windows[0], organizer, package, None)
            packages.move(windows[0], organizer, seen, building.event())
        packages.set_capacity(windows[0], organizer, package, 5, seen=None)
        website.rollback()
    assert packages.delete(windows[0], organizer, package).package == "VIP"


def test_a_website_that_edits_the_package_is_not_waited_for_under_the_lock_of_the_seats(
    windows, building, organizer
):
    """Whoever holds a package's seats waits for nothing: what is taken is tried again from the start."""
    package = building.package(capacity=1)
    raise_it = partial(packages.set_capacity, windows[0], organizer, package, 5, seen=1, reason="more")
    waited = 0
    with building.connect(autocommit=False) as editor, ThreadPoolExecutor(1) as pool:
        editor.execute("UPDATE packages SET description = 'x' WHERE id = %s", (package,))
        trying = pool.submit(raise_it)
        while not trying.done():
            waited += building.value(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
        editor.rollback()
    assert isinstance(trying.exception(), errors.Busy)
    assert waited == 0
    assert raise_it().capacity == 5


EACH = {"capacity", "move", "retire", "reactivate"}


def test_staff_who_move_delete_raise_and_retire_beside_a_website_that_registers_meet_no_deadlock(
    windows, building, organizer, at_once, zone
):
    """Lock order: a website in plain SQL sees “full”, “gone”, or nothing; never 40P01, 55P03 or 40001."""
    events = [building.event(), building.event()]
    shared = [building.package(events[n % 2], capacity=3) for n in range(4)]
    stop = threading.Event()
    met: list[str] = []
    done: list[str] = []

    def website(n):
        with building.connect() as mine:
            at = 0
            while not stop.is_set():
                at += 1
                package = shared[at % 4]
                try:
                    mine.execute(
                        "INSERT INTO event_registrations (event_id, package_id, attendee_email)"
                        " SELECT event_id, id, %s FROM packages WHERE id = %s",
                        (f"s{n}-{at}@example.org", package),
                    )
                    mine.execute("UPDATE packages SET description = %s WHERE id = %s", (str(at), package))
                    mine.execute(
                        "UPDATE event_registrations SET status = 'cancelled' WHERE attendee_email = %s",
                        (f"s{n}-{at}@example.org",),
                    )
                except Exception as error:  # noqa: BLE001 - what it met is the finding
                    met.append(error.sqlstate)

    def staff(n):
        window, began = windows[n % 4], time.monotonic()
        at = n
        while time.monotonic() < began + (0.8 if set(done) >= EACH else 10):
            at += 1
            package = shared[at % 4]
            try:
                seen = packages.read(window, organizer, package, zone)
                done.append(_some_change(window, organizer, seen, events[at // 20 % 2], at))
            except (errors.RuleViolation, errors.NotFound, errors.Stale, errors.Busy):
                continue

    writers = [threading.Thread(target=website, args=(n,)) for n in range(2)]
    for writer in writers:
        writer.start()
    results = at_once(*(partial(staff, n) for n in range(4)))
    stop.set()
    for writer in writers:
        writer.join()
    assert [result for result in results if result is not None] == []
    assert set(met) <= {"23514"}
    assert set(done) >= EACH
    for event in events:
        listed = building.value("SELECT packages_ids FROM events WHERE id = %s", event)
        own = building.rows("SELECT id FROM packages WHERE event_id = %s", event)
        assert sorted(listed) == sorted(row["id"] for row in own)


def _some_change(window, organizer, seen, event, at):
    """What was changed, when it was."""
    match at % 5:
        case 0:
            packages.set_capacity(window, organizer, seen.id, 3 + at % 3, seen=seen.capacity, reason="r")
            return "capacity"
        case 1:
            return "move" if packages.move(window, organizer, seen, event).changed else ""
        case 2:
            packages.delete(window, organizer, seen.id)
            return "delete"
        case 3:
            return "retire" if packages.retire(window, organizer, seen.id).changed else ""
        case _:
            return "reactivate" if packages.reactivate(window, organizer, seen.id).changed else ""
