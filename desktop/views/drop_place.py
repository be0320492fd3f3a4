"""Where a file is dropped, or chosen instead."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QCoreApplication, QRectF, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QFileDialog, QVBoxLayout, QWidget

from desktop.views import theme
from desktop.views.widgets.buttons import ActionButton
from desktop.views.widgets.text import label

if TYPE_CHECKING:
    from PySide6.QtCore import QMimeData
    from PySide6.QtGui import QPaintEvent

    from desktop.views.widgets.buttons import Action
    from desktop.views.widgets.text import Role

MARGIN_PX: Final = 24
CORNER_PX: Final = 8


class DropPlace(QWidget):
    """A dashed outline around what can be dropped; the button does the same for the keyboard."""

    def __init__(self, choose: Action, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._hovered = False
        self.button = ActionButton(choose, "primary")
        lines: tuple[tuple[str, Role], ...] = (
            (self.tr("Drop a list of people here"), "panel-title"),
            (self.tr("CSV with any separator, or XLSX. One line names the columns."), "muted"),
            (self.tr("You see what the file would do before anything is written."), "muted"),
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * MARGIN_PX, MARGIN_PX, 2 * MARGIN_PX, MARGIN_PX)
        column.setSpacing(8)
        column.addStretch(2)
        for text, role in lines:
            line = label(text, role, wrap=True)
            line.setAlignment(Qt.AlignmentFlag.AlignCenter)
            column.addWidget(line)
        column.addSpacing(8)
        column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(3)

    def set_hovered(self, hovered: bool) -> None:
        """Show that a file held over the window can be let go."""
        self._hovered = hovered
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(theme.color("accent" if self._hovered else "control_line"), 2 if self._hovered else 1)
        pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
        if self._hovered:
            painter.setBrush(theme.color("selection"))
        outline = QRectF(self.rect()).adjusted(MARGIN_PX, MARGIN_PX, -MARGIN_PX, -MARGIN_PX)
        painter.drawRoundedRect(outline, CORNER_PX, CORNER_PX)
        painter.end()


def choosing(parent: QWidget) -> QFileDialog:
    """The dialog that asks for a file instead; ``open`` it."""
    dialog = QFileDialog(parent, _tr("Choose a file to import"))
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.setNameFilters([_tr("Lists of people (*.csv *.txt *.tsv *.xlsx)"), _tr("All files (*)")])
    return dialog


def files_of(data: QMimeData) -> list[Path]:
    """The files of this computer that are being dragged."""
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]


def _tr(text: str) -> str:
    return QCoreApplication.translate("drop_place", text)
