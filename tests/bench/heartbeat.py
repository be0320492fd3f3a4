"""How long a window did not answer: a beat every 5 ms, and what the window's own thread computed between two."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer

if TYPE_CHECKING:
    from collections.abc import Iterator

BEAT_MS = 5


@dataclass(slots=True)
class Beats:
    """Milliseconds. ``stall`` is the longest wait between two beats beyond the beat itself, whoever caused it: on a
    busy machine, others. ``own`` is the most the window's own thread computed between two beats."""

    stall: float = 0.0
    own: float = 0.0


class Heart(QObject):
    """Beats while it is watched."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._timer = QTimer(self, timerType=Qt.TimerType.PreciseTimer, interval=BEAT_MS)
        self._timer.timeout.connect(self._beat)
        self._beats = Beats()
        self._at = (0.0, 0.0)

    @contextmanager
    def watched(self) -> Iterator[Beats]:
        """While the block runs, and to the first beat after it if there was none within."""
        self._beats = Beats()
        self._at = (time.perf_counter(), time.thread_time())
        self._timer.start()
        try:
            yield self._beats
        finally:
            self._beat()
            self._timer.stop()

    def _beat(self) -> None:
        wall, own = time.perf_counter(), time.thread_time()
        self._beats.stall = max(self._beats.stall, (wall - self._at[0]) * 1e3 - BEAT_MS)
        self._beats.own = max(self._beats.own, (own - self._at[1]) * 1e3)
        self._at = (wall, own)
