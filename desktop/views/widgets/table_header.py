"""A table's header: titles aligned as their columns, the sort arrow beside its title, usable by keyboard."""

from typing import Final

from PySide6.QtCore import QEvent, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QFocusEvent, QHelpEvent, QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import QHeaderView, QToolTip, QWidget

from desktop.views import fonts, icons, theme
from desktop.views.widgets.cells import PAD_PX

HEADER_PX: Final = 31
_ARROW_PX: Final = 12
_STEP_PX: Final = 16


class RowHeader(QHeaderView):
    """With the keyboard on it: left and right choose a column, Space or Enter sorts by it, with Ctrl they move it and
    with Shift they resize it; the menu key asks which columns are shown. The mouse drags titles and their borders;
    a double click on a border fits the column to what is in sight."""

    menu_asked = Signal(QPoint)
    """A menu of columns is wanted at a global position."""

    def __init__(self, right_aligned: frozenset[int], sortable: frozenset[int], parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._right_aligned = right_aligned
        self._sortable = sortable
        self._chosen = 0
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSectionsClickable(True)
        self.setHighlightSections(False)
        self.setSectionsMovable(True)
        self.setResizeContentsPrecision(0)  # the rows in sight only
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._ask_for_a_menu)
        self.setAccessibleName(self.tr("Column titles"))
        self.setAccessibleDescription(
            self.tr(
                "Left and right choose a column, Space sorts by it. With Ctrl they move it, with Shift they resize it. "
                "The menu key shows and hides columns."
            )
        )

    def title_width(self, section: int) -> int:
        """What a title needs, with the arrow beside it where the column can be sorted by."""
        text = str(self.model().headerData(section, Qt.Orientation.Horizontal) or "")
        pad = theme.px(PAD_PX)
        arrow = max(0, theme.px(_ARROW_PX) + 3 - pad) if section in self._sortable else 0
        return fonts.metrics(11.5, 600).horizontalAdvance(text) + arrow + 2 * pad

    def viewportEvent(self, event: QEvent) -> bool:
        """A title that is cut is whole in its tooltip."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            section = self.logicalIndexAt(event.pos())
            cut = section >= 0 and self.title_width(section) > self.sectionSize(section)
            title = str(self.model().headerData(section, Qt.Orientation.Horizontal) or "") if cut else ""
            QToolTip.showText(event.globalPos(), title, self.viewport())
            return True
        return super().viewportEvent(event)

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        painter.fillRect(rect, theme.color("surface"))
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, theme.color("line"))
        text = str(self.model().headerData(section, Qt.Orientation.Horizontal) or "")
        sorted_here = self.isSortIndicatorShown() and self.sortIndicatorSection() == section
        pad, arrow = theme.px(PAD_PX), theme.px(_ARROW_PX)
        inner = rect.adjusted(pad, 0, -pad, -1)
        metrics = fonts.metrics(11.5, 600)
        # The arrow may stand in the padding beside its title.
        room = inner.width() - (max(0, arrow + 3 - pad) if sorted_here else 0)
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, max(0, room + 1))
        width = metrics.horizontalAdvance(shown)
        right = section in self._right_aligned
        # A right-aligned title stays above its numbers; the arrow then goes to its left.
        left = inner.right() + 1 - width if right else inner.left()
        painter.setFont(fonts.font(11.5, 600))
        painter.setPen(theme.color("ink" if sorted_here else "muted"))
        painter.drawText(
            QRect(left, inner.top(), width + 2, inner.height()), int(Qt.AlignmentFlag.AlignVCenter), shown
        )
        if sorted_here:
            ascending = self.sortIndicatorOrder() == Qt.SortOrder.AscendingOrder
            picture = icons.pixmap("up-arrow", "ink", _ARROW_PX, self.devicePixelRatioF())
            x = left - arrow - 2 if right else left + width + 3
            y = inner.center().y() - arrow // 2 + 1
            painter.save()
            painter.translate(x + arrow / 2, y + arrow / 2)
            painter.rotate(0 if ascending else 180)
            painter.drawPixmap(round(-arrow / 2), round(-arrow / 2), picture)
            painter.restore()
        if self.hasFocus() and section == self._chosen:
            painter.setPen(QPen(theme.color("accent"), 2))
            painter.drawRect(rect.adjusted(1, 1, -1, -1))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            step = 1 if key == Qt.Key.Key_Right else -1
            if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
                self.resizeSection(self._chosen, self.sectionSize(self._chosen) + step * theme.px(_STEP_PX))
            else:
                self._step(step, moving=bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier))
        elif key in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.sort_by(self._chosen)
        else:
            event.ignore()

    def _step(self, step: int, *, moving: bool) -> None:
        """Choose the next column that is shown, or change places with it."""
        places = [
            place for place in range(self.count()) if not self.isSectionHidden(self.logicalIndex(place))
        ]
        place = self.visualIndex(self._chosen)
        if place not in places:  # it was hidden
            self._chosen = self.logicalIndex(places[0])
        else:
            at = max(0, min(len(places) - 1, places.index(place) + step))
            if moving:
                self.moveSection(place, places[at])
            else:
                self._chosen = self.logicalIndex(places[at])
        self.viewport().update()

    def _ask_for_a_menu(self, where: QPoint) -> None:
        if self.hasFocus() and not self.underMouse():  # the menu key: at the column that is chosen
            where = QPoint(self.sectionViewportPosition(self._chosen), self.height())
        self.menu_asked.emit(self.viewport().mapToGlobal(where))

    def sort_by(self, column: int) -> None:
        """Sort by ``column``; a second time turns the order round. Columns that cannot be sorted stay."""
        if column not in self._sortable:
            return
        order = Qt.SortOrder.AscendingOrder
        if self.sortIndicatorSection() == column and self.sortIndicatorOrder() == order:
            order = Qt.SortOrder.DescendingOrder
        self.setSortIndicator(column, order)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.viewport().update()
