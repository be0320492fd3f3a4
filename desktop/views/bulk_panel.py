"""The panel beside the registrations while several are selected: how many, how they divide, what can be done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QApplication

from desktop.models.columns import TONES, status_label
from desktop.services.grid import WIDTH
from desktop.services.permissions import Operation, allowed
from desktop.views.bulk_question import NOTHING_SAID, BulkQuestion
from desktop.views.bulk_steps import OPERATIONS, STATUSES, Wish
from desktop.views.widgets.buttons import Action, ActionButton
from desktop.views.widgets.panel import DetailPanel
from desktop.views.wording import filled

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

    from desktop.services.lists.chosen import Division
    from desktop.services.lists.event_detail import EventDetail
    from desktop.views.bulk_steps import Verb
    from desktop.views.widgets.buttons import Look


class BulkPanel(DetailPanel):
    """Who is offered what follows from the role, and from what those selected are."""

    wished = Signal(object)
    """A `Wish` is to be done."""

    export_asked = Signal()

    keyboard_left = Signal()
    """The button that had the keyboard is gone."""

    def __init__(self, roles: frozenset[str], parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self.setAccessibleName(self.tr("Selected registrations"))
        self.question: BulkQuestion | None = None
        self.verticalScrollBar().rangeChanged.connect(lambda *_: self._show_question())
        self._roles = roles
        self._event: EventDetail | None = None
        self._ids = b""
        self._division: Division | None = None
        self._trouble = ""
        self._busy = False
        self._said = NOTHING_SAID
        tr = self.tr
        self.offers: dict[Verb, Action] = {
            "promote": self._offer(
                tr("&Promote"), self._promote, tr("Give them seats, in the order of their places"), "Ctrl+P"
            ),
            "cancel": self._offer(
                tr("&Cancel…"), lambda: self._ask("cancel"), tr("Cancel them; asks first"), "Ctrl+Backspace"
            ),
            "put_back": self._offer(
                tr("Put &back on the waitlist…"),
                lambda: self._ask("put_back"),
                tr("Take their seats away; asks for the reason"),
                "Ctrl+B",
            ),
            "move": self._offer(
                tr("&Move to package…"),
                lambda: self._ask("move"),
                tr("Move them to another package; asks to which"),
                "Ctrl+M",
            ),
        }
        self.offers["cancel"].setShortcuts([QKeySequence("Ctrl+Backspace"), QKeySequence(Qt.Key.Key_Delete)])
        self.export = self._offer(
            tr("E&xport selected…"),
            self._export,
            tr("Export those selected, as CSV or XLSX"),
            "Ctrl+Shift+S",
        )

    def show_event(self, event: EventDetail) -> None:
        """Whose registrations they are; its packages are what one can move to."""
        self._event = event

    def show_selected(self, ids: bytes) -> None:
        """Those are selected: ``ids`` are 16 bytes each. `show_division` says what they are; of the same as before
        what is known stands until then, since the list was only read again."""
        if ids == self._ids and (self.question is not None or self._division is not None):
            return
        self._ids, self._division, self._trouble = ids, None, ""
        self._forget_question()
        self._render()

    def show_division(self, division: Division) -> None:
        """How those selected divide by status."""
        self._division, self._trouble = division, ""
        if self.question is not None:
            self.question.show_division(self.count, division)
        else:
            self._render()

    def show_trouble(self, sentence: str) -> None:
        """It could not be read how they divide; what is done is decided for each by the database anyway."""
        self._trouble = sentence
        if self.question is None:
            self._render()

    def set_busy(self, busy: bool) -> None:
        """Whether something is being done, so that nothing else can be begun."""
        self._busy = busy
        if self._ids and self.question is None:
            self._render()

    @property
    def count(self) -> int:
        """How many are selected."""
        return len(self._ids) // WIDTH

    @property
    def ids(self) -> bytes:
        """Who is selected."""
        return self._ids

    def reach(self) -> None:
        """Take the keyboard: the question, the first button, or the panel itself to scroll it."""
        buttons = [one for one in self.shown_buttons() if one.isEnabled()]
        if self.question is not None:
            self.question.reach()
        else:
            (buttons[0] if buttons else self).setFocus()

    def offered(self) -> list[tuple[Action, Look]]:
        """What this role can do with them now."""
        found: list[tuple[Action, Look]] = []
        waits = self._division.of("waitlisted") if self._division is not None else 0
        self.offers["promote"].setText(  # the only one that asks nothing says for how many it is
            filled(self.tr("&Promote %1"), f"{waits:,}") if waits else self.tr("&Promote")
        )
        for verb, action in self.offers.items():
            if not allowed(self._roles, OPERATIONS[verb]) or not self._possible(verb):
                continue
            found.append((action, "primary" if verb == "promote" and waits else "secondary"))
        if allowed(self._roles, Operation.EXPORT):
            found.append((self.export, "secondary"))
        return found

    def _possible(self, verb: Verb) -> bool:
        packages = [one for one in self._event.packages if one.active] if self._event is not None else []
        if verb == "move" and len(packages) < 2:
            return False
        return self._division is None or self._division.of(*STATUSES[verb]) > 0

    def _render(self) -> None:
        focus = QApplication.focusWidget()
        had_keyboard = focus is not None and focus is not self and self.isAncestorOf(focus)
        offered = self.offered()
        for action, _ in offered:
            known = self._division is not None or bool(self._trouble)
            why = self.tr("What they are is still being read.")
            if self._busy:
                known, why = False, self.tr("Something else is still being done.")
            action.set_available(known, why)
        with self.filled():
            self.title(filled(self.tr("%1 selected"), f"{self.count:,}"))
            self._show_division()
            if self.question is not None:
                self.widget_block(self.question, 16)
                return
            self.buttons(offered)
            self.muted(self.tr("Ctrl+C copies them as a table."), 12)
        kept = isinstance(focus, ActionButton) and focus.action in [action for action, _ in offered]
        if had_keyboard and not kept:
            self.keyboard_left.emit()

    def _show_division(self) -> None:
        division = self._division
        if self._trouble:
            self.text(self._trouble, "error", 12)
        elif division is None:
            self.muted(self.tr("Reading what they are…"))
        else:
            known = [(one, division.statuses[one]) for one in TONES if division.statuses.get(one)]
            self.pills([(f"{status_label(status)} {number:,}", TONES[status]) for status, number in known])
            if gone := self.count - sum(division.statuses.values()):
                self.muted(filled(self.tr("%1 are not there any more."), f"{gone:,}"))

    def _promote(self) -> None:
        self.wished.emit(Wish("promote", self._ids))

    def _ask(self, verb: Verb) -> None:
        if self._event is None:
            return
        self.question = BulkQuestion(verb, self._ids, self._event)
        self.question.say(self._said)
        self.question.show_division(self.count, self._division)
        self.question.answered.connect(self._answer)
        self.question.left.connect(self._leave)
        self._render()
        self.question.reach()

    def _export(self) -> None:
        self.export_asked.emit()

    def _show_question(self) -> None:
        """Scroll to all of it, where the panel is low or the text large."""
        if self.question is not None:
            self.ensureWidgetVisible(self.question)

    def _answer(self, wish: Wish) -> None:
        self._leave()
        self._said = NOTHING_SAID
        self.wished.emit(wish)

    def _leave(self) -> None:
        self._forget_question()
        self._render()

    def _forget_question(self) -> None:
        """What was typed and chosen is there again when the next question is."""
        if self.question is not None:
            self._said = self.question.said()
        self.question = None  # its widget goes when the panel is filled again

    def _offer(self, text: str, does: Callable[[], None], about: str, shortcut: str) -> Action:
        return Action(text, does, shortcut=shortcut, about=about, parent=self)
