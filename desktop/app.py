"""Composition root: settings, database, services, window, and the shutdown sequence. Nothing else wires."""

from __future__ import annotations

import asyncio
import logging
import platform
import sys
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

import qasync
import shiboken6
from PySide6.QtCore import QDateTime, QSettings
from PySide6.QtWidgets import QApplication

from desktop import (
    background,
    catching,
    collecting,
    interrupts,
    logbook,
    native,
    qt_messages,
    reporting,
    settings,
)
from desktop.choosing import Choosing, Start
from desktop.connecting import Connecting
from desktop.db import links
from desktop.services import opening, zones
from desktop.services.workspace import Workspace
from desktop.views import crash, theme
from desktop.views.sections import sections
from desktop.views.shell import Shell
from desktop.views.window import Window

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from desktop.db.session import Actor
    from desktop.faults import Fault
    from desktop.surroundings import Facts

log = logging.getLogger("greenroom.window")
NOBODY: AbstractContextManager[str] = nullcontext("")

FINISHING_SECONDS = 0.3
"""How long what was started may go on when the window closes, before its calls are cancelled …"""
ENDING_SECONDS = 0.3
"""… and how long it may take then to hear of that."""
STARTING_SECONDS = 20.0
"""How long a local server that is being started is waited for, so that it can be stopped."""

__all__ = ["Greenroom", "Start", "play", "run", "run_with"]


def run(url: str | None, connection: str = "") -> int:
    """Open the window on the ``connection`` of that key, else the database of ``url``, else the connection of last
    time, at first this computer's own; the exit code, when it closed."""
    choosing = Choosing(settings.config_folder(), url, connection)
    return run_with(Start(opening.open_local, choosing=choosing))


def run_with(start: Start) -> int:
    """Open the window; returns when everything in flight has ended and the local server was let go."""
    return play(start, None, native.watched(settings.log_folder()))


def play(
    start: Start,
    script: Callable[[Greenroom], Coroutine[Any, Any, int]] | None,
    watched: AbstractContextManager[str] = NOBODY,
) -> int:
    """As `run_with`; ``script`` drives the window once it is there, and its result is the exit code. ``watched`` gives
    the trace of an earlier window that broke down, which the person is told of, or ""."""
    with qt_messages.caught():
        return _play(start, script, watched)


def _play(
    start: Start,
    script: Callable[[Greenroom], Coroutine[Any, Any, int]] | None,
    watched: AbstractContextManager[str],
) -> int:
    qt = QApplication.instance() or QApplication(sys.argv[:1])
    if not isinstance(qt, QApplication):
        raise TypeError("a window needs a QApplication")
    QApplication.setOrganizationName("greenroom")
    QApplication.setApplicationName("greenroom")
    QApplication.setApplicationDisplayName("Greenroom")
    qt.setQuitOnLastWindowClosed(False)
    remembered = QSettings()
    theme.apply(qt, _mode(remembered.value("theme")), _scale(remembered.value("text_percent")))
    loop = qasync.QEventLoop(qt)
    asyncio.set_event_loop(loop)
    with loop:
        greenroom = Greenroom(qt, start, remembered)
        with (
            watched as broke_down,  # not before: a display that cannot be opened is no breakdown
            greenroom.caught.caught(loop),
            collecting.on_this_thread(),
            interrupts.caught(greenroom.close),
        ):
            log.info("opened")
            code: int = loop.run_until_complete(greenroom.live(script, broke_down))
            log.info("closed, %d faults", greenroom.faults)
        return code


