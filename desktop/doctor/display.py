"""Whether windows can be opened here, asked of a process of its own: Qt ends the one that cannot."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from desktop import settings
from desktop.doctor.asking import Answer
from desktop.faults import surroundings

if TYPE_CHECKING:
    from collections.abc import Iterator

SECONDS: Final = 15.0
PACKAGES: Final = "The README's “When something does not work” names the packages to install."


def look() -> Answer:
    """Qt, the display it draws on, and the scripts it has letters for."""
    shown = settings.read().display
    environment = dict(os.environ) if shown else {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    notes = []
    if not shown:
        notes.append(
            "There is no display here, so no window can open. Start Greenroom from a desktop session, or over SSH with"
            " “ssh -X”."
        )
    missing = sorted(set(_missing_libraries()))
    troubles = [f"Libraries Qt needs are missing: {', '.join(missing)}. {PACKAGES}"] if missing else []
    drawn = _drawn(environment)
    if drawn is None:
        if not missing:
            troubles.append(f"Qt cannot be loaded, or cannot open a window on this display. {PACKAGES}")
        return Answer((("Display", "yes" if shown else "no"),), tuple(troubles), tuple(notes))
    if drawn["without"]:
        scripts = ", ".join(drawn["without"])
        notes.append(f"Names in these scripts appear as boxes, for want of fonts: {scripts}. {PACKAGES}")
    facts = (
        ("Display", "yes" if shown else "no"),
        ("Qt", drawn["qt"]),
        ("Drawn by", drawn["platform"]),
        ("Screens", ", ".join(drawn["screens"])),
    )
    return Answer(facts, tuple(troubles), tuple(notes))


def _drawn(environment: dict[str, str]) -> dict[str, Any] | None:
    """What `desktop.cli.drawing` found, or None when it did not live to tell."""
    ourselves = [sys.executable] if surroundings.frozen() else [sys.executable, "-m", "desktop"]
    try:
        done = subprocess.run(
            [*ourselves, "doctor", "--drawing"],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=SECONDS - 1,
            check=False,
        )
        found: dict[str, Any] = json.loads(done.stdout)
    except (subprocess.TimeoutExpired, OSError, ValueError):
        return None
    return found


def _missing_libraries() -> Iterator[str]:
    """What the loader does not find for Qt's way to draw windows, where there is `ldd` to ask."""
    spec = importlib.util.find_spec("PySide6")
    if sys.platform != "linux" or spec is None:
        return
    for place in spec.submodule_search_locations or ():
        qt = Path(place) / "Qt"
        for library in (qt / "plugins/platforms/libqxcb.so", qt / "lib/libQt6Gui.so.6"):
            if library.exists():
                yield from _not_found(library)


def _not_found(library: Path) -> Iterator[str]:
    try:
        done = subprocess.run(["ldd", library], capture_output=True, encoding="utf-8", timeout=5, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return
    yield from (line.split()[0] for line in done.stdout.splitlines() if "not found" in line)
