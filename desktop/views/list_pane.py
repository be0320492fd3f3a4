"""A `RowTable` on screen: the table, its states, its counts, and “12 new – show”."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from PySide6.QtCore import QModelIndex, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QApplication, QWidget

from desktop import background, errors
from desktop.models import skeleton
from desktop.models.place import Place
from desktop.models.roles import ROW_ROLE
from desktop.models.row_table import NO_ORDER, RowTable
from desktop.services.changes import Touched
from desktop.services.grid import WIDTH, Order, QueryCancelled
from desktop.views.arrivals import Anchor, Arrivals
from desktop.views.new_rows import NewRows
from desktop.views.widgets import table_view
from desktop.views.widgets.message_bar import MessageBar
from desktop.views.widgets.states import StatePane

RELOAD_REST_MS: Final = 2_000
"""Between two times the whole order is read again because of somebody's bulk work."""


@dataclass(frozen=True, slots=True)
class Words:
    """What the list is called (for screen readers), what its status line says, what loading says."""

    name: str
    counted: Callable[[int], str]
    loading: str


@dataclass(frozen=True, slots=True)
class Empty:
    """The sentence of an empty list, and the next action."""

    sentence: str
    button: str = ""
    does: Callable[[], object] | None = None


class ListPane(StatePane):
    """Sorting, opening and selecting go through `table`; `show` opens another list in the same columns."""

    status_changed = Signal(str)
    row_changed = Signal(object)
    """The row object the keyboard stands on, None when there is none or it is not loaded."""

    painted = Signal(float, float)
    """See `Arrivals.painted`."""

    row_opened = Signal(object)
    """Enter or a double click on a loaded row."""

    def __init__(self, model: RowTable, words: Words, messages: MessageBar, order: Order) -> None:
        self.model = model
        self.table = table_view.make_table(model, model.columns, words.name)
        super().__init__(self.table)
        model.setParent(self)
        self.place = Place(model, self.table.selectionModel(), parent=self)
        self.table.is_place_awaited = lambda: self.place.is_awaited
        self.anchor = Anchor(self.table, model)
        self.arrivals = Arrivals(self.table, model)
        self.arrivals.painted.connect(self.painted)
        self.new_rows = NewRows(self.table, model, messages)
        self._reload_owed = False
        self._rest = QTimer(self, singleShot=True, interval=RELOAD_REST_MS)
        self._rest.timeout.connect(self._reload_if_owed)
        self._words = words
        self._messages = messages
        self._order = order
        self._another = self._anew = False
        self._focus_wanted = False
        self._keyboard_at: QWidget | None = None
        self._all_wanted = False
        self._empty: Callable[[], Empty] = lambda: Empty("")
        self.table.elsewhere = lambda: background.start(self._copy())
        model.loading.connect(self._loading)
        model.modelReset.connect(self._rows_came)
        model.counted.connect(self._counted)
        model.caught_up.connect(self.anchor.settle)  # whether any rows went or not
        model.failed.connect(self._failed)
        model.dataChanged.connect(lambda *_: self._tell_row())
        self.table.current_row_changed.connect(lambda _index: self._tell_row())
        self.table.selection_changed.connect(self._selected)
        self.table.all_chosen.connect(self._all_chosen)
        self.table.opened.connect(self._open_row)

    def show_list(self, where: Any, empty: Callable[[], Empty]) -> None:
        """Read the list of this filter from its start; ``empty`` words it when nothing matches."""
        self._empty = empty
        self._another = self._anew = True
        self.model.open(self._order if self.model.order == NO_ORDER else self.model.order, where)
        self._loading(self.model.is_loading)
        self.table.show_sorted(*self.model.sorted_column())

    def shown(self) -> bool:
        """Whether `show_list` was ever called."""
        return self.model.order != NO_ORDER

    def reload(self) -> None:
        """Read the list again, in place."""
        self.model.reload()

    def follow(self, touched: Touched, heard_at: float, also: Iterable[UUID] = ()) -> None:
        """Somebody changed rows, of which some may be listed here, and with them the rows ``also``. Rows stay where
        they are; new ones are counted, or come in after bulk work, out of sight."""
        if not self.shown():
            return
        if touched.removed:
            self.anchor.at_the_top = True
            self.model.look_for(touched.removed)
        if changed := touched.written.union(also):
            self.arrivals.expect(changed, heard_at)
            self.model.refresh(changed)
        if touched.unnamed and touched.come_or_gone:
            self._reload_owed = True
            self._reload_if_owed()
        elif touched.unnamed:
            self.model.refresh_loaded(lambda _row: True)

    def catch_up(self) -> None:
        """Read the list again because something may have been missed: what is looked at stays where it is."""
        self.anchor.at_the_top = True
        self.reload()

    def take_focus(self) -> None:
        """Put the keyboard into the table: now, or when there are rows and the person has not gone elsewhere.
        Until then it is at the button that stands in their place."""
        here = self._button if self._button.isVisible() else self.table
        here.setFocus()  # before the page is shown, too: then it has the keyboard when it is
        self._focus_wanted = self.state() != "content"
        self._keyboard_at = QApplication.focusWidget()

    def row(self) -> Any | None:
        """The row object the keyboard stands on, when it is loaded."""
        return self._row_at(self.table.currentIndex())

    def selected_ids(self) -> bytes:
        """The ids of the selected rows in their order, 16 bytes each (`WIDTH`), loaded or not: what a bulk
        action or an export takes. Of “all” before all rows are known, those of the first page only; `all_known`."""
        return skeleton.within(self.model.ids(), self.table.selected_runs())

    def all_known(self) -> bool:
        """Whether `selected_ids` is exact: False while “select all” waits for the order of all rows."""
        return not self._all_wanted

    def close_down(self) -> None:
        """Ask nothing more."""
        self._reload_owed = False
        self._rest.stop()
        self.model.close()

    def _reload_if_owed(self) -> None:
        if self._reload_owed and not self._rest.isActive() and not self.model.is_loading:
            self._reload_owed = False
            self._rest.start()
            self.catch_up()

    def _next(self) -> None:
        super()._next()
        if self.state() == "loading":  # the button is gone, and the keyboard with it
            self.take_focus()

    def _row_at(self, index: QModelIndex) -> Any | None:
        return index.data(ROW_ROLE) if index.isValid() else None

    def _open_row(self, index: QModelIndex) -> None:
        if (row := self._row_at(index)) is not None:
            self.row_opened.emit(row)

    def _tell_row(self) -> None:
        self.row_changed.emit(self.row())

    def _loading(self, loading: bool) -> None:
        """What is shown may stay for half a second, and longer while it is only read again."""
        if loading and (self._another or self.model.rowCount() == 0):
            self.show_loading(self._words.loading)
        if not loading:
            self._reload_if_owed()
        self._tell_status()

    def _rows_came(self) -> None:
        """The first page is painted before anybody knows how many rows there are."""
        self._another = False
        if self.model.rowCount() == 0:
            return
        self.show_content()
        if self._focus_wanted:
            self._focus_wanted = False
            if QApplication.focusWidget() in (None, self._keyboard_at):
                self.table.setFocus()

    async def _copy(self) -> None:
        """Copy the selected rows that are not loaded, too: they are read by their ids."""
        columns = self.table.shown_columns()
        try:
            texts = await self.model.texts(self.selected_ids()[: table_view.COPY_AT_MOST * WIDTH])
        except QueryCancelled:
            return
        except errors.AppError as error:
            self._messages.error(str(error), retry=self.table.copy_selected)
            return
        self.table.copy_texts([[row[column] for column in columns] for row in texts])

    def _all_chosen(self) -> None:
        """Of a list whose first page only is there, “all” means the others, too, when they come."""
        self._all_wanted = not self.model.complete

    def _selected(self) -> None:
        if self._all_wanted and self.table.selected_count() < self.model.rowCount():
            self._all_wanted = False
        self._tell_status()

    def _counted(self, rows: int) -> None:
        self._another = False
        anew, self._anew = self._anew, False
        all_wanted = self._all_wanted
        if rows == 0:
            empty = self._empty()
            self.show_empty(empty.sentence, empty.button, empty.does)
        else:
            self._rows_came()
            if not self.table.currentIndex().isValid() or (anew and not self.table.selected_count()):
                # Qt puts the keyboard on a row, without selecting it, when it comes before the count.
                self.table.selectRow(max(0, self.table.currentIndex().row()))
            if all_wanted:
                self.table.selectAll()
        self.anchor.settle()
        self._tell_status()
        self._tell_row()

    def _failed(self, error: errors.AppError) -> None:
        away = isinstance(error, errors.DatabaseDown)
        if self._another or self.model.rowCount() == 0:
            (self.show_offline if away else self.show_failed)(str(error), self.model.retry)
            self.row_changed.emit(None)
        else:
            self._messages.not_read("offline" if away else "error", str(error), self.model.retry)
        self._tell_status()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.new_rows.hold_still()

    def _tell_status(self) -> None:
        if not self.model.complete:  # only a first page, or the list before
            self.status_changed.emit(self._words.loading if self.model.is_loading else "")
            return
        parts = [self._words.counted(self.model.rowCount())]
        if (selected := self.table.selected_count()) > 1:
            parts.append(self.tr("%1 selected").replace("%1", f"{selected:,}"))
        self.status_changed.emit("     ".join(parts))
