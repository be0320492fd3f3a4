"""The folders Greenroom keeps things in: there, writable, with room."""

from __future__ import annotations

import os
import shutil
import tempfile
from typing import TYPE_CHECKING, Final

from desktop import settings
from desktop.doctor.asking import Answer
from desktop.faults.scrubbing import homeless

if TYPE_CHECKING:
    from pathlib import Path

ROOM_MB: Final = 200
"""What the local server needs for its data folder."""


def look() -> Answer:
    """Each of them, as “~/…”."""
    folders = {
        "Data": settings.data_folder(),
        "Log": settings.log_folder(),
        "Settings": settings.config_folder(),
    }
    facts, troubles = [], []
    for name, folder in folders.items():
        there = next(place for place in (folder, *folder.parents) if place.is_dir())
        in_the_way = next(place for place in (folder, *folder.parents) if os.path.lexists(place))
        free = shutil.disk_usage(there).free // 2**20
        why_not = _why_not_writable(there)
        state = "not there yet" if there != folder else "there"
        facts.append(
            (name, f"{homeless(str(folder))}: {state}, {free:,} MB free{', not writable' if why_not else ''}")
        )
        if in_the_way != there:
            troubles.append(f"“{homeless(str(in_the_way))}” has to be a folder, and is none. Move it away.")
        elif why_not:
            troubles.append(
                f"The folder “{homeless(str(there))}” cannot be written to ({why_not}). Give yourself the right to, or"
                " free some space."
            )
        elif name == "Data" and free < ROOM_MB:
            troubles.append(
                f"The disk of “{homeless(str(folder))}” has {free:,} MB left, and a local database needs about"
                f" {ROOM_MB}. Free some space."
            )
    return Answer(tuple(facts), tuple(troubles))


def _why_not_writable(folder: Path) -> str:
    """Tried, because rights alone do not tell: a file without a name is written, and gone."""
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"greenroom")
    except OSError as error:
        return error.strerror or type(error).__name__
    return ""
