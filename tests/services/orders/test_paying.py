"""Taking payments: once, whole, and without touching what the website's gateway needs."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from desktop import errors
from desktop.services import attendance, orders
from desktop.services.attendance import Admission
from tests.services.orders.conftest import PRICE, ZONE, utc_now

TITLE = "“Workshop pass” of “Monsoon Data Summit”"


@pytest.mark.parametrize("way", ["cash", "card", "upi", "bank transfer"])
def test_a_pending_order_of_the_desk_is_paid_in_place(way, building, paid, register, taken, order_of):
    """Ruling 17: staff take payment for a seat that needs it."""
    made = register(paid, "zoe@example.org", name="Zoë")
    opened = order_of(made.registration_id)
    done = taken(made.registration_id, paid_with=way, reference=" 47 11 ")
    assert (done.order_id, done.registration_id, done.who) == (made.order_id, made.registration_id, "Zoë")
    assert (done.amount, done.currency, done.paid_with) == (PRICE, "INR", way)
    assert (done.replaced_order_id, done.access_expires_at, done.repeated) == (None, None, False)
    now = order_of(made.registration_id)
    assert (now["payment_status"], now["payment_gateway"], now["amount_paid"]) == ("paid", way, PRICE)
    same = ("id", "user_id", "package_id", "payment_id", "currency", "purchased_at", "access_expires_at")
    assert [now[name] for name in same] == [opened[name] for name in same]
    how = {"cash": "in cash", "card": "by card", "upi": "by UPI"}.get(way, f"by {way}")
    assert building.log(made.registration_id)[-1] == (
        "order.pay",
        f"Took ₹499.50 from Zoë for {TITLE} {how}, reference 47 11 (pending → paid)",
    )


def test_the_row_of_the_log_and_of_the_ledger_come_with_the_order_in_one_transaction(
    building, paid, register, taken, organizer
):
    made = register(paid)
    done = taken(made.registration_id)
    kept = building.row("SELECT *, xmin::text AS tx FROM greenroom.payments")
    assert (kept["id"], kept["kind"], kept["order_id"]) == (done.operation_id, "payment", made.order_id)
    assert (kept["staff_id"], kept["paid_with"], kept["amount"]) == (organizer.id, "cash", PRICE)
    assert kept["tx"] == building.value("SELECT xmin::text FROM orders")
    assert kept["tx"] == building.value("SELECT xmin::text FROM admin_logs WHERE action_type = 'order.pay'")
    assert kept["recorded_at"] - utc_now() < timedelta(minutes=1)


def test_who_was_promoted_and_owes_is_let_in_after_paying(
    building, database, door, paid, register, cancel, taken
):
    """Ruling 17: at the door the order must be paid, or staff take payment there."""
    first = register(paid, "a@example.org", paid_with="cash")
    register(paid, "b@example.org", paid_with="cash")
    register(paid, "c@example.org")
    guest = cancel(first.registration_id).promoted_id
    owed = orders.due(database, door, registration_id=guest)
    assert (owed.state, owed.amount, owed.currency, owed.who) == ("due", PRICE, "INR", "c@example.org")
    assert attendance.admit(database, door, Admission(guest, "north gate")).verdict == "payment_due"
    taken(guest, by=door, amount=owed.amount, currency=owed.currency)
    assert orders.due(database, door, registration_id=guest).state == "paid"
    assert attendance.admit(database, door, Admission(guest, "north gate")).verdict == "admitted"


def test_a_pending_order_of_the_website_stays_with_its_gateway_and_gets_a_paid_one_beside_it(
    building, paid, online, taken, order_of
):
    theirs = online(paid, currency="INR")
    before = building.row("SELECT *, xmin::text FROM orders WHERE id = %s", theirs)
    registration = building.registration(paid, "zoe@example.org", order_id=theirs)
    done = taken(registration)
    assert done.replaced_order_id == theirs
    assert building.row("SELECT *, xmin::text FROM orders WHERE id = %s", theirs) == before
    now = order_of(registration)
    assert now["id"] == done.order_id != theirs
    assert (now["payment_status"], now["payment_gateway"]) == ("paid", "cash")
    assert (now["user_id"], now["payment_id"]) == (before["user_id"], f"greenroom:{now['id']}")
    assert building.log(registration) == [
        (
            "order.pay",
            f"Took ₹499.50 from zoe@example.org for {TITLE} in cash"
            " (a new order; the pending one with razorpay stays pending)",
        )
    ]


@pytest.mark.parametrize("told", ["paid", "failed"])
def test_whatever_the_gateway_says_later_the_desks_payment_stands_and_a_second_one_is_seen(
    told, building, database, organizer, paid, online, taken, order_of
):
    theirs = online(paid)
    registration = building.registration(paid, order_id=theirs)
    taken(registration)
    webhook = "UPDATE orders SET payment_status = %s WHERE payment_id = 'order_Nabc123'"
    assert building.do(webhook, told) == 1
    assert order_of(registration)["payment_status"] == "paid"
    found = {order.id: order for order in orders.of_registration(database, organizer, registration, ZONE)}
    assert found[theirs].paid_twice == (told == "paid")
    assert found[theirs].replaced_by == order_of(registration)["id"]


def test_the_websites_order_is_taken_for_at_the_desk_once_by_its_own_id_too(building, paid, online, taken):
    theirs = online(paid)
    registration = building.registration(paid, "zoe@example.org", order_id=theirs)
    done = taken(order_id=theirs)
    assert (done.registration_id, done.replaced_order_id) == (registration, theirs)
    with pytest.raises(
        errors.AlreadyPaid, match=r"zoe@example\.org has paid .* already: asha\.menon, in cash, Today"
    ):
        taken(order_id=theirs)


def test_a_group_that_shares_an_order_is_paid_for_together(building, paid, online, taken, order_of):
    theirs = online(paid, amount_paid=999)
    group = [building.registration(paid, order_id=theirs) for _ in range(2)]
    done = taken(group[1], amount=Decimal(999))
    assert [order_of(person)["id"] for person in group] == [done.order_id] * 2


def test_the_price_of_a_pending_order_is_the_one_it_was_opened_with(building, paid, register, taken):
    made = register(paid)
    building.do("UPDATE packages SET price = 800")
    with pytest.raises(errors.WrongAmount):
        taken(made.registration_id, amount=Decimal(800))
    assert taken(made.registration_id).amount == PRICE


@pytest.mark.parametrize("status", ["failed", "refunded"])
def test_an_order_that_is_over_is_followed_by_a_new_one(status, building, paid, online, taken, order_of):
    """Ruling 18: refund and failure never delete an order, and neither does paying after them."""
    old = online(paid, payment_status=status, currency="EUR")
    registration = building.registration(paid, order_id=old)
    building.do("UPDATE packages SET price = 600")
    done = taken(registration, amount=Decimal(600), currency="EUR")
    assert done.replaced_order_id == old
    assert order_of(registration)["amount_paid"] == 600
    assert building.value("SELECT payment_status FROM orders WHERE id = %s", old) == status


@pytest.mark.parametrize("status", ["registered", "attended", "no_show"])
def test_a_seat_without_an_order_pays_the_price_into_one(status, building, paid, taken, order_of):
    registration = building.registration(paid, "Zoe@Example.org", status=status)
    done = taken(registration)
    assert done.replaced_order_id is None
    order = order_of(registration)
    assert (order["amount_paid"], order["payment_status"], order["currency"]) == (PRICE, "paid", "INR")
    user = building.row("SELECT * FROM users WHERE id = %s", order["user_id"])
    assert (user["email"], user["password_hash"]) == ("zoe@example.org", None)


def test_the_account_of_a_seat_without_one_is_found_whatever_its_case(building, paid, taken, order_of):
    """Ruling 18: found by e-mail, in any case, before one is made."""
    user = building.user(email="ZOE@Example.org")
    registration = building.registration(paid, "zoe@example.org")
    taken(registration)
    assert order_of(registration)["user_id"] == user


def test_an_event_that_asks_for_no_payment_still_takes_one_for_what_has_a_price(building, taken, order_of):
    registration = building.registration(building.package(building.event(), price=PRICE))
    taken(registration)
    assert order_of(registration)["payment_status"] == "paid"


def test_complimentary_waives_the_whole_price(building, paid, register, taken, order_of):
    made = register(paid, name="Zoë")
    done = taken(made.registration_id, paid_with="complimentary", amount=Decimal(0))
    assert (done.amount, order_of(made.registration_id)["amount_paid"]) == (0, 0)
    assert building.log(made.registration_id)[-1] == (
        "order.pay",
        f"Waived ₹499.50 for Zoë: {TITLE} as complimentary (pending → paid)",
    )


@pytest.mark.parametrize(
    ("known", "sentence"),
    [
        (
            {"amount": Decimal(200)},
            "₹499.50 is due, not ₹200. A part of it cannot be recorded: take the whole",
        ),
        ({"amount": Decimal(500)}, "₹499.50 is due, not ₹500. Take exactly that, and give change."),
        ({"currency": "EUR"}, "₹499.50 is due, not €499.50. Take it in that currency."),
    ],
)
def test_another_sum_than_the_one_due_is_refused(known, sentence, paid, register, taken, everything):
    made = register(paid)
    before = everything()
    with pytest.raises(errors.WrongAmount, match=re.escape(sentence)):
        taken(made.registration_id, **known)
    assert everything() == before


@pytest.mark.parametrize(
    ("known", "field"),
    [
        ({"paid_with": "shells"}, "paid_with"),
        ({"amount": Decimal(-1)}, "amount"),
        ({"amount": Decimal("499.505")}, "amount"),
        ({"currency": "rupees"}, "currency"),
        ({"paid_with": "complimentary"}, "amount"),
        ({"reference": "x" * 101}, "reference"),
    ],
)
def test_what_cannot_be_taken_is_refused_at_its_field(known, field, paid, register, taken, everything):
    made = register(paid)
    before = everything()
    with pytest.raises(errors.InvalidField) as caught:
        taken(made.registration_id, **known)
    assert caught.value.field == field
    assert everything() == before


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        ("waitlisted", f"Zoë is waiting for {TITLE} and has no seat yet. Promote the person first"),
        ("cancelled", f"Zoë cancelled {TITLE}. Register the person again first"),
    ],
)
def test_nobody_pays_without_a_seat(status, sentence, building, paid, taken, everything):
    registration = building.registration(paid, attendee_name="Zoë", status=status)
    before = everything()
    with pytest.raises(errors.NoPlaceToPayFor, match=re.escape(sentence)):
        taken(registration)
    assert everything() == before


@pytest.mark.parametrize("column", ["status = 'cancelled'", "deleted_at = now()"])
def test_nobody_pays_for_an_event_that_is_off(column, building, paid, taken):
    registration = building.registration(paid)
    building.do(f"UPDATE events SET {column}")
    with pytest.raises(errors.NoPlaceToPayFor, match="cancelled or deleted"):
        taken(registration)


def test_an_order_for_a_ticket_that_has_no_seat_is_not_paid_here(paid, online, taken):
    with pytest.raises(errors.NoPlaceToPayFor, match="No seat belongs to this order"):
        taken(order_id=online(paid))


def test_what_costs_nothing_is_not_paid_for(building, taken):
    registration = building.registration(building.package(building.event(payment_required=True)))
    with pytest.raises(errors.NothingDue, match="costs nothing"):
        taken(registration, amount=Decimal(0))


def test_the_second_desk_is_told_who_when_and_how(building, paid, register, taken, admin, everything):
    made = register(paid, name="Zoë")
    taken(made.registration_id, by=admin, paid_with="upi")
    before = everything()
    with pytest.raises(errors.AlreadyPaid) as caught:
        taken(made.registration_id)
    when = re.search(r"Today \d\d:\d\d", str(caught.value))
    assert when
    assert str(caught.value) == (
        f"Zoë has paid for {TITLE} already: ada.admin, by UPI, {when[0]}. Take nothing more; if you have the money in"
        " your hand, give it back."
    )
    assert everything() == before


@pytest.mark.parametrize(
    ("gateway", "told"),
    [
        ("razorpay", "online with razorpay, 2 Dec 2025 16:32"),
        ("import", "as an imported file says, 2 Dec 2025 16:32"),
    ],
)
def test_who_paid_elsewhere_is_told_so(gateway, told, building, paid, online, taken):
    theirs = online(paid, payment_status="paid", payment_gateway=gateway, purchased_at="2025-12-02 11:02")
    with pytest.raises(errors.AlreadyPaid, match=re.escape(f"already: {told}.")):
        taken(building.registration(paid, order_id=theirs))


def test_who_paid_when_registering_is_told_so(paid, register, taken):
    with pytest.raises(errors.AlreadyPaid, match=r"already: asha\.menon, by card, Today"):
        taken(register(paid, paid_with="card").registration_id)


def test_a_payment_sent_again_is_told_again_and_taken_once(building, paid, register, taken):
    operation = uuid4()
    made = register(paid)
    first = taken(made.registration_id, operation_id=operation)
    before = building.log()
    again = taken(made.registration_id, operation_id=operation)
    assert (first.repeated, again.repeated) == (False, True)
    assert (again.order_id, again.amount, again.paid_with) == (first.order_id, first.amount, "cash")
    assert building.log() == before
    assert building.value("SELECT count(*) FROM greenroom.payments") == 1


def test_a_payment_sent_again_with_other_words_is_told_as_it_was_recorded(paid, register, taken):
    operation = uuid4()
    made = register(paid)
    taken(made.registration_id, operation_id=operation)
    again = taken(made.registration_id, operation_id=operation, paid_with="card")
    assert (again.repeated, again.paid_with) == (True, "cash")


def test_the_id_of_another_payment_is_refused(building, paid, register, taken, everything):
    operation = uuid4()
    taken(register(paid, "a@example.org").registration_id, operation_id=operation)
    other = register(paid, "b@example.org").registration_id
    before = everything()
    with pytest.raises(errors.OperationReused):
        taken(other, operation_id=operation)
    assert everything() == before


def test_a_subscription_waiting_for_its_gateway_is_paid_at_the_desk_from_now_on(
    building, gold, online, taken
):
    theirs = online(gold, purchased_at="2025-01-01")
    done = taken(order_id=theirs, paid_with="bank transfer")
    assert done.replaced_order_id == theirs
    assert abs(done.access_expires_at - utc_now() - timedelta(days=30)) < timedelta(minutes=1)
    assert building.value("SELECT access_expires_at FROM orders WHERE id = %s", theirs) is None
    assert building.log(done.order_id)[0][0] == "order.pay"


def test_a_payment_failed_and_a_later_one_is_another_order(building, paid, register, failed, taken, order_of):
    made = register(paid, name="Zoë")
    done = failed(made.order_id, "card declined")
    assert (done.order_id, done.registration_id, done.repeated) == (
        made.order_id,
        made.registration_id,
        False,
    )
    assert building.status(made.registration_id) == "registered"
    assert building.log(made.registration_id)[-1] == (
        "order.fail",
        f"The payment of ₹499.50 by Zoë for {TITLE} failed (pending → failed): card declined",
    )
    assert failed(made.order_id).repeated
    assert len(building.log(made.registration_id)) == 2
    assert taken(made.registration_id).replaced_order_id == made.order_id
    assert order_of(made.registration_id)["payment_status"] == "paid"


@pytest.mark.parametrize(
    ("status", "gateway", "error", "sentence"),
    [
        ("pending", "razorpay", errors.GatewayDecides, "is with razorpay, which tells the website itself"),
        (
            "paid",
            "cash",
            errors.NotPending,
            "is paid, so its payment cannot fail any more. Refund it instead.",
        ),
        ("refunded", "cash", errors.AlreadyRefunded, "was refunded already"),
    ],
)
def test_only_what_the_desk_expects_can_fail(
    status, gateway, error, sentence, building, paid, online, failed, everything
):
    order = online(paid, payment_status=status, payment_gateway=gateway)
    building.registration(paid, order_id=order)
    before = everything()
    with pytest.raises(error, match=re.escape(sentence)):
        failed(order)
    assert everything() == before


def test_what_is_not_there_is_told_as_missing(taken, failed, database, organizer):
    with pytest.raises(errors.NotFound, match="no registration"):
        taken(uuid4())
    with pytest.raises(errors.NotFound, match="no order"):
        taken(order_id=uuid4())
    with pytest.raises(errors.NotFound, match="no order"):
        failed(uuid4())
    with pytest.raises(errors.NotFound):
        orders.due(database, organizer, registration_id=uuid4())


def test_a_payment_is_of_one_thing(taken):
    with pytest.raises(TypeError):
        taken()
    with pytest.raises(TypeError):
        taken(uuid4(), order_id=uuid4())


def test_the_door_takes_money_and_waives_none(building, paid, register, taken, door, everything):
    made = register(paid)
    before = everything()
    with pytest.raises(errors.NotAllowed, match=r"Your role \(door\) may not let people in without paying"):
        taken(made.registration_id, by=door, paid_with="complimentary", amount=Decimal(0))
    assert everything() == before
    assert taken(made.registration_id, by=door).paid_with == "cash"


def test_editors_and_deactivated_staff_take_nothing(
    building, paid, register, taken, failed, editor, door, everything
):
    """Ruling 24: a role taken away, or a deactivated account, counts at once."""
    made = register(paid)
    building.do("UPDATE users SET status = 'inactive' WHERE id = %s", door.id)
    before = everything()
    with pytest.raises(errors.NotAllowed, match="may not take payments"):
        taken(made.registration_id, by=editor)
    with pytest.raises(errors.AccountClosed):
        taken(made.registration_id, by=door)
    with pytest.raises(errors.NotAllowed):
        failed(made.order_id, by=editor)
    assert everything() == before


def test_names_in_any_script_are_logged_as_they_are(building, paid, taken):
    registration = building.registration(paid, "x@example.org", attendee_name="שרה בן־דוד")
    assert taken(registration).who == "שרה בן־דוד"
    assert "from שרה בן־דוד for" in building.log(registration)[-1][1]


@pytest.mark.parametrize("way", ["cash", "complimentary", None])
def test_registering_again_with_a_payment_leaves_the_websites_pending_order_as_it_is(
    way, building, paid, online, register, order_of
):
    """Ruling 12 and 17: the revived seat's order is paid, or is the pending one it had."""
    theirs = online(paid, currency="EUR", amount_paid=450)
    before = building.row("SELECT *, xmin::text FROM orders")
    seat = building.registration(paid, "zoe@example.org", status="cancelled", order_id=theirs)
    assert register(paid, "zoe@example.org", paid_with=way).registration_id == seat
    assert building.row("SELECT *, xmin::text FROM orders WHERE id = %s", theirs) == before
    now = order_of(seat)
    if way is None:
        assert now["id"] == theirs
    else:
        due = Decimal(0) if way == "complimentary" else Decimal(450)
        assert (now["payment_status"], now["payment_gateway"], now["amount_paid"]) == ("paid", way, due)
        assert (now["currency"], now["user_id"]) == ("EUR", before["user_id"])


def test_whether_a_seat_needs_an_order_is_always_known(building, paid, gold):
    """Ruling 17: a package with price 0 needs none, nor does what is no event's package."""
    free = building.package(building.event(payment_required=True))
    unasked = building.package(building.event(), price=5)
    asked = "SELECT greenroom.needs_order(%s)"
    needs = [building.value(asked, package) for package in (paid, free, unasked, gold, uuid4())]
    assert needs == [True, False, False, False, False]
