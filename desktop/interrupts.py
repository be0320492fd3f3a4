"""Being asked to end by the operating system: Ctrl+C, `kill`, a terminal that was closed.

Python runs its signal handlers only between two of its own instructions, and a window that nobody touches runs
none. So the signal's number is written to a socket, which wakes Qt up.
"""

from __future__ import annotations

import signal
import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING

from PySide6.QtCore import QSocketNotifier

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NAMES = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")
"""Those of them this system has."""


@contextmanager
def caught(asked: Callable[[], object]) -> Iterator[None]:
    """While the block runs, ``asked`` is called by Qt's event loop for each request to end. For the main thread;
    afterwards the handlers of before are in place."""
    reading, writing = socket.socketpair()
    reading.setblocking(False)
    writing.setblocking(False)
    numbers = [getattr(signal, name) for name in NAMES if hasattr(signal, name)]
    notifier = QSocketNotifier(reading.fileno(), QSocketNotifier.Type.Read)
    notifier.activated.connect(lambda: _pass_on(reading, numbers, asked))
    wakes = signal.set_wakeup_fd(writing.fileno(), warn_on_full_buffer=False)
    before = {number: signal.signal(number, _noted) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(wakes)
        notifier.setEnabled(False)
        notifier.deleteLater()
        reading.close()
        writing.close()


def _noted(_number: int, _frame: object) -> None:
    """Nothing more: the number is in the socket."""


def _pass_on(reading: socket.socket, numbers: list[signal.Signals], asked: Callable[[], object]) -> None:
    if any(number in numbers for number in reading.recv(64)):
        asked()
