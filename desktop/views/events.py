"""Events: what is coming, how full it is, and what each is made of."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from desktop import background, errors
from desktop.models.columns import event_columns
from desktop.models.row_table import RowTable
from desktop.services import exporting
from desktop.services.grid import Order
from desktop.services.lists import event_detail, events
from desktop.services.permissions import Operation, allowed
from desktop.views.event_panel import EventPanel
from desktop.views.export_file import Listed, ListExport, shown
from desktop.views.list_pane import Empty, ListPane, Words
from desktop.views.long_work import LongWork
from desktop.views.pacing import Again
from desktop.views.screen import Screen, Sought
from desktop.views.widgets.chips import Chip, FilterChips
from desktop.views.widgets.header import PageHeader
from desktop.views.widgets.search_field import SearchField
from desktop.views.wording import filled, named

if TYPE_CHECKING:
    from pathlib import Path

    from desktop.services.changes import Changes
    from desktop.services.grid import Cancellation
    from desktop.services.lists.events import EventRow
    from desktop.services.workspace import Workspace
    from desktop.views.long_work import Progress


class EventsScreen(Screen):
    """The list, a panel that follows it, and the way to an event's registrations."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(workspace, parent)
        self._wanted: UUID | None = None
        self._counts = Again(self._count, self)
        self._details = Again(self._read_panel_again, self)
        self._header = PageHeader(
            self.tr("Events"), self.tr("Times in %1").replace("%1", str(workspace.zone))
        )
        self.work = LongWork()
        self.export = ListExport(
            self, (self.work, self.messages), self._listed, self._write_export, self._counted
        )
        if allowed(workspace.actor.roles, Operation.EXPORT):
            self._header.add_action(self.export.action)
        self._search = SearchField(self.tr("Search title, place…"))
        self._chips = FilterChips(
            [
                Chip("upcoming", self.tr("Upcoming"), None),
                Chip("drafts", self.tr("Drafts"), None),
                Chip("past", self.tr("Past"), None),
                Chip("cancelled", self.tr("Cancelled"), None),
            ],
            self.tr("Show events"),
        )
        self._header.add_filter(self._search)
        self._header.add_filter(self._chips)
        self._header.add_below(self.messages)
        self._header.add_below(self.work)

        model = RowTable(events.grid(workspace.database, workspace.actor, workspace.zone), event_columns())
        words = Words(self.tr("Events"), self._counted, self.tr("Reading the events…"))
        self.list = ListPane(model, words, self.messages, Order("when"))
        self.list.table.remember(f"{workspace.actor.id}/events")
        self.panel = EventPanel()
        self.panel.registrations_asked.connect(partial(self.went.emit, "registrations"))

        split = QSplitter(Qt.Orientation.Horizontal)
        split.addWidget(self.list)
        split.addWidget(self.panel)
        split.setStretchFactor(0, 1)
        split.setChildrenCollapsible(False)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._header)
        column.addWidget(split, 1)

        self._search.searched.connect(lambda _text: self._show())
        self._search.left_downwards.connect(self.list.take_focus)
        self._chips.chosen.connect(lambda _key: self._show())
        self.list.status_changed.connect(self.status_changed)
        self.list.row_changed.connect(self._show_panel)
        self.work.keyboard_left.connect(self.list.take_focus)
        self.list.row_opened.connect(lambda row: self.went.emit("registrations", row.id))
        self.list.model.counted.connect(lambda _rows: self._counts.ask())
        self.list.painted.connect(self.painted)
        self.list.model.caught_up.connect(self.caught_up)

    def open(self, argument: object = None) -> None:
        """Show the list as it was left, or an event that is `Sought`, among those of its group."""
        if isinstance(argument, Sought):
            self._search.setText("")
            self._chips.set_current(str(argument.within))
            self.list.place.go_to(argument.id)
            self._show()
        elif self.list.shown():
            self.refresh()
        else:
            self._show()
        self.list.take_focus()

    def reach(self) -> None:
        self.list.take_focus()

    def refresh(self) -> None:
        self._wanted = None  # so that the panel is read again too
        self.list.reload()

    def follow(self, changes: Changes) -> None:
        seats = (changes.packages, changes.registrations)
        concerned = frozenset[UUID]().union(*(touched.of for touched in seats))
        self.list.follow(changes.events, changes.heard_at, concerned)
        if any(touched.anywhere for touched in seats):
            self.list.model.refresh_loaded(lambda _row: True)
        if changes.events:
            self._counts.ask()
        wanted = self._wanted
        if wanted is not None and (
            wanted in changes.events.written or any(one.concerns(wanted) for one in seats)
        ):
            self._details.ask()

    def catch_up(self) -> None:
        self._details.ask()
        self.list.catch_up()

    def behind_since(self) -> float | None:
        return self.list.model.behind_since

    def close_down(self) -> None:
        self.work.close_down()
        self._counts.stop()
        self._details.stop()
        self.list.close_down()

    def _show(self) -> None:
        text = self._search.text().strip()
        self.list.show_list(events.Where(self._chips.current(), text), lambda: self._empty(text))

    def _empty(self, text: str) -> Empty:
        if text:
            return Empty(
                filled(self.tr("No event here matches “%1”."), named(text)),
                self.tr("&Clear the search"),
                self._search.clear,
            )
        coming = self.tr("Show &upcoming events")
        sentence, button, group = {
            "upcoming": (self.tr("Nothing is planned."), self.tr("Show &drafts"), "drafts"),
            "drafts": (self.tr("There are no drafts."), coming, "upcoming"),
            "past": (self.tr("Nothing has taken place yet."), coming, "upcoming"),
            "cancelled": (self.tr("Nothing was cancelled."), coming, "upcoming"),
        }[self._chips.current()]
        return Empty(sentence, button, partial(self._chips.choose, group))

    def _counted(self, rows: int) -> str:
        return self.tr("1 event") if rows == 1 else self.tr("%1 events").replace("%1", f"{rows:,}")

    def _listed(self) -> tuple[str, Listed] | None:
        found = shown(self.list.model)
        return (f"events-{self._chips.current()}", found) if found is not None else None

    def _write_export(self, listed: Listed, file: Path, progress: Progress, asking: Cancellation) -> int:
        workspace = self.workspace
        place = (workspace.database, workspace.actor, workspace.zone)
        return exporting.export_events(*place, listed.order, listed.where, file, progress, asking)

    async def _count(self) -> None:
        counts = await self.told(
            background.run(events.facets, self.workspace.database, self.workspace.actor), self.refresh
        )
        for key, number in (counts or {}).items():
            self._chips.set_count(key, number)

    def _show_panel(self, row: EventRow | None) -> None:
        if row is None:
            self._wanted = None
            self.panel.show_nothing(among_some=self.list.model.rowCount() > 0)
        elif row.id != self._wanted:
            self._wanted = row.id
            background.start(self._read_panel(row))

    async def _read_panel_again(self) -> None:
        row = self.list.row()
        if row is not None and row.id == self._wanted:
            await self._read_panel(row)

    async def _read_panel(self, row: EventRow) -> None:
        workspace = self.workspace
        try:
            detail = await background.run(
                event_detail.read, workspace.database, workspace.actor, row.id, workspace.zone
            )
        except errors.NotFound:
            title = named(row.title) or self.tr("Untitled event")
            self.messages.info(filled(self.tr("“%1” was deleted meanwhile."), title))
            self.list.model.remove([row.id])
            return
        except errors.AppError as error:
            if self._wanted == row.id:
                self._show_panel(None)  # what it showed was another event
            self.messages.situation(error, self.refresh, self.refresh)
            return
        if self._wanted == row.id:  # else the person went on while we read
            self.panel.show_event(detail)
