"""Exactly once: whatever the line does, every operation of a door has one effect and one verdict (door.md 3 and 4).

Stations send what their journal holds, one by one or in batches, through a `Proxy` that breaks the line, and send the
same again until they are answered. What each guest must be told is known beforehand (`STORIES`), so a verdict is judged
by what happened to the guest, not by what the ledger says of itself.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from desktop import errors
from desktop.db.session import Actor, Database
from desktop.services import attendance
from desktop.services.attendance import Admission, Admitted
from tests.proving.findings import Findings
from tests.proving.proxy import Fault, Proxy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.conftest import Building
    from tests.proving.proxy import Request

STORIES: dict[str, tuple[str, tuple[str, ...], tuple[str, ...], str | None]] = {
    # the guest's status, what is asked at one station, what is told, the status afterwards
    "comes": ("registered", ("admit",), ("admitted",), "attended"),
    "comes, goes and comes": (
        "registered",
        ("admit", "undo", "admit"),
        ("admitted", "undone", "admitted"),
        "attended",
    ),
    "comes and is a mistake": ("registered", ("admit", "undo"), ("admitted", "undone"), "registered"),
    "comes late": ("registered", ("no_show", "admit"), ("no_show", "admitted"), "attended"),
    "cancelled": ("cancelled", ("admit",), ("cancelled",), "cancelled"),
    "waits": ("waitlisted", ("admit",), ("waitlisted",), "waitlisted"),
    "has not paid": ("registered", ("admit",), ("payment_due",), "registered"),
    "is unknown": ("", ("admit",), ("not_found",), None),
}
TWICE = "comes to two stations"
RELEASED = "stays away"
WEIGHTS = {
    "comes": 40,
    TWICE: 12,
    "comes, goes and comes": 6,
    "comes and is a mistake": 5,
    "comes late": 5,
    "cancelled": 2,
    "waits": 2,
    "has not paid": 2,
    "is unknown": 2,
    RELEASED: 4,
}
STRUCK = {
    Fault.CUT_BEFORE: 4,
    Fault.CUT_DURING: 4,
    Fault.CUT_AFTER: 6,
    Fault.BLACKHOLE_BEFORE: 1,
    Fault.BLACKHOLE_AFTER: 2,
    Fault.KILL: 3,
}


@dataclass(frozen=True, slots=True)
class Trial:
    """How much is tried. ``share`` of the requests meet a fault; every second station sends batches of ``batch``."""

    operations: int
    share: float
    stations: int = 8
    batch: int = 20
    seed: int = 1
    new_ids: bool = False
    """A mutant of the station's: it gives an operation a new id when it sends it again."""


@dataclass(slots=True)
class _Guest:
    story: str
    registration: UUID
    told: list[str] = field(default_factory=list)
    promoted: str | None = None


@dataclass(slots=True)
class _Station:
    name: str
    journal: list[tuple[Admission, _Guest]] = field(default_factory=list)
    answers: list[Admitted] = field(default_factory=list)
    again: int = 0


MUTANTS: dict[str, tuple[tuple[str, str], ...]] = {
    "compare-and-set without operation id": (
        ("FROM public.check_ins c WHERE c.id = p_operation", "FROM public.check_ins c WHERE false"),
        ("WHERE c.station = p_station AND c.sequence = p_sequence", "WHERE false"),
        ("VALUES (p_operation, p_registration", "VALUES (gen_random_uuid(), p_registration"),
        (
            "p_station, p_sequence, p_staff,\n          p_decided_at",
            "p_station, NULL, p_staff,\n          p_decided_at",
        ),
    ),
    "a known operation is decided anew": (
        (
            "verdict := v_known.verdict;",
            "verdict := greenroom.decide(p_action, p_decision, v_reg.status, false, false,"
            " false, true, true, false, true, false, true);",
        ),
    ),
    "a known operation is done again": (
        ("FROM public.check_ins c WHERE c.id = p_operation", "FROM public.check_ins c WHERE false"),
        ("WHERE c.station = p_station AND c.sequence = p_sequence", "WHERE false"),
        ("IF NOT FOUND THEN  -- no row", "IF false THEN  -- no row"),
    ),
}
"""Broken designs, as replacements in the text of `greenroom.operate`; each must be found out."""


def mutate(building: Building, name: str) -> None:
    """Break `greenroom.operate` in the named way."""
    text = building.value(
        "SELECT pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'greenroom'::regnamespace"
        " AND proname = 'operate'"
    )
    for old, new in MUTANTS[name]:
        assert old in text, f"{name}: {old}"
        text = text.replace(old, new)
    building.do(text)


