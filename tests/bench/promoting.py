"""Four organizers who promote from one long waitlist, each at the end of a slow line."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from desktop.db.session import Database
from desktop.services import waitlist
from tests.bench.waitlist import Hall
from tests.proving.proxy import Proxy

if TYPE_CHECKING:
    from uuid import UUID

    from desktop.db import embedded

ORGANIZERS = 4
QUEUE = 10_000
SECONDS = 8.0
ROUND_TRIPS = (0, 50, 150)
WANTED = 20.0
"""Promotions per second at the longest of `ROUND_TRIPS`."""


@dataclass(frozen=True, slots=True)
class Rate:
    """``round_trip_ms`` is what the line adds. ``at_rest_after_s``: until the places are 1..n again."""

    round_trip_ms: int
    promotions: int
    per_second: float
    at_rest_after_s: float


def measure(server: embedded.LocalServer) -> list[Rate]:
    """One package, 10,000 people waiting, four windows that promote the next one, again and again."""
    hall = Hall(server, "promoting")
    rates = []
    for round_trip in ROUND_TRIPS:
        package = hall.package(1000, QUEUE)
        hall.website.execute("VACUUM ANALYZE event_registrations")
        rates.append(_rate(hall, package, round_trip))
    hall.close()
    return rates


def _rate(hall: Hall, package: UUID, round_trip: int) -> Rate:
    with Proxy(hall.url) as line:
        windows = [Database(line.url("promoting")) for _ in range(ORGANIZERS)]
        for window in windows:  # connected
            waitlist.promote_next(window, hall.actor, package)
        line.delay(there=round_trip / 2000, back=round_trip / 2000)
        start = threading.Barrier(ORGANIZERS + 1)
        ended = threading.Event()
        given: list[UUID] = []

        def promote(window: Database) -> None:
            start.wait()
            while not ended.is_set():
                given.extend(waitlist.promote_next(window, hall.actor, package).ids)
                if len(given) > QUEUE // 2:
                    ended.set()

        threads = [threading.Thread(target=promote, args=(window,)) for window in windows]
        for thread in threads:
            thread.start()
        start.wait()
        began = time.perf_counter()
        ended.wait(SECONDS)
        ended.set()
        for thread in threads:
            thread.join()
        taken = time.perf_counter() - began
        for window in windows:
            window.settle()
        rest = time.perf_counter() - began - taken
        for window in windows:
            window.close()
    _make_sure(hall, package, given)
    return Rate(round_trip, len(given), round(len(given) / taken, 1), round(rest, 2))


def _make_sure(hall: Hall, package: UUID, given: list[UUID]) -> None:
    """Nobody was promoted twice, and the places are 1..n."""
    (row,) = hall.website.execute(
        "SELECT count(*), count(DISTINCT waitlist_position), min(waitlist_position), max(waitlist_position)"
        " FROM event_registrations WHERE package_id = %s AND status = 'waitlisted'",
        (package,),
    ).fetchall()
    left = QUEUE - ORGANIZERS - len(given)
    if len(set(given)) != len(given) or row != (left, left, 1, left):
        raise AssertionError(f"the waitlist is not what it should be: {row}, {len(given)} promoted")


def told(rates: list[Rate]) -> list[str]:
    """The table."""
    return [
        f"\n{ORGANIZERS} organizers, one package, {QUEUE:,} waiting (wanted: {WANTED:.0f}/s at {ROUND_TRIPS[-1]} ms)",
        *(
            f"{rate.round_trip_ms:>4} ms round trip: {rate.per_second:>7.1f} promotions a second;"
            f" at rest {rate.at_rest_after_s:.1f} s after the last"
            for rate in rates
        ),
    ]
