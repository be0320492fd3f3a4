"""What is asked before many registrations are changed: how many, what follows from it, and what else must be known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QLineEdit, QVBoxLayout, QWidget

from desktop import errors
from desktop.services import inputs
from desktop.services.registrations import moving
from desktop.views.bulk_steps import STATUSES, Wish
from desktop.views.widgets.buttons import Action, ActionButton
from desktop.views.widgets.choice_box import ChoiceBox
from desktop.views.widgets.flow import row_of
from desktop.views.widgets.form_field import FormField
from desktop.views.widgets.text import label
from desktop.views.wording import counted, filled, seats

if TYPE_CHECKING:
    from uuid import UUID

    from desktop.services.lists.chosen import Division
    from desktop.services.lists.event_detail import EventDetail, PackageDetail
    from desktop.views.bulk_steps import Verb


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody typed and chose so far; ``package`` None where none is offered."""

    reason: str = ""
    package: UUID | None = None
    queue: bool = False


NOTHING_SAID: Final = Said()


class BulkQuestion(QWidget):
    """In the place of the buttons that led here. Esc leaves it, and so does “Keep”."""

    answered = Signal(object)
    """The `Wish`: it is to be done."""

    left = Signal()
    """It is not to be done."""

    def __init__(self, verb: Verb, ids: bytes, event: EventDetail, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.verb = verb
        self.ids = ids
        self._words = label("", "strong", wrap=True)
        self._consequences = label("", wrap=True)
        self.reason = QLineEdit()
        needed = verb == "put_back"
        text = self.tr("&Reason") if needed else self.tr("&Reason (optional)")
        self.reason_field = FormField(text, self.reason, self.tr("Stands in the audit log"))
        self.packages = ChoiceBox()
        self.package = FormField(self.tr("To &package"), self.packages)
        self.queue = QCheckBox(self.tr("When it is &full, put them on its waitlist"))
        tr = self.tr
        self.confirm = Action(
            tr("Do it"), self._confirm, shortcut="Ctrl+Return", about=tr("Do it now"), parent=self
        )
        self.keep = Action(
            tr("&Keep"), self._leave, shortcut="Esc", about=tr("Leave everything as it is"), parent=self
        )
        self.packages.offer(
            [(one.id, f"{one.name} · {self._room(one)}") for one in event.packages if one.active]
        )
        self.reason.textEdited.connect(self.reason_field.clear_error)
        self.reason.returnPressed.connect(self.confirm.start)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(self._words)
        column.addWidget(self._consequences)
        if verb == "move":
            column.addWidget(self.package)
            column.addWidget(self.queue)
        column.addWidget(self.reason_field)
        cancelling = verb == "cancel"  # then the safe answer is the one that stands out
        self.confirm_button = ActionButton(self.confirm, "secondary" if cancelling else "primary")
        self.keep_button = ActionButton(self.keep, "primary" if cancelling else "secondary")
        column.addWidget(row_of(self.confirm_button, self.keep_button))

    def show_division(self, number: int, division: Division | None) -> None:
        """Word it for ``number`` people, who divide so; None while that is not known."""
        if division is not None:
            number = division.of(*STATUSES[self.verb])
        one, more, button = {
            "cancel": (
                self.tr("Cancel 1 registration?"),
                self.tr("Cancel %1 registrations?"),
                self.tr("Cancel %1"),
            ),
            "promote": (self.tr("Promote 1 person?"), self.tr("Promote %1 people?"), self.tr("Promote %1")),
            "put_back": (
                self.tr("Put 1 person back on the waitlist?"),
                self.tr("Put %1 people back on the waitlist?"),
                self.tr("Put %1 back"),
            ),
            "move": (
                self.tr("Move 1 registration to another package?"),
                self.tr("Move %1 registrations to another package?"),
                self.tr("Move %1"),
            ),
        }[self.verb]
        self._words.setText(counted(number, one, more))
        self.confirm.setText(filled(button, f"{number:,}"))
        self._consequences.setText(" ".join(self._told(division)))
        self.setAccessibleName(self.text())

    def text(self) -> str:
        """What is asked, and what follows from it."""
        return f"{self._words.text()} {self._consequences.text()}".strip()

    def said(self) -> Said:
        """What was typed and chosen."""
        return Said(self.reason.text(), self.packages.chosen(), self.queue.isChecked())

    def say(self, said: Said) -> None:
        """Have this typed and chosen. A package that is offered no longer is not."""
        self.reason.setText(said.reason)
        self.packages.choose(said.package)
        self.queue.setChecked(said.queue)

    def reach(self) -> None:
        """Take the keyboard: where something has to be said first, or at the safe answer."""
        first = {"cancel": self.keep_button, "move": self.packages}.get(self.verb, self.reason)
        first.setFocus()

    def _told(self, division: Division | None) -> list[str]:
        said = {
            "cancel": [self.tr("Seats that become free go to the next in line.")],
            "promote": [self.tr("In the order of their places, while there are seats.")],
            "put_back": [self.tr("They go to the end of the waitlist, their seats to the next in line.")],
            "move": [self.tr("Seats they leave go to the next in line there.")],
        }[self.verb]
        if division is None:
            return said
        if self.verb == "cancel" and (waiting := division.of("waitlisted")):
            one = self.tr("1 of them waits, and loses the place in the queue.")
            said.append(
                counted(waiting, one, self.tr("%1 of them wait, and lose their places in the queue."))
            )
        if self.verb == "cancel" and (paid := division.paid.get("registered", 0)):
            one = self.tr("1 order stays paid until somebody refunds it.")
            said.append(counted(paid, one, self.tr("%1 orders stay paid until somebody refunds them.")))
        concerned = STATUSES[self.verb]
        if others := sum(number for status, number in division.statuses.items() if status not in concerned):
            one = self.tr("1 other among the selected stays as it is.")
            said.append(counted(others, one, self.tr("%1 others among the selected stay as they are.")))
        return said

    def _room(self, package: PackageDetail) -> str:
        if package.free is None:
            return self.tr("no limit")
        return filled(self.tr("%1 free"), seats(package.free)) if package.free else self.tr("full")

    def _confirm(self) -> None:
        reason = self.reason.text()
        try:
            (moving.needed if self.verb == "put_back" else inputs.reason)(reason)
        except errors.InvalidField as error:
            self.reason_field.show_error(str(error))
            self.reason.setFocus()
            return
        when_full: moving.WhenFull = "waitlist" if self.queue.isChecked() else "refuse"
        self.answered.emit(Wish(self.verb, self.ids, reason, self.packages.chosen(), when_full))

    def _leave(self) -> None:
        self.left.emit()
