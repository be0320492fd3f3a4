"""Choosing another event without leaving the place one is in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from desktop import background, errors
from desktop.models import tips
from desktop.services.grid import Cancellation, Order
from desktop.services.lists import events
from desktop.views import theme
from desktop.views.widgets.buttons import Action, ActionButton
from desktop.views.widgets.panel import WIDTH_PX
from desktop.views.widgets.search_field import QUIET_MS
from desktop.views.widgets.states import StatePane
from desktop.views.widgets.text import label
from desktop.views.wording import filled

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from PySide6.QtGui import QKeyEvent

    from desktop.services.lists.events import EventRow
    from desktop.services.workspace import Workspace

MOST: Final = 100
"""Events of a group that are offered; the search goes over all of them."""

ID_ROLE: Final = int(Qt.ItemDataRole.UserRole)


class EventChooser(QFrame):
    """Upcoming events first, then past and cancelled ones. Typing searches, Enter takes the chosen one."""

    chosen = Signal(object)
    """The id of an event."""

    left = Signal()

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._turn = 0
        self._shown: UUID | None = None
        self.setProperty("role", "surface")
        self.search = _Search()
        self.search.setPlaceholderText(self.tr("Search events…"))
        self.search.setAccessibleName(self.tr("Search events"))
        self.list = QListWidget()
        self.list.setAccessibleName(self.tr("Events"))
        self.list.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.list.setUniformItemSizes(True)
        self.pane = StatePane(self.list)
        self.close_chooser = Action(
            self.tr("&Close"), self._close, shortcut="Esc", about=self.tr("Stay here"), parent=self
        )
        self._quiet = QTimer(self, singleShot=True, interval=QUIET_MS)
        self._quiet.timeout.connect(self._read)
        self.search.textChanged.connect(lambda _text: self._quiet.start())
        self.search.returnPressed.connect(self._take)
        self.search.went_down.connect(self._go_down)
        self.list.itemActivated.connect(self._take)
        self.list.itemClicked.connect(self._take)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 18, 18, 18)
        column.setSpacing(12)
        column.addWidget(label(self.tr("Show another event"), "panel-title"))
        column.addWidget(self.search)
        column.addWidget(self.pane, 1)
        column.addWidget(ActionButton(self.close_chooser), 0, Qt.AlignmentFlag.AlignLeft)
        theme.signals.changed.connect(self._restyle)
        self._restyle()

    def open(self, shown: UUID | None) -> None:
        """Offer all events, the next one first; ``shown`` is the one being left."""
        self._shown = shown
        self.search.clear()
        self.search.setFocus()
        self._read()

    def _read(self) -> None:
        self._quiet.stop()
        self._turn += 1
        background.start(self._show(self._turn, self.search.text().strip()))

    async def _show(self, turn: int, text: str) -> None:
        if not self.list.count():
            self.pane.show_loading(self.tr("Reading the events…"))
        workspace = self._workspace
        try:
            found = await background.run(_events, workspace, text)
        except errors.AppError as error:
            if turn == self._turn:
                self.pane.show_failed(str(error), self._read)
            return
        if turn != self._turn:
            return
        self.list.clear()
        for row in found:
            self._add(row)
        ids = [row.id for row in found]
        self.list.setCurrentRow(ids.index(self._shown) if self._shown in ids else 0)
        if found:
            self.pane.show_content()
        else:
            self.pane.show_empty(filled(self.tr("No event matches “%1”."), text))

    def _add(self, row: EventRow) -> None:
        title = row.title or self.tr("Untitled event")
        item = QListWidgetItem(f"{title}\n{row.when} · {row.place}")
        item.setData(ID_ROLE, row.id)
        item.setToolTip(tips.as_it_is(f"{title}\n{row.when_in_full}\n{row.place}"))
        item.setSizeHint(QSize(0, theme.px(44)))
        self.list.addItem(item)

    def _close(self) -> None:
        self.left.emit()

    def _go_down(self) -> None:
        self.list.setFocus()

    def _take(self, _item: Any = None) -> None:
        if self._quiet.isActive():  # Enter was quicker than the search
            self._read()
        elif (item := self.list.currentItem()) is not None:
            self.chosen.emit(item.data(ID_ROLE))

    def sizeHint(self) -> QSize:
        return QSize(min(theme.px(WIDTH_PX), 480), theme.px(400))

    def _restyle(self) -> None:
        self.setMinimumWidth(self.sizeHint().width())


class _Search(QLineEdit):
    """The Down key goes on in the list."""

    went_down = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Down:
            self.went_down.emit()
        else:
            super().keyPressEvent(event)


def _events(workspace: Workspace, text: str) -> Sequence[EventRow]:
    """Events that have registrations to look at: drafts have none."""
    grid = events.grid(workspace.database, workspace.actor, workspace.zone)
    found: list[EventRow] = []
    for group, descending in (("upcoming", False), ("past", True), ("cancelled", True)):
        where = events.Where(group, text)
        found.extend(grid.first(Order("when", descending), where, MOST, Cancellation()))
    return found
