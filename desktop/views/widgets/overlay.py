"""A sheet over a page, for something short that begins and ends at the keyboard."""

from typing import Final

import shiboken6
from PySide6.QtCore import QEvent, QObject, QRect, Qt, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QFrame, QVBoxLayout, QWidget

from desktop.views import theme
from desktop.views.widgets import reading_order

WIDTH_PX: Final = 560
HEIGHT_PX: Final = 480
VEIL: Final = 0.72


class Overlay(QWidget):
    """Covers the page it is made for. Esc or a click beside the sheet closes it, and the keyboard goes back to where
    it was. Until then Tab stays inside, and no shortcut of what lies beneath can be pressed by mistake.

    It is a widget of the page and no window of its own: nothing waits in a nested loop, and no window manager
    has a say in who gets the keyboard. It deletes itself when it is closed.
    """

    closed = Signal()

    def __init__(self, page: QWidget, name: str) -> None:
        super().__init__(page)
        self.setAccessibleName(name)
        self._page = page
        self._before = QApplication.focusWidget()
        self._open = True
        self.sheet = QFrame(self)
        self.sheet.setProperty("role", "sheet")
        self.column = QVBoxLayout(self.sheet)
        self.column.setContentsMargins(12, 12, 12, 12)
        self.column.setSpacing(8)
        page.installEventFilter(self)
        theme.signals.changed.connect(self._lay_out)
        self._lay_out()

    def open(self) -> None:
        """Show it above everything else of the page; whoever opens it gives the keyboard to what is inside."""
        self.raise_()
        self.show()

    def close_sheet(self) -> None:
        """Go away, and give the keyboard back."""
        if not self._open:
            return
        self._open = False
        before = self._before
        self.hide()
        if before is not None and shiboken6.isValid(before) and before.isVisible():
            before.setFocus()
        self.closed.emit()
        self.deleteLater()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and shiboken6.isValid(self):
            self._lay_out()
        return super().eventFilter(watched, event)

    def event(self, event: QEvent) -> bool:
        if (
            event.type() == QEvent.Type.ShortcutOverride
        ):  # the key goes to what has the keyboard, and nowhere else
            event.accept()
            return True
        return super().event(event)

    def focusNextPrevChild(self, next_one: bool) -> bool:
        reading_order.step(self.sheet, forwards=next_one)
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close_sheet()
        event.accept()  # what nobody inside wanted is not the page's either

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if not self.sheet.geometry().contains(event.position().toPoint()):
            self.close_sheet()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if not event.spontaneous():  # the page is left
            self.close_sheet()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setOpacity(VEIL)
        painter.fillRect(self.rect(), theme.color("background"))
        painter.end()

    def _lay_out(self) -> None:
        self.setGeometry(self._page.rect())
        width = min(theme.px(WIDTH_PX), self.width() - 2 * 24)
        top = min(theme.px(72), max(24, self.height() // 10))
        height = min(theme.px(HEIGHT_PX), self.height() - top - 24)
        self.sheet.setGeometry(QRect((self.width() - width) // 2, top, width, height))