def prove(server_url: str, building: Building, actor: Actor, trial: Trial) -> Findings:
    """Run the trial in the building's database, and judge it. ``actor`` has the role of the door or more."""
    found = Findings("exactly once")
    chance = random.Random(trial.seed)
    guests, stations = _plan(building, trial, chance)
    began = time.monotonic()
    with Proxy(server_url, blackhole_seconds=0.1) as line:
        url = line.url(building.website.info.dbname)
        line.choose = _faults(chance, trial.share)
        with ThreadPoolExecutor(trial.stations) as pool:
            for done in [pool.submit(_run, url, actor, station, trial) for station in stations]:
                done.result()
        found.figures |= {fault.value: line.struck[fault] for fault in Fault}
        found.figures |= {"requests": line.requests, "faults": sum(line.struck.values())}
    operations = sum(len(station.journal) for station in stations)
    found.figures |= {
        "operations": operations,
        "sent again": sum(station.again for station in stations),
        "guests": len(guests),
        "seconds": round(time.monotonic() - began, 1),
    }
    _judge(building, guests, stations, found)
    return found


def _plan(building: Building, trial: Trial, chance: random.Random) -> tuple[list[_Guest], list[_Station]]:
    """The guests in the database, and what each station will scan, in its order."""
    free, sold = building.package(), building.package(building.event(payment_required=True), price=10)
    scarce = building.package(capacity=0)
    stations = [_Station(f"Desk {n + 1}") for n in range(trial.stations)]
    guests: list[_Guest] = []
    scans: list[tuple[int, str, _Guest]] = []
    wanted = 0
    while wanted < trial.operations:
        story = chance.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
        guest = _Guest(story, uuid4())
        first, second = chance.sample(range(trial.stations), 2)
        if story == TWICE:
            asked = [(first, "admit"), (second, "admit")]
        elif story == RELEASED:
            asked = [(first, "no_show"), (first, "release")]
        else:
            asked = [(first, action) for action in STORIES[story][1]]
        guests.append(guest)
        scans += [(station, action, guest) for station, action in asked]
        wanted += len(asked)
    _invite(building, guests, {"free": free, "sold": sold, "scarce": scarce})
    # Scans of one guest stay in their order, but others come between them.
    places = [(n + chance.uniform(0, 40), scan) for n, scan in enumerate(scans)]
    last: dict[int, float] = {}
    ordered = []
    for place, scan in places:
        here = max(place, last.get(id(scan[2]), 0.0) + 0.001)
        last[id(scan[2])] = here
        ordered.append((here, scan))
    for _place, (number, action, guest) in sorted(ordered, key=lambda one: one[0]):
        station = stations[number]
        admission = Admission(
            guest.registration,
            station.name,
            sequence=len(station.journal) + 1,
            action=action,  # type: ignore[arg-type]
        )
        station.journal.append((admission, guest))
    return guests, stations


def _invite(building: Building, guests: list[_Guest], packages: dict[str, UUID]) -> None:
    """Write the guests; as many wait for the scarce package as will stay away, and one more."""
    events = {
        name: building.value("SELECT event_id FROM packages WHERE id = %s", one)
        for name, one in packages.items()
    }
    staying_away = sum(guest.story == RELEASED for guest in guests)
    building.do("UPDATE packages SET capacity = %s WHERE id = %s", staying_away, packages["scarce"])
    columns = "id, event_id, package_id, attendee_email, status, waitlist_position"
    with building.website.cursor().copy(f"COPY event_registrations ({columns}) FROM STDIN") as copy:
        waiting = 0
        for guest in guests:
            if guest.story == "is unknown":
                continue
            kind = {"has not paid": "sold", RELEASED: "scarce"}.get(guest.story, "free")
            status = STORIES[guest.story][0] if guest.story in STORIES else "registered"
            waiting += status == "waitlisted"
            copy.write_row(
                (
                    guest.registration,
                    events[kind],
                    packages[kind],
                    f"{guest.registration}@example.org",
                    status,
                    waiting if status == "waitlisted" else None,
                )
            )
        for place in range(1, staying_away + 2):
            copy.write_row(
                (uuid4(), events["scarce"], packages["scarce"], f"w{place}@example.org", "waitlisted", place)
            )


