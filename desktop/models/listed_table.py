"""A table of rows that are all in memory, such as a report's."""

from collections.abc import Sequence
from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from desktop.models import tips
from desktop.models.columns import Column
from desktop.models.roles import ROW_ROLE, TONE_ROLE

NOWHERE: Final = QModelIndex()


class ListedTable(QAbstractTableModel):
    """The rows stand in the order they were given, and cannot be sorted."""

    def __init__(self, columns: Sequence[Column], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.columns: Final = tuple(columns)
        self._rows: Sequence[Any] = ()

    def show_rows(self, rows: Sequence[Any]) -> None:
        """Show these instead."""
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: QModelIndex | QPersistentModelIndex = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.columns)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        wanted = orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole
        return self.columns[section].label if wanted else None

    def data(
        self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        row, column = self._rows[index.row()], self.columns[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.text(row)
        if role == ROW_ROLE:
            return row
        if role == TONE_ROLE and column.tone:
            return column.tone(row)
        if role == Qt.ItemDataRole.ToolTipRole and column.tooltip:
            return tips.as_it_is(column.tooltip(row))
        return None


def from_the_left(sentence: str) -> str:
    """A sentence read from left to right even where it begins with a name that is not."""
    return f"\N{LEFT-TO-RIGHT MARK}{sentence}"
