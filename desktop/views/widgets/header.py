"""The head of a page: where one is, the title, what can be done, and the filters."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QSizePolicy, QVBoxLayout, QWidget

from desktop.views import theme
from desktop.views.widgets.buttons import ActionButton, Look
from desktop.views.widgets.flow import FilterRow, FlowLayout, PairRow
from desktop.views.widgets.text import label

TITLE_PX: Final = 32
"""The title's line is as high as a button, at 100 % text, so that every page's header is equally high."""


class PageHeader(QFrame):
    """Context line and title at the left, actions at the right, the filter row and a message bar below."""

    def __init__(self, title: str, context: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "header")
        self._context = label(context, "muted", wrap=True)
        self._title = label(title, "title", wrap=True)
        self._title.setAlignment(Qt.AlignmentFlag.AlignVCenter)
        buttons = _as_high_as_wide(QWidget())
        self._actions = FlowLayout(buttons, 12)
        self._buttons: list[ActionButton] = []
        top = _as_high_as_wide(QWidget())
        head = PairRow(top)
        head.addWidget(self._title)
        head.addWidget(buttons)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._context)
        words.addWidget(top)
        holder = _as_high_as_wide(QWidget())
        self._filters = FilterRow(holder, 8)
        self._filters_holder = holder
        holder.hide()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(24, 21, 24, 12)
        self._column.setSpacing(12)
        self._column.addLayout(words)
        self._column.addWidget(holder)
        theme.signals.changed.connect(self._restyle)
        self._restyle()
        self.set_context(context)

    def set_context(self, text: str) -> None:
        """The line above the title, such as “Monsoon Data Summit · 14 Dec 2026, Bengaluru”."""
        self._context.setText(text)

    def set_title(self, text: str) -> None:
        """The page's title."""
        self._title.setText(text)
        self.setAccessibleName(text)

    def title(self) -> str:
        """The title shown."""
        return self._title.text()

    def add_action(self, action: QAction, look: Look = "secondary") -> ActionButton:
        """A button for ``action`` at the right; the primary one is added last."""
        button = ActionButton(action, look)
        self._actions.addWidget(button)
        self._buttons.append(button)
        return button

    def add_filter(self, widget: QWidget) -> None:
        """A search field, chips or a choice in the filter row, from left to right.

        Chips take the room that is left, and a line of their own below when there is too little.
        """
        self._filters.addWidget(widget)
        self._filters_holder.show()

    def add_below(self, widget: QWidget) -> None:
        """Something under the filters, such as the page's message bar."""
        self._column.addWidget(widget)

    def event(self, event: QEvent, /) -> bool:
        told = super().event(event)
        if event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest):
            self._choose_marks()
        return told

    def _choose_marks(self) -> None:
        """Leave the shortcuts to the tooltips where with them the buttons would not stand beside the title, that of the
        primary one last."""
        buttons = [button for button in self._buttons if not button.isHidden()]
        margins = self._column.contentsMargins()
        room = self.width() - margins.left() - margins.right() - self._title.sizeHint().width()

        def fits(marked: Sequence[ActionButton]) -> bool:
            widths = (one.marked_width() if one in marked else one.plain_width() for one in buttons)
            return sum(self._actions.spacing() + width for width in widths) <= room

        first = [button for button in buttons if button.property("look") == "primary"]
        marked = next((some for some in (buttons, first) if fits(some)), [])
        for button in self._buttons:
            button.show_mark(button in marked)

    def _restyle(self) -> None:
        self._title.setMinimumHeight(theme.px(TITLE_PX))


def _as_high_as_wide(widget: QWidget) -> QWidget:
    """A widget whose height follows from its width."""
    policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
    policy.setHeightForWidth(True)
    widget.setSizePolicy(policy)
    return widget
