"""An event held again."""

from __future__ import annotations

from functools import partial

import pytest

from desktop import errors
from desktop.services import events


@pytest.fixture
def duplicate(database, organizer, zone):
    return lambda event, **given: events.duplicate(database, organizer, event, zone, **given)


@pytest.fixture
def summit(building, at):
    """Published and over, with three packages, one of them retired, and people."""
    event = building.event(
        title="Monsoon Summit",
        slug="monsoon-summit",
        description="All about rain.",
        time_zone="Europe/Berlin",
        payment_required=True,
        start_time=at("2026-07-01T07:00"),
        end_time=at("2026-07-02T16:00"),
        registration_deadline=at("2026-06-30T21:59"),
        published_at=at("2026-01-01T00:00"),
    )
    vip = building.package(
        event,
        name="VIP",
        slug="monsoon-summit-vip",
        price="499.50",
        capacity=20,
        description="Front row",
        package_registration_deadline=at("2026-06-15T10:00"),
        created_at=at("2026-01-01T00:00"),
    )
    building.package(event, name="Day", slug="day", created_at=at("2026-01-02T00:00"))
    building.package(event, name="Old", is_active=False, deactivated_at=at("2026-02-01T00:00"))
    for _ in range(3):
        building.registration(vip)
    building.waiting(vip, "w@x.org")
    return event


def _packages(building, event):
    return building.rows(
        "SELECT p.*, s.held, s.capacity AS seats FROM packages p JOIN package_seats s ON s.package_id = p.id"
        " WHERE event_id = %s ORDER BY array_position((SELECT packages_ids FROM events WHERE id = %s), p.id)",
        event,
        event,
    )


def test_texts_and_packages_come_along_and_people_do_not(summit, duplicate, row, building, organizer):
    """Ruling 22: packages_ids lists the copies, by trigger; the counters start at 0."""
    done = duplicate(summit)
    found = row(done.id)
    assert (done.title, done.slug, done.packages, done.left_out, done.unclear) == (
        "Monsoon Summit (copy)",
        "monsoon-summit-copy",
        2,
        ("Old",),
        (),
    )
    assert [
        found[name] for name in ("description", "location", "time_zone", "payment_required", "status")
    ] == [
        "All about rain.",
        "Pune",
        "Europe/Berlin",
        True,
        "draft",
    ]
    assert found["created_by"] == organizer.id
    assert [found[name] for name in ("start_time", "end_time", "registration_deadline", "published_at")] == [
        None
    ] * 4
    packages = _packages(building, done.id)
    assert found["packages_ids"] == [package["id"] for package in packages]
    assert [
        (p["name"], p["slug"], p["capacity"], p["seats"], p["held"], p["is_active"]) for p in packages
    ] == [
        ("VIP", "monsoon-summit-copy-vip", 20, 20, 0, True),
        ("Day", "monsoon-summit-copy-day", None, None, 0, True),
    ]
    assert (str(packages[0]["price"]), packages[0]["description"]) == ("499.50", "Front row")
    assert packages[0]["package_registration_deadline"] is None
    assert building.rows("SELECT FROM event_registrations WHERE event_id = %s", done.id) == []
    assert len(row(summit)["packages_ids"]) == 3
    assert building.log(done.id) == [
        ("event.duplicate", "Drafted “Monsoon Summit (copy)” as a copy of “Monsoon Summit”, packages: 2")
    ]


def test_with_a_new_start_all_times_move_along_as_the_clocks_show_them(summit, duplicate, row, building, at):
    """Ruling 5: 09:00 to 18:00 the next day stays that, although the clocks changed in between."""
    done = duplicate(summit, title="Winter Summit", slug="winter", start_time=at("2027-01-11T09:00"))
    found = row(done.id)
    assert (found["title"], found["slug"]) == ("Winter Summit", "winter")
    assert (found["start_time"], found["end_time"], found["registration_deadline"]) == (
        at("2027-01-11T08:00"),
        at("2027-01-12T17:00"),
        at("2027-01-10T22:59"),
    )
    assert _packages(building, done.id)[0]["package_registration_deadline"] == at("2026-12-26T11:00")
    assert _packages(building, done.id)[0]["slug"] == "winter-vip"


def test_a_time_that_cannot_move_along_is_left_empty_and_said(summit, duplicate, row, building, at):
    """Ruling 5: never silently shifted. The deadline would be 23:59 a day before, the package's 02:30 in October."""
    building.do("UPDATE packages SET package_registration_deadline = '2026-07-01 00:30' WHERE name = 'VIP'")
    done = duplicate(summit, start_time=at("2026-10-25T09:00"))
    assert done.unclear == (
        "The registration deadline of “VIP” was left empty. Sun 25 Oct 2026, 02:30 happens twice in Europe/Berlin, "
        "because the clocks go back by 1 hour. Choose 02:30 CEST (UTC+02:00), or 1 hour later 02:30 CET (UTC+01:00).",
    )
    assert row(done.id)["end_time"] == at("2026-10-26T17:00")
    assert _packages(building, done.id)[0]["package_registration_deadline"] is None


