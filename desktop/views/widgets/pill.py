"""A status as a word on its tone's ground, so that it is never told by colour alone."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from desktop.views.tokens import Tone
from desktop.views.widgets.text import write


class Pill(QLabel):
    """A short text in one of the five tones, as wide as its text."""

    def __init__(self, text: str = "", tone: Tone = "grey", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setIndent(0)
        self.setProperty("role", "pill")
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Maximum)
        self.show_status(text, tone)

    def show_status(self, text: str, tone: Tone) -> None:
        """Show another text and tone; an empty text hides the pill."""
        write(self, text)
        if self.parent() is not None:
            self.setVisible(bool(text))
        if tone != self.property("tone"):
            self.setProperty("tone", tone)
            self.style().unpolish(self)
            self.style().polish(self)
