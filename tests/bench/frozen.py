"""The packed program of ``make package``: how large it is, and how soon it answers, against the one in ``.venv``."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench.measuring import NotHere, Section, line

if TYPE_CHECKING:
    from collections.abc import Sequence

PLACE = Path("dist/greenroom")
ROUNDS = 7
LARGEST_MB = 200


def measure(folder: Path) -> Section:
    """Megabytes on the disk, each file once, and milliseconds from the command to its answer, in turns, in a home that
    is empty. Raises `NotHere` until it has been packed."""
    program = (PLACE / "greenroom").resolve()
    if not program.exists():
        raise NotHere(f"There is no packed program in {PLACE}: “make package” makes it.")
    seen = {(one.stat().st_dev, one.stat().st_ino): one.stat().st_size for one in _files()}
    size = line("size", "MB", [sum(seen.values()) / 1e6])
    taken: dict[str, list[float]] = {"packed": [], "venv": []}
    commands = {"packed": [str(program)], "venv": [sys.executable, "-m", "desktop"]}
    for turn in range(ROUNDS + 1):
        for name, command in commands.items():
            one = _answers([*command, "--help"], folder)
            if turn:
                taken[name].append(one)
    answer = line("“greenroom --help” answers", "ms", taken["packed"], (".venv", taken["venv"]), "of rounds")
    return Section(
        "The packed program", (size.wanting(f"< {LARGEST_MB} MB", size.median < LARGEST_MB), answer)
    )


def _files() -> list[Path]:
    return [one for one in PLACE.rglob("*") if one.is_file() and not one.is_symlink()]


def _answers(command: Sequence[str], home: Path) -> float:
    """Milliseconds."""
    environment = {**os.environ, "HOME": str(home), "QT_QPA_PLATFORM": "offscreen"}
    began = time.perf_counter()
    subprocess.run(command, env=environment, check=True, capture_output=True)
    return (time.perf_counter() - began) * 1e3
