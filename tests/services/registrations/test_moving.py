"""Moving, putting back and reviving one registration."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from desktop import errors
from desktop.services import attendance, registering, registrations
from desktop.services.attendance import Admission

YESTERDAY = datetime.now(UTC).replace(tzinfo=None) - timedelta(days=1)


@pytest.fixture
def move(database, organizer):
    """`registrations.move` as the organizer does it."""

    def run(person, package, **how):
        return registrations.move(database, organizer, person, package, **how)

    return run


@pytest.fixture
def pair(building):
    """Two packages of one event, one seat each; prices may be given."""

    def make(*, payment=False, prices=(0, 0), **columns):
        event = building.event(payment_required=payment)
        return tuple(
            building.package(event, name=name, price=price, **{"capacity": 1} | columns)
            for name, price in zip(("Workshop", "VIP"), prices, strict=True)
        )

    return make


def _order(building, person):
    return building.rows(
        "SELECT o.* FROM orders o JOIN event_registrations r ON r.order_id = o.id WHERE r.id = %s", person
    )


def _everything(building):
    return [
        building.rows(f"SELECT * FROM {table} ORDER BY 1")
        for table in ("event_registrations", "orders", "package_seats", "admin_logs")
    ]


def test_a_move_takes_a_seat_there_and_the_one_left_goes_to_the_next_in_line(building, pair, move):
    """Ruling 11: the freed seat promotes in the same transaction. The ticket stays the same."""
    here, there = pair()
    person = building.registration(here, attendee_name="Łucja")
    first, second = building.waiting(here, "first@example.org", "second@example.org")
    ticket = building.registered(person)["registration_token"]

    done = move(person, there, reason="asked for it")

    assert (done.who, done.previous_status, done.status, done.free) == (
        "Łucja",
        "registered",
        "registered",
        0,
    )
    assert (done.from_package, done.package, done.promoted_id, done.promoted_who) == (
        "Workshop",
        "VIP",
        first,
        "first@example.org",
    )
    row = building.registered(person)
    assert (row["package_id"], row["status"], row["registration_token"]) == (there, "registered", ticket)
    assert [building.held(package) for package in (here, there)] == [1, 1]
    assert building.status(second) == "waitlisted"
    assert building.queue(here) == [(1, "second@example.org")]
    assert building.log(person) == [
        (
            "registration.move",
            "Moved Łucja from “Workshop” to “VIP” of “Monsoon Data Summit” (registered → registered): asked for it",
        )
    ]
    assert building.log(first) == [
        (
            "waitlist.promote",
            "Promoted first@example.org from the waitlist of “Workshop” of “Monsoon Data Summit”"
            " (Łucja moved to “VIP”)",
        )
    ]
    assert building.value("SELECT count(DISTINCT xmin::text) FROM admin_logs") == 1


def test_without_a_seat_there_the_move_is_refused_or_waits_as_asked(building, pair, move):
    here, there = pair()
    person = building.registration(here)
    building.registration(there)
    before = _everything(building)
    with pytest.raises(errors.PackageFull, match=r"“VIP” is full \(1 of 1"):
        move(person, there)
    assert _everything(building) == before

    done = move(person, there, when_full="waitlist")
    assert (done.status, done.waitlist_position, done.free) == ("waitlisted", 1, 0)
    assert [building.held(package) for package in (here, there)] == [0, 1]


def test_whoever_waits_there_comes_first_even_while_a_seat_is_free(building, pair, move):
    """Ruling 10 and decision 0006: nobody overtakes the queue by moving."""
    here, there = pair()
    person = building.registration(here)
    building.waiting(there, "patient@example.org")
    with pytest.raises(errors.PackageFull):
        move(person, there)
    assert move(person, there, when_full="waitlist").waitlist_position == 2


def test_somebody_waiting_moves_into_a_seat_or_another_queue_and_closes_the_gap(building, pair, move):
    here, there = pair()
    building.registration(here)
    people = building.waiting(here, "a@example.org", "b@example.org", "c@example.org")
    done = move(people[0], there)
    assert (done.previous_status, done.status, done.promoted_id) == ("waitlisted", "registered", None)
    assert building.registered(people[0])["waitlist_position"] is None
    assert move(people[1], there, when_full="waitlist").waitlist_position == 1
    assert building.queue(here) == [(1, "c@example.org")]
    assert building.queue(there) == [(1, "b@example.org")]


@pytest.mark.parametrize(
    ("case", "error", "match"),
    [
        ("same", errors.NoMove, "in “Workshop” already"),
        ("other event", errors.NoMove, "another event"),
        ("missing", errors.NotFound, "no event package"),
        ("unknown", errors.NotFound, "no registration"),
        ("retired", errors.PackageRetired, "“VIP” is retired"),
        ("event", errors.EventClosed, "completed"),
        ("there", errors.AlreadyRegistered, "already on the list of “VIP” \\(waitlisted\\)"),
        ("cancelled there", errors.AlreadyRegistered, "already on the list of “VIP” \\(cancelled\\)"),
        ("inside", errors.TransitionRefused, "moved to another package: the registration is attended"),
    ],
)
def test_what_cannot_be_moved_stays_as_it_is(building, pair, move, case, error, match):
    """Rulings 13, 14, 15: the same person there in any case, a closed package, somebody inside."""
    here, there = pair(capacity=5)
    person = building.registration(here, "zoe@example.org")
    target = {
        "same": here,
        "other event": building.package(name="Elsewhere"),
        "missing": uuid4(),
    }.get(case, there)
    if case == "retired":
        building.do("UPDATE packages SET is_active = false WHERE id = %s", there)
    elif case == "event":
        building.do("UPDATE events SET status = 'completed' WHERE title LIKE 'Monsoon%%'")
    elif case == "there":
        building.registration(there, "ZOE@Example.org", status="waitlisted")
    elif case == "cancelled there":
        building.registration(there, "zoe@example.org", status="cancelled")
    elif case == "inside":
        building.do("UPDATE event_registrations SET status = 'attended' WHERE id = %s", person)
    before = _everything(building)
    with pytest.raises(error, match=match):
        move(uuid4() if case == "unknown" else person, target)
    assert _everything(building) == before


def test_a_move_after_the_deadline_is_possible_and_recorded_as_late(building, pair, move):
    """Ruling 15: deadlines bind the public; staff may later, and it is recorded."""
    here, there = pair()
    building.do("UPDATE packages SET package_registration_deadline = %s WHERE id = %s", YESTERDAY, there)
    person = building.registration(here)
    assert move(person, there).late
    assert building.log(person)[0][1].endswith(", after the deadline")


def test_a_paid_order_goes_along_when_the_price_is_the_same(database, building, organizer, pair, move):
    """Ruling 17: the seat there needs an order for that package, and it is paid."""
    here, there = pair(payment=True, prices=(500, 500))
    person = registering.register(
        database, organizer, registering.Registering(here, "zoe@example.org", paid_with="upi")
    ).registration_id
    done = move(person, there)
    (order,) = _order(building, person)
    assert (done.order_id, done.payment_status) == (order["id"], "paid")
    assert (order["package_id"], order["amount_paid"], order["payment_gateway"]) == (
        there,
        Decimal(500),
        "upi",
    )
    assert building.value("SELECT count(*) FROM orders") == 1
    assert attendance.admit(database, organizer, Admission(person, "Desk 1")).verdict == "admitted"


def test_a_paid_order_at_another_price_is_settled_first(database, building, organizer, pair, move):
    """Rulings 17 and 18: no part of a price is ever owed; refund, then move, opens an order at the other price."""
    here, there = pair(payment=True, prices=(500, "1250.50"))
    person = registering.register(
        database, organizer, registering.Registering(here, "zoe@example.org", name="Zoë", paid_with="cash")
    ).registration_id
    before = _everything(building)
    with pytest.raises(errors.PriceDiffers, match=r"Zoë paid ₹500, and “VIP” costs ₹1,250\.50"):
        move(person, there)
    assert _everything(building) == before

    building.do("UPDATE orders SET payment_status = 'refunded'")
    done = move(person, there)
    (order,) = _order(building, person)
    assert (done.payment_status, order["package_id"], order["amount_paid"]) == (
        "pending",
        there,
        Decimal("1250.50"),
    )
    assert building.value("SELECT count(*) FROM orders") == 2


def test_the_same_number_in_another_currency_is_another_price(database, building, organizer, pair, move):
    """Ruling 17: money is an amount and its currency; a package may name one (specification 5.6)."""
    here, there = pair(payment=True, prices=(500, 500))
    building.do("ALTER TABLE packages ADD COLUMN IF NOT EXISTS currency VARCHAR(10) NULL")
    person = registering.register(
        database, organizer, registering.Registering(here, "zoe@example.org", name="Zoë", paid_with="cash")
    ).registration_id
    building.do("UPDATE packages SET currency = 'EUR' WHERE id = %s", there)
    with pytest.raises(errors.PriceDiffers, match=r"Zoë paid ₹500, and “VIP” costs €500\."):
        move(person, there)
    building.do("UPDATE packages SET currency = 'INR' WHERE id = %s", there)
    assert move(person, there).payment_status == "paid"


def test_the_desks_unpaid_order_is_closed_and_opened_at_the_other_price(
    database, building, organizer, pair, move
):
    here, there = pair(payment=True, prices=(500, 900))
    person = registering.register(
        database, organizer, registering.Registering(here, "z@example.org")
    ).registration_id
    assert move(person, there).payment_status == "pending"
    states = building.rows("SELECT package_id, payment_status, amount_paid FROM orders ORDER BY amount_paid")
    assert [tuple(state.values()) for state in states] == [
        (here, "failed", Decimal(500)),
        (there, "pending", Decimal(900)),
    ]


def test_who_has_paid_is_not_sent_to_a_waitlist(database, building, organizer, pair, move):
    """Ruling 17: neither by moving nor by being put back."""
    here, there = pair(payment=True, prices=(500, 500))
    person = registering.register(
        database, organizer, registering.Registering(here, "zoe@example.org", paid_with="card")
    ).registration_id
    building.registration(there)
    before = _everything(building)
    with pytest.raises(errors.PaidAlready, match=r"nobody who has paid waits for “VIP”. Refund"):
        move(person, there, when_full="waitlist")
    with pytest.raises(errors.PaidAlready, match="“Workshop”"):
        registrations.put_back(database, organizer, person, "a mistake")
    assert _everything(building) == before


@pytest.mark.parametrize("case", ["under way", "shared"])
def test_what_the_website_holds_of_an_order_is_left_alone(database, building, organizer, pair, move, case):
    """Ruling 18: the gateway's pending order is the website's; one order for two people is not torn apart."""
    here, there = pair(payment=True, prices=(500, 500), capacity=5)
    order = building.insert(
        "orders",
        user_id=building.user(),
        package_id=here,
        payment_id="pay_1",
        amount_paid=500,
        payment_status="pending" if case == "under way" else "paid",
    )
    person = building.registration(here, order_id=order)
    if case == "shared":
        building.registration(here, order_id=order)
    before = _everything(building)
    with pytest.raises(errors.PaymentUnderWay if case == "under way" else errors.OrderShared):
        move(person, there)
    if case == "under way":
        with pytest.raises(errors.PaymentUnderWay):
            registrations.put_back(database, organizer, person, "a mistake")
    assert _everything(building) == before


def test_putting_back_sends_to_the_end_and_the_next_in_line_gets_the_seat(database, building, organizer):
    """Ruling 11 beside ruling 14: the seat taken from somebody promotes the next, never the same person again."""
    package = building.package(capacity=1)
    person = building.registration(package, attendee_name="ליאור")
    building.waiting(package, "first@example.org", "second@example.org")
    done = registrations.put_back(database, organizer, person, "promoted  by mistake")
    assert (done.who, done.promoted_who) == ("ליאור", "first@example.org")
    queue = building.queue(package)
    assert [place for place, _ in queue] == [1, 2]
    assert building.registered(person)["waitlist_position"] == 2
    assert building.log(person) == [
        (
            "registration.put_back",
            "Put ליאור back on the waitlist of “Workshop pass” of “Monsoon Data Summit” at #3: promoted by mistake",
        )
    ]

    alone = building.registration(building.package(capacity=1))
    assert registrations.put_back(database, organizer, alone, "waits for a sponsor").promoted_id is None
    assert building.status(alone) == "waitlisted"


def test_putting_back_closes_the_desks_unpaid_order(database, building, organizer, paid, register):
    person = register(paid).registration_id
    registrations.put_back(database, organizer, person, "did not pay in time")
    assert [order["payment_status"] for order in _order(building, person)] == ["failed"]


def test_reviving_gives_a_new_ticket_and_a_new_date_in_the_same_row(database, building, organizer, cancel):
    """Ruling 12: new registered_at, new token, cancelled_at cleared; the history stays."""
    package = building.package(capacity=1)
    person = building.registration(package, attendee_name="Zoë", registered_at=YESTERDAY)
    old = building.registered(person)
    cancel(person)
    done = registrations.revive(database, organizer, person)
    new = building.registered(person)
    assert (done.status, done.who, done.free, done.late) == ("registered", "Zoë", 0, False)
    assert (new["status"], new["cancelled_at"]) == ("registered", None)
    assert new["registration_token"] != old["registration_token"]
    assert new["registered_at"] > old["registered_at"]
    assert [action for action, _ in building.log(person)] == ["registration.cancel", "registration.revive"]
    assert str(new["registration_token"]) not in str(building.log())


def test_reviving_into_a_full_package_waits_or_is_refused(database, building, organizer):
    """Ruling 8: nobody oversells, by reviving neither."""
    package = building.package(capacity=1)
    building.registration(package)
    person = building.registration(package, status="cancelled")
    with pytest.raises(errors.PackageFull):
        registrations.revive(database, organizer, person, when_full="refuse")
    assert building.status(person) == "cancelled"
    assert registrations.revive(database, organizer, person).waitlist_position == 1


def test_reviving_finds_the_same_person_under_another_spelling(database, building, organizer):
    """Ruling 13: A@x and a@x are one person."""
    package = building.package()
    person = building.registration(package, "zoe@example.org", status="cancelled")
    building.registration(package, "ZOE@example.org")
    with pytest.raises(errors.AlreadyRegistered, match=r"zoe@example\.org is already on the list"):
        registrations.revive(database, organizer, person)
    assert building.status(person) == "cancelled"


def test_reviving_somebody_who_paid_keeps_the_order_and_never_waits(
    database, building, organizer, paid, register, cancel
):
    """Ruling 17: a paid order pays for the seat; without a seat the money is settled first."""
    person = register(paid, paid_with="cash").registration_id
    cancel(person)
    other = register(paid, "b@example.org").registration_id
    register(paid, "c@example.org")
    with pytest.raises(errors.PaidAlready):
        registrations.revive(database, organizer, person)
    cancel(other)
    done = registrations.revive(database, organizer, person)
    assert (done.status, done.payment_status) == ("registered", "paid")


@pytest.mark.parametrize(
    ("table", "change", "error"),
    [
        ("events", "status = 'cancelled'", errors.EventClosed),
        ("events", "status = 'completed'", errors.EventClosed),
        ("events", "deleted_at = now()", errors.EventClosed),
        ("packages", "is_active = false", errors.PackageRetired),
    ],
)
def test_a_closed_package_takes_nobody_back(database, building, organizer, table, change, error):
    """Ruling 15: new registrations need a published event and an active package; late ones are recorded."""
    package = building.package(building.event(registration_deadline=YESTERDAY), capacity=3)
    people = [building.registration(package, status="cancelled") for _ in range(2)]
    assert registrations.revive(database, organizer, people[0]).late
    assert building.log(people[0])[0][1].endswith(", after the deadline")
    building.do(f"UPDATE {table} SET {change}")
    before = _everything(building)
    with pytest.raises(error):
        registrations.revive(database, organizer, people[1])
    with pytest.raises(error):
        registrations.put_back(database, organizer, people[0], "too late")
    assert _everything(building) == before


@pytest.mark.parametrize("fixture", ["door", "editor"])
def test_only_organizers_move_put_back_revive_and_edit(fixture, request, database, building, pair):
    """Ruling 24."""
    actor = request.getfixturevalue(fixture)
    here, there = pair()
    person = building.registration(here)
    contact = registrations.Contact("a@example.org")
    before = _everything(building)
    for work in (
        lambda: registrations.move(database, actor, person, there),
        lambda: registrations.put_back(database, actor, person, "a mistake"),
        lambda: registrations.revive(database, actor, person),
        lambda: registrations.edit_contact(
            database, actor, person, contact, registrations.Contact("b@example.org")
        ),
        lambda: registrations.set_answers(database, actor, person, {"meal": "x"}, seen={}),
        lambda: registrations.cancel_all(database, actor, [person]),
    ):
        with pytest.raises(errors.NotAllowed):
            work()
    assert _everything(building) == before


def test_without_a_currency_a_package_is_sold_in_what_it_was_last_sold_in(
    database, building, organizer, pair, move
):
    """Ruling 17: as everywhere else that its price is told."""
    here, there = pair(payment=True, prices=(500, 500))
    person = registering.register(
        database, organizer, registering.Registering(here, "zoe@example.org", paid_with="cash")
    ).registration_id
    building.insert(
        "orders",
        user_id=building.user(),
        package_id=there,
        payment_id="p",
        amount_paid=500,
        payment_status="paid",
        currency="EUR",
    )
    with pytest.raises(errors.PriceDiffers, match="₹500, and “VIP” costs €500"):
        move(person, there)


def test_the_number_somebody_is_told_counts_those_who_wait(database, building, organizer, pair, move):
    """Ruling 10: people read it as “you are number 3”, also before the gaps are closed."""
    here, there = pair()
    building.registration(there)
    building.registration(there, "w@example.org", status="waitlisted", waitlist_position=7)
    moved = move(building.registration(here), there, when_full="waitlist")
    back = building.registration(there, status="cancelled")
    revived = registrations.revive(database, organizer, back)
    assert (moved.waitlist_position, revived.waitlist_position) == (2, 3)
    assert building.log(back)[-1][1].endswith("at #3")
