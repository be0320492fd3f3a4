"""The proof that the website is unharmed: whatever staff do, and while they are killed doing it, plain SQL that knows
nothing of our locks is told that a package is full, and nothing else."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from tests.conftest import Building
from tests.proving import crew, operations
from tests.proving.findings import Findings
from tests.proving.storm import FULL, KILLED, Storm

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence
    from uuid import UUID

    from tests.proving.operation import Operation
    from tests.proving.storm import Connection

PATIENCE = "2s"
"""What the website's statements wait for a lock at most; longer is a fault."""


@dataclass(frozen=True, slots=True)
class Beside:
    """``staff`` who do ``operations`` beside a website that does ``work`` (names in `WORK`, else `ALWAYS`); without
    staff it shows what the website does to itself. ``until`` a kind of fault is found, for mutants."""

    attempts: int
    seconds: float
    staff: int = 8
    kill_pause: float = 0.1
    packages: int = 3
    operations: Sequence[Operation] = operations.OPERATIONS
    work: Sequence[str] = ()
    until: str = ""


SMALL = Beside(attempts=500, seconds=20)
WHOLE = Beside(attempts=40_000, seconds=400)
CROWD = Beside(
    attempts=120,
    seconds=15,
    staff=24,
    packages=1,
    operations=[operations.BY_NAME["register"]],
    work=["edit, wait, then insert"],
)
"""Once a crowd that waited for an event with the seats in hand, 100 ms each, made a website's circle with them last
until its own deadlock check found it."""


def prove(url: str, config: Beside) -> Findings:
    """Staff do all their operations in four windows, and a website does what websites do, at READ COMMITTED, in short
    transactions; connections of both are killed. Faults: *the website was told* anything else than 23514
    package_capacity or that its connection was killed, a deadlock (40P01), a lock that cannot be had (55P03) or a
    snapshot that is too old (40001) above all; *staff met what is no situation of theirs*; *drift*."""
    found = Findings("The website is unharmed")
    building = Building(url)
    packages = crew.scene(building, packages=config.packages, seats=14, each=5)
    actor = crew.organizer(building)
    storm = Storm(
        url,
        found,
        attempts=config.attempts,
        by_staff=min(config.staff, 1) * config.attempts // 20,
        seconds=config.seconds,
        until=config.until,
        expected=crew.EXPECTED,
    )
    spare = crew.spares(building)
    turn = crew.at_work(actor, packages, config.operations, spare)
    places = [*packages, *spare.values()] if config.packages > 1 else packages
    before = f"SET lock_timeout = '{PATIENCE}'"
    with crew.windows(url, 4) as windows:
        storm.blow(
            *(partial(storm.staff, f"staff {n}", turn, windows[n % 4]) for n in range(config.staff)),
            *(
                partial(storm.write, "website", name, partial(_paced, WORK[name], places), None, before)
                for name in config.work or ALWAYS
            ),
            partial(storm.kill, "greenroom", "website", pause=config.kill_pause, cancels=False),
            partial(_judge, storm),
        )
        crew.settle(windows)
    judge(found)
    if drift := building.drift():
        found.fault("drift", str(drift))
    building.website.close()
    return found


def _judge(storm: Storm) -> None:
    while not storm.over():
        judge(storm.found)
        time.sleep(0.02)


def judge(found: Findings) -> None:
    """Look at what the website was told so far."""
    for what in list(found.told):
        who, _, words = what.partition(": ")
        if who == "website" and words not in {"done", FULL, *KILLED}:
            found.faults[f"the website was told {words.split()[0]}"] = found.told[what]
            found.example.setdefault(f"the website was told {words.split()[0]}", words)


def _paced(work: Any, packages: list[UUID], connection: Connection, chance: random.Random) -> None:
    work(connection, chance, packages)
    time.sleep(chance.uniform(0, 0.002))


def _someone(connection: Connection, package: UUID, *statuses: str) -> Any:
    """The token and id of somebody, as the website knows them from an earlier page."""
    row = connection.execute(
        "SELECT registration_token, id, order_id FROM event_registrations WHERE package_id = %s AND status = ANY (%s)"
        " ORDER BY random() LIMIT 1",
        (package, list(statuses)),
    ).fetchone()
    return row or (None, None, None)


INSERT = (
    "INSERT INTO event_registrations (event_id, package_id, attendee_email, order_id)"
    " SELECT p.event_id, p.id, %s, %s FROM packages p WHERE p.id = %s"
)


def _new(chance: random.Random) -> str:
    return f"web{chance.getrandbits(60)}@example.org"


def _insert(connection: Connection, chance: random.Random, packages: list[UUID]) -> None:
    connection.execute(INSERT, (_new(chance), None, chance.choice(packages)))


def _buy(connection: Connection, chance: random.Random, packages: list[UUID]) -> None:
    """Signs up, orders, pays and gets a seat, in one transaction."""
    package, email = chance.choice(packages), _new(chance)
    ((user,),) = connection.execute(
        "INSERT INTO users (username, email) VALUES (%s, %s) RETURNING id", (email[:50], email)
    ).fetchall()
    ((order,),) = connection.execute(
        "INSERT INTO orders (user_id, package_id, payment_id, amount_paid, payment_status)"
        " VALUES (%s, %s, %s, 499, 'pending') RETURNING id",
        (user, package, email),
    ).fetchall()
    connection.execute(INSERT, (email, order, package))
    connection.execute("UPDATE orders SET payment_status = 'paid' WHERE id = %s", (order,))


