"""The website in the middle of something: one row it holds, one row it is writing, one event it is closing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from desktop import errors
from desktop.services import attendance, registering, waitlist
from desktop.services.attendance import Admission
from desktop.services.registering import Registering


def test_while_an_event_is_being_cancelled_nobody_is_registered_behind_its_back(
    windows, building, organizer, until_it_waits
):
    event = building.event()
    package = building.package(event)
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
    package = building.package()
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
    package = building.package(capacity=2)
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
    package = building.package(capacity=5)
    event = building.value("SELECT event_id FROM packages WHERE id = %s", package)
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
