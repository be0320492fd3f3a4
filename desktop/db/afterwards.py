"""Work that nobody waits for: done after the call, once for a whole burst, by one thread.

What is derived, such as the places 1..n of a waitlist, may follow a moment later (ruling 10). It must then be in
nobody's way: it comes when things are quiet, in short steps, and steps back when somebody else is at work.
"""

from __future__ import annotations

import random
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from desktop import errors

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

QUIET_SECONDS = 0.25
"""Work begins when nobody asked for it again for so long …"""
LATEST_SECONDS = 5.0
"""… or has been asking for so long."""
PAUSE_SECONDS = 0.05
"""The longest pause between two steps."""
TRIES = 8
"""How often work that found others busy is tried again: for ten seconds or so, then it is given up."""


@dataclass(slots=True)
class _Piece:
    """``latest`` counts until it has begun. Who asks after that may have come too late: then it is done once more."""

    step: Callable[[], bool]
    due: float
    latest: float
    begun: bool = False
    once_more: bool = False
    failures: int = 0


class Afterwards:
    """The work of one database and its thread, which lives only while there is some. Thread-safe."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._pieces: dict[Hashable, _Piece] = {}
        self._thread: threading.Thread | None = None
        self._hurry = 0
        self._closed = False
        self._abandoned: Callable[[], None] | None = None

    def add(self, key: Hashable, step: Callable[[], bool]) -> None:
        """Do ``step`` soon, and again while it returns True. Work with a ``key`` that is asked for already is done
        once. `Unavailable` puts it off, each time longer; any other error ends it and is the thread's."""
        with self._changed:
            if self._closed:
                return
            known = self._pieces.get(key)
            if known is None:
                self._pieces[key] = _piece(step)
            elif known.begun:
                known.once_more = True
            else:
                known.due = min(time.monotonic() + QUIET_SECONDS, known.latest)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="afterwards", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def is_here(self) -> bool:
        """Whether this is the thread that does the work."""
        return threading.current_thread() is self._thread

    def settle(self, seconds: float = 60, *, hurry: bool = True) -> bool:
        """Wait until all is done or given up, in a ``hurry`` without waiting for quiet; False when it takes longer."""
        with self._changed:
            self._hurry += hurry
            self._changed.notify_all()
            try:
                return self._changed.wait_for(lambda: self._thread is None, seconds)
            finally:
                self._hurry -= hurry

    def close(self, abandoned: Callable[[], None], seconds: float = 1.0) -> None:
        """Finish what can be finished in that time and take no more. What is under way longer is left to end by itself;
        ``abandoned`` is called in its thread when it has."""
        with self._changed:
            self._closed = True
        if self.settle(seconds * 0.8):
            return
        with self._changed:
            self._pieces.clear()
            self._changed.notify_all()
            if not self._changed.wait_for(lambda: self._thread is None, seconds * 0.2):
                self._abandoned = abandoned

    def _work(self) -> None:
        try:
            while (next_one := self._next()) is not None:
                self._do(*next_one)
        finally:
            with self._changed:
                if self._thread is threading.current_thread():  # an error of ours ends the thread
                    self._pieces.clear()
                    self._thread = None
                abandoned = self._abandoned
                self._changed.notify_all()
            if abandoned is not None:
                abandoned()

    def _next(self) -> tuple[Hashable, _Piece] | None:
        """Wait for what is due first; None when there is nothing left, and then this thread is gone."""
        with self._changed:
            while self._pieces:
                key, piece = min(self._pieces.items(), key=lambda item: item[1].due)
                wait = piece.due - time.monotonic()
                if wait <= 0 or (self._hurry and not piece.failures):
                    piece.begun = True
                    return key, piece
                self._changed.wait(wait)
            self._thread = None
            self._changed.notify_all()
            return None

    def _do(self, key: Hashable, piece: _Piece) -> None:
        began = time.monotonic()
        try:
            again, failed = piece.step(), False
        except errors.Unavailable:
            again, failed = True, True
        now = time.monotonic()
        with self._changed:
            if key not in self._pieces:  # closing
                return
            if failed:
                piece.failures += 1
                again = piece.failures < TRIES
                piece.due = now + random.uniform(0.5, 1) * 0.05 * 2**piece.failures
            else:  # leave others as much time as it took; a slow line has left them some already
                piece.failures = 0
                piece.due = now + min(now - began, PAUSE_SECONDS)
            if not again and piece.once_more and not self._closed:
                self._pieces[key] = _piece(piece.step)
            elif not again:
                del self._pieces[key]


def _piece(step: Callable[[], bool]) -> _Piece:
    now = time.monotonic()
    return _Piece(step, now + QUIET_SECONDS, now + LATEST_SECONDS)
