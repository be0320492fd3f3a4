"""How soon the window and its first rows are there, as `tests.bench.starting` measures it, in the table."""

from __future__ import annotations

from contextlib import closing
from datetime import date
from typing import TYPE_CHECKING

import bcrypt

from desktop.db import embedded, upgrade
from desktop.db.session import Database
from desktop.services import demo
from tests.bench import starting
from tests.bench.measuring import Line, Section

if TYPE_CHECKING:
    from pathlib import Path

    from tests.bench.measuring import Spread

NAMES = {
    "window": "(a) begun to the window painted",
    "window, own CPU": "… CPU of the process",
    "card": "(b) begun to the sign-in card, ready to be typed in",
    "card, own CPU": "… CPU of the process",
    "rows after typing": "(c) Enter to the first rows, after typing",
    "rows": "(d) begun to the first rows, typed in no time",
    "rows, own CPU": "… CPU of the process, bcrypt included",
    "rows without bcrypt": "(d) with a password whose hash is cheap",
    "longest own": "most the window computed at a stretch, (d)",
    "longest own, typing": "most the window computed at a stretch, (c)",
    "longest stall": "longest wait for the window, whoever caused it",
}
WISHES = {
    "window": 800,
    "rows": 1500,
    "longest own": 50,
    "longest own, typing": 50,
}
"""Milliseconds."""

CHEAP = 4
"""The least bcrypt takes: a millisecond."""


def measure(folder: Path) -> Section:
    """Starts on the demo's events, in turn with an empty window of Qt."""
    with embedded.start(folder / "server", durable=False) as server:
        server.ensure_database("start")
        url = server.url("start")
        with closing(Database(url)) as database:
            upgrade.upgrade(database)
            demo.fill(database, date.today())  # noqa: DTZ011 - any day will do
            dear, cheap = demo.STAFF[:2]
            with database.transaction() as tx:
                tx.execute(
                    "UPDATE users SET password_hash = :hash WHERE username = :name",
                    {"hash": _cheap(demo.DEMO_PASSWORD), "name": cheap.username},
                )
        taken = starting.measure(url, dear.username, cheap.username, demo.DEMO_PASSWORD)
    return Section(
        "Start-up, from the beginning of the process, with the server running",
        tuple(_line(what, called, taken[what], taken[_floor(what)]) for what, called in NAMES.items()),
    )


def _floor(what: str) -> str:
    return "floor, own CPU" if what.endswith("CPU") else "floor"


def _cheap(password: str) -> str:
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(CHEAP)).decode()


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
