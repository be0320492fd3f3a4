"""Into the database: one call of `greenroom.import_registrations`, dry or real."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from desktop.errors import ImportRefused, NotFound
from desktop.services import closed, readable
from desktop.services.importing import checking, mapping, noting, reading
from desktop.services.importing.headers import SECRET
from desktop.services.importing.report import ImportReport
from desktop.services.permissions import Operation, acting

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import sqlalchemy as sa

    from desktop.db.session import Actor, Database, Transaction
    from desktop.services.importing.checking import Candidate, Problem
    from desktop.services.importing.mapping import Columns
    from desktop.services.importing.reading import Progress

MOST_ROWS = 100_000
"""Others wait for the package meanwhile: about 2 seconds for 20,000 new people, five times that for these."""

STATEMENT_TIMEOUT = "5min"
"""The time counts from the first byte of the call, and 20,000 people are 8 MB: a minute over a slow line, where
15 seconds would never do. How long others wait is another matter: the lock is taken after the last byte."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A file that was read and checked; nothing of it depends on a database."""

    file: str
    format: str
    zone: ZoneInfo
    columns: Columns
    rows: int
    candidates: list[Candidate]
    problems: list[Problem]
    remarks: tuple[str, ...]


def plan_file(
    path: Path | str, overrides: Mapping[str, str] | None, zone: ZoneInfo, progress: Progress | None = None
) -> Prepared:
    """Read and check a file. ``overrides`` is {field: column} (`headers.FIELDS`), an empty column leaves the
    field out; times without an offset are those of ``zone`` (see `event_zone`).

    ``progress(stage, done, total)`` is told of “reading” and “checking”. Raises `ImportRefused`.
    """
    sheet = reading.read(path, progress)
    if len(sheet.rows) > MOST_ROWS:
        raise ImportRefused(
            f"“{sheet.file}” has {len(sheet.rows):,} rows; at most {MOST_ROWS:,} are taken at once. Split it."
        )
    columns = mapping.recognise(sheet, overrides)
    checked = checking.check(sheet, columns, zone, progress)
    return Prepared(
        file=sheet.file,
        format=sheet.format,
        zone=zone,
        columns=columns,
        rows=len(sheet.rows),
        candidates=checked.candidates,
        problems=checked.problems,
        remarks=tuple(_remarks(columns, checked.candidates)),
    )


def event_zone(database: Database, event_slug: str, otherwise: ZoneInfo) -> ZoneInfo:
    """The zone an event's times are read in; ``otherwise`` (the workspace's) where it names none (ruling 5).

    Raises `NotFound`.
    """
    with database.transaction() as tx:
        row = tx.row("SELECT time_zone FROM events WHERE slug = :slug", {"slug": event_slug})
    if row is None:
        raise NotFound("event", event_slug)
    try:
        return ZoneInfo(row.time_zone) if row.time_zone else otherwise
    except (ZoneInfoNotFoundError, ValueError):
        return otherwise


def preview(
    database: Database, actor: Actor, prepared: Prepared, event_slug: str, package_slug: str
) -> ImportReport:
    """What `apply` would do now. Locks the package for as long as planning takes, and changes nothing.

    Raises as `apply`.
    """
    return _call(database, actor, prepared, event_slug, package_slug, dry_run=True)


def apply(
    database: Database,
    actor: Actor,
    prepared: Prepared,
    event_slug: str,
    package_slug: str,
    progress: Progress | None = None,
) -> ImportReport:
    """Import the file in one transaction, under the package's lock: all of it or nothing.

    Seats while there are seats and nobody waits, then the waitlist in the order of the file (rulings 8, 10,
    11). Twice is the same as once. ``progress`` is told of “importing”. Raises `NotFound`, `ImportRefused`,
    `EventClosed`, `PackageRetired`, `NotAllowed`, `Busy`.
    """
    total = len(prepared.candidates)
    if progress is not None:
        progress("importing", 0, total)
    report = _call(database, actor, prepared, event_slug, package_slug, dry_run=False)
    if progress is not None:
        progress("importing", total, total)
    return report


def _call(
    database: Database, actor: Actor, prepared: Prepared, event_slug: str, package_slug: str, *, dry_run: bool
) -> ImportReport:
    people = json.dumps([_person(candidate) for candidate in prepared.candidates], ensure_ascii=False)
    may = acting(actor, Operation.IMPORT)
    with database.transaction(may) as tx:
        package = _package(tx, event_slug, package_slug)
    (row,) = database.once(
        f"SELECT * FROM greenroom.import_registrations({may.ID}, :package, cast(:people AS jsonb), :file, :dry)",
        {"package": package, "people": people, "file": prepared.file, "dry": dry_run},
        may,
        statement_timeout=STATEMENT_TIMEOUT,
    )
    if refused := closed.refusal(row.outcome, row.package_name, row.event_title):
        raise refused
    return _report(prepared, row, dry_run=dry_run)


