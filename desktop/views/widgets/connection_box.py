"""Which database the window is on, and choosing another one."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractItemView, QComboBox, QWidget

from desktop.models import tips
from desktop.views.widgets.choice_box import LETTERS_AT_LEAST
from desktop.views.widgets.eliding_box import ElidingBox

Choice = tuple[str, str]
"""A connection's key, and how it is shown: “Gala office · db.gala.example”."""


class ConnectionBox(ElidingBox):
    """Choosing opens another database, which takes a moment: so nothing is chosen by walking past it with the arrow
    keys or the wheel. Those keys open the list; Enter or a click chooses."""

    chosen = Signal(str)
    """The key of another connection."""

    manage_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._keys: tuple[str, ...] = ()
        self._current = ""
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(LETTERS_AT_LEAST)
        self.view().setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.activated.connect(self._take)

    def offer(self, choices: Sequence[Choice], current: str) -> None:
        """Offer these, and to manage them; nobody is told."""
        self.clear()
        self._keys = tuple(key for key, _ in choices)
        self._current = current
        for at, (_, text) in enumerate(choices):
            self.addItem(text)
            self.setItemData(at, tips.as_it_is(text), Qt.ItemDataRole.ToolTipRole)
        self.insertSeparator(self.count())
        self.addItem(self.tr("Manage connections…"))
        self._show_current()

    def current(self) -> str:
        """The key of the connection the window is on."""
        return self._current

    def keyPressEvent(self, event: QKeyEvent) -> None:
        walks = event.key() in {
            Qt.Key.Key_Up,
            Qt.Key.Key_Down,
            Qt.Key.Key_PageUp,
            Qt.Key.Key_PageDown,
            Qt.Key.Key_Home,
            Qt.Key.Key_End,
            Qt.Key.Key_Return,
            Qt.Key.Key_Enter,
        }
        if walks or event.text().strip():
            self.showPopup()
        else:
            super().keyPressEvent(event)

    def showPopup(self) -> None:
        super().showPopup()
        # Qt does not count the stylesheet's padding, so that the last line would be cut.
        view, popup = self.view(), self.view().window()
        lines = sum(view.sizeHintForRow(at) for at in range(self.count()))
        wanted = lines + view.height() - view.viewport().height() + 2
        room = self.screen().availableGeometry().height()
        if popup.height() < wanted <= room:
            popup.resize(popup.width(), room)  # the arrows for scrolling go only when there is plenty of room
            popup.resize(popup.width(), wanted)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()

    def _take(self, at: int) -> None:
        if at < len(self._keys) and self._keys[at] == self._current:
            return
        if at >= len(self._keys):
            self._show_current()
            self.manage_asked.emit()
        else:
            self._current = self._keys[at]
            self.chosen.emit(self._current)

    def _show_current(self) -> None:
        self.setCurrentIndex(self._keys.index(self._current) if self._current in self._keys else -1)
        self.setToolTip(tips.as_it_is(self.currentText()))
