"""Where the person is in a table, kept by id while rows come, go and change places."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QModelIndex, QObject

from desktop.models import skeleton
from desktop.services.grid import WIDTH

if TYPE_CHECKING:
    from uuid import UUID

    from desktop.models.row_table import RowTable

RUNS_KEPT: Final = 1000
"""A selection in more separate pieces than this is given up rather than pieced together again."""

_Flag = QItemSelectionModel.SelectionFlag


class Place(QObject):
    """Keeps the current row and the selected rows of one view where they still exist.

    Qt itself keeps them while rows are inserted and removed; this is for the resets of a new order or a new
    filter, where a row may come to light only when the order of all rows is known. What the person chooses
    meanwhile wins.
    """

    def __init__(
        self, table: RowTable, selection: QItemSelectionModel, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._table = table
        self._selection = selection
        self._current = b""
        self._selected: frozenset[bytes] = frozenset()
        self._column = 0
        self._awaited = False
        self._restoring = False
        table.modelAboutToBeReset.connect(self._remember)
        table.modelReset.connect(self._return_early)
        table.counted.connect(self._arrive)
        selection.currentChanged.connect(self._chosen)

    def go_to(self, row_id: UUID) -> None:
        """Make this the current, selected row: now, or when a coming `reload` or `open` brings it."""
        self._current = row_id.bytes
        self._selected = frozenset([self._current])
        self._awaited = True
        if self._return():
            self._forget()

    def _remember(self) -> None:
        current = self._selection.currentIndex()
        if self._awaited or not current.isValid():
            return  # what is waited for stays so
        ids = self._table.ids()
        self._column = current.column()
        self._current = ids[current.row() * WIDTH : (current.row() + 1) * WIDTH]
        selection = self._selection.selection()
        ranges = [selection.at(number) for number in range(selection.count())]
        few = [(one.top(), one.bottom()) for one in ranges] if len(ranges) <= RUNS_KEPT else []
        self._selected = frozenset(
            ids[row * WIDTH : (row + 1) * WIDTH] for first, last in few for row in range(first, last + 1)
        )

    def _return_early(self) -> None:
        """Among the rows of the first page already, when that is cheap."""
        if len(self._selected) <= RUNS_KEPT:
            self._return()

    def _return(self) -> bool:
        """Choose what is waited for, as far as it is there; whether the current row is."""
        if not self._current:
            return False
        table = self._table
        row = skeleton.row_of(table.ids(), self._current)
        runs = skeleton.runs(skeleton.rows_of(table.ids(), self._selected))
        if row is None and not runs:
            return False
        selected = QItemSelection()
        last_column = table.columnCount() - 1
        for first, last in runs if len(runs) <= RUNS_KEPT else []:
            selected.select(table.index(first, 0), table.index(last, last_column))
        self._restoring = True
        self._selection.select(selected, _Flag.ClearAndSelect | _Flag.Rows)
        if row is not None:
            self._selection.setCurrentIndex(table.index(row, self._column), _Flag.NoUpdate)
        self._restoring = False
        return row is not None

    def _arrive(self) -> None:
        """All rows are known: what is not found now is not there."""
        if not self._table.is_loading:
            self._return()
            self._forget()

    def _chosen(self, current: QModelIndex) -> None:
        if current.isValid() and not self._restoring:
            self._forget()

    def _forget(self) -> None:
        self._awaited = False
        self._current = b""
        self._selected = frozenset()
