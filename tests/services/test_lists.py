"""The lists and panels over a small, known house: one summit with three packages, and some other events."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest

from desktop.errors import NotAllowed, NotFound
from desktop.services.grid import Cancellation, Grid, Order
from desktop.services.lists import audit, event_detail, events, registration_detail, registrations
from tests.statements import Statement, heard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from desktop.db.session import Actor, Database

KOLKATA = ZoneInfo("Asia/Kolkata")
THIS_YEAR = datetime.now(KOLKATA).year
NOBODY = Cancellation()


@dataclass
class House:
    """Makes rows; everything not named has a plain default."""

    database: Database
    actor: Actor

    def insert(self, table: str, **values: Any) -> UUID:
        row = {"id": uuid4(), **values}
        names = ", ".join(row)
        with self.database.transaction() as tx:
            tx.execute(f"INSERT INTO {table} ({names}) VALUES ({', '.join(':' + n for n in row)})", row)
        return row["id"]

    def event(self, title: str | None, **values: Any) -> UUID:
        soon = datetime.now(UTC).replace(tzinfo=None) + timedelta(days=20)
        given = {
            "created_by": self.actor.id,
            "title": title,
            "slug": uuid4().hex,
            "location": "Palace Grounds",
            "start_time": soon,
            "end_time": soon + timedelta(hours=9),
            "status": "published",
            **values,
        }
        return self.insert("events", **given)

    def package(self, event_id: UUID, name: str, price: int = 0, **values: Any) -> UUID:
        given = {
            "event_id": event_id,
            "name": name,
            "price": price,
            "slug": uuid4().hex,
            "duration_days": 0,
            "package_type": "event",
            **values,
        }
        return self.insert("packages", **given)

    def order(self, package_id: UUID, amount: str, status: str, currency: str = "INR") -> UUID:
        return self.insert(
            "orders",
            user_id=self.actor.id,
            package_id=package_id,
            payment_id=uuid4().hex,
            amount_paid=amount,
            payment_status=status,
            currency=currency,
        )

    def person(self, event_id: UUID, package_id: UUID, name: str | None, **values: Any) -> UUID:
        given = {
            "event_id": event_id,
            "package_id": package_id,
            "attendee_name": name,
            "attendee_email": f"{uuid4().hex}@example.org",
            "status": "registered",
            **values,
        }
        return self.insert("event_registrations", **given)


@pytest.fixture
def house(database: Database, admin: Actor) -> House:
    return House(database, admin)


@dataclass
class Summit:
    """A paid event in Kolkata: Conference 4,500, Workshop 9,000 (2 seats), Student free."""

    house: House
    event: UUID
    conference: UUID
    workshop: UUID
    student: UUID

    def add(self, package_id: UUID, name: str | None, **values: Any) -> UUID:
        return self.house.person(self.event, package_id, name, **values)

    @property
    def grid(self) -> Grid[registrations.Where, registrations.RegistrationRow]:
        return registrations.grid(self.house.database, self.house.actor, self.event, KOLKATA)

    def names(self, order: Order | None = None, **where: Any) -> list[str]:
        rows = self.grid.first(order or Order("name"), registrations.Where(**where), 128, NOBODY)
        return [row.name for row in rows]

    def row(self, registration_id: UUID) -> registrations.RegistrationRow:
        return next(iter(self.grid.rows([registration_id.bytes], NOBODY)))


@pytest.fixture
def summit(house: House) -> Summit:
    event = house.event("Monsoon Data Summit", payment_required=True, time_zone="Asia/Kolkata")
    return Summit(
        house,
        event,
        conference=house.package(event, "Conference", 4500),
        workshop=house.package(event, "workshop pass", 9000, capacity=2),
        student=house.package(event, "Étudiant"),
    )


@pytest.fixture
def statements(database: Database) -> Iterator[list[Statement]]:
    """Every SQL statement sent while the test runs."""
    with heard(database) as sent:
        yield sent


def stored(year: int, month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute)


def test_a_registration_is_told_in_words_and_in_the_events_zone(summit: Summit) -> None:
    order = summit.house.order(summit.conference, "4500.00", "paid")
    zoe = summit.add(
        summit.conference,
        "Zoë Fernández",
        attendee_email="zoe@example.org",
        order_id=order,
        registered_at=stored(THIS_YEAR, 6, 2, 5, 32),
    )
    assert summit.row(zoe) == registrations.RegistrationRow(
        id=zoe,
        package_id=summit.conference,
        name="Zoë Fernández",
        email="zoe@example.org",
        package="Conference",
        status="registered",
        waitlist_position=None,
        payment="₹4,500 paid",
        payment_due=False,
        registered="2 Jun 11:02",
        registered_in_full=f"{datetime(THIS_YEAR, 6, 2, tzinfo=UTC):%a} 2 Jun {THIS_YEAR}, 11:02 IST (Asia/Kolkata)",
        order_id=order,
    )
    last_year = summit.add(summit.student, "Old", registered_at=stored(THIS_YEAR - 1, 6, 30, 20))
    assert summit.row(last_year).registered == f"1 Jul {THIS_YEAR - 1} 01:30"


@pytest.mark.parametrize(
    ("package", "status", "order", "told", "due"),
    [
        ("conference", "registered", ("4500", "pending", "INR"), "₹4,500 pending", True),
        ("conference", "registered", ("1234567.50", "paid", "EUR"), "€1,234,567.50 paid", False),
        ("conference", "cancelled", ("80", "refunded", "CHF"), "CHF 80 refunded", False),
        ("conference", "registered", ("0", "paid", "INR"), "Free", False),
        ("conference", "registered", None, "Not paid", True),
        ("conference", "attended", ("4500", "failed", "INR"), "₹4,500 failed", False),
        ("conference", "waitlisted", None, "—", False),
        ("student", "registered", None, "Free", False),
    ],
)
def test_payments_are_told_as_they_matter(
    summit: Summit, package: str, status: str, order: tuple[str, str, str] | None, told: str, due: bool
) -> None:
    package_id = getattr(summit, package)
    order_id = summit.house.order(package_id, *order) if order else None
    row = summit.row(summit.add(package_id, "Somebody", status=status, order_id=order_id))
    assert (row.payment, row.payment_due) == (told, due)


def test_an_event_that_takes_no_payment_has_none_due(house: House) -> None:
    event = house.event("Open day", payment_required=False)
    package = house.package(event, "Supporter", 100)
    somebody = house.person(event, package, "Somebody")
    (row,) = registrations.grid(house.database, house.actor, event, KOLKATA).rows([somebody.bytes], NOBODY)
    assert (row.payment, row.payment_due) == ("—", False)


def test_a_list_holds_the_registrations_of_its_event_only(summit: Summit) -> None:
    summit.add(summit.student, "Here")
    other = summit.house.event("Other")
    there = summit.house.person(other, summit.house.package(other, "P"), "There")
    assert summit.names() == ["Here"]
    assert list(summit.grid.rows([there.bytes], NOBODY)) == []
    assert summit.grid.matching(registrations.Where(), [there.bytes], NOBODY) == []


def test_people_are_sorted_by_name_whatever_its_accents_and_case(summit: Summit) -> None:
    for name in ("Zoë", "łukasz", "Ángel", "aarav", "李雷", "Bob"):
        summit.add(summit.student, name)
    assert summit.names() == ["aarav", "Ángel", "Bob", "łukasz", "Zoë", "李雷"]
    assert summit.names(Order("name", descending=True)) == ["李雷", "Zoë", "łukasz", "Bob", "Ángel", "aarav"]


def test_people_without_a_name_are_sorted_and_found_by_their_address(summit: Summit) -> None:
    summit.add(summit.student, None, attendee_email="mm@example.org")
    summit.add(summit.student, "Nina")
    summit.add(summit.student, "Lea")
    assert summit.names() == ["Lea", "", "Nina"]
    assert summit.names(text="mm@") == [""]


def test_every_column_sorts_and_blanks_of_waitlist_and_payment_stay_last(summit: Summit) -> None:
    paid = summit.house.order(summit.conference, "4500", "paid")
    pending = summit.house.order(summit.conference, "100", "pending")
    people: list[tuple[str, UUID, dict[str, Any]]] = [
        ("a", summit.workshop, {"attendee_email": "C@x.org", "status": "waitlisted", "waitlist_position": 2}),
        ("b", summit.conference, {"attendee_email": "a@x.org", "status": "attended", "order_id": paid}),
        ("c", summit.workshop, {"attendee_email": "d@x.org", "status": "waitlisted", "waitlist_position": 1}),
        ("d", summit.student, {"attendee_email": "b@x.org", "status": "no_show", "order_id": pending}),
    ]
    for number, (name, package, values) in enumerate(people):
        summit.add(package, name, registered_at=stored(2026, 1, 9 - number, 12), **values)
    expected = {
        "name": ("abcd", "dcba"),
        "email": ("bdac", "cadb"),
        "package": ("bdac", "cadb"),  # Conference, Étudiant, workshop pass: by name, then by the person's
        "status": ("bdac", "cadb"),
        "registered": ("dcba", "abcd"),
    }
    for key, (upwards, downwards) in expected.items():
        assert "".join(summit.names(Order(key))) == upwards, key
        assert "".join(summit.names(Order(key, descending=True))) == downwards, key
    assert "".join(summit.names(Order("waitlist")))[:2] == "ca"
    assert "".join(summit.names(Order("waitlist", descending=True)))[:2] == "ac"
    assert "".join(summit.names(Order("payment"))) == "bdac"
    assert "".join(summit.names(Order("payment", descending=True)))[:2] == "db"


@pytest.mark.parametrize(
    ("key", "index"),
    [
        ("name", "idx_event_regs_name"),
        ("email", "idx_event_regs_email"),
        ("status", "idx_event_regs_status"),
        ("registered", "idx_event_regs_registered"),
    ],
)
@pytest.mark.parametrize("descending", [False, True])
def test_an_index_gives_the_rows_in_order_without_sorting(
    summit: Summit, key: str, index: str, descending: bool
) -> None:
    ordered = summit.grid._listing.sorts[key].sql("r.id", descending=descending)
    with summit.house.database.transaction() as tx:
        tx.execute("SET LOCAL enable_seqscan = off")
        tx.execute("SET LOCAL enable_bitmapscan = off")
        tx.execute(
            "SET LOCAL enable_sort = off"
        )  # which is cheaper for the one row that is left of old statistics
        plan = tx.rows(
            "EXPLAIN SELECT r.id FROM event_registrations r WHERE r.event_id = :event"
            f" ORDER BY {ordered} LIMIT 128",
            {"event": summit.event},
        )
    text = "\n".join(line[0] for line in plan)
    assert index in text
    assert "Sort" not in text


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("zoe", ["Zoë Fernández"]),
        ("FERNANDEZ zoë", ["Zoë Fernández"]),
        ("lukasz", ["Łukasz Nowak"]),
        ("李", ["李雷"]),
        ("العلي", ["محمد العلي"]),
        ("Nowak@Example", ["Łukasz Nowak"]),
        ("nowak zoe", []),
        ("98450 12345", ["Łukasz Nowak"]),
        ("(984)50-123", ["Łukasz Nowak"]),
        ("+9198450", ["Łukasz Nowak"]),
        ("%", ["50% off"]),
        ("50%", ["50% off"]),
        ("_", []),
        ("!", []),
        ("5!0", []),
        ("'; --", []),
        ("   ", ["50% off", "Zoë Fernández", "Łukasz Nowak", "محمد العلي", "李雷"]),
    ],
)
def test_each_word_is_searched_in_name_address_and_phone(summit: Summit, text: str, found: list[str]) -> None:
    for name in ("Zoë Fernández", "李雷", "محمد العلي", "50% off"):
        summit.add(summit.student, name)
    summit.add(
        summit.student,
        "Łukasz Nowak",
        attendee_email="L.Nowak@example.org",
        phone_number="+91 98450-12345",
    )
    assert sorted(summit.names(text=text)) == sorted(found)


def test_a_word_with_digits_in_it_is_no_phone_number(summit: Summit) -> None:
    summit.add(summit.student, "Room 12", attendee_email="p12345@example.org")
    summit.add(summit.student, "Caller", attendee_email="caller@example.org", phone_number="9845012345")
    assert summit.names(text="p12345") == ["Room 12"]
    assert summit.names(text="12345") == ["Caller", "Room 12"]


def test_status_and_package_filter_together_with_the_search(summit: Summit) -> None:
    summit.add(summit.workshop, "Zoë", status="waitlisted")
    summit.add(summit.student, "Zoé", status="waitlisted")
    summit.add(summit.workshop, "Zoe", status="cancelled")
    summit.add(summit.workshop, "Ann", status="waitlisted")
    assert summit.names(status="waitlisted", package_id=summit.workshop, text="zoe") == ["Zoë"]
    assert sorted(summit.names(status="waitlisted")) == ["Ann", "Zoé", "Zoë"]


def test_chips_count_every_registration_by_status_and_package(summit: Summit) -> None:
    for package, status in (
        (summit.workshop, "registered"),
        (summit.workshop, "waitlisted"),
        (summit.workshop, "waitlisted"),
        (summit.student, "registered"),
    ):
        summit.add(package, "Somebody", status=status)
    with summit.house.database.transaction() as tx:
        tx.execute("UPDATE packages SET is_active = false WHERE id = :id", {"id": summit.conference})
    facets = registrations.facets(summit.house.database, summit.house.actor, summit.event)
    assert facets.total == 4
    assert dict(facets.counts()) == {"registered": 2, "waitlisted": 2}
    assert dict(facets.counts(summit.workshop)) == {"registered": 1, "waitlisted": 2}
    assert dict(facets.counts(summit.conference)) == {}
    assert {(package.name, package.count, package.active) for package in facets.packages} == {
        ("workshop pass", 3, True),
        ("Étudiant", 1, True),
        ("Conference", 0, False),
    }


def event_rows(
    house: House, order: Order | None = None, zone: ZoneInfo = KOLKATA, **where: Any
) -> list[events.EventRow]:
    grid = events.grid(house.database, house.actor, zone)
    return list(grid.first(order or Order("when"), events.Where(**where), 128, NOBODY))


def test_events_are_grouped_by_what_they_are_to_the_organizer(house: House) -> None:
    now = datetime.now(UTC).replace(tzinfo=None)
    day = timedelta(days=1)
    house.event("soon", start_time=now + day, end_time=None)
    house.event("on now", start_time=now - timedelta(hours=1), end_time=now + timedelta(hours=1))
    house.event("over", start_time=now - day, end_time=now - day / 2)
    house.event("over, never told when", start_time=now - 2 * day, end_time=None)
    house.event("completed", status="completed")
    house.event(None, status="draft", start_time=None, end_time=None, location=None)
    house.event("off", status="cancelled")
    house.event("deleted", deleted_at=now)
    titles = {group: [row.title for row in event_rows(house, group=group)] for group in events.GROUPS}
    assert titles == {
        "upcoming": ["on now", "soon"],
        "drafts": [""],
        "past": ["over, never told when", "over", "completed"],
        "cancelled": ["off"],
    }
    counts = events.facets(house.database, house.actor)
    assert counts == {group: len(found) for group, found in titles.items()}


def test_an_event_adds_up_the_seats_of_its_active_packages(house: House) -> None:
    def seats(title: str) -> tuple[int, int | None, int, int]:
        (row,) = event_rows(house, text=title)
        return row.held, row.capacity, row.waiting, row.packages

    limited = house.event("limited")
    first = house.package(limited, "First", capacity=3)
    second = house.package(limited, "Second", capacity=5)
    retired = house.package(limited, "Retired", capacity=100)
    for package, status in (
        (first, "registered"),
        (first, "attended"),
        (first, "waitlisted"),
        (second, "no_show"),
        (second, "cancelled"),
        (retired, "registered"),
        (retired, "waitlisted"),
    ):
        house.person(limited, package, "Somebody", status=status)
    with house.database.transaction() as tx:
        tx.execute("UPDATE packages SET is_active = false WHERE id = :id", {"id": retired})
    assert seats("limited") == (2, 8, 2, 2)
    house.package(limited, "Anybody")
    assert seats("limited") == (2, None, 2, 3)
    house.event("nothing sold")
    assert seats("nothing sold") == (0, None, 0, 0)


def test_events_are_sorted_by_every_column(house: House) -> None:
    now = datetime.now(UTC).replace(tzinfo=None)
    for days, (title, place, held, capacity, waiting) in enumerate(
        [("Éclair", "b hall", 1, 4, 0), ("dance", "A hall", 3, 4, 2), ("Feast", "C hall", 2, 4, 1)], start=1
    ):
        event = house.event(title, location=place, start_time=now + timedelta(days=days), end_time=None)
        package = house.package(event, "P", capacity=capacity)
        for _ in range(held):
            house.person(event, package, "x")
        for _ in range(waiting):
            house.person(event, package, "x", status="waitlisted")
    expected = {
        "when": "ÉdF",
        "title": "dÉF",
        "place": "dÉF",
        "status": "ÉdF",
        "seats": "ÉFd",
        "waiting": "ÉFd",
    }
    for key, letters in expected.items():
        assert "".join(row.title[0] for row in event_rows(house, Order(key))) == letters, key
        downwards = event_rows(house, Order(key, descending=True))
        assert "".join(row.title[0] for row in downwards) == letters[::-1], key


def test_events_are_found_by_words_of_title_and_place(house: House) -> None:
    house.event("Zürich Type Night", location="Toni-Areal")
    house.event("Monsoon Data Summit", location="Palace Grounds, Bengaluru")
    assert [row.title for row in event_rows(house, text="night toni zurich")] == ["Zürich Type Night"]
    assert [row.title for row in event_rows(house, text="bengaluru")] == ["Monsoon Data Summit"]
    assert event_rows(house, text="night bengaluru") == []


@pytest.mark.parametrize(
    ("zone", "workspace", "told"),
    [
        ("Europe/Zurich", "Asia/Kolkata", "18:00 CET"),
        ("Europe/Zurich", "Europe/Berlin", "18:00"),
        ("Asia/Dubai", "Asia/Kolkata", "21:00 UTC+4"),
        ("Asia/Kathmandu", "Asia/Kolkata", "22:45 UTC+5:45"),
        (None, "Asia/Kolkata", "22:30"),
        ("Not/AZone", "Asia/Kolkata", "22:30"),
    ],
)
def test_an_event_tells_its_zone_where_the_clocks_differ(
    house: House, zone: str | None, workspace: str, told: str
) -> None:
    january = stored(THIS_YEAR + 1, 1, 15, 17)
    house.event("Night", start_time=january, end_time=None, time_zone=zone)
    (row,) = event_rows(house, zone=ZoneInfo(workspace))
    assert row.when.split(", ")[1] == told
    assert str(THIS_YEAR + 1) in row.when_in_full


def test_the_panel_of_an_event_tells_its_packages_and_times(house: House) -> None:
    event = house.event(
        "Monsoon Data Summit",
        time_zone="Asia/Kolkata",
        payment_required=True,
        start_time=stored(2026, 12, 14, 3, 30),
        end_time=stored(2026, 12, 14, 12, 30),
    )
    house.package(event, "Student", 0, capacity=1)
    workshop = house.package(event, "Workshop", 9000, capacity=3)
    house.order(workshop, "90", "paid", "EUR")
    house.person(event, workshop, "In")
    house.person(event, workshop, "Waiting", status="waitlisted")
    detail = event_detail.read(house.database, house.actor, event, ZoneInfo("UTC"))
    assert detail.when == "Mon 14 Dec 2026, 09:00 – 18:00 · Asia/Kolkata"
    first, second = detail.packages
    assert (first.name, first.price, first.held, first.capacity, first.free, first.waiting) == (
        "Workshop",
        "€9,000",
        1,
        3,
        2,
        1,
    )
    assert (second.price, second.free, second.needs_order, first.needs_order) == ("Free", 1, False, True)


def test_a_deleted_event_has_no_panel(house: House) -> None:
    event = house.event("Gone", deleted_at=stored(2026, 1, 1, 0))
    with pytest.raises(NotFound):
        event_detail.read(house.database, house.actor, event, KOLKATA)


def panel(summit: Summit, registration_id: UUID) -> registration_detail.RegistrationDetail:
    return registration_detail.read(summit.house.database, summit.house.actor, registration_id, KOLKATA)


def test_a_place_on_the_waitlist_is_counted_and_not_the_stored_number(summit: Summit) -> None:
    early, late = stored(2026, 1, 1, 0), stored(2026, 1, 2, 0)
    queue = {"status": "waitlisted"}
    gap = summit.add(summit.workshop, "Gap", waitlist_position=7, **queue)
    no_number = summit.add(summit.workshop, "No number", registered_at=early, **queue)
    twice_late = summit.add(summit.workshop, "Twice, late", waitlist_position=3, registered_at=late, **queue)
    twice = summit.add(summit.workshop, "Twice", waitlist_position=3, registered_at=early, **queue)
    summit.add(summit.student, "Another queue", waitlist_position=1, **queue)
    places = {
        panel(summit, one).name: panel(summit, one).place for one in (gap, no_number, twice_late, twice)
    }
    assert places == {"Twice": 1, "Twice, late": 2, "Gap": 3, "No number": 4}
    detail = panel(summit, gap)
    assert (detail.waiting, detail.next_in_line, detail.held, detail.capacity, detail.free) == (
        4,
        "Twice",
        0,
        2,
        2,
    )
    seated = panel(summit, summit.add(summit.workshop, "Seated"))
    assert (seated.place, seated.waiting, seated.free) == (None, 4, 1)


def test_history_is_newest_first_and_in_the_events_zone(summit: Summit) -> None:
    zoe = summit.add(summit.workshop, "Zoë", registered_at=stored(THIS_YEAR - 1, 3, 1, 10))
    house = summit.house
    for hour, action, text in ((12, "waitlist.promote", "Promoted Zoë"), (13, "attendance.admit", None)):
        house.insert(
            "admin_logs",
            admin_id=house.actor.id,
            action_type=action,
            description=text,
            subject_id=zoe,
            logged_at=stored(THIS_YEAR - 1, 3, 1, hour),
        )
    for station, verdict in (("Gate A", "payment_due"), ("Gate B", "admitted")):
        house.insert(
            "check_ins",
            registration_id=zoe,
            action="admit",
            station=station,
            staff_id=house.actor.id,
            decided_at=stored(THIS_YEAR - 1, 3, 1, 14),
            recorded_at=stored(THIS_YEAR - 1, 3, 1, 14),
            decision="asked",
            verdict=verdict,
        )
    history = panel(summit, zoe).history
    assert [(line.when, line.what) for line in history] == [
        (f"1 Mar {THIS_YEAR - 1} 19:30", "Turned away at Gate A: payment due"),
        (f"1 Mar {THIS_YEAR - 1} 18:30", "attendance.admit · ada.admin"),
        (f"1 Mar {THIS_YEAR - 1} 17:30", "Promoted Zoë · ada.admin"),
        (f"1 Mar {THIS_YEAR - 1} 15:30", "Registered"),
    ]


def test_a_registration_made_here_is_not_told_twice(summit: Summit) -> None:
    zoe = summit.add(summit.student, "Zoë")
    house = summit.house
    house.insert(
        "admin_logs",
        admin_id=house.actor.id,
        action_type="registration.add",
        description="Registered Zoë",
        subject_id=zoe,
    )
    assert [line.what for line in panel(summit, zoe).history] == ["Registered Zoë · ada.admin"]


def test_a_registration_that_is_gone_has_no_panel(summit: Summit) -> None:
    with pytest.raises(NotFound):
        panel(summit, uuid4())


def test_the_audit_log_is_searched_by_who_what_and_words(house: House) -> None:
    asha = House(house.database, house.actor).insert("users", username="asha", email="asha@example.org")
    for minute, (who, action, text) in enumerate(
        [
            (house.actor.id, "registration.add", "Registered Zoë Fernández for “Conference”"),
            (asha, "waitlist.promote", "Promoted Łukasz Nowak"),
            (asha, "event.publish", None),
        ]
    ):
        house.insert(
            "admin_logs",
            admin_id=who,
            action_type=action,
            description=text,
            logged_at=stored(THIS_YEAR - 1, 3, 1, 12, minute),
        )
    grid = audit.grid(house.database, house.actor, KOLKATA)
    newest_first = Order("when", descending=True)

    def found(text: str) -> list[str]:
        return [row.action_type for row in grid.first(newest_first, audit.Where(text), 10, NOBODY)]

    assert found("") == ["event.publish", "waitlist.promote", "registration.add"]
    assert found("ZOE conference") == ["registration.add"]
    assert found("asha promote") == ["waitlist.promote"]
    assert found("lukasz") == ["waitlist.promote"]
    assert found("ada.admin") == ["registration.add"]
    (row,) = grid.first(newest_first, audit.Where("publish"), 10, NOBODY)
    assert (row.who, row.when, row.description) == ("asha", f"1 Mar {THIS_YEAR - 1} 17:32", "")


def test_nobody_sees_what_the_role_does_not_include(database: Database, editor: Actor, door: Actor) -> None:
    nothing = uuid4()
    with pytest.raises(NotAllowed):
        registrations.grid(database, editor, nothing, KOLKATA).skeleton(
            Order("name"), registrations.Where(), NOBODY
        )
    with pytest.raises(NotAllowed):
        registrations.facets(database, editor, nothing)
    with pytest.raises(NotAllowed):
        registration_detail.read(database, editor, nothing, KOLKATA)
    with pytest.raises(NotAllowed):
        events.grid(database, editor, KOLKATA).rows([nothing.bytes], NOBODY)
    with pytest.raises(NotAllowed):
        event_detail.read(database, editor, nothing, KOLKATA)
    with pytest.raises(NotAllowed):
        audit.grid(database, door, KOLKATA).first(Order("when"), audit.Where(), 5, NOBODY)


def test_no_list_reads_a_secret(summit: Summit, statements: list[Statement]) -> None:
    somebody = summit.add(summit.student, "Somebody")
    statements.clear()
    summit.names(text="some 123")
    summit.row(somebody)
    panel(summit, somebody)
    event_rows(summit.house, text="x")
    event_detail.read(summit.house.database, summit.house.actor, summit.event, KOLKATA)
    audit.grid(summit.house.database, summit.house.actor, KOLKATA).first(
        Order("when"), audit.Where("x"), 5, NOBODY
    )
    assert len(statements) > 6
    for secret in ("token", "password", "r.*", "u.*"):
        assert not [sql for sql, _ in statements if secret in sql], secret
    kinds = (registrations.RegistrationRow, registration_detail.RegistrationDetail, audit.AuditRow)
    assert not [field.name for kind in kinds for field in fields(kind) if "token" in field.name]
