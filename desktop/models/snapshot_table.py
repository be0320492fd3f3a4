"""The table without its questions: rows known by id in one order, some of them loaded, and what Qt is told
when that changes. `desktop.models.row_table` asks for the rows."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from PySide6.QtCore import (
    QAbstractTableModel,
    QCoreApplication,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)

from desktop.models import skeleton, tips
from desktop.models.roles import METER_ROLE, ROW_ROLE, TONE_ROLE
from desktop.models.row_cache import Loaded, RowCache
from desktop.services.grid import WIDTH

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from desktop.models.columns import Column
    from desktop.models.skeleton import Edits

PAGE: Final = 128
"""Rows asked for at a time."""
PAGES_KEPT: Final = 64
ROWS_KEPT: Final = PAGES_KEPT * PAGE
FEW_ROWS: Final = 20_000
SIGNALS_AT_MOST: Final = 12
"""More runs of changed rows than this are told as one that spans them."""

Index = QModelIndex | QPersistentModelIndex
NOWHERE: Final = QModelIndex()
DISPLAY: Final = int(Qt.ItemDataRole.DisplayRole)
ALIGNMENT: Final = int(Qt.ItemDataRole.TextAlignmentRole)
TOOLTIP: Final = int(Qt.ItemDataRole.ToolTipRole)
ACCESSIBLE: Final = int(Qt.ItemDataRole.AccessibleTextRole)
LEFT: Final = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT: Final = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class SnapshotTable(QAbstractTableModel):
    """Rows in the order of their ids. A row that is not loaded answers None for ``DisplayRole``."""

    def __init__(self, columns: Sequence[Column], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.columns = tuple(columns)
        self._cache = RowCache(self.columns, ROWS_KEPT)
        self._ids = b""
        self._snapshot = 0
        self._page_looked_at = -1
        self._looked_at: OrderedDict[int, dict[bytes, int]] = OrderedDict()
        """The pages somebody looked at in this order, the latest last, and where their rows are."""

    def rowCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._ids) // WIDTH

    def columnCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = DISPLAY) -> Any:
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self.columns):
            return None
        if role == DISPLAY:
            return self.columns[section].label
        return self._alignment(section) if role == ALIGNMENT else None

    def data(self, index: Index, role: int = DISPLAY) -> Any:
        if not index.isValid():
            return None
        if role == ALIGNMENT:
            return self._alignment(index.column())
        row = index.row()
        start = row * WIDTH
        loaded = self._cache.get(self._ids[start : start + WIDTH])
        page = row // PAGE
        if loaded is None or self._cache.is_old(loaded):
            self._wish(page)
        if page != self._page_looked_at:
            self._look_at(page)
        if loaded is None:
            return QCoreApplication.translate("RowTable", "loading") if role == ACCESSIBLE else None
        if role == DISPLAY:
            return loaded.texts[index.column()]
        if role == ROW_ROLE:
            return loaded.row
        return self._looks(loaded, index.column(), role)

    def _looks(self, loaded: Loaded, number: int, role: int) -> Any:
        column = self.columns[number]
        if role == TONE_ROLE:
            return column.tone(loaded.row) if column.tone else None
        if role == METER_ROLE:
            return column.meter(loaded.row) if column.meter else None
        if role == TOOLTIP:
            return tips.as_it_is(column.tooltip(loaded.row)) if column.tooltip else None
        if role == ACCESSIBLE:
            return column.accessible(loaded.row) if column.accessible else loaded.texts[number]
        return None

    def _alignment(self, number: int) -> Qt.AlignmentFlag:
        return RIGHT if self.columns[number].right else LEFT

    def ids(self) -> bytes:
        """The ids of all rows in their order, 16 bytes each; exact for “all 48,213” once `complete`."""
        return self._ids

    def id_at(self, row: int) -> UUID:
        """The id of a row, loaded or not. Raises IndexError for a row that is not there."""
        if not 0 <= row < self.rowCount():
            raise IndexError(row)
        return UUID(bytes=self._ids[row * WIDTH : (row + 1) * WIDTH])

    def row_of(self, row_id: UUID) -> int | None:
        """Where the row with this id is, or None."""
        return skeleton.row_of(self._ids, row_id.bytes)

    def row_at(self, row: int) -> Any:
        """The row's own object, or None when it is not loaded (it is not asked for either)."""
        loaded = self._cache.get(self._ids[row * WIDTH : (row + 1) * WIDTH]) if row >= 0 else None
        return loaded.row if loaded else None

    def _wish(self, page: int) -> None:
        """Somebody looked at a row of this page that is to be read."""
        raise NotImplementedError

    def _keys(self, page: int) -> list[bytes]:
        ids = self._ids[page * PAGE * WIDTH : (page + 1) * PAGE * WIDTH]
        return [ids[at : at + WIDTH] for at in range(0, len(ids), WIDTH)]

    def _look_at(self, page: int) -> None:
        """Somebody looks at this page: its rows are forgotten last, and known by where they are."""
        self._page_looked_at = page
        keys = self._keys(page)
        self._cache.touch(keys)
        self._looked_at[page] = dict(zip(keys, range(page * PAGE, (page + 1) * PAGE), strict=False))
        self._looked_at.move_to_end(page)
        if len(self._looked_at) > PAGES_KEPT:
            self._looked_at.popitem(last=False)

    def _replace(self, ids: bytes) -> None:
        """Another order altogether."""
        self.beginResetModel()
        self._renumber(ids)
        self.endResetModel()

    def _become(self, ids: bytes, edits: Edits | None) -> None:
        """The same list as it is now; views keep their place when ``edits`` tell how it came to be."""
        if edits is None:
            self._replace(ids)
            return
        self._take_out(edits.removed)
        for first, last in edits.inserted:
            self.beginInsertRows(NOWHERE, first, last)
            last_one = (first, last) == edits.inserted[-1]
            new = ids[first * WIDTH : (last + 1) * WIDTH]
            # At the end it is what was read, which spares a copy of it.
            self._renumber(ids if last_one else skeleton.with_run(self._ids, first, new))
            self.endInsertRows()

    def _drop(self, keys: Collection[bytes]) -> bool:
        """Take these rows out; whether any of them was there."""
        return self._drop_rows(keys, skeleton.rows_of(self._ids, keys))

    def _drop_rows(self, keys: Collection[bytes], rows: Sequence[int]) -> bool:
        """Take these rows out, which are at ``rows`` (upwards)."""
        runs = skeleton.runs(rows)
        if not skeleton.worth_telling(len(runs), self.rowCount()):
            self._replace(skeleton.without(self._ids, runs))
        else:
            self._take_out(runs)
        self._cache.forget(keys)
        return bool(runs)

    def _take_out(self, runs: list[skeleton.Run]) -> None:
        for first, last in reversed(runs):
            self.beginRemoveRows(NOWHERE, first, last)
            self._renumber(skeleton.without(self._ids, [(first, last)]))
            self.endRemoveRows()

    def _renumber(self, ids: bytes) -> None:
        self._ids = ids
        self._snapshot += 1
        self._page_looked_at = -1
        self._looked_at.clear()

    def _tell_changed(self, first: int, last: int, columns: range | None = None) -> None:
        if 0 <= first <= last:
            columns = columns if columns is not None else range(len(self.columns))
            self.dataChanged.emit(self.index(first, columns[0]), self.index(last, columns[-1]))

    def _tell_rows_changed(self, changed: Mapping[bytes, range]) -> None:
        """Have these rows painted anew, all at once, in the columns that changed in any of them. What nobody has looked
        at lately is on no screen, and among many rows not looked for."""
        found = {key: page[key] for page in self._looked_at.values() for key in changed if key in page}
        rows = list(found.values())
        if self.rowCount() <= FEW_ROWS:
            rows += skeleton.rows_of(self._ids, [key for key in changed if key not in found])
        rows.sort()
        runs = skeleton.runs(rows)
        if len(runs) > SIGNALS_AT_MOST:
            runs = [(rows[0], rows[-1])]
        columns = range(min(one.start for one in changed.values()), max(one.stop for one in changed.values()))
        for first, last in runs:  # rows between them would be painted for nothing
            self._tell_changed(first, last, columns)
