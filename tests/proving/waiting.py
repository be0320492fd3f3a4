"""The proof that the waitlist loses nobody and keeps its order (rulings 10, 11, 17), whatever happens beside it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from desktop import errors
from desktop.services import registering
from desktop.services.registering import Registering
from tests.conftest import Building
from tests.proving import crew, operations, queueing
from tests.proving.findings import Findings
from tests.proving.queueing import QUEUE, SEATS
from tests.proving.storm import Storm

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

    from desktop.db.session import Actor, Database
    from tests.proving.operation import Operation
    from tests.proving.storm import Connection

SEEN_AT_WORK = ("overtaken", "lost promotion")
"""Faults the snapshots show; the others show at rest."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """``attempts``, a third of them by staff, in each of ``rounds``; between the rounds everybody rests. ``until`` a
    kind of fault is found, for mutants."""

    attempts: int
    rounds: int
    seconds: float
    kill_pause: float = 0.05
    until: str = ""


SMALL = Waiting(attempts=220, rounds=1, seconds=15)
WHOLE = Waiting(attempts=1500, rounds=10, seconds=120)


def prove(url: str, config: Waiting) -> Findings:
    """Eight members of staff cancel, register and promote in two packages that have a price, in four windows. A nemesis
    kills their connections, and beside them a website writes to the waitlist, lets people leave it, and holds the row
    of whoever is next. In the first package only staff free seats; in the second the website cancels and changes the
    capacity, and staff promote. Snapshots are read all the while. Faults:

    *lost promotion*: a seat is free in the first package and somebody waits; a cancellation by staff and no promotion
    in the same transaction; somebody staff were told of who was not promoted. *overtaken*: somebody promoted while one
    ahead goes on waiting, or two who changed places. *promoted without an order* (ruling 17). *gap*: places at rest
    that are not 1..n. *double promotion*: one seat less than was given out.
    """
    found = Findings("Waitlist")
    building = Building(url)
    actor = crew.organizer(building)
    event = building.event(payment_required=True)
    staffs, both = (
        building.package(event, name=name, capacity=SEATS, price=499) for name in ("staff's", "both's")
    )
    for package in (staffs, both):
        crew.people(building, package, "registered", SEATS)
        crew.people(building, package, "waitlisted", QUEUE)
    with crew.windows(url, 4) as windows:
        told: set[UUID] = set()
        for number in range(config.rounds):
            storm = Storm(
                url,
                found,
                attempts=config.attempts,
                by_staff=config.attempts // 3,
                seconds=config.seconds,
                until=config.until,
                expected=crew.EXPECTED,
            )
            _round(storm, windows, actor, staffs, both, told, config, number)
            _rest(found, building, windows, actor, (staffs, both))
            if config.until in found.faults:
                break
        _reckon(found, building, staffs, told)
    building.website.close()
    return found


def _round(
    storm: Storm,
    windows: Sequence[Database],
    actor: Actor,
    staffs: UUID,
    both: UUID,
    told: set[UUID],
    config: Waiting,
    number: int,
) -> None:
    def staff(name: str, package: UUID, n: int) -> partial[None]:
        turn = _told(told, actor, operations.BY_NAME[name], package)
        return partial(storm.staff, f"{name} {n} {number}", turn, windows[n % 4])

    storm.blow(
        *(staff("cancel", staffs, n) for n in range(3)),
        staff("register and take payment", staffs, 3),
        staff("register", staffs, 4),
        staff("leave the waitlist", staffs, 5),
        staff("promote next", both, 6),
        staff("promote three", both, 7),
        partial(storm.write, "website", f"waits {number}", partial(queueing.waits, packages=[staffs, both])),
        partial(storm.write, "website", f"holds {number}", partial(queueing.holds, packages=[staffs, both])),
        partial(storm.write, "website", f"frees {number}", partial(queueing.frees, package=both)),
        partial(storm.sample, _Watch(storm.found, staffs, both).look),
        partial(storm.kill, "greenroom", pause=config.kill_pause),
    )


def _told(told: set[UUID], actor: Actor, operation: Operation, package: UUID) -> Any:
    """A turn that keeps whom staff were told to be promoted. Registers new people whatever the price is."""

    def turn(window: Database, chance: random.Random, reading: Connection) -> None:
        time.sleep(chance.uniform(0, 0.01))
        given = (
            crew.given(reading, operation, [package])
            if operation.name != "register"
            else {"package": package}
        )
        if given is None:
            return
        done = operation.run(window, actor, {name: str(value) for name, value in given.items()})
        if isinstance(done, registering.Cancelled) and done.promoted_id:
            told.add(done.promoted_id)
        told.update(getattr(done, "ids", ()))

    return turn


class _Watch:
    """Reads one snapshot after the other, and compares each with the one before: those in it who had a place. Left out
    is whose place the website counted: while the numbers before it change, it is nobody's fault where that is."""

    SNAPSHOT = """
        SELECT r.package_id, r.status = 'waitlisted', r.id, r.registered_at, s.capacity, s.held, r.waitlist_position,
               r.attendee_email LIKE 'counted%%'
          FROM event_registrations r JOIN package_seats s ON s.package_id = r.package_id
         WHERE r.package_id = ANY (%s) AND r.status IN ('waitlisted', 'registered')
         ORDER BY r.waitlist_position NULLS LAST, r.registered_at, r.id
        """

    def __init__(self, found: Findings, staffs: UUID, both: UUID) -> None:
        self.found = found
        self.staffs = staffs
        self.packages = [staffs, both]
        self.before: dict[UUID, list[Any]] = {}

    def look(self, connection: Connection) -> None:
        rows = connection.execute(self.SNAPSHOT, (self.packages,)).fetchall()
        for package in self.packages:
            mine = [row for row in rows if row[0] == package]
            queue = [row[2:4] for row in mine if row[1]]
            ours = [row[2:4] for row in mine if row[1] and not row[7]]
            self._compare(self.before.get(package, []), ours, {row[2] for row in mine if not row[1]})
            self.before[package] = [row[2:4] for row in mine if row[1] and row[6] is not None and not row[7]]
            if package == self.staffs and queue and mine[0][5] < mine[0][4]:
                self.found.fault(
                    "lost promotion", f"{mine[0][5]} of {mine[0][4]} seats held and {len(queue)} wait"
                )

    def _compare(self, before: list[Any], queue: list[Any], seated: set[UUID]) -> None:
        """Whoever waits in both snapshots waits in the same order, and nobody new is ahead of them; whoever got a seat
        had nobody of them ahead."""
        place = {who: n for n, who in enumerate(queue)}
        known = set(before)
        new = next((n for n, who in enumerate(queue) if who not in known), len(queue))
        if before and any(who in known for who in queue[new:]):
            self.found.fault("overtaken", f"{queue[new][0]} joined at #{new + 1}, ahead of others")
        last = -1
        still_waits = False
        for who in before:
            if who in place:
                still_waits = True
                if place[who] < last:
                    self.found.fault(
                        "overtaken", f"{who[0]} changed places: #{place[who] + 1} after #{last + 1}"
                    )
                last = max(last, place[who])
            elif who[0] in seated:
                self.found.count("promotions seen")
                if still_waits:
                    self.found.fault("overtaken", f"{who[0]} was promoted while one ahead goes on waiting")


