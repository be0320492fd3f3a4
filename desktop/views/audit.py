"""The audit log: who did what, newest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.models.columns import audit_columns
from desktop.models.row_table import RowTable
from desktop.services import exporting
from desktop.services.grid import Order
from desktop.services.lists import audit
from desktop.services.permissions import Operation, allowed
from desktop.views.export_file import Listed, ListExport, shown
from desktop.views.list_pane import Empty, ListPane, Words
from desktop.views.long_work import LongWork
from desktop.views.screen import Screen
from desktop.views.widgets.header import PageHeader
from desktop.views.widgets.search_field import SearchField
from desktop.views.wording import filled, named

if TYPE_CHECKING:
    from pathlib import Path

    from desktop.services.changes import Changes
    from desktop.services.grid import Cancellation
    from desktop.services.workspace import Workspace
    from desktop.views.long_work import Progress


class AuditScreen(Screen):
    """A list to read and search; nothing in it can be changed by anybody (ruling 23)."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(workspace, parent)
        header = PageHeader(self.tr("Audit log"), self.tr("Nobody can change or delete what stands here"))
        header.add_below(self.messages)
        self.work = LongWork()
        self.export = ListExport(
            self, (self.work, self.messages), self._listed, self._write_export, self._counted
        )
        if allowed(workspace.actor.roles, Operation.EXPORT):
            header.add_action(self.export.action)
        self._search = SearchField(self.tr("Search who, action, what…"))
        header.add_filter(self._search)
        header.add_below(self.work)
        model = RowTable(audit.grid(workspace.database, workspace.actor, workspace.zone), audit_columns())
        words = Words(self.tr("Audit log"), self._counted, self.tr("Reading the log…"))
        self.list = ListPane(model, words, self.messages, Order("when", descending=True))
        self.list.table.remember(f"{workspace.actor.id}/audit")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(header)
        column.addWidget(self.list, 1)
        self._search.searched.connect(lambda _text: self._show())
        self._search.left_downwards.connect(self.list.take_focus)
        self.list.status_changed.connect(self.status_changed)
        self.work.keyboard_left.connect(self.list.take_focus)
        self.list.painted.connect(self.painted)
        self.list.model.caught_up.connect(self.caught_up)

    def open(self, argument: object = None) -> None:  # noqa: ARG002
        if self.list.shown():
            self.list.reload()
        else:
            self._show()
        self.list.take_focus()

    def reach(self) -> None:
        self.list.take_focus()

    def refresh(self) -> None:
        self.list.reload()

    def follow(self, changes: Changes) -> None:
        self.list.follow(changes.log, changes.heard_at)

    def catch_up(self) -> None:
        self.list.catch_up()

    def behind_since(self) -> float | None:
        return self.list.model.behind_since

    def close_down(self) -> None:
        self.work.close_down()
        self.list.close_down()

    def _listed(self) -> tuple[str, Listed] | None:
        found = shown(self.list.model)
        return ("audit-log", found) if found is not None else None

    def _write_export(self, listed: Listed, file: Path, progress: Progress, asking: Cancellation) -> int:
        workspace = self.workspace
        place = (workspace.database, workspace.actor, workspace.zone)
        return exporting.export_audit(*place, listed.order, listed.where, file, progress, asking)

    def _show(self) -> None:
        text = self._search.text().strip()
        self.list.show_list(audit.Where(text), lambda: self._empty(text))

    def _empty(self, text: str) -> Empty:
        if text:
            return Empty(
                filled(self.tr("Nothing in the log matches “%1”."), named(text)),
                self.tr("&Clear the search"),
                self._search.clear,
            )
        return Empty(self.tr("Nothing has been done yet. What staff do will stand here."))

    def _counted(self, rows: int) -> str:
        return self.tr("1 entry") if rows == 1 else self.tr("%1 entries").replace("%1", f"{rows:,}")
