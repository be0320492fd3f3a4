"""Who is selected among the registrations: shown at once as the list knows them, the rest when the selection rests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QTimer, Signal

from desktop import background, errors
from desktop.views import registration_reading as reading
from desktop.views.pacing import Again

if TYPE_CHECKING:
    from desktop.services.changes import Changes
    from desktop.services.lists.event_detail import EventDetail
    from desktop.services.lists.registrations import RegistrationRow
    from desktop.services.workspace import Workspace
    from desktop.views.registration_panel import RegistrationPanel

SETTLED_MS: Final = 60
"""How long the selection rests before a person's history is read; holding the Down key reads none on the way."""


class RegistrationPerson(QObject):
    """Puts one person at a time into the panel; ``row`` is who, None when it is nobody or many."""

    gone = Signal(object)
    """The id of somebody who is not there any more."""

    failed = Signal(object)
    """The `AppError` that came instead of the rest."""

    def __init__(self, workspace: Workspace, panel: RegistrationPanel, parent: QObject) -> None:
        super().__init__(parent)
        self.row: RegistrationRow | None = None
        self._workspace = workspace
        self._panel = panel
        self._turn = 0
        self._closed = False
        self._again = Again(self.read, self)
        self._settled = QTimer(self, singleShot=True, interval=SETTLED_MS)
        self._settled.timeout.connect(lambda: background.start(self.read()))

    def show_row(self, row: RegistrationRow, event: EventDetail) -> None:
        """Somebody is selected; or may have changed, for whenever any row changes it is said of theirs again."""
        before, self.row = self.row, row
        self._panel.show_row(row, event)
        if before is None or before.id != row.id:
            self._settled.start()
        elif before != row:
            self._again.ask()

    def ask(self, *, at_once: bool = False) -> None:
        """Read again, with rests, what may be otherwise now; ``at_once`` because somebody waits for it."""
        self._again.ask(at_once=at_once)

    def leave(self) -> None:
        """Nobody is selected, or several are."""
        self.row = None

    def is_concerned(self, changes: Changes) -> bool:
        """Whether what the panel says of them is older than these changes."""
        row = self.row
        return row is not None and any(one.concerns(row.id) for one in (changes.log, changes.check_ins))

    async def read(self) -> None:
        """What the panel says beyond the list: the place in the queue, who is next, history."""
        row = self.row
        if row is None:
            return
        self._turn += 1
        turn = self._turn
        try:
            detail = await reading.person(self._workspace, row.id)
        except errors.NotFound:
            if not self._closed:
                self.gone.emit(row.id)
        except errors.AppError as error:
            if not self._closed:
                self.failed.emit(error)
        else:
            if turn == self._turn and not self._closed:
                self._panel.show_detail(detail)

    def close_down(self) -> None:
        """Ask nothing more, and tell no answer that is still to come: who would hear it may be gone by then."""
        self._closed = True
        self._settled.stop()
        self._again.stop()
