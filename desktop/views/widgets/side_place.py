"""The parts of the sidebar: one place one can go to, and the dot of the connection."""

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QEnterEvent, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QLabel, QSizePolicy, QWidget

from desktop.views import fonts, theme


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere to go: its key, its text and the shortcut told in its tooltip."""

    key: str
    text: str
    shortcut: str = ""


class PlaceButton(QAbstractButton):
    """One place."""

    walked = Signal(Qt.Key)
    """Up, Down, Home or End: handled here, or the scroll area around the entries would scroll instead."""

    def __init__(self, place: Place, parent: QWidget) -> None:
        super().__init__(parent)
        self.setText(place.text)
        self.setAccessibleName(place.text)
        self.setCheckable(True)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        if place.shortcut:
            self.setToolTip(f"{place.text} ({place.shortcut})")

    def nextCheckState(self) -> None:
        """Pressing an entry asks to go there; `SideBar.set_current` marks it once one is."""

    def sizeHint(self) -> QSize:
        return QSize(theme.px(120), theme.px(33))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(80), theme.px(33))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        elif event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Home, Qt.Key.Key_End):
            self.walked.emit(Qt.Key(event.key()))
        elif event.key() == Qt.Key.Key_Space:
            super().keyPressEvent(event)
        else:
            event.ignore()

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        whole = QRectF(self.rect())
        if self.isChecked() or self.underMouse():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("selection" if self.isChecked() else "hover"))
            painter.drawRoundedRect(whole, 6, 6)
        text = self.rect().adjusted(10, 0, -10, 0)
        weight = 600 if self.isChecked() else 500
        painter.setFont(fonts.font(13, weight))
        painter.setPen(theme.color("ink" if self.isChecked() else "muted"))
        metrics = fonts.metrics(13, weight)
        shown = metrics.elidedText(self.text(), Qt.TextElideMode.ElideRight, text.width())
        painter.drawText(text, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), shown)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.color("accent"), 2))
            painter.drawRoundedRect(whole.adjusted(1, 1, -1, -1), 6, 6)
        painter.end()


class StateDot(QLabel):
    """The state of the connection; the words beside it say the same."""

    def __init__(self) -> None:
        super().__init__()
        self._tint = "accent"

    def show_tint(self, tint: str) -> None:
        self._tint = tint
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme.px(8), theme.px(17))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color(self._tint))
        size = theme.px(8)
        painter.drawEllipse(QRectF(0, (self.height() - size) / 2, size, size))
        painter.end()
