"""Selling at a desk: tickets with their seat, subscriptions with their days, to people with and without an account."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from desktop import errors
from tests.services.orders.conftest import PRICE, utc_now

TITLE = "“Workshop pass” of “Monsoon Data Summit”"
DAY = timedelta(days=1)
MOMENT = timedelta(minutes=1)


def test_a_ticket_is_a_seat_with_its_order_paid(building, paid, sold, order_of):
    """Ruling 17: the registration that holds a seat has a paid order, and the guest an account (ruling 18)."""
    done = sold(
        paid, " Zoe@Example.ORG", name="Zoë  Fernández", phone="+91 98-765", paid_with="card", reference="R7"
    )
    assert (done.who, done.package, done.event) == ("Zoë Fernández", "Workshop pass", "Monsoon Data Summit")
    assert (done.amount, done.currency, done.paid_with) == (PRICE, "INR", "card")
    assert (done.access_expires_at, done.account_made, done.repeated) == (None, True, False)
    seat = building.registered(done.registration_id)
    assert (seat["status"], seat["attendee_email"], seat["phone_number"]) == (
        "registered",
        "zoe@example.org",
        "+9198765",
    )
    order = order_of(done.registration_id)
    assert (order["id"], order["payment_status"], order["payment_gateway"]) == (done.order_id, "paid", "card")
    assert (order["amount_paid"], order["access_expires_at"]) == (PRICE, None)
    assert building.value("SELECT count(*) FROM orders") == 1
    assert building.log(done.registration_id) == [
        ("registration.add", f"Registered Zoë Fernández for {TITLE}"),
        (
            "order.sell",
            f"Sold {TITLE} to Zoë Fernández for ₹499.50 by card, reference R7; an account without password was made"
            " for zoe@example.org",
        ),
    ]


def test_a_ticket_of_an_event_that_asks_for_no_payment_keeps_the_money_that_was_taken(
    building, sold, order_of
):
    package = building.package(building.event(payment_required=False), price=PRICE)
    assert order_of(sold(package).registration_id)["amount_paid"] == PRICE


@pytest.mark.parametrize("email", ["Zoe@Example.org", "ZOE@EXAMPLE.ORG"])
def test_a_buyer_is_found_whatever_the_case_of_the_address(email, building, paid, gold, sold):
    """Ruling 18: selling finds the account of the address."""
    user = building.user(email=email, password_hash="x")
    before = building.value("SELECT count(*) FROM users")
    assert not sold(paid).account_made
    sold(gold)
    assert building.value("SELECT array_agg(DISTINCT user_id) FROM orders") == [user]
    assert building.value("SELECT count(*) FROM users") == before


@pytest.mark.parametrize(
    ("email", "name"),
    [("zoë@example.org", "zo-"), ("田中@example.org", "guest-"), ("a" * 64 + "@x.org", "a" * 36)],
)
def test_a_guest_gets_an_account_without_a_password(email, name, building, gold, sold):
    """Ruling 18: selling to a guest makes an account nobody can sign in with, by e-mail."""
    assert sold(gold, email).account_made
    made = building.row("SELECT * FROM users WHERE email = %s", email)
    assert made["username"].startswith(name)
    assert (made["password_hash"], made["status"], made["oauth_provider"]) == (None, "active", "local")
    assert building.rows("SELECT FROM user_roles WHERE user_id = %s", made["id"]) == []


def test_a_subscription_runs_its_days_from_the_purchase(building, gold, sold):
    """Ruling 18: access_expires_at = purchased_at + duration_days for subscriptions."""
    done = sold(gold, name="Zoë")
    order = building.row("SELECT * FROM orders")
    assert order["access_expires_at"] == order["purchased_at"] + 30 * DAY == done.access_expires_at
    assert (done.registration_id, done.event, done.who) == (None, None, "zoe@example.org")
    assert building.rows("SELECT FROM event_registrations") == []
    assert building.log(done.order_id) == [
        (
            "order.sell",
            "Sold “Gold” to Zoë for ₹499.50 in cash, access for 30 days; an account without password was made for"
            " zoe@example.org",
        )
    ]


def test_a_renewal_begins_where_the_access_that_was_paid_for_ends(building, gold, sold):
    first = sold(gold)
    second = sold(gold, renews=first.access_expires_at)
    assert second.access_expires_at == first.access_expires_at + 30 * DAY
    assert (
        f"renewed for 30 days from {first.access_expires_at:%Y-%m-%d %H:%M} UTC"
        in building.log(second.order_id)[0][1]
    )


def test_a_renewal_of_what_the_website_sold_begins_where_that_ends(building, gold, online, sold):
    user = building.user(email="zoe@example.org")
    end = utc_now() + 4 * DAY
    online(gold, user_id=user, payment_status="paid", access_expires_at=end)
    online(gold, user_id=user, payment_status="refunded", access_expires_at=end + 90 * DAY)
    assert sold(gold, renews=end).access_expires_at == end + 30 * DAY


def test_access_that_has_no_end_is_told_so_and_a_renewal_leaves_it_so(building, gold, online, sold):
    """A website's lifetime member: 'infinity', which Python has not."""
    user = building.user(email="zoe@example.org")
    online(gold, user_id=user, payment_status="paid", access_expires_at="infinity")
    with pytest.raises(errors.AlreadySubscribed, match="until infinitely late") as caught:
        sold(gold)
    done = sold(gold, renews=caught.value.until)
    assert done.access_expires_at == caught.value.until
    assert (
        building.value("SELECT access_expires_at::text FROM orders WHERE id = %s", done.order_id)
        == "infinity"
    )


