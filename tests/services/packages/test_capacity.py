"""How many seats a package has."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

import pytest

from desktop import errors
from desktop.services import packages, registering
from desktop.services.registering import Registering


def _full(building, seats=2, waiting="abc", **package):
    """A full package of ``seats`` seats, and who waits for it."""
    full = building.package(capacity=seats, name="VIP", **package)
    for n in range(seats):
        building.registration(full, f"seated{n}@example.org")
    return full, building.waiting(full, *(f"{name}@example.org" for name in waiting))


def test_seats_that_are_added_go_to_the_next_waiting_in_the_same_transaction(building, resize):
    """Rulings 9 and 11: who got one is told, and each step is in the log with its reason."""
    package, people = _full(building)
    done = resize(package, 4, reason="  larger\n hall ")
    assert (done.previous, done.capacity, done.held, done.free, done.waiting) == (2, 4, 4, 0, 1)
    assert (done.ids, done.names) == (tuple(people[:2]), ("a@example.org", "b@example.org"))
    assert (done.unpaid, done.withheld) == (0, "")
    assert [building.status(person) for person in people] == ["registered", "registered", "waitlisted"]
    assert building.held(package) == 4
    assert building.log(package) == [
        ("package.capacity", "Raised the capacity of “VIP” of “Monsoon Data Summit”: 2 → 4 (larger hall)")
    ]
    assert building.log(people[0]) == [
        (
            "waitlist.promote",
            "Promoted a@example.org from the waitlist of “VIP” of “Monsoon Data Summit” (the capacity was raised)",
        )
    ]
    assert building.value("SELECT count(DISTINCT xmin::text) FROM admin_logs") == 1


def test_without_a_limit_everybody_gets_a_seat(building, resize):
    """Ruling 11."""
    package, people = _full(building)
    done = resize(package, None)
    assert (done.capacity, done.free, done.ids, done.waiting) == (None, None, tuple(people), 0)
    assert building.log(package)[0][1].endswith("2 → no limit (a larger room)")


def test_more_seats_than_people_wait_stay_free(building, resize):
    package, people = _full(building, waiting="a")
    done = resize(package, 10)
    assert (done.ids, done.free, done.waiting) == (tuple(people), 7, 0)


def test_seats_that_were_free_before_stay_free(building, resize):
    """Ruling 11: a no-show's seat does not promote by itself; the raise gives out what it adds and no more."""
    package, people = _full(building)
    building.do(
        "UPDATE event_registrations SET status = 'no_show' WHERE attendee_email = 'seated0@example.org'"
    )
    done = resize(package, 3)
    assert (done.ids, done.held, done.free, done.waiting) == ((people[0],), 2, 1, 2)


def test_promoted_people_of_a_package_that_costs_something_owe_it(building, resize):
    """Ruling 17: promotion opens pending orders."""
    package, people = _full(building, event=building.event(payment_required=True), price=500)
    done = resize(package, 3)
    assert (done.ids, done.unpaid) == ((people[0],), 1)
    assert building.row("SELECT payment_status, amount_paid::text AS due FROM orders") == {
        "payment_status": "pending",
        "due": "500.00",
    }


def test_every_raise_wants_a_reason(building, resize):
    """Ruling 9: there is no hidden override; lowering needs none."""
    package, people = _full(building)
    for blank in ("", " \n"):
        with pytest.raises(errors.InvalidField) as caught:
            resize(package, 3, reason=blank)
        assert caught.value.field == "reason"
    with pytest.raises(errors.InvalidField, match="room for 500"):
        resize(package, 3, reason="x" * 501)
    with pytest.raises(errors.InvalidField):
        resize(package, None, reason="")
    assert (building.status(people[0]), building.log()) == ("waitlisted", [])
    assert resize(package, 1, reason="", confirmed=2).capacity == 1


def test_a_draft_nobody_registered_for_is_planned_without_reasons(building, resize):
    draft = building.package(building.event(status="draft"), capacity=2)
    assert resize(draft, 9, reason="").capacity == 9
    building.registration(draft)
    with pytest.raises(errors.InvalidField):
        resize(draft, 10, reason="")


def test_the_capacity_is_changed_by_whoever_may(building, database, door, editor, organizer):
    """Ruling 9: a permission of its own; ruling 24: as it is at that moment."""
    package, people = _full(building)
    for actor in (door, editor):
        with pytest.raises(errors.NotAllowed, match="may not change how many seats"):
            packages.set_capacity(database, actor, package, 9, seen=2, reason="more")
    building.do("UPDATE users SET status = 'inactive' WHERE id = %s", organizer.id)
    with pytest.raises(errors.AccountClosed):
        packages.set_capacity(database, organizer, package, 9, seen=2, reason="more")
    assert (building.held(package), building.status(people[0])) == (2, "waitlisted")


def test_below_the_seats_held_is_confirmed_and_nobody_loses_a_seat(building, resize, database, organizer):
    """Ruling 8: nobody new gets one until it is below again."""
    package, _ = _full(building, seats=3, waiting="")
    with pytest.raises(errors.CapacityBelowSeats) as caught:
        resize(package, 1)
    assert (caught.value.held, building.log()) == (3, [])
    done = resize(package, 1, confirmed=caught.value.held, reason="")
    assert (done.previous, done.capacity, done.held, done.free) == (3, 1, 3, 0)
    assert building.value("SELECT count(*) FROM event_registrations WHERE status = 'registered'") == 3
    assert building.log(package) == [
        (
            "package.capacity",
            "Lowered the capacity of “VIP” of “Monsoon Data Summit”: 3 → 1, below the 3 seats held",
        )
    ]
    seated = building.rows("SELECT id FROM event_registrations ORDER BY attendee_email")
    for person in seated[:2]:
        refused = registering.register(
            database, organizer, Registering(package, f"{person['id']}@example.org")
        )
        assert refused.status == "waitlisted"
        registering.cancel(database, organizer, person["id"])
    assert building.held(package) == 1
    registering.cancel(database, organizer, seated[2]["id"])
    assert building.held(package) == 1  # the first who waits has it


