"""Starting: the window first, then everything else. What takes time to import is imported when the window is painted,
in another thread; `desktop.running` is what the window is for. Nothing else wires."""

from __future__ import annotations

import asyncio
import importlib
import logging
import sys
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

import qasync
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication

from desktop import background, collecting, interrupts, memory, settings
from desktop.faults import native, qt_messages
from desktop.starting import Choosing, Start
from desktop.views import theme
from desktop.views.window import Window

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from desktop.running import Greenroom
    from desktop.services.opening import Opened

    Script = Callable[[Greenroom], Coroutine[Any, Any, int]]

log = logging.getLogger("greenroom.window")
NOBODY: AbstractContextManager[str] = nullcontext("")

__all__ = ["Start", "play", "run", "run_with"]


def run(url: str | None, connection: str = "") -> int:
    """Open the window on the ``connection`` of that key, else the database of ``url``, else the connection of last
    time, at first this computer's own; the exit code, when it closed."""
    choosing = Choosing(settings.config_folder(), url, connection)
    return run_with(Start(_open_local, choosing=choosing))


def run_with(start: Start) -> int:
    """Open the window; returns when everything in flight has ended and the local server was let go."""
    return play(start, None, native.watched(settings.log_folder()))


def play(start: Start, script: Script | None, watched: AbstractContextManager[str] = NOBODY) -> int:
    """As `run_with`; ``script`` drives the window once it is there, and its result is the exit code. ``watched`` gives
    the trace of an earlier window that broke down, which the person is told of, or ""."""
    memory.give_large_blocks_back()
    with qt_messages.caught():
        return _play(start, script, watched)


def _open_local() -> Opened:
    from desktop.services import opening

    return opening.open_local()


def _play(start: Start, script: Script | None, watched: AbstractContextManager[str]) -> int:
    qt = QApplication.instance() or QApplication(sys.argv[:1])
    if not isinstance(qt, QApplication):
        raise TypeError("a window needs a QApplication")
    QApplication.setOrganizationName("greenroom")
    QApplication.setApplicationName("greenroom")
    QApplication.setApplicationDisplayName("Greenroom")
    QApplication.setDesktopFileName("greenroom")  # by which Wayland finds the icon
    qt.setQuitOnLastWindowClosed(False)
    remembered = QSettings()
    theme.apply(qt, _mode(remembered.value("theme")), _scale(remembered.value("text_percent")))
    loop = qasync.QEventLoop(qt)
    asyncio.set_event_loop(loop)
    with loop:
        window = Window()
        closing = _Closing(window)
        with (
            watched as broke_down,  # not before: a display that cannot be opened is no breakdown
            collecting.on_this_thread(),
            interrupts.caught(closing.ask),
        ):
            window.show()
            window.show_starting(window.tr("Opening the database…"))
            code: int = loop.run_until_complete(
                _live(qt, window, closing, start, remembered, script, broke_down)
            )
        return code


async def _live(
    qt: QApplication,
    window: Window,
    closing: _Closing,
    start: Start,
    remembered: QSettings,
    script: Script | None,
    broke_down: str,
) -> int:
    """The rest of the program, once the window is painted."""
    loop = asyncio.get_running_loop()
    await asyncio.sleep(PAINTED_SECONDS)
    log.info("shown")
    running = await background.run(importlib.import_module, "desktop.running")
    if closing.asked:
        window.hide()
        window.deleteLater()
        return 0
    greenroom: Greenroom = running.Greenroom(qt, window, start, remembered)
    closing.goes_to(greenroom.close)
    with greenroom.caught.caught(loop):
        log.info("opened")
        code = await greenroom.live(script, broke_down)
        log.info("closed, %d faults", greenroom.faults)
    return code


PAINTED_SECONDS = 0.02
"""The event loop's turns in which a window that was shown is painted."""


class _Closing:
    """Who is asked to close: at first nobody is there yet, and it is remembered."""

    def __init__(self, window: Window) -> None:
        self.asked = False
        self._window = window
        self._close: Callable[[], object] | None = None
        window.closing.connect(self.ask)

    def ask(self) -> None:
        """Close, now or as soon as that can be done."""
        self.asked = True
        if self._close is not None:
            self._close()
        else:
            self._window.hide()

    def goes_to(self, close: Callable[[], object]) -> None:
        """From now on ``close`` is called."""
        self._close = close


def _mode(stored: object) -> theme.Mode:
    return "light" if stored == "light" else "dark" if stored == "dark" else "system"


def _scale(stored: object) -> float:
    """The size of text; what is no number of percent, or one that cannot be shown, is 100."""
    text = str(stored)
    return int(text) / 100 if text.isdecimal() and 100 <= int(text) <= 200 else 1.0
