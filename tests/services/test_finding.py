"""What the command palette finds: events and people across all events."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest

from desktop import errors
from desktop.services.grid import Cancellation, QueryCancelled
from desktop.services.lists import finding

if TYPE_CHECKING:
    from desktop.db.session import Actor, Database

ZONE = ZoneInfo("Asia/Kolkata")


@pytest.fixture
def house(database: Database, organizer: Actor) -> Database:
    """“Zürich Type Night” in 20 days, “Night of Books” in 5, a draft without a date, “Old Night” of last year, and one
    that was deleted; in the first two somebody called Zoë Fernández and further people."""
    with database.transaction() as tx:
        for title, place, start, status, deleted in (
            ("Zürich Type Night", "Toni-Areal", "20 days", "published", False),
            ("Night of Books", "Kochi", "5 days", "published", False),
            ("Night without a date", None, None, "draft", False),
            ("Old Night", "Goa", "-400 days", "completed", False),
            ("Deleted Night", "Goa", "2 days", "published", True),
        ):
            event = uuid4()
            tx.execute(
                "INSERT INTO events (id, created_by, title, slug, location, start_time, end_time, status, deleted_at)"
                " VALUES (:id, :who, :title, :slug, :place, timezone('UTC', now()) + CAST(:start AS interval),"
                " timezone('UTC', now()) + CAST(:start AS interval) + interval '2 hours', :status,"
                " CASE WHEN :deleted THEN now() END)",
                {
                    "id": event, "who": organizer.id, "title": title, "slug": title.lower().replace(" ", "-"),
                    "place": place, "start": start, "status": status, "deleted": deleted,
                },
            )  # fmt: skip
            package = uuid4()
            tx.execute(
                "INSERT INTO packages (id, name, slug, price, duration_days, package_type, event_id)"
                " VALUES (:id, 'Pass', :slug, 0, 0, 'event', :event)",
                {"id": package, "slug": str(package), "event": event},
            )
            for name in ("Zoë Fernández", "محمد العلي", "Łukasz_Nowak 100%"):
                tx.execute(
                    "INSERT INTO event_registrations (id, event_id, package_id, attendee_name, attendee_email, status)"
                    " VALUES (:id, :event, :package, :name, :email, 'registered')",
                    {
                        "id": uuid4(), "event": event, "package": package, "name": name,
                        "email": f"{name.split()[0].lower()}@example.org",
                    },
                )  # fmt: skip
    return database


def titles(database: Database, actor: Actor, text: str) -> list[tuple[str, str]]:
    found = finding.events(database, actor, ZONE, text, Cancellation())
    return [(event.title, event.group) for event in found]


def named(database: Database, actor: Actor, text: str) -> list[tuple[str, str]]:
    return [(one.name, one.event) for one in finding.people_named(database, actor, text, Cancellation())]


def people(database: Database, actor: Actor, text: str) -> list[tuple[str, str]]:
    return sorted((one.name, one.event) for one in finding.people(database, actor, text, Cancellation()))


def test_events_are_found_by_title_and_place_the_nearest_first(house: Database, organizer: Actor) -> None:
    assert titles(house, organizer, "NIGHT") == [
        ("Night of Books", "upcoming"),
        ("Zürich Type Night", "upcoming"),
        ("Old Night", "past"),
        ("Night without a date", "drafts"),
    ]
    assert titles(house, organizer, "areal zurich") == [("Zürich Type Night", "upcoming")]
    assert titles(house, organizer, "nothing like it") == []


def test_people_whose_name_or_address_begins_so_come_by_how_near_their_event_is(
    house: Database, organizer: Actor
) -> None:
    events = ["Night of Books", "Zürich Type Night", "Old Night", "Night without a date"]
    assert named(house, organizer, "zoe") == [("Zoë Fernández", event) for event in events]
    assert named(house, organizer, "ZOË fern") == [("Zoë Fernández", event) for event in events]
    assert named(house, organizer, "zoë@example")[0] == ("Zoë Fernández", "Night of Books")
    assert named(house, organizer, "محمد")[0] == ("محمد العلي", "Night of Books")
    assert named(house, organizer, "fernandez") == []


def test_people_are_found_anywhere_in_the_name_whatever_the_accents_and_the_order(
    house: Database, organizer: Actor
) -> None:
    events = ["Night of Books", "Night without a date", "Old Night", "Zürich Type Night"]
    assert people(house, organizer, "fernandez zoe") == [("Zoë Fernández", event) for event in events]
    assert people(house, organizer, "العلي")[0] == ("محمد العلي", "Night of Books")
    assert people(house, organizer, "nobody") == []


def test_the_signs_of_a_pattern_are_letters_like_others(house: Database, organizer: Actor) -> None:
    assert {name for name, _ in people(house, organizer, "_")} == {"Łukasz_Nowak 100%"}
    assert {name for name, _ in people(house, organizer, "100%")} == {"Łukasz_Nowak 100%"}
    assert people(house, organizer, "%%") == []
    assert named(house, organizer, "%") == []


def test_no_more_than_a_screen_full_is_found(house: Database, organizer: Actor) -> None:
    found = finding.people(house, organizer, "example", Cancellation())
    assert len(found) == finding.PEOPLE_AT_MOST
    assert {type(one.id) for one in found} == {UUID}


def test_who_may_not_see_it_finds_nothing(house: Database, editor: Actor, door: Actor) -> None:
    assert people(house, door, "zoe")
    for look in (finding.people, finding.people_named):
        with pytest.raises(errors.NotAllowed, match="may not see registrations"):
            look(house, editor, "zoe", Cancellation())
    with pytest.raises(errors.NotAllowed, match="may not see events"):
        finding.events(house, editor, ZONE, "night", Cancellation())


def test_a_search_nobody_waits_for_does_not_run(house: Database, organizer: Actor) -> None:
    given_up = Cancellation()
    given_up.cancel()
    with pytest.raises(QueryCancelled):
        finding.people(house, organizer, "zoe", given_up)


@pytest.mark.parametrize(
    "text", ["\0", "\ud83d", "Zo\0e", "zoe " * 20_000, " ".join(map(str, range(20_000)))]
)
def test_what_nobody_types_on_purpose_is_searched_for_all_the_same(database, admin, building, text):
    building.registration(building.package(), "zoe@example.org", attendee_name="Zoe")
    named = finding.people_named(database, admin, text, Cancellation())
    anywhere = finding.people(database, admin, text, Cancellation())
    assert [len(named), len(anywhere)] == ([1, 1] if text[:2] in {"Zo", "zo"} else [0, len(text) == 1])