def test_a_confirmation_is_for_what_the_person_was_told(building, resize):
    """Ruling 8: somebody was registered while the question was on the screen."""
    package, _ = _full(building, seats=3, waiting="")
    building.do("UPDATE packages SET capacity = 4")
    building.registration(package)
    with pytest.raises(errors.CapacityBelowSeats) as caught:
        resize(package, 1, confirmed=3)
    assert caught.value.held == 4
    building.do("UPDATE event_registrations SET status = 'cancelled' WHERE attendee_email LIKE 'seated0%%'")
    assert resize(package, 1, confirmed=4).held == 3


def test_down_to_the_seats_held_needs_no_confirmation(building, resize):
    package, _ = _full(building, waiting="")
    building.do("UPDATE packages SET capacity = NULL")
    assert (resize(package, 5).previous, resize(package, 2).free) == (None, 0)
    with pytest.raises(errors.CapacityBelowSeats):
        resize(package, 1)


def test_raising_what_is_overfull_already_needs_no_confirmation_and_promotes_nobody(building, resize):
    package, people = _full(building, seats=4)
    building.do("UPDATE packages SET capacity = 1")
    done = resize(package, 4)
    assert (done.ids, done.held, done.free, done.withheld) == ((), 4, 0, "")
    assert resize(package, 5).ids == (people[0],)


def test_what_somebody_else_made_of_it_meanwhile_is_not_overwritten(building, resize):
    package, _ = _full(building)
    with pytest.raises(errors.Stale) as caught:
        resize(package, 9, seen=3)
    assert (caught.value.columns, building.log()) == (("capacity",), [])
    with pytest.raises(errors.Stale):
        resize(package, 9, seen=None)


def test_asked_again_nothing_is_done_twice(building, resize):
    """An answer that was lost: the second time it is as wanted already."""
    package, people = _full(building)
    assert resize(package, 3, seen=2).ids == (people[0],)
    again = resize(package, 3, seen=2, reason="")
    assert (again.ids, again.previous, again.capacity, again.held, again.waiting) == ((), 3, 3, 3, 2)
    assert len(building.log(package)) == 1


@pytest.mark.parametrize(
    ("event", "package", "withheld"),
    [
        ({"status": "draft"}, {}, "Nobody waiting was given a seat. “E” is a draft and gives out no seats."),
        ({"status": "cancelled"}, {}, "Nobody waiting was given a seat. “E” is cancelled"),
        ({}, {"is_active": False}, "Nobody waiting was given a seat. “VIP” is retired"),
        ({"end_time": datetime(2020, 1, 1)}, {}, "“E” is over, so nobody waiting was given a seat."),
    ],
)
def test_a_closed_package_is_raised_and_promotes_nobody(building, resize, event, package, withheld):
    """Ruling 15: closed packages give out no seats, and that is said."""
    full, people = _full(building, event=building.event(title="E", **event), **package)
    done = resize(full, 9)
    assert (done.capacity, done.ids, done.waiting) == (9, (), 3)
    assert done.withheld.startswith(withheld)
    assert building.status(people[0]) == "waitlisted"


def test_rows_the_website_wrote_without_places_are_promoted_in_the_order_of_ruling_10(building, resize):
    """Ruling 10: by position, NULLs last, then by time."""
    package = building.package(capacity=0)
    times = [datetime(2026, 1, n) for n in (1, 2, 3, 4)]
    for name, place, moment in zip("dcab", (None, 2, 1, 1), reversed(times), strict=True):
        building.registration(
            package,
            name,
            attendee_name=name,
            status="waitlisted",
            waitlist_position=place,
            registered_at=moment,
        )
    assert resize(package, 3).names == ("b", "a", "c")


def test_no_seats_at_all_and_back_again(building, resize):
    package, _ = _full(building, waiting="")
    assert resize(package, 0, confirmed=2).free == 0
    assert resize(package, 2).free == 0


def test_what_cannot_have_seats_is_refused(building, resize, database, organizer):
    subscription = building.package(package_type="subscription")
    with pytest.raises(errors.InvalidField, match="has no seats"):
        resize(subscription, 5)
    with pytest.raises(errors.NotFound, match="no package"):
        packages.set_capacity(database, organizer, uuid4(), 5, seen=None, reason="more")
    with pytest.raises(errors.InvalidField, match="0 seats or more"):
        resize(building.package(), -1)


def test_the_websites_own_triggers_on_packages_find_their_tables(building, resize):
    """The functions pin their path; a website's trigger says “outbox”, not public.outbox."""
    building.do("CREATE TABLE public.outbox (what text)")
    building.do(
        "CREATE FUNCTION public.note() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN INSERT INTO outbox VALUES (TG_OP); RETURN NULL; END $$"
    )
    building.do("CREATE TRIGGER note AFTER UPDATE ON packages FOR EACH ROW EXECUTE FUNCTION public.note()")
    package, _ = _full(building)
    assert resize(package, 3).held == 3
    assert building.rows("SELECT what FROM public.outbox") == [{"what": "UPDATE"}]
