"""The running program behind the window: database, services, screens, faults, and the shutdown sequence.

`desktop.app` imports it when the window is on the screen.
"""

from __future__ import annotations

import asyncio
import importlib
import platform
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QDateTime
from shiboken6 import isValid

from desktop import background, collecting, settings
from desktop.connecting import Connecting
from desktop.db import links
from desktop.faults import catching, logbook, reporting
from desktop.services import zones
from desktop.services.workspace import Workspace
from desktop.views import crash

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from PySide6.QtCore import QSettings
    from PySide6.QtWidgets import QApplication

    from desktop.db.session import Actor
    from desktop.faults import Fault
    from desktop.faults.surroundings import Facts
    from desktop.services.opening import Opened
    from desktop.starting import Start
    from desktop.views.window import Window

FINISHING_SECONDS = 0.3
"""How long what was started may go on when the window closes, before its calls are cancelled …"""
ENDING_SECONDS = 0.3
"""… and how long it may take then to hear of that."""
STARTING_SECONDS = 20.0
"""How long a local server that is being started, or stopped, is waited for."""


LATER = ("desktop.views.registrations", "desktop.views.audit")
"""Screens nobody begins with: imported when the first one is there to be shown, for whoever goes on to them."""


class Greenroom:
    """The running program: one window, at most one open database."""

    def __init__(self, qt: QApplication, window: Window, start: Start, remembered: QSettings) -> None:
        self.qt = qt
        self.window = window
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
        self.window.looks.chosen.connect(self._remember_looks)
        self.window.signed_in.connect(self.enter)
        self.window.sign_in_asked.connect(self._retry)

    @property
    def closing(self) -> bool:
        """Whether the window is going away."""
        return self._closing

    async def live(
        self, script: Callable[[Greenroom], Coroutine[Any, Any, int]] | None, broke_down: str = ""
    ) -> int:
        """Open the database; ends when the window was closed. ``broke_down`` is the trace of an earlier window."""
        if broke_down:
            self.crash.show_breakdown(reporting.of_breakdown(broke_down, self._facts()))
        background.start(self._open())
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
        """Show the sections this person may use, as soon as they are there."""
        if self.connecting.opened is None:
            raise AssertionError("signed in without a database")
        background.start(self._enter(actor, self.connecting.opened))

    async def _enter(self, actor: Actor, opened: Opened) -> None:
        await self._import_first()
        if self._is_over(opened):
            return
        from desktop.views.sections import sections
        from desktop.views.shell import Shell

        workspace = Workspace(opened.database, actor, self._zone, platform.node() or "back office")
        shell = Shell(workspace, sections(), begun=False)
        shell.sign_out_asked.connect(lambda: background.start(self._sign_out()))
        shell.offer_connections(self.connecting.choices.all(), self.connecting.choices.key)
        shell.connection_chosen.connect(self.connecting.switch)
        shell.manage_asked.connect(self.connecting.manage)
        for step in (shell.begin, partial(self.window.show_shell, shell)):
            await asyncio.sleep(0)  # the window answers between these steps of 20 to 40 ms
            if self._is_over(opened):
                shell.close_down()
                shell.deleteLater()
                return
            step()

    def _is_over(self, opened: Opened) -> bool:
        """Whether the window goes away, or another database was chosen meanwhile."""
        return self._closing or opened is not self.connecting.opened

    async def _import_first(self) -> None:
        """What the first screen needs, which is half of what all need: in another thread, while a password is typed."""
        await background.run(importlib.import_module, "desktop.views.events")
        await background.run(importlib.import_module, "desktop.views.sections")

    async def _open(self) -> None:
        await self.connecting.open()
        if not self._closing:
            await self._import_first()
        for name in LATER:
            if not self._closing:
                await background.run(importlib.import_module, name)
        collecting.keep()

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
            seconds = STARTING_SECONDS if self.connecting.unfinished else FINISHING_SECONDS
            if not await background.finish(seconds):
                opened = self.connecting.opened
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
        if shell is not None and isValid(shell):  # else the window closed meanwhile, and took it along
            shell.deleteLater()
