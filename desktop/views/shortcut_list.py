"""All shortcuts, grouped by where they work (Ctrl+?)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from desktop.views.actions import actions_of, keys_of, owners_of, text_of, window_wide
from desktop.views.screen import Screen
from desktop.views.widgets.choosing_field import ChoosingField
from desktop.views.widgets.entry_list import Entry, EntryList
from desktop.views.widgets.overlay import Overlay
from desktop.views.widgets.text import label
from desktop.views.wording import filled, matches, named

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtCore import QObject
    from PySide6.QtWidgets import QWidget

    from desktop.views.widgets.buttons import Action

    Groups = Sequence[tuple[str, Sequence[Entry]]]


class ShortcutList(Overlay):
    """To be read and searched; made anew each time from the actions there are."""

    def __init__(self, page: QWidget, groups: Groups) -> None:
        super().__init__(page, QCoreApplication.translate("ShortcutList", "Shortcuts"))
        self._groups = groups
        self.list = EntryList(self.tr("Shortcuts"))
        self.field = ChoosingField(self.tr("Search shortcuts…"), self.list)
        self.field.searched.connect(self._show)
        self._nothing = label("", "muted", wrap=True)
        self.column.addWidget(label(self.tr("Shortcuts"), "panel-title"))
        self.column.addWidget(self.field)
        self.column.addWidget(self._nothing)
        self.column.addWidget(self.list, 1)
        self._show("")

    def open(self) -> None:
        super().open()
        self.field.setFocus()

    def show_groups(self, groups: Groups) -> None:
        """More shortcuts are there than were known; the line the keyboard is at stays."""
        self._groups = groups
        self._show(self.field.text().strip())

    def _show(self, text: str) -> None:
        shown: list[Entry] = []
        for name, entries in self._groups:
            found = [entry for entry in entries if matches(text, name, entry.text, entry.about, entry.keys)]
            if found:
                shown += [Entry(name, heading=True), *found]
        self.list.show_entries(shown)
        self._nothing.setVisible(not shown)
        self._nothing.setText(filled(self.tr("No shortcut is called “%1”."), named(text)))


def groups_of(root: QObject, places: Sequence[tuple[str, QWidget]]) -> Groups:
    """Every shortcut below ``root``: those of each of the named ``places``, and before them what works everywhere.
    The list's own keys are those every table of the program has."""
    groups = [(_tr("Everywhere"), _entries(window_wide(root)))]
    if any(isinstance(place, Screen) for _, place in places):
        groups.append((_tr("In a list"), _in_a_list()))
    for name, place in places:
        groups.append((name, _entries([one for one in actions_of(root) if place in owners_of(one)])))
    return [(name, entries) for name, entries in groups if entries]


def _entries(actions: Sequence[Action]) -> list[Entry]:
    """One line for each text and its keys, however many places offer it."""
    lines = {
        (text_of(action), keys_of(action, every=True)): action for action in actions if action.shortcuts()
    }
    return [
        Entry(text, action.about if action.about != text else "", keys)
        for (text, keys), action in lines.items()
    ]


def _in_a_list() -> list[Entry]:
    return [
        Entry(_tr("Open the row"), keys=_tr("Enter")),
        Entry(_tr("Select further rows"), keys=_tr("Shift+Up, Shift+Down")),
        Entry(_tr("Select all rows"), keys="Ctrl+A"),
        Entry(_tr("Copy the selected rows"), keys="Ctrl+C"),
        Entry(_tr("First row, last row"), keys=_tr("Home, End")),
    ]


def _tr(text: str) -> str:
    return QCoreApplication.translate("shortcut_list", text)
