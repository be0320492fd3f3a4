"""The proof that no seat is sold twice, whoever writes, at every isolation level (ruling 8)."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import psycopg

from tests.conftest import Building
from tests.proving import broken, crew, operations
from tests.proving.findings import Findings
from tests.proving.storm import Storm

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

    from tests.proving.operation import Operation
    from tests.proving.storm import Connection

LEVELS = (
    None,  # a website that sets nothing
    psycopg.IsolationLevel.READ_COMMITTED,
    psycopg.IsolationLevel.REPEATABLE_READ,
    psycopg.IsolationLevel.SERIALIZABLE,
)
CAPACITY = 6
BREATHES = 4
"""How far the capacity of the last package goes up and down."""
PACKAGES = 4
POOL = 14
"""Addresses per package; more than twice its seats, few enough to meet again."""


OFTEN = (
    "register",
    "register again",
    "cancel",
    "promote next",
    "promote three",
    "admit a late no-show",
)
SELDOM = (
    "promote as previewed",
    "send a station's scans",
    "take a no-show back",
    "release the seat of a no-show",
    "move to another package",
    "put back",
    "revive",
    "cancel many, and undo",
    "promote many, and undo",
    "move many, and undo",
    "put many back, and undo",
)
ONE_BY_ONE = tuple(operations.BY_NAME[name] for name in OFTEN)
"""Where everybody races for the last seat most of the time: mutants show soonest."""
SEATED = (
    ONE_BY_ONE * 2
    + (operations.BY_NAME["register"],) * 14
    + tuple(operations.BY_NAME[name] for name in SELDOM)
)
"""What takes seats or frees them, and leaves the capacity as it is. So many come that packages are full at times."""


@dataclass(frozen=True, slots=True)
class Seats:
    """How much is tried. ``writers`` at each of ``levels``, and staff who do ``operations``; ``kill_pause`` in seconds,
    on average. ``until`` a kind of fault is found, for mutants."""

    attempts: int
    snapshots: int
    seconds: float
    writers: int = 3
    samplers: int = 2
    kill_pause: float = 0.05
    levels: tuple[psycopg.IsolationLevel | None, ...] = LEVELS
    operations: Sequence[Operation] = SEATED
    until: str = ""


SMALL = Seats(attempts=700, snapshots=1200, seconds=20, writers=2)
WHOLE = Seats(attempts=50_000, snapshots=100_000, seconds=900)


def prove(url: str, config: Seats) -> Findings:
    """Writers of every kind at every isolation level, and staff, take seats of a few small packages; some of them are
    killed, and two read snapshots. A fault is a snapshot with more seats held than there are (*oversold*), or whose
    counters are not what a recount of the same snapshot gives (*drift*)."""
    found = Findings("Seats")
    building = Building(url)
    packages = _packages(building)
    storm = Storm(
        url,
        found,
        attempts=config.attempts,
        snapshots=config.snapshots,
        seconds=config.seconds,
        until=config.until,
        expected=crew.EXPECTED,
    )
    work = partial(_write, packages=packages)
    writers = [
        partial(
            storm.write,
            f"writer at {level.name.lower().replace('_', ' ') if level else 'the default'}",
            f"{level} {n}",
            work,
            level,
            "SET deadlock_timeout = '20ms'",  # writers may meet each other; a second each time would be a long wait
        )
        for level in config.levels
        for n in range(config.writers)
    ]
    names = sorted({writer.args[0] for writer in writers})
    samplers = [partial(storm.sample, partial(_look, found)) for _ in range(config.samplers)]
    turn = crew.at_work(crew.organizer(building), [package for package, _ in packages], config.operations)
    with crew.windows(url, 2) as windows:
        staff = [partial(storm.staff, f"staff {n}", turn, window) for n, window in enumerate(windows)]
        killer = partial(storm.kill, *names, "greenroom", pause=config.kill_pause)
        storm.blow(*writers, *samplers, *staff, killer)
        crew.settle(windows)
    with storm.connect("last look") as last:
        _look(found, last)
    building.website.close()
    return found


def prove_staff_alone(url: str, config: Seats) -> Findings:
    """Staff alone, with the guard beneath them switched off by `broken.ONLY_COUNTED`: what they decide under the
    package's lock oversells nothing either. Faults as in `prove`."""
    found = Findings("Seats, staff without the guard")
    building = Building(url)
    building.do(broken.ONLY_COUNTED)
    packages = [package for package, _ in _packages(building)][: PACKAGES - 1]
    actor = crew.organizer(building)
    storm = Storm(
        url,
        found,
        attempts=config.attempts,
        snapshots=config.snapshots,
        seconds=config.seconds,
        until=config.until,
        expected=crew.EXPECTED,
    )
    turn = crew.at_work(actor, packages, config.operations)
    with crew.windows(url, 4) as windows:
        storm.blow(
            *(partial(storm.staff, f"staff {n}", turn, windows[n % 4]) for n in range(8)),
            partial(storm.write, "no-shows", "no-shows", partial(_leave, packages=packages)),
            partial(storm.sample, partial(_look, found)),
            partial(storm.kill, "greenroom", pause=config.kill_pause),
        )
        crew.settle(windows)
    with storm.connect("last look") as last:
        _look(found, last)
    building.website.close()
    return found


