"""Buttons, and actions that cannot start twice."""

import asyncio
import sys
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Final, Literal

from PySide6.QtCore import QObject, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAction, QFocusEvent, QKeyEvent, QKeySequence, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from desktop import background
from desktop.models import tips
from desktop.views import icons, theme

Look = Literal["primary", "secondary", "quiet", "link"]
_MARKS: Final = {
    "Ctrl": "⌘" if sys.platform == "darwin" else "^",
    "Meta": "^" if sys.platform == "darwin" else "Meta+",
    "Shift": "⇧",
    "Alt": "⌥" if sys.platform == "darwin" else "Alt+",
    "Return": "↵",
    "Enter": "↵",
    "Backspace": "⌫",
    "Del": "⌦",
}


def shortcut_mark(shortcut: QKeySequence) -> str:
    """A shortcut as it stands beside a button's text: "^N", "^⇧P", "↵", "F5"."""
    keys = shortcut.toString(QKeySequence.SequenceFormat.PortableText)
    return "".join(_MARKS.get(key, key) for key in keys.split("+")) if keys else ""


class Action(QAction):
    """Something the person can do: a text, a shortcut, and the work, which never runs twice at once.

    ``does`` returns None when it is done at once, or a coroutine, which is started in the background while
    every button of this action is disabled. Situations (`desktop.errors`) are the coroutine's to show; what
    else it raises reaches the event loop's exception handler.
    """

    running_changed = Signal(bool)

    def __init__(
        self,
        text: str,
        does: Callable[[], Coroutine[Any, Any, None] | None],
        *,
        shortcut: str = "",
        also: Sequence[str] = (),
        about: str = "",
        parent: QObject | None = None,
    ) -> None:
        """``shortcut`` is the one that is shown; ``also`` are further keys that do the same."""
        super().__init__(text, parent)
        self._does = does
        self._about = about
        self._why_not = ""
        self._running = False
        self._available = True
        self.brief = ""
        """What a button says where there is too little room for the whole text: the first words of it."""
        if shortcut:
            self.setShortcuts([QKeySequence(keys) for keys in (shortcut, *also)])
        self._describe()
        self.triggered.connect(self.start)

    @property
    def about(self) -> str:
        """What it does, in a few words; "" when the text says it all."""
        return self._about

    @property
    def why_not(self) -> str:
        """Why it cannot be done now, as far as that was told; "" while it can."""
        return self._why_not

    @property
    def running(self) -> bool:
        """Whether the work has started and not ended."""
        return self._running

    def set_available(self, available: bool, why_not: str = "") -> None:
        """Whether it can be done now; ``why_not`` is added to the tooltip while it cannot."""
        why_not = "" if available else why_not
        if (available, why_not) == (self._available, self._why_not):
            return
        self._available, self._why_not = available, why_not
        self._describe()
        self.setEnabled(available and not self._running)

    def start(self) -> None:
        """Do it, unless it is running or cannot be done now."""
        if self._running or not self._available:
            return
        work = self._does()
        if work is not None:
            self._run(True)
            background.start(work).add_done_callback(self._finished)

    def _finished(self, _task: asyncio.Task[None]) -> None:
        self._run(False)

    def _run(self, running: bool) -> None:
        self._running = running
        self.setEnabled(self._available and not running)
        self.running_changed.emit(running)

    def _describe(self) -> None:
        keys = self.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        tip = self._about or self.text().replace("&", "")
        tip = f"{tip} ({keys})" if keys else tip
        self.setToolTip(tips.as_it_is(f"{tip}\n{self._why_not}" if self._why_not else tip))


class Button(QPushButton):
    """A button in one of our looks, tall enough for large text, with a focus ring in every look."""

    def __init__(self, text: str, look: Look = "secondary", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setProperty("look", look)
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        self.setAutoDefault(False)

    def show_look(self, look: Look) -> None:
        """Wear another look."""
        if look != self.property("look"):
            self.setProperty("look", look)
            self.style().unpolish(self)
            self.style().polish(self)
            self.updateGeometry()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses the button that has the focus, as Space does."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.hasFocus() and self.property("look") == "primary":
            painter = QPainter(self)  # an accent ring would not show on the accent colour
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(theme.color("accent_ink"), 2))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(3, 3, -3, -3), 4, 4)
            painter.end()


