"""The form that adds somebody, in the place of the detail panel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import QComboBox, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from desktop import errors
from desktop.services.registering import Registering
from desktop.views import registration_actions, theme
from desktop.views.widgets.buttons import Action, ActionButton, SecondaryButton
from desktop.views.widgets.choice_box import ChoiceBox
from desktop.views.widgets.flow import row_of
from desktop.views.widgets.form_field import FormField
from desktop.views.widgets.panel import WIDTH_PX
from desktop.views.widgets.text import label
from desktop.views.wording import filled, seats

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from desktop.services.lists.event_detail import EventDetail, PackageDetail
    from desktop.services.workspace import Workspace
    from desktop.views.widgets.message_bar import MessageBar

NOT_YET: Final = ""


class AddRegistration(QScrollArea):
    """Says what will happen before it is saved. A refused save keeps what was typed and says why beside the
    field; closing with something typed asks once, here."""

    saved = Signal(object)
    """What was done, a `registration_actions.Done`."""

    left = Signal()
    """The person is through with the form, or does not want it."""

    outdated = Signal()
    """What the form was made from is not so any more: it is to be read again."""

    existing_asked = Signal(str)
    """The registration of this e-mail address is to be shown instead."""

    def __init__(self, workspace: Workspace, messages: MessageBar, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._messages = messages
        self._event: EventDetail | None = None
        self._filled_in: tuple[str, ...] = ("", "", "")
        self._then: Callable[[], object] = self.left.emit
        self._said = ""
        self.setProperty("role", "panel")
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(self.tr("Add registration"))

        self.lines = (QLineEdit(), QLineEdit(), QLineEdit())
        self.packages, self.ways_to_pay = ChoiceBox(), QComboBox()
        self.name = FormField(self.tr("&Name"), self.lines[0])
        self.email = FormField(self.tr("&E-mail"), self.lines[1])
        self.phone = FormField(self.tr("P&hone (optional)"), self.lines[2])
        self.package = FormField(self.tr("&Package"), self.packages)
        self.paid_with = FormField(self.tr("Pai&d with"), self.ways_to_pay)
        self.outcome = label("", "accent", wrap=True)
        self.trouble = label("", "error", wrap=True, copyable=True)
        self.existing = SecondaryButton(self.tr("Show &that registration"))
        self.save = Action(
            self.tr("&Add"), self._save, shortcut="Ctrl+Return", about=self.tr("Add this person"), parent=self
        )
        self.close_form = Action(
            self.tr("&Close"), self.leave, shortcut="Esc", about=self.tr("Close the form"), parent=self
        )
        self.question = QWidget()
        self.discard = SecondaryButton(self.tr("D&iscard"))
        self.keep = SecondaryButton(self.tr("&Keep typing"))
        for text, value in (
            (self.tr("Not yet: stays due"), NOT_YET),
            (self.tr("Cash"), "cash"),
            (self.tr("Card"), "card"),
            (self.tr("UPI"), "upi"),
            (self.tr("Bank transfer"), "bank transfer"),
            (self.tr("Nothing: complimentary"), "complimentary"),
        ):
            self.ways_to_pay.addItem(text, value)
        self._build()
        for line, field in zip(self.lines, (self.name, self.email, self.phone), strict=True):
            line.textEdited.connect(field.clear_error)
        self.lines[1].textEdited.connect(self.existing.hide)
        self.packages.currentIndexChanged.connect(self._tell_outcome)
        self.existing.clicked.connect(self._show_existing)
        self.discard.clicked.connect(self._discard)
        self.keep.clicked.connect(self._keep)
        theme.signals.changed.connect(self._restyle)
        self._restyle()

    def open(
        self,
        event: EventDetail,
        package_id: UUID | None = None,
        person: tuple[str, str, str] = ("", "", ""),
    ) -> None:
        """Show an empty form, or one with ``person`` (name, e-mail, phone) filled in; what was typed before and
        not saved is still there. ``package_id`` is chosen when it can be."""
        anew = not self.typed
        if anew:
            self._fill_in(person)
        self.show_seats(event)
        if anew:
            self.packages.choose(package_id)
        self.question.hide()
        self.lines[0].setFocus()

    def forget(self) -> None:
        """Empty the form, whatever was typed."""
        self._fill_in(("", "", ""))

    def show_seats(self, event: EventDetail) -> None:
        """The seats changed, or were read again: what will happen is told anew."""
        self._event = event
        active = [package for package in event.packages if package.active]
        self.packages.offer([(package.id, f"{package.name} · {self._room(package)}") for package in active])
        self._tell_outcome()

    @property
    def typed(self) -> bool:
        """Whether something would be lost."""
        return self._texts() != self._filled_in

    def leave(self, then: Callable[[], object] | None = None) -> None:
        """Close the form, then do ``then``; asks once when something was typed."""
        self._then = then or self.left.emit
        if not self.question.isHidden() and then is None:
            self._keep()
        elif self.typed:
            self.question.show()
            self.keep.setFocus()
            QTimer.singleShot(0, self, lambda: self.ensureWidgetVisible(self.question))  # when it has a place
        else:
            self._then()

    async def _save(self) -> None:
        """Add the person, or say why not. A name, address or package changed meanwhile is another wish."""
        self._clear_errors()
        texts = self._texts()
        name, email, phone = texts
        package = self.packages.chosen()
        if package is None:
            return
        paid_with = self.ways_to_pay.currentData() if not self.paid_with.isHidden() else NOT_YET
        person = Registering(package, email, name, phone, paid_with=paid_with or None)
        try:
            done = await registration_actions.register(self._workspace, person).run()
        except errors.InvalidField as error:
            fields = {
                "name": self.name,
                "email": self.email,
                "phone": self.phone,
                "paid_with": self.paid_with,
            }
            self._complain(fields.get(error.field, self.email), str(error))
        except errors.AlreadyRegistered as error:
            self._complain(self.email, str(error))
            self.existing.show()
        except errors.RuleViolation as error:
            self._complain(self.package, str(error))
        except errors.Unavailable as error:
            # Adding the same person twice is refused by name, so trying again is safe in any case.
            self._said = str(error)
            self._messages.situation(error, self.save.start)
        except errors.AppError as error:
            self.trouble.setText(str(error))
            self.trouble.show()
            self.outdated.emit()
        else:
            if self._texts() == texts:
                self.forget()
            self.saved.emit(done)

    def _fill_in(self, person: tuple[str, str, str]) -> None:
        self._filled_in = person
        for line, text in zip(self.lines, person, strict=True):
            line.setText(text)
        self.ways_to_pay.setCurrentIndex(0)
        self.question.hide()
        self._clear_errors()

    def _complain(self, field: FormField, text: str) -> None:
        field.show_error(text)
        field.editor.setFocus()
        self.ensureWidgetVisible(field)

    def _clear_errors(self) -> None:
        for field in (self.name, self.email, self.phone, self.package, self.paid_with):
            field.clear_error()
        self.existing.hide()
        self.trouble.hide()

    def _texts(self) -> tuple[str, ...]:
        return tuple(line.text() for line in self.lines)

    def _chosen(self) -> PackageDetail | None:
        wanted = self.packages.chosen()
        packages = self._event.packages if self._event else ()
        return next((package for package in packages if package.id == wanted), None)

    def _tell_outcome(self) -> None:
        package = self._chosen()
        closed = self._event is not None and self._event.status != "published"
        self.package.clear_error()
        if package is None or closed:
            text = (
                self.tr("This event takes no registrations now.")
                if closed
                else self.tr("There is no package yet.")
            )
            self._show_outcome(text, good=False)
            self.save.set_available(False, text)
            self.paid_with.hide()
            return
        self.save.set_available(True)
        free = package.free
        gets_seat = not package.waiting and (free is None or free > 0)
        place = f"{package.waiting + 1:,}"
        if gets_seat and free is None:
            self._show_outcome(self.tr("Gets a seat: there is no limit."), good=True)
        elif gets_seat:
            self._show_outcome(filled(self.tr("Gets a seat: %1 free."), f"{free:,}"), good=True)
        elif free:
            one, more = (
                self.tr("%2 free, but others wait for it"),
                self.tr("%2 free, but others wait for them"),
            )
            text = self.tr("Joins the waitlist at #%1") + ": " + (one if free == 1 else more) + "."
            self._show_outcome(filled(text, place, seats(free)), good=False)
        else:
            self._show_outcome(filled(self.tr("Full: joins the waitlist at #%1."), place), good=False)
        self.paid_with.setVisible(package.needs_order and gets_seat)

    def _room(self, package: PackageDetail) -> str:
        free = package.free
        if free is None:
            return self.tr("no limit")
        return filled(self.tr("%1 free"), f"{free:,}") if free else self.tr("full")

    def _show_outcome(self, text: str, *, good: bool) -> None:
        self.outcome.setProperty("role", "accent" if good else "strong")
        self.outcome.setText(text)
        self.outcome.style().unpolish(self.outcome)
        self.outcome.style().polish(self.outcome)
        self.package.editor.setAccessibleDescription(text)

    def _show_existing(self) -> None:
        self.existing_asked.emit(self.lines[1].text().strip())

    def _discard(self) -> None:
        if self._messages.text() == self._said:  # its Retry would be for what is not wanted any more
            self._messages.dismiss()
        self.forget()
        self._then()

    def _keep(self) -> None:
        self.question.hide()
        self._then = self.left.emit
        self.lines[0].setFocus()

    def _build(self) -> None:
        body = QWidget()
        body.setProperty("role", "surface")
        column = QVBoxLayout(body)
        column.setContentsMargins(18, 18, 18, 18)
        column.setSpacing(12)
        column.addWidget(label(self.tr("Add registration"), "panel-title"))
        fields = (self.name, self.email, self.existing, self.phone, self.package, self.outcome)
        for widget in (*fields, self.paid_with, self.trouble):
            column.addWidget(widget)
        column.addWidget(row_of(ActionButton(self.save, "primary"), ActionButton(self.close_form)))
        asking = QVBoxLayout(self.question)
        asking.setContentsMargins(0, 0, 0, 0)
        asking.addWidget(label(self.tr("Discard what you typed?"), "strong", wrap=True))
        asking.addWidget(row_of(self.discard, self.keep))
        column.addWidget(self.question)
        column.addStretch(1)
        self.setWidget(body)

    def sizeHint(self) -> QSize:
        return QSize(min(theme.px(WIDTH_PX), 480), theme.px(400))

    def _restyle(self) -> None:
        self.setMinimumWidth(self.sizeHint().width())
