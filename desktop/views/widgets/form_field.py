"""One field of a form: label, editor, and beneath them what is wrong with it."""

from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QAbstractSpinBox, QLineEdit, QVBoxLayout, QWidget

from desktop.views import theme
from desktop.views.widgets.text import label


class FormField(QWidget):
    """``text`` may hold a mnemonic (“&Name”); pressing it goes to the editor, as does clicking the label."""

    def __init__(self, text: str, editor: QWidget, hint: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.editor = editor
        self._hint_text = hint
        name = text.replace("&", "")
        self._label = label(text, "muted")
        self._label.setBuddy(editor)
        self._below = label(hint, "muted", wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self._label)
        column.addWidget(editor, 1)
        column.addWidget(self._below)
        self._below.setVisible(bool(hint))  # only now: shown without a parent it would be a window of its own
        column.addStretch(0)
        if isinstance(editor, QAbstractSpinBox):  # a stylesheet's padding does not reach its inner field
            for inner in editor.findChildren(QLineEdit):
                inner.setTextMargins(theme.px(7), 0, 0, 0)
        editor.setAccessibleName(name)
        editor.setAccessibleDescription(hint)
        self.setFocusProxy(editor)

    def show_error(self, text: str) -> None:
        """Say what is wrong, beside the field and to screen readers; "" is the same as `clear_error`."""
        self._say(text or self._hint_text, bad=bool(text))
        if text:
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self.editor, text))

    def clear_error(self) -> None:
        """Take the complaint back and show the hint again."""
        self._say(self._hint_text, bad=False)

    def set_hint(self, hint: str) -> None:
        """Say something else beneath the field while nothing is wrong with it."""
        complaint = self.error()
        self._hint_text = hint
        if not complaint:
            self.clear_error()

    def error(self) -> str:
        """The complaint shown, or ""."""
        return self._below.text() if self._below.property("role") == "error" else ""

    def _say(self, text: str, *, bad: bool) -> None:
        self._below.setProperty("role", "error" if bad else "muted")
        self._below.setText(text)
        self._below.setVisible(bool(text))
        self.editor.setProperty("invalid", "true" if bad else "false")
        self.editor.setAccessibleDescription(text)
        for widget in (self._below, self.editor):
            widget.style().unpolish(widget)
            widget.style().polish(widget)
