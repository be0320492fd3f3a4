"""“Export…”: where to, as CSV or XLSX, and how it went."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from PySide6.QtCore import QObject, QStandardPaths, Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QWidget

from desktop import background, errors
from desktop.models.row_table import NO_ORDER
from desktop.services import sheets
from desktop.services.grid import QueryCancelled
from desktop.views.widgets.buttons import Action
from desktop.views.wording import filled, named

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from desktop.models.row_table import RowTable
    from desktop.services.grid import Cancellation, Order
    from desktop.views.long_work import LongWork
    from desktop.views.widgets.message_bar import MessageBar

    Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Listed:
    """What a list shows: its order, its filter, and how many rows; with ``ids`` (16 bytes each) just those, and of
    a list that belongs to an event, which."""

    order: Order
    where: Any
    rows: int
    ids: bytes | None = None
    event_id: UUID | None = None


Write: TypeAlias = "Callable[[Listed, Path, Progress, Cancellation], int]"
"""Writes the file in a thread; how many rows."""


class ListExport(QObject):
    """The export of one list. One at a time with whatever else ``work`` does.

    ``listed`` gives a name for the file, without its ending, and what is shown; None when nothing is yet.
    """

    def __init__(
        self,
        parent: QWidget,
        bars: tuple[LongWork, MessageBar],
        listed: Callable[[], tuple[str, Listed] | None],
        write: Write,
        counted: Callable[[int], str],
    ) -> None:
        super().__init__(parent)
        self._window = parent
        self._work, self._messages = bars
        self._listed = listed
        self._write = write
        self._counted = counted
        self._folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        self.dialog: QFileDialog | None = None
        self.action = Action(
            self.tr("E&xport…"),
            self._ask,
            shortcut="Ctrl+Shift+E",
            about=self.tr("Export the list as it is filtered and sorted, as CSV or XLSX"),
            parent=self,
        )

    def ask(self, name: str, listed: Listed) -> None:
        """Ask for a file, and write this."""
        dialog = self.dialog = QFileDialog(self._window, self.tr("Export"), self._folder)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        endings = {
            self.tr("CSV, for every program (*.csv)"): "csv",
            self.tr("Excel workbook (*.xlsx)"): "xlsx",
        }
        dialog.setNameFilters(list(endings))
        dialog.setDefaultSuffix("csv")
        dialog.selectFile(f"{name}.csv")

        def follow(chosen: str) -> None:
            """The name's ending follows the kind of file."""
            ending = endings[chosen]
            dialog.setDefaultSuffix(ending)
            typed = dialog.selectedFiles()
            if typed and Path(typed[0]).suffix.lower() in sheets.ENDINGS:
                dialog.selectFile(Path(typed[0]).with_suffix(f".{ending}").name)

        dialog.filterSelected.connect(follow)
        dialog.fileSelected.connect(lambda file: self.write(Path(file), listed))
        dialog.open()

    def write(self, file: Path, listed: Listed) -> None:
        """Write the file and say how it went."""
        self._folder = str(file.parent)
        background.start(self._write_and_tell(file, listed))

    def _ask(self) -> None:
        if (found := self._listed()) is not None:
            self.ask(*found)

    async def _write_and_tell(self, file: Path, listed: Listed) -> None:
        if self._work.running:
            self._messages.info(self.tr("Something else is still being done. Export when it has ended."))
            return
        self._messages.dismiss()
        try:
            written = await self._work.run(
                self.tr("Exporting %1 of %2"), listed.rows, partial(self._write, listed, file)
            )
        except QueryCancelled:
            self._messages.info(self.tr("The export was stopped. No file was written."))
        except errors.InvalidField as error:
            again = partial(self.ask, file.stem, listed)
            self._messages.warning(str(error), [(self.tr("Choose &another file"), again)])
        except errors.AppError as error:
            self._messages.situation(error, partial(self.write, file, listed))
        else:
            text = filled(self.tr("Exported %1 to “%2”."), self._counted(written), named(file.name))
            self._messages.success(text, [(self.tr("Open &folder"), partial(_show, file.parent))])


def shown(model: RowTable) -> Listed | None:
    """Everything a table shows, in its order; None before it was opened."""
    return Listed(model.order, model.where, model.rowCount()) if model.order != NO_ORDER else None


def _show(folder: Path) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))
