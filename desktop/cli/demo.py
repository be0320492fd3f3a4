"""``greenroom demo``: the window, or the tour, on invented events."""

from __future__ import annotations

import datetime as dt
import os
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from desktop import errors, settings
from desktop.cli import terminal, window

if TYPE_CHECKING:
    import argparse

    from desktop.services.demo import Scale
    from desktop.services.opening import Opened

UNSEEN = Path("build", "tour")


def run(arguments: argparse.Namespace) -> int:
    """Open the demo's window; without a display, or where a folder is named for it, play the tour. A demo of a scale
    is only made ready where there is no display."""
    folder = settings.data_folder() / "demo"
    today = dt.datetime.now().astimezone().date()
    if arguments.tour is not None and arguments.scale is not None:
        raise errors.InvalidField(
            "tour", "The tour has a demo of its own. Choose --tour or --scale, not both."
        )
    if arguments.tour is None and settings.read().display:
        return _show(folder, today, arguments.scale)
    if arguments.scale is not None:
        return _make_ready(folder, today, arguments.scale)
    pictures = UNSEEN if arguments.tour is None else Path(arguments.tour)
    if arguments.tour is None:
        terminal.note(f"There is no display, so the tour is played unseen; its pictures go to {pictures}.")
    return _tour(folder, today, pictures)


def _show(folder: Path, today: dt.date, scale: Scale | None) -> int:
    """The window comes first, and tells how far the demo is; closing it stops the making."""
    with window.qt_found():
        from desktop import app
    from desktop.services import demo, demo_database
    from desktop.services.demo.plans import WORKSPACE_ZONE
    from desktop.services.preparing import Preparation

    terminal.say(f"Sign in with one of these; the password is “{demo.DEMO_PASSWORD}” for each:")
    for account in demo.STAFF:
        terminal.say(f"  {account.username:<12} {account.role:<10} {account.name}")
    hint = f"Demo: sign in as {demo.STAFF[0].username} with {demo.DEMO_PASSWORD}"
    with terminal.Progress() as progress:
        preparation = Preparation(progress)

        def opened() -> Opened:
            made = demo_database.open_demo(folder, today, preparation.say, preparation.progress, scale)
            progress.clear()
            return made

        return app.run_with(app.Start(opened, ZoneInfo(WORKSPACE_ZONE), hint, preparation))


def _make_ready(folder: Path, today: dt.date, scale: Scale) -> int:
    from desktop.services import demo_database

    with terminal.Progress() as progress:
        demo_database.open_demo(folder, today, progress.stage, progress, scale).close()
    terminal.say("The demo is ready. There is no display here: start it from a desktop session to see it.")
    return 0


def _tour(folder: Path, today: dt.date, pictures: Path) -> int:
    from desktop.services import demo_database

    with terminal.Progress() as progress:
        opened = demo_database.open_tour(folder, today, progress.stage, progress)
    with closing(opened):
        return _play(opened, pictures)


def _play(opened: Opened, pictures: Path) -> int:
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    with window.qt_found():
        from desktop import tour
    return tour.play(opened.database, pictures)
