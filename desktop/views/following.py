"""What others change, handed to the screen that is shown; and how live it is, in few words."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import shiboken6
from PySide6.QtCore import QObject, Qt, QTimer, Signal

from desktop.services import changes, readable
from desktop.services.changes import Changes, Listening, Offline, Report, Unheard

if TYPE_CHECKING:
    from collections.abc import Callable

    from desktop.services.workspace import Workspace
    from desktop.views.screen import Screen

BEHIND_SECONDS: Final = 0.7
"""What was heard of and is not read for so long is worth a word."""
SAID_MS: Final = 10_000
"""How long the time of the last update stands in the status line."""


class Following(QObject):
    """Follows the workspace's database until `leave`. A screen that is not shown hears nothing: it reads again when it
    is opened."""

    told = Signal(str, str, str)
    """How live the window is, “live”, “behind” or “offline”; the words beside the sidebar's dot; and those at the right
    of the status line."""

    _came = Signal(object, bool)

    def __init__(self, workspace: Workspace, shown: Callable[[], Screen | None], parent: QObject) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._shown = shown
        self._link: Listening | Unheard | Offline | None = None
        self._updated = ""
        self._behind = self._left = False
        self._late = QTimer(self, singleShot=True, interval=round(BEHIND_SECONDS * 1000))
        self._late.timeout.connect(self._look)
        self._fading = QTimer(self, singleShot=True, interval=SAID_MS)
        self._fading.timeout.connect(self._fade)
        self._came.connect(self._take, Qt.ConnectionType.QueuedConnection)
        self._joining = True
        self._leave = changes.follow(workspace.database, self._report)
        self._joining = False
        self.destroyed.connect(self._leave)

    def leave(self) -> None:
        """Hear nothing more."""
        self._left = True
        self._leave()
        self._late.stop()
        self._fading.stop()

    def hurry(self) -> None:
        """Somebody asks for what is new: try at once to reach a server that was lost."""
        changes.hurry(self._workspace.database)

    def watch(self, screen: Screen) -> None:
        """Say of this screen how soon it shows what is heard of."""
        screen.painted.connect(self._painted)
        screen.caught_up.connect(self._look)

    def say(self) -> None:
        """Tell again how things stand."""
        name = self._workspace.database.short_name
        match self._link:
            case Offline(since):
                words = self._clock(since)
                self.told.emit("offline", words, words)
            case Unheard():
                side = self.tr("Behind · %1").replace("%1", name)
                self.told.emit("behind", side, self.tr("Behind: read every minute, or with F5"))
            case Listening() if self._behind:
                side = self.tr("Behind · %1").replace("%1", name)
                self.told.emit("behind", side, self.tr("Behind: reading what changed…"))
            case Listening():
                side = self.tr("Live · %1").replace("%1", name)
                self.told.emit("live", side, self._updated or self.tr("Live"))
            case None:
                self.told.emit("behind", self.tr("Connecting · %1").replace("%1", name), "")

    def _report(self, report: Report) -> None:
        """In the listener's thread, or while following begins."""
        if shiboken6.isValid(self):
            self._came.emit(report, not self._joining)

    def _take(self, report: Report, news: bool) -> None:
        if self._left:
            return
        screen = self._shown()
        if isinstance(report, Changes):
            if screen is not None:
                screen.follow(report)
                if not self._late.isActive():
                    self._late.start()
            return
        self._link = report
        if news and screen is not None and not isinstance(report, Offline):
            screen.messages.reached_again()
            screen.catch_up()
            self._late.start()
        self.say()

    def _look(self) -> None:
        screen = self._shown()
        since = screen.behind_since() if screen is not None else None
        behind = since is not None and time.monotonic() - since > BEHIND_SECONDS
        if since is not None and not self._late.isActive() and not self._left:
            self._late.start()  # and look again
        if behind != self._behind and not self._left:
            self._behind = behind
            self.say()

    def _painted(self, heard_at: float, painted_at: float) -> None:
        took = painted_at - heard_at
        if took < 1:
            self._updated = self.tr("Updated live · %1 ms").replace("%1", f"{took * 1000:.0f}")
        else:
            self._updated = self.tr("Updated after %1 s").replace("%1", f"{took:,.0f}")
        self._fading.start()
        self.say()

    def _fade(self) -> None:
        self._updated = ""
        self.say()

    def _clock(self, since: datetime) -> str:
        zone = self._workspace.zone
        there = readable.local(since, zone)
        today = there.date() == datetime.now(UTC).astimezone(zone).date()
        when = f"{there:%H:%M}" if today else readable.short(since, zone)
        return self.tr("Offline since %1").replace("%1", when)
