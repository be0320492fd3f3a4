"""Waiting, while the window lives, until something is so."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QCoreApplication

if TYPE_CHECKING:
    from collections.abc import Callable

TRIES: Final = 2_000
"""Turns of the loop rather than seconds: a machine that is busy with something else has its time added."""
LAYERS: Final = 12
"""What is delivered posts something else, which is left for the next time: a layout in a layout in a layout."""


async def until(so: Callable[[], object]) -> None:
    """Return when it is so, and still so after Qt delivered what it had posted: a label that was just put into a
    layout is shown by such an event, so that between the two one sees half of what was drawn. Fails after a time
    that only a failing test reaches."""
    for _ in range(TRIES):
        if so():
            for _layer in range(LAYERS):
                QCoreApplication.sendPostedEvents()
            if so():
                return
        await asyncio.sleep(0.005)
    raise AssertionError("waited in vain for it to become so")
