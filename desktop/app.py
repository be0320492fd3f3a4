"""Composition root: settings, database, services, window, and the shutdown sequence. Nothing else wires."""

from __future__ import annotations

import asyncio
import platform
import signal
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import qasync
from PySide6.QtCore import QDateTime, QSettings
from PySide6.QtWidgets import QApplication

from desktop import background, errors
from desktop.db.session import Scrubbed
from desktop.services import accounts, opening, zones
from desktop.services.workspace import Workspace
from desktop.views import theme
from desktop.views.sections import sections
from desktop.views.shell import Shell
from desktop.views.window import Window

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from types import TracebackType
    from zoneinfo import ZoneInfo

    from desktop.db.session import Actor
    from desktop.services.opening import Opened


@dataclass(frozen=True, slots=True)
class Start:
    """What the window starts with: how to open the database (called off the GUI thread), the zone of the
    workspace (None: this computer's), and a line under the sign-in card."""

    open: Callable[[], Opened]
    zone: ZoneInfo | None = None
    hint: str = ""


def run(url: str | None) -> int:
    """Open the window on the database of ``url``, or this computer's own; the exit code, when it closed."""
    return run_with(Start(opening.open_local if url is None else lambda: opening.open_remote(url)))


def run_with(start: Start) -> int:
    """Open the window; returns when everything in flight has ended and the local server was let go."""
    return play(start, None)


def play(start: Start, script: Callable[[Greenroom], Coroutine[Any, Any, int]] | None) -> int:
    """As `run_with`; ``script`` drives the window once it is there, and its result is the exit code."""
    qt = QApplication.instance() or QApplication(sys.argv[:1])
    if not isinstance(qt, QApplication):
        raise TypeError("a window needs a QApplication")
    QApplication.setOrganizationName("greenroom")
    QApplication.setApplicationName("greenroom")
    QApplication.setApplicationDisplayName("Greenroom")
    qt.setQuitOnLastWindowClosed(False)
    settings = QSettings()
    theme.apply(qt, _mode(settings.value("theme")))
    loop = qasync.QEventLoop(qt)
    asyncio.set_event_loop(loop)
    with loop:
        greenroom = Greenroom(qt, start, settings)
        loop.set_exception_handler(lambda _loop, context: greenroom.fault(context.get("exception")))
        before, sys.excepthook = sys.excepthook, greenroom.excepthook
        try:
            code: int = loop.run_until_complete(greenroom.live(script))
            return code
        finally:
            sys.excepthook = before


class Greenroom:
    """The running program: one window, at most one open database."""

    def __init__(self, qt: QApplication, start: Start, settings: QSettings) -> None:
        self.qt = qt
        self.window = Window()
        self._start = start
        self._settings = settings
        self._opened: Opened | None = None
        self._closed = asyncio.Event()
        self._zone = start.zone or zones.of_this_computer(
            QDateTime.currentDateTime().timeZone().id().toStdString()
        )
        self.window.closing.connect(lambda: background.start(self._close()))
        self.window.sign_in.signed_in.connect(self.enter)
        self.window.first_run.made.connect(self.enter)

    async def live(self, script: Callable[[Greenroom], Coroutine[Any, Any, int]] | None) -> int:
        """Show the window first, then open the database; ends when the window was closed."""
        self.window.show()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: self.window.closing.emit())
        background.start(self.open())
        code = 0
        try:
            if script is not None:
                code = await script(self)
                self.window.closing.emit()
        except BaseException:
            self.window.closing.emit()
            raise
        finally:
            await self._closed.wait()
        return code

    async def open(self) -> None:
        """Open the database and ask who is there; what goes wrong is a page with Retry."""
        self.window.show_starting(self.window.tr("Opening the database…"))
        try:
            if self._opened is None:
                self._opened = await background.run(self._start.open)
            staffed = await background.run(accounts.staff_exist, self._opened.database)
        except errors.AppError as error:
            self.window.show_failed(str(error), lambda: background.start(self.open()))
            return
        if staffed:
            self.window.show_page(self.window.sign_in)
            self.window.sign_in.show_database(self._opened.database, self._start.hint)
        else:
            self.window.show_page(self.window.first_run)
            self.window.first_run.show_database(self._opened.database)

    def enter(self, actor: Actor) -> None:
        """Show the sections this person may use."""
        if self._opened is None:
            raise AssertionError("signed in without a database")
        workspace = Workspace(self._opened.database, actor, self._zone, platform.node() or "back office")
        shell = Shell(workspace, sections(self.window.tr))
        shell.sign_out_asked.connect(self._sign_out)
        shell.theme_chosen.connect(self.show_theme)
        self.window.show_shell(shell)

    def show_theme(self, mode: str) -> None:
        """Light, dark or as the system does; remembered on this computer."""
        self._settings.setValue("theme", mode)
        theme.apply(self.qt, _mode(mode), theme.scale())

    def fault(self, error: BaseException | None) -> None:
        """A fault of ours: said in the window and on stderr, without what the error quotes (ruling 26)."""
        if isinstance(error, asyncio.CancelledError) or error is None:
            return
        place = error.__traceback__
        while place is not None and place.tb_next is not None:
            place = place.tb_next
        where = f"{place.tb_frame.f_code.co_qualname}:{place.tb_lineno}" if place else "unknown place"  # type: ignore[attr-defined, unused-ignore]
        told = f" ({error})" if isinstance(error, Scrubbed) else ""
        print(f"greenroom: a fault in Greenroom: {type(error).__name__} in {where}{told}", file=sys.stderr)  # noqa: T201
        self.window.show_fault(
            self.window.tr(
                "Something in Greenroom broke (%1). What you see may be out of date: press F5."
            ).replace("%1", type(error).__name__)
        )

    def excepthook(
        self, _kind: type[BaseException], error: BaseException, _trace: TracebackType | None
    ) -> None:
        """What Qt's own slots let through."""
        self.fault(error)

    def _sign_out(self) -> None:
        self.window.leave_shell()
        background.start(self.open())

    async def _close(self) -> None:
        """Finish writes, stop reading, let the local server go, then end."""
        if self._closed.is_set():
            return
        self.window.setEnabled(False)
        self.window.leave_shell()
        await background.finish()
        if self._opened is not None:
            opened, self._opened = self._opened, None
            await background.run(opened.close)
        self.window.hide()
        self._closed.set()


def _mode(stored: object) -> theme.Mode:
    return "light" if stored == "light" else "dark" if stored == "dark" else "system"
