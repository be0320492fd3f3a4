"""How long a start takes: a process of its own for each, in turn with one that only shows an empty window of Qt.

From when the process is begun to when the window is painted, to the sign-in card, and to the first rows of the events.
The server runs already (a cold one takes 0.05 s more, a new one a second). Three ways to sign in take turns: name and
password typed in no time; the same with a password whose hash is cheap, which shows what bcrypt takes of it; and Enter
pressed when everything was imported behind the card, as by whoever types.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from tests.bench.measuring import spread

if TYPE_CHECKING:
    from tests.bench.measuring import Spread

ROUNDS = 7
PATIENCE_SECONDS = 120
"""A start that breaks down shows no rows, and is not waited for."""


def measure(url: str, dear: str, cheap: str, password: str, rounds: int = ROUNDS) -> dict[str, Spread]:
    """Milliseconds, by what was reached, on a database where ``dear`` and ``cheap`` sign in with ``password``; “floor”
    is the empty window's."""
    taken: dict[str, list[float]] = {}
    for turn in range(rounds + 1):
        floor = _one("floor")
        told = {name.replace("window", "floor"): value for name, value in floor.items()}
        told |= _one("at-once", url, dear, password)
        quick = _one("at-once", url, cheap, password)
        told["rows without bcrypt"] = quick["rows"]
        typed = _one("typing", url, dear, password)
        told["rows after typing"] = typed["rows after Enter"]
        told["longest own, typing"] = typed["longest own"]
        for name, milliseconds in told.items():
            if turn:
                taken.setdefault(name, []).append(milliseconds)
    return {name: spread(values) for name, values in taken.items()}


def _one(what: str, *arguments: str) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.start_scene", what, *arguments],
        env={**os.environ, "BEGUN": repr(time.monotonic()), "QT_QPA_PLATFORM": "offscreen"},
        stdout=subprocess.PIPE,
        check=True,
        timeout=PATIENCE_SECONDS,
    )
    answer: dict[str, float] = json.loads(done.stdout)
    return answer
