"""Filter chips: one of a few views of a list, each with its count."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QButtonGroup, QPushButton, QSizePolicy, QWidget

from desktop.views import fonts
from desktop.views.widgets.flow import FlowLayout


@dataclass(frozen=True, slots=True)
class Chip:
    """One choice; ``count`` None shows no number (not known yet)."""

    key: str
    text: str
    count: int | None = None


class FilterChips(QWidget):
    """Exactly one chip is chosen. Tab reaches the chosen one, the arrow keys choose the next or previous."""

    chosen = Signal(str)
    """The person chose another chip, by its key; not emitted by `set_current`."""

    def __init__(self, chips: Sequence[Chip] = (), name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._chips: dict[str, Chip] = {}
        self._buttons: dict[str, QPushButton] = {}
        self._current = ""
        self._flow = FlowLayout(self, 8)
        self._group = QButtonGroup(self)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setAccessibleName(name or self.tr("Filter"))
        self.set_chips(chips)

    def set_chips(self, chips: Sequence[Chip]) -> None:
        """Show these chips; the current one stays chosen if it is among them, else the first is."""
        if [chip.key for chip in chips] == list(self._chips):  # the keyboard may stand on one of them
            for chip in chips:
                self._chips[chip.key] = chip
                self._write(chip)
            return
        for button in self._buttons.values():
            self._flow.removeWidget(button)
            self._group.removeButton(button)
            button.hide()
            button.deleteLater()
        self._chips = {chip.key: chip for chip in chips}
        self._buttons = {}
        for chip in chips:
            button = _ChipButton(self)
            button.clicked.connect(lambda _=False, key=chip.key: self.choose(key))
            self._group.addButton(button)
            self._flow.addWidget(button)
            self._buttons[chip.key] = button
            self._write(chip)
        if chips:
            self.set_current(self._current if self._current in self._chips else chips[0].key)

    def current(self) -> str:
        """The key of the chosen chip, or "" when there is none."""
        return self._current

    def set_current(self, key: str) -> None:
        """Choose a chip without telling anybody; KeyError for a key that is not shown."""
        self._buttons[key].setChecked(True)
        self._current = key
        for other, button in self._buttons.items():
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus if other == key else Qt.FocusPolicy.ClickFocus)

    def set_count(self, key: str, count: int | None) -> None:
        """Show another number on a chip."""
        before = self._chips[key]
        if count != before.count:
            self._chips[key] = Chip(key, before.text, count)
            self._write(self._chips[key])

    def choose(self, key: str) -> None:
        """Choose a chip as the person does, and say so when it is another one."""
        before = self._current
        self.set_current(key)
        if key != before:
            self.chosen.emit(key)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Right: 1, Qt.Key.Key_Down: 1, Qt.Key.Key_Left: -1, Qt.Key.Key_Up: -1}
        keys = list(self._buttons)
        key = Qt.Key(event.key())
        if not keys or key not in (*steps, Qt.Key.Key_Home, Qt.Key.Key_End):
            super().keyPressEvent(event)
            return
        if key in steps:
            at = max(0, min(len(keys) - 1, keys.index(self._current) + steps[key]))
        else:
            at = 0 if key == Qt.Key.Key_Home else len(keys) - 1
        self.choose(keys[at])
        self._buttons[keys[at]].setFocus(Qt.FocusReason.TabFocusReason)

    def _write(self, chip: Chip) -> None:
        button = self._buttons[chip.key]
        number = "" if chip.count is None else f"{chip.count:,}"
        button.setText(f"{chip.text} {number}".rstrip().replace("&", "&&"))
        button.setAccessibleName(f"{chip.text}, {number}" if number else chip.text)


class _ChipButton(QPushButton):
    """A checkable pill that leaves the arrow keys to its row."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("look", "chip")
        self.setCheckable(True)
        self.setAutoDefault(False)
        self.setFont(fonts.tabular())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space:
            super().keyPressEvent(event)
        else:
            event.ignore()
