"""The services' operations from one thread and from eight, against the same SQL sent by pgbench.

Each client has packages of its own, so that nobody waits for anybody's seats, which would hide what the program itself
costs. What a service sends is listened to once and becomes pgbench's script: the same functions with the same
arguments, by the same protocol. Both take turns in one database. Gaps in waitlists, which are closed when nobody is at
work, are closed when all is measured.
"""

from __future__ import annotations

import statistics
import threading
import time
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

from desktop.db import afterwards, embedded
from desktop.services import attendance, orders, registering, registrations, waitlist
from desktop.services.attendance import Admission
from desktop.services.grid import Cancellation
from desktop.services.lists import registrations as listed
from desktop.services.orders import Payment, Sale
from desktop.services.registering import Registering
from tests.bench import pgbench
from tests.bench.measuring import Line, Section, line
from tests.bench.waitlist import Hall

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from desktop.services.grid import Grid
    from desktop.services.lists.registrations import RegistrationRow, Where

THREADS = (1, 8)
LANES = 8
"""Clients: the program's are numbered from 0, pgbench's from here."""
ROUNDS = 4
EACH = {1: 200, 8: 100}
"""Calls of each client in a round."""
CALLS = 1 + ROUNDS * sum(EACH.values())
"""Of one client; the first is the one that is listened to."""
EARLIER = 20_000
"""Guests, orders and admissions of earlier days."""
PAGE = 128
ZONE = ZoneInfo("Asia/Kolkata")
PRICE = Decimal(499)
HALF = 0.5

ID = "('00000000-0000-4000-8000-' || lpad(:n, 12, '0'))::uuid"


def registration(number: int) -> UUID:
    """As `ID` says it."""
    return UUID(f"00000000-0000-4000-8000-{number:012d}")


def package(kind: int, lane: int) -> UUID:
    """A client's own, of each kind: 0 free, 1 with a price, 2 to move to."""
    return UUID(f"00000000-0000-4000-900{kind}-{lane:012d}")


def package_sql(kind: int) -> str:
    """As `package` says it."""
    return f"('00000000-0000-4000-900{kind}-' || lpad(:lane, 12, '0'))::uuid"


@dataclass(frozen=True, slots=True)
class House:
    """The database, with an event that has begun and the packages of all lanes."""

    hall: Hall
    grid: Grid[Where, RegistrationRow]
    ids: Sequence[bytes]


@dataclass(frozen=True, slots=True)
class Operation:
    """``call`` is the service, given the number of the call; ``varying`` what differs from call to call, for pgbench.
    ``people`` have to be there for it, each for one call: of the package's kind, in a status."""

    name: str
    call: Callable[[House, int], object]
    varying: Mapping[str, str]
    people: tuple[int, str] | None = None
    same_people: bool = False
    """Those of the operation before."""


def _at(house: House, action: str, number: int) -> object:
    do = getattr(attendance, action)
    return do(house.hall.database, house.hall.actor, Admission(registration(number), "Desk 1"))


