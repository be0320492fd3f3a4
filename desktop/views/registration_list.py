"""The list of one event's registrations, and the one of the next event in its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QWidget
from shiboken6 import isValid

from desktop import background
from desktop.models.columns import registration_columns
from desktop.models.row_table import RowTable
from desktop.services.grid import WIDTH, Order
from desktop.services.lists import registrations
from desktop.views.list_pane import Empty, ListPane, Words
from desktop.views.widgets.states import StatePane

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from desktop.services.changes import Changes
    from desktop.services.lists.event_detail import EventDetail
    from desktop.services.lists.registrations import RegistrationRow, Where
    from desktop.services.workspace import Workspace
    from desktop.views.registration_actions import Done
    from desktop.views.widgets.message_bar import MessageBar


class RegistrationList(QStackedWidget):
    """Before an event is known, `nothing` says what is going on."""

    selected = Signal(object, int)
    """The one selected row (None when it is none, many or not loaded) and how many are selected."""

    opened = Signal()
    """Enter or a double click: the person wants to go on in the panel."""

    status_changed = Signal(str)
    painted = Signal(float, float)
    caught_up = Signal()

    def __init__(self, workspace: Workspace, messages: MessageBar, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._messages = messages
        self._reveal = False
        self._told: tuple[RegistrationRow | None, bytes] = (None, b"")
        self.nothing = StatePane(QWidget())
        self.pane: ListPane | None = None
        self.addWidget(self.nothing)

    def show_event(self, event_id: UUID, after: QWidget) -> None:
        """Make a list of this event in the place of the one before; `show_where` fills it. The Tab key reaches
        it from ``after``."""
        if self.pane is not None:
            self.pane.close_down()
            self.removeWidget(self.pane)
            self.pane.deleteLater()
        workspace = self._workspace
        grid = registrations.grid(workspace.database, workspace.actor, event_id, workspace.zone)
        words = Words(self.tr("Registrations"), self._counted, self.tr("Reading the registrations…"))
        self.pane = ListPane(RowTable(grid, registration_columns()), words, self._messages, Order("name"))
        self.pane.table.remember(f"{workspace.actor.id}/registrations")
        self.pane.status_changed.connect(self.status_changed)
        self.pane.painted.connect(self.painted)
        self.pane.model.caught_up.connect(self.caught_up)
        self.pane.model.counted.connect(lambda _rows: self._reveal_selected())
        self.pane.row_changed.connect(lambda _row: self._tell_selected())
        self.pane.table.selection_changed.connect(self._tell_selected)
        self.pane.row_opened.connect(lambda _row: self.opened.emit())
        self.addWidget(self.pane)
        self.setCurrentWidget(self.pane)
        QWidget.setTabOrder(after, self.pane.table)
        self._tell(None, b"")

    def say_there_is_none(self, go: Callable[[], object]) -> None:
        """No event to list; ``go`` where one is published."""
        text = self.tr("No event is published yet. Publish one, and its registrations stand here.")
        self.nothing.show_empty(text, self.tr("&Go to the events"), go)

    def show_where(self, where: Where, empty: Callable[[], Empty]) -> None:
        """List these registrations; ``empty`` words it when there are none."""
        if self.pane is not None:
            self._reveal = True
            self.pane.show_list(where, empty)

    def reload(self) -> None:
        """Read the list again, in place."""
        if self.pane is not None:
            self.pane.reload()

    def update_rows(self, done: Done) -> None:
        """Read again just the listed rows a step changed, and those who moved up in a queue because of it."""
        if self.pane is None:
            return
        if done.report is not None:
            self.pane.reload()
            return
        model = self.pane.model
        model.refresh(one for one in done.changed if model.row_of(one) is not None)
        if done.moved is not None:
            model.refresh_loaded(lambda row: row.status == "waitlisted" and row.package_id == done.moved)
            background.start(self._follow_queue(self.pane, done.moved))

    def follow(self, changes: Changes, event: EventDetail) -> bool:
        """Somebody changed this: read the listed rows it concerns again; whether it concerns the event at all."""
        if self.pane is None:
            return False
        model, packages, orders = self.pane.model, changes.packages, changes.orders
        found = False
        if changes.registrations.concerns(event.id):
            self.pane.follow(changes.registrations, changes.heard_at)
            found = True
        if event.id in changes.events.written:
            model.refresh_loaded(lambda _row: True)
            found = True
        elif packages.concerns(event.id):
            model.refresh_loaded(lambda row: packages.unnamed or row.package_id in packages.written)
            found = True
        if orders.concerns(*(package.id for package in event.packages)):
            named = orders.written | orders.removed
            model.refresh_loaded(
                lambda row: row.order_id in named or (orders.unnamed and row.order_id is not None)
            )
            found = True
        return found

    def catch_up(self) -> None:
        """Read the list again because something may have been missed: what is looked at stays where it is."""
        if self.pane is not None:
            self.pane.catch_up()

    def behind_since(self) -> float | None:
        """Since when something heard of waits to be read, or None."""
        return self.pane.model.behind_since if self.pane is not None else None

    async def _follow_queue(self, pane: ListPane, package_id: UUID) -> None:
        """Read those who wait once more when their places are 1..n again, a moment after the call (ruling 10)."""
        await background.run(self._workspace.database.settle, 10, hurry=False)
        if self.pane is pane and isValid(pane):
            pane.model.refresh_loaded(lambda row: row.status == "waitlisted" and row.package_id == package_id)

    def go_to(self, registration_id: UUID) -> None:
        """Read the list again and select somebody who has come in, if the filter lets them through."""
        if self.pane is not None:
            self._reveal = True
            self.pane.place.go_to(registration_id)
            self.pane.reload()

    def forget(self, registration_id: UUID) -> None:
        """Somebody is not there any more."""
        if self.pane is not None:
            self.pane.model.remove([registration_id])

    def selected_ids(self) -> bytes:
        """The ids of the selected rows in the order of the list, 16 bytes each, loaded or not."""
        return self.pane.selected_ids() if self.pane is not None else b""

    def all_known(self) -> bool:
        """Whether `selected_ids` is exact: False while “select all” waits for the order of all rows."""
        return self.pane is None or self.pane.all_known()

    def reach(self) -> None:
        """Take the keyboard."""
        if self.pane is not None:
            self.pane.take_focus()

    def close_down(self) -> None:
        """Ask nothing more."""
        if self.pane is not None:
            self.pane.close_down()

    def _reveal_selected(self) -> None:
        """Whoever was selected before the list was read anew may be far down now."""
        if not self._reveal or self.pane is None:
            return
        self._reveal = False
        table = self.pane.table
        if not table.viewport().rect().contains(table.visualRect(table.currentIndex()).center()):
            table.scrollTo(table.currentIndex(), table.ScrollHint.PositionAtCenter)

    def _counted(self, rows: int) -> str:
        if rows == 1:
            return self.tr("1 registration")
        return self.tr("%1 registrations").replace("%1", f"{rows:,}")

    def _tell_selected(self) -> None:
        if self.pane is None:
            return
        ids = self.selected_ids()
        if not ids and self.pane.model.is_loading and self.pane.place.is_awaited:
            return  # whoever was selected is so again in a moment, and keeps the panel, and the keyboard in it
        one = len(ids) == WIDTH
        self._tell(self.pane.model.row_at(self.pane.table.selected_runs()[0][0]) if one else None, ids)

    def _tell(self, row: RegistrationRow | None, ids: bytes) -> None:
        if (row, ids) != self._told:
            self._told = (row, ids)
            self.selected.emit(row, len(ids) // WIDTH)
