"""“3 new – show”: what others add to a list is told in the message bar, and nothing one looks at moves by it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QPoint, QTimer

if TYPE_CHECKING:
    from desktop.models.row_table import RowTable
    from desktop.views.widgets.message_bar import MessageBar
    from desktop.views.widgets.table_view import RowTableView

HELD_MS: Final = 200
"""Until then the bar that was asked for has its place."""


class NewRows(QObject):
    """Tells of new rows where nothing else is being said: what the person did, or what failed, goes first."""

    def __init__(self, table: RowTableView, model: RowTable, messages: MessageBar) -> None:
        super().__init__(table)
        self._table = table
        self._model = model
        self._messages = messages
        self._said = ""
        self._top: int | None = None
        self._holding = QTimer(self, singleShot=True, interval=HELD_MS)
        self._holding.timeout.connect(self._let_go)
        model.new_rows_changed.connect(self._follow)
        messages.dismissed.connect(self._bar_closed)

    def holding(self) -> bool:
        """Whether the bar is on its way, and the rows are to stay where they are when it comes."""
        return self._top is not None

    def hold_still(self) -> None:
        """The list has another height: where that is because of the bar, the rows stay where they are on the screen, if
        they can be scrolled."""
        if self._top is not None:
            before, self._top = self._top, self._place()
            bar = self._table.verticalScrollBar()
            bar.setValue(bar.value() + self._top - before)

    def _follow(self, count: int) -> None:
        shown = bool(self._said) and self._messages.text() == self._said
        if not count:
            self._said = ""
            if shown:
                self._hold()
                self._messages.dismiss()
        elif shown:
            self._said = self._words(count)
            self._messages.reword(self._said)
        elif not self._messages.text():
            self._say(count)

    def _bar_closed(self) -> None:
        """What was said before the new rows, or instead of them, has been read."""
        if self._model.new_rows and self._messages.said() != self._said:
            self._say(self._model.new_rows)

    def _say(self, count: int) -> None:
        self._said = self._words(count)
        self._hold()
        self._messages.info(self._said, [(self.tr("&Show"), self._model.show_new)])

    def _words(self, count: int) -> str:
        return self.tr("%1 new").replace("%1", f"{count:,}")

    def _hold(self) -> None:
        """The bar is about to come or to go."""
        self._top = self._place()
        self._holding.start()

    def _let_go(self) -> None:
        self._top = None

    def _place(self) -> int:
        """How far down in the window the table begins."""
        return self._table.mapTo(self._table.window(), QPoint(0, 0)).y()