def _faults(chance: random.Random, share: float) -> Callable[[Request], Fault | None]:
    kinds, weights = list(STRUCK), list(STRUCK.values())

    def choose(request: Request) -> Fault | None:
        if "greenroom.admit" not in request.sql or chance.random() >= share:
            return None
        return chance.choices(kinds, weights)[0]

    return choose


def _run(url: str, actor: Actor, station: _Station, trial: Trial) -> None:
    """Send the whole journal in its order; what is not answered is sent again, as it is."""
    size = trial.batch if int(station.name.split()[1]) % 2 else 1
    with closing(Database(url)) as database:
        for part in _parts([scan for scan, _guest in station.journal], size):
            wanted, answers = part, None
            while answers is None:
                try:
                    answers = _sent(database, actor, wanted)
                except errors.Unavailable:
                    station.again += 1
                    if trial.new_ids:
                        wanted = [replace(one, operation_id=uuid4()) for one in wanted]
            station.answers += answers


def _parts(scans: list[Admission], size: int) -> Iterator[list[Admission]]:
    for at in range(0, len(scans), size):
        yield scans[at : at + size]


def _sent(database: Database, actor: Actor, scans: list[Admission]) -> list[Admitted]:
    if len(scans) > 1:
        return list(attendance.send(database, actor, scans))
    (one,) = scans
    try:
        return [getattr(attendance, one.action)(database, actor, one)]
    except errors.NumberTaken:
        return [Admitted(one.registration_id, one.operation_id, "number_taken", None, False, {})]


def _judge(building: Building, guests: list[_Guest], stations: list[_Station], found: Findings) -> None:
    sent = {scan.operation_id: (scan, guest) for station in stations for scan, guest in station.journal}
    rows = building.rows("SELECT id, verdict, answer, registration_id, action FROM check_ins")
    stored = {row["id"]: row for row in rows}
    for station in stations:
        for (scan, guest), answer in zip(station.journal, station.answers, strict=True):
            guest.told.append(answer.verdict)
            guest.promoted = answer.answer.get("promoted", guest.promoted)
            row = stored.get(scan.operation_id)
            if row is None:
                found.fault("lost", f"{scan.station} #{scan.sequence} ({scan.action}) is not in the ledger")
            elif (row["verdict"], row["answer"]) != (answer.verdict, answer.answer):
                found.fault("wrong", f"told {answer.verdict}, written {row['verdict']}")
    for row in rows:
        if row["id"] not in sent:
            found.fault("doubled", f"{row['action']} is in the ledger and was never sent: {row['verdict']}")
    _judge_guests(building, guests, found)
    _judge_effects(building, rows, found)


def _judge_guests(building: Building, guests: list[_Guest], found: Findings) -> None:
    statuses = {
        row["id"]: row["status"] for row in building.rows("SELECT id, status FROM event_registrations")
    }
    for guest in guests:
        if guest.story == TWICE:
            told, expected, after = sorted(guest.told), ["admitted", "already_inside"], "attended"
        elif guest.story == RELEASED:
            told, expected, after = guest.told, ["no_show", "released"], "no_show"
        else:
            _status, _asked, verdicts, after = STORIES[guest.story]
            told, expected = guest.told, list(verdicts)
        if told != expected:
            found.fault("wrong", f"a guest who {guest.story} was told {told}")
        if statuses.get(guest.registration) != after:
            found.fault("wrong", f"a guest who {guest.story} is {statuses.get(guest.registration)}")
    promoted = Counter(guest.promoted for guest in guests if guest.story == RELEASED)
    for who, times in promoted.items():
        if times > 1 or who is None:
            found.fault("doubled", f"{times} released seats went to the same person")


def _judge_effects(building: Building, rows: list[dict[str, Any]], found: Findings) -> None:
    """Each change has one line in the log, and each released seat one person."""
    changes = Counter(
        row["action"] for row in rows if row["verdict"] in {"admitted", "undone", "no_show", "released"}
    )
    logged = {
        row["action_type"].removeprefix("attendance."): row["times"]
        for row in building.rows(
            "SELECT action_type, count(*) AS times FROM admin_logs WHERE action_type LIKE 'attendance.%%' GROUP BY 1"
        )
    }
    if logged != changes:
        found.fault("doubled", f"the log has {logged} and the ledger {dict(changes)}")
    promoted = building.value("SELECT count(*) FROM admin_logs WHERE action_type = 'waitlist.promote'")
    if promoted != changes["release"]:
        found.fault("doubled", f"{changes['release']} seats were released and {promoted} people promoted")
    for drift in building.drift():
        found.fault("wrong", f"the counter of a package drifted: {drift}")
