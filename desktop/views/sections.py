"""The places of the sidebar, and who may go there."""

from PySide6.QtCore import QCoreApplication

from desktop.services.permissions import Operation
from desktop.views.audit import AuditScreen
from desktop.views.events import EventsScreen
from desktop.views.registrations import RegistrationsScreen
from desktop.views.shell import Section


def sections() -> tuple[Section, ...]:
    """Every section this version has, in the sidebar's order; unfinished ones are absent."""
    events, administration = _tr("Events"), _tr("Administration")
    return (
        Section("events", events, _tr("Events"), Operation.SEE_EVENTS, EventsScreen),
        Section(
            "registrations", events, _tr("Registrations"), Operation.SEE_REGISTRATIONS, RegistrationsScreen
        ),
        Section("audit", administration, _tr("Audit log"), Operation.SEE_LOG, AuditScreen),
    )


def _tr(text: str) -> str:
    return QCoreApplication.translate("sections", text)
