"""What is wrong with the rows of a file, as a table."""

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QObject

from desktop.models.columns import Column
from desktop.models.listed_table import ListedTable, from_the_left
from desktop.services.importing import Problem


class ProblemTable(ListedTable):
    """Problems in the order of the file; all of them are in memory, the report has them."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(_columns(), parent)

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Show these instead."""
        self.show_rows(problems)


def _columns() -> tuple[Column, ...]:
    def reason(problem: Problem) -> str:
        return from_the_left(problem.reason)

    return (
        Column(_tr("Line"), lambda problem: f"{problem.line:,}", "number", width=72, name="line"),
        Column(
            _tr("Result"),
            lambda problem: _tr("Not imported") if problem.severity == "refused" else _tr("With a note"),
            "pill",
            width=130,
            name="result",
            tone=lambda problem: "red" if problem.severity == "refused" else "amber",
        ),
        Column(_tr("Column"), lambda problem: problem.field, "muted", width=150, name="column"),
        Column(_tr("Why"), reason, width=420, stretch=True, tooltip=reason, name="why"),
    )


def _tr(text: str) -> str:
    return QCoreApplication.translate("ProblemTable", text)
