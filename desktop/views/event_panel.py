"""What the events screen shows of one event."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal

from desktop.models.columns import TONES, status_label
from desktop.views.widgets.buttons import Action
from desktop.views.widgets.panel import DetailPanel

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from desktop.services.lists.event_detail import EventDetail, PackageDetail


class EventPanel(DetailPanel):
    """Follows the selection; from here one goes to the event's registrations."""

    registrations_asked = Signal(object)
    """The id of the event whose registrations are wanted."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self.setAccessibleName(self.tr("Event"))
        self._event: EventDetail | None = None
        self.registrations = Action(
            self.tr("&Registrations"),
            self._ask,
            about=self.tr("Open the registrations of this event (Enter in the list)"),
            parent=self,
        )

    def show_nothing(self, *, among_some: bool) -> None:
        """No event is selected, although there are some, or because there are none."""
        self._event = None
        with self.filled():
            if among_some:
                self.muted(self.tr("Select an event to see its packages."))

    def show_event(self, event: EventDetail) -> None:
        """Show this event: from its top, unless it is the one shown before."""
        before, self._event = self._event, event
        if event == before:
            return
        if before is None or before.id != event.id:
            self.scroll_up()
        with self.filled():
            self._tell(event)

    def _tell(self, event: EventDetail) -> None:
        self.muted(event.when)
        self.title(event.title)
        if event.place:
            self.muted(event.place)
        pills = [(status_label(event.status), TONES[event.status])]
        if event.payment_required:
            pills.append((self.tr("Payment required"), "grey"))
        self.pills(pills)
        self.buttons([(self.registrations, "primary")])
        self.hairline()
        self.heading(self.tr("Packages"))
        if not event.packages:
            self.muted(self.tr("This event has no packages yet."))
        for package in event.packages:
            self._show_package(package)
        if event.deadline:
            self.hairline()
            self.muted(event.deadline)

    def _show_package(self, package: PackageDetail) -> None:
        name = f"{package.name} · {package.price}"
        if not package.active:
            name = f"{name} · {self.tr('retired')}"
        below = self.tr("%1 waiting").replace("%1", f"{package.waiting:,}") if package.waiting else ""
        if package.capacity is None:
            self.seats(name, self.tr("%1 · no limit").replace("%1", f"{package.held:,}"), None, below)
            return
        fraction = min(package.held / package.capacity, 1.0) if package.capacity else 1.0
        figures = f"{package.held:,} / {package.capacity:,}"
        if package.free == 0:
            figures = f"{figures} · {self.tr('full')}"
        self.seats(name, figures, fraction, below)

    def _ask(self) -> None:
        if self._event is not None:
            self.registrations_asked.emit(self._event.id)
