"""The command palette: what it offers, what it finds, and that the keyboard is where it was afterwards."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from desktop import background, errors
from desktop.services.grid import QueryCancelled
from desktop.services.lists import finding
from desktop.views import shell
from desktop.views.events import EventsScreen
from desktop.views.palette import Palette
from desktop.views.registrations import RegistrationsScreen

if TYPE_CHECKING:
    import pytest

    from desktop.db.session import Actor
    from desktop.views.widgets.entry_list import Entry

Loop = Any
Until = Any
Keyboard = Any
Summit = Any
CTRL = Qt.KeyboardModifier.ControlModifier


async def settled(until: Until) -> None:
    """Nothing is on its way: a key of QTest runs the loop within the loop, and tasks would miss their turn."""
    await until(lambda: not background._tasks)


async def opened(keyboard: Keyboard, until: Until) -> Palette:
    """The palette after Ctrl+K."""
    await settled(until)
    keyboard.press(Qt.Key.Key_K, CTRL)
    field = keyboard.at()
    assert field is not None
    palette = field.window().findChildren(Palette)[-1]
    assert palette.field is field
    return palette


def lines(palette: Palette) -> list[Entry]:
    return [entry for entry in palette.list.entries() if not entry.heading]


def texts(palette: Palette) -> list[str]:
    return [entry.text for entry in lines(palette)]


def test_what_can_be_done_is_offered_with_its_keys_and_done_by_enter(
    in_loop: Loop, window_of: Any, organizer: Actor, summit: Summit, keyboard: Keyboard, until: Until
) -> None:
    async def scenario() -> None:
        window = window_of(organizer)
        await until(lambda: window.shell.current_screen().list.row())
        before = keyboard.at()
        palette = await opened(keyboard, until)
        await until(lambda: {"Add registration", "Audit log"} <= set(texts(palette)))
        offered = {entry.text: entry for entry in lines(palette)}
        assert offered["Add registration"].keys == "Ctrl+N"
        assert offered["Add registration"].why_not == "Choose an event first."
        assert offered["Audit log"].keys == "Ctrl+3"
        assert {"Search this list", "Reload", "Undo", "Dark", "Larger text", "Shortcuts", "Quit"} <= set(
            offered
        )
        await settled(until)
        keyboard.press(Qt.Key.Key_Escape)
        assert keyboard.at() is before
        palette = await opened(keyboard, until)
        keyboard.type("AUD")
        assert texts(palette) == ["Audit log"]
        await settled(until)
        keyboard.press(Qt.Key.Key_Return)
        assert window.shell.side_bar.current() == "audit"

    in_loop(scenario())


def test_the_palette_is_there_before_screens_nobody_went_to_and_they_come_into_it(
    in_loop: Loop,
    window_of: Any,
    organizer: Actor,
    keyboard: Keyboard,
    until: Until,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for pause in ("AHEAD_MS", "SOON_MS"):  # nothing is made but by the turns below
        monkeypatch.setattr(shell, pause, 600_000)

    async def scenario() -> None:
        window = window_of(organizer)
        await until(lambda: window.shell.current_screen().list.model.complete)
        palette = await opened(keyboard, until)
        assert list(window.shell._screens) == ["events"]
        assert {"Export…", "Commands", "Quit"} <= set(texts(palette))
        assert "Add registration" not in texts(palette)
        palette.list.step(3)
        there = palette.list.current()
        for name in ("registrations", "audit"):
            window.shell._ahead.timeout.emit()
            assert list(window.shell._screens)[-1] == name
            now = palette.list.current()
            assert (now.text, now.about) == (
                there.text,
                there.about,
            )  # what Enter takes is what it took before
        assert {"Add registration", "Search this list"} <= set(texts(palette))
        assert "importing" not in vars(window.shell._screens["registrations"])
        await settled(until)
        keyboard.press(Qt.Key.Key_Escape)
        assert window.shell._list_again is None

    in_loop(scenario())


def test_a_command_of_another_screen_goes_there_first(
    in_loop: Loop, window_of: Any, organizer: Actor, summit: Summit, keyboard: Keyboard, until: Until
) -> None:
    async def scenario() -> None:
        window = window_of(organizer)
        window.shell.go("registrations")
        screen = window.shell.current_screen()
        await until(screen.add.isEnabled)
        window.shell.go("events")
        await until(lambda: window.shell.current_screen().list.row())
        await opened(keyboard, until)
        keyboard.type("add reg")
        await settled(until)
        keyboard.press(Qt.Key.Key_Return)
        assert window.shell.current_screen() is screen
        assert screen.form.isVisible()
        assert screen.form.isAncestorOf(keyboard.at())

    in_loop(scenario())


def test_an_event_and_a_person_are_found_and_shown_wherever_they_are(
    in_loop: Loop, window_of: Any, organizer: Actor, summit: Summit, keyboard: Keyboard, until: Until
) -> None:
    zoe = summit.add("Zoë Fernández")
    summit.add("محمد العلي")

    async def scenario() -> None:
        window = window_of(organizer)
        await until(lambda: window.shell.current_screen().list.row())
        window.shell.current_screen()._chips.choose("past")
        palette = await opened(keyboard, until)
        keyboard.type("monsoon")
        await until(lambda: texts(palette)[:1] == ["Monsoon Data Summit"])
        await settled(until)
        keyboard.press(Qt.Key.Key_Return)
        screen = window.shell.current_screen()
        assert isinstance(screen, EventsScreen)
        await until(lambda: screen.list.row() is not None and screen.list.row().id == summit.event_id)
        palette = await opened(keyboard, until)
        keyboard.type("fernandez")
        await until(lambda: texts(palette) == ["Zoë Fernández"])
        assert lines(palette)[0].about.startswith("Registered · Monsoon Data Summit")
        await settled(until)
        keyboard.press(Qt.Key.Key_Return)
        screen = window.shell.current_screen()
        assert isinstance(screen, RegistrationsScreen)
        await until(lambda: screen.list.pane is not None and screen.list.pane.row() is not None)
        await until(lambda: screen.list.pane.row().id == zoe)
        screen.filters.search.setText("العلي")  # and again in the same event, past what is filtered out
        palette = await opened(keyboard, until)
        keyboard.type("zoe")
        await until(lambda: texts(palette) == ["Zoë Fernández"])
        await settled(until)
        keyboard.press(Qt.Key.Key_Return)
        await until(lambda: screen.list.pane.row() is not None and screen.list.pane.row().id == zoe)
        assert screen.filters.search.text() == ""

    in_loop(scenario())


def test_what_a_role_may_not_do_or_read_is_not_there(
    in_loop: Loop,
    window_of: Any,
    door: Actor,
    editor: Actor,
    summit: Summit,
    keyboard: Keyboard,
    until: Until,
) -> None:
    summit.add("Zoë Fernández")

    async def scenario() -> None:
        window = window_of(door)
        await until(lambda: window.shell.current_screen().list.row())
        palette = await opened(keyboard, until)
        assert not {"Audit log", "Add registration", "Import…"} & set(texts(palette))
        window.hide()
        window_of(editor)
        palette = await opened(keyboard, until)
        assert not {"Events", "Registrations"} & set(texts(palette))
        keyboard.type("zoe")
        await until(lambda: palette.said.text() == "Nothing is called “zoe”. Esc closes.")

    in_loop(scenario())


def test_only_the_latest_wish_is_shown_and_the_one_before_is_cancelled(
    in_loop: Loop, window_of: Any, organizer: Actor, keyboard: Keyboard, until: Until,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    asked: list[tuple[str, Any]] = []

    free = threading.Event()

    def slow(_database: Any, _actor: Any, text: str, cancellation: Any) -> tuple[finding.PersonFound, ...]:
        asked.append((text, cancellation))
        if text == "zo":
            free.wait(10)
            raise QueryCancelled
        return (
            finding.PersonFound(organizer.id, organizer.id, "Gala", "Zoë", "zoe@example.org", "registered"),
        )

    monkeypatch.setattr(finding, "people_named", slow)
    monkeypatch.setattr(finding, "people", lambda *_: ())

    async def scenario() -> None:
        window_of(organizer)
        palette = await opened(keyboard, until)
        keyboard.type("zo")
        await until(lambda: asked)
        keyboard.type("e")
        await until(lambda: texts(palette) == ["Zoë"])
        free.set()
        assert [text for text, _ in asked] == ["zo", "zoe"]
        assert asked[0][1].cancelled
        keyboard.type("x")
        assert texts(palette) == []  # what was found for other words cannot be opened by a quick Enter
        await settled(until)
        keyboard.press(Qt.Key.Key_Escape)

    in_loop(scenario())


def test_a_search_that_fails_says_why_and_can_be_repeated(
    in_loop: Loop, window_of: Any, organizer: Actor, summit: Summit, keyboard: Keyboard, until: Until,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    found = finding.events

    def fails(*_: Any) -> Any:
        raise errors.DatabaseDown("gala-db")

    monkeypatch.setattr(finding, "events", fails)

    async def scenario() -> None:
        window_of(organizer)
        palette = await opened(keyboard, until)
        keyboard.type("monsoon")
        await until(lambda: texts(palette) == ["Search again"])
        assert "gala-db" in lines(palette)[0].about
        monkeypatch.setattr(finding, "events", found)
        await settled(until)
        keyboard.press(Qt.Key.Key_Return)
        await until(lambda: texts(palette) == ["Monsoon Data Summit"])

    in_loop(scenario())


def test_while_it_is_open_no_shortcut_beneath_works_and_tab_stays_inside(
    in_loop: Loop, window_of: Any, organizer: Actor, summit: Summit, keyboard: Keyboard, until: Until
) -> None:
    async def scenario() -> None:
        window = window_of(organizer)
        await until(lambda: window.shell.current_screen().list.row())
        palette = await opened(keyboard, until)
        keyboard.press(Qt.Key.Key_3, CTRL)
        keyboard.press(Qt.Key.Key_F1)
        assert window.shell.side_bar.current() == "events"
        assert len(window.findChildren(Palette)) == 1
        for key in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
            keyboard.press(key)
            assert keyboard.at() is palette.field
        await settled(until)
        keyboard.press(Qt.Key.Key_Escape)
        QApplication.processEvents()
        keyboard.press(Qt.Key.Key_3, CTRL)
        assert window.shell.side_bar.current() == "audit"

    in_loop(scenario())
