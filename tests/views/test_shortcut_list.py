"""The list of shortcuts: it says what the actions say, and what it says is true."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QStandardItem, QStandardItemModel

from desktop import background
from desktop.models.columns import Column
from desktop.views import shell
from desktop.views.actions import keys_of, text_of
from desktop.views.shortcut_list import ShortcutList
from desktop.views.widgets.buttons import Action
from desktop.views.widgets.table_view import make_table
from desktop.views.window import Window

if TYPE_CHECKING:
    import pytest

    from desktop.db.session import Actor
    from desktop.views.widgets.entry_list import Entry

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def listed(window: Window) -> dict[str, list[Entry]]:
    """What the open list shows, by its headings."""
    groups: dict[str, list[Entry]] = {}
    heading = ""
    for entry in window.findChildren(ShortcutList)[-1].list.entries():
        if entry.heading:
            heading = entry.text
        else:
            groups.setdefault(heading, []).append(entry)
    return groups


def test_every_shortcut_of_every_action_is_listed_where_it_works(
    in_loop: Any,
    window_of: Any,
    organizer: Actor,
    summit: Any,
    keyboard: Any,
    until: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(shell, "AHEAD_MS", 600_000)

    async def scenario() -> None:
        window = window_of(organizer)
        await until(lambda: window.shell.current_screen().list.row() and not background._tasks)
        before = keyboard.at()
        keyboard.press(Qt.Key.Key_F1)
        assert list(listed(window)) == ["Everywhere", "In a list", "Events"], (
            "no screen is made for it at once"
        )
        await until(lambda: len(listed(window)) == 5)
        groups = listed(window)
        assert list(groups) == ["Everywhere", "In a list", "Events", "Registrations", "Audit log"]
        lines = {(entry.text, entry.keys) for entries in groups.values() for entry in entries}
        actions = [*window.shell.findChildren(Action), *window.looks.actions(), window.shortcuts]
        assert {(text_of(one), keys_of(one, every=True)) for one in actions if one.shortcuts()} <= lines
        assert ("Shortcuts", "Ctrl+?  F1") in {(entry.text, entry.keys) for entry in groups["Everywhere"]}
        assert ("Add registration", "Ctrl+N") in {(one.text, one.keys) for one in groups["Registrations"]}
        keyboard.type("ctrl+n")
        assert [entry.text for entries in listed(window).values() for entry in entries] == [
            "Add registration"
        ]
        keyboard.press(Qt.Key.Key_Escape)
        assert keyboard.at() is before

    in_loop(scenario())


def test_on_a_card_only_what_works_there_is_listed(in_window: Any, keyboard: Any, qtbot: Any) -> None:
    window = Window()
    in_window(window)
    window.show_page(window.sign_in)
    window.sign_in.setFocus()
    window.shortcuts.start()
    assert "In a list" not in listed(window)
    assert {"Dark", "Larger text", "Quit"} <= {entry.text for entry in listed(window)["Everywhere"]}
    qtbot.waitUntil(window.findChildren(ShortcutList)[-1].field.hasFocus)
    keyboard.type("no such thing")
    assert listed(window) == {}


def test_the_keys_of_a_list_do_what_is_said_of_them(qtbot: Any) -> None:
    model = QStandardItemModel(4, 1)
    for row in range(4):
        model.setItem(row, 0, QStandardItem(f"row {row}"))
    table = make_table(model, (Column("Name", str),), "Rows")
    qtbot.addWidget(table)
    table.show()
    table.setCurrentIndex(model.index(0, 0))
    opened: list[int] = []
    table.opened.connect(lambda index: opened.append(index.row()))
    qtbot.keyClick(table, Qt.Key.Key_Return)
    assert opened == [0]
    qtbot.keyClick(table, Qt.Key.Key_Down, SHIFT)
    assert table.selected_rows() == [0, 1]
    qtbot.keyClick(table, Qt.Key.Key_A, CTRL)
    assert table.selected_rows() == [0, 1, 2, 3]
    qtbot.keyClick(table, Qt.Key.Key_End)
    assert table.selected_rows() == [3]
    qtbot.keyClick(table, Qt.Key.Key_Home)
    qtbot.keyClick(table, Qt.Key.Key_C, CTRL)
    assert QGuiApplication.clipboard().text() == "row 0\n"
