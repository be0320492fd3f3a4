"""Making packages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from functools import partial
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from desktop import errors
from desktop.db.session import Database
from desktop.services import packages, registering
from desktop.services.packages import Details, NewPackage
from desktop.services.registering import Registering


@pytest.fixture
def summit(building):
    return building.event(title="Monsoon Summit", slug="monsoon-summit", time_zone="Europe/Paris")


def test_a_package_of_an_event_is_made_with_its_counter_its_place_in_the_list_and_its_log_row(
    building, create, summit
):
    """Ruling 22: packages_ids follow. Ruling 23: the log row is of the same statement."""
    made = create(
        summit,
        name="  VIP  seat ",
        price=Decimal("1200.5"),
        capacity=50,
        currency=" eur",
        description=" a\r\nb ",
    )
    assert (made.kind, made.event, made.held, made.waiting, made.capacity) == (
        "event",
        "Monsoon Summit",
        0,
        0,
        50,
    )
    assert made.details == Details(
        "VIP seat", Decimal("1200.50"), "monsoon-summit-vip-seat", "a\nb", "EUR", 0, None
    )
    assert building.value("SELECT packages_ids FROM events WHERE id = %s", summit) == [made.id]
    assert building.row("SELECT capacity, held FROM package_seats") == {"capacity": 50, "held": 0}
    assert building.log(made.id) == [
        (
            "package.add",
            "Made “VIP seat” of “Monsoon Summit”: €1,200.50, 50 seats, slug monsoon-summit-vip-seat",
        )
    ]


def test_what_is_made_can_be_registered_for(building, create, summit, database, organizer):
    made = create(summit, price=Decimal(0), capacity=1)
    done = registering.register(database, organizer, Registering(made.id, "zoe@example.org"))
    assert (done.status, done.free) == ("registered", 0)


def test_two_events_vip_packages_get_slugs_of_their_own_and_names_may_repeat(building, create, summit):
    """Ruling 21: `monsoon-summit-vip` and `tech-day-vip`."""
    tech = building.event(title="Tech Day", slug="tech-day")
    assert create(summit).details.slug == "monsoon-summit-vip"
    assert create(tech).details.slug == "tech-day-vip"
    assert create(tech).details.slug == "tech-day-vip-2"
    assert create(tech, name="VIP ☂").details.slug == "tech-day-vip-3"


@pytest.mark.parametrize(
    ("event", "name", "slug"),
    [
        ({"slug": "été-à-paris"}, "Entrée gratuite", "ete-a-paris-entree-gratuite"),
        ({"slug": None, "title": "Jazz & Wine", "status": "draft"}, "Balcony", "jazz-and-wine-balcony"),
        ({"slug": None, "title": None, "status": "draft"}, "Balcony", "balcony"),
        ({"slug": "tech-day"}, "Tech Day VIP", "tech-day-vip"),
        ({"slug": "tech-day"}, "تذكرة", "tech-day-package"),
        ({"slug": "x" * 200}, "VIP", "x" * 91 + "-vip"),
        ({"slug": "tech"}, "n" * 100, "tech-" + "n" * 60),
    ],
)
def test_slugs_are_readable_and_fit_whatever_the_event_and_the_name_are_like(
    building, create, event, name, slug
):
    """Ruling 21. The package's own part is never cut away by a long event's."""
    made = create(building.event(**event), name=name)
    assert made.details.slug == slug
    assert len(slug) <= 100


def test_a_typed_slug_is_taken_or_told_apart(building, create, summit):
    """Ruling 21: one slug for one package; whose it is, and one that is free, is said."""
    assert create(summit, slug="front-row").details.slug == "front-row"
    with pytest.raises(errors.InvalidField) as caught:
        create(building.event(), slug="front-row")
    assert caught.value.field == "slug"
    assert str(caught.value) == (
        "The slug “front-row” belongs to “VIP” of “Monsoon Summit”. “front-row-2” is free."
    )
    building.do("UPDATE packages SET slug = 'Front-Row'")
    with pytest.raises(errors.InvalidField, match="belongs to"):
        create(summit, slug="front-row")
    assert building.value("SELECT count(*) FROM packages") == 1


def test_everything_that_is_wrong_is_said_at_once_beside_its_field(building, create, summit):
    with pytest.raises(errors.InvalidFields) as caught:
        create(
            summit,
            name=" \u200b ",
            price=Decimal(-1),
            slug="Not A Slug",
            currency="rupees",
            duration_days=3,
            capacity=-1,
            deadline=datetime(2026, 10, 25, 2, 30),
        )
    assert set(caught.value.fields) == {
        "name",
        "price",
        "slug",
        "currency",
        "duration_days",
        "capacity",
        "deadline",
    }
    assert building.value("SELECT count(*) FROM packages") == 0
    assert building.log() == []


def test_the_currency_is_the_events_own_when_nobody_says_one(building, create, summit):
    """Specification 5.6: what the other packages are sold in, by themselves or by their orders, else INR."""
    assert create(summit).details.currency == "INR"
    assert create(summit, currency="chf").details.currency == "CHF"
    assert create(summit).details.currency == "CHF"
    sold = building.package(building.event(), price=5)
    building.insert(
        "orders",
        user_id=building.user(),
        package_id=sold,
        payment_id="p",
        amount_paid=5,
        currency="AED",
        payment_status="paid",
    )
    event = building.value("SELECT event_id FROM packages WHERE id = %s", sold)
    assert create(event).details.currency == "AED"


def test_a_deadline_is_typed_on_the_clocks_of_the_event(building, create, summit):
    """Ruling 5: stored in UTC, read in the event's zone, not in the workspace's."""
    building.do("UPDATE events SET start_time = '2026-12-14 08:00'")
    made = create(summit, deadline=datetime(2026, 12, 1, 9, 0))
    assert building.value("SELECT package_registration_deadline FROM packages") == datetime(2026, 12, 1, 8, 0)
    assert made.details.deadline == datetime(2026, 12, 1, 9, 0, tzinfo=ZoneInfo("Europe/Paris"))


def test_a_deadline_the_clocks_show_twice_is_pointed_out_and_an_offset_chooses(building, create, summit):
    """Ruling 5: never silently shifted."""
    building.do("UPDATE events SET start_time = '2026-12-14 08:00'")
    twice = datetime(2026, 10, 25, 2, 30)
    with pytest.raises(errors.UnclearTime) as caught:
        create(summit, deadline=twice)
    assert caught.value.field == "deadline"
    first, second = (create(summit, deadline=meant) for meant in caught.value.meanings)
    utc = "SELECT package_registration_deadline FROM packages WHERE id = %s"
    assert building.value(utc, first.id) == datetime(2026, 10, 25, 0, 30)
    assert building.value(utc, second.id) == datetime(2026, 10, 25, 1, 30)
    third = create(summit, deadline=twice.replace(tzinfo=timezone(timedelta(hours=1))))
    assert building.value(utc, third.id) == datetime(2026, 10, 25, 1, 30)
    with pytest.raises(errors.UnclearTime, match="does not exist"):
        create(
            building.event(time_zone="Europe/Paris", start_time=None, status="draft"),
            deadline=datetime(2027, 3, 28, 2, 30),
        )


def test_a_deadline_after_the_event_is_refused(building, create):
    event = building.event(
        start_time=datetime(2026, 12, 14, 8), end_time=datetime(2026, 12, 14, 10), time_zone="UTC"
    )
    assert create(event, deadline=datetime(2026, 12, 14, 10))
    with pytest.raises(errors.InvalidField, match="after the event is over") as caught:
        create(event, deadline=datetime(2026, 12, 14, 10, 1))
    assert caught.value.field == "deadline"


def test_a_subscription_has_days_and_neither_seats_nor_a_deadline(building, create):
    made = create(name="Gold", duration_days=30)
    assert (made.kind, made.event_id, made.capacity, made.title) == (
        "subscription",
        None,
        None,
        "the subscription “Gold”",
    )
    assert made.details.slug == "gold"
    assert building.log(made.id) == [
        ("package.add", "Made the subscription “Gold”: ₹500, for 30 days, slug gold")
    ]
    with pytest.raises(errors.InvalidFields) as caught:
        create(name="Gold", duration_days=0, capacity=5, deadline=datetime(2026, 12, 1))
    assert set(caught.value.fields) == {"duration_days", "capacity", "deadline"}


@pytest.mark.parametrize(
    ("state", "columns"),
    [
        ("cancelled", {"status": "cancelled"}),
        ("completed", {"status": "completed"}),
        ("deleted", {"deleted_at": datetime(2026, 1, 1)}),
    ],
)
def test_an_event_that_is_over_gets_no_new_packages(building, create, state, columns):
    event = building.event(**columns)
    with pytest.raises(errors.EventClosed) as caught:
        create(event)
    assert caught.value.state == state
    with pytest.raises(errors.NotFound, match="no event"):
        create(uuid4())
    assert building.value("SELECT count(*) FROM packages") == 0


def test_asked_again_for_the_same_package_it_is_made_once(building, database, organizer, summit, zone):
    """An answer that was lost: the person presses the button again."""
    new = NewPackage(Details("VIP", Decimal(500)), summit, 5)
    first = packages.create(database, organizer, new, zone)
    assert packages.create(database, organizer, new, zone) == first
    assert len(building.log(first.id)) == 1


def test_of_four_people_who_make_a_vip_package_at_once_each_gets_a_slug(
    building, database_url, organizer, summit, at_once, zone
):
    """Ruling 21: a race on a slug is nobody's error when nobody typed it."""
    windows = [Database(database_url) for _ in range(4)]
    new = [NewPackage(Details("VIP", Decimal(1)), summit) for _ in range(4)]
    made = at_once(*(partial(packages.create, windows[n], organizer, new[n], zone) for n in range(4)))
    for window in windows:
        window.close()
    assert {one.details.slug for one in made} == {
        "monsoon-summit-vip",
        *(f"monsoon-summit-vip-{n}" for n in (2, 3, 4)),
    }
    assert len(building.value("SELECT packages_ids FROM events WHERE id = %s", summit)) == 4


