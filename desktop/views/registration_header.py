"""The head of the registrations' page: the event, what can be done with it, and what of its list is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop.services.permissions import Operation, allowed
from desktop.views import event_words
from desktop.views.widgets.header import PageHeader

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from desktop.services.lists.event_detail import EventDetail
    from desktop.views.registration_filters import RegistrationFilters
    from desktop.views.widgets.buttons import Action


class RegistrationHeader(PageHeader):
    """What one may not do has no button; what the event does not take says why it cannot be pressed."""

    def __init__(
        self,
        title: str,
        filters: RegistrationFilters,
        roles: frozenset[str],
        actions: tuple[Action, Action, Action, Action],
        parent: QWidget | None = None,
    ) -> None:
        """``actions`` are to change the event, to import, to export and to add."""
        super().__init__(title, parent=parent)
        self.context = ""
        """Which event it is: “Monsoon Data Summit · 14 Dec 2026, Bengaluru”."""
        change, self._import, self._export, self._add = actions
        self._may_add = allowed(roles, Operation.REGISTER)
        self.add_action(change)
        if allowed(roles, Operation.IMPORT):
            self.add_action(self._import)
        if allowed(roles, Operation.EXPORT):
            self.add_action(self._export)
        if self._may_add:
            self.add_action(self._add, "primary")
        filters.add_to(self)
        for action in actions[1:]:
            action.set_available(False, self.tr("Choose an event first."))

    def show_event(self, event: EventDetail) -> None:
        """The line above the title, and what can be done with this event."""
        self.context = event_words.context(event)
        self.set_context(self.context)
        self._export.set_available(True)
        why = event_words.why_nobody_is_added(event)
        for action in (self._import, self._add):
            action.set_available(not why, why)

    def offered_add(self) -> Action | None:
        """To add somebody, where one may and the event takes them."""
        return self._add if self._may_add and self._add.isEnabled() else None
