"""What an import would do, and what it did, as people are told it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from desktop.views.wording import filled

if TYPE_CHECKING:
    from desktop.services.importing import ImportReport


def people(report: ImportReport) -> int:
    """How many the file brings or changes."""
    return _new(report) + report.changed


def button(count: int) -> str:
    """What the button that writes so many says."""
    text = _tr("&Import 1 person") if count == 1 else _tr("&Import %1 people")
    return filled(text, f"{count:,}")


def done(report: ImportReport) -> str:
    """The sentence when the file was written."""
    text = _tr("“%1” is imported: %2 new, %3 changed, %4 not imported.")
    return filled(text, report.file, f"{_new(report):,}", f"{report.changed:,}", f"{report.refused:,}")


def _new(report: ImportReport) -> int:
    return report.seated + report.waitlisted + report.kept_cancelled


def _tr(text: str) -> str:
    return QCoreApplication.translate("import_words", text)
