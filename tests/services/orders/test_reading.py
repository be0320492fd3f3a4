"""The orders of a registration and of a person, with who took the money, how and when."""

from __future__ import annotations

from uuid import uuid4

import pytest

from desktop import errors
from desktop.services import orders
from tests.services.orders.conftest import PRICE, ZONE


def test_a_registration_shows_every_order_it_had_the_newest_first(
    building, database, organizer, paid, register, failed, taken, refunded
):
    made = register(paid, name="Zoë")
    failed(made.order_id)
    second = taken(made.registration_id, paid_with="upi", reference="4711")
    refunded(second.order_id)
    third = taken(made.registration_id)
    found = orders.of_registration(database, organizer, made.registration_id, ZONE)
    assert [(one.id, one.status, one.gateway) for one in found] == [
        (third.order_id, "paid", "cash"),
        (second.order_id, "refunded", "upi"),
        (made.order_id, "failed", "desk"),
    ]
    assert [one.replaced_by for one in found] == [None, third.order_id, second.order_id]
    assert [one.registration_id for one in found] == [made.registration_id, None, None]
    now, before, _ = found
    assert (now.amount, now.currency, now.package, now.event) == (
        PRICE,
        "INR",
        "Workshop pass",
        "Monsoon Data Summit",
    )
    assert (now.at_desk, now.buyer, now.registration_status) == (True, "zoe@example.org", "registered")
    assert now.paid.startswith("asha.menon, in cash, Today")
    assert before.reference == "4711"
    assert before.refunded.startswith("asha.menon, by UPI, Today")


def test_times_are_those_of_the_event(building, database, organizer, online):
    package = building.package(building.event(time_zone="America/New_York"), price=PRICE)
    order = online(package, purchased_at="2025-12-02 11:02", payment_status="paid")
    registration = building.registration(package, order_id=order)
    (found,) = orders.of_registration(database, organizer, registration, ZONE)
    assert (found.when, found.paid) == ("2 Dec 2025 06:02", "online with razorpay, 2 Dec 2025 06:02")
    assert not found.at_desk


def test_a_person_shows_the_orders_of_every_spelling_of_the_address(
    building, database, organizer, paid, gold, online, sold
):
    for email in ("Zoe@example.org", "ZOE@EXAMPLE.ORG"):
        online(gold, user_id=building.user(email=email))
    sold(paid)
    online(gold)
    found = orders.of_person(database, organizer, " zoe@EXAMPLE.org ", ZONE)
    assert len(found) == 3
    assert {one.buyer.lower() for one in found} == {"zoe@example.org"}
    assert [one.event for one in found if one.package == "Gold"] == [None, None]


def test_nobodys_orders_are_none(database, organizer):
    assert orders.of_registration(database, organizer, uuid4(), ZONE) == ()
    assert orders.of_person(database, organizer, "nobody@example.org", ZONE) == ()


@pytest.mark.parametrize("fixture", ["door", "editor"])
def test_the_door_sees_what_is_due_and_no_orders(fixture, request, database, building, paid):
    actor = request.getfixturevalue(fixture)
    registration = building.registration(paid)
    with pytest.raises(errors.NotAllowed, match="may not see orders"):
        orders.of_registration(database, actor, registration, ZONE)
    if fixture == "door":
        assert orders.due(database, actor, registration_id=registration).state == "due"


@pytest.mark.parametrize(
    "state", ["due", "paid", "nothing", "waitlisted", "cancelled", "event_cancelled", "no_registration"]
)
def test_what_is_due_is_what_taking_a_payment_says(state, building, database, organizer, paid, online, taken):
    """The desk is told before what it would be told after."""
    package = building.package(building.event(payment_required=True)) if state == "nothing" else paid
    status = {"waitlisted": "waitlisted", "cancelled": "cancelled"}.get(state, "registered")
    order = (
        online(package, payment_status="paid" if state == "paid" else "pending")
        if state in {"paid", "no_registration"}
        else None
    )
    registration = None
    if state != "no_registration":
        registration = building.registration(package, status=status, order_id=order)
    if state == "event_cancelled":
        building.do("UPDATE events SET status = 'cancelled'")
    asked = {"registration_id": registration} if registration else {"order_id": order}
    assert orders.due(database, organizer, **asked).state == state
    renamed = {"registration": registration, "order_id": None if registration else order}
    errors_of = {"paid": errors.AlreadyPaid, "nothing": errors.NothingDue}
    if state == "due":
        taken(**renamed)
    else:
        with pytest.raises(errors_of.get(state, errors.NoPlaceToPayFor)):
            taken(**renamed)


def test_nothing_secret_is_in_what_is_written_about_money(
    building, database, organizer, paid, gold, register, sold, taken, refunded
):
    """Ruling 26: no password hash and no registration token in the log, the ledger or an answer."""
    building.user(email="zoe@example.org", password_hash="$2b$12$canary")
    made = register(paid)
    seat = sold(paid, "b@example.org")
    results = [
        taken(made.registration_id),
        seat,
        sold(gold),
        refunded(made.order_id, cancel=True, reason="ill"),
        orders.of_registration(database, organizer, made.registration_id, ZONE),
    ]
    written = building.rows("SELECT to_jsonb(l)::text AS t FROM admin_logs l")
    written += building.rows("SELECT to_jsonb(p)::text AS t FROM greenroom.payments p")
    text = " ".join([*map(repr, results), *(row["t"] for row in written)])
    secrets = building.rows("SELECT registration_token::text AS s FROM event_registrations")
    assert len(secrets) == 2
    assert not [row["s"] for row in secrets if row["s"] in text]
    assert "canary" not in text
