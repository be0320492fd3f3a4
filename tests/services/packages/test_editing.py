"""Editing packages."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial

import pytest

from desktop import errors
from desktop.services import packages, registering
from desktop.services.packages import editing
from desktop.services.registering import Registering


@pytest.fixture
def edit(database, organizer):
    """`packages.edit` as the organizer does it, of what was ``seen``, in some of its details."""

    def run(seen, *, confirmed=False, **changes):
        return packages.edit(database, organizer, seen, replace(seen.details, **changes), confirmed=confirmed)

    return run


@pytest.fixture
def vip(building, see):
    """A package for 500 as the website made it: without a currency."""
    event = building.event(
        title="Tech Day", slug="tech-day", time_zone="Europe/Paris", start_time="2026-12-14 08:00"
    )
    return see(building.package(event, name="VIP", slug="tech-day-vip", price=500, capacity=3))


def test_what_was_changed_is_written_and_logged_with_before_and_after(building, edit, vip, see):
    """Ruling 23: the log row is of the same statement."""
    done = edit(
        vip,
        name="Front row",
        description="With a view",
        price=Decimal("49.5"),
        currency="eur",
        deadline=datetime(2026, 12, 1, 9),
    )
    assert set(done.new) == {"name", "description", "price", "currency", "package_registration_deadline"}
    assert see(vip.id).details == replace(
        vip.details,
        name="Front row",
        description="With a view",
        price=Decimal("49.50"),
        currency="EUR",
        deadline=see(vip.id).details.deadline,
    )
    assert building.value("SELECT package_registration_deadline FROM packages") == datetime(2026, 12, 1, 8)
    assert building.log(vip.id) == [
        (
            "package.edit",
            "Edited “VIP” of “Tech Day”: name “VIP” → “Front row”, description nothing → “With a view”, deadline"
            " nothing → Tue 1 Dec 2026, 09:00 CET (Europe/Paris), price ₹500 → €49.50",
        )
    ]


def test_nothing_changed_is_nothing_written(building, edit, vip):
    before = building.row("SELECT * FROM packages")
    assert edit(vip).new == {}
    assert edit(vip, name=" VIP ", currency="inr ").new == {"currency": "INR"}
    assert building.row("SELECT * FROM packages") == before | {
        "currency": "INR",
        "updated_at": building.value("SELECT updated_at FROM packages"),
    }


def test_a_renamed_package_keeps_its_address_until_somebody_changes_it(building, edit, vip, see):
    """Ruling 21: links keep working; an emptied slug is made anew."""
    edit(vip, name="Front row")
    assert see(vip.id).details.slug == "tech-day-vip"
    edit(see(vip.id), slug="")
    assert see(vip.id).details.slug == "tech-day-front-row"
    edit(see(vip.id), slug="")
    assert see(vip.id).details.slug == "tech-day-front-row"
    building.package(slug="vip", name="Other")
    with pytest.raises(errors.InvalidField, match="“vip-2” is free") as caught:
        edit(see(vip.id), slug="vip")
    assert caught.value.field == "slug"


def test_a_slug_taken_while_it_was_being_typed_is_said_beside_its_field(building, edit, vip, monkeypatch):
    """Ruling 21: the constraint has the last word, in a sentence."""
    looked = editing.making.require_free

    def taken_behind_our_back(tx, slug, but=None):
        monkeypatch.setattr(editing.making, "require_free", looked)
        building.package(slug=slug, name="Other")

    monkeypatch.setattr(editing.making, "require_free", taken_behind_our_back)
    with pytest.raises(errors.InvalidField, match="belongs to “Other” of “Monsoon Data Summit”") as caught:
        edit(vip, slug="vip")
    assert caught.value.field == "slug"
    assert building.log() == []


def test_two_people_who_edit_different_things_both_succeed(building, edit, vip, see):
    edit(vip, description="With a view")
    edit(vip, price=Decimal(600))
    assert (see(vip.id).details.description, see(vip.id).details.price) == ("With a view", 600)


@pytest.mark.parametrize(
    ("theirs", "mine", "columns"),
    [
        ({"name": "Front row"}, {"name": "First row"}, ("name",)),
        ({"price": 700}, {"price": Decimal(600)}, ("price",)),
        ({"price": 700}, {"currency": "EUR"}, ("price",)),
        ({"currency": "EUR"}, {"price": Decimal(600)}, ("currency",)),
        (
            {"package_registration_deadline": datetime(2026, 12, 1)},
            {"deadline": datetime(2026, 12, 2)},
            ("package_registration_deadline",),
        ),
    ],
)
def test_what_somebody_else_changed_meanwhile_is_not_overwritten(building, edit, vip, theirs, mine, columns):
    """A price is nothing without its currency: somebody who saw 500 rupees does not make it 500 euros of 700."""
    ((column, value),) = theirs.items()
    building.do(f"UPDATE packages SET {column} = %s", value)
    before = building.row("SELECT * FROM packages")
    with pytest.raises(errors.Stale) as caught:
        edit(vip, **mine)
    assert caught.value.columns == columns
    assert building.row("SELECT * FROM packages") == before
    assert building.log() == []


def test_one_of_two_who_edit_the_same_thing_at_once_is_told(building, edit, vip, at_once):
    results = at_once(*(partial(edit, vip, name=name) for name in ("Front row", "First row")))
    stale = [result for result in results if isinstance(result, errors.AppError)]
    assert [type(error) for error in stale] == [errors.Stale]
    assert len(building.log()) == 1


def test_what_the_website_wrote_its_own_way_does_not_hinder_an_edit(building, edit, see):
    package = see(building.package(slug="VIP_Pass!", name=" ", duration_days=2, currency="Rs."))
    edit(package, price=Decimal(5), currency="INR")
    assert see(package.id).details.price == 5
    with pytest.raises(errors.InvalidFields) as caught:
        edit(package, slug="VIP Pass", duration_days=3)
    assert set(caught.value.fields) == {"slug", "duration_days"}


def test_a_free_package_begins_to_cost_something_knowingly(building, edit, see, database, organizer):
    """Ruling 17: whoever holds a seat without an order will be asked to pay at the door."""
    event = building.event(payment_required=True)
    package = see(building.package(event, capacity=9))
    for name in ("a", "b"):
        registering.register(database, organizer, Registering(package.id, f"{name}@example.org"))
    with pytest.raises(errors.SeatsUnpaid) as caught:
        edit(package, price=Decimal(500))
    assert (caught.value.seats, building.value("SELECT price FROM packages")) == (2, 0)
    edit(package, price=Decimal(500), confirmed=True)
    edit(see(package.id), price=Decimal(600))
    new = registering.register(database, organizer, Registering(package.id, "c@example.org"))
    assert building.row("SELECT amount_paid, currency FROM orders WHERE id = %s", new.order_id) == {
        "amount_paid": Decimal("600.00"),
        "currency": "INR",
    }


def test_without_seats_held_or_without_payment_a_price_needs_no_confirmation(building, edit, see):
    unused = see(building.package(building.event(payment_required=True)))
    edit(unused, price=Decimal(500))
    free = see(building.package())
    building.registration(free.id)
    edit(free, price=Decimal(500))


def test_orders_keep_the_amount_and_currency_they_were_opened_with(building, edit, see, database, organizer):
    package = see(building.package(building.event(payment_required=True), price=500))
    order = registering.register(database, organizer, Registering(package.id, "a@example.org")).order_id
    edit(package, price=Decimal(9), currency="EUR")
    assert building.row("SELECT amount_paid, currency FROM orders WHERE id = %s", order) == {
        "amount_paid": Decimal("500.00"),
        "currency": "INR",
    }


def test_a_deadline_binds_the_public_and_staff_register_late(building, edit, see, database, organizer):
    """Ruling 15: recorded as late; the deadline may be set into the past, which closes the public sale."""
    package = see(building.package())
    assert not registering.register(database, organizer, Registering(package.id, "a@example.org")).late
    edit(package, deadline=datetime.now(UTC).replace(tzinfo=None) - timedelta(days=2))
    assert registering.register(database, organizer, Registering(package.id, "b@example.org")).late
    edit(see(package.id), deadline=None)
    assert not registering.register(database, organizer, Registering(package.id, "c@example.org")).late


def test_a_deadline_in_the_hour_that_happens_twice_stays_what_it_is(building, edit, vip, see):
    """Ruling 5: a form that gives back what it was given changes nothing."""
    building.do("UPDATE packages SET package_registration_deadline = '2026-10-25 01:30'")
    seen = see(vip.id)
    edit(seen, name="Front row")
    edit(seen, deadline=seen.details.deadline + timedelta(0))
    assert building.value("SELECT package_registration_deadline FROM packages") == datetime(
        2026, 10, 25, 1, 30
    )
    with pytest.raises(errors.UnclearTime):
        edit(see(vip.id), deadline=datetime(2026, 10, 25, 2, 30))


def test_seats_are_counted_as_ruling_7_says(building, see):
    """Ruling 7: registered and attended hold a seat; waitlisted, cancelled and no-show hold none."""
    package = building.package(capacity=9)
    for status in ("registered", "attended", "attended", "waitlisted", "cancelled", "no_show"):
        building.registration(package, status=status)
    seen = see(package)
    assert (seen.held, seen.waiting, seen.capacity) == (3, 1, 9)


@pytest.mark.parametrize("fixture", ["door", "editor"])
def test_the_door_and_editors_edit_nothing(fixture, request, database, building, vip):
    with pytest.raises(errors.NotAllowed, match="may not create or edit packages"):
        packages.edit(database, request.getfixturevalue(fixture), vip, replace(vip.details, name="Mine"))
    assert building.value("SELECT name FROM packages") == "VIP"


def test_a_package_that_is_gone_is_not_edited(building, edit, vip, see):
    building.do("DELETE FROM packages")
    with pytest.raises(errors.NotFound):
        edit(vip, name="Front row")
    with pytest.raises(errors.NotFound):
        see(vip.id)