def _rest(
    found: Findings,
    building: Building,
    windows: Sequence[Database],
    actor: Actor,
    packages: Sequence[UUID],
) -> None:
    """After the next change, and what Greenroom does behind it, the places are 1..n (ruling 10)."""
    crew.settle(windows)
    for package in packages:
        for _ in range(3):  # the connections that were killed are found out
            try:
                registering.register(windows[0], actor, Registering(package, f"{uuid4()}@example.org"))
            except errors.Unavailable:
                continue
            break
        crew.settle(windows)
        places = [place for place, _ in building.queue(package)]
        found.count("queues at rest")
        if places != list(range(1, len(places) + 1)):
            found.fault("gap", f"the places at rest are {places}")


def _reckon(found: Findings, building: Building, staffs: UUID, told: set[UUID]) -> None:
    """What the log says, transaction by transaction."""
    rows = building.rows(
        "SELECT l.xmin::text AS t, action_type AS action, subject_id AS id, description AS text,"
        " r.package_id AS package FROM admin_logs l JOIN event_registrations r ON r.id = l.subject_id"
        " ORDER BY logged_at"
    )
    promoted = {row["t"]: row["id"] for row in rows if row["action"] == "waitlist.promote"}
    promotions = sum(row["action"] == "waitlist.promote" for row in rows)
    found.count("promotions", promotions)
    for row in rows:
        if (
            row["package"] == staffs
            and row["action"] == "registration.cancel"
            and "(was registered)" in row["text"]
        ):
            found.count("cancellations that free a seat")
            if row["t"] not in promoted:
                found.fault("lost promotion", row["text"])
    everybody = {row["id"] for row in rows if row["action"] == "waitlist.promote"}
    for lost in told - everybody:
        found.fault("lost promotion", f"{lost} was told and is not in the log")
    if promotions != len(everybody):
        found.fault("double promotion", f"{promotions} promotions of {len(everybody)} people")
    unpaid = building.rows(
        "SELECT id FROM event_registrations WHERE id = ANY (%s) AND status = 'registered' AND order_id IS NULL",
        list(everybody),
    )
    if unpaid:
        found.fault("promoted without an order", f"{len(unpaid)} people")
    found.count("promotions whose outcome staff did not hear", len(everybody - told))
