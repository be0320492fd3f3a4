"""The columns of a table on screen: sorted by a click, shown or hidden, moved, resized, and left so."""

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Final

from PySide6.QtCore import QAbstractItemModel, QEvent, QItemSelectionModel, QModelIndex, QPoint, Qt, QTimer
from PySide6.QtGui import QHelpEvent, QHideEvent, QResizeEvent
from PySide6.QtWidgets import QMenu, QStyleOptionViewItem, QTableView, QToolTip, QWidget

from desktop.models import tips
from desktop.models.columns import Column
from desktop.views import theme
from desktop.views.widgets import column_choice, column_widths
from desktop.views.widgets.cells import ROW_PX
from desktop.views.widgets.column_choice import Choice
from desktop.views.widgets.column_widths import Wanted
from desktop.views.widgets.table_header import HEADER_PX, RowHeader

MEASURED_ROWS: Final = 64
MOST: Final = 0.9
"""The part of the texts that fit a stretching column: one long name must not cut everybody's address."""
KEPT_AFTER_MS: Final = 300
_TOOLTIP: Final = Qt.ItemDataRole.ToolTipRole


class ColumnView(QTableView):
    """A model's columns, as they are described until somebody chooses otherwise."""

    def __init__(self, columns: Sequence[Column], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._columns = tuple(columns)
        self._choice = column_choice.as_described(self._columns)
        self._needs: dict[int, int] = {}
        """What the columns need for what was in the first rows until now, in pixels at 100 % text."""
        self._remembered_as = ""
        self._arranging = False
        self._keeping = QTimer(self, singleShot=True, interval=KEPT_AFTER_MS)
        self._keeping.timeout.connect(self._keep)
        self._sort = (-1, Qt.SortOrder.AscendingOrder)
        self._header = RowHeader(
            frozenset(at for at, column in enumerate(self._columns) if column.right),
            frozenset(at for at, column in enumerate(self._columns) if column.sort_key is not None),
            self,
        )
        self._header.sectionResized.connect(self._remember_width)
        self._header.sectionMoved.connect(self._remember_order)
        self._header.sortIndicatorChanged.connect(self._sort_by)
        self._header.menu_asked.connect(self.choose_columns)
        self.setHorizontalHeader(self._header)
        theme.signals.changed.connect(self.restyle)
        self.restyle()

    def setModel(self, model: QAbstractItemModel | None) -> None:
        super().setModel(model)
        self._arrange()

    def reset(self) -> None:
        super().reset()
        if self.model() is not None:
            before = dict(self._needs)
            self._measure()
            if self._needs != before:
                self._fit()

    def remember(self, name: str) -> None:
        """Show the columns as they were left under this name, and keep there what is changed from now on."""
        self._remembered_as = name
        self._choice = column_choice.read(name, self._columns)
        self._arrange()

    def reset_columns(self) -> None:
        """Show all columns, as they are described."""
        self._choose(column_choice.as_described(self._columns))

    def show_column(self, column: int, *, shown: bool) -> None:
        """Show or hide a column; the first one always stays."""
        hidden = self._choice.hidden - {column} if shown else self._choice.hidden | {column}
        self._choose(replace(self._choice, hidden=hidden - {0}))

    def shown_columns(self) -> list[int]:
        """The numbers of the columns that are shown, in the order they are shown in."""
        return [column for column in self._choice.order if column not in self._choice.hidden]

    def choose_columns(self, where: QPoint) -> QMenu:
        """A menu at a global position in which each column can be shown or hidden, and all put back."""
        menu = QMenu(self.tr("Columns"), self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for column in self._choice.order:
            entry = menu.addAction(self._columns[column].label.replace("&", "&&"))
            entry.setCheckable(True)
            entry.setChecked(column not in self._choice.hidden)
            entry.setEnabled(column != 0)
            entry.toggled.connect(partial(self._toggle_column, column))
        menu.addSeparator()
        menu.addAction(self.tr("&Reset columns")).triggered.connect(self.reset_columns)
        menu.popup(where)
        return menu

    def show_sorted(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Show by which column the model is sorted already; later clicks call the model's ``sort``."""
        self._sort = (column, order)
        self._header.blockSignals(True)
        self._header.setSortIndicatorShown(True)
        self._header.setSortIndicator(column, order)
        self._header.blockSignals(False)
        self._header.viewport().update()

    def restyle(self) -> None:
        """Take the sizes of the text as it is now."""
        top = self.rowAt(0)
        self._arranging = True  # a column the larger text pushes wider was not made wider by anybody
        self.verticalHeader().setMinimumSectionSize(theme.px(ROW_PX))
        self.verticalHeader().setDefaultSectionSize(theme.px(ROW_PX))
        self._header.setMinimumSectionSize(theme.px(40))
        self._header.setFixedHeight(theme.px(HEADER_PX))
        self._arranging = False
        self._fit()
        if top > 0:  # the rows are higher or lower now; the same one stays at the top
            self.verticalScrollBar().setValue(top * theme.px(ROW_PX))
        self.viewport().update()

    def viewportEvent(self, event: QEvent) -> bool:
        """A text that is cut is whole in its tooltip, unless its column has more to tell there."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            index = self.indexAt(event.pos())
            whole = self.whole_text(index) if index.isValid() and not index.data(_TOOLTIP) else ""
            if whole:
                QToolTip.showText(event.globalPos(), whole, self.viewport(), self.visualRect(index))
                return True
        return super().viewportEvent(event)

    def whole_text(self, index: QModelIndex) -> str:
        """What a cell says, as a tooltip shows it, where it is cut; "" where all of it can be read."""
        delegate = self.itemDelegateForColumn(index.column())
        cut = delegate.sizeHint(QStyleOptionViewItem(), index).width() > self.columnWidth(index.column())
        return tips.as_it_is(index.data() or "") if cut else ""

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if self._keeping.isActive():
            self._keep()

    def _toggle_column(self, column: int, shown: bool) -> None:
        self.show_column(column, shown=shown)

    def _remember_width(self, column: int, _before: int, width: int) -> None:
        if not self._arranging and width and column < len(self._columns):
            widths = {**self._choice.widths, column: round(width / theme.scale())}
            self._choice = replace(self._choice, widths=widths)
            self._keeping.start()

    def _remember_order(self, *_moved: int) -> None:
        if not self._arranging:
            count = min(len(self._columns), self._header.count())
            order = tuple(self._header.logicalIndex(place) for place in range(count))
            self._choice = replace(self._choice, order=order)
            self._keeping.start()

    def _choose(self, choice: Choice) -> None:
        self._choice = choice
        self._arrange()
        current = self.currentIndex()
        if current.isValid() and current.column() in choice.hidden:  # what is read aloud is what can be seen
            at = current.siblingAtColumn(self.shown_columns()[0])
            self.selectionModel().setCurrentIndex(at, QItemSelectionModel.SelectionFlag.NoUpdate)
        self._keeping.start()

    def _keep(self) -> None:
        self._keeping.stop()
        if self._remembered_as:
            column_choice.keep(self._remembered_as, self._columns, self._choice)

    def _arrange(self) -> None:
        """Order and hide the columns as they were chosen."""
        if self._header.count() == len(self._columns):
            self._arranging = True
            for place, column in enumerate(self._choice.order):
                self._header.moveSection(self._header.visualIndex(column), place)
                self._header.setSectionHidden(column, column in self._choice.hidden)
            self._arranging = False
        self._fit()

    def _fit(self) -> None:
        """Give each column its width; see `column_widths`."""
        given = self._choice.widths
        wanted = {
            at: Wanted(
                theme.px(given.get(at, self._columns[at].width)),
                self._columns[at].stretch,
                self._columns[at].kind in {"address", "muted"},
                theme.px(self._needs[at]) if at in self._needs and at not in given else None,
            )
            for at in self.shown_columns()
            if at < self._header.count()
        }
        self._arranging = True
        for at, width in column_widths.shared_out(wanted, self.viewport().width()).items():
            self._header.resizeSection(at, width)
        self._arranging = False

    def _measure(self) -> None:
        """What the columns need for what is in the first rows. They are never made narrower again for others, so that
        they come to rest while somebody filters and sorts."""
        model = self.model()
        rows = min(model.rowCount(), MEASURED_ROWS)
        if not rows or model.index(0, 0).data() is None:
            return
        option = QStyleOptionViewItem()
        for at in range(len(self._columns)):
            cells = (model.index(row, at) for row in range(rows))
            texts = {cell.data(): cell for cell in cells}.values()  # a package's name, say, is measured once
            delegate = self.itemDelegateForColumn(at)
            widths = sorted(delegate.sizeHint(option, cell).width() for cell in texts)
            most = widths[math.ceil(MOST * len(widths)) - 1] if self._columns[at].stretch else widths[-1]
            need = max(self._header.title_width(at), most) / theme.scale()
            self._needs[at] = max(self._needs.get(at, 0), math.ceil(need))

    def _sort_by(self, column: int, order: Qt.SortOrder) -> None:
        if not 0 <= column < len(self._columns) or self._columns[column].sort_key is None:
            self.show_sorted(*self._sort)
            return
        self._sort = (column, order)
        self.model().sort(column, order)
