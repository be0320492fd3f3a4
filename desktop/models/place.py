"""Where the person is in a table, kept by id while rows come, go and change places."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QModelIndex, QObject
from shiboken6 import isValid

from desktop import background
from desktop.models import skeleton
from desktop.services.grid import WIDTH

if TYPE_CHECKING:
    from uuid import UUID

    from desktop.models.row_table import RowTable

RUNS_KEPT: Final = 1000
"""A selection in more separate pieces than this is given up rather than pieced together again."""
MANY: Final = 50_000
"""Among more rows than this, the selected ones are looked for in a thread: it takes a tenth of a second or more. A
selection of more rows than this is given up, because it takes seconds, unless it was all there are and is so again."""

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
        self._selected = b""
        self._sought = b""
        """Selected rows that are being looked for in a thread."""
        self._column = 0
        self._awaited = False
        self._restoring = False
        table.modelAboutToBeReset.connect(self._remember)
        table.modelReset.connect(self._return_early)
        table.counted.connect(self._arrive)
        selection.currentChanged.connect(self._chosen)

    @property
    def is_awaited(self) -> bool:
        """Whether some row is to be the current one when it is there, unless the person chooses another."""
        return bool(self._current)

    def go_to(self, row_id: UUID) -> None:
        """Make this the current, selected row: now, or when a coming `reload` or `open` brings it."""
        self._current = row_id.bytes
        self._selected = self._current
        self._sought = b""
        self._awaited = True
        if self._return(self._selected):
            self._forget()

    def _remember(self) -> None:
        current = self._selection.currentIndex()
        if self._awaited or not current.isValid():
            return  # what is waited for stays so
        ids = self._table.ids()
        self._column = current.column()
        self._current = ids[current.row() * WIDTH : (current.row() + 1) * WIDTH]
        self._selected, self._sought = self._sought or self._ids_selected(), b""

    def _ids_selected(self) -> bytes:
        """The ids of the selected rows, 16 bytes each; the current one's where they are too many to be kept. All of
        them are kept: it costs nothing, and they need not be looked for one by one."""
        selection = self._selection.selection()
        ranges = [selection.at(number) for number in range(selection.count())]
        runs = sorted((one.top(), one.bottom()) for one in ranges)
        count = sum(last - first + 1 for first, last in runs)
        if count == self._table.rowCount():
            return self._table.ids()
        if len(runs) > RUNS_KEPT or count > MANY:
            return self._current
        return skeleton.within(self._table.ids(), runs)

    def _return_early(self) -> None:
        """Among the rows of the first page already, when that is cheap."""
        if len(self._selected) <= (RUNS_KEPT * WIDTH if self._table.rowCount() <= MANY else WIDTH):
            self._return(self._selected)

    def _return(self, selected: bytes) -> bool:
        """Choose what is waited for, with those ``selected``, as far as it is there; whether the current row is."""
        if not self._current:
            return False
        table = self._table
        row = skeleton.row_of(table.ids(), self._current)
        alone = selected == self._current  # among a million each look takes some milliseconds
        runs = _runs_of(table.ids(), selected) if not alone else [] if row is None else [(row, row)]
        if row is None and not runs:
            return False
        self._restoring = True
        self._select(runs, _Flag.ClearAndSelect)
        if row is not None:
            self._selection.setCurrentIndex(table.index(row, self._column), _Flag.NoUpdate)
        self._restoring = False
        return row is not None

    def _select(self, runs: list[skeleton.Run], how: QItemSelectionModel.SelectionFlag) -> None:
        selected = QItemSelection()
        last_column = self._table.columnCount() - 1
        for first, last in runs if len(runs) <= RUNS_KEPT else []:
            selected.select(self._table.index(first, 0), self._table.index(last, last_column))
        self._selection.select(selected, how | _Flag.Rows)

    async def _seek(self) -> None:
        """Select what is sought, unless the person chooses something meanwhile."""
        sought = self._sought
        while sought and sought is self._sought:
            ids = self._table.ids()
            runs = await background.run(_runs_of, ids, sought)
            if not isValid(self) or not isValid(self._selection):
                return
            if sought is self._sought and ids is self._table.ids():
                self._sought = b""
                self._select(runs, _Flag.Select)

    def _arrive(self) -> None:
        """All rows are known: what is not found now is not there."""
        if self._table.is_loading:
            return
        selected = self._selected
        if len(selected) > MANY * WIDTH and len(selected) != len(self._table.ids()):
            selected = self._current  # all were selected, and these are others
        if self._table.rowCount() <= MANY or len(selected) <= WIDTH:
            self._return(selected)
            self._forget()
            return
        among = skeleton.row_of(selected, self._current) is not None
        here = self._return(self._current if among else b"")
        self._forget()
        if here:
            self._sought = selected
            background.start(self._seek())

    def _chosen(self, current: QModelIndex) -> None:
        if current.isValid() and not self._restoring:
            self._sought = b""
            self._forget()

    def _forget(self) -> None:
        self._awaited = False
        self._current = b""
        self._selected = b""


def _apart(ids: bytes) -> frozenset[bytes]:
    return frozenset(ids[at : at + WIDTH] for at in range(0, len(ids), WIDTH))


def _runs_of(ids: bytes, selected: bytes) -> list[skeleton.Run]:
    """Where these rows are. Of more than `MANY`: everywhere, or nowhere."""
    count = len(selected) // WIDTH
    if count > MANY:
        return [(0, count - 1)] if skeleton.are_same(ids, selected) else []
    return skeleton.runs(skeleton.rows_of(ids, _apart(selected)))
