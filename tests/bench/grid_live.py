"""A hundred changes a second on the rows in sight: what they cost the window, and how soon they are painted."""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Any
from uuid import UUID

import psycopg

from desktop import background
from tests.bench.grid_contenders import Ours, in_sight

if TYPE_CHECKING:
    from desktop.services.lists.registrations import RegistrationRow
    from tests.bench.grid_contenders import Contender
    from tests.bench.heartbeat import Heart

RATE = 100
SECONDS = 8
COALESCED_SECONDS = 0.05


async def figures(contender: Contender, heart: Heart, url: str) -> dict[str, Any]:
    """CPU share of one core, milliseconds from the commit to the screen, and the longest stall."""
    if not isinstance(contender, Ours):
        raise TypeError("only our list hears of changes")
    model, view = contender.model, contender.view
    first, last = in_sight(view)
    ids = [str(model.id_at(row)) for row in range(first, last + 1)]
    seen: dict[str, float] = {}
    arrived: list[float] = []

    def painted() -> None:
        now = time.time()
        for row in range(first, last + 1):
            loaded: RegistrationRow | None = model.row_at(row)
            if loaded is not None and loaded.name.startswith("~"):
                at = float(loaded.name[1:])
                if seen.get(str(loaded.id)) != at:
                    seen[str(loaded.id)] = at
                    arrived.append((now - at) * 1e3)

    names = await background.run(_names, url, ids)
    # The change is painted by the event loop's next round.
    model.dataChanged.connect(lambda *_: asyncio.get_running_loop().call_soon(painted))
    website = _start_website(url, ids)
    listener = threading.Thread(
        target=_listen, args=(website, asyncio.get_running_loop(), model), daemon=True
    )
    await asyncio.sleep(1)
    listener.start()
    started, computed = time.perf_counter(), time.process_time()
    with heart.watched() as beats:
        await background.run(website.wait)
        await asyncio.sleep(0.2)
    share = (time.process_time() - computed) / (time.perf_counter() - started)
    await background.run(_give_back, url, names)
    return {
        "live, share of a core": share,
        "live, to the screen": arrived,
        "live, to the screen p95": statistics.quantiles(arrived, n=20)[-1] if len(arrived) > 1 else None,
        "live, stall": beats.stall,
        "live, own": beats.own,
    }


def _start_website(url: str, ids: list[str]) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.bench.grid_live", url, *ids]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def _listen(website: subprocess.Popen[str], loop: asyncio.AbstractEventLoop, model: Any) -> None:
    """Stands in for the listener: ids, coalesced for 50 ms, handed to the window's thread."""
    waiting: set[UUID] = set()
    lock = threading.Lock()

    def read() -> None:
        assert website.stdout is not None
        for line in website.stdout:
            with lock:
                waiting.add(UUID(line.strip()))

    reading = threading.Thread(target=read, daemon=True)
    reading.start()
    while reading.is_alive():
        time.sleep(COALESCED_SECONDS)
        with lock:
            told, waiting = waiting, set()
        if told:
            loop.call_soon_threadsafe(model.refresh, told)


def _names(url: str, ids: list[str]) -> list[tuple[str, str]]:
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        return connection.execute(
            "SELECT attendee_name, id::text FROM event_registrations WHERE id = ANY(%s::uuid[])", [ids]
        ).fetchall()


def _give_back(url: str, names: list[tuple[str, str]]) -> None:
    with psycopg.connect(url.replace("+psycopg", "")) as connection, connection.cursor() as cursor:
        cursor.executemany("UPDATE event_registrations SET attendee_name = %s WHERE id = %s", names)


def _website(url: str, *ids: str) -> int:
    """Change the rows in turn, `RATE` a second, each name telling when; print the id after the commit."""
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        started = time.perf_counter()
        for number in range(RATE * SECONDS):
            time.sleep(max(0, started + number / RATE - time.perf_counter()))
            one = ids[number % len(ids)]
            connection.execute(
                "UPDATE event_registrations SET attendee_name = %s WHERE id = %s",
                [f"~{time.time():.4f}", one],
            )
            sys.stdout.write(f"{one}\n")
            sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(_website(*sys.argv[1:]))
