"""``greenroom import``: lists of other systems."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from desktop.cli import terminal

if TYPE_CHECKING:
    import argparse
    from zoneinfo import ZoneInfo


def registrations(arguments: argparse.Namespace) -> int:
    """Import an attendee list into a package, or say what that would do."""
    from desktop.cli import reaching
    from desktop.services import acting, importing

    with reaching.ready(arguments) as database, terminal.Progress() as progress:
        actor = acting.oldest_admin(database)
        zone = importing.event_zone(database, arguments.event, _zone_of_this_computer())
        prepared = importing.plan_file(arguments.file, dict(arguments.map), zone, progress)
        if arguments.dry_run:
            progress("planning", 0, 0)
            report = importing.preview(database, actor, prepared, arguments.event, arguments.package)
        else:
            # The log names the file, and so says how it came in; the report is about the file alone.
            logged = replace(prepared, file=f"{prepared.file} (from the command line)")
            report = replace(
                importing.apply(database, actor, logged, arguments.event, arguments.package, progress),
                file=prepared.file,
            )
    for line in report.lines():
        terminal.say(line)
    return 0


def _zone_of_this_computer() -> ZoneInfo:
    """As the window finds it: Qt knows what each system calls its zones."""
    from PySide6.QtCore import QTimeZone

    from desktop.services import zones

    return zones.of_this_computer(QTimeZone.systemTimeZoneId().toStdString())
