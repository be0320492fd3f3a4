"""What a person sees of a fault of ours: one calm sentence, what is safe, and a report that can be passed on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QApplication, QDialog, QPlainTextEdit, QVBoxLayout, QWidget

from desktop.views import theme
from desktop.views.widgets.buttons import PrimaryButton, SecondaryButton
from desktop.views.widgets.flow import row_of
from desktop.views.widgets.text import label
from desktop.views.wording import filled

if TYPE_CHECKING:
    from pathlib import Path

    from desktop.faults.surroundings import Facts


class CrashWindow(QDialog):
    """Beside the window, never in front of its work: it is not modal, and one is enough for any number of faults.

    It takes the keyboard to the report, where nothing that somebody was just typing can do anything.
    """

    quit_asked = Signal()

    def __init__(self, log_folder: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._log_folder = log_folder
        self.setWindowTitle(self.tr("Greenroom: a fault"))
        self._title = label("", "panel-title", wrap=True)
        self._safe = label("", wrap=True)
        self._about = label(
            self.tr(
                "The report says where it happened. It holds nothing that was typed or stored: no names, no"
                " addresses, no passwords. Send it to whoever looks after Greenroom for you."
            ),
            "muted",
            wrap=True,
        )
        self.report = QPlainTextEdit()
        self.report.setReadOnly(True)
        self.report.setTabChangesFocus(True)
        self.report.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.report.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.report.setAccessibleName(self.tr("Report"))
        self._told = label("", "muted", wrap=True, copyable=True)
        self.copy_report = SecondaryButton(self.tr("Co&py report"))
        self.copy_report.clicked.connect(self._copy)
        self.open_folder = SecondaryButton(self.tr("Open &log folder"))
        self.open_folder.clicked.connect(self._open_folder)
        self.go_on = PrimaryButton(self.tr("&Continue"))
        self.go_on.setToolTip(self.tr("Go on working (Esc)"))
        self.go_on.clicked.connect(self.reject)
        self.leave = SecondaryButton(self.tr("&Quit"))
        self.leave.setToolTip(self.tr("Finish what was started and close Greenroom"))
        self.leave.clicked.connect(self._quit)
        self._build()
        theme.signals.changed.connect(self._restyle)
        self._restyle()

    def show_faults(self, report: str) -> None:
        """Something broke while the person was working."""
        self._title.setText(self.tr("Something in Greenroom broke. It was nothing you did."))
        self._safe.setText(
            self.tr(
                "What was saved is safe, and a change that was on its way was made completely or not at all. What you"
                " were typing is still in the window. What the window shows may be out of date: press F5 there."
            )
        )
        self._say(report)

    def show_breakdown(self, report: str) -> None:
        """An earlier window ended without being closed."""
        self._title.setText(self.tr("Greenroom broke down the last time it ran."))
        self._safe.setText(
            self.tr(
                "What was saved is safe, and a change that was on its way was made completely or not at all. Only what"
                " was being typed then is lost."
            )
        )
        self._say(report)

    def add_fault(self, report: str) -> None:
        """One more, which changes the report and nobody's keyboard; ignored unless the window is open."""
        if self.isVisible():
            where = self.report.verticalScrollBar().value()
            self.report.setPlainText(report)
            self.report.verticalScrollBar().setValue(where)

    def told(self) -> str:
        """What the last button had to say, or ""."""
        return self._told.text()

    def _say(self, report: str) -> None:
        self._told.hide()
        self._told.setText("")
        self.report.setPlainText(report)
        self.setAccessibleDescription(f"{self._title.text()} {self._safe.text()}")
        if not self.isVisible():
            self.resize(self.sizeHint())
        self.show()
        self.raise_()
        self.activateWindow()
        self.report.setFocus()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.report.toPlainText())
        self._tell(self.tr("The report is copied. Paste it wherever you write to them."))

    def _open_folder(self) -> None:
        folder = self._log_folder
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))):
            text = self.tr("This computer opens no folders for Greenroom. The log is in “%1”.")
            self._tell(filled(text, str(folder)))

    def _tell(self, sentence: str) -> None:
        self._told.setText(sentence)
        self._told.show()

    def _quit(self) -> None:
        self.reject()
        self.quit_asked.emit()

    def sizeHint(self) -> QSize:
        room = self.screen().availableSize()
        return QSize(min(theme.px(720), room.width() - 40), min(theme.px(560), room.height() - 60))

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(12)
        for text in (self._title, self._safe, self._about):
            column.addWidget(text)
        column.addWidget(self.report, 1)
        column.addWidget(self._told)
        self._told.hide()
        column.addWidget(row_of(self.go_on, self.leave, self.copy_report, self.open_folder))

    def _restyle(self) -> None:
        font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        font.setPixelSize(theme.px(12))
        self.report.setFont(font)


def drawn(application: QApplication) -> Facts:
    """How the window is drawn: facts for a report."""
    screens = (
        f"{screen.size().width()}×{screen.size().height()} at {screen.devicePixelRatio():g}"
        for screen in application.screens()
    )
    return (
        ("Screens", ", ".join(screens)),
        ("Drawn by", application.platformName()),
        ("Theme", f"{theme.current().name} ({theme.mode()}), text {theme.scale():.0%}"),
    )
