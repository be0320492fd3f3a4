"""What can be done with somebody, as buttons with shortcuts: by status, by seats and by role."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QKeySequence

from desktop.services.permissions import Operation, allowed
from desktop.views import registration_actions as steps
from desktop.views.widgets.buttons import Action
from desktop.views.wording import called, filled

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence
    from typing import Any

    from desktop.services.workspace import Workspace
    from desktop.views.registration_about import About
    from desktop.views.registration_actions import Step
    from desktop.views.widgets.buttons import Look

    Work = Coroutine[Any, Any, None]
    Offered = Sequence[tuple[Action, Look]]


class RegistrationOffers(QObject):
    """The actions; each is about the person of the latest `offered`."""

    started = Signal()
    """Something is being done; what was refused before is no matter any more."""

    asked = Signal()
    """The registration is to be cancelled: ask first."""

    kept = Signal()
    """It is not to be cancelled."""

    add_asked = Signal(object)
    """Somebody who cancelled is to be registered again: their `About`."""

    def __init__(
        self, workspace: Workspace, run: Callable[[Step], Work], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._run = run
        self._about: About | None = None
        tr = self.tr
        self.check_in = self._action(tr("Check &in"), self._check_in, tr("Let this person in"), "Ctrl+Return")
        self.undo = self._action(
            tr("&Undo check-in"), self._undo, tr("Take the check-in back. Ctrl+Z does it for the latest one")
        )
        self.promote_next = self._action(
            tr("&Promote next"), self._promote_next, tr("Give a free seat to the next in line"), "Ctrl+P"
        )
        self.promote_free = self._action(
            tr("Promote next &all"),
            self._promote_free,
            tr("Give all free seats to the next in line"),
            "Ctrl+Shift+P",
        )
        self.promote_this = self._action(
            tr("Promote"), self._promote_this, tr("Give a free seat to this person, ahead of others")
        )
        self.cancel = self._action(
            tr("&Cancel registration"),
            self._ask,
            tr("Cancel this registration; asks first"),
            "Ctrl+Backspace",
        )
        self.cancel.setShortcuts([QKeySequence("Ctrl+Backspace"), QKeySequence(Qt.Key.Key_Delete)])
        self.confirm = self._action(tr("&Cancel registration"), self._cancel, tr("Cancel it now"))
        self.keep = self._action(tr("&Keep"), self._keep, tr("Do not cancel"), "Esc")
        self.add_again = self._action(
            tr("&Register again…"), self._add_again, tr("Open the form, filled in for this person")
        )

    def offered(self, about: About) -> Offered:
        """What this role can do with this person now; what is to be expected comes first."""
        self._about = about
        status = about.row.status
        offers: list[tuple[Action, Look]] = []
        if status in {"registered", "no_show"} and self._may(Operation.ADMIT):
            offers.append((self.check_in, "primary"))
        if status == "attended" and self._may(Operation.UNDO_OWN_ADMISSION):
            offers.append((self.undo, "secondary"))
        if about.promotable and self._may(Operation.PROMOTE):
            offers.extend(self._promotions(about))
        if status in {"registered", "waitlisted"} and self._may(Operation.CANCEL):
            self.cancel.set_available(about.known)  # the question names who gets the seat
            offers.append((self.cancel, "secondary"))
        if status == "cancelled" and about.gives_out_seats and self._may(Operation.REGISTER):
            self.add_again.set_available(about.detail is not None)
            offers.append((self.add_again, "secondary"))
        return offers

    def asking(self) -> Offered:
        """The answers to the question before cancelling."""
        return [(self.confirm, "secondary"), (self.keep, "primary")]

    def _promotions(self, about: About) -> Offered:
        """One at a time unless more is asked for; the first in line is promoted by name."""
        waits, first = about.place is not None, about.place == 1
        this = filled(self.tr("Promote %1"), called(about.who))
        self.promote_next.setText(this if first else self.tr("&Promote next"))
        offers: list[tuple[Action, Look]] = [(self.promote_next, "primary" if waits else "secondary")]
        if waits and about.promotable > 1:
            self.promote_free.setText(filled(self.tr("Promote next %1"), f"{about.promotable:,}"))
            offers.append((self.promote_free, "secondary"))
        if waits and not first:
            self.promote_this.setText(this)
            offers.append((self.promote_this, "secondary"))
        return offers

    def _check_in(self) -> Work | None:
        return self._start(lambda about: steps.check_in(self._workspace, about.id, about.who))

    def _undo(self) -> Work | None:
        return self._start(lambda about: steps.undo_check_in(self._workspace, about.id, about.who))

    def _promote_next(self) -> Work | None:
        def step(about: About) -> Step:
            if about.place == 1:  # whom the button names, whatever happened to the queue meanwhile
                return steps.promote(self._workspace, about.id)
            return steps.promote_next(self._workspace, about.row.package_id, 1)

        return self._start(step)

    def _promote_free(self) -> Work | None:
        return self._start(
            lambda about: steps.promote_next(self._workspace, about.row.package_id, about.promotable)
        )

    def _promote_this(self) -> Work | None:
        return self._start(lambda about: steps.promote(self._workspace, about.id))

    def _cancel(self) -> Work | None:
        return self._start(lambda about: steps.cancel(self._workspace, about.id, about.row.email))

    def _ask(self) -> None:
        self.asked.emit()

    def _keep(self) -> None:
        self.kept.emit()

    def _add_again(self) -> None:
        self.add_asked.emit(self._about)

    def _start(self, step: Callable[[About], Step]) -> Work | None:
        if self._about is None:
            return None
        made = step(self._about)
        self.started.emit()
        return self._run(made)

    def _may(self, operation: Operation) -> bool:
        return allowed(self._workspace.actor.roles, operation)

    def _action(self, text: str, does: Callable[[], Work | None], about: str, shortcut: str = "") -> Action:
        return Action(text, does, shortcut=shortcut, about=about, parent=self)