class PrimaryButton(Button):
    """The one thing a screen is for."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text, "primary", parent)


class SecondaryButton(Button):
    """Everything else."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text, "secondary", parent)


class ActionButton(Button):
    """An `Action` (or any QAction) as a button that shows its shortcut and follows its state."""

    def __init__(
        self, action: QAction, look: Look = "secondary", parent: QWidget | None = None, *, key: str = ""
    ) -> None:
        """``key`` is shown where one does it that is no shortcut of the window, such as Enter in a field."""
        super().__init__("", look, parent)
        self.action = action
        self._key = QKeySequence(key)
        self._marked = True
        self.addAction(action)  # makes the shortcut work in this window
        action.changed.connect(self._follow)
        self.clicked.connect(action.trigger)
        self._follow()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if self.property("busy") == "true" and not self._has_the_keyboard():
            self._follow()

    def show_mark(self, shown: bool) -> None:
        """Whether the shortcut stands beside the whole text; the tooltip always tells it."""
        if shown != self._marked:
            self._marked = shown
            self.setText(self._words())

    def marked_width(self) -> int:
        """How wide it is with its shortcut beside the text, in pixels."""
        return self._width_with(self._with_mark())

    def plain_width(self) -> int:
        """How wide it is without, in pixels."""
        return self._width_with(self._brief())

    def _width_with(self, words: str) -> int:
        if self._with_mark() == self._plain():
            return self.sizeHint().width()
        shown = self._with_mark() if self._marked else self._brief()
        return self.sizeHint().width() + self._measured(words) - self._measured(shown)

    def _measured(self, words: str) -> int:
        """As a button measures its own text: the same to the pixel, or two answers would take turns."""
        return self.fontMetrics().size(Qt.TextFlag.TextShowMnemonic, words).width()

    def _has_the_keyboard(self) -> bool:
        """Now, or when the window is active again."""
        return self.window().focusWidget() is self

    def _plain(self) -> str:
        return self.action.text().replace("&", "")

    def _brief(self) -> str:
        return (self.action.brief if isinstance(self.action, Action) else "") or self._plain()

    def _with_mark(self) -> str:
        shortcut = self.action.shortcut()
        mark = shortcut_mark(self._key if shortcut.isEmpty() else shortcut)
        return f"{self._plain()}  {mark}" if mark else self._plain()

    def _words(self) -> str:
        # Beside a shortcut an underlined letter would be a second way to say the same.
        marked = self._with_mark()
        if marked == self._plain():
            return self.action.text()
        return marked if self._marked else self._brief()

    def _follow(self) -> None:
        action = self.action
        self.setText(self._words())
        self.setAccessibleName(action.text().replace("&", ""))
        self.setToolTip(action.toolTip())
        self.setAccessibleDescription(action.toolTip())
        if self.parent() is not None:
            self.setVisible(action.isVisible())
        # While its action runs, or it has the keyboard, a button only looks disabled: a really disabled one would hand
        # the keyboard to its neighbour, and the next Enter would press that.
        running = isinstance(action, Action) and action.running
        busy = running or (self._has_the_keyboard() and not action.isEnabled())
        self.setEnabled(action.isEnabled() or busy)
        if busy != (self.property("busy") == "true"):
            self.setProperty("busy", "true" if busy else "false")
            self.style().unpolish(self)
            self.style().polish(self)


class IconButton(Button):
    """A quiet button that is only an icon; ``name`` is its tooltip and what a screen reader says."""

    def __init__(self, icon: str, name: str, tint: str = "muted", parent: QWidget | None = None) -> None:
        super().__init__("", "quiet", parent)
        self._icon = icon
        self._tint = tint
        self.setToolTip(name)
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme.signals.changed.connect(self._restyle)
        self._restyle()

    def show_icon(self, icon: str, name: str) -> None:
        """Show another icon under another name."""
        self._icon = icon
        self.setToolTip(name)
        self.setAccessibleName(name)
        self._restyle()

    def _restyle(self) -> None:
        self.setIcon(icons.icon(self._icon, self._tint))
        self.setIconSize(QSize(theme.px(16), theme.px(16)))
