"""A page that is one card in the middle: brand, a sentence, fields, one button."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from desktop import errors
from desktop.views import theme
from desktop.views.widgets.message_bar import MessageBar, Offer
from desktop.views.widgets.text import label

WIDTH_PX = 380


class CardPage(QScrollArea):
    """Scrolls when the window is small or the text large."""

    def __init__(self, name: str, parent: QWidget | None = None, width: int = WIDTH_PX) -> None:
        super().__init__(parent)
        self._width = width
        self.setAccessibleName(name)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        brand = QHBoxLayout()
        brand.setSpacing(0)
        room = label("room", "brand-large")
        room.setProperty("tint", "accent")
        brand.addStretch(1)
        brand.addWidget(label("Green", "brand-large"))
        brand.addWidget(room)
        brand.addStretch(1)
        self._subtitle = label("", "muted", wrap=True)
        self._subtitle.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._messages = MessageBar()
        self._hint = label("", "muted", wrap=True, copyable=True)
        self._hint.setAlignment(Qt.AlignmentFlag.AlignCenter)

        self._card = QFrame()
        self._card.setProperty("role", "card")
        self._fields = QVBoxLayout()
        self._fields.setSpacing(14)
        self._footer = QVBoxLayout()
        self._footer.setSpacing(12)
        inside = QVBoxLayout(self._card)
        inside.setContentsMargins(22, 22, 22, 22)
        inside.setSpacing(14)
        inside.addLayout(self._fields)
        inside.addWidget(self._messages)
        inside.addLayout(self._footer)

        self._column = QWidget()
        column = QVBoxLayout(self._column)
        column.setContentsMargins(0, 24, 0, 24)
        column.setSpacing(10)
        column.addStretch(2)
        column.addLayout(brand)
        column.addWidget(self._subtitle)
        column.addSpacing(12)
        column.addWidget(self._card)
        column.addSpacing(4)
        column.addWidget(self._hint)
        column.addStretch(3)
        page = QWidget()
        page.setProperty("role", "page")
        page.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        row = QHBoxLayout(page)
        row.addStretch(1)
        row.addWidget(self._column)
        row.addStretch(1)
        self.setWidget(page)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._follow)
        self._messages.installEventFilter(self)
        theme.signals.changed.connect(self._restyle)
        self._restyle()

    def add(self, widget: QWidget) -> None:
        """A field of the card."""
        self._fields.addWidget(widget)

    def add_footer(self, widget: QWidget) -> None:
        """What stands under the fields and the error: the button."""
        self._footer.addWidget(widget)

    def set_subtitle(self, text: str) -> None:
        """The sentence under the brand."""
        self._subtitle.setText(text)

    def set_hint(self, text: str) -> None:
        """A line under the card; "" for none."""
        self._hint.setText(text)
        self._hint.setVisible(bool(text))

    def hint(self) -> str:
        """The line under the card, or ""."""
        return self._hint.text()

    def show_error(self, text: str, offers: Sequence[Offer] = ()) -> None:
        """Say in the card what went wrong, with a button for each way out."""
        self._messages.error(text, offers)

    def show_situation(self, error: errors.AppError, again: Callable[[], object]) -> None:
        """Say in the card what went wrong, with Retry where trying again may help."""
        retry = again if isinstance(error, errors.Unavailable) else None
        self._messages.error(str(error), retry=retry)

    def show_note(self, text: str) -> None:
        """Say in the card what is good to know."""
        self._messages.info(text)

    def clear_error(self) -> None:
        """Take it back."""
        self._messages.dismiss()

    def error(self) -> str:
        """What is said to be wrong, or ""."""
        return self._messages.text()

    def set_width(self, width: int) -> None:
        """How wide the card is, in pixels at 100 % text."""
        if width != self._width:
            self._width = width
            self._restyle()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """What is said is scrolled to, once it has its place."""
        if watched is self._messages and event.type() == QEvent.Type.Show:
            QTimer.singleShot(0, self, lambda: self.ensureWidgetVisible(self._messages))
        return super().eventFilter(watched, event)

    def _follow(self, _left: QWidget | None, reached: QWidget | None) -> None:
        """Scroll to what has the keyboard; Qt itself does that for the Tab key only."""
        if reached is not None and self.isAncestorOf(reached):
            self.ensureWidgetVisible(reached)

    def _restyle(self) -> None:
        self._column.setFixedWidth(theme.px(self._width))
