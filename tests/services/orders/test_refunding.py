"""Giving money back: the whole amount, once, with the cancellation when it is wanted; nothing is ever deleted."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import uuid4

import pytest

from desktop import errors
from tests.services.orders.conftest import PRICE, utc_now

TITLE = "“Workshop pass” of “Monsoon Data Summit”"
DAY = timedelta(days=1)
MOMENT = timedelta(minutes=1)


def test_a_refund_gives_the_whole_amount_back_and_keeps_the_order_and_the_seat(
    building, paid, sold, refunded, order_of
):
    """Ruling 18: a refund never deletes an order; the registration stays unless it is cancelled with it."""
    bought = sold(paid, name="Zoë", paid_with="card")
    before = order_of(bought.registration_id)
    done = refunded(bought.order_id, reason="ill")
    assert (done.who, done.amount, done.currency, done.give_back_at) == ("Zoë", PRICE, "INR", None)
    assert [(person.id, person.status) for person in done.kept] == [(bought.registration_id, "registered")]
    assert (done.cancelled, done.promoted, done.repeated) == ((), (), False)
    after = order_of(bought.registration_id)
    assert after.pop("payment_status") == "refunded"
    assert {**before, "updated_at": None} == {**after, "updated_at": None, "payment_status": "paid"}
    assert building.log(bought.registration_id)[-1] == (
        "order.refund",
        f"Gave ₹499.50 back to Zoë for {TITLE}, paid by card (paid → refunded): ill",
    )


def test_a_refund_that_cancels_gives_the_seat_to_the_next_in_the_same_transaction(
    building, paid, sold, register, refunded, order_of
):
    """Rulings 11, 17 and 18: the freed seat promotes, and who is promoted gets a pending order."""
    bought = sold(paid, "a@example.org", name="Ann")
    sold(paid, "b@example.org")
    first = register(paid, "c@example.org").registration_id
    register(paid, "d@example.org")
    done = refunded(bought.order_id, cancel=True, reason="ill")
    assert [(one.id, one.who, one.status) for one in done.cancelled] == [
        (bought.registration_id, "Ann", "cancelled")
    ]
    assert [(one.id, one.who, one.status) for one in done.promoted] == [
        (first, "c@example.org", "registered")
    ]
    assert done.kept == ()
    assert order_of(bought.registration_id)["payment_status"] == "refunded"
    assert order_of(first)["payment_status"] == "pending"
    assert building.queue(paid) == [(1, "d@example.org")]
    assert building.held(paid) == 2
    assert (
        building.value(
            "SELECT count(DISTINCT xmin::text) FROM (SELECT xmin FROM admin_logs"
            " ORDER BY logged_at DESC LIMIT 3) newest"
        )
        == 1
    )
    assert [action for action, _ in building.log()][-3:] == [
        "order.refund",
        "registration.cancel",
        "waitlist.promote",
    ]


def test_an_order_for_several_people_cancels_them_all_and_promotes_as_many(building, paid, online, refunded):
    order = online(paid, payment_status="paid")
    group = [building.registration(paid, order_id=order) for _ in range(2)]
    queue = building.waiting(paid, "x@example.org", "y@example.org", "z@example.org")
    done = refunded(order, cancel=True)
    assert {person.id for person in done.cancelled} == set(group)
    assert [person.id for person in done.promoted] == queue[:2]
    assert building.queue(paid) == [(1, "z@example.org")]


def test_an_order_for_people_in_two_packages_cancels_in_both(building, paid, online, refunded):
    other = building.package(building.value("SELECT event_id FROM packages WHERE id = %s", paid), capacity=1)
    order = online(paid, payment_status="paid")
    group = {building.registration(package, order_id=order) for package in (paid, other)}
    (next_in_other,) = building.waiting(other, "next@example.org")
    done = refunded(order, cancel=True)
    assert {person.id for person in done.cancelled} == group
    assert [person.id for person in done.promoted] == [next_in_other]


@pytest.mark.parametrize("status", ["attended", "no_show"])
def test_who_was_there_or_never_came_is_not_cancelled_with_the_refund(
    status, building, paid, online, refunded
):
    """Ruling 14: attended and no_show are never cancelled."""
    order = online(paid, payment_status="paid")
    person = building.registration(paid, order_id=order, status=status)
    done = refunded(order, cancel=True)
    assert ([one.id for one in done.kept], done.cancelled) == ([person], ())
    assert building.status(person) == status


def test_what_the_websites_gateway_took_is_to_be_given_back_there(building, paid, online, refunded, order_of):
    order = online(paid, payment_status="paid")
    person = building.registration(paid, order_id=order)
    assert refunded(order).give_back_at == "razorpay"
    kept = order_of(person)
    assert (kept["payment_gateway"], kept["payment_id"], kept["amount_paid"]) == (
        "razorpay",
        "order_Nabc123",
        PRICE,
    )


def test_a_refunded_seat_pays_again_into_a_new_order(paid, sold, refunded, taken, order_of):
    bought = sold(paid)
    refunded(bought.order_id)
    again = taken(bought.registration_id)
    assert again.replaced_order_id == bought.order_id
    assert order_of(bought.registration_id)["payment_status"] == "paid"


def test_access_that_is_given_back_ends_now(building, gold, sold, refunded):
    bought = sold(gold)
    refunded(bought.order_id)
    end = building.value("SELECT access_expires_at FROM orders")
    assert abs(end - utc_now()) < MOMENT


def test_what_was_renewed_on_top_of_it_begins_earlier_by_as_much(building, gold, sold, refunded):
    first = sold(gold)
    second = sold(gold, renews=first.access_expires_at)
    third = sold(gold, renews=second.access_expires_at)
    refunded(first.order_id)
    ends = {
        row["id"]: row["access_expires_at"]
        for row in building.rows("SELECT id, access_expires_at FROM orders")
    }
    assert abs(ends[second.order_id] - utc_now() - 30 * DAY) < MOMENT
    assert abs(ends[third.order_id] - utc_now() - 60 * DAY) < MOMENT
    refunded(second.order_id)
    end = building.value("SELECT access_expires_at FROM orders WHERE id = %s", third.order_id)
    assert abs(end - utc_now() - 30 * DAY) < MOMENT
    assert "begins earlier" in building.log(first.order_id)[-1][1]


def test_a_renewal_that_is_given_back_leaves_the_days_before_it(building, gold, sold, refunded):
    first = sold(gold)
    second = sold(gold, renews=first.access_expires_at)
    refunded(second.order_id)
    kept = building.value("SELECT access_expires_at FROM orders WHERE id = %s", first.order_id)
    assert kept == first.access_expires_at


def test_the_second_refund_is_told_who_gave_it_back(building, paid, sold, refunded, admin, everything):
    bought = sold(paid, name="Zoë")
    refunded(bought.order_id, by=admin)
    before = everything()
    with pytest.raises(
        errors.AlreadyRefunded, match=r"refunded already: ada\.admin, in cash, Today \d\d:\d\d\."
    ):
        refunded(bought.order_id, cancel=True)
    assert everything() == before


def test_a_refund_of_the_websites_is_told_without_a_name(paid, online, refunded):
    with pytest.raises(errors.AlreadyRefunded, match="refunded already: online with razorpay, "):
        refunded(online(paid, payment_status="refunded"))


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        ("pending", "is pending, not paid. Cancel the registration"),
        ("failed", "is failed, not paid. There is nothing"),
    ],
)
@pytest.mark.parametrize("cancel", [True, False])
def test_what_was_not_paid_is_not_given_back(
    cancel, status, sentence, building, paid, online, refunded, everything
):
    order = online(paid, payment_status=status)
    building.registration(paid, order_id=order)
    before = everything()
    with pytest.raises(errors.NotPaid, match=re.escape(sentence)):
        refunded(order, cancel=cancel)
    assert everything() == before


def test_a_refund_sent_again_is_told_again_and_made_once(building, paid, sold, register, refunded):
    operation = uuid4()
    bought = sold(paid, "a@example.org")
    sold(paid, "b@example.org")
    register(paid, "c@example.org")
    first = refunded(bought.order_id, cancel=True, operation_id=operation)
    before = building.log()
    again = refunded(bought.order_id, cancel=True, operation_id=operation)
    assert (again.repeated, again.cancelled, again.promoted) == (True, first.cancelled, first.promoted)
    assert building.log() == before


def test_the_id_of_another_refund_is_refused(paid, sold, refunded, everything):
    operation = uuid4()
    refunded(sold(paid, "a@example.org").order_id, operation_id=operation)
    other = sold(paid, "b@example.org").order_id
    before = everything()
    with pytest.raises(errors.OperationReused):
        refunded(other, operation_id=operation)
    assert everything() == before


def test_an_unknown_order_is_told_as_one(refunded):
    with pytest.raises(errors.NotFound, match="no order"):
        refunded(uuid4(), cancel=True)


@pytest.mark.parametrize("fixture", ["door", "editor"])
@pytest.mark.parametrize("cancel", [True, False])
def test_the_door_and_editors_give_nothing_back(cancel, fixture, request, paid, sold, refunded, everything):
    bought = sold(paid)
    actor = request.getfixturevalue(fixture)
    before = everything()
    with pytest.raises(errors.NotAllowed, match="may not refund orders"):
        refunded(bought.order_id, cancel=cancel, by=actor)
    assert everything() == before


def test_no_money_operation_deletes_an_order(building, paid, gold, sold, taken, failed, refunded, register):
    """Ruling 18: refund and failure never delete an order, nor does anything else here."""
    seen: set[object] = set()

    def look():
        now = {row["id"] for row in building.rows("SELECT id FROM orders")}
        assert seen <= now
        seen.update(now)

    made = register(paid, "a@example.org")
    look()
    for do in (
        lambda: failed(made.order_id),
        lambda: taken(made.registration_id),
        lambda: refunded(building.value("SELECT id FROM orders WHERE payment_status = 'paid'"), cancel=True),
        lambda: sold(paid, "a@example.org"),
        lambda: sold(gold),
        lambda: refunded(building.value("SELECT id FROM orders WHERE access_expires_at IS NOT NULL")),
    ):
        do()
        look()
    assert len(seen) == 4
