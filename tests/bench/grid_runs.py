"""Each contender of the grid's bench in a process of its own.

``python -m tests.bench.grid_runs ADDRESS`` measures on a large demo that is there already, once, and prints all of it.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from contextlib import closing
from typing import Any

from desktop.cli import terminal
from desktop.db.session import Database
from desktop.services import demo
from tests.bench.grid_contenders import CONTENDERS


def runs(url: str, times: int) -> dict[str, list[dict[str, Any]]]:
    """What each contender told of itself, in milliseconds and megabytes; ``{"missing": why}`` where it cannot run."""
    with closing(Database(url)) as database, database.transaction() as tx:
        event = tx.value("SELECT id FROM events WHERE slug = :slug", {"slug": demo.FAIR})
        user = next(account.id for account in demo.STAFF if account.role == "organizer")
    told: dict[str, list[dict[str, Any]]] = {name: [] for name in CONTENDERS}
    for _ in range(times):
        for name, found in told.items():
            found.append(_run(name, url, str(event), str(user)))
    return told


def _run(*arguments: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.grid_run", *arguments],
        stdout=subprocess.PIPE,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "QT_LOGGING_RULES": "*=false"},
        check=True,
    )
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def main(url: str) -> int:
    """Measure each once and print what they told."""
    told = runs(url, 1)
    names = dict.fromkeys(what for found in told.values() for what in found[0])
    terminal.say(f"{'':36}" + "".join(f"{name:>16}" for name in told))
    for what in names:
        cells = []
        for found in told.values():
            value = found[0].get(what)
            if isinstance(value, list):
                value = statistics.quantiles(value, n=20)[-1] if len(value) > 1 else None
            cells.append(f"{value:16,.1f}" if isinstance(value, float) else f"{value or ''!s:>16.16}")
        terminal.say(f"{what:36}" + "".join(cells))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
