"""Which event's registrations are shown, and its numbers, read again whenever they may have changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from desktop import errors
from desktop.views import registration_reading as reading
from desktop.views.pacing import Again

if TYPE_CHECKING:
    from uuid import UUID

    from desktop.services.lists.event_detail import EventDetail
    from desktop.services.workspace import Workspace


class RegistrationEvent(QObject):
    """``shown`` is None until an event has been read. Of two that are asked for the later one counts."""

    opened = Signal(object, object)
    """Another `EventDetail` is shown: with the id of somebody to go to in it, or None."""

    missing = Signal()
    """There is no event to show."""

    failed = Signal(object, object)
    """The `AppError` that came instead of an event, and the id that was asked for."""

    counted = Signal(object, bool)
    """The `Facets` of the event shown; and whether anything of ``shown``, such as its seats, is not as before."""

    uncounted = Signal(object)
    """The `AppError` that came instead."""

    def __init__(self, workspace: Workspace, parent: QObject) -> None:
        super().__init__(parent)
        self.shown: EventDetail | None = None
        self.numbers = Again(self.count, self)
        self._workspace = workspace
        self._turn = self._counting = 0
        self._closed = False

    async def open(self, event_id: UUID | None, person: UUID | None = None) -> None:
        """Read the event, without an id the one that is next, and then its numbers."""
        self._turn += 1
        turn = self._turn
        try:
            event = await reading.event(self._workspace, event_id)
        except errors.AppError as error:
            if turn == self._turn:
                self.failed.emit(error, event_id)
            return
        if turn != self._turn:
            return
        if event is None:
            self.missing.emit()
            return
        self.shown = event
        self.opened.emit(event, person)
        await self.count()

    async def count(self) -> None:
        """Read the event's seats and the numbers of its registrations."""
        before = self.shown
        if before is None:
            return
        self._counting += 1
        turn = self._counting
        try:
            event, facets = await reading.numbers(self._workspace, before.id)
        except errors.AppError as error:
            if not self._closed:
                self.uncounted.emit(error)
            return
        now = self.shown
        if turn == self._counting and not self._closed and now is not None and now.id == event.id:
            self.shown = event
            self.counted.emit(facets, event != now)

    def close_down(self) -> None:
        """Ask nothing more, and tell no answer that is still to come: who would hear it may be gone by then."""
        self._closed = True
        self._turn += 1
        self.numbers.stop()
