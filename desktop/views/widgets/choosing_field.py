"""The field above a list of entries: letters search, the arrow keys walk through the list, Enter takes."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QPaintEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from desktop.views import theme
from desktop.views.widgets.entry_list import EntryList
from desktop.views.widgets.search_field import draw_glass


class ChoosingField(QLineEdit):
    """Keeps the keyboard while ``entries`` is walked through."""

    searched = Signal(str)
    """The trimmed text, with every key."""

    def __init__(self, what: str, entries: EntryList, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._entries = entries
        self.setPlaceholderText(what)
        self.setAccessibleName(what.rstrip("…"))
        self.setProperty("look", "search")
        self.textChanged.connect(lambda text: self.searched.emit(text.strip()))
        theme.signals.changed.connect(self._restyle)
        self._restyle()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        page = self._entries.page()
        steps = {
            Qt.Key.Key_Down: 1,
            Qt.Key.Key_Up: -1,
            Qt.Key.Key_PageDown: page,
            Qt.Key.Key_PageUp: -page,
        }
        key = Qt.Key(event.key())
        if key in steps:
            self._entries.step(steps[key])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._entries.take()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        draw_glass(self)

    def _restyle(self) -> None:
        self.setTextMargins(theme.px(22), 0, 0, 0)
