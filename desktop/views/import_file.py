"""“Import…”: choose a file, see what it would do, change how it is read, and only then write."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QApplication,
    QFileDialog,
    QSizePolicy,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from desktop import background, errors
from desktop.services import importing
from desktop.services.importing import reading
from desktop.views import import_words
from desktop.views.drop_place import DropPlace, choosing, files_of
from desktop.views.import_columns import ImportColumns
from desktop.views.import_report import ImportReportView
from desktop.views.widgets.buttons import Action
from desktop.views.widgets.header import PageHeader
from desktop.views.widgets.message_bar import MessageBar
from desktop.views.widgets.states import StatePane
from desktop.views.wording import filled

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent

    from desktop.services.importing import ImportReport, Prepared, Progress
    from desktop.services.workspace import Workspace
    from desktop.views.import_target import Target


class Superseded(Exception):
    """The person went on while a file was being read; what was read is not wanted any more."""


class ImportPage(QWidget):
    """The whole way from a file to the list. Nothing is written before “Import”, and going back is possible
    until then."""

    left = Signal()
    """The person goes back to the list."""

    imported = Signal(object)
    """An `ImportReport`: the file was written."""

    progressed = Signal(int, str, int, int)

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._target: Target | None = None
        self._file: Path | None = None
        self._package = ""
        self._package_chosen = False
        self._overrides: dict[str, str] = {}
        self._prepared: Prepared | None = None
        self._turn = 0
        self._writing = False
        self.dialog: QFileDialog | None = None
        self.messages = MessageBar()
        self.setAcceptDrops(True)

        tr = self.tr
        self.back = self._action(
            tr("&Back to the list"), self._go_back, "Esc", tr("Back to the registrations")
        )
        self.choose = self._action(
            tr("&Choose a file…"), self._choose, "Ctrl+O", tr("Choose a CSV or XLSX file")
        )
        self.another = self._action(
            tr("Choose another &file…"), self._choose, "Ctrl+O", tr("Choose another CSV or XLSX file")
        )
        self.write = self._action(tr("&Import"), self._write, "Ctrl+Return", tr("Import these people"))
        self._header = PageHeader(tr("Import registrations"))
        self._back_button = self._header.add_action(self.back)
        self._header.add_action(self.another)
        self._header.add_action(self.write, "primary")
        self._header.add_below(self.messages)

        self.drop = DropPlace(self.choose)
        self.report = ImportReportView()
        self._steps = QStackedWidget()
        self._steps.addWidget(self.drop)
        self._steps.addWidget(self.report)
        self.state = StatePane(self._steps)
        self.columns = ImportColumns()
        self.columns.package_chosen.connect(self._choose_package)
        self.columns.column_chosen.connect(self._choose_column)
        self.progressed.connect(self._show_progress)

        split = QSplitter(Qt.Orientation.Horizontal)
        for widget in (self.state, self.columns):  # they scroll; the header must not give way to them
            widget.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Ignored)
        split.addWidget(self.state)
        split.addWidget(self.columns)
        split.setStretchFactor(0, 1)
        split.setChildrenCollapsible(False)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._header)
        column.addWidget(split, 1)

    def open(self, target: Target, package: str = "") -> None:
        """Begin anew, for this event; ``package`` is the slug of the one looked at before."""
        self._target = target
        self._package_chosen = package in dict(target.packages)
        self._package = package if self._package_chosen else target.packages[0][0]
        self._header.set_context(target.context)
        self._begin_anew()
        self.columns.show_packages(target.packages, self._package)
        self.drop.button.setFocus()

    def leave(self) -> None:
        """Stop reading, and forget the file."""
        self._begin_anew()

    @property
    def writing(self) -> bool:
        """Whether the file is being written right now."""
        return self._writing

    def read(self, file: Path) -> None:
        """Read a file and say what it would do."""
        self._file, self._overrides, self._prepared = file, {}, None
        self.messages.dismiss()
        self._check_again()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if not self._writing and files_of(event.mimeData()):
            self.drop.set_hovered(True)
            event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.drop.set_hovered(False)
        super().dragLeaveEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        self.drop.set_hovered(False)
        files = files_of(event.mimeData())
        event.acceptProposedAction()
        self.read(files[0])
        if len(files) > 1:
            text = self.tr("One file at a time: “%1” is being read, the others are not.")
            self.messages.info(filled(text, files[0].name))

    def _begin_anew(self) -> None:
        self._turn += 1
        self._file, self._prepared, self._overrides = None, None, {}
        self.messages.dismiss()
        self.another.setVisible(False)
        self._steps.setCurrentWidget(self.drop)
        self.state.show_content()
        self._say_what_import_does(None)

    def _go_back(self) -> None:
        self.left.emit()

    def _choose(self) -> None:
        self.dialog = choosing(self)
        self.dialog.fileSelected.connect(lambda name: self.read(Path(name)))
        self.dialog.open()

    def _choose_package(self, slug: str) -> None:
        self._package, self._package_chosen = slug, True
        self._check_again()

    def _choose_column(self, field: str, column: str) -> None:
        self._overrides[field] = column
        self._prepared = None
        self._check_again()

    def _check_again(self) -> None:
        if self._file is None or self._target is None:
            return
        self._turn += 1
        self._say_what_import_does(None)
        self.another.setVisible(True)
        self.state.show_loading(filled(self.tr("Reading “%1”…"), self._file.name))
        background.start(self._check(self._turn, self._file, self._target))

    async def _check(self, turn: int, file: Path, target: Target) -> None:
        """Read the file unless that is done, and ask what it would do. A later turn takes over."""
        try:
            prepared = self._prepared
            if prepared is None:
                prepared = await background.run(
                    importing.plan_file, file, dict(self._overrides), target.zone, self._progress_of(turn)
                )
            if turn != self._turn:
                return
            self._prepared = prepared
            if not self._package_chosen:
                self._package = target.package_called_in(prepared) or self._package
                self.columns.choose_package(self._package)
            self.columns.show_columns(prepared.columns.header, prepared.columns.places)
            workspace = self._workspace
            report = await background.run(
                importing.preview, workspace.database, workspace.actor, prepared, target.slug, self._package
            )
        except Superseded:
            return
        except errors.AppError as error:
            if turn == self._turn:
                await self._say_why_not(turn, error, file)
            return
        if turn == self._turn:
            self._show(report)

    async def _say_why_not(self, turn: int, error: errors.AppError, file: Path) -> None:
        if isinstance(error, errors.Unavailable):
            self.state.show_failed(str(error), self._check_again)
            return
        if not isinstance(error, errors.RuleViolation):  # another file would not help
            self.state.show_empty(str(error), self.back.text(), self.back.start)
            return
        said = str(error)
        if self._prepared is None:
            header: tuple[str, ...] = ()
            with suppress(errors.ImportRefused):  # else it can be read, and its columns chosen by hand
                header = (await background.run(reading.read, file)).header
            if turn != self._turn:
                return
            places = {name: header.index(at) for name, at in self._overrides.items() if at in header}
            self.columns.show_columns(header, places)
        if isinstance(error, errors.ColumnsUnclear):
            said = f"{error.trouble} {self.tr('Choose the column at the right.')}"
        self.state.show_empty(said, self.tr("Choose another &file…"), self.another.start)

    def _show(self, report: ImportReport) -> None:
        self._steps.setCurrentWidget(self.report)
        self.state.show_content()
        self.report.show_report(report)
        self._say_what_import_does(report)
        if not self.columns.isAncestorOf(QApplication.focusWidget() or self):
            (self.report.table if report.problems else self.columns.package).setFocus()

    async def _write(self) -> None:
        if self._prepared is None or self._target is None:
            return
        workspace, prepared, target = self._workspace, self._prepared, self._target
        self._set_writing(True)
        self.messages.dismiss()
        self.state.show_loading(filled(self.tr("Importing “%1”…"), prepared.file))
        try:
            report = await background.run(
                importing.apply, workspace.database, workspace.actor, prepared, target.slug, self._package
            )
        except errors.AppError as error:
            # Importing the same file again changes nothing, so this may be tried whatever had become of it.
            self.state.show_content()
            self.messages.situation(error, self.write.start, self._check_again)
        else:
            self._show(report)
            self._say_what_was_done(report)
            self.imported.emit(report)
        finally:
            self._set_writing(False)

    def _say_what_was_done(self, report: ImportReport) -> None:
        self.write.set_available(False, self.tr("The file is imported."))
        self.write.setText(self.tr("&Import"))
        self.messages.success(import_words.done(report), [(self.tr("&Show the list"), self.left.emit)])
        self._back_button.setFocus()

    def _say_what_import_does(self, report: ImportReport | None) -> None:
        """Word the button after what it does, or say why it does nothing."""
        if report is None:
            self.write.setText(self.tr("&Import"))
            self.write.set_available(False, self.tr("Choose a file first."))
            return
        people = import_words.people(report)
        if people:
            self.write.setText(import_words.button(people))
        self.write.set_available(people > 0, self.tr("Nothing in this file is new."))

    def _set_writing(self, writing: bool) -> None:
        self._writing = writing
        self.columns.set_busy(writing)
        why = self.tr("The file is being written, all of it or nothing.")
        self.back.set_available(not writing, why)
        self.another.set_available(not writing, why)

    def _action(
        self, text: str, does: Callable[[], Coroutine[Any, Any, None] | None], shortcut: str, about: str
    ) -> Action:
        return Action(text, does, shortcut=shortcut, about=about, parent=self)

    def _progress_of(self, turn: int) -> Progress:
        def progress(stage: str, done: int, total: int) -> None:
            if turn != self._turn:  # called in the reading thread, which this stops
                raise Superseded
            self.progressed.emit(turn, stage, done, total)

        return progress

    def _show_progress(self, turn: int, _stage: str, done: int, total: int) -> None:
        if turn == self._turn and self.state.state() == "loading":
            self.state.show_progress(done, total)
