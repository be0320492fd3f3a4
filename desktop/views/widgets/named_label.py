"""A short text with a name in it that may be longer than the room."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.views.widgets.text import Role, WrappedLabel


class NamedLabel(WrappedLabel):
    """One line: the middle of the name gives way, the words around it do not. Without a name it goes on in further
    lines. `text` is whole, and so is what is read aloud; whoever shows a name tells it in the tooltip."""

    def __init__(self, role: Role = "", parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self._name = ""
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("role", role)
        self.setWordWrap(True)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def say(self, text: str, name: str = "") -> None:
        """Show ``text``; ``name`` is what may give way in it."""
        self._name = name
        self.setText(text)
        self.updateGeometry()

    def _words(self, width: int) -> str:
        text, metrics = self.text(), QFontMetrics(self.font())
        missing = metrics.horizontalAdvance(text) - width
        if not self._name or missing <= 0:
            return text
        room = metrics.horizontalAdvance(self._name) - missing
        before, _, after = text.rpartition(self._name)
        return before + metrics.elidedText(self._name, Qt.TextElideMode.ElideMiddle, room) + after
