"""The packed program of ``make package``: how large it is, how soon it answers, and how soon its window and its first
card are there, against the one in ``.venv``. When they were is read in its log."""

from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from bundle import checking
from tests.bench.measuring import NotHere, Section, line

if TYPE_CHECKING:
    from collections.abc import Sequence

PLACE = Path("dist/greenroom")
ROUNDS = 7
LARGEST_MB = 200
PATIENCE_SECONDS = 60
MOMENTS = {
    "window: shown": "begun to the window painted",
    "changes: listening": "begun to the first card, whose database is open",
}
"""By the line of the log that says so. This computer's own server starts on the way, and was made before."""


def measure(folder: Path) -> Section:
    """Megabytes on the disk, each file once, and milliseconds from the command to its answer, in turns, in a home that
    is empty. Raises `NotHere` until it has been packed."""
    program = (PLACE / "greenroom").resolve()
    if not program.exists():
        raise NotHere(f"There is no packed program in {PLACE}: “make package” makes it.")
    seen = {(one.stat().st_dev, one.stat().st_ino): one.stat().st_size for one in _files()}
    size = line("size", "MB", [sum(seen.values()) / 1e6])
    taken: dict[str, list[float]] = {"packed": [], "venv": []}
    moments: dict[str, dict[str, list[float]]] = {said: {"packed": [], "venv": []} for said in MOMENTS}
    commands = {"packed": [str(program)], "venv": [sys.executable, "-m", "desktop"]}
    for turn in range(ROUNDS + 1):
        for name, command in commands.items():
            one = _answers([*command, "--help"], folder)
            shown = _starts(command, folder / name)
            if turn:
                taken[name].append(one)
                for said, milliseconds in shown.items():
                    moments[said][name].append(milliseconds)
    answer = line("“greenroom --help” answers", "ms", taken["packed"], (".venv", taken["venv"]), "of rounds")
    starts = (
        line(called, "ms", moments[said]["packed"], (".venv", moments[said]["venv"]), "of rounds")
        for said, called in MOMENTS.items()
    )
    parts = sorted(checking.by_part(PLACE).items(), key=lambda one: -one[1])
    return Section(
        "The packed program",
        (size.wanting(f"< {LARGEST_MB} MB", size.median < LARGEST_MB), answer, *starts),
        (", ".join(f"{part} {bytes_ / 1e6:.1f} MB" for part, bytes_ in parts),),
    )


def _files() -> list[Path]:
    return [one for one in PLACE.rglob("*") if one.is_file() and not one.is_symlink()]


def _answers(command: Sequence[str], home: Path) -> float:
    """Milliseconds."""
    environment = {**os.environ, "HOME": str(home), "QT_QPA_PLATFORM": "offscreen"}
    began = time.perf_counter()
    subprocess.run(command, env=environment, check=True, capture_output=True)
    return (time.perf_counter() - began) * 1e3


def _starts(command: Sequence[str], home: Path) -> dict[str, float]:
    """Milliseconds from the beginning of the process to each of `MOMENTS`; then the window is closed. Nobody sees it:
    Qt draws into memory, whatever the display is called."""
    home.mkdir(exist_ok=True)
    environment = {"HOME": str(home), "DISPLAY": ":none", "QT_QPA_PLATFORM": "offscreen", "LC_ALL": "C.UTF-8"}
    began = time.time()
    process = subprocess.Popen(command, env=environment)
    try:
        told = _read(home, process.pid, began)
        process.send_signal(signal.SIGTERM)
        if process.wait(PATIENCE_SECONDS):
            raise AssertionError(f"the window ended with {process.returncode}")
    finally:
        process.kill()
    return told


def _read(home: Path, number: int, began: float) -> dict[str, float]:
    while time.time() < began + PATIENCE_SECONDS:
        told = {}
        for log in home.rglob("greenroom.log"):
            for one in log.read_text("utf-8").splitlines():
                moment, _, by, said = one.split(" ", 3)
                if by == str(number) and said in MOMENTS:
                    told[said] = (dt.datetime.fromisoformat(moment).timestamp() - began) * 1e3
        if len(told) == len(MOMENTS):
            return told
        time.sleep(0.05)
    raise AssertionError("the window did not say in its log that it is there")
