"""What a promotion would do, and doing exactly that or nothing (ruling 11)."""

from __future__ import annotations

from decimal import Decimal
from uuid import uuid4

import pytest

from desktop import errors
from desktop.services import registering, waitlist
from desktop.services.registering import Registering


@pytest.fixture
def paid_queue(building):
    """A package of ₹499.50 with six seats, two held; a to e wait, of whom b has paid and c has a seat already."""
    package = building.package(
        building.event(payment_required=True), capacity=6, price="499.50", slug="summit-pass"
    )
    building.registration(package, "C@example.org")
    building.registration(package, "seated@example.org")
    people = building.waiting(package, *(f"{letter}@example.org" for letter in "abcde"))
    order = building.insert(
        "orders",
        user_id=building.user(),
        package_id=package,
        payment_id="pay_1",
        amount_paid="499.50",
        payment_status="paid",
    )
    building.do("UPDATE event_registrations SET order_id = %s WHERE id = %s", order, people[1])
    return package, people


def test_a_preview_says_who_in_which_order_owing_what_who_is_skipped_and_what_stays_free(
    paid_queue, database, organizer, building
):
    """Ruling 17: nobody is skipped for want of an order; the promotion opens a pending one."""
    package, people = paid_queue
    seen = waitlist.preview(database, organizer, package, 3)
    assert [(row.who[0], row.place, row.reason, row.due, row.currency) for row in seen.rows] == [
        ("a", 1, None, Decimal("499.50"), "INR"),
        ("b", 2, None, None, None),
        ("c", 3, "duplicate", None, None),
        ("d", 4, None, Decimal("499.50"), "INR"),
    ]
    assert [row.who[0] for row in seen.promoted] == ["a", "b", "d"]
    assert [row.who[0] for row in seen.skipped] == ["c"]
    assert (seen.held, seen.capacity, seen.leaves_free, seen.waiting) == (2, 6, 1, 5)
    assert seen.owed == {"INR": Decimal("999.00")}
    assert building.log() == []

    done = waitlist.commit(database, organizer, seen)
    assert done.ids == (people[0], people[1], people[3])
    assert (done.free, done.unpaid) == (seen.leaves_free, 2)
    assert building.value("SELECT sum(amount_paid) FROM orders WHERE payment_status = 'pending'") == Decimal(
        "999.00"
    )


def test_a_preview_of_more_people_than_seats_says_for_whom_there_is_none(database, organizer, building):
    package = building.package(capacity=1)
    building.waiting(package, "a@example.org", "b@example.org", "c@example.org")
    seen = waitlist.preview(database, organizer, package, 10)
    assert [row.reason for row in seen.rows] == [None, "full", "full"]
    assert seen.leaves_free == 0
    assert len(waitlist.commit(database, organizer, seen).ids) == 1


def test_a_preview_of_one_says_of_whom_they_come_ahead(database, organizer, building):
    package = building.package()
    people = building.waiting(package, *(f"{n:02}@example.org" for n in range(25)))
    seen = waitlist.preview_one(database, organizer, people[22])
    assert (seen.ahead_of, len(seen.ahead), seen.ahead[0], seen.rows[0].place) == (
        22,
        20,
        "00@example.org",
        23,
    )
    assert seen.leaves_free is None
    done = waitlist.commit(database, organizer, seen)
    assert (done.ids, done.ahead_of) == ((people[22],), 22)


def test_a_closed_package_is_an_ordinary_answer_and_is_refused_on_commit(database, organizer, building):
    package = building.package(building.event(status="draft"), capacity=3)
    building.waiting(package, "a@example.org")
    seen = waitlist.preview(database, organizer, package)
    assert [row.reason for row in seen.rows] == ["closed"]
    assert "is a draft" in seen.closed
    with pytest.raises(errors.EventClosed):
        waitlist.commit(database, organizer, seen)


