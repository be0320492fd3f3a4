"""What became of each of many registrations: a page of its own, to read, copy, export, and take it back."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop import background
from desktop.models.listed_table import ListedTable
from desktop.models.result_table import NOBODY, result_columns, result_label
from desktop.models.row_table import NO_ORDER
from desktop.services import exporting
from desktop.views.export_file import Listed, ListExport
from desktop.views.widgets.buttons import Action
from desktop.views.widgets.chips import Chip, FilterChips
from desktop.views.widgets.header import PageHeader
from desktop.views.widgets.message_bar import MessageBar
from desktop.views.widgets.table_view import make_table
from desktop.views.wording import counted

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from desktop.services.registrations import RowResult
    from desktop.views.bulk_steps import Reported, Result
    from desktop.views.long_work import LongWork

RESULTS: Final[tuple[Result, ...]] = ("refused", "unknown", "left", "done")
"""What needs a look comes first."""


class BulkReport(QWidget):
    """All rows of the report are in memory; the chips choose among them."""

    left = Signal()
    """The person goes back to the list."""

    undo_asked = Signal(object)
    """The `Step` that takes it back."""

    def __init__(self, work: LongWork, *, may_export: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._reported: Reported | None = None
        self._shown: Sequence[RowResult] = ()
        self.messages = MessageBar()
        self.rows = ListedTable(result_columns(), self)
        self.table = make_table(self.rows, self.rows.columns, self.tr("What became of each"))
        self.chips = FilterChips(name=self.tr("Show rows"))
        tr = self.tr
        self.back = Action(
            tr("&Back to the list"),
            self._go_back,
            shortcut="Esc",
            about=tr("Back to the registrations"),
            parent=self,
        )
        self.copy = Action(
            tr("&Copy"),
            self._copy,
            shortcut="Ctrl+Shift+C",
            about=tr("Copy these rows as a table"),
            parent=self,
        )
        self.undo = Action(tr("&Undo"), self._undo, about=tr("Take back what was done (Ctrl+Z)"), parent=self)
        self.export = ListExport(
            self,
            (work, self.messages),
            lambda: (self.tr("results"), self._listed()),
            self._write,
            self._counted,
        )
        self.header = PageHeader("")
        for action in (self.back, self.copy, *([self.export.action] if may_export else []), self.undo):
            self.header.add_action(action)
        self.header.add_filter(self.chips)
        self.header.add_below(self.messages)
        self.chips.chosen.connect(lambda _key: self._list())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addWidget(self.table, 1)

    def show_report(self, reported: Reported, context: str) -> None:
        """Show this; ``context`` names the event."""
        self._reported = reported
        self.messages.dismiss()
        self.header.set_context(context)
        self.header.set_title(reported.sentence)
        numbers = Counter(row.result for row in reported.bulk.rows)
        self.chips.set_chips([Chip(one, result_label(one), numbers[one]) for one in RESULTS if numbers[one]])
        self.undo.set_available(reported.undo is not None, self.tr("There is nothing to take back."))
        self._list()
        self.table.setFocus()

    def sentence(self) -> str:
        """What the page says of all of them."""
        return self.header.title()

    def _list(self) -> None:
        if self._reported is None:
            return
        wanted = self.chips.current()
        self._shown = [row for row in self._reported.bulk.rows if row.result == wanted]
        self.rows.show_rows(self._shown)
        self.table.show_sorted(-1)
        if self._shown:
            self.table.selectRow(0)

    def _listed(self) -> Listed:
        return Listed(NO_ORDER, None, len(self._shown))

    def _write(self, _listed: Listed, file: Path, *_told: object) -> int:
        return exporting.export_results(self._shown, file)

    def _counted(self, rows: int) -> str:
        return counted(rows, self.tr("1 row"), self.tr("%1 rows"))

    async def _copy(self) -> None:
        rows = self._shown
        text = await background.run(_as_text, rows)
        QGuiApplication.clipboard().setText(text)
        self.messages.success(
            counted(
                len(rows), self.tr("1 row is on the clipboard."), self.tr("%1 rows are on the clipboard.")
            )
        )

    def _undo(self) -> None:
        if self._reported is not None and self._reported.undo is not None:
            self.undo_asked.emit(self._reported.undo)

    def _go_back(self) -> None:
        self.left.emit()


def _as_text(rows: Sequence[RowResult]) -> str:
    """Lines with tabs between who, the result and why, as a spreadsheet takes them."""
    cells = ((row.who or NOBODY, result_label(row.result), row.sentence) for row in rows)
    return "".join("\t".join(" ".join(cell.split()) for cell in line) + "\n" for line in cells)
