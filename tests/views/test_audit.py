"""The audit log over a real database: read and searched, never changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QTableView

from desktop.views.audit import AuditScreen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from desktop.db.session import Actor, Database
    from desktop.services.workspace import Workspace

Loop = Any
Until = Any
Keyboard = Any
Show = Any

CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def screen(
    in_window: Show, workspace_of: Callable[[Actor], Workspace], organizer: Actor
) -> Iterator[AuditScreen]:
    made = AuditScreen(workspace_of(organizer))
    in_window(made)
    yield made
    made.close_down()


@pytest.fixture
def done(database: Database, organizer: Actor, admin: Actor) -> None:
    """Three things that were done, oldest first."""
    for actor, action, text in (
        (admin, "staff.add", "Added noor.door as door"),
        (organizer, "attendance.admit", "Checked in Zoë Fernández at North gate"),
        (organizer, "registration.cancel", "Cancelled 王伟 of “Conference”"),
    ):
        with database.transaction(actor) as tx:
            tx.log(action, text)


def rows(screen: AuditScreen) -> list[tuple[str, str, str]]:
    """Who, the action, and what happened, as they are shown."""
    model = screen.list.model
    return [
        tuple(model.index(row, column).data() for column in (1, 2, 3))  # type: ignore[misc]
        for row in range(model.rowCount())
    ]


ADDED = ("ada.admin", "staff.add", "Added noor.door as door")
ADMITTED = ("asha.menon", "attendance.admit", "Checked in Zoë Fernández at North gate")
CANCELLED = ("asha.menon", "registration.cancel", "Cancelled 王伟 of “Conference”")


async def listed(screen: AuditScreen, until: Until, *expected: tuple[str, str, str]) -> None:
    await until(lambda: not screen.list.model.is_loading and rows(screen) == list(expected))


def test_the_newest_stands_first(in_loop: Loop, until: Until, screen: AuditScreen, done: None) -> None:
    said: list[str] = []
    screen.status_changed.connect(said.append)

    async def scenario() -> None:
        screen.open()
        await listed(screen, until, CANCELLED, ADMITTED, ADDED)
        assert said[-1] == "3 entries"
        assert screen.list.table.horizontalHeader().sortIndicatorOrder() == Qt.SortOrder.DescendingOrder

    in_loop(scenario())


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("ADA.ADMIN", [ADDED]),
        ("attendance", [ADMITTED]),
        ("fernandez gate", [ADMITTED]),
        ("王伟", [CANCELLED]),
        ("asha conference", [CANCELLED]),
    ],
)
def test_the_search_finds_who_which_action_and_what(
    in_loop: Loop,
    until: Until,
    screen: AuditScreen,
    done: None,
    keyboard: Keyboard,
    typed: str,
    expected: list[tuple[str, str, str]],
) -> None:
    async def scenario() -> None:
        screen.open()
        await listed(screen, until, CANCELLED, ADMITTED, ADDED)
        keyboard.press(Qt.Key.Key_F, CTRL)
        keyboard.type(typed)
        await listed(screen, until, *expected)

    in_loop(scenario())


def test_a_search_that_finds_nothing_offers_to_clear_it(
    in_loop: Loop, until: Until, screen: AuditScreen, done: None, keyboard: Keyboard
) -> None:
    async def scenario() -> None:
        screen.open()
        keyboard.press(Qt.Key.Key_F, CTRL)
        keyboard.type("no such thing")
        await until(lambda: screen.list.state() == "empty")
        assert screen.list.sentence() == "Nothing in the log matches “no such thing”."
        next(one for one in screen.list.findChildren(QPushButton) if one.isVisible()).click()
        await listed(screen, until, CANCELLED, ADMITTED, ADDED)
        await until(screen.list.table.hasFocus)

    in_loop(scenario())


def test_a_log_without_entries_says_what_will_stand_there(
    in_loop: Loop, until: Until, screen: AuditScreen
) -> None:
    async def scenario() -> None:
        screen.open()
        await until(lambda: screen.list.state() == "empty")
        assert screen.list.sentence() == "Nothing has been done yet. What staff do will stand here."

    in_loop(scenario())


def test_coming_back_or_f5_brings_what_was_done_meanwhile(
    in_loop: Loop, until: Until, screen: AuditScreen, done: None, database: Database, admin: Actor
) -> None:
    def log(text: str) -> tuple[str, str, str]:
        with database.transaction(admin) as tx:
            tx.log("staff.add", text)
        return ("ada.admin", "staff.add", text)

    async def scenario() -> None:
        screen.open()
        await listed(screen, until, CANCELLED, ADMITTED, ADDED)
        fourth = log("Added a fourth")
        screen.refresh()
        await listed(screen, until, fourth, CANCELLED, ADMITTED, ADDED)
        fifth = log("Added a fifth")
        screen.open()
        await listed(screen, until, fifth, fourth, CANCELLED, ADMITTED, ADDED)

    in_loop(scenario())


def test_nothing_in_the_log_can_be_edited_or_removed(
    in_loop: Loop, until: Until, screen: AuditScreen, done: None, keyboard: Keyboard
) -> None:
    async def scenario() -> None:
        screen.open()
        await until(lambda: screen.list.row() is not None and screen.list.table.hasFocus())
        table, model = screen.list.table, screen.list.model
        for key in (Qt.Key.Key_F2, Qt.Key.Key_Return, Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            keyboard.press(key)
            assert table.state() != QTableView.State.EditingState
        for column in range(model.columnCount()):
            assert not model.flags(model.index(0, column)) & Qt.ItemFlag.ItemIsEditable
            assert not model.setData(model.index(0, column), "changed")
        assert rows(screen) == [CANCELLED, ADMITTED, ADDED]
        offered = [one.accessibleName() for one in screen.findChildren(QPushButton) if one.isVisible()]
        assert offered == ["Export…"]

    in_loop(scenario())


def test_every_control_has_a_name_and_tab_reaches_all_of_them(
    in_loop: Loop, until: Until, screen: AuditScreen, done: None, keyboard: Keyboard
) -> None:
    async def scenario() -> None:
        screen.open()
        await until(lambda: screen.list.row() is not None)
        screen._search.setFocus()
        assert [stop.accessibleName() for stop in keyboard.stops()] == [
            "Search who, action, what…",
            "Audit log",
            "Column titles",
            "Export…",
        ]

    in_loop(scenario())


def test_every_word_of_ours_can_be_translated(
    in_loop: Loop,
    until: Until,
    in_window: Show,
    workspace_of: Callable[[Actor], Workspace],
    organizer: Actor,
    in_another_language: None,
) -> None:
    screen = AuditScreen(workspace_of(organizer))
    in_window(screen)
    said: list[str] = []
    screen.status_changed.connect(said.append)

    async def scenario() -> None:
        screen.open()
        await until(lambda: screen.list.state() == "empty")
        shown = [one.text() for one in screen.findChildren(QLabel) if one.isVisible() and one.text()]
        assert shown
        assert all("‹" in text for text in (*shown, *said, screen._search.placeholderText()))
        screen.close_down()

    in_loop(scenario())
