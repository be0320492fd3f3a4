"""What an import costs, per 1,000 rows: reading and checking the file, asking what it would do, and doing it; against
the same people copied and inserted plainly, into a package of their own, with all triggers.

The file is another ticketing system's export of 20,000 positions where ``GREENROOM_BENCH_EXPORT`` names one; else the
demo's export, repeated with other addresses. Nothing of its people is printed or kept.
"""

from __future__ import annotations

import csv
import os
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, TypeVar
from zoneinfo import ZoneInfo

from desktop.db import embedded
from desktop.services import importing
from desktop.services.demo import export
from tests.bench.measuring import NotHere, Section, line
from tests.bench.waitlist import Hall

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

T = TypeVar("T")

VARIABLE = "GREENROOM_BENCH_EXPORT"
ROUNDS = 4
ROWS = 20_000
ZONE = ZoneInfo("Europe/Berlin")
COLUMNS = "event_id, attendee_email, attendee_name, phone_number, status, waitlist_position, registered_at"


def measure(folder: Path) -> Section:
    """Milliseconds for 1,000 rows; the first round does not count."""
    named = os.environ.get(VARIABLE)
    if named and not Path(named).exists():
        raise NotHere(f"{VARIABLE} names a file that is not there.")
    file = Path(named) if named else _of_the_demo(folder)
    taken: dict[str, list[float]] = {what: [] for what in ("read", "look", "apply", "copy", "insert")}
    with embedded.start(folder / "server", durable=False) as server:
        hall = Hall(server, "importing")
        rows, people = _rows(file), 0
        for turn in range(ROUNDS + 1):
            seconds, people = _round(hall, file, turn)
            if turn:
                for what, one in seconds.items():
                    taken[what].append(one * 1e3 / rows * 1e3)
        hall.close()
    plain = ("COPY", taken["copy"])
    return Section(
        "An import, per 1,000 rows",
        (
            line("read the file and check its rows", "ms", taken["read"], plain, "of rounds"),
            line("ask what it would do", "ms", taken["look"], plain, "of rounds"),
            line("apply it", "ms", taken["apply"], plain, "of rounds"),
            line("the same people by INSERT … SELECT", "ms", taken["insert"], plain, "of rounds"),
        ),
        (
            f"{rows:,} rows of {'an export of another system' if named else 'the demo’s export, repeated'}, of which"
            f" {people:,} people were added.",
        ),
    )


def _round(hall: Hall, file: Path, turn: int) -> tuple[dict[str, float], int]:
    """Seconds for the whole file, and how many people it added."""
    package, beside, below = (_package(hall, f"{what}-{turn}") for what in ("a", "b", "c"))
    where = ("event", f"a-{turn}")
    prepared, read = _timed(lambda: importing.plan_file(file, None, ZONE))
    _, look = _timed(lambda: importing.preview(hall.database, hall.actor, prepared, *where))
    _, apply = _timed(lambda: importing.apply(hall.database, hall.actor, prepared, *where))
    ((people,),) = hall.website.execute(
        "SELECT count(*) FROM event_registrations WHERE package_id = %s", (package,)
    ).fetchall()
    copied = _copied(hall, package)
    hall.website.execute(f"ALTER TABLE event_registrations ALTER package_id SET DEFAULT '{beside}'")
    _, copy = _timed(lambda: _copy(hall, copied))
    _, insert = _timed(lambda: _insert(hall, package, below))
    return {"read": read, "look": look, "apply": apply, "copy": copy, "insert": insert}, people


def _timed(work: Callable[[], T]) -> tuple[T, float]:
    began = perf_counter()
    found = work()
    return found, perf_counter() - began


def _package(hall: Hall, slug: str) -> UUID:
    return hall.made(
        "INSERT INTO packages (name, slug, price, duration_days, package_type, event_id)"
        " VALUES ('Pass', %s, 0, 0, 'event', %s)",
        slug,
        hall.event,
    )


def _copied(hall: Hall, package: UUID) -> bytes:
    """The people of a package as COPY writes them."""
    people = f"SELECT {COLUMNS} FROM event_registrations WHERE package_id = '{package}'"
    with hall.website.cursor() as cursor, cursor.copy(f"COPY ({people}) TO STDOUT") as copy:
        return b"".join(bytes(one) for one in copy)


def _copy(hall: Hall, data: bytes) -> None:
    into = f"COPY event_registrations ({COLUMNS}) FROM STDIN"
    with hall.website.cursor() as cursor, cursor.copy(into) as copy:
        copy.write(data)


def _insert(hall: Hall, package: UUID, into: UUID) -> None:
    hall.website.execute(
        f"INSERT INTO event_registrations (package_id, {COLUMNS})"
        f" SELECT %s, {COLUMNS} FROM event_registrations WHERE package_id = %s",
        (into, package),
    )


def _rows(file: Path) -> int:
    with file.open(encoding="utf-8-sig", newline="") as text:
        return sum(1 for _ in csv.reader(text)) - 1


def _of_the_demo(folder: Path) -> Path:
    """The demo's export again and again, each time with other addresses and order codes."""
    lines = list(csv.DictReader(export.export_csv(datetime.now(UTC).date()).splitlines()))
    file = folder / "export.csv"
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, lines[0])
        writer.writeheader()
        for n in range(ROWS):
            known = lines[n % len(lines)]
            other = {name: f"{n}.{known[name]}" for name in ("Email", "Attendee email") if known[name]}
            writer.writerow(known | other | {"Order code": f"K{n:05}"})
    return file
