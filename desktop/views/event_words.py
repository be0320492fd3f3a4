"""What a page about an event's registrations says of the event."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from desktop.models.columns import status_label
from desktop.views.wording import named

if TYPE_CHECKING:
    from desktop.services.lists.event_detail import EventDetail


def context(event: EventDetail) -> str:
    """The line above the title: “Monsoon Data Summit · 14 Dec 2026, Bengaluru”, and the status where it matters."""
    said = f"{named(event.title)} · {', '.join(filter(None, (event.day, event.place)))}"
    return said if event.status == "published" else f"{said} · {status_label(event.status)}"


def why_nobody_is_added(event: EventDetail) -> str:
    """Why the event takes no registrations, or ""."""
    if event.status != "published":
        return _tr("Only a published event takes registrations.")
    if not any(package.active for package in event.packages):
        return _tr("The event has no package yet.")
    return ""


def _tr(text: str) -> str:
    return QCoreApplication.translate("event_words", text)
