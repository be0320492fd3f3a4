"""Taking packages off sale, putting them back, and deleting those nobody used."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from desktop import errors
from desktop.services import attendance, packages, registering, waitlist
from desktop.services.attendance import Admission
from desktop.services.registering import Registering


@pytest.fixture
def retire(database, organizer):
    return lambda package, reason="": packages.retire(database, organizer, package, reason)


@pytest.fixture
def reactivate(database, organizer):
    return lambda package, reason="": packages.reactivate(database, organizer, package, reason)


@pytest.fixture
def delete(database, organizer):
    return lambda package: packages.delete(database, organizer, package)


@pytest.fixture
def used(building):
    """A package of two seats, one of them held, and somebody who waits."""
    package = building.package(name="VIP", capacity=2)
    building.registration(package, "seated@example.org")
    building.waiting(package, "waiting@example.org")
    return package


def _sale(building, package):
    return building.row("SELECT is_active, deactivated_at FROM packages WHERE id = %s", package)


def test_a_retired_package_gives_out_no_seats_and_takes_none_away(
    building, retire, used, database, organizer
):
    """Rulings 15 and 19: registrations stay, historical; nobody new is registered, waits or is promoted."""
    done = retire(used, "sold  elsewhere")
    assert (done.package, done.active, done.changed, done.held, done.free, done.waiting) == (
        "VIP",
        False,
        True,
        1,
        1,
        1,
    )
    now = datetime.now(UTC).replace(tzinfo=None)
    assert abs(now - done.since) < timedelta(minutes=1)
    assert _sale(building, used) == {"is_active": False, "deactivated_at": done.since}
    assert building.log(used) == [
        (
            "package.retire",
            "Retired “VIP” of “Monsoon Data Summit” (1 seat held, 1 waiting): sold elsewhere",
        )
    ]
    with pytest.raises(errors.PackageRetired):
        registering.register(database, organizer, Registering(used, "new@example.org"))
    with pytest.raises(errors.PackageRetired):
        waitlist.promote_next(database, organizer, used)
    assert (building.held(used), building.queue(used)) == (1, [(1, "waiting@example.org")])


def test_reactivating_clears_when_it_was_retired_and_promotes_nobody(building, retire, reactivate, used):
    """Ruling 19. Who could be promoted is said; doing it is a person's decision."""
    retire(used)
    done = reactivate(used)
    assert (done.active, done.changed, done.since, done.free, done.waiting) == (True, True, None, 1, 1)
    assert _sale(building, used) == {"is_active": True, "deactivated_at": None}
    assert building.held(used) == 1
    assert [action for action, _ in building.log(used)] == ["package.retire", "package.reactivate"]


def test_what_is_so_already_is_not_done_again(building, retire, reactivate, used):
    first = retire(used).since
    again = retire(used, "again")
    assert (again.changed, again.since) == (False, first)
    reactivate(used)
    assert not reactivate(used).changed
    assert len(building.log(used)) == 2


def test_what_the_website_half_retired_is_put_right(building, retire, reactivate, used):
    """Ruling 19: a website that sets one of the two columns only."""
    building.do("UPDATE packages SET is_active = false")
    assert (retire(used).changed, retire(used).since) == (False, None)
    assert reactivate(used).changed
    building.do("UPDATE packages SET deactivated_at = now()")
    assert reactivate(used).changed
    assert _sale(building, used) == {"is_active": True, "deactivated_at": None}


def test_a_subscription_is_retired_and_deleted_under_its_own_name(building, retire, delete):
    gold = building.package(package_type="subscription", name="Gold", slug="gold", duration_days=30)
    retire(gold)
    assert delete(gold).event is None
    assert [text for _, text in building.log(gold)] == [
        "Retired the subscription “Gold”",
        "Deleted the subscription “Gold”, which nobody had used (slug gold)",
    ]


def test_a_package_nobody_used_is_deleted_and_leaves_the_list_of_its_event(building, delete, create):
    """Rulings 19 and 22; the counter goes with it, the slug is free again."""
    event = building.event(title="Tech Day", slug="tech-day")
    kept, unused = create(event, name="Day").id, create(event).id
    done = delete(unused)
    assert (done.package, done.event) == ("VIP", "Tech Day")
    assert building.value("SELECT packages_ids FROM events WHERE id = %s", event) == [kept]
    assert building.rows("SELECT package_id FROM package_seats") == [{"package_id": kept}]
    assert building.log(unused)[-1] == (
        "package.delete",
        "Deleted “VIP” of “Tech Day”, which nobody had used (slug tech-day-vip)",
    )
    assert create(event).details.slug == "tech-day-vip"
    with pytest.raises(errors.NotFound):
        delete(unused)


@pytest.mark.parametrize("status", ["registered", "attended", "waitlisted", "cancelled", "no_show"])
def test_a_package_somebody_was_ever_on_is_kept(building, delete, status):
    """Ruling 19: whatever became of the registration."""
    package = building.package(name="VIP")
    building.registration(package, status=status)
    with pytest.raises(errors.PackageInUse, match="1 registration belong") as caught:
        delete(package)
    assert (caught.value.registrations, caught.value.orders) == (1, 0)
    assert building.value("SELECT count(*) FROM packages") == 1
    assert building.log() == []


def test_what_a_package_is_used_by_is_said(building, delete, database, organizer):
    """Ruling 19. The ledger keeps what the website deletes (ruling 16), and the package with it."""
    package = building.package(name="VIP")
    person = building.registration(package)
    for n in (1, 2):
        building.insert(
            "orders",
            user_id=building.user(),
            package_id=package,
            payment_id=f"p{n}",
            amount_paid=1,
            payment_status="failed",
        )
    attendance.admit(database, organizer, Admission(person, "gate"))
    with pytest.raises(errors.PackageInUse, match="1 registration, 2 orders and 1 check-in belong to it"):
        delete(package)
    building.do("DELETE FROM event_registrations")
    building.do("DELETE FROM orders")
    with pytest.raises(errors.PackageInUse) as caught:
        delete(package)
    assert (caught.value.registrations, caught.value.orders, caught.value.check_ins) == (0, 0, 1)


@pytest.mark.parametrize("checked", ["", "DEFERRABLE INITIALLY DEFERRED"])
def test_a_table_of_the_websites_own_keeps_a_package_too(building, delete, checked):
    """Its foreign key refuses in the database's words; the person reads a sentence."""
    building.do(f"CREATE TABLE public.coupons (package_id uuid REFERENCES packages(id) {checked})")
    package = building.package(name="VIP")
    building.do("INSERT INTO public.coupons VALUES (%s)", package)
    with pytest.raises(errors.PackageInUse, match="other records") as caught:
        delete(package)
    assert caught.value.elsewhere == ("" if checked else "coupons")
    assert building.value("SELECT count(*) FROM packages") == 1
    assert building.log() == []


@pytest.mark.parametrize("fixture", ["door", "editor"])
def test_the_door_and_editors_neither_retire_nor_delete(fixture, request, database, building):
    actor, package = request.getfixturevalue(fixture), building.package()
    for wish in (packages.retire, packages.reactivate, packages.delete):
        with pytest.raises(errors.NotAllowed, match="may not create or edit packages"):
            wish(database, actor, package)
    assert _sale(building, package) == {"is_active": True, "deactivated_at": None}


def test_what_is_not_there_is_not_found(retire, reactivate, delete):
    for wish in (retire, reactivate, delete):
        with pytest.raises(errors.NotFound, match="no package"):
            wish(uuid4())
    with pytest.raises(errors.InvalidField, match="room for 500"):
        retire(uuid4(), "x" * 501)