OPERATIONS = (
    Operation(
        "register",
        lambda house, n: registering.register(
            house.hall.database, house.hall.actor, Registering(package(0, n // 10**6), f"new{n}@example.org")
        ),
        {"p_email": "'new' || :n || '@example.org'", "p_package": package_sql(0)},
    ),
    Operation(
        "cancel",
        lambda house, n: registering.cancel(house.hall.database, house.hall.actor, registration(n)),
        {"p_registration": ID},
        (0, "registered"),
    ),
    Operation(
        "promote the next",
        lambda house, n: waitlist.promote_next(house.hall.database, house.hall.actor, package(0, n // 10**6)),
        {"p_package": package_sql(0)},
        (0, "waitlisted"),
    ),
    Operation(
        "admit",
        lambda house, n: _at(house, "admit", n),
        {"p_registration": ID, "p_operation": "gen_random_uuid()"},
        (0, "registered"),
    ),
    Operation(
        "take a check-in back",
        lambda house, n: _at(house, "undo", n),
        {"p_registration": ID, "p_operation": "gen_random_uuid()"},
        same_people=True,
    ),
    Operation(
        "move",
        lambda house, n: registrations.move(
            house.hall.database, house.hall.actor, registration(n), package(2, n // 10**6)
        ),
        {"p_registration": ID, "p_package": package_sql(2)},
        (0, "registered"),
    ),
    Operation(
        "no-show",
        lambda house, n: _at(house, "no_show", n),
        {"p_registration": ID, "p_operation": "gen_random_uuid()"},
        (0, "registered"),
    ),
    Operation(
        "take a payment",
        lambda house, n: orders.take_payment(
            house.hall.database, house.hall.actor, Payment("cash", PRICE, "INR", registration(n)), ZONE
        ),
        {"p_registration": ID, "p_operation": "gen_random_uuid()"},
        (1, "registered"),
    ),
    Operation(
        "sell",
        lambda house, n: orders.sell(
            house.hall.database,
            house.hall.actor,
            Sale(package(1, n // 10**6), f"buyer{n}@example.org", "cash", PRICE, "INR"),
            ZONE,
        ),
        {
            "p_email": "'buyer' || :n || '@example.org'",
            "p_package": package_sql(1),
            "p_operation": "gen_random_uuid()",
        },
    ),
    Operation(f"read a page of {PAGE}", lambda house, _n: house.grid.rows(house.ids, Cancellation()), {}),
)


def measure(folder: Path) -> Section:
    """Calls a second of both, and how near the program comes."""
    with embedded.start(folder / "server", durable=False) as server:
        house = _house(Hall(server, "services"))
        quiet, latest = afterwards.QUIET_SECONDS, afterwards.LATEST_SECONDS
        afterwards.QUIET_SECONDS = afterwards.LATEST_SECONDS = 3600.0
        try:
            lines, processor = [], []
            first = 1
            for operation in OPERATIONS:
                first += 0 if operation.same_people else CALLS
                for one, seconds in _measured(house, operation, first, folder):
                    lines.append(one)
                    processor.append((one.name, seconds))
        finally:
            afterwards.QUIET_SECONDS, afterwards.LATEST_SECONDS = quiet, latest
        house.hall.database.settle()
        house.hall.close()
    return Section(
        "Operations of the services, calls a second, against pgbench sending the same SQL",
        tuple(lines),
        tuple(
            f"{name}: {seconds * 1e6:,.0f} µs of this process for a call, so that one process makes at most"
            f" {1 / seconds:,.0f} a second."
            for name, seconds in processor
            if name.endswith("8 threads")
        ),
        {"process_us": {name: round(seconds * 1e6, 1) for name, seconds in processor}},
    )


def _house(hall: Hall) -> House:
    hall.website.execute("UPDATE events SET start_time = timezone('UTC', now()) - interval '1 hour'")
    for kind, price in enumerate((0, PRICE, 0)):
        for lane in range(2 * LANES):
            hall.website.execute(
                "INSERT INTO packages (id, name, slug, price, duration_days, package_type, event_id, capacity)"
                " VALUES (%s, 'Pass', %s, %s, 0, 'event', %s, 1000000)",
                (package(kind, lane), f"pass-{kind}-{lane}", price, hall.event),
            )
    hall.website.execute("UPDATE events SET payment_required = true")
    _earlier(hall)
    _people(hall, 2, "registered", 900_000, PAGE)
    ids = [registration(900_000 + place).bytes for place in range(PAGE)]
    return House(hall, listed.grid(hall.database, hall.actor, hall.event, ZONE), ids)


def _earlier(hall: Hall) -> None:
    """What a house has that was at work before: people, orders, admissions. The program's sessions are long, and what
    they planned for empty tables they keep until the server looks at these again, within a minute. Those of pgbench are
    new in each round, and would be compared by better plans."""
    for statement in (
        "INSERT INTO users (username, email) SELECT 'guest' || n, 'guest' || n || '@example.org' FROM {rows}",
        """INSERT INTO orders (user_id, package_id, payment_id, amount_paid, payment_status)
           SELECT u.id, %(package)s, 'pay_' || u.username, 499, 'paid' FROM users u WHERE u.username LIKE 'guest%%'""",
        """INSERT INTO check_ins (id, registration_id, event_id, package_id, action, station, staff_id, decided_at,
                                  decision, verdict)
           SELECT gen_random_uuid(), gen_random_uuid(), %(event)s, %(package)s, 'admit', 'Desk 1', %(staff)s,
                  timezone('UTC', now()), 'asked', 'admitted' FROM {rows}""",
    ):
        hall.website.execute(
            statement.format(rows=f"generate_series(1, {EARLIER}) n"),
            {"event": hall.event, "package": package(0, 0), "staff": hall.actor.id},
        )


def _people(hall: Hall, kind: int, status: str, first: int, count: int) -> None:
    """So many for each lane, numbered from ``first``."""
    made = """
        INSERT INTO event_registrations (id, event_id, package_id, attendee_email, attendee_name, status,
                                         waitlist_position)
        SELECT ('00000000-0000-4000-8000-' || lpad((%(lane)s::int * 1000000 + n)::text, 12, '0'))::uuid,
               %(event)s, %(package)s, n || '-' || %(lane)s::int || '@example.org', 'Somebody ' || n,
               %(status)s::text, CASE WHEN %(status)s::text = 'waitlisted' THEN n END
          FROM generate_series(%(first)s::int, %(first)s::int + %(count)s::int - 1) n"""
    for lane in range(2 * LANES):
        known = {"lane": lane, "event": hall.event, "package": package(kind, lane), "status": status}
        hall.website.execute(made, {**known, "first": first, "count": count})


def _measured(house: House, operation: Operation, first: int, folder: Path) -> list[tuple[Line, float]]:
    """Round by round, from each number of threads; with the seconds of this process's CPU a call takes."""
    if operation.people is not None:
        _people(house.hall, *operation.people, first, CALLS)
    house.hall.website.execute("VACUUM ANALYZE")
    what = pgbench.sent(house.hall.database, lambda: operation.call(house, first))
    text = pgbench.script(what, operation.varying)
    found = []
    number = first + 1
    for threads in THREADS:
        each = EACH[threads]
        ours, theirs, seconds = [], [], []
        for turn in range(ROUNDS):
            for who in ("ours", "theirs") if turn % 2 else ("theirs", "ours"):
                if who == "theirs":
                    ended = pgbench.run(
                        house.hall.url,
                        text,
                        what,
                        folder,
                        clients=threads,
                        each=each,
                        first=number - 1,
                        lanes=LANES,
                    )
                    theirs.append(pgbench.rate(ended))
                else:
                    ended, taken = _called(house, operation, threads, each, number)
                    ours.append(pgbench.rate(ended))
                    seconds.append(taken)
            number += each
        name = f"{operation.name}, {threads} thread{'s' if threads > 1 else ''}"
        one = line(name, "/s", ours, ("pgbench", theirs), "of rounds")
        if threads > 1 and one.ratio is not None:
            one = one.wanting(f"ratio {HALF} or more", one.ratio >= HALF)
        found.append((one, statistics.median(seconds)))
    return found


def _called(
    house: House, operation: Operation, threads: int, each: int, first: int
) -> tuple[list[list[float]], float]:
    """As `pgbench.run`, by the service; with the CPU seconds of this process for a call."""
    ended: list[list[float]] = [[] for _ in range(threads)]
    start = threading.Barrier(threads)

    def call(lane: int) -> None:
        start.wait()
        for number in range(lane * 10**6 + first, lane * 10**6 + first + each):
            operation.call(house, number)
            ended[lane].append(time.perf_counter())

    workers = [threading.Thread(target=call, args=(lane,)) for lane in range(threads)]
    computed = time.process_time()
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    return ended, (time.process_time() - computed) / (threads * each)
