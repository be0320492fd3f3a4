"""The places of the sidebar, and who may go there."""

from collections.abc import Callable

from desktop.services.permissions import Operation
from desktop.views.audit import AuditScreen
from desktop.views.events import EventsScreen
from desktop.views.registrations import RegistrationsScreen
from desktop.views.shell import Section


def sections(tr: Callable[[str], str]) -> tuple[Section, ...]:
    """Every section this version has, in the sidebar's order; unfinished ones are absent."""
    events, administration = tr("Events"), tr("Administration")
    return (
        Section("events", events, tr("Events"), Operation.SEE_EVENTS, EventsScreen),
        Section(
            "registrations", events, tr("Registrations"), Operation.SEE_REGISTRATIONS, RegistrationsScreen
        ),
        Section("audit", administration, tr("Audit log"), Operation.SEE_LOG, AuditScreen),
    )