def test_times_no_calendar_shows_are_not_copied_and_that_is_said(summit, duplicate, row, building, at):
    """Neither such a time itself, nor what could only be reckoned from one."""
    title = row(summit)["title"]
    building.do("UPDATE events SET end_time = 'infinity', registration_deadline = NULL WHERE id = %s", summit)
    building.do("UPDATE packages SET package_registration_deadline = NULL")
    done = duplicate(summit, start_time=at("2027-01-11T09:00"))
    assert row(done.id)["end_time"] is None
    assert done.unclear == (
        "Its end was left empty. The time is infinitely late; a year between 1971 and 2998 can be taken.",
    )
    building.do("UPDATE events SET start_time = '10000-01-01' WHERE id = %s", summit)
    assert duplicate(summit, start_time=at("2027-01-11T09:00")).unclear == (
        f"Its end was left empty. “{title}” starts in the year 10000, so nothing can be reckoned from it.",
    )
    assert duplicate(summit).unclear == ()


def test_an_unclear_start_is_pointed_out_because_somebody_typed_it(summit, duplicate, building, at):
    with pytest.raises(errors.UnclearTime) as refused:
        duplicate(summit, start_time=at("2026-10-25T02:30"))
    assert refused.value.field == "start_time"
    assert building.value("SELECT count(*) FROM events") == 1
    duplicate(summit, start_time=refused.value.meanings[0])


def test_without_a_start_of_its_own_it_has_the_new_one_only(building, duplicate, row, at):
    event = building.event(status="draft", start_time=None, end_time=at("2026-12-14T10:00"))
    found = row(duplicate(event, start_time=at("2027-01-11T09:00")).id)
    assert (found["start_time"], found["end_time"]) == (at("2027-01-11T03:30"), None)


def test_a_copy_of_a_copy_and_packages_of_one_name_get_slugs_of_their_own(building, duplicate, row):
    """Ruling 21: globally unique, names may repeat; nothing but Hebrew is named by its kind."""
    event = building.event(title="מסיבה " * 30, slug="x" * 255)
    for name in ("VIP", "VIP", "vip", "חבר", "חבר", "N" * 100, "N" * 100):
        building.package(event, name=name)
    one = duplicate(event)
    two = duplicate(one.id, slug="again")
    assert (one.title, one.slug) == ("מסיבה " * 30 + "(copy)", "x" * 253 + "-2")
    assert [p["slug"] for p in _packages(building, two.id)] == [
        "again-vip",
        "again-vip-2",
        "again-vip-3",
        "again-package",
        "again-package-2",
        f"again-{'n' * 38}",
        f"again-{'n' * 38}-2",
    ]
    assert len({row["slug"] for row in building.rows("SELECT slug FROM packages")}) == 21


@pytest.mark.parametrize("status", ["draft", "published", "cancelled", "completed"])
def test_whatever_the_event_is_its_copy_is_a_draft(building, duplicate, row, status):
    event = building.event(status=status, cancelled_at="2026-01-01")
    found = row(duplicate(event).id)
    assert (found["status"], found["cancelled_at"], found["packages_ids"]) == ("draft", None, [])


def test_an_event_in_the_bin_or_nowhere_is_not_duplicated(building, duplicate):
    with pytest.raises(errors.WrongEventState, match=r"cannot be duplicated\. It is in the bin"):
        duplicate(building.event(deleted_at="2026-01-01"))
    with pytest.raises(errors.NotFound):
        duplicate(building.user())


def test_a_wished_slug_that_is_taken_is_refused_and_nothing_is_left(summit, duplicate, building):
    with pytest.raises(errors.InvalidField, match="“monsoon-summit-2” is free") as refused:
        duplicate(summit, slug="monsoon-summit")
    assert refused.value.field == "slug"
    assert building.value("SELECT count(*) FROM events") == 1


def test_several_duplicate_at_once_and_no_slug_collides(summit, database, organizer, zone, at_once, building):
    results = at_once(*[partial(events.duplicate, database, organizer, summit, zone)] * 5)
    assert {type(result) for result in results} == {events.Duplicated}
    assert len({result.slug for result in results}) == 5
    assert building.value("SELECT count(*) FROM packages") == 3 + 5 * 2


@pytest.mark.parametrize("role", ["door", "editor"])
def test_who_may_not_edit_duplicates_nothing(summit, database, zone, role, request, building):
    with pytest.raises(errors.NotAllowed):
        events.duplicate(database, request.getfixturevalue(role), summit, zone)
    assert building.value("SELECT count(*) FROM events") == 1


def test_the_copy_costs_as_much_in_the_currency_the_website_sold_the_package_in(summit, duplicate, building):
    """Ruling 17: money is an amount and its currency; the website names none for a package (specification 5.6)."""
    vip = building.value("SELECT id FROM packages WHERE slug = 'monsoon-summit-vip'")
    building.insert(
        "orders",
        user_id=building.user(),
        package_id=vip,
        payment_id="p",
        amount_paid="499.50",
        payment_status="paid",
        currency="EUR",
    )
    copies = _packages(building, duplicate(summit).id)
    assert [copy["currency"] for copy in copies if copy["name"] == "VIP"] == ["EUR"]
