"""One inline bar for what just happened or went wrong, in place of message boxes."""

from collections.abc import Callable, Sequence
from typing import Final, Literal

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QKeyEvent
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QLabel, QPushButton, QWidget

from desktop import errors
from desktop.views import icons, theme
from desktop.views.widgets.buttons import IconButton, SecondaryButton
from desktop.views.widgets.text import label

Kind = Literal["success", "info", "warning", "error", "offline"]
Offer = tuple[str, Callable[[], object]]
HIDE_AFTER_MS: Final = 10_000
_LOOKS: Final[dict[Kind, tuple[str, str]]] = {
    "success": ("check", "accent"),
    "info": ("info", "blue"),
    "warning": ("warning", "amber"),
    "error": ("warning", "red"),
    "offline": ("offline", "amber"),
}


class MessageBar(QFrame):
    """Hidden until it has something to say; a new message replaces the old one.

    A success goes by itself after 10 seconds, unless the keyboard or the mouse is in the bar. Everything else
    stays until it is closed, answered or replaced. Screen readers are told each message.
    """

    dismissed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kind: Kind = "info"
        self._reading = False
        self._buttons: list[QPushButton] = []
        self.setProperty("role", "bar")
        self._icon = QLabel()
        self._text = label(wrap=True, copyable=True)
        self._close = IconButton("close", self.tr("Close this message (Esc)"))
        self._close.clicked.connect(self.dismiss)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(12, 6, 6, 6)
        self._row.setSpacing(8)
        self._row.addWidget(self._icon)
        self._row.addWidget(self._text, 1)
        self._row.addWidget(self._close)
        self._timer = QTimer(self, singleShot=True, interval=HIDE_AFTER_MS)
        self._timer.timeout.connect(self._time_is_up)
        theme.signals.changed.connect(self._restyle)
        self.hide()

    def show_message(
        self,
        kind: Kind,
        text: str,
        offers: Sequence[Offer] = (),
        retry: Callable[[], object] | None = None,
    ) -> None:
        """Say ``text``, with a button for each offer (its text, what it does) and Retry when given.

        Pressing an offer closes the message first, so that what it does can say something new.
        """
        self._timer.stop()
        self._kind = kind
        self._reading = False
        for button in self._buttons:
            self._row.removeWidget(button)
            button.hide()
            button.deleteLater()
        self._buttons = []
        everything = [*offers, (self.tr("&Retry"), retry)] if retry is not None else list(offers)
        for caption, does in everything:
            button = SecondaryButton(caption)
            button.clicked.connect(lambda _=False, does=does: self._answer(does))
            self._row.insertWidget(self._row.count() - 1, button)
            button.show()
            self._buttons.append(button)
        self._text.setText(text)
        self.setAccessibleName(text)
        self.setProperty("kind", kind)
        self._restyle()
        self.show()
        self._announce(text)
        if kind == "success":
            self._timer.start()

    def success(self, text: str, offers: Sequence[Offer] = ()) -> None:
        """Say what was done."""
        self.show_message("success", text, offers)

    def info(self, text: str, offers: Sequence[Offer] = ()) -> None:
        """Say what is going on."""
        self.show_message("info", text, offers)

    def warning(self, text: str, offers: Sequence[Offer] = ()) -> None:
        """Say what needs attention, or which rule said no."""
        self.show_message("warning", text, offers)

    def error(
        self, text: str, offers: Sequence[Offer] = (), retry: Callable[[], object] | None = None
    ) -> None:
        """Say what failed, with Retry where trying again may help."""
        self.show_message("error", text, offers, retry)

    def situation(
        self,
        error: errors.AppError,
        again: Callable[[], object] | None = None,
        reload: Callable[[], object] | None = None,
    ) -> None:
        """Say what went wrong, with the way out that fits: ``again`` does what failed once more, where that may help;
        ``reload`` shows what somebody else made of it meanwhile. Whatever a rule or a right says no to is said only."""
        if isinstance(error, errors.Unavailable):
            if again is not None and again == reload:
                self.not_read("error", str(error), again)
            else:
                self.error(str(error), retry=again)
        elif reload is not None and isinstance(error, errors.NotFound | errors.Stale):
            self.warning(str(error), [(self.tr("Re&load"), reload)])
        else:
            self.warning(str(error))

    def not_read(self, kind: Kind, text: str, retry: Callable[[], object]) -> None:
        """Say why what is shown could not be read anew, until it can be (`reached_again`)."""
        self.show_message(kind, text, retry=retry)
        self._reading = True

    def reached_again(self) -> None:
        """The database can be reached again, and everything is about to be read: that it could not be read is not so
        any more. What could not be written stays, with its Retry."""
        if self._reading:
            self.dismiss()

    def text(self) -> str:
        """What is being said, or "" while hidden."""
        return "" if self.isHidden() else self._text.text()

    def said(self) -> str:
        """What was said last, closed or not."""
        return self._text.text()

    def reword(self, text: str) -> None:
        """Say the same of another number: the buttons stay, and nobody is told anew."""
        self._text.setText(text)
        self.setAccessibleName(text)

    def kind(self) -> Kind:
        """The kind of the latest message."""
        return self._kind

    def dismiss(self) -> None:
        """Close the message, if there is one."""
        if not self.isHidden():
            self._timer.stop()
            self.hide()
            self.dismissed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.dismiss()
        else:
            super().keyPressEvent(event)

    def _answer(self, does: Callable[[], object]) -> None:
        self.dismiss()
        does()

    def _time_is_up(self) -> None:
        focus = QApplication.focusWidget()
        if self.underMouse() or (focus is not None and self.isAncestorOf(focus)):
            self._timer.start()
        else:
            self.dismiss()

    def _announce(self, text: str) -> None:
        event = QAccessibleAnnouncementEvent(self, text)
        urgent = self._kind in ("warning", "error")
        event.setPoliteness(
            QAccessible.AnnouncementPoliteness.Assertive
            if urgent
            else QAccessible.AnnouncementPoliteness.Polite
        )
        QAccessible.updateAccessibility(event)

    def _restyle(self) -> None:
        icon, token = _LOOKS[self._kind]
        self._icon.setPixmap(icons.pixmap(icon, token, 16, self.devicePixelRatioF()))
        for widget in (self, self._text):
            widget.style().unpolish(widget)
            widget.style().polish(widget)
