"""The places of the sidebar, and who may go there. A screen is imported when it is first gone to, or before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from desktop.services.permissions import Operation
from desktop.views.shell import Section

if TYPE_CHECKING:
    from desktop.services.workspace import Workspace
    from desktop.views.screen import Screen


def sections() -> tuple[Section, ...]:
    """Every section this version has, in the sidebar's order; unfinished ones are absent."""
    events, administration = _tr("Events"), _tr("Administration")
    return (
        Section("events", events, _tr("Events"), Operation.SEE_EVENTS, _events),
        Section("registrations", events, _tr("Registrations"), Operation.SEE_REGISTRATIONS, _registrations),
        Section("audit", administration, _tr("Audit log"), Operation.SEE_LOG, _audit),
    )


def _events(workspace: Workspace) -> Screen:
    from desktop.views.events import EventsScreen

    return EventsScreen(workspace)


def _registrations(workspace: Workspace) -> Screen:
    from desktop.views.registrations import RegistrationsScreen

    return RegistrationsScreen(workspace)


def _audit(workspace: Workspace) -> Screen:
    from desktop.views.audit import AuditScreen

    return AuditScreen(workspace)


def _tr(text: str) -> str:
    return QCoreApplication.translate("sections", text)