def test_access_that_has_ended_is_bought_anew_from_now(building, gold, online, sold):
    user = building.user(email="zoe@example.org")
    ended = utc_now() - DAY
    online(gold, user_id=user, payment_status="paid", access_expires_at=ended)
    assert abs(sold(gold, renews=ended).access_expires_at - utc_now() - 30 * DAY) < MOMENT


def test_nobody_buys_twice_by_mistake_what_still_runs(gold, sold, everything):
    first = sold(gold)
    before = everything()
    with pytest.raises(
        errors.AlreadySubscribed, match=r"has “Gold” until .* \(sold: asha\.menon, in cash, Today"
    ) as caught:
        sold(gold)
    assert caught.value.until == first.access_expires_at
    with pytest.raises(errors.AlreadySubscribed):
        sold(gold, renews=first.access_expires_at - DAY)
    assert everything() == before


def test_a_complimentary_ticket_or_subscription_costs_nothing(building, paid, gold, sold):
    sold(paid, paid_with="complimentary", amount=Decimal(0))
    sold(gold, paid_with="complimentary", amount=Decimal(0))
    assert building.rows("SELECT DISTINCT amount_paid, payment_status, payment_gateway FROM orders") == [
        {"amount_paid": Decimal("0.00"), "payment_status": "paid", "payment_gateway": "complimentary"}
    ]


def test_a_subscription_in_the_currency_it_was_last_sold_in(gold, online, sold):
    online(gold, currency="EUR", payment_status="paid")
    with pytest.raises(errors.WrongAmount, match=r"€499\.50 is due, not ₹499\.50"):
        sold(gold)
    assert sold(gold, currency="eur").currency == "EUR"


def test_who_cancelled_and_was_given_the_money_back_buys_again(building, paid, sold, refunded, order_of):
    """Ruling 12: the same row is revived; ruling 18: the refunded order stays."""
    first = sold(paid)
    refunded(first.order_id, cancel=True)
    again = sold(paid)
    assert (again.registration_id, again.order_id != first.order_id) == (first.registration_id, True)
    assert order_of(first.registration_id)["payment_status"] == "paid"
    assert building.rows("SELECT payment_status AS s FROM orders ORDER BY s") == [
        {"s": "paid"},
        {"s": "refunded"},
    ]


def test_who_cancelled_and_keeps_a_paid_order_buys_no_second_one(paid, sold, cancel, everything):
    first = sold(paid, name="Zoë")
    cancel(first.registration_id)
    before = everything()
    with pytest.raises(errors.PaidBefore, match=r"Zoë cancelled .* never got the money back .*in cash"):
        sold(paid, name="Zoë")
    assert everything() == before


def test_a_revived_registration_leaves_the_websites_pending_order_alone(
    building, paid, online, sold, order_of
):
    theirs = online(paid)
    seat = building.registration(paid, "zoe@example.org", status="cancelled", order_id=theirs)
    done = sold(paid)
    assert done.registration_id == seat
    assert order_of(seat)["id"] == done.order_id != theirs
    kept = building.row("SELECT payment_status, payment_gateway FROM orders WHERE id = %s", theirs)
    assert kept == {"payment_status": "pending", "payment_gateway": "razorpay"}


