"""How long a start takes: a process of its own for each, in turn with one that only shows an empty window of Qt.

From when the process is begun to when the window is painted, to the sign-in card, and to the first rows of the events,
with the name and the password typed in no time; the server runs already (a cold one takes 0.05 s more, a new one a
second).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time

from tests.bench.measuring import Spread, spread

ROUNDS = 7


def measure(url: str, rounds: int = ROUNDS) -> dict[str, Spread]:
    """Milliseconds, by what was reached, on a database of the demo; “floor” is the empty window's."""
    taken: dict[str, list[float]] = {}
    for _ in range(rounds + 1):
        floor = {name.replace("window", "floor"): taken for name, taken in _one("floor", url).items()}
        told = {**floor, **_one("window", url)}
        for name, milliseconds in told.items():
            taken.setdefault(name, []).append(milliseconds)
    return {name: spread(values[1:]) for name, values in taken.items()}


def told(figures: dict[str, Spread]) -> list[str]:
    """As lines to print."""
    lines = []
    for name, one in figures.items():
        floor = figures["floor, own CPU" if name.endswith("CPU") else "floor"].median
        spread_out = f"{one.median:,.0f} ms ({one.low:,.0f} to {one.high:,.0f})"
        lines.append(f"start, {name}: {spread_out}, {one.median / floor:.1f} times an empty window")
    return lines


def _one(what: str, url: str) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.start_scene", what, url],
        env={**os.environ, "BEGUN": repr(time.monotonic()), "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        check=True,
    )
    answer: dict[str, float] = json.loads(done.stdout)
    return answer