CHANGES = {
    "left": ("registering.cancel(database, organizer, people[0])", "a@example.org cancelled."),
    "left by the website": (
        "building.do(\"UPDATE event_registrations SET status = 'cancelled' WHERE id = %s\", people[1])",
        "b@example.org cancelled.",
    ),
    "has a seat": ("waitlist.promote(database, organizer, people[1])", "b@example.org has a seat by now."),
    "is gone": (
        "building.do('DELETE FROM event_registrations WHERE id = %s', people[0])",
        "The registration of a@example.org is gone.",
    ),
    "moved": (
        "waitlist.move_to(database, organizer, people[0], 5, 'agreed')",
        "It is no longer the turn of a@",
    ),
    "swapped": ("waitlist.move_to(database, organizer, people[1], 1, 'agreed')", "The order was changed."),
    "came to the front": (
        "waitlist.move_to(database, organizer, people[4], 1, 'agreed')",
        "e@example.org is at #1 now and would be promoted.",
    ),
    "moved to another package": (
        "building.do('UPDATE event_registrations SET package_id = %s WHERE id = %s', other, people[0])",
        "a@example.org was moved to “VIP” of “Monsoon Data Summit”.",
    ),
    "paid": (
        "building.do('UPDATE event_registrations SET order_id = %s WHERE id = %s', paid(), people[0])",
        "a@example.org owes nothing now.",
    ),
    "price": (
        'building.do("UPDATE packages SET price = 600")',
        "a@example.org would owe ₹600 now, not ₹499.50.",
    ),
    "capacity": (
        "building.do('UPDATE packages SET capacity = 7')",
        "The package has 7 seats now, not 6 seats.",
    ),
    "seats": (
        "building.registration(package, 'x@example.org')",
        "3 of them are held now, not 2.",
    ),
    "account": (
        "building.user(email='a@example.org', status='inactive')",
        "a@example.org has a deactivated account.",
    ),
    "no longer twice": (
        "building.do(\"UPDATE event_registrations SET status = 'no_show' WHERE attendee_email = 'C@example.org'\")",
        "c@example.org can get a seat now.",
    ),
    "closed": (
        "building.do(\"UPDATE events SET status = 'cancelled'\")",
        "“Monsoon Data Summit” is cancelled",
    ),
}


@pytest.mark.parametrize("case", CHANGES)
def test_a_preview_that_no_longer_holds_says_what_changed_and_promotes_nobody(
    case, paid_queue, database, organizer, building
):
    package, people = paid_queue
    event = building.value("SELECT event_id FROM packages WHERE id = %s", package)
    other = building.package(event, name="VIP", slug="summit-vip")

    def paid():
        return building.insert(
            "orders",
            user_id=building.user(),
            package_id=package,
            payment_id="p2",
            amount_paid=1,
            payment_status="paid",
        )

    seen = waitlist.preview(database, organizer, package, 3)
    change, sentence = CHANGES[case]
    names = {
        "registering": registering, "waitlist": waitlist, "database": database, "organizer": organizer,
        "building": building, "people": people, "package": package, "other": other, "paid": paid,
    }  # fmt: skip
    exec(change, names)
    before = building.rows("SELECT id, status, order_id FROM event_registrations ORDER BY id")
    logged, orders = building.log(), building.value("SELECT count(*) FROM orders")
    with pytest.raises(errors.PreviewChanged, match="Nobody was promoted") as caught:
        waitlist.commit(database, organizer, seen)
    assert any(sentence in said for said in caught.value.changes), caught.value.changes
    assert building.rows("SELECT id, status, order_id FROM event_registrations ORDER BY id") == before
    assert (building.log(), building.value("SELECT count(*) FROM orders")) == (logged, orders)
    if case == "closed":
        with pytest.raises(errors.EventClosed):
            waitlist.commit(database, organizer, caught.value.now)
    else:
        assert waitlist.commit(database, organizer, caught.value.now).ids


def test_what_does_not_matter_leaves_a_preview_as_it_is(paid_queue, database, organizer, building):
    package, _ = paid_queue
    seen = waitlist.preview(database, organizer, package, 2)
    building.do("UPDATE event_registrations SET attendee_name = 'Ann' WHERE attendee_email = 'a@example.org'")
    registering.register(database, organizer, Registering(package, "z@example.org"))
    building.do(
        "UPDATE event_registrations SET waitlist_position = waitlist_position + 10 WHERE status = 'waitlisted'"
    )
    assert waitlist.commit(database, organizer, seen).names == ("Ann", "b@example.org")


def test_a_preview_is_committed_once(paid_queue, database, organizer, at_once, building):
    seen = waitlist.preview(database, organizer, paid_queue[0], 2)
    results = at_once(*[lambda: waitlist.commit(database, organizer, seen)] * 4)
    assert sum(isinstance(one, waitlist.Promoted) for one in results) == 1
    assert sum(isinstance(one, errors.PreviewChanged) for one in results) == 3
    assert building.held(paid_queue[0]) == 4


def test_what_cannot_be_previewed_is_told(database, organizer, building):
    with pytest.raises(errors.NotFound, match="no event package"):
        waitlist.preview(database, organizer, uuid4())
    with pytest.raises(errors.NotFound, match="no registration"):
        waitlist.preview_one(database, organizer, uuid4())
    with pytest.raises(errors.TransitionRefused):
        waitlist.preview_one(database, organizer, building.registration(building.package()))
    for count in (0, 101):
        with pytest.raises(errors.InvalidField):
            waitlist.preview(database, organizer, building.package(), count)
