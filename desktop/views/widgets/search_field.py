"""The search field above a list."""

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLineEdit, QSizePolicy, QWidget

from desktop.views import icons, theme
from desktop.views.widgets.buttons import Action, IconButton, shortcut_mark

QUIET_MS = 150


class SearchField(QLineEdit):
    """Ctrl+F reaches it from anywhere in the window, Esc empties it, a short pause starts the search."""

    searched = Signal(str)
    """The trimmed text, 150 ms after the last key, or at once on Enter and when it is emptied."""

    left_downwards = Signal()
    """The Down key: the person wants to go on in the list below."""

    def __init__(self, what: str, parent: QWidget | None = None) -> None:
        """``what`` is what can be typed, such as “Search name, email, phone…”."""
        super().__init__(parent)
        self._last = ""
        keys = QKeySequence(QKeySequence.StandardKey.Find)
        self.setPlaceholderText(f"{what} {shortcut_mark(keys)}")
        self.setAccessibleName(what)
        shown = keys.toString(QKeySequence.SequenceFormat.NativeText)
        self.setToolTip(self.tr("Search (%1), empty with Esc").replace("%1", shown))
        self.setProperty("look", "search")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._quiet = QTimer(self, singleShot=True, interval=QUIET_MS)
        self._quiet.timeout.connect(self._tell)
        self.textChanged.connect(self._changed)
        self.returnPressed.connect(self._tell)
        self.addAction(Action(self.tr("Search this list"), self.reach, shortcut=keys.toString(), parent=self))
        self._clear = IconButton("close", self.tr("Empty the search"), parent=self)
        self._clear.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # Esc does the same
        self._clear.setCursor(Qt.CursorShape.ArrowCursor)
        self._clear.clicked.connect(self.clear)
        self._clear.hide()
        theme.signals.changed.connect(self._restyle)
        self._restyle()

    def reach(self) -> None:
        """Take the keyboard and select what is there, so that typing replaces it."""
        self.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.selectAll()

    def sizeHint(self) -> QSize:
        return QSize(theme.px(300), super().sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        draw_glass(self)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._clear.adjustSize()
        side = self._clear.width()
        self._clear.move(self.width() - side - 3, (self.height() - self._clear.height()) // 2)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
        elif event.key() == Qt.Key.Key_Down:
            self.left_downwards.emit()
        else:
            super().keyPressEvent(event)

    def _changed(self, text: str) -> None:
        self._clear.setVisible(bool(text))
        if text:
            self._quiet.start()
        else:
            self._tell()

    def _tell(self) -> None:
        self._quiet.stop()
        text = self.text().strip()
        if text != self._last:
            self._last = text
            self.searched.emit(text)

    def _restyle(self) -> None:
        self.setTextMargins(theme.px(22), 0, theme.px(24), 0)
        self.setMinimumWidth(theme.px(200))
        self.updateGeometry()


def draw_glass(field: QLineEdit) -> None:
    """The magnifying glass at the left end of a field one searches with; called while it is painted."""
    glass = icons.pixmap("search", "muted", 16, field.devicePixelRatioF())
    painter = QPainter(field)
    painter.drawPixmap(theme.px(9), (field.height() - theme.px(16)) // 2, glass)
    painter.end()
