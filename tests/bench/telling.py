"""What it costs a website that windows are told of its changes: its statements with the notification, and with
``greenroom.notify`` off, by turns in one run. ``python -m tests.bench.telling`` prints it."""

from __future__ import annotations

import statistics
import tempfile
import threading
import time
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from desktop.db import embedded, upgrade
from desktop.db.session import Database
from tests.bench import website
from tests.bench.website import Website

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import psycopg

ROUNDS = 30
WRITERS = 32
SECONDS = 1.5


def measure(url: str) -> dict[str, dict[str, list[float]]]:
    """For each statement the microseconds with telling “on” and “off”. Of many writers, commits a second."""
    site = Website(url)
    listening = site.connect()
    listening.execute("LISTEN greenroom")
    figures = {
        name: _alternating(site, work, times)
        for name, work, times in (
            ("register one", site.register, 20),
            ("change a phone number", site.change_phone, 20),
            ("insert an order", site.order, 20),
            ("edit an event", site.edit_event, 20),
            ("register 1,000 in one statement", site.register_many, 1),
        )
    }
    for writers in (4, WRITERS):
        figures[f"{writers} writers, a package each of ten"] = _crowds(site, writers)
    listening.close()
    return figures


def _alternating(site: Website, work: Callable[[], object], times: int) -> dict[str, list[float]]:
    taken: dict[str, list[float]] = {"off": [], "on": []}
    for turn in range(ROUNDS):
        for how in ("off", "on") if turn % 2 else ("on", "off"):
            site.do(f"SET greenroom.notify = '{how}'")
            for _ in range(times):
                began = time.perf_counter()
                work()
                taken[how].append((time.perf_counter() - began) * 1e6)
    return taken


def _crowds(site: Website, writers: int) -> dict[str, list[float]]:
    rates: dict[str, list[float]] = {"off": [], "on": []}
    for turn in range(6):
        for how in ("off", "on") if turn % 2 else ("on", "off"):
            rates[how].append(_crowd(site, writers, how))
    return rates


def _crowd(site: Website, writers: int, how: str) -> float:
    """Commits a second of so many connections that register people at once."""
    packages = [row[0] for row in site.connection.execute("SELECT id FROM packages ORDER BY slug").fetchall()]
    connections = [site.connect() for _ in range(writers)]
    counts = [0] * writers
    start = threading.Barrier(writers + 1)
    until = [0.0]

    def write(number: int, connection: psycopg.Connection[Any]) -> None:
        connection.execute(f"SET greenroom.notify = '{how}'")
        start.wait()
        while time.perf_counter() < until[0]:
            connection.execute(
                "INSERT INTO event_registrations (event_id, package_id, attendee_email)"
                " VALUES (%s, %s, gen_random_uuid() || '@example.org')",
                (site.event, packages[number % len(packages)]),
            )
            counts[number] += 1

    threads = [threading.Thread(target=write, args=one) for one in enumerate(connections)]
    for thread in threads:
        thread.start()
    until[0] = time.perf_counter() + SECONDS
    start.wait()
    for thread in threads:
        thread.join()
    for one in connections:
        one.close()
    return sum(counts) / SECONDS


@contextmanager
def website_on(folder: Path, *, durable: bool) -> Iterator[str]:
    """While the block runs, a website's database, adopted, on a server that waits for the disk or does not."""
    with embedded.start(folder, durable=durable) as server:
        server.ensure_database("website")
        url = server.url("website")
        website.build(url)
        with closing(Database(url)) as database:
            upgrade.upgrade(database)
        yield url


def main() -> None:
    """Measure on a server that waits for the disk, as a website's does, and on one that does not."""
    for durable in (True, False):
        with (
            tempfile.TemporaryDirectory() as folder,
            website_on(Path(folder) / "server", durable=durable) as url,
        ):
            print("commits on disk" if durable else "commits in memory")  # noqa: T201
            for name, figures in measure(url).items():
                off, on = (statistics.median(figures[how]) for how in ("off", "on"))
                print(f"  {name:40} off {off:>9,.0f} on {on:>9,.0f} ratio {on / off:.2f}")  # noqa: T201


if __name__ == "__main__":
    main()
