"""The table every list is shown in: regular rows, hairlines, whole rows selected, all of it by keyboard."""

from collections.abc import Callable, Sequence
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
)
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QWidget

from desktop import collecting
from desktop.models.columns import CellKind, Column
from desktop.views import theme
from desktop.views.widgets.cells import (
    AddressCell,
    Cell,
    MeterCell,
    MutedCell,
    NumberCell,
    PillCell,
    TextCell,
)
from desktop.views.widgets.column_view import ColumnView
from desktop.views.widgets.shaping_ahead import ShapingAhead

COPY_AT_MOST: Final = 5_000
COPY_AT_ONCE: Final = 200
"""Up to so many rows are copied as they stand on the screen; more would hold it up."""
_DELEGATES: Final[dict[CellKind, type[Cell]]] = {
    "text": TextCell,
    "muted": MutedCell,
    "address": AddressCell,
    "number": NumberCell,
    "pill": PillCell,
    "meter": MeterCell,
}


class RowTableView(ColumnView):
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
        super().__init__(columns, parent)
        self.elsewhere: Callable[[], object] | None = None
        """Copies the selected rows where they are more than are at hand; None where all are."""
        self.is_place_awaited: Callable[[], bool] = lambda: False
        """Whether the current row is about to come."""
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
        self._delegates = [_DELEGATES[column.kind](self, strong=column.strong) for column in self._columns]
        for number, delegate in enumerate(self._delegates):
            self.setItemDelegateForColumn(number, delegate)
        self._ahead = ShapingAhead(self, super().dataChanged)

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
        """Put the selected rows on the clipboard, columns separated by tabs, as they are shown. Those that are not
        loaded, or many, are left to `elsewhere`."""
        model, columns = self.model(), self.shown_columns()
        selected = [
            row
            for first, last in self.selected_runs()
            for row in range(first, min(last, first + COPY_AT_MOST) + 1)
        ]
        few = selected[:COPY_AT_ONCE] if self.elsewhere else selected[:COPY_AT_MOST]
        rows = [[model.index(row, column).data() for column in columns] for row in few]
        if self.elsewhere and (self.selected_count() > len(few) or any(cells[0] is None for cells in rows)):
            self.elsewhere()
            return
        self.copy_texts(
            [[str(cell or "") for cell in cells] for cells in rows if any(cell is not None for cell in cells)]
        )

    def copy_texts(self, rows: Sequence[Sequence[str]]) -> None:
        """Put these texts of the shown columns on the clipboard, a line each."""
        lines = ["\t".join(" ".join(text.split()) for text in texts) for texts in rows]
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
        self._ahead.forget()
        self.current_row_changed.emit(QModelIndex())
        self.selection_changed.emit()

    def dataChanged(  # noqa: N802 - Qt's
        self,
        first: QModelIndex | QPersistentModelIndex,
        last: QModelIndex | QPersistentModelIndex,
        _roles: Sequence[int] = (),
    ) -> None:
        self._ahead.changed(first, last)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        self._ahead.painted()
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

    def focusInEvent(self, event: QFocusEvent) -> None:
        if not self.currentIndex().isValid() and self.is_place_awaited():
            # Qt makes the first row the current one, as if the person had chosen it, unless the mouse chooses.
            event = QFocusEvent(event.type(), Qt.FocusReason.MouseFocusReason)
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
        collecting.put_off()
        self._ahead.moved()
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


def make_table(
    model: QAbstractItemModel, columns: Sequence[Column], name: str, parent: QWidget | None = None
) -> RowTableView:
    """A `RowTableView` over ``model``; ``name`` is what a screen reader calls it."""
    view = RowTableView(columns, parent)
    view.setAccessibleName(name)
    view.setModel(model)
    return view
