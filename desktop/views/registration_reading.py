"""What the registrations screen reads besides the rows of its list, each in one go off the GUI thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop import background
from desktop.services.lists import event_detail, events, registration_detail, registrations

if TYPE_CHECKING:
    from uuid import UUID

    from desktop.services.lists.event_detail import EventDetail
    from desktop.services.lists.registration_detail import RegistrationDetail
    from desktop.services.lists.registrations import Facets
    from desktop.services.workspace import Workspace


async def event(workspace: Workspace, event_id: UUID | None) -> EventDetail | None:
    """The event, or without an id the one that is next or was last; None when there is none at all."""

    def read() -> EventDetail | None:
        database, actor = workspace.database, workspace.actor
        shown = event_id or events.next_one(database, actor)
        return event_detail.read(database, actor, shown, workspace.zone) if shown else None

    return await background.run(read)


async def numbers(workspace: Workspace, event_id: UUID) -> tuple[EventDetail, Facets]:
    """The event with its packages' seats, and how many registrations there are of each kind."""

    def read() -> tuple[EventDetail, Facets]:
        database, actor = workspace.database, workspace.actor
        return (
            event_detail.read(database, actor, event_id, workspace.zone),
            registrations.facets(database, actor, event_id),
        )

    return await background.run(read)


async def person(workspace: Workspace, registration_id: UUID) -> RegistrationDetail:
    """Everything about one registration. Raises `NotFound`."""
    return await background.run(
        registration_detail.read, workspace.database, workspace.actor, registration_id, workspace.zone
    )
