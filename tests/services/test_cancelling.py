"""Cancelling registrations, and who gets the seat."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from desktop import errors
from desktop.services import registering

YESTERDAY = datetime.now(UTC).replace(tzinfo=None) - timedelta(days=1)
LAST_WEEK = YESTERDAY - timedelta(days=7)


def _order(building, registration):
    return building.row(
        "SELECT o.* FROM orders o JOIN event_registrations r ON r.order_id = o.id WHERE r.id = %s",
        registration,
    )


def test_a_cancelled_seat_goes_to_the_next_person_in_the_same_transaction(building, cancel):
    package = building.package(capacity=1)
    seated = building.registration(package, attendee_name="Ann")
    first, second = building.waiting(package, "first@example.org", "second@example.org")
    done = cancel(seated, "caught a cold")
    assert (done.who, done.previous_status, done.promoted_id, done.promoted_who, done.waiting) == (
        "Ann",
        "registered",
        first,
        "first@example.org",
        1,
    )
    assert done.package_id == package
    assert [building.status(person) for person in (seated, first, second)] == [
        "cancelled",
        "registered",
        "waitlisted",
    ]
    assert building.registered(seated)["cancelled_at"] is not None
    assert building.registered(first)["waitlist_position"] is None
    assert building.queue(package) == [(1, "second@example.org")]
    assert building.held(package) == 1
    assert building.value("SELECT count(DISTINCT xmin::text) FROM admin_logs") == 1
    assert building.log(seated) == [
        (
            "registration.cancel",
            "Cancelled Ann of “Workshop pass” of “Monsoon Data Summit” (was registered): caught a cold",
        )
    ]
    assert building.log(first) == [
        (
            "waitlist.promote",
            "Promoted first@example.org from the waitlist of “Workshop pass” of “Monsoon Data Summit” (Ann cancelled)",
        )
    ]


def test_a_seat_nobody_waits_for_stays_free(building, cancel):
    package = building.package(capacity=1)
    done = cancel(building.registration(package))
    assert (done.promoted_id, done.promoted_who, done.payment_status, done.waiting) == (None, None, None, 0)
    assert building.held(package) == 0


def test_whoever_is_promoted_into_a_paid_package_gets_a_pending_order(building, paid, register, cancel):
    first = register(paid, "a@example.org", paid_with="cash")
    register(paid, "b@example.org")
    register(paid, "c@example.org")
    done = cancel(first.registration_id)
    assert _order(building, done.promoted_id)["payment_status"] == "pending"


def test_a_package_over_its_capacity_promotes_nobody(building, cancel):
    package = building.package(capacity=3)
    seated = [building.registration(package) for _ in range(3)]
    building.waiting(package, "next@example.org")
    building.do("UPDATE packages SET capacity = 2 WHERE id = %s", package)
    assert cancel(seated[0]).promoted_id is None
    assert cancel(seated[1]).promoted_who == "next@example.org"


def test_somebody_waiting_who_cancels_closes_the_gap(building, cancel):
    package = building.package(capacity=0)
    people = building.waiting(package, "a@example.org", "b@example.org", "c@example.org")
    done = cancel(people[1])
    assert (done.previous_status, done.promoted_id, done.waiting) == ("waitlisted", None, 2)
    assert building.queue(package) == [(1, "a@example.org"), (2, "c@example.org")]
    assert building.registered(people[1])["waitlist_position"] is None


@pytest.mark.parametrize("status", ["attended", "no_show", "cancelled"])
def test_somebody_inside_absent_or_gone_cannot_be_cancelled(status, building, cancel):
    registration = building.registration(building.package(), attendee_name="Ann", status=status)
    with pytest.raises(
        errors.TransitionRefused, match=f"Ann cannot be cancelled: the registration is {status[:2]}"
    ):
        cancel(registration)
    assert building.status(registration) == status
    assert building.log() == []


def test_an_unknown_registration_is_told_as_one(cancel):
    with pytest.raises(errors.NotFound, match="no registration"):
        cancel(uuid4())


@pytest.mark.parametrize(
    "event",
    [
        {"status": "cancelled"},
        {"status": "completed"},
        {"status": "draft"},
        {"deleted_at": YESTERDAY},
        {"start_time": LAST_WEEK, "end_time": YESTERDAY},
        {"start_time": YESTERDAY - timedelta(hours=1), "end_time": None},
    ],
)
def test_an_event_that_is_over_or_closed_promotes_nobody_and_the_cancellation_still_works(
    event, building, cancel
):
    package = building.package(capacity=1)
    seated = building.registration(package)
    (waiting,) = building.waiting(package, "next@example.org")
    for column, value in event.items():
        building.do(f"UPDATE events SET {column} = %s", value)
    assert cancel(seated).promoted_id is None
    assert [building.status(person) for person in (seated, waiting)] == ["cancelled", "waitlisted"]


def test_an_event_that_began_a_moment_ago_and_has_no_end_still_promotes(building, cancel):
    package = building.package(building.event(start_time=datetime.now(UTC).replace(tzinfo=None)), capacity=1)
    seated = building.registration(package)
    (waiting,) = building.waiting(package, "next@example.org")
    assert cancel(seated).promoted_id == waiting


def test_a_retired_package_promotes_nobody(building, cancel):
    package = building.package(capacity=1)
    seated = building.registration(package)
    building.waiting(package, "next@example.org")
    building.do("UPDATE packages SET is_active = false")
    assert cancel(seated).promoted_id is None


def test_an_order_the_desk_opened_and_nobody_paid_is_closed_with_the_seat(building, paid, register, cancel):
    made = register(paid)
    assert cancel(made.registration_id).payment_status == "failed"
    assert _order(building, made.registration_id)["payment_status"] == "failed"


def test_the_websites_own_pending_order_stays_as_it_is(building, paid, cancel):
    order = building.insert(
        "orders",
        user_id=building.user(),
        package_id=paid,
        payment_id="p",
        amount_paid=1,
        payment_status="pending",
    )
    registration = building.registration(paid, order_id=order)
    assert cancel(registration).payment_status == "pending"


def test_a_paid_order_stays_paid_until_a_person_refunds_it(paid, register, cancel):
    made = register(paid, paid_with="card")
    assert cancel(made.registration_id).payment_status == "paid"


@pytest.mark.parametrize("fixture", ["door", "editor"])
def test_the_door_and_editors_cancel_nobody(fixture, request, database, building):
    registration = building.registration(building.package())
    with pytest.raises(errors.NotAllowed, match="may not cancel registrations"):
        registering.cancel(database, request.getfixturevalue(fixture), registration)
    assert building.status(registration) == "registered"
