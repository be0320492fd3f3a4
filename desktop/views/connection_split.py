"""The list of connections and the form beside each other, or one above the other."""

from __future__ import annotations

from typing import Final

from PySide6.QtWidgets import QBoxLayout, QVBoxLayout, QWidget

from desktop.views import theme
from desktop.views.widgets.text import label

LIST_PX: Final = 230
NO_LIMIT: Final = 16_777_215
"""Qt's own for a widget that may be as wide as it likes."""


class ConnectionSplit(QWidget):
    """The ``listed`` connections with what can be done with them below, and the ``form`` of the chosen one."""

    def __init__(self, listed: QWidget, below: QWidget, form: QWidget) -> None:
        super().__init__()
        self._left = QWidget()
        column = QVBoxLayout(self._left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(
            label(self.tr("This computer is always there, and needs no entry."), "muted", wrap=True)
        )
        column.addWidget(listed, 1)
        column.addWidget(below)
        self._both = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._both.setContentsMargins(0, 0, 0, 0)
        self._both.setSpacing(22)
        self._both.addWidget(self._left)
        self._both.addWidget(form, 1)

    def stand(self, *, beside: bool) -> None:
        """Beside each other, or the list above the form."""
        direction = QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.TopToBottom
        self._both.setDirection(direction)
        if beside:
            self._left.setFixedWidth(theme.px(LIST_PX))
        else:
            self._left.setMinimumWidth(0)
            self._left.setMaximumWidth(NO_LIMIT)
