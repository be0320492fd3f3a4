"""Reading again what others keep changing: at once, but never twice at the same time, and with rests."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QObject, QTimer

from desktop import background

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

REST_SECONDS: Final = 0.75
"""With what the reading takes, less than the second within which everything is on screen."""
RESTS_FOR: Final = 3
"""It rests so many times as long as it took, when that is longer: what is slow must not keep the server busy."""


class Again(QObject):
    """Some work that is asked for again and again: the first time at once, then once for all who asked meanwhile."""

    def __init__(self, work: Callable[[], Coroutine[Any, Any, object]], parent: QObject) -> None:
        super().__init__(parent)
        self._work = work
        self._running = self._once_more = self._stopped = False
        self._not_before = 0.0
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._start)

    def ask(self, *, at_once: bool = False) -> None:
        """Do it soon, or ``at_once`` because somebody waits for it; what is under way already began too early to
        count."""
        if self._running:
            self._once_more = True
        elif not self._stopped and (at_once or not self._timer.isActive()):
            rest = 0.0 if at_once else self._not_before - time.monotonic()
            self._timer.start(max(0, round(rest * 1000)))

    def stop(self) -> None:
        """Do it no more; what is under way ends by itself."""
        self._stopped = True
        self._timer.stop()

    def _start(self) -> None:
        self._running, self._once_more = True, False
        background.start(self._run())

    async def _run(self) -> None:
        began = time.monotonic()
        try:
            await self._work()
        finally:
            now = time.monotonic()
            self._not_before = now + max(REST_SECONDS, RESTS_FOR * (now - began))
            self._running = False
            if self._once_more and not self._stopped:
                self.ask()
