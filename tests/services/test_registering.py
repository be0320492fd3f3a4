"""Adding people to packages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from desktop import errors
from desktop.services import registering
from desktop.services.registering import Registering

YESTERDAY = datetime.now(UTC).replace(tzinfo=None) - timedelta(days=1)
LAST_WEEK = YESTERDAY - timedelta(days=7)


def _order(building, registration):
    return building.row(
        "SELECT o.* FROM orders o JOIN event_registrations r ON r.order_id = o.id WHERE r.id = %s",
        registration,
    )


def test_a_person_gets_a_seat_and_is_stored_trimmed_and_lower_case(building, register):
    package = building.package(capacity=2)
    made = register(package, "  Zoe@Example.ORG ", name=" Zoë \n Fernández ", phone="+49 (170) 123-45.6")
    row = building.registered(made.registration_id)
    assert (row["attendee_email"], row["attendee_name"], row["phone_number"], row["status"]) == (
        "zoe@example.org",
        "Zoë Fernández",
        "+49170123456",
        "registered",
    )
    assert row["event_id"] == building.value("SELECT event_id FROM packages WHERE id = %s", package)
    assert (made.status, made.waitlist_position, made.order_id, made.revived, made.late) == (
        "registered",
        None,
        None,
        False,
        False,
    )
    assert (made.package, made.event, made.free, made.waiting) == (
        "Workshop pass",
        "Monsoon Data Summit",
        1,
        0,
    )


def test_what_is_not_known_stays_empty(building, register):
    row = building.registered(register(building.package()).registration_id)
    assert (row["attendee_name"], row["phone_number"], row["user_id"], row["registration_meta"]) == (
        None,
    ) * 4


def test_answers_to_the_events_questions_are_kept(building, register):
    made = register(building.package(), meta={"meal": "vegetarian", "firm": "Açme “& Co”"})
    assert building.registered(made.registration_id)["registration_meta"] == {
        "meal": "vegetarian",
        "firm": "Açme “& Co”",
    }


def test_somebody_with_an_account_is_linked_to_it_whatever_the_case(building, register):
    user = building.user(email="Zoe@Example.org")
    made = register(building.package())
    assert building.registered(made.registration_id)["user_id"] == user


def test_a_package_without_capacity_has_no_number_of_free_seats(building, register):
    package = building.package()
    assert [register(package, f"p{n}@example.org").free for n in range(3)] == [None] * 3


def test_times_are_written_in_utc(building, register):
    made = register(building.package())
    assert building.value(
        "SELECT bool_and(abs(extract(epoch FROM timezone('UTC', now()) - t)) < 600) FROM event_registrations,"
        " unnest(ARRAY[registered_at, created_at, updated_at]) AS t WHERE id = %s",
        made.registration_id,
    )


def test_the_registration_is_logged_with_the_person_the_package_and_the_row(building, register, organizer):
    made = register(building.package(), name="Zoë")
    (entry,) = building.rows("SELECT * FROM admin_logs")
    assert (entry["admin_id"], entry["action_type"], entry["subject_id"]) == (
        organizer.id,
        "registration.add",
        made.registration_id,
    )
    assert entry["description"] == "Registered Zoë for “Workshop pass” of “Monsoon Data Summit”"


def test_log_and_registration_are_written_together_or_not_at_all(database, building, register):
    package = building.package()
    building.do("ALTER TABLE admin_logs ADD CONSTRAINT no_more CHECK (false) NOT VALID")
    with pytest.raises(Exception, match="no_more"):
        register(package)
    assert building.rows("SELECT FROM event_registrations") == []


def test_a_full_package_puts_the_next_person_at_the_end_of_the_waitlist(building, register):
    package = building.package(capacity=1)
    register(package, "first@example.org")
    second, third = register(package, "second@example.org"), register(package, "third@example.org")
    assert [(made.status, made.waitlist_position, made.waiting) for made in (second, third)] == [
        ("waitlisted", 1, 1),
        ("waitlisted", 2, 2),
    ]
    assert building.queue(package) == [(1, "second@example.org"), (2, "third@example.org")]
    assert building.log(third.registration_id) == [
        (
            "registration.add",
            "Registered third@example.org on the waitlist of “Workshop pass” of “Monsoon Data Summit” at #2",
        )
    ]


def test_a_person_who_will_not_wait_is_told_that_it_is_full(building, register):
    package = building.package(capacity=1)
    register(package, "first@example.org")
    with pytest.raises(errors.PackageFull, match=r"“Workshop pass” is full \(1 of 1 seats are held\)"):
        register(package, "second@example.org", when_full="refuse")
    assert building.value("SELECT count(*) FROM event_registrations") == 1


def test_nobody_overtakes_those_who_wait_though_a_seat_is_free(building, register):
    package = building.package(capacity=5)
    building.waiting(package, "early@example.org")
    assert register(package, "late@example.org").waitlist_position == 2
    with pytest.raises(errors.PackageFull):
        register(package, "impatient@example.org", when_full="refuse")


def test_people_the_website_wrote_without_a_place_or_with_the_same_are_not_overtaken(building, register):
    package = building.package(capacity=0)
    for minute, (email, place) in enumerate([("a", None), ("b", 1), ("c", 1), ("d", None)]):
        building.registration(
            package,
            f"{email}@example.org",
            status="waitlisted",
            waitlist_position=place,
            registered_at=LAST_WEEK + timedelta(minutes=minute),
        )
    assert register(package, "new@example.org").waitlist_position == 5
    assert building.queue(package) == [
        (n, f"{e}@example.org") for n, e in enumerate(["b", "c", "a", "d", "new"], 1)
    ]


def test_a_gap_the_website_left_is_closed_and_the_place_told_is_the_one_people_count(building, register):
    package = building.package(capacity=0)
    first, _, _ = building.waiting(package, "a@example.org", "b@example.org", "c@example.org")
    building.do("UPDATE event_registrations SET status = 'cancelled' WHERE id = %s", first)
    assert register(package, "new@example.org").waitlist_position == 3
    assert building.queue(package) == [(1, "b@example.org"), (2, "c@example.org"), (3, "new@example.org")]


def test_a_package_over_its_capacity_gives_no_seat(building, register):
    package = building.package(capacity=2)
    register(package, "a@example.org")
    register(package, "b@example.org")
    building.do("UPDATE packages SET capacity = 1 WHERE id = %s", package)
    made = register(package, "c@example.org")
    assert (made.status, made.free) == ("waitlisted", 0)


def test_a_paid_package_opens_a_pending_order_for_an_account_without_password(building, paid, register):
    made = register(paid, "Zoe.F@Example.org")
    order = _order(building, made.registration_id)
    assert made.order_id == order["id"]
    assert (
        order["payment_status"],
        str(order["amount_paid"]),
        order["currency"],
        order["payment_gateway"],
    ) == (
        "pending",
        "499.50",
        "INR",
        "desk",
    )
    assert (order["package_id"], order["access_expires_at"]) == (paid, None)
    buyer = building.row("SELECT * FROM users WHERE id = %s", order["user_id"])
    assert (buyer["email"], buyer["password_hash"], buyer["oauth_provider"], buyer["status"]) == (
        "zoe.f@example.org",
        None,
        "local",
        "active",
    )
    assert buyer["username"].startswith("zoe.f-")


def test_the_account_a_buyer_has_is_used_whatever_the_case(building, paid, register):
    user = building.user(email="ZOE@example.org")
    assert _order(building, register(paid).registration_id)["user_id"] == user


def test_two_packages_for_one_guest_make_one_account(building, register):
    event = building.event(payment_required=True)
    for _ in range(2):
        register(building.package(event, price=10))
    assert building.value("SELECT count(*) FROM users WHERE email = 'zoe@example.org'") == 1


def test_two_guests_with_the_same_name_before_the_at_get_accounts_of_their_own(building, paid, register):
    register(paid, "zoe@example.org")
    register(paid, "zoe@example.com")
    assert building.value("SELECT count(DISTINCT username) FROM users WHERE username LIKE 'zoe-%'") == 2


@pytest.mark.parametrize("way", sorted(registering.PAID_WITH - {"complimentary"}))
def test_a_seat_paid_at_the_desk_has_a_paid_order(way, building, paid, register):
    order = _order(building, register(paid, paid_with=way).registration_id)
    assert (order["payment_status"], order["payment_gateway"], str(order["amount_paid"])) == (
        "paid",
        way,
        "499.50",
    )


def test_a_complimentary_seat_has_a_paid_order_of_nothing(building, paid, register):
    order = _order(building, register(paid, paid_with="complimentary").registration_id)
    assert (order["payment_status"], order["amount_paid"]) == ("paid", 0)


def test_the_currency_is_the_one_the_package_was_last_sold_in(building, paid, register):
    building.insert(
        "orders",
        user_id=building.user(),
        package_id=paid,
        payment_id="p",
        amount_paid=1,
        payment_status="paid",
        currency="EUR",
    )
    assert _order(building, register(paid).registration_id)["currency"] == "EUR"


@pytest.mark.parametrize(("required", "price"), [(True, 0), (False, 100)])
def test_a_package_that_costs_nothing_or_an_event_that_asks_for_nothing_needs_no_order(
    required, price, building, register
):
    package = building.package(building.event(payment_required=required), price=price)
    assert register(package, paid_with="cash").order_id is None
    assert building.rows("SELECT FROM orders") == []


def test_nobody_pays_for_a_place_in_the_waitlist(building, paid, register):
    register(paid, "a@example.org")
    register(paid, "b@example.org")
    assert register(paid, "c@example.org").order_id is None
    assert building.value("SELECT count(*) FROM orders") == 2


def test_an_unknown_way_to_pay_is_refused(paid, register):
    with pytest.raises(errors.InvalidField, match="cash") as caught:
        register(paid, paid_with="shells")
    assert caught.value.field == "paid_with"


@pytest.mark.parametrize("state", ["draft", "cancelled", "completed"])
def test_an_event_that_is_not_published_takes_nobody(state, building, register):
    package = building.package(building.event(status=state))
    with pytest.raises(
        errors.EventClosed, match=f"“Monsoon Data Summit” is (a )?{state} and gives out no seats"
    ):
        register(package)
    assert building.rows("SELECT FROM event_registrations") == []


def test_a_deleted_event_takes_nobody(building, register):
    package = building.package(building.event(deleted_at=YESTERDAY))
    with pytest.raises(errors.EventClosed, match=r"is deleted and gives out no seats\. Restore it"):
        register(package)


def test_an_event_without_a_title_can_still_be_named(building, register):
    package = building.package(building.event(status="draft", title=None))
    with pytest.raises(errors.EventClosed, match="“The event” is a draft"):
        register(package)


def test_a_retired_package_takes_nobody(building, register):
    with pytest.raises(errors.PackageRetired, match="“Workshop pass” is retired"):
        register(building.package(is_active=False))


def test_a_subscription_is_no_event_package(building, register):
    with pytest.raises(errors.NotFound, match="There is no event package “Workshop pass”"):
        register(building.package(package_type="subscription"))


def test_an_unknown_package_is_told_as_one(register):
    with pytest.raises(errors.NotFound, match="There is no event package"):
        register(uuid4())


@pytest.mark.parametrize("status", ["registered", "waitlisted", "attended", "no_show"])
def test_somebody_who_is_there_already_in_another_case_is_not_added_again(status, building, register):
    package = building.package()
    building.registration(package, "ZOE@Example.org", status=status)
    with pytest.raises(errors.AlreadyRegistered) as caught:
        register(package)
    assert caught.value.status == status.replace("_", "-")
    assert f"({status.replace('_', '-')})" in str(caught.value)
    assert building.value("SELECT count(*) FROM event_registrations") == 1


def test_the_same_person_may_come_with_another_package(building, register):
    event = building.event()
    assert register(building.package(event)).status == "registered"
    assert register(building.package(event)).status == "registered"


@pytest.mark.parametrize("fixture", ["door", "editor"])
def test_the_door_and_editors_add_nobody(fixture, request, database, building):
    with pytest.raises(errors.NotAllowed, match="may not add registrations"):
        registering.register(
            database, request.getfixturevalue(fixture), Registering(building.package(), "a@b.org")
        )
    assert building.rows("SELECT FROM event_registrations") == []


def test_somebody_who_cancelled_is_revived_in_the_same_row_with_a_new_token(building, register):
    package = building.package(capacity=1)
    old = building.registration(
        package,
        "ZOE@example.org",
        attendee_name="Zoë",
        status="cancelled",
        cancelled_at=YESTERDAY,
        registered_at=LAST_WEEK,
        phone_number="123",
    )
    before = building.registered(old)
    made = register(package)
    after = building.registered(old)
    assert (made.registration_id, made.revived, after["status"]) == (old, True, "registered")
    assert after["registration_token"] != before["registration_token"]
    assert after["registered_at"] > before["registered_at"]
    assert after["cancelled_at"] is None
    assert (after["attendee_name"], after["phone_number"], after["created_at"]) == (
        "Zoë",
        "123",
        before["created_at"],
    )
    assert building.log(old)[-1][0] == "registration.revive"


def test_somebody_who_comes_back_to_a_full_package_waits_at_the_end(building, register):
    package = building.package(capacity=0)
    building.waiting(package, "other@example.org")
    old = building.registration(package, "zoe@example.org", status="cancelled", cancelled_at=YESTERDAY)
    made = register(package, name="Zoë F")
    assert (made.status, made.waitlist_position, made.registration_id) == ("waitlisted", 2, old)
    assert building.registered(old)["attendee_name"] == "Zoë F"


def test_a_paid_order_is_good_for_coming_back(building, paid, register, cancel):
    first = register(paid, paid_with="cash")
    cancel(first.registration_id)
    again = register(paid)
    assert again.order_id == first.order_id
    assert _order(building, first.registration_id)["payment_status"] == "paid"


@pytest.mark.parametrize("state", ["refunded", "failed"])
def test_an_order_that_is_closed_is_replaced_on_coming_back(state, building, paid, register, cancel):
    first = register(paid, paid_with="cash")
    cancel(first.registration_id)
    building.do("UPDATE orders SET payment_status = %s", state)
    again = register(paid)
    assert again.order_id != first.order_id
    assert _order(building, again.registration_id)["payment_status"] == "pending"


def test_of_two_rows_that_differ_in_case_the_one_that_is_not_cancelled_counts(building, register):
    package = building.package()
    building.registration(package, "ZOE@example.org", status="cancelled", registered_at=LAST_WEEK)
    building.registration(package, "Zoe@example.org")
    with pytest.raises(errors.AlreadyRegistered):
        register(package)


@pytest.mark.parametrize(
    ("event", "package"),
    [
        ({"registration_deadline": YESTERDAY}, {}),
        ({}, {"package_registration_deadline": YESTERDAY}),
        (
            {"registration_deadline": YESTERDAY + timedelta(days=9)},
            {"package_registration_deadline": YESTERDAY},
        ),
    ],
)
def test_staff_may_register_after_the_deadline_and_it_is_noted(event, package, building, register):
    made = register(building.package(building.event(**event), **package))
    assert made.late
    assert building.log(made.registration_id)[0][1].endswith("“Monsoon Data Summit”, after the deadline")


def test_the_packages_own_deadline_is_the_one_that_counts(building, register):
    event = building.event(registration_deadline=YESTERDAY)
    package = building.package(event, package_registration_deadline=YESTERDAY + timedelta(days=9))
    assert not register(package).late


@pytest.mark.parametrize(
    ("way", "said"),
    [("cash", "paid ₹499.50 in cash"), ("complimentary", "₹499.50 waived")],
    ids=["paid", "waived"],
)
def test_the_log_says_what_was_paid_with_the_registration(way, said, building, paid, register):
    """Ruling 23: money that was taken, or waived, is in the log."""
    made = register(paid, paid_with=way)
    assert building.log(made.registration_id)[-1][1].endswith(f"“Monsoon Data Summit”, {said}")


def test_who_never_got_the_money_back_pays_no_second_time(building, paid, register, cancel):
    """Ruling 17: the order is paid, so a second payment would be recorded nowhere."""
    first = register(paid, paid_with="card")
    cancel(first.registration_id)
    with pytest.raises(errors.PaidBefore, match="without a payment, or refund"):
        register(paid, paid_with="cash")
    assert building.status(first.registration_id) == "cancelled"


def test_who_has_paid_never_waits(building, paid, register, cancel):
    """Ruling 17: as reviving the registration says."""
    first = register(paid, paid_with="card")
    cancel(first.registration_id)
    building.do("UPDATE packages SET capacity = 0 WHERE id = %s", paid)
    with pytest.raises(errors.PaidAlready):
        register(paid)
    assert building.status(first.registration_id) == "cancelled"
