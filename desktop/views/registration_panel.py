"""The panel beside the registrations: who is selected, the package's seats, what can be done, what happened."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QApplication

from desktop.models.columns import TONES, status_label
from desktop.views.registration_about import About
from desktop.views.registration_offers import RegistrationOffers
from desktop.views.widgets.buttons import ActionButton
from desktop.views.widgets.panel import DetailPanel
from desktop.views.wording import filled, named, seats

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from PySide6.QtWidgets import QWidget

    from desktop.services.lists.event_detail import EventDetail
    from desktop.services.lists.registration_detail import RegistrationDetail
    from desktop.services.lists.registrations import RegistrationRow
    from desktop.services.workspace import Workspace
    from desktop.views.registration_actions import Step
    from desktop.views.registration_offers import Offered, Work
    from desktop.views.tokens import Tone

NO_PAYMENT: Final = "—"
"""What the list shows where nothing was ordered."""


class RegistrationPanel(DetailPanel):
    """Follows the selection. What a rule refuses is said here, beside the button that was pressed, and
    cancelling is asked for here."""

    keyboard_left = Signal()
    """The button that had the keyboard is gone, or is about somebody else now."""

    def __init__(
        self, workspace: Workspace, run: Callable[[Step], Work], parent: QWidget | None = None
    ) -> None:
        super().__init__("", parent)
        self.setAccessibleName(self.tr("Registration"))
        self._about: About | None = None
        self._asking = False
        self._refusal = ""
        self.offers = RegistrationOffers(workspace, run, self)
        self.offers.started.connect(self._forget_refusal)
        self.offers.asked.connect(self._ask)
        self.offers.kept.connect(self._keep)

    def show_nothing(self) -> None:
        """Nobody is selected."""
        self._about, self._asking, self._refusal = None, False, ""
        if self._has_keyboard():
            self.setFocus()  # Qt would give it to a button elsewhere
        self.clear()

    def show_row(self, row: RegistrationRow, event: EventDetail) -> None:
        """Show what the list knows of somebody; `show_detail` brings the rest."""
        before = self._about
        another = before is None or before.id != row.id
        if before is None or another:
            self._asking, self._refusal = False, ""
            self._about = About(row, event)
            self.scroll_up()
        elif before.row.status != row.status:
            self._asking = False
            self._about = replace(before, row=row, event=event, outdated=True)
        else:
            self._about = replace(before, row=row, event=event)
            if self._about == before:
                return
        self._render(another=another)

    def show_detail(self, detail: RegistrationDetail) -> None:
        """Everything about the person shown; ignored when it is somebody else by now."""
        before = self._about
        if before is not None and before.id == detail.id:
            self._about = replace(before, detail=detail, outdated=False)
            if self._about != before:
                self._render()

    def shown(self) -> UUID | None:
        """Whose registration is shown."""
        return self._about.id if self._about is not None else None

    def refuse(self, sentence: str) -> None:
        """Say why what was asked for is not done."""
        self._refusal, self._asking = sentence, False
        self._render()

    def refusal(self) -> str:
        """What was refused, and why; "" when nothing was."""
        return self._refusal

    def reach(self) -> None:
        """Take the keyboard: the first button, or the panel itself to scroll it."""
        buttons = self.shown_buttons()
        (buttons[0] if buttons else self).setFocus()

    def question(self) -> str:
        """What is being asked before a registration is cancelled, or ""."""
        about = self._about
        if about is None or not self._asking:
            return ""
        if about.heir is not None:
            text = self.tr("Cancel %1? The seat goes to %2, next in line.")
            return filled(text, named(about.who), named(about.heir))
        if about.row.status == "waitlisted":
            text = self.tr("Cancel %1? The place in the queue is lost for good.")
        else:
            text = self.tr("Cancel %1? The seat becomes free.")
        return filled(text, named(about.who))

    def _has_keyboard(self) -> bool:
        focus = QApplication.focusWidget()
        return focus is not None and focus is not self and self.isAncestorOf(focus)

    def _render(self, *, another: bool = False) -> None:
        """``another`` is shown than before: what is being pressed was not meant for them."""
        about = self._about
        if about is None:
            return
        focus, had_keyboard = QApplication.focusWidget(), self._has_keyboard()
        question, offered = self.question(), self.offers.offered(about)
        if question:
            offered = self.offers.asking()
        with self.filled():
            self._tell(about, question, offered)
        if another:
            for button in self.shown_buttons():
                button.setDown(False)
        actions = [action for action, _ in offered]
        kept = isinstance(focus, ActionButton) and focus.action in actions and not another
        if had_keyboard and not kept:
            if question:
                self._button(self.offers.keep).setFocus()
            else:
                self.keyboard_left.emit()

    def _tell(self, about: About, question: str, offered: Offered) -> None:
        self.title(about.who)
        if about.row.name:
            self.muted(about.row.email)
        self.pills(self._states(about))
        self._show_seats(about)
        if question:
            self.text(question, "strong", 16)
        if offered:
            self.buttons(offered)
        if self._refusal:
            self.text(self._refusal, "error", 12)
        self._show_facts(about)
        if about.detail is not None:
            self.hairline()
            self.heading(self.tr("History"))
            lines = about.detail.history
            self.rows([(line.when, line.brief) for line in lines], [line.what for line in lines])

    def _states(self, about: About) -> list[tuple[str, Tone]]:
        status = about.row.status
        text = status_label(status)
        if about.place is not None:
            text = filled(self.tr("Waitlisted · #%1 of %2"), f"{about.place:,}", f"{about.seats[2]:,}")
        states: list[tuple[str, Tone]] = [(text, TONES[status])]
        if about.row.payment_due:
            states.append((self.tr("Payment due"), "red"))
        return states

    def _show_seats(self, about: About) -> None:
        held, capacity, waiting = about.seats
        below = self._room(held, capacity)
        if waiting:
            below += filled(self.tr(" · %1 waiting"), f"{waiting:,}")
        if not about.gives_out_seats:
            below += self.tr(" · gives out no seats now")
        if capacity is None:
            self.seats(about.row.package, seats(held), None, below, card=True)
            return
        figures = filled(self.tr("%1 / %2 seats"), f"{held:,}", f"{capacity:,}")
        fraction = min(1.0, held / capacity) if capacity else 1.0
        self.seats(about.row.package, figures, fraction, below, card=True)

    def _room(self, held: int, capacity: int | None) -> str:
        if capacity is None:
            return self.tr("No limit")
        if held < capacity:
            return filled(self.tr("%1 free"), seats(capacity - held))
        if held == capacity:
            return self.tr("Full")
        return filled(self.tr("Full, %1 above the capacity"), f"{held - capacity:,}")

    def _show_facts(self, about: About) -> None:
        phone = about.detail.phone if about.detail is not None else ""
        payment = about.row.payment if about.row.payment != NO_PAYMENT else ""
        facts = [(self.tr("Payment"), payment), (self.tr("Phone"), phone)]
        if known := [(what, value) for what, value in facts if value]:
            self.hairline()
            self.rows(known)

    def _ask(self) -> None:
        self._asking, self._refusal = True, ""
        self._render()
        if self._asking and self._about is not None:
            self._button(self.offers.keep).setFocus()

    def _keep(self) -> None:
        self._asking = False
        self._render()

    def _forget_refusal(self) -> None:
        if self._refusal:
            self._refusal = ""
            self._render()

    def _button(self, action: object) -> ActionButton:
        return next(one for one in self.shown_buttons() if one.action is action)
