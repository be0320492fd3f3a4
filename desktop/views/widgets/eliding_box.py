"""A list to choose from that may be narrower than what is chosen."""

from PySide6.QtCore import QEvent, QRect, Qt
from PySide6.QtGui import QHelpEvent, QPaintEvent
from PySide6.QtWidgets import QComboBox, QStyle, QStyleOptionComboBox, QStylePainter, QToolTip

from desktop.models import tips


class ElidingBox(QComboBox):
    """With a stylesheet Qt cuts the chosen text off in the middle of a letter. Here its middle gives
    way, since many columns of a file begin alike, and it is whole in the tooltip."""

    def paintEvent(self, _event: QPaintEvent) -> None:
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        painter = QStylePainter(self)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        option.currentText = self.shown_text()
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)
        painter.end()

    def shown_text(self) -> str:
        """What there is room for of the chosen text."""
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        field: QRect = self.style().subControlRect(
            QStyle.ComplexControl.CC_ComboBox, option, QStyle.SubControl.SC_ComboBoxEditField, self
        )
        return self.fontMetrics().elidedText(
            self.currentText(), Qt.TextElideMode.ElideMiddle, field.width() - 2
        )

    def event(self, event: QEvent, /) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip and not self.toolTip():
            cut = self.shown_text() != self.currentText()
            QToolTip.showText(event.globalPos(), tips.as_it_is(self.currentText()) if cut else "", self)
            return True
        return super().event(event)
