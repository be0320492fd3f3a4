"""Work that takes its time, in a bar of the page: what is being done, how far it is, and the way to stop it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeVar

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QProgressBar, QWidget
from shiboken6 import isValid

from desktop import background
from desktop.services.grid import Cancellation
from desktop.views.widgets.buttons import Action, ActionButton
from desktop.views.widgets.text import label
from desktop.views.wording import filled

if TYPE_CHECKING:
    from collections.abc import Callable

    Progress = Callable[[int, int], None]

T = TypeVar("T")

SHOWN_AFTER_MS: Final = 500
TOLD_EVERY_MS: Final = 200
KNOWN_AFTER_SECONDS: Final = 2.0
"""How long work runs before anybody says how long it will take."""


@dataclass(slots=True)
class _Running:
    """``so_far`` is written by the working thread, a tuple at a time."""

    what: str
    so_far: tuple[int, int]
    cancellation: Cancellation = field(default_factory=Cancellation)
    since: float = field(default_factory=time.monotonic)

    def tell(self, done: int, total: int) -> None:
        self.so_far = (done, total)


class LongWork(QFrame):
    """One piece of work at a time. The bar appears when it takes longer than half a second; the window stays
    usable meanwhile, whatever is selected."""

    running_changed = Signal(bool)

    keyboard_left = Signal()
    """The button that had the keyboard is gone."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._running: _Running | None = None
        self.setProperty("role", "bar")
        self.setProperty("kind", "info")
        self.stop = Action(
            self.tr("&Stop"),
            self._stop,
            shortcut="Ctrl+.",
            about=self.tr("Stop after what is under way; what is done stays done"),
            parent=self,
        )
        self._text = label("", wrap=True, tabular=True)
        self._meter = QProgressBar()
        self._meter.setTextVisible(False)
        self._button = ActionButton(self.stop)
        grid = QGridLayout(self)
        grid.setContentsMargins(12, 8, 8, 8)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(6)
        grid.addWidget(self._text, 0, 0)
        grid.addWidget(self._meter, 1, 0)
        grid.addWidget(self._button, 0, 1, 2, 1)
        grid.setColumnStretch(0, 1)
        self._soon = QTimer(self, singleShot=True, interval=SHOWN_AFTER_MS)
        self._soon.timeout.connect(self._appear)
        self._often = QTimer(self, interval=TOLD_EVERY_MS)
        self._often.timeout.connect(self._tell)
        self.hide()

    @property
    def running(self) -> bool:
        """Whether anything is being done."""
        return self._running is not None

    async def run(self, what: str, total: int, work: Callable[[Progress, Cancellation], T]) -> T:
        """The result of ``work``, which runs in another thread, tells how far it is and looks at whether it is to
        stop. ``what`` has the numbers as %1 and %2: “Cancelling %1 of %2”."""
        if self._running is not None:
            raise AssertionError("one piece of work at a time")
        running = self._running = _Running(what, (0, total))
        self.stop.set_available(True)
        self._soon.start()
        self.running_changed.emit(True)
        try:
            return await background.run(work, running.tell, running.cancellation)
        finally:
            self._running = None
            if isValid(self):
                self._disappear()

    def text(self) -> str:
        """What the bar says, or "" while it is hidden."""
        return "" if self.isHidden() else self._text.text()

    def close_down(self) -> None:
        """Stop after what is under way; nobody will look at the bar any more."""
        self._soon.stop()
        self._often.stop()
        if self._running is not None:
            self._running.cancellation.cancel()

    def _stop(self) -> None:
        if self._running is not None:
            self._running.cancellation.cancel()
            self.stop.set_available(False, self.tr("What is under way is being finished."))
            self._tell()

    def _appear(self) -> None:
        self._tell()
        self.show()
        self._often.start()

    def _disappear(self) -> None:
        self._soon.stop()
        self._often.stop()
        had_keyboard = self._button.hasFocus()
        self.hide()
        self.running_changed.emit(False)
        if had_keyboard:
            self.keyboard_left.emit()

    def _tell(self) -> None:
        running = self._running
        if running is None:
            return
        done, total = running.so_far
        said = filled(running.what, f"{done:,}", f"{total:,}")
        if running.cancellation.cancelled:
            said = filled(self.tr("%1 – stopping after what is under way"), said)
        elapsed = time.monotonic() - running.since
        if not running.cancellation.cancelled and done and elapsed > KNOWN_AFTER_SECONDS:
            said = filled(self.tr("%1 – %2"), said, self.time_left(elapsed * (total - done) / done))
        self._text.setText(said)
        self._meter.setRange(0, total)
        self._meter.setValue(done)
        self._meter.setAccessibleName(said)

    def time_left(self, seconds: float) -> str:
        """“about 2 min”; no more exact than anybody could know."""
        if seconds < 10:
            return self.tr("a few seconds")
        if seconds < 90:
            return filled(self.tr("about %1 s"), round(seconds / 10) * 10)
        if seconds < 90 * 60:
            return filled(self.tr("about %1 min"), round(seconds / 60))
        return filled(self.tr("about %1 h"), round(seconds / 3600))