def _full(building, package):
    building.registration(package)
    building.registration(package)


REFUSALS = {
    "full": (_full, errors.PackageFull, "2 of 2 seats are held"),
    "there already": (
        lambda b, p: b.registration(p, "ZOE@example.org"),
        errors.AlreadyRegistered,
        "already on the list",
    ),
    "draft": (
        lambda b, p: b.do("UPDATE events SET status = 'draft'"),
        errors.EventClosed,
        "Publish it first",
    ),
    "cancelled": (
        lambda b, p: b.do("UPDATE events SET status = 'cancelled'"),
        errors.EventClosed,
        "is cancelled",
    ),
    "retired": (
        lambda b, p: b.do("UPDATE packages SET is_active = false"),
        errors.PackageRetired,
        "is retired",
    ),
    "free": (lambda b, p: b.do("UPDATE packages SET price = 0"), errors.NothingDue, "costs nothing"),
    "dearer": (
        lambda b, p: b.do("UPDATE packages SET price = 500"),
        errors.WrongAmount,
        "₹500 is due, not ₹499.50",
    ),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_a_ticket_that_cannot_be_sold_takes_no_money(case, building, paid, sold, everything):
    arrange, error, sentence = REFUSALS[case]
    arrange(building, paid)
    before = everything()
    with pytest.raises(error, match=re.escape(sentence)):
        sold(paid)
    assert everything() == before


@pytest.mark.parametrize(
    ("change", "error", "sentence"),
    [
        (
            "UPDATE packages SET is_active = false",
            errors.NotForSale,
            "“Gold” is retired and not sold any more.",
        ),
        ("UPDATE packages SET duration_days = 0", errors.NotForSale, "“Gold” lasts no days."),
        (
            "UPDATE users SET status = 'inactive' WHERE email LIKE 'zoe%%'",
            errors.BuyerInactive,
            "is deactivated",
        ),
        ("UPDATE packages SET price = 1", errors.WrongAmount, "₹1 is due, not ₹499.50. Take exactly that"),
    ],
)
def test_a_subscription_that_cannot_be_sold_takes_no_money(
    change, error, sentence, building, gold, sold, everything
):
    building.user(email="zoe@example.org")
    building.do(change.replace("%%", "%"))
    before = everything()
    with pytest.raises(error, match=re.escape(sentence)):
        sold(gold)
    assert everything() == before


def test_a_package_that_is_gone_is_told_as_missing(sold):
    with pytest.raises(errors.NotFound):
        sold(uuid4())


@pytest.mark.parametrize("kind", ["ticket", "subscription"])
def test_a_sale_sent_again_is_told_again_and_made_once(kind, building, paid, gold, sold):
    operation = uuid4()
    package = paid if kind == "ticket" else gold
    first = sold(package, operation_id=operation)
    before = building.log()
    again = sold(package, operation_id=operation)
    assert (first.repeated, again.repeated) == (False, True)
    same = ("order_id", "registration_id", "access_expires_at", "amount", "account_made", "who")
    assert [getattr(again, name) for name in same] == [getattr(first, name) for name in same]
    assert building.log() == before
    assert building.value("SELECT count(*) FROM orders") == 1


def test_a_sale_sent_again_after_the_person_was_moved_is_still_known(building, paid, sold):
    operation = uuid4()
    first = sold(paid, operation_id=operation)
    other = building.package(building.value("SELECT event_id FROM packages WHERE id = %s", paid), price=PRICE)
    building.do("UPDATE event_registrations SET package_id = %s", other)
    building.do("UPDATE orders SET package_id = %s", other)
    again = sold(paid, operation_id=operation)
    assert (again.repeated, again.order_id) == (True, first.order_id)


def test_the_id_of_another_sale_is_refused(paid, gold, sold, everything):
    operation = uuid4()
    sold(paid, operation_id=operation)
    before = everything()
    with pytest.raises(errors.OperationReused):
        sold(gold, operation_id=operation)
    assert everything() == before


@pytest.mark.parametrize("fixture", ["door", "editor"])
def test_the_door_and_editors_sell_nothing(fixture, request, gold, sold, everything):
    actor = request.getfixturevalue(fixture)
    before = everything()
    with pytest.raises(errors.NotAllowed, match="may not sell packages"):
        sold(gold, by=actor)
    assert everything() == before


def test_an_address_that_is_none_is_refused(gold, sold):
    with pytest.raises(errors.InvalidField):
        sold(gold, "zoe")
