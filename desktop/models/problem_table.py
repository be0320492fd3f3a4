"""What is wrong with the rows of a file, as a table."""

from collections.abc import Sequence
from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from desktop.models.columns import Column
from desktop.models.roles import ROW_ROLE, TONE_ROLE
from desktop.services.importing import Problem

NOWHERE: Final = QModelIndex()


class ProblemTable(QAbstractTableModel):
    """Problems in the order of the file; all of them are in memory, the report has them."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._problems: Sequence[Problem] = ()
        self.columns: Final = (
            Column(self.tr("Line"), lambda problem: f"{problem.line:,}", "number", width=72),
            Column(
                self.tr("Result"),
                lambda problem: (
                    self.tr("Not imported") if problem.severity == "refused" else self.tr("With a note")
                ),
                "pill",
                width=130,
                tone=lambda problem: "red" if problem.severity == "refused" else "amber",
            ),
            Column(self.tr("Column"), lambda problem: problem.field, "muted", width=150),
            Column(
                self.tr("Why"),
                _reason,
                width=420,
                stretch=True,
                tooltip=_reason,
            ),
        )

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Show these instead."""
        self.beginResetModel()
        self._problems = problems
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._problems)

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
        problem, column = self._problems[index.row()], self.columns[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.text(problem)
        if role == ROW_ROLE:
            return problem
        if role == TONE_ROLE and column.tone:
            return column.tone(problem)
        if role == Qt.ItemDataRole.ToolTipRole and column.tooltip:
            return column.tooltip(problem)
        return None


def _reason(problem: Problem) -> str:
    """The sentence, read from left to right even where it begins with a name that is not."""
    return f"\N{LEFT-TO-RIGHT MARK}{problem.reason}"
