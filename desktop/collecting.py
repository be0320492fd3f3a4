"""Python's cyclic garbage, collected on the GUI thread only.

Python collects in whatever thread happens to allocate. When that is one of the pool's, Qt objects in a cycle die
outside the GUI thread while Qt is delivering events to them: 4 of 4 test runs that mixed windows and threads ended
in a segmentation fault, 0 of 2 with the collection moved here.
"""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QTimer

if TYPE_CHECKING:
    from collections.abc import Iterator

EVERY_MS: Final = 400


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


def collect_due() -> None:
    """Collect the oldest generation that is due, as Python itself would have."""
    for generation in (2, 1, 0):
        if gc.get_count()[generation] > gc.get_threshold()[generation]:
            gc.collect(generation)
            return
