"""The table every list is shown in: regular rows, hairlines, whole rows selected, all of it by keyboard."""

import math
from collections.abc import Sequence
from itertools import islice
from typing import Final

from PySide6.QtCore import (
    QAbstractItemModel,
    QEvent,
    QItemSelection,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QFocusEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTableView, QWidget

from desktop.models.columns import CellKind, Column
from desktop.views import theme
from desktop.views.widgets.cells import ROW_PX, Cell, MeterCell, MutedCell, NumberCell, PillCell, TextCell
from desktop.views.widgets.table_header import HEADER_PX, RowHeader

COPY_AT_MOST: Final = 5_000
SHRINK_TO: Final = 0.6
_DELEGATES: Final[dict[CellKind, type[Cell]]] = {
    "text": TextCell,
    "muted": MutedCell,
    "number": NumberCell,
    "pill": PillCell,
    "meter": MeterCell,
}


class RowTableView(QTableView):
    """A model's rows. Enter or a double click opens the current row, Ctrl+C copies the selected ones."""

    opened = Signal(QModelIndex)
    """The current row was asked for: Enter, Return or a double click."""

    current_row_changed = Signal(QModelIndex)
    """The row the keyboard stands on; an invalid index when there is none."""

    selection_changed = Signal()
    """Other rows are selected than before."""

    menu_asked = Signal(QModelIndex, QPoint)
    """A context menu is wanted for a row, at a global position; show it with ``QMenu.popup``."""

    all_chosen = Signal()
    """All rows there are were selected at once."""

    copied = Signal(int, int)
    """Rows copied to the clipboard, and selected rows left out because they are not loaded or too many."""

    def __init__(self, columns: Sequence[Column], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._columns = tuple(columns)
        self._widths = [column.width for column in self._columns]
        self._fitting = False
        self._sort = (-1, Qt.SortOrder.AscendingOrder)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setCornerButtonEnabled(False)
        self.setTabKeyNavigation(False)
        self.setMouseTracking(True)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._ask_for_a_menu)
        self.doubleClicked.connect(self.opened)
        rows = self.verticalHeader()
        rows.setVisible(False)
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self._delegates = [_DELEGATES[column.kind](self) for column in self._columns]
        for number, delegate in enumerate(self._delegates):
            self.setItemDelegateForColumn(number, delegate)
        self._header = RowHeader(
            frozenset(at for at, column in enumerate(self._columns) if column.kind == "number"),
            frozenset(at for at, column in enumerate(self._columns) if column.sort_key is not None),
            self,
        )
        self._header.sectionResized.connect(self._remember_width)
        self._header.sortIndicatorChanged.connect(self._sort_by)
        self.setHorizontalHeader(self._header)
        theme.signals.changed.connect(self._restyle)
        self._restyle()

    def setModel(self, model: QAbstractItemModel | None) -> None:
        super().setModel(model)
        self._fit()

    def show_sorted(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Show by which column the model is sorted already; later clicks call the model's ``sort``."""
        self._sort = (column, order)
        self._header.blockSignals(True)
        self._header.setSortIndicatorShown(True)
        self._header.setSortIndicator(column, order)
        self._header.blockSignals(False)
        self._header.viewport().update()

    def selected_runs(self) -> list[tuple[int, int]]:
        """The selected rows as runs of neighbours, first and last row of each, ascending: a million may be one."""
        selection: QItemSelection = self.selectionModel().selection()
        spans = sorted((selection.at(at).top(), selection.at(at).bottom()) for at in range(selection.count()))
        merged: list[tuple[int, int]] = []
        for top, bottom in spans:
            if merged and top <= merged[-1][1] + 1:
                merged[-1] = (merged[-1][0], max(bottom, merged[-1][1]))
            else:
                merged.append((top, bottom))
        return merged

    def selected_rows(self) -> list[int]:
        """The numbers of the selected rows, ascending; where there may be a million, ask for the runs."""
        return [row for first, last in self.selected_runs() for row in range(first, last + 1)]

    def selected_count(self) -> int:
        """How many rows are selected, without listing them."""
        return sum(last - first + 1 for first, last in self.selected_runs())

    def copy_selected(self) -> None:
        """Put the selected rows on the clipboard, columns separated by tabs, as they are shown."""
        model = self.model()
        lines: list[str] = []
        selected = (row for first, last in self.selected_runs() for row in range(first, last + 1))
        for row in islice(selected, COPY_AT_MOST):
            cells = [model.index(row, column).data() for column in range(model.columnCount())]
            if not all(cell is None for cell in cells):
                lines.append("\t".join(" ".join(str(cell or "").split()) for cell in cells))
        if lines:
            QGuiApplication.clipboard().setText("\n".join(lines) + "\n")
        self.copied.emit(len(lines), self.selected_count() - len(lines))

    def selectAll(self) -> None:
        super().selectAll()
        self.all_chosen.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.opened.emit(self.currentIndex())
        elif event.matches(QKeySequence.StandardKey.Copy):
            self.copy_selected()
        elif event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            bar = self.horizontalScrollBar()
            step = theme.px(48) if event.key() == Qt.Key.Key_Right else -theme.px(48)
            bar.setValue(bar.value() + step)
        else:
            super().keyPressEvent(event)

    def keyboardSearch(self, search: str) -> None:
        """Typing letters does nothing here: a search over loaded rows alone would answer wrongly."""

    def moveCursor(
        self, action: QAbstractItemView.CursorAction, modifiers: Qt.KeyboardModifier
    ) -> QModelIndex:
        last = self.model().rowCount() - 1 if self.model() is not None else -1
        column = max(0, self.currentIndex().column())
        if last >= 0 and action == QAbstractItemView.CursorAction.MoveHome:
            return self.model().index(0, column)
        if last >= 0 and action == QAbstractItemView.CursorAction.MoveEnd:
            return self.model().index(last, column)
        return super().moveCursor(action, modifiers)

    def currentChanged(
        self,
        current: QModelIndex | QPersistentModelIndex,
        previous: QModelIndex | QPersistentModelIndex,
    ) -> None:
        super().currentChanged(current, previous)
        self._update_row(previous.row())
        self._update_row(current.row())
        if current.row() != previous.row() or current.isValid() != previous.isValid():
            self.current_row_changed.emit(current)

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        super().selectionChanged(selected, deselected)
        self.selection_changed.emit()

    def reset(self) -> None:
        super().reset()
        self.current_row_changed.emit(QModelIndex())
        self.selection_changed.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self.hasFocus():
            return
        current = self.currentIndex()
        if current.isValid():
            top = self.rowViewportPosition(current.row())
            ring = QRect(0, top, self.viewport().width(), self.rowHeight(current.row()) - 1)
        else:
            ring = self.viewport().rect()
        painter = QPainter(self.viewport())
        painter.setPen(QPen(theme.color("accent"), 2))
        painter.drawRect(ring.adjusted(1, 1, -1, -1))
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.viewport().update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        self._hover(self.rowAt(round(event.position().y())))

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._hover(-1)

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        super().scrollContentsBy(dx, dy)
        self._hover(-1)
        if dx and self.hasFocus():
            self.viewport().update()  # the ring spans the view's width and must not scroll with the cells

    def _hover(self, row: int) -> None:
        before = self._delegates[0].hovered_row if self._delegates else row
        if row == before:
            return
        for delegate in self._delegates:
            delegate.hovered_row = row
        self._update_row(before)
        self._update_row(row)

    def _update_row(self, row: int) -> None:
        if row >= 0:
            top = self.rowViewportPosition(row)
            self.viewport().update(0, top, self.viewport().width(), self.rowHeight(row))

    def _ask_for_a_menu(self, where: QPoint) -> None:
        index = self.indexAt(where)
        if not index.isValid():  # the menu key, or a click beside the rows
            index = self.currentIndex()
        if index.isValid():
            self.menu_asked.emit(index, self.viewport().mapToGlobal(where))

    def _sort_by(self, column: int, order: Qt.SortOrder) -> None:
        if not 0 <= column < len(self._columns) or self._columns[column].sort_key is None:
            self.show_sorted(*self._sort)
            return
        self._sort = (column, order)
        self.model().sort(column, order)

    def _remember_width(self, column: int, _before: int, width: int) -> None:
        if not self._fitting and column < len(self._widths):
            self._widths[column] = round(width / theme.scale())

    def _fit(self) -> None:
        """Give each column its width, and what is left over to those that stretch."""
        count = min(len(self._columns), self._header.count())
        widths = [theme.px(width) for width in self._widths[:count]]
        stretching = [at for at in range(count) if self._columns[at].stretch]
        base = sum(widths[at] for at in stretching)
        too_wide = sum(widths) - self.viewport().width()
        if base and too_wide > 0:  # before anything scrolls sideways, these give way
            give = min(too_wide / base, 1 - SHRINK_TO)
            for at in stretching:
                widths[at] -= math.ceil(widths[at] * give)  # one pixel too wide would show a scroll bar
        left_over = self.viewport().width() - sum(widths)
        self._fitting = True
        for at, width in enumerate(widths):
            share = max(0, left_over) // len(stretching) if at in stretching else 0
            if stretching and at == stretching[-1] and left_over > 0:
                share = left_over - share * (len(stretching) - 1)
            self._header.resizeSection(at, width + share)
        self._fitting = False

    def _restyle(self) -> None:
        self.verticalHeader().setMinimumSectionSize(theme.px(ROW_PX))
        self.verticalHeader().setDefaultSectionSize(theme.px(ROW_PX))
        self._header.setMinimumSectionSize(theme.px(40))
        self._header.setFixedHeight(theme.px(HEADER_PX))
        self._fit()
        self.viewport().update()


def make_table(
    model: QAbstractItemModel, columns: Sequence[Column], name: str, parent: QWidget | None = None
) -> RowTableView:
    """A `RowTableView` over ``model``; ``name`` is what a screen reader calls it."""
    view = RowTableView(columns, parent)
    view.setAccessibleName(name)
    view.setModel(model)
    return view