class Greenroom:
    """The running program: one window, at most one open database."""

    def __init__(self, qt: QApplication, start: Start, remembered: QSettings) -> None:
        self.qt = qt
        self.window = Window()
        self.caught = catching.Faults()
        self.crash = crash.CrashWindow(settings.log_folder(), self.window)
        self._remembered = remembered
        self.connecting = Connecting(self.window, start, remembered, self._leave_shell)
        self._closing = False
        self._closed = asyncio.Event()
        self._zone = start.zone or zones.of_this_computer(
            QDateTime.currentDateTime().timeZone().id().toStdString()
        )
        self.caught.happened.connect(self._tell_fault)
        self.crash.quit_asked.connect(self.close)
        self.window.closing.connect(self.close)
        self.window.looks.chosen.connect(self._remember_looks)
        self.window.sign_in.signed_in.connect(self.enter)
        self.window.first_run.made.connect(self.enter)
        self.window.first_run.sign_in_asked.connect(self._retry)

    @property
    def closing(self) -> bool:
        """Whether the window is going away."""
        return self._closing

    async def live(
        self, script: Callable[[Greenroom], Coroutine[Any, Any, int]] | None, broke_down: str = ""
    ) -> int:
        """Show the window first, then open the database; ends when the window was closed."""
        self.window.show()
        if broke_down:
            self.crash.show_breakdown(reporting.of_breakdown(broke_down, self._facts()))
        background.start(self.connecting.open())
        code = 0
        try:
            if script is not None:
                code = await script(self)
                self.close()
        except BaseException:
            self.close()
            raise
        finally:
            await self._closed.wait()
        return code

    def enter(self, actor: Actor) -> None:
        """Show the sections this person may use."""
        opened = self.connecting.opened
        if opened is None:
            raise AssertionError("signed in without a database")
        if self._closing:
            return
        workspace = Workspace(opened.database, actor, self._zone, platform.node() or "back office")
        shell = Shell(workspace, sections())
        shell.sign_out_asked.connect(lambda: background.start(self._sign_out()))
        shell.offer_connections(self.connecting.choices.all(), self.connecting.choices.key)
        shell.connection_chosen.connect(self.connecting.switch)
        shell.manage_asked.connect(self.connecting.manage)
        self.window.show_shell(shell)

    def close(self) -> None:
        """Begin to end: finish what was started, let the database go, close the window. Once is enough."""
        if not self._closing:
            self._closing = True
            self.connecting.close()
            background.start(self._close())

    @property
    def faults(self) -> int:
        """How many faults of ours there were."""
        return self.caught.count

    def _tell_fault(self, fault: Fault, new: bool) -> None:
        """In the window, and beside it when it is the first of its kind."""
        if self._closing:
            return
        tr = self.window.tr
        text = (
            tr("Something in Greenroom broke (%1). What you see may be out of date: press F5.")
            if self.window.shell is not None
            else tr("Something in Greenroom broke (%1). Try again.")
        )
        self.window.show_fault(text.replace("%1", fault.kind), self._retry, self._show_faults)
        if new:
            self._show_faults()
        else:
            self.crash.add_fault(self._report())

    def _show_faults(self) -> None:
        self.crash.show_faults(self._report())

    def _report(self) -> str:
        return reporting.of_faults(self.caught.times, self.faults, self._facts(), logbook.recent())

    def _facts(self) -> Facts:
        opened = self.connecting.opened
        connection = links.kind(opened.database.engine) if opened is not None else "none yet"
        return (*crash.drawn(self.qt), ("Connection", connection))

    def _remember_looks(self, mode: str, scale: float) -> None:
        """On this computer, for the next time."""
        self._remembered.setValue("theme", mode)
        self._remembered.setValue("text_percent", round(scale * 100))

    def _retry(self) -> None:
        background.start(self.connecting.open())

    async def _sign_out(self) -> None:
        await self._leave_shell()
        if not self._closing:
            await self.connecting.open()

    async def _close(self) -> None:
        """The window goes at once; what is in flight is finished or taken back whole; then the database is let go. In
        threads of their own, because those of the pool may all be waiting for a server that is gone."""
        self.crash.hide()
        self.window.hide()
        try:
            self.window.leave_shell(self.window.tr("Finishing what was started…"))
            opened = self.connecting.opened
            if not await background.finish(STARTING_SECONDS if opened is None else FINISHING_SECONDS):
                if opened is not None:
                    await background.run_apart(opened.database.end)
                    await background.finish(ENDING_SECONDS)
                await background.abandon()
            if self.connecting.opened is not None:
                await background.run_apart(self.connecting.opened.close)
        finally:  # whatever went wrong, nobody is to wait for ever
            self.window.deleteLater()
            self._closed.set()

    async def _leave_shell(self) -> None:
        """Stop reading, and wait for what is being written."""
        shell = self.window.leave_shell(self.window.tr("Finishing what was started…"))
        await background.finish()
        if shell is not None and shiboken6.isValid(
            shell
        ):  # the window may have closed meanwhile, and taken it along
            shell.deleteLater()


def _mode(stored: object) -> theme.Mode:
    return "light" if stored == "light" else "dark" if stored == "dark" else "system"


def _scale(stored: object) -> float:
    """The size of text; what is no number of percent, or one that cannot be shown, is 100."""
    text = str(stored)
    return int(text) / 100 if text.isdecimal() and 100 <= int(text) <= 200 else 1.0
