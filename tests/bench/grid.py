"""The grid at a million rows: ours against Qt's two SQL models on the same query."""

from __future__ import annotations

from contextlib import closing
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from desktop.db import embedded, upgrade
from desktop.db.session import Database
from desktop.services import demo
from tests.bench.grid_runs import runs
from tests.bench.measuring import Section, line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from tests.bench.measuring import Line

    Told = Mapping[str, Sequence[Mapping[str, Any]]]

RUNS: Final = 3
OURS, PEER = "RowTable", "QSqlQueryModel"
OPENINGS: Final = {
    "first rows": "first rows",
    "jump to the middle": "jump to the middle",
    "jump to the end": "jump to the end",
    "re-sort, indexed": "re-sort by an indexed column, to rows",
    "re-sort, not indexed": "re-sort by payment, not indexed, to rows",
    "filter": "one status only, to rows",
    "search": "search for a name, to rows",
}
LIVE: Final = {"live": "the list", "live, whole screen": "with chips and panel"}
STALLS: Final = ("first rows", "re-sort, indexed", "re-sort, not indexed", "filter", "search", "jumps")


def measure(folder: Path, rows: int = demo.REGISTRATIONS["million"]) -> Section:
    """Make the demo in ``folder``, measure each contender `RUNS` times in turn."""
    with embedded.start(folder / "server", durable=False) as server:
        server.ensure_database("grid")
        url = server.url("grid")
        with closing(Database(url)) as database:
            upgrade.upgrade(database)
            demo.fill(database, date.today(), None, rows)  # noqa: DTZ011 - any day will do
        told = runs(url, RUNS)
    return _section(told, rows)


def _section(told: Told, rows: int) -> Section:
    missing = {name: found[0]["missing"] for name, found in told.items() if "missing" in found[0]}
    peers = [name for name in told if name != OURS and name not in missing]

    def samples(name: str, what: str) -> list[float]:
        return [float(one[what]) for one in told[name] if one.get(what) is not None]

    lines: list[Line] = []
    for what, called in OPENINGS.items():
        for peer in peers or [""]:
            other = (peer, samples(peer, what)) if peer else None
            lines.append(_wished(what, line(called, "ms", samples(OURS, what), other)))
    jumps = [jump for one in told[OURS] for jump in one["jumps"]]
    at = line("jump anywhere", "ms", jumps)
    lines.append(at.wanting("p95 ≤ 100 ms", at.p95 <= 100))
    for what in STALLS:
        own = line(f"{what}: longest burst of the window's own", "ms", samples(OURS, f"{what}, own"))
        lines.append(own.wanting("≤ 50 ms", own.median <= 50))
        lines.append(
            line(
                f"{what}: longest stall, whoever caused it",
                "ms",
                samples(OURS, f"{what}, stall"),
                _peer(told, peers, f"{what}, stall"),
            )
        )
    scrolling = line("scrolling: longest burst of the window's own", "ms", samples(OURS, "scrolling, own"))
    lines.append(scrolling.wanting("≤ 20 ms", scrolling.median <= 20))
    lines.append(
        line(
            "scrolling: longest stall, whoever caused it",
            "ms",
            samples(OURS, "scrolling, stall"),
            _peer(told, peers, "scrolling, stall"),
        )
    )
    for what in ("memory", "memory, at the end"):
        size = line(f"{what}, above the empty window", "MB", samples(OURS, what), _peer(told, peers, what))
        lines.append(size.wanting("≤ 120 MB", size.median <= 120))
    for what, called in LIVE.items():
        share = line(
            f"100 changes a second in sight, {called}: share of a core",
            "%",
            [100 * one for one in samples(OURS, f"{what}, share of a core")],
        )
        lines.append(share.wanting("≤ 10 %", share.median <= 10))
        screen = line(
            f"100 changes a second in sight, {called}: to the screen",
            "ms",
            [at for one in told[OURS] for at in one[f"{what}, to the screen"]],
        )
        lines.append(screen.wanting("p95 ≤ 150 ms", screen.p95 <= 150))
        own = line(f"… {called}: longest burst of the window's own", "ms", samples(OURS, f"{what}, own"))
        lines.append(own.wanting("≤ 50 ms", own.median <= 50))
    notes = [f"{name} is left out: {why}" for name, why in missing.items()]
    return Section(f"The grid at {rows:,} rows", tuple(lines), tuple(notes), {"runs": told})


def _peer(told: Told, peers: Sequence[str], what: str) -> tuple[str, list[float]] | None:
    name = PEER if PEER in peers else None
    return (name, [float(one[what]) for one in told[name]]) if name else None


def _wished(what: str, one: Line) -> Line:
    if what == "first rows":
        reached = one.median <= 200 and (one.ratio is None or one.ratio <= 1 / 20)
        return one.wanting("≤ 200 ms, a 20th", reached)
    if what.startswith("jump"):
        return one.wanting("≤ 100 ms", one.median <= 100)
    if what == "re-sort, indexed":
        return one.wanting("≤ 150 ms", one.median <= 150)
    return one