def _leave(connection: Connection, chance: random.Random, packages: list[Any]) -> None:
    """Frees seats, so that there is always a last one: somebody does not come, and somebody is forgotten."""
    package = chance.choice(packages)
    status = chance.choice(("no_show", "cancelled"))
    connection.execute(
        "UPDATE event_registrations SET status = %s WHERE id = (SELECT id FROM event_registrations"
        " WHERE package_id = %s AND status IN ('registered', 'attended') ORDER BY random() LIMIT 1)",
        (status, package),
    )
    connection.execute(
        "DELETE FROM event_registrations WHERE id IN (SELECT id FROM event_registrations WHERE package_id = %s"
        " AND status IN ('cancelled', 'no_show', 'waitlisted') ORDER BY id OFFSET 30 FOR UPDATE SKIP LOCKED)",
        (package,),
    )
    time.sleep(0.002)


def _packages(building: Building) -> list[tuple[Any, Any]]:
    event = building.event()
    return [
        (building.package(event, name=f"{'P' if n < PACKAGES - 1 else 'B'}{n}", capacity=CAPACITY), event)
        for n in range(PACKAGES)
    ]


SNAPSHOT = """
    SELECT p.name, p.capacity, s.capacity, s.held,
           (SELECT count(*) FROM event_registrations r
             WHERE r.package_id = p.id AND r.status IN ('registered', 'attended'))
      FROM packages p LEFT JOIN package_seats s ON s.package_id = p.id ORDER BY p.name
"""


def _look(found: Findings, connection: Connection) -> None:
    for name, capacity, counted_capacity, held, really in connection.execute(SNAPSHOT):
        # A capacity may be lowered below the seats held (ruling 8), so where it breathes the highest counts.
        most = CAPACITY + BREATHES if name.startswith("B") else capacity
        found.count("packages seen full" if really >= capacity else "packages seen with a free seat")
        if really > most:
            found.fault("oversold", f"{name}: {really} of {most} seats")
        if (counted_capacity, held) != (capacity, really):
            found.fault(
                "drift",
                f"{name}: the counter says {held} of {counted_capacity}, there are {really} of {capacity}",
            )


COLUMNS = "(event_id, package_id, attendee_email, status)"
INTO = f"INSERT INTO event_registrations {COLUMNS}"

