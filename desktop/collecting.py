"""Python's cyclic garbage, collected on the GUI thread only.

Python collects in whatever thread happens to allocate. When that is one of the pool's, Qt objects in a cycle die
outside the GUI thread while Qt is delivering events to them: 4 of 4 test runs that mixed windows and threads ended
in a segmentation fault, 0 of 2 with the collection moved here.
"""

from __future__ import annotations

import gc
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QTimer

if TYPE_CHECKING:
    from collections.abc import Iterator

EVERY_MS: Final = 400
REST_SECONDS: Final = 1.0
"""When nobody has scrolled for so long, scrolling has ended."""
PATIENCE: Final = 100
"""So many times later than Python would, the older generations are collected all the same."""

_resting_from = [0.0]


@contextmanager
def on_this_thread() -> Iterator[None]:
    """While the block runs, this thread's event loop collects what has become garbage, and nobody else does."""
    was_enabled = gc.isenabled()
    gc.disable()
    timer = QTimer(interval=EVERY_MS)
    timer.timeout.connect(collect_due)
    timer.start()
    try:
        yield
    finally:
        timer.stop()
        gc.unfreeze()
        if was_enabled:
            gc.enable()


def keep() -> None:
    """What is there now stays as long as this thread's block runs, modules for the most part: it need not be looked
    through each time something is collected, which takes 30 ms of this thread."""
    gc.freeze()


def collect_young() -> None:
    """Look through what was made since the last time. Called when many rows came, which takes a fraction of a
    millisecond each time; all that came while somebody dragged the handle through a list took 20 at once."""
    gc.collect(0)


def put_off() -> None:
    """Somebody scrolls: what takes long waits until that has ended."""
    _resting_from[0] = time.monotonic() + REST_SECONDS


def collect_due() -> None:
    """Collect the oldest generation that is due, as Python itself would have; the older ones not while `put_off`."""
    patience = 1 if time.monotonic() >= _resting_from[0] else PATIENCE
    for generation, times in ((2, patience), (1, patience), (0, 1)):
        if gc.get_count()[generation] > times * gc.get_threshold()[generation]:
            gc.collect(generation)
            return
