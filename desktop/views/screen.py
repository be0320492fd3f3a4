"""What the shell knows of a screen, and how a screen tells people what went wrong."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from desktop import errors
from desktop.services.changes import Changes
from desktop.services.workspace import Workspace
from desktop.views.widgets.message_bar import MessageBar


@dataclass(frozen=True, slots=True)
class Sought:
    """One record to show and to select: a registration ``within`` its event (the event's id), or an event
    ``within`` the group it is listed in."""

    id: UUID
    within: UUID | str


class Screen(QWidget):
    """One place of the sidebar. `open` is called each time the person comes here."""

    went = Signal(str, object)
    """Asks the shell to go to another place, with what it should show there."""

    status_changed = Signal(str)
    """The left part of the status line, such as “1,284 registrations”."""

    painted = Signal(float, float)
    """When a change by anybody was heard of, and when the row it was of had been painted (`time.monotonic`)."""

    caught_up = Signal()
    """Everything heard of has been read."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.workspace = workspace
        self.messages = MessageBar()

    def open(self, argument: object = None) -> None:
        """Show the screen; ``argument`` is what `went` carried, None from the sidebar."""

    def reach(self) -> None:
        """Put the keyboard where work begins."""

    def refresh(self) -> None:
        """Read everything again (F5); the selection stays."""

    def follow(self, changes: Changes) -> None:
        """Somebody changed this while the screen is shown: read again what it shows of it. Nothing the person looks at
        moves."""

    def catch_up(self) -> None:
        """Changes may have been missed: read everything again, as `refresh`; nothing moves, not even at the top."""
        self.refresh()

    def behind_since(self) -> float | None:
        """Since when something heard of waits to be read (`time.monotonic`); None when nothing does."""
        return None

    def undo(self) -> None:
        """Take the last step back (Ctrl+Z), where there is one."""

    @property
    def unsaved(self) -> bool:
        """Whether something typed here would be lost with the screen."""
        return False

    def leave(self, then: Callable[[], object]) -> None:
        """Do this; where something typed would be lost by it, ask first, in place."""
        then()

    def close_down(self) -> None:
        """The window is about to close: stop reading. Writes in flight are waited for by the application."""

    async def told(self, work: Awaitable[Any], again: Callable[[], object] | None = None) -> Any | None:
        """The result of ``work``; a situation is shown in the message bar (with Retry or Reload where that may help)
        and gives None."""
        try:
            return await work
        except errors.AppError as error:
            self.messages.situation(error, again, self.refresh)
        return None
