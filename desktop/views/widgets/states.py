"""What a list shows when it has no rows to show: loading, empty, failed, offline."""

from collections.abc import Callable
from typing import Final, Literal

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QLabel, QProgressBar, QStackedLayout, QVBoxLayout, QWidget

from desktop.views import icons, theme
from desktop.views.widgets.buttons import SecondaryButton
from desktop.views.widgets.text import label

State = Literal["content", "loading", "empty", "failed", "offline"]
LOADING_AFTER_MS: Final = 500
_ICONS: Final = {
    "empty": ("registrations", "muted"),
    "failed": ("warning", "red"),
    "offline": ("offline", "amber"),
}


class StatePane(QWidget):
    """Wraps a list. Each state is one sentence and the next action, in the place of the rows."""

    def __init__(self, content: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._state: State = "content"
        self._does: Callable[[], object] | None = None
        self._icon = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        self._sentence = label("", "muted", wrap=True)
        self._sentence.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._button = SecondaryButton("")
        self._button.clicked.connect(self._next)
        self._progress = QProgressBar()
        self._progress.setTextVisible(False)
        self._message = QWidget()
        self._message.setProperty("role", "message")
        self._message.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        column = QVBoxLayout(self._message)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(12)
        column.addStretch(2)
        column.addWidget(self._icon)
        column.addWidget(self._sentence)
        column.addWidget(self._progress, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self._button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(3)
        self._stack = QStackedLayout(self)
        self._content = content
        self._stack.addWidget(content)
        self._stack.addWidget(self._message)
        self._wait = QTimer(self, singleShot=True, interval=LOADING_AFTER_MS)
        self._wait.timeout.connect(self._show_progress)
        theme.signals.changed.connect(self._restyle)
        self._restyle()

    def state(self) -> State:
        """What is being shown; "loading" from the first moment, although it is seen half a second later."""
        return self._state

    def show_content(self) -> None:
        """Show the rows."""
        self._wait.stop()
        self._state = "content"
        had_keyboard = self._message.hasFocus() or self._button.hasFocus()
        self._stack.setCurrentIndex(0)
        if had_keyboard:
            self._content.setFocus()

    def show_loading(self, sentence: str) -> None:
        """Say what is being done, if it takes longer than half a second; until then nothing changes."""
        self._state = "loading"
        self._prepare(sentence, "", None)
        self._progress.setRange(0, 0)
        self._wait.start()

    def show_progress(self, done: int, total: int, sentence: str = "") -> None:
        """While loading: how far it is; a total of 0 means it is not known. ``sentence`` says what comes now."""
        if sentence and sentence != self._sentence.text():
            self._sentence.setText(sentence)
            self._progress.setAccessibleName(sentence)
        self._progress.setRange(0, total)
        self._progress.setValue(done)

    def show_empty(self, sentence: str, button: str = "", does: Callable[[], object] | None = None) -> None:
        """There is nothing to show, and what can be done about it."""
        self._say("empty", sentence, button, does)

    def show_failed(self, sentence: str, retry: Callable[[], object]) -> None:
        """It could not be read; Retry does it again."""
        self._say("failed", sentence, self.tr("&Retry"), retry)

    def show_offline(self, sentence: str, retry: Callable[[], object]) -> None:
        """There is no connection, and nothing kept from earlier."""
        self._say("offline", sentence, self.tr("&Retry"), retry)

    def reach(self) -> None:
        """Give the keyboard to the next action, where the state has one."""
        if not self._button.isHidden():
            self._button.setFocus()

    def sentence(self) -> str:
        """What the state says, or "" while the content is shown."""
        return "" if self._state == "content" else self._sentence.text()

    def _say(self, state: State, sentence: str, button: str, does: Callable[[], object] | None) -> None:
        self._wait.stop()
        self._state = state
        had_keyboard = self._content.hasFocus() or self._message.hasFocus()
        self._prepare(sentence, button, does)
        self._stack.setCurrentIndex(1)
        if had_keyboard and button:
            self._button.setFocus()
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, sentence))

    def _prepare(self, sentence: str, button: str, does: Callable[[], object] | None) -> None:
        self._sentence.setText(sentence)
        self._button.setText(button)
        # Where nothing can be done the sentence itself is where the keyboard is, with a ring and read out.
        self._message.setFocusPolicy(Qt.FocusPolicy.NoFocus if button else Qt.FocusPolicy.StrongFocus)
        if self._button.hasFocus() and not button:
            self._message.setFocus()  # a button that goes would hand the keyboard to the sidebar
        self._button.setVisible(bool(button))
        self._message.setAccessibleName(sentence)
        self._does = does
        self._progress.setVisible(self._state == "loading")
        self._progress.setAccessibleName(sentence)
        self._restyle()

    def _show_progress(self) -> None:
        self._stack.setCurrentIndex(1)

    def _next(self) -> None:
        if self._does is not None:
            self._does()

    def _restyle(self) -> None:
        self._icon.setVisible(self._state in _ICONS)
        self._progress.setFixedWidth(theme.px(220))
        if self._state in _ICONS:
            icon, token = _ICONS[self._state]
            self._icon.setPixmap(icons.pixmap(icon, token, 24, self.devicePixelRatioF()))