WAYS = {
    "insert blindly": f"{INTO} VALUES (%(event)s, %(here)s, %(who)s, 'registered')",
    "count, then insert": f"{INTO} SELECT %(event)s, p.id, %(who)s, 'registered' FROM packages p WHERE p.id = %(here)s"
    " AND p.capacity > (SELECT count(*) FROM event_registrations r WHERE r.package_id = p.id"
    " AND r.status IN ('registered', 'attended'))",
    "insert several, some there already": f"{INTO} SELECT %(event)s, %(here)s, n, 'registered'"
    " FROM unnest(%(several)s::text[]) n ON CONFLICT DO NOTHING",
    "upsert": f"{INTO} SELECT %(event)s, %(here)s, n, 'registered' FROM unnest(%(several)s::text[]) n"
    " ON CONFLICT (package_id, attendee_email) DO UPDATE SET status = excluded.status",
    "insert for two packages": f"{INTO} SELECT %(event)s, p, %(who)s, 'registered'"
    " FROM unnest(ARRAY[%(here)s, %(there)s]::uuid[]) p ON CONFLICT DO NOTHING",
    "cancel": "UPDATE event_registrations SET status = 'cancelled' WHERE package_id = %(here)s"
    " AND attendee_email = %(who)s AND status = 'registered'",
    "un-cancel": "UPDATE event_registrations SET status = 'registered' WHERE package_id = %(here)s"
    " AND attendee_email = %(who)s AND status = 'cancelled'",
    "come late": "UPDATE event_registrations SET status = CASE status WHEN 'no_show' THEN 'attended' ELSE 'no_show' END"
    " WHERE package_id = %(here)s AND attendee_email = %(who)s",
    "promote two": "UPDATE event_registrations SET status = 'registered' WHERE id IN (SELECT id FROM"
    " event_registrations WHERE package_id = %(here)s AND status IN ('waitlisted', 'cancelled') ORDER BY id LIMIT 2)",
    "wait": "UPDATE event_registrations SET status = 'waitlisted' WHERE package_id = %(here)s"
    " AND attendee_email = ANY (%(several)s)",
    "move": "UPDATE event_registrations SET package_id = %(there)s WHERE package_id = %(here)s"
    " AND attendee_email = %(who)s",
    "everybody comes": "UPDATE event_registrations SET status = 'attended' WHERE status = 'registered'"
    " AND package_id = %(here)s",
    "bulk cancel": "UPDATE event_registrations SET status = 'cancelled' WHERE package_id IN (%(here)s, %(there)s)"
    " AND attendee_email = ANY (%(several)s)",
    "merge": "MERGE INTO event_registrations r USING (SELECT %(here)s::uuid AS p, n FROM unnest(%(several)s::text[]) n)"
    " w ON r.package_id = w.p AND r.attendee_email = w.n WHEN MATCHED AND r.status = 'registered' THEN DELETE"
    f" WHEN MATCHED THEN UPDATE SET status = 'registered' WHEN NOT MATCHED THEN INSERT {COLUMNS}"
    " VALUES (%(event)s, w.p, w.n, 'registered')",
    "one for another": "WITH gone AS (DELETE FROM event_registrations WHERE package_id = %(here)s"
    f" AND attendee_email = %(who)s) {INTO} SELECT %(event)s, %(here)s, %(new)s, 'registered'",
    "delete": "DELETE FROM event_registrations WHERE package_id = %(here)s AND attendee_email = ANY (%(several)s)",
    "delete whoever is new": "DELETE FROM event_registrations WHERE package_id = %(here)s"
    " AND attendee_email NOT LIKE 'p%%'",
    "breathe": "UPDATE packages SET capacity = %(capacity)s WHERE name LIKE 'B%%'",
    "copy": "COPY",
}
TAKING = (
    "insert blindly",
    "count, then insert",
    "un-cancel",
    "promote two",
    "upsert",
    "copy",
    "one for another",
)
"""Done twice as often: who frees seats all the time never meets the last one."""


def _write(connection: Connection, chance: random.Random, packages: list[tuple[Any, Any]]) -> None:
    """One transaction of a writer who knows nothing of our locks; half of them look first, as programs do."""
    here, event = chance.choice(packages)
    there, _ = chance.choice(packages)
    values = {
        "here": here,
        "there": there,
        "event": event,
        "who": f"p{chance.randrange(POOL)}@b.org",
        "several": [f"p{n}@b.org" for n in sorted(chance.sample(range(POOL), 3))],
        "new": f"n{chance.getrandbits(40)}@b.org",
        "capacity": CAPACITY + chance.randint(-BREATHES, BREATHES),
    }
    if chance.random() < 0.5:
        connection.execute(
            "SELECT count(*) FROM event_registrations WHERE package_id = %s AND status = 'registered'",
            (here,),
        )
    way = chance.choice([*WAYS, *TAKING])
    if way == "copy":
        with connection.cursor().copy(f"COPY event_registrations {COLUMNS} FROM STDIN") as copy:
            for _ in range(2):
                copy.write_row((event, here, f"n{chance.getrandbits(40)}@b.org", "registered"))
    else:
        connection.execute(WAYS[way], values)
