"""How soon the window and its first rows are there, as `tests.bench.starting` measures it, in the table."""

from __future__ import annotations

from contextlib import closing
from datetime import date
from typing import TYPE_CHECKING

from desktop.db import embedded, upgrade
from desktop.db.session import Database
from desktop.services import demo
from tests.bench import starting
from tests.bench.measuring import Line, Section

if TYPE_CHECKING:
    from pathlib import Path

    from tests.bench.measuring import Spread

NAMES = {
    "window": "the window is painted",
    "card": "the sign-in card is there",
    "rows": "the first rows are there",
    "rows after Enter": "from Enter on the card to the first rows",
    "longest stall": "the window's longest stall until then",
}
WISHES = {"window": 800, "rows": 1500}
"""Milliseconds."""


def measure(folder: Path) -> Section:
    """Starts on the demo's events, in turn with an empty window of Qt."""
    with embedded.start(folder / "server", durable=False) as server:
        server.ensure_database("start")
        url = server.url("start")
        with closing(Database(url)) as database:
            upgrade.upgrade(database)
            demo.fill(database, date.today())  # noqa: DTZ011 - any day will do
        taken = starting.measure(url)
    return Section(
        "Start-up, of which signing in is typed in no time",
        tuple(
            _line(what, called, taken[what], taken["floor"])
            for what, called in NAMES.items()
            if what in taken
        ),
    )


def _line(what: str, called: str, taken: Spread, floor: Spread) -> Line:
    made = Line(
        called,
        "ms",
        taken.median,
        taken.low,
        taken.high,
        taken.p95,
        taken.n,
        "empty window",
        floor.median,
        taken.median / floor.median,
    )
    limit = WISHES.get(what)
    return made.wanting(f"≤ {limit} ms", taken.median <= limit) if limit else made
