"""``greenroom connections``: what the window offers to work with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop import settings
from desktop.cli import terminal

if TYPE_CHECKING:
    import argparse


def listed(_arguments: argparse.Namespace) -> int:
    """A line for each connection; none is no failure."""
    from desktop.services import connections

    kept = connections.look(settings.config_folder())
    if kept.trouble:
        terminal.note(kept.trouble)
    terminal.say(f"{connections.HERE}: the database Greenroom keeps here")
    for profile in kept.profiles:
        who = f" as {profile.user}" if profile.user else ""
        where = f"“{profile.database}” on {connections.shown(profile)}"
        password = ", password in the keyring" if profile.password_kept else ""
        terminal.say(f"{profile.name}: {where}{who}{password}")
    return 0
