"""Buttons in a row that give up their shortcuts before they need a line more, the primary one last."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.views.widgets.buttons import ActionButton
from desktop.views.widgets.flow import FlowLayout


class ButtonRow(QWidget):
    """Left to right, then down. A shortcut that has no room is in the button's tooltip."""

    def __init__(self, spacing: int = 8, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._flow = FlowLayout(self, spacing)
        self._buttons: list[ActionButton] = []
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def add(self, button: ActionButton) -> None:
        """One more, at the end."""
        self._buttons.append(button)
        self._flow.addWidget(button)

    def event(self, event: QEvent, /) -> bool:
        told = super().event(event)
        if event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest):
            self._choose_marks()
        return told

    def _choose_marks(self) -> None:
        shown = [button for button in self._buttons if not button.isHidden()]
        first = [button for button in shown if button.property("look") == "primary"]
        fewest = self._lines(shown, ())
        marked = next(some for some in (shown, first, ()) if self._lines(shown, some) == fewest)
        for button in shown:
            button.show_mark(button in marked)

    def _lines(self, shown: Sequence[ActionButton], marked: Sequence[ActionButton]) -> int:
        """How many lines these take, those that are ``marked`` with their shortcuts."""
        widths = [button.marked_width() if button in marked else button.plain_width() for button in shown]
        lines, right = 0, self.width() + 1
        for width in widths:
            if right + self._flow.spacing() + width > self.width():
                lines, right = lines + 1, width
            else:
                right += self._flow.spacing() + width
        return lines
