"""``greenroom demo``: the window, or the tour, on invented events."""

from __future__ import annotations

import datetime as dt
import os
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from desktop import settings
from desktop.cli import terminal, window

if TYPE_CHECKING:
    import argparse

    from desktop.services.opening import Opened

UNSEEN = Path("build", "tour")


def run(arguments: argparse.Namespace) -> int:
    """Open the demo's window; without a display, or where a folder is named for it, play the tour."""
    from desktop.services import demo_database

    folder = settings.data_folder() / "demo"
    today = dt.datetime.now().astimezone().date()
    touring = arguments.tour is not None or not settings.read().display
    if not touring:
        with terminal.Progress() as progress:
            opened = demo_database.open_demo(folder, today, progress.stage, progress)
        with closing(opened):
            return _show(opened)
    pictures = UNSEEN if arguments.tour is None else Path(arguments.tour)
    if arguments.tour is None:
        terminal.note(f"There is no display, so the tour is played unseen; its pictures go to {pictures}.")
    with terminal.Progress() as progress:
        opened = demo_database.open_tour(folder, today, progress.stage, progress)
    with closing(opened):
        return _play(opened, pictures)


def _show(opened: Opened) -> int:
    with window.qt_found():
        from desktop import app
    from desktop.services import demo
    from desktop.services.demo.plans import WORKSPACE_ZONE

    terminal.say(f"Sign in with one of these; the password is “{demo.DEMO_PASSWORD}” for each:")
    for account in demo.STAFF:
        terminal.say(f"  {account.username:<12} {account.role:<10} {account.name}")
    hint = f"Demo: sign in as {demo.STAFF[0].username} with {demo.DEMO_PASSWORD}"
    return app.run_with(app.Start(lambda: opened, ZoneInfo(WORKSPACE_ZONE), hint))


def _play(opened: Opened, pictures: Path) -> int:
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    with window.qt_found():
        from desktop import tour
    return tour.play(opened.database, pictures)