def test_only_one_of_those_who_type_the_same_slug_at_once_gets_it(
    building, database_url, organizer, summit, at_once, zone
):
    windows = [Database(database_url) for _ in range(3)]
    details = Details("VIP", Decimal(1), "front-row")
    results = at_once(
        *(
            partial(packages.create, window, organizer, NewPackage(details, summit), zone)
            for window in windows
        )
    )
    for window in windows:
        window.close()
    refused = [result for result in results if isinstance(result, errors.InvalidField)]
    assert (len(refused), {error.field for error in refused}) == (2, {"slug"})


@pytest.mark.parametrize("fixture", ["door", "editor"])
def test_the_door_and_editors_make_no_packages(fixture, request, database, building, summit, zone):
    actor = request.getfixturevalue(fixture)
    with pytest.raises(errors.NotAllowed, match="may not create or edit packages"):
        packages.create(database, actor, NewPackage(Details("VIP", Decimal(1)), summit), zone)
    with pytest.raises(errors.NotAllowed):
        packages.read(database, actor, building.package(), zone)


def test_now_is_utc_in_the_columns_the_database_fills(building, create, summit):
    """Ruling 5."""
    made = create(summit)
    stamped = building.row("SELECT created_at, updated_at FROM packages WHERE id = %s", made.id)
    now = datetime.now(UTC).replace(tzinfo=None)
    assert all(abs(now - moment) < timedelta(minutes=1) for moment in stamped.values())