def _pay_later(connection: Connection, chance: random.Random, packages: list[UUID]) -> None:
    """The gateway says that somebody paid: first the order, then the registration, the other way round than we."""
    _, person, order = _someone(connection, chance.choice(packages), "registered")
    connection.execute(
        "UPDATE orders SET payment_status = 'paid' WHERE id = %s AND payment_status = 'pending'", (order,)
    )
    time.sleep(0.001)
    connection.execute(
        "UPDATE event_registrations SET registration_meta = '{\"paid\": true}' WHERE id = %s", (person,)
    )


def _leave(connection: Connection, chance: random.Random, packages: list[UUID]) -> None:
    token, *_ = _someone(connection, chance.choice(packages), "registered", "waitlisted")
    connection.execute(
        "UPDATE event_registrations SET status = 'cancelled', cancelled_at = now() WHERE registration_token = %s",
        (token,),
    )


def _come_back(connection: Connection, chance: random.Random, packages: list[UUID]) -> None:
    token, *_ = _someone(connection, chance.choice(packages), "cancelled", "no_show")
    connection.execute(
        "UPDATE event_registrations SET attendee_name = 'Back' WHERE registration_token = %s", (token,)
    )
    time.sleep(0.001)
    connection.execute(
        "UPDATE event_registrations SET status = 'registered', cancelled_at = NULL WHERE registration_token = %s",
        (token,),
    )


def _delete(connection: Connection, chance: random.Random, packages: list[UUID]) -> None:
    """Keeps the packages small."""
    connection.execute(
        "DELETE FROM event_registrations WHERE id IN (SELECT id FROM event_registrations WHERE package_id = %s"
        " AND status <> 'waitlisted' ORDER BY id OFFSET 24 FOR UPDATE SKIP LOCKED)",
        (chance.choice(packages),),
    )


def _edit_then_insert(
    connection: Connection, chance: random.Random, packages: list[UUID], pause: float = 0.002
) -> None:
    package = chance.choice(packages)
    connection.execute(
        "UPDATE events SET description = 'new' WHERE id = (SELECT event_id FROM packages WHERE id = %s)",
        (package,),
    )
    time.sleep(pause)
    connection.execute(INSERT, (_new(chance), None, package))


def _hold_then_insert(connection: Connection, chance: random.Random, packages: list[UUID]) -> None:
    package = chance.choice(packages)
    connection.execute("SELECT FROM packages WHERE id = %s FOR UPDATE", (package,))
    time.sleep(0.002)
    connection.execute(INSERT, (_new(chance), None, package))


def _hold_people_then_insert(connection: Connection, chance: random.Random, packages: list[UUID]) -> None:
    """Holds those who wait and some who are seated, and then wants a seat."""
    package = chance.choice(packages)
    connection.execute(
        "SELECT FROM event_registrations WHERE package_id = %s AND status IN ('waitlisted', 'cancelled', 'no_show')"
        " ORDER BY id FOR UPDATE",
        (package,),
    )
    time.sleep(0.002)
    connection.execute(INSERT, (_new(chance), None, package))


def _wait(connection: Connection, chance: random.Random, packages: list[UUID]) -> None:
    connection.execute(
        "INSERT INTO event_registrations (event_id, package_id, attendee_email, status)"
        " SELECT p.event_id, p.id, %s, 'waitlisted' FROM packages p WHERE p.id = %s AND 20 > (SELECT count(*)"
        " FROM event_registrations r WHERE r.package_id = p.id AND r.status = 'waitlisted')",
        (_new(chance), chance.choice(packages)),
    )


def _resize(connection: Connection, chance: random.Random, packages: list[UUID]) -> None:
    connection.execute(
        "UPDATE packages SET capacity = %s WHERE id = %s", (chance.randint(10, 18), chance.choice(packages))
    )


def _in_bulk(connection: Connection, chance: random.Random, packages: list[UUID]) -> None:
    """One statement over all packages: some come, or some leave."""
    if chance.random() < 0.5:
        connection.execute(
            "INSERT INTO event_registrations (event_id, package_id, attendee_email)"
            " SELECT event_id, id, %s FROM packages WHERE id = ANY (%s)",
            (_new(chance), packages),
        )
    else:
        connection.execute(
            "UPDATE event_registrations SET status = 'cancelled' WHERE id IN (SELECT id FROM event_registrations"
            " WHERE package_id = ANY (%s) AND status = 'registered' AND attendee_email LIKE 'web%%'"
            " ORDER BY id LIMIT 6 FOR UPDATE)",
            (packages,),
        )


WORK = {
    "insert": _insert,
    "buy": _buy,
    "pay later": _pay_later,
    "leave": _leave,
    "come back": _come_back,
    "delete": _delete,
    "edit, then insert": _edit_then_insert,
    "edit, wait, then insert": partial(_edit_then_insert, pause=0.03),
    "hold, then insert": _hold_then_insert,
    "hold people, then insert": _hold_people_then_insert,
    "wait": _wait,
    "resize": _resize,
    "in bulk 1": _in_bulk,
    "in bulk 2": _in_bulk,
}
"""What the website does, one worker each."""
ALWAYS = [name for name in WORK if "wait, then" not in name]
