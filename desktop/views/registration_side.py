"""The right side of the registrations: a panel, for one or for many, or the form or the choice of an event instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QApplication, QStackedWidget, QWidget

from desktop.views.add_registration import AddRegistration
from desktop.views.event_chooser import EventChooser
from desktop.views.registration_panel import RegistrationPanel

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from desktop.services.lists.event_detail import EventDetail
    from desktop.services.workspace import Workspace
    from desktop.views.bulk_panel import BulkPanel
    from desktop.views.registration_about import About
    from desktop.views.registration_actions import Step
    from desktop.views.registration_offers import Work
    from desktop.views.widgets.message_bar import MessageBar


class RegistrationSide(QStackedWidget):
    """What was typed into the form survives whatever takes its place, until it is saved or discarded."""

    left = Signal()
    """The panel is shown again, and the keyboard belongs to the list."""

    def __init__(
        self,
        workspace: Workspace,
        messages: MessageBar,
        run: Callable[[Step], Work],
        many: BulkPanel,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.panel = RegistrationPanel(workspace, run)
        self.many = many
        self._following: QWidget = self.panel
        self.form = AddRegistration(workspace, messages)
        self.chooser = EventChooser(workspace)
        for widget in (self.panel, self.many, self.form, self.chooser):
            self.addWidget(widget)
        self.panel.keyboard_left.connect(self.left)
        self.many.keyboard_left.connect(self.left)
        self.form.left.connect(self.show_panel)
        self.chooser.left.connect(self.show_panel)

    def show_panel(self) -> None:
        """The panel, whatever there was."""
        self.setCurrentWidget(self._following)
        self.left.emit()

    def follow(self, *, many: bool) -> None:
        """Several are selected, or one or none: the panel for it, now or when the form is left."""
        before, self._following = self._following, self.many if many else self.panel
        if self.currentWidget() is before and before is not self._following:
            focus = QApplication.focusWidget()
            had_keyboard = focus is not None and (focus is before or before.isAncestorOf(focus))
            self.setCurrentWidget(self._following)
            if had_keyboard:
                self.left.emit()

    def add(self, event: EventDetail, package_id: UUID | None) -> None:
        """The form, as it was left when something had been typed."""
        self.setCurrentWidget(self.form)
        self.form.open(event, package_id)

    def add_again(self, event: EventDetail, about: About) -> None:
        """The form, filled in for somebody who cancelled."""
        detail = about.detail
        if detail is not None:
            person = (detail.name, detail.email, detail.phone)
            self.leave_form(lambda: self._fill(event, detail.package_id, person))

    def choose_event(self, shown: UUID | None) -> None:
        """The events there are; ``shown`` is the one being left."""
        self.setCurrentWidget(self.chooser)
        self.chooser.open(shown)

    def leave_form(self, then: Callable[[], object]) -> None:
        """Do this, unless something typed would be lost by it: then the person is asked first."""
        if self.form.typed:
            self.setCurrentWidget(self.form)
        self.form.leave(then)

    def _fill(self, event: EventDetail, package_id: UUID, person: tuple[str, str, str]) -> None:
        self.setCurrentWidget(self.form)
        self.form.open(event, package_id, person)
