"""A bar that shows how much is taken, such as seats held of a capacity."""

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.views import theme
from desktop.views.widgets.cells import paint_meter


class Meter(QWidget):
    """Filled to a fraction of 0.0 to 1.0; amber from 97 % on. Read out by its ``text``."""

    def __init__(self, fraction: float = 0.0, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._fraction = fraction
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.show_fraction(fraction, text)

    def show_fraction(self, fraction: float, text: str) -> None:
        """Fill to ``fraction``; ``text`` says the same in words, such as “118 of 120 seats”."""
        if text != self.accessibleName():
            self.setAccessibleName(text)
        if fraction != self._fraction:
            self._fraction = fraction
            self.update()

    @property
    def fraction(self) -> float:
        """What is shown, as it was given."""
        return self._fraction

    def sizeHint(self) -> QSize:
        return QSize(theme.px(120), theme.px(6))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(40), theme.px(6))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_meter(painter, QRectF(self.rect()), self._fraction)
        painter.end()
