"""Trying a connection out: what is waited for, and what came of it."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from desktop import background, errors
from desktop.services import connections
from desktop.views.widgets.states import LOADING_AFTER_MS
from desktop.views.wording import filled

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from desktop.services.connections import Answer, Profile
    from desktop.views.widgets.message_bar import MessageBar


class ConnectionTrial(QObject):
    """One at a time. It says itself how it goes, in ``messages``."""

    def __init__(self, messages: MessageBar, parent: QWidget) -> None:
        super().__init__(parent)
        self._messages = messages
        self._waiting: asyncio.Task[Answer] | None = None
        self._where = ""
        self._timer = QTimer(self, singleShot=True, interval=LOADING_AFTER_MS)
        self._timer.timeout.connect(self._say_waiting)

    async def run(self, profile: Profile, password: str) -> None:
        """Connect, look and leave; ended early by `stop`."""
        self._where = connections.shown(profile)
        self._timer.start()
        work = partial(connections.examine, profile, password)
        waiting = self._waiting = asyncio.ensure_future(background.run_apart(work))
        try:
            answer = await waiting
        except asyncio.CancelledError:
            return
        except errors.AppError as error:
            self._messages.error(str(error))
        else:
            self._say(answer)
        finally:
            self._waiting = None
            self._timer.stop()

    def stop(self) -> None:
        """Wait no longer; what was said of it is out of date."""
        if self._waiting is not None:
            self._waiting.cancel()
            self._messages.dismiss()

    def _say_waiting(self) -> None:
        text = filled(self.tr("Waiting for %1 to answer…"), self._where)
        self._messages.info(text, [(self.tr("S&top"), self.stop)])

    def _say(self, answer: Answer) -> None:
        if answer.here:
            safe = self.tr("on this computer")
        else:
            safe = self.tr("encrypted") if answer.encrypted else self.tr("not encrypted")
        text = self.tr("%1 can be worked with: PostgreSQL %2, %3, answers in %4 ms, schema %5.")
        said = filled(text, answer.name, answer.server, safe, f"{answer.milliseconds:.1f}", answer.schema)
        if answer.notes:
            self._messages.warning("\n".join([said, *answer.notes]))
        else:
            self._messages.success(said)
