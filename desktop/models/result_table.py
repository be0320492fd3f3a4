"""What became of each of many registrations, as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QCoreApplication

from desktop.models.columns import Column
from desktop.models.listed_table import from_the_left

if TYPE_CHECKING:
    from desktop.models.columns import Tone
    from desktop.services.registrations import RowResult

TONES: Final[dict[str, Tone]] = {"done": "green", "refused": "red", "unknown": "amber", "left": "grey"}
NOBODY: Final = "—"


def result_label(result: str) -> str:
    """A `RowResult`'s result as people read it."""
    return {
        "done": _tr("Done"),
        "refused": _tr("Refused"),
        "unknown": _tr("Not known"),
        "left": _tr("Not tried"),
    }[result]


def result_columns() -> tuple[Column, ...]:
    """Who, what became of them, and why."""

    def why(row: RowResult) -> str:
        return from_the_left(row.sentence)

    return (
        Column(_tr("Person"), lambda row: row.who or NOBODY, width=200),
        Column(
            _tr("Result"),
            lambda row: result_label(row.result),
            "pill",
            width=110,
            tone=lambda row: TONES[row.result],
        ),
        Column(_tr("What happened, or why not"), why, width=460, stretch=True, tooltip=why),
    )


def _tr(text: str) -> str:
    return QCoreApplication.translate("result_table", text)
