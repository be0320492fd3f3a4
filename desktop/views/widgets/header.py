"""The head of a page: where one is, the title, what can be done, and the filters."""

from typing import Final

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QSizePolicy, QVBoxLayout, QWidget

from desktop.views import theme
from desktop.views.widgets.buttons import ActionButton, Look
from desktop.views.widgets.flow import FilterRow, FlowLayout, HeadRow
from desktop.views.widgets.text import label

WORDS_PX: Final = 260
"""The buttons go below the title when less than this is left beside them, at 100 % text."""


class PageHeader(QFrame):
    """Context line and title at the left, actions at the right, the filter row and a message bar below."""

    def __init__(self, title: str, context: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "header")
        self._context = label(context, "muted", wrap=True)
        self._title = label(title, "title", wrap=True)
        words = QWidget()
        column = QVBoxLayout(words)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self._context)
        column.addWidget(self._title)
        buttons = _as_high_as_wide(QWidget())
        self._actions = FlowLayout(buttons, 12)
        top = _as_high_as_wide(QWidget())
        self._top = HeadRow(top)
        self._top.addWidget(words)
        self._top.addWidget(buttons)
        holder = _as_high_as_wide(QWidget())
        self._filters = FilterRow(holder, 8)
        self._filters_holder = holder
        holder.hide()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(24, 20, 24, 12)
        self._column.setSpacing(12)
        self._column.addWidget(top)
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

    def _restyle(self) -> None:
        self._top.words_px = theme.px(WORDS_PX)
        self._top.invalidate()


def _as_high_as_wide(widget: QWidget) -> QWidget:
    """A widget whose height follows from its width."""
    policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
    policy.setHeightForWidth(True)
    widget.setSizePolicy(policy)
    return widget