def _package(tx: Transaction, event_slug: str, package_slug: str) -> Any:
    event = tx.row("SELECT id, title FROM events WHERE slug = :slug", {"slug": event_slug})
    if event is None:
        raise NotFound("event", event_slug)
    packages = tx.rows(
        "SELECT id, slug FROM packages WHERE event_id = :event ORDER BY slug", {"event": event.id}
    )
    for package in packages:
        if package.slug == package_slug:
            return package.id
    has = f"It has: {', '.join(package.slug for package in packages)}." if packages else "It has none."
    raise ImportRefused(f"“{event.title or event_slug}” has no package “{package_slug}”. {has}")


def _person(candidate: Candidate) -> dict[str, Any]:
    said = {
        "line": candidate.line,
        "email": candidate.email,
        "name": candidate.name,
        "phone": candidate.phone,
        "meta": candidate.meta,
        "order": candidate.order,
        "position": candidate.position,
        "buyer": candidate.buyer,
        "wish": candidate.meaning.wish,
        "attended": candidate.meaning.attended,
        "attended_at": candidate.attended_at.isoformat(" ") if candidate.attended_at else None,
        "payment": candidate.meaning.payment,
        "amount": str(candidate.amount) if candidate.amount is not None else None,
        "currency": candidate.currency,
        "gateway": candidate.gateway,
        "ordered_at": candidate.ordered_at.isoformat(" ") if candidate.ordered_at else None,
    }
    return {key: value for key, value in said.items() if value is not None}


def _remarks(columns: Columns, candidates: list[Candidate]) -> list[str]:
    remarks = []
    secrets = [header for header in columns.ignored if SECRET.search(header)]
    if secrets:
        remarks.append(f"Columns with another system's secrets are never read: {', '.join(secrets)}.")
    products: dict[str, int] = {}
    for candidate in candidates:
        if "product" in candidate.meta:
            products[candidate.meta["product"]] = products.get(candidate.meta["product"], 0) + 1
    if len(products) > 1:
        shown = [f"“{name}” ({number:,})" for name, number in products.items()]
        more = f" and {len(shown) - 8} others" if len(shown) > 8 else ""
        remarks.append(
            f"The file has several products, and all go into this package: {', '.join(shown[:8])}{more}."
        )
    timeless = sum(1 for one in candidates if one.meaning.attended and one.attended_at is None)
    if timeless:
        remarks.append(
            f"{timeless:,} {'row says' if timeless == 1 else 'rows say'} “checked in” without a time. They are "
            "marked as attended where the rules allow; the attendance ledger, which keeps times, has no entry."
        )
    return remarks


def _report(prepared: Prepared, row: sa.Row[Any], *, dry_run: bool) -> ImportReport:
    counts: dict[str, Any] = row.counts
    problems = sorted(
        [
            *prepared.problems,
            *noting.problems(row.notes, prepared.candidates, prepared.columns, prepared.zone),
        ],
        key=lambda problem: problem.line,
    )
    remarks = list(prepared.remarks)
    if counts["orders_without_currency"]:
        remarks.append(
            f"The file names no currency for {counts['orders_without_currency']:,} new orders; "
            f"they are in {counts['currency']}."
        )
    if row.late:
        remarks.append("The deadline for registering is over; the log says so (ruling 15).")
    return ImportReport(
        dry_run=dry_run,
        file=prepared.file,
        format=prepared.format,
        zone=prepared.zone.key,
        event=row.event_title or readable.UNTITLED,
        package=row.package_name,
        recognised=prepared.columns.recognised,
        ignored=prepared.columns.ignored,
        rows=prepared.rows,
        seated=counts["seated"],
        waitlisted=counts["waitlisted"],
        kept_cancelled=counts["kept_cancelled"],
        changed=counts["changed"],
        unchanged=counts["unchanged"],
        refused=sum(1 for problem in problems if problem.severity == "refused"),
        first_place=counts["first_place"],
        last_place=counts["last_place"],
        cancelled=counts["cancelled"],
        checked_in=counts["checked_in"],
        paid=counts["paid"],
        pending=counts["pending"],
        refunded=counts["refunded"],
        promoted=counts["promoted"],
        accounts=counts["accounts"],
        held=row.held,
        capacity=row.capacity,
        waiting=row.waiting,
        late=row.late,
        remarks=tuple(remarks),
        problems=tuple(problems),
        locked_seconds=row.locked_ms / 1000,
    )
