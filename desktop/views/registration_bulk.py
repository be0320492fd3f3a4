"""Several registrations selected: what they are, what is done to all of them, and what became of each."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QTimer, Signal

from desktop import background, errors
from desktop.services import exporting
from desktop.services.grid import WIDTH, Cancellation, QueryCancelled
from desktop.services.lists import chosen
from desktop.services.permissions import Operation, allowed
from desktop.views.bulk_panel import BulkPanel
from desktop.views.bulk_report import BulkReport
from desktop.views.bulk_steps import BulkSteps
from desktop.views.export_file import Listed, ListExport, shown
from desktop.views.long_work import LongWork
from desktop.views.wording import counted

if TYPE_CHECKING:
    from pathlib import Path

    from PySide6.QtWidgets import QWidget

    from desktop.services.lists.event_detail import EventDetail
    from desktop.services.workspace import Workspace
    from desktop.views.bulk_steps import Reported, Wish
    from desktop.views.long_work import Progress
    from desktop.views.registration_actions import Done, Step
    from desktop.views.registration_list import RegistrationList
    from desktop.views.step_runner import StepRunner
    from desktop.views.widgets.message_bar import MessageBar

SETTLED_MS: Final = 60
"""How long the selection rests before it is asked what those selected are."""


class RegistrationBulk(QObject):
    """Owns the panel for many, the bar that tells how far the work is, and the page of the report."""

    report_opened = Signal()
    """The report is to take the place of the list."""

    report_left = Signal()
    """The list is wanted again."""

    def __init__(
        self,
        parent: QWidget,
        workspace: Workspace,
        listed: RegistrationList,
        runner: StepRunner,
        messages: MessageBar,
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._list = listed
        self._runner = runner
        self._messages = messages
        self._event: EventDetail | None = None
        self._context = ""
        self._asking = Cancellation()
        self._closed = False
        self.work = LongWork()
        self.panel = BulkPanel(workspace.actor.roles)
        may_export = allowed(workspace.actor.roles, Operation.EXPORT)
        self.report = BulkReport(self.work, may_export=may_export)
        self.export = ListExport(parent, (self.work, messages), self._shown, self._write, self._counted)
        self._steps = BulkSteps(workspace, self.work, self._show_report)
        self._settled = QTimer(self, singleShot=True, interval=SETTLED_MS)
        self._settled.timeout.connect(lambda: background.start(self._divide()))
        self.panel.wished.connect(self._do)
        self.panel.export_asked.connect(self._export_selected)
        self.work.running_changed.connect(self.panel.set_busy)
        self.work.keyboard_left.connect(listed.reach)
        self.report.left.connect(self.report_left)
        self.report.undo_asked.connect(self._undo)

    def show_event(self, event: EventDetail, context: str) -> None:
        """Whose registrations they are; ``context`` names the event in a page's header."""
        self._event, self._context = event, context
        self.panel.show_event(event)

    def show_selected(self) -> None:
        """Several are selected: say how many at once, and what they are when the selection rests."""
        self.panel.show_selected(self._list.selected_ids())
        self.refresh()

    def refresh(self) -> None:
        """Those selected may be something else by now."""
        ids = self.panel.ids
        if not self._closed and ids and ids == self._list.selected_ids() and self._list.all_known():
            self._settled.start()

    def tell(self, done: Done) -> None:
        """Work has ended: where not all was done, the report opens while those people are still what is looked
        at; else the message bar offers it."""
        if done.report is not None and not done.complete and self.panel.isVisible():
            done.report()

    def close_down(self) -> None:
        """Ask nothing more, and stop what is being done after the call that is under way."""
        self._closed = True
        self._settled.stop()
        self._asking.cancel()
        self.work.close_down()

    async def _divide(self) -> None:
        """Ask what those selected are; the answer about others is not waited for any more."""
        self._asking.cancel()
        asking = self._asking = Cancellation()
        ids, workspace = self.panel.ids, self._workspace
        try:
            division = await background.run(chosen.divide, workspace.database, workspace.actor, ids, asking)
        except QueryCancelled:
            return
        except errors.AppError as error:
            if ids == self.panel.ids:
                self.panel.show_trouble(str(error))
                if isinstance(error, errors.Unavailable):
                    self._messages.situation(error, self.refresh)
            return
        if ids == self.panel.ids:
            self.panel.show_division(division)

    def _do(self, wish: Wish) -> None:
        if self._event is not None:
            self._runner.start(self._steps.step(self._event.id, wish))

    def _undo(self, step: Step) -> None:
        self.report_left.emit()  # how far it is stands above the list
        self._runner.start(step)

    def _show_report(self, reported: Reported) -> None:
        self.report_opened.emit()
        self.report.show_report(reported, self._context)

    def _shown(self) -> tuple[str, Listed] | None:
        pane, event = self._list.pane, self._event
        found = shown(pane.model) if pane is not None else None
        if found is None or event is None:
            return None
        return f"{event.slug}-registrations", replace(found, event_id=event.id)

    def _export_selected(self) -> None:
        if (found := self._shown()) is not None:
            name, everything = found
            ids = self.panel.ids
            self.export.ask(f"{name}-selected", replace(everything, rows=len(ids) // WIDTH, ids=ids))

    def _write(self, listed: Listed, file: Path, progress: Progress, asking: Cancellation) -> int:
        workspace = self._workspace
        if listed.event_id is None:
            raise AssertionError("registrations are those of an event")
        return exporting.export_registrations(
            workspace.database,
            workspace.actor,
            listed.event_id,
            workspace.zone,
            listed.order,
            listed.where,
            file,
            progress,
            asking,
            listed.ids,
        )

    def _counted(self, rows: int) -> str:
        return counted(rows, self.tr("1 registration"), self.tr("%1 registrations"))
