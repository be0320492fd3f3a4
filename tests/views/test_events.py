"""The events over a real database: which are listed, what the panel says, and what happens when it fails."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QAbstractButton, QLabel, QPushButton, QWidget

from desktop import errors
from desktop.services.lists import event_detail, events
from desktop.views.events import EventsScreen
from desktop.views.widgets.meter import Meter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from uuid import UUID

    from desktop.db.session import Actor, Database
    from desktop.services.workspace import Workspace

Loop = Any
Until = Any
Keyboard = Any
Show = Any
Building = Any

CTRL = Qt.KeyboardModifier.ControlModifier
NOW = datetime.now(UTC).replace(tzinfo=None, minute=0, second=0, microsecond=0)
DOWN = errors.DatabaseDown("“gala” on db.example", "nothing answers there")


@pytest.fixture
def year(building: Building, organizer: Actor) -> dict[str, UUID]:
    """An event or two of each group."""

    def event(title: str, days: int, status: str = "published", **more: Any) -> UUID:
        start = NOW + timedelta(days=days)
        return building.event(
            title=title, start_time=start, end_time=start + timedelta(hours=3), status=status, **more
        )

    return {
        "gala": event("Winter Gala", 30, location="Pune", time_zone="Asia/Kolkata"),
        "type": event("Zürich Type Night", 3, location="Toni-Areal", time_zone="Europe/Zurich"),
        "draft": event("Spring Fair", 90, "draft", location="Chennai"),
        "gone": event("Autumn Fair", -90, location="Chennai"),
        "done": event("Harvest Dinner", -200, "completed", location="Nashik"),
        "off": event("Beach Run", 10, "cancelled", location="Goa"),
        "deleted": event("Never Mind", 10, deleted_at=NOW),
    }


@pytest.fixture
def screen(
    in_window: Show, workspace_of: Callable[[Actor], Workspace], organizer: Actor
) -> Iterator[EventsScreen]:
    made = EventsScreen(workspace_of(organizer))
    in_window(made)
    yield made
    made.close_down()


def titles(screen: EventsScreen) -> list[str]:
    model = screen.list.model
    return [model.index(row, 0).data() for row in range(model.rowCount())]


def texts(widget: QWidget) -> list[str]:
    """Every label in it that can be seen."""
    return [label.text() for label in widget.findChildren(QLabel) if label.isVisible()]


def chips(screen: EventsScreen) -> list[str]:
    return [one.text() for one in screen._chips.findChildren(QPushButton)]


def press(widget: QWidget, text: str) -> None:
    """Press a button that can be seen."""
    buttons = [one for one in widget.findChildren(QPushButton) if one.isVisible()]
    next(one for one in buttons if one.text().replace("&", "") == text).click()


async def listed(screen: EventsScreen, until: Until, *expected: str) -> None:
    await until(lambda: not screen.list.model.is_loading and titles(screen) == list(expected))


def test_the_coming_events_are_listed_the_next_one_first_and_each_group_is_counted(
    in_loop: Loop, until: Until, screen: EventsScreen, year: dict[str, UUID]
) -> None:
    async def scenario() -> None:
        screen.open()
        await listed(screen, until, "Zürich Type Night", "Winter Gala")
        await until(lambda: chips(screen) == ["Upcoming 2", "Drafts 1", "Past 2", "Cancelled 1"])

    in_loop(scenario())


@pytest.mark.parametrize(
    ("group", "expected"),
    [
        ("drafts", ["Spring Fair"]),
        ("past", ["Harvest Dinner", "Autumn Fair"]),
        ("cancelled", ["Beach Run"]),
    ],
)
def test_a_group_lists_its_own_events(
    in_loop: Loop,
    until: Until,
    screen: EventsScreen,
    year: dict[str, UUID],
    group: str,
    expected: list[str],
) -> None:
    said: list[str] = []
    screen.status_changed.connect(said.append)

    async def scenario() -> None:
        screen.open()
        screen._chips.choose(group)
        await listed(screen, until, *expected)
        assert said[-1] == ("1 event" if len(expected) == 1 else f"{len(expected)} events")

    in_loop(scenario())


def test_the_search_goes_over_titles_and_places_without_accents_and_case(
    in_loop: Loop, until: Until, screen: EventsScreen, year: dict[str, UUID], keyboard: Keyboard
) -> None:
    async def scenario() -> None:
        screen.open()
        await listed(screen, until, "Zürich Type Night", "Winter Gala")
        keyboard.press(Qt.Key.Key_F, CTRL)
        keyboard.type("zurich toni")
        await listed(screen, until, "Zürich Type Night")
        keyboard.press(Qt.Key.Key_Down)
        assert screen.list.table.hasFocus()

    in_loop(scenario())


@pytest.mark.parametrize(
    ("group", "sentence", "offer", "leads_to"),
    [
        ("upcoming", "Nothing is planned.", "Show drafts", "drafts"),
        ("drafts", "There are no drafts.", "Show upcoming events", "upcoming"),
        ("past", "Nothing has taken place yet.", "Show upcoming events", "upcoming"),
        ("cancelled", "Nothing was cancelled.", "Show upcoming events", "upcoming"),
    ],
)
def test_an_empty_group_says_so_and_offers_another_one(
    in_loop: Loop, until: Until, screen: EventsScreen, group: str, sentence: str, offer: str, leads_to: str
) -> None:
    async def scenario() -> None:
        screen.open()
        screen._chips.choose(group)
        await until(lambda: screen.list.state() == "empty" and not screen.list.model.is_loading)
        assert screen.list.sentence() == sentence
        assert texts(screen.panel) == []
        press(screen.list, offer)
        assert screen._chips.current() == leads_to
        await until(lambda: screen.list.sentence() != sentence and screen.list.state() == "empty")

    in_loop(scenario())


def test_a_search_that_finds_nothing_says_so_and_offers_to_clear_it(
    in_loop: Loop, until: Until, screen: EventsScreen, year: dict[str, UUID], keyboard: Keyboard
) -> None:
    async def scenario() -> None:
        screen.open()
        keyboard.press(Qt.Key.Key_F, CTRL)
        keyboard.type("no 100% such thing %1")
        await until(lambda: screen.list.state() == "empty")
        assert screen.list.sentence() == "No event here matches “no 100% such thing %1”."
        press(screen.list, "Clear the search")
        await listed(screen, until, "Zürich Type Night", "Winter Gala")
        await until(screen.list.table.hasFocus)

    in_loop(scenario())


def test_blanks_alone_search_for_nothing(
    in_loop: Loop, until: Until, screen: EventsScreen, keyboard: Keyboard
) -> None:
    async def scenario() -> None:
        screen.open()
        keyboard.press(Qt.Key.Key_F, CTRL)
        keyboard.type("   ")
        screen._chips.choose("drafts")
        await until(lambda: screen.list.sentence() == "There are no drafts.")

    in_loop(scenario())


def test_enter_goes_to_the_registrations_of_the_event_one_stands_on(
    in_loop: Loop, until: Until, screen: EventsScreen, year: dict[str, UUID], keyboard: Keyboard
) -> None:
    went: list[tuple[str, object]] = []
    screen.went.connect(lambda *where: went.append(where))

    async def scenario() -> None:
        screen.open()
        await until(lambda: screen.list.row() is not None and screen.list.table.hasFocus())
        keyboard.press(Qt.Key.Key_Down)
        keyboard.press(Qt.Key.Key_Return)
        assert went == [("registrations", year["gala"])]
        await until(lambda: "Winter Gala" in texts(screen.panel))
        press(screen.panel, "Registrations")
        assert went[1:] == [("registrations", year["gala"])]

    in_loop(scenario())


def test_the_panel_follows_the_selection_and_says_how_full_each_package_is(
    in_loop: Loop,
    until: Until,
    screen: EventsScreen,
    year: dict[str, UUID],
    building: Building,
    keyboard: Keyboard,
) -> None:
    event = year["type"]
    small = building.package(event, name="Workshop", capacity=2, price=4500)
    building.registration(small, "a@example.org", status="registered")
    building.registration(small, "b@example.org", status="attended")
    building.waiting(small, "c@example.org", "d@example.org", "e@example.org")
    half = building.package(event, name="Supper", capacity=4, price="49.50")
    building.registration(half, "a@example.org", status="registered")
    free = building.package(event, name="Stroll", price=0)
    building.registration(free, "a@example.org", status="registered")
    old = building.package(event, name="Early bird", capacity=5, price=100, is_active=False)
    building.registration(old, "f@example.org", status="registered")

    async def scenario() -> None:
        screen.open()
        await until(lambda: "Zürich Type Night" in texts(screen.panel))
        said = texts(screen.panel)
        assert "Toni-Areal" in said
        assert "Published" in said
        assert any(text.endswith("· Europe/Zurich") for text in said)
        shown = {text: said[said.index(text) + 1] for text in said if " · ₹" in text or " · Free" in text}
        assert shown == {
            "Workshop · ₹4,500": "2 / 2 · full",
            "Supper · ₹49.50": "1 / 4",
            "Stroll · Free": "1 · no limit",
            "Early bird · ₹100 · retired": "1 / 5",
        }
        assert said.count("3 waiting") == 1
        meters = [one for one in screen.panel.findChildren(Meter) if one.isVisible()]
        assert [(one.accessibleName(), one.fraction) for one in meters] == [
            ("Workshop · ₹4,500: 2 / 2 · full", 1.0),
            ("Supper · ₹49.50: 1 / 4", 0.25),
            ("Early bird · ₹100 · retired: 1 / 5", 0.2),
        ]
        keyboard.press(Qt.Key.Key_Down)
        await until(lambda: "Winter Gala" in texts(screen.panel))
        assert "This event has no packages yet." in texts(screen.panel)

    in_loop(scenario())


def test_the_panel_is_read_again_with_the_list(
    in_loop: Loop, until: Until, screen: EventsScreen, year: dict[str, UUID], building: Building
) -> None:
    async def scenario() -> None:
        screen.open()
        await until(lambda: "This event has no packages yet." in texts(screen.panel))
        building.package(year["type"], name="Supper", capacity=4)
        screen.refresh()
        await until(lambda: "0 / 4" in texts(screen.panel))
        building.package(year["type"], name="Lunch", capacity=7)
        screen.open()  # back from another place
        await until(lambda: "0 / 7" in texts(screen.panel))

    in_loop(scenario())


def test_an_event_in_another_zone_says_which_and_its_tooltip_says_all(
    in_loop: Loop, until: Until, screen: EventsScreen, year: dict[str, UUID], building: Building
) -> None:
    building.do(
        "UPDATE events SET start_time = %s WHERE id = %s",
        datetime(NOW.year + 1, 1, 8, 18),
        year["type"],
    )

    async def scenario() -> None:
        screen.open()
        await listed(screen, until, "Winter Gala", "Zürich Type Night")
        at_home, abroad = (screen.list.model.index(row, 1) for row in (0, 1))
        assert "19:00" in abroad.data()
        assert abroad.data().endswith(" CET")
        assert not at_home.data().endswith(" IST")
        assert abroad.data(Qt.ItemDataRole.ToolTipRole).endswith("19:00 CET (Europe/Zurich)")

    in_loop(scenario())


def test_an_event_deleted_meanwhile_leaves_the_list_and_the_panel_goes_on_to_the_next(
    in_loop: Loop, until: Until, screen: EventsScreen, year: dict[str, UUID], building: Building
) -> None:
    async def scenario() -> None:
        screen.open()
        await until(lambda: "Zürich Type Night" in texts(screen.panel))
        building.do("UPDATE events SET deleted_at = %s WHERE id = %s", NOW, year["gala"])
        screen.list.table.selectRow(1)
        await listed(screen, until, "Zürich Type Night")
        await until(lambda: "Zürich Type Night" in texts(screen.panel))
        assert "Winter Gala" not in texts(screen.panel)
        assert screen.messages.text() == "“Winter Gala” was deleted meanwhile."
        await until(lambda: chips(screen)[0] == "Upcoming 1")
        building.do("UPDATE events SET deleted_at = %s WHERE id = %s", NOW, year["type"])
        screen.refresh()
        await until(lambda: screen.list.state() == "empty")
        assert texts(screen.panel) == []

    in_loop(scenario())


def test_a_database_that_fails_is_a_page_with_retry_and_retry_brings_everything(
    in_loop: Loop,
    until: Until,
    screen: EventsScreen,
    year: dict[str, UUID],
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    connect = database.engine.connect

    def refuse() -> Any:
        raise DOWN

    async def scenario() -> None:
        monkeypatch.setattr(database.engine, "connect", refuse)
        screen.open()
        await until(lambda: screen.list.state() == "offline")
        assert "nothing answers there" in screen.list.sentence()
        assert texts(screen.panel) == []
        monkeypatch.setattr(database.engine, "connect", connect)
        press(screen.list, "Retry")
        await listed(screen, until, "Zürich Type Night", "Winter Gala")
        await until(lambda: chips(screen)[0] == "Upcoming 2")
        assert screen.messages.text() == ""
        await until(lambda: "Zürich Type Night" in texts(screen.panel))

    in_loop(scenario())


def test_a_panel_that_cannot_be_read_does_not_show_another_event(
    in_loop: Loop,
    until: Until,
    screen: EventsScreen,
    year: dict[str, UUID],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read = event_detail.read

    def fail(*_given: Any) -> Any:
        raise DOWN

    async def scenario() -> None:
        screen.open()
        await until(lambda: "Zürich Type Night" in texts(screen.panel))
        monkeypatch.setattr(event_detail, "read", fail)
        screen.list.table.selectRow(1)
        await until(screen.messages.text)
        assert "Zürich Type Night" not in texts(screen.panel)
        monkeypatch.setattr(event_detail, "read", read)
        press(screen.messages, "Retry")
        await until(lambda: "Winter Gala" in texts(screen.panel))
        assert screen.messages.text() == ""

    in_loop(scenario())


def test_a_late_answer_does_not_replace_what_is_shown_by_now(
    in_loop: Loop,
    until: Until,
    screen: EventsScreen,
    year: dict[str, UUID],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read, go_on, answered = event_detail.read, threading.Event(), threading.Event()

    def slow(database: Database, actor: Actor, event_id: UUID, *rest: Any) -> Any:
        if event_id == year["gala"]:
            go_on.wait(10)
            answered.set()
        return read(database, actor, event_id, *rest)

    monkeypatch.setattr(event_detail, "read", slow)

    async def scenario() -> None:
        screen.open()
        await until(lambda: "Zürich Type Night" in texts(screen.panel))
        screen.list.table.selectRow(1)
        screen.list.table.selectRow(0)
        go_on.set()
        await until(answered.is_set)

    in_loop(scenario())  # which waits for the end of all reading
    assert "Zürich Type Night" in [one.text() for one in screen.panel.findChildren(QLabel)]


def test_counts_that_cannot_be_read_are_said_above_the_list(
    in_loop: Loop,
    until: Until,
    screen: EventsScreen,
    year: dict[str, UUID],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    facets = events.facets

    def fail(*_given: Any) -> Any:
        raise DOWN

    async def scenario() -> None:
        monkeypatch.setattr(events, "facets", fail)
        screen.open()
        await until(screen.messages.text)
        await until(lambda: screen.list.state() == "content")
        monkeypatch.setattr(events, "facets", facets)
        press(screen.messages, "Retry")
        await until(lambda: chips(screen)[0] == "Upcoming 2")

    in_loop(scenario())


def test_every_control_has_a_name_and_tab_reaches_all_of_them(
    in_loop: Loop, until: Until, screen: EventsScreen, year: dict[str, UUID], keyboard: Keyboard
) -> None:
    async def scenario() -> None:
        screen.open()
        await until(lambda: "Zürich Type Night" in texts(screen.panel))
        await until(lambda: chips(screen)[0] == "Upcoming 2")
        screen._search.setFocus()
        assert [stop.accessibleName() for stop in keyboard.stops()] == [
            "Search title, place…",
            "Upcoming, 2",
            "Events",
            "Column titles",
            "Event",
            "Registrations",
            "Export…",
        ]
        buttons = [one for one in screen.findChildren(QAbstractButton) if one.isVisible()]
        assert [one for one in buttons if not one.accessibleName() and not one.text()] == []

    in_loop(scenario())


def test_every_word_of_ours_can_be_translated(
    in_loop: Loop,
    until: Until,
    in_window: Show,
    workspace_of: Callable[[Actor], Workspace],
    organizer: Actor,
    year: dict[str, UUID],
    in_another_language: None,
) -> None:
    screen = EventsScreen(workspace_of(organizer))
    in_window(screen)

    async def scenario() -> None:
        screen.open()
        await until(lambda: "Zürich Type Night" in texts(screen.panel))
        await until(lambda: "2" in chips(screen)[0])
        data = {"Zürich Type Night", "Toni-Areal"}
        plain = [text for text in texts(screen) if text and text not in data and "‹" not in text]
        assert [text for text in plain if "Europe/Zurich" not in text] == []
        assert all("‹" in text for text in chips(screen))
        heads = [
            screen.list.model.headerData(column, Qt.Orientation.Horizontal)
            for column in range(screen.list.model.columnCount())
        ]
        assert all("‹" in head for head in heads)
        screen.close_down()

    in_loop(scenario())
    assert QCoreApplication.translate("anything", "x") == "‹x›"
