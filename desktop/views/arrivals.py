"""How long a change takes from being heard of to being seen, and the place of what is looked at meanwhile."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QEvent, QModelIndex, QObject, QTimer, Signal

if TYPE_CHECKING:
    from collections.abc import Collection
    from uuid import UUID

    from desktop.models.row_table import RowTable
    from desktop.views.widgets.table_view import RowTableView

FORGOTTEN_SECONDS: Final = 5.0
"""A row that was read again and looks as it did is not painted; nobody waits for it longer than this."""


class Arrivals(QObject):
    """Times the rows on screen: a change is there when the row was read again and painted."""

    painted = Signal(float, float)
    """When a change was heard of, and when the row it was of had been painted (`time.monotonic`). Of several changes
    painted at once, the one heard of first."""

    def __init__(self, table: RowTableView, model: RowTable) -> None:
        super().__init__(table)
        self._table = table
        self._model = model
        self._awaited: dict[UUID, tuple[float, Any]] = {}
        """When it was heard of, and the row as it was then."""
        self._read: float | None = None
        model.dataChanged.connect(self._read_again)
        table.viewport().installEventFilter(self)

    def expect(self, ids: Collection[UUID], heard_at: float) -> None:
        """These rows changed and are about to be read again."""
        self._awaited = {
            row_id: waits
            for row_id, waits in self._awaited.items()
            if waits[0] > heard_at - FORGOTTEN_SECONDS
        }
        for row, row_id in visible(self._table, self._model):
            loaded = self._model.row_at(row)
            if row_id in self._awaited and self._awaited[row_id][1] is not loaded:
                del self._awaited[row_id]  # it was read again, and looked as before
            if row_id in ids and loaded is not None:
                self._awaited.setdefault(row_id, (heard_at, loaded))

    def eventFilter(self, _viewport: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint and self._read is not None:
            QTimer.singleShot(0, self, self._tell)  # after it
        return False

    def _read_again(self, first: QModelIndex, last: QModelIndex) -> None:
        if not self._awaited:
            return
        for row, row_id in visible(self._table, self._model):
            if not first.row() <= row <= last.row() or row_id not in self._awaited:
                continue
            heard_at, before = self._awaited[row_id]
            if self._model.row_at(row) is not before:
                del self._awaited[row_id]
                self._read = heard_at if self._read is None else min(self._read, heard_at)

    def _tell(self) -> None:
        if self._read is not None:
            heard_at, self._read = self._read, None
            self.painted.emit(heard_at, time.monotonic())


class Anchor(QObject):
    """Keeps the rows on screen where they are while others come and go above them."""

    def __init__(self, table: RowTableView, model: RowTable) -> None:
        super().__init__(table)
        self._table = table
        self._model = model
        self._seen: list[tuple[UUID, int]] = []
        self.at_the_top = False
        """Whether rows stay where they are at the top of the list, too, until the next count: nobody asked for new ones
        to be shown."""
        for signal in (model.rowsAboutToBeInserted, model.rowsAboutToBeRemoved, model.modelAboutToBeReset):
            signal.connect(self._remember)

    def _remember(self) -> None:
        if not self._seen and self._model.complete:  # else another list is coming, which begins at its start
            table = self._table
            self._seen = [(one, table.rowViewportPosition(row)) for row, one in visible(table, self._model)]

    def settle(self) -> None:
        """The rows have changed: the first of those that were on screen and are still there is where it was."""
        seen, self._seen = self._seen, []
        held, self.at_the_top = self.at_the_top, False
        bar = self._table.verticalScrollBar()
        if not held and bar.value() == 0:
            return
        for row_id, at in seen:
            if (row := self._model.row_of(row_id)) is not None:
                self._table.updateGeometries()  # the bar's range is that of the rows before
                bar.setValue(bar.value() + self._table.rowViewportPosition(row) - at)
                return


def visible(table: RowTableView, model: RowTable) -> list[tuple[int, UUID]]:
    """The rows on screen and their ids."""
    first, last = table.rowAt(0), table.rowAt(table.viewport().height() - 1)
    if first < 0:
        return []
    last = model.rowCount() - 1 if last < 0 else last
    return [(row, model.id_at(row)) for row in range(first, last + 1)]
