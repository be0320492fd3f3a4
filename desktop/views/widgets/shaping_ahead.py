"""Texts shaped between two events, so that painting only paints: those of rows that have just come, before they are
shown, and those of the screens next to the one in sight.

To shape a screen of new texts takes half as long again as to paint it, and all at once it would be felt. While Page
Down is held there is time for it between two pages.
"""

import time
from collections.abc import Callable, Iterator
from typing import Final

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QTimer
from PySide6.QtWidgets import QTableView

from desktop.views.widgets.cells import Cell

REST_MS: Final = 3
"""So long nothing was painted: what is on its way comes first."""
AT_ONCE_SECONDS: Final = 0.002
"""So long the event loop waits, a cell longer at most."""
_NOTHING: Final = (-1, -1)

Index = QModelIndex | QPersistentModelIndex


class ShapingAhead(QObject):
    """Follows one view, whose delegates are `Cell`; ``show`` has rows painted, from the first to the last."""

    def __init__(self, view: QTableView, show: Callable[[Index, Index], object]) -> None:
        super().__init__(view)
        self._view = view
        self._show = show
        self._in_sight = _NOTHING
        self._down = True
        self._awaits = False
        self._came: list[tuple[QPersistentModelIndex, QPersistentModelIndex]] = []
        self._cells: Iterator[QModelIndex | None] = iter(())
        self._soon = QTimer(self, singleShot=True)
        self._soon.timeout.connect(self._shape)
        self._interrupted = False

    def painted(self) -> None:
        """Rows were painted; nothing happens where they are the ones in sight before."""
        view = self._view
        in_sight = view.rowAt(0), view.rowAt(view.viewport().height() - 1)
        if in_sight != self._in_sight or self._interrupted:
            self._down = in_sight[0] >= self._in_sight[0]
            self._in_sight = in_sight
            self._awaits = any(self._is_awaited(row) for row in in_sight)
            self._begin(0 if self._came else REST_MS)

    def moved(self) -> None:
        """The view is about to be painted elsewhere, which comes first."""
        self._interrupted = self._interrupted or self._soon.isActive()
        self._soon.stop()

    def changed(self, first: Index, last: Index) -> None:
        """Rows look otherwise, or came."""
        if not self._awaits:
            self._show(first, last)
            return
        self._came.append((QPersistentModelIndex(first), QPersistentModelIndex(last)))
        self._begin(0)

    def forget(self) -> None:
        """The list is another, and all of it will be painted."""
        self._soon.stop()
        self._in_sight = _NOTHING
        self._awaits = self._interrupted = False
        self._came.clear()

    def _is_awaited(self, row: int) -> bool:
        """To look at a row that is not loaded asks for it."""
        return row >= 0 and self._view.model().index(row, 0).data() is None

    def _begin(self, milliseconds: int) -> None:
        self._interrupted = False
        self._cells = self._in_turn()
        self._soon.start(milliseconds)

    def _in_turn(self) -> Iterator[QModelIndex | None]:
        """The cells in sight, where any was awaited; None when these are done; then, when all are loaded, those of a
        screen in the direction of the last move, the nearest first, and of one in the other."""
        first, last = self._in_sight
        last = last if last >= 0 else self._view.model().rowCount() - 1
        if self._awaits:
            self._awaits = False
            yield from self._of(range(first, last + 1))
        yield None
        below, above = range(last + 1, 2 * last - first + 2), range(first - 1, 2 * first - last - 2, -1)
        for rows in (below, above) if self._down else (above, below):
            if not self._awaits:
                yield from self._of(rows)

    def _of(self, rows: range) -> Iterator[QModelIndex]:
        model, header = self._view.model(), self._view.horizontalHeader()
        columns = [column for column in range(header.count()) if not header.isSectionHidden(column)]
        for row in rows:
            if 0 <= row < model.rowCount():
                if self._is_awaited(row):
                    self._awaits = True
                    return
                yield from (model.index(row, column) for column in columns)

    def _shape(self) -> None:
        until = time.perf_counter() + AT_ONCE_SECONDS
        for index in self._cells:
            if index is None:
                self._show_what_came()
                continue
            delegate = self._view.itemDelegateForColumn(index.column())
            if isinstance(delegate, Cell):
                delegate.shape(index, self._view.columnWidth(index.column()))
            if time.perf_counter() > until:
                self._soon.start(0)
                return

    def _show_what_came(self) -> None:
        came, self._came = self._came, []
        for first, last in came:
            if first.isValid() and last.isValid():
                self._show(first, last)
