"""What an import would do, or did: figures, remarks, and the rows that need a look."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from desktop.models.problem_table import ProblemTable
from desktop.views import theme
from desktop.views.widgets.chips import Chip, FilterChips
from desktop.views.widgets.flow import FlowLayout
from desktop.views.widgets.states import StatePane
from desktop.views.widgets.table_view import make_table
from desktop.views.widgets.text import label
from desktop.views.wording import filled, named

if TYPE_CHECKING:
    from desktop.services.importing import ImportReport

FIGURES: Final = 6
TABLE_PX: Final = 200
"""The table is at least this high, at 100 % text; the report scrolls before it gets lower."""


class ImportReportView(QScrollArea):
    """The report of a dry run and that of the real one look the same. With large text it scrolls as a whole."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "plain")
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._report: ImportReport | None = None
        self._title = label("", "panel-title", wrap=True)
        self._file = label("", "muted", wrap=True)
        self._figures = [_Figure() for _ in range(FIGURES)]
        row = QWidget()
        flow = FlowLayout(row, 24)
        for figure in self._figures:
            flow.addWidget(figure)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        row.setSizePolicy(policy)
        self._more = label("", wrap=True, copyable=True)
        self._remarks = label("", "muted", wrap=True, copyable=True)
        self._chips = FilterChips(name=self.tr("Show rows"))
        self._chips.chosen.connect(lambda _key: self._list())
        self.problems = ProblemTable(self)
        self.table = make_table(self.problems, self.problems.columns, self.tr("Rows that need a look"))
        self.table.remember("import-problems")
        self._pane = StatePane(self.table)

        body = QWidget()
        body.setProperty("role", "surface")
        words = QVBoxLayout()
        words.setContentsMargins(24, 16, 24, 12)
        words.setSpacing(4)
        words.addWidget(self._title)
        words.addWidget(self._file)
        words.addSpacing(10)
        words.addWidget(row)
        words.addSpacing(8)
        words.addWidget(self._more)
        words.addWidget(self._remarks)
        filters = QVBoxLayout()
        filters.setContentsMargins(24, 0, 24, 8)
        filters.addWidget(self._chips)
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(words)
        column.addLayout(filters)
        column.addWidget(self._pane, 1)
        self.setWidget(body)
        theme.signals.changed.connect(self._restyle)
        self._restyle()

    def show_report(self, report: ImportReport) -> None:
        """Show this report."""
        self._report = report
        text = self.tr("This would happen") if report.dry_run else self.tr("Imported into “%1”")
        self._title.setText(filled(text, named(report.package)))
        rows = self.tr("1 row") if report.rows == 1 else filled(self.tr("%1 rows"), f"{report.rows:,}")
        text = self.tr("“%1” · %2 · %3 · times without a zone are read as %4")
        self._file.setText(filled(text, named(report.file), report.format, rows, report.zone))
        self._show_figures(report)
        self._more.setText(self._told(report))
        self._remarks.setText("\n".join(report.remarks))
        self._remarks.setVisible(bool(report.remarks))
        self._chips.set_chips(
            [
                Chip("all", self.tr("All that need a look"), len(report.problems)),
                Chip("refused", self.tr("Not imported"), report.refused),
                Chip("noted", self.tr("With a note"), report.noted),
            ]
        )
        self._chips.setVisible(bool(report.problems))
        self._list()

    def figures(self) -> dict[str, str]:
        """The figures as they are shown, by what stands under them."""
        return {figure.what.text(): figure.number.text() for figure in self._figures}

    def sentence(self) -> str:
        """What is told below the figures."""
        return self._more.text()

    def _list(self) -> None:
        if self._report is None:
            return
        wanted = self._chips.current()
        problems = [one for one in self._report.problems if wanted in ("all", one.severity)]
        self.problems.show_problems(problems)
        self.table.show_sorted(-1)
        if problems:
            self._pane.show_content()
        else:
            self._pane.show_empty(self.tr("Every row of the file can be imported as it is."))

    def _show_figures(self, report: ImportReport) -> None:
        figures = (
            (report.seated, self.tr("new, with a seat")),
            (report.waitlisted, self.tr("new, waiting")),
            (report.kept_cancelled, self.tr("new, cancelled")),
            (report.changed, self.tr("changed")),
            (report.unchanged, self.tr("unchanged")),
            (report.refused, self.tr("not imported")),
        )
        for figure, (number, what) in zip(self._figures, figures, strict=True):
            figure.show_number(f"{number:,}", what)

    def _told(self, report: ImportReport) -> str:
        """What the figures leave out: places, attendance, orders, and the seats afterwards."""
        also = (
            (report.checked_in, self.tr("1 checked in"), self.tr("%1 checked in")),
            (report.cancelled, self.tr("1 cancelled"), self.tr("%1 cancelled")),
            (report.promoted, self.tr("1 promoted into the seat"), self.tr("%1 promoted into the seats")),
            (report.paid, self.tr("1 order paid"), self.tr("%1 orders paid")),
            (report.pending, self.tr("1 order pending"), self.tr("%1 orders pending")),
            (report.refunded, self.tr("1 order refunded"), self.tr("%1 orders refunded")),
        )
        sentences = []
        if report.waitlisted and report.first_place is not None:
            first, last = f"{report.first_place:,}", f"{report.last_place or report.first_place:,}"
            text = self.tr("Places on the waitlist: #%1 to #%2.")
            sentences.append(
                filled(text if first != last else self.tr("Place on the waitlist: #%1."), first, last)
            )
        parts = [filled(one if number == 1 else many, f"{number:,}") for number, one, many in also if number]
        if parts:
            sentences.append(filled(self.tr("Among them: %1."), ", ".join(parts)))
        seats = self.tr("%1 of %2 seats held") if report.capacity is not None else self.tr("%1 seats held")
        text = self.tr("Afterwards: %1, %2 waiting.") if report.dry_run else self.tr("Now: %1, %2 waiting.")
        held = filled(seats, f"{report.held:,}", f"{report.capacity or 0:,}")
        sentences.append(filled(text, held, f"{report.waiting:,}"))
        return " ".join(sentences)

    def _restyle(self) -> None:
        self._pane.setMinimumHeight(theme.px(TABLE_PX))


class _Figure(QWidget):
    """A large number and what it counts."""

    def __init__(self) -> None:
        super().__init__()
        self.number = label("", "title", tabular=True)
        self.what = label("", "muted")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.number)
        column.addWidget(self.what)

    def show_number(self, number: str, what: str) -> None:
        self.number.setText(number)
        self.what.setText(what)
