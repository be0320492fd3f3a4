"""An event held again: a draft of another one, with its packages and without its people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from desktop import errors
from desktop.db.beyond import Beyond
from desktop.services import inputs, slugs, times
from desktop.services.events import fields as typed
from desktop.services.events import naming
from desktop.services.events.reading import COLUMNS, Event
from desktop.services.permissions import Operation, acting

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime, timedelta
    from zoneinfo import ZoneInfo

    from desktop.db.session import Acting, Actor, Database, Transaction

PACKAGE_ROOM = 100
COPIED = {
    "name": "text",
    "description": "text",
    "price": "numeric",
    "currency": "text",
    "duration_days": "integer",
    "capacity": "integer",
}
"""The columns of a package that its copy has as they are, and their types."""
_READ = {"currency": "greenroom.currency_of(p.id) AS currency"}
"""The website names no currency: the copy, which was never sold, has what the package was last sold in."""
STEM, TAIL = 55, 38
"""Of a package's slug: the event's part, and the package's own."""


@dataclass(frozen=True, slots=True)
class Duplicated:
    """The draft. ``left_out`` are the names of retired packages; ``unclear`` says for each time that was left empty why
    it could not be moved along."""

    id: UUID
    title: str
    slug: str | None
    packages: int
    left_out: tuple[str, ...]
    unclear: tuple[str, ...]


def duplicate(
    database: Database,
    actor: Actor,
    event_id: UUID,
    zone: ZoneInfo,
    *,
    title: str = "",
    slug: str = "",
    start_time: datetime | None = None,
) -> Duplicated:
    """A draft with the event's texts, place, zone and active packages: no registrations, orders or publication, all
    seats free. ``zone`` is the workspace's.

    With ``start_time``, typed on the event's clocks, its end and the deadlines move along, by days and hours as people
    count them. Without, all times are left empty, because a date in the past would be published by mistake. Raises
    `InvalidField`, `UnclearTime` (of the start only), `NotFound`, `WrongEventState` (in the bin), `NotAllowed`,
    `AccountClosed`. One statement; locks nothing. Rulings 5, 21 and 22.
    """
    with database.transaction(acting(actor, Operation.EDIT_PACKAGES)) as tx:
        row = tx.row(f"SELECT {COLUMNS} FROM events WHERE id = :id", {"id": event_id})
        packages = [] if row is None else _packages(tx, event_id)
    if row is None:
        raise errors.NotFound("event")
    source = Event(**row._asdict())
    if source.deleted_at is not None:
        raise errors.WrongEventState(source.called, "duplicated", "deleted")
    own = source.zone(zone)
    checked = inputs.Checked()
    given: typed.Fields = {"title": title or f"{source.title or 'Untitled event'} (copy)"[: typed.ROOM]}
    if slug:
        given["slug"] = slug
    if start_time is not None:
        given["start_time"] = start_time
    columns = typed.columns(given, own, checked)
    checked.done()

    moved = _Moved(source, columns.get("start_time"), own)
    event = {
        "title": columns["title"],
        "description": source.description,
        "location": source.location,
        "time_zone": source.time_zone,
        "payment_required": source.payment_required,
        "start_time": columns.get("start_time"),
        "end_time": moved.along(source.end_time, "its end"),
        "registration_deadline": moved.along(source.registration_deadline, "its registration deadline"),
    }
    copies = [
        package
        | {
            "id": uuid4(),
            "deadline": moved.along(package["deadline"], f"the registration deadline of “{package['name']}”"),
        }
        for package in packages
        if package["is_active"]
    ]
    left_out = tuple(package["name"] for package in packages if not package["is_active"])
    new_id = uuid4()
    described = f"Drafted “{event['title']}” as a copy of “{source.called}”, packages: {len(copies)}"

    def write(slug: str | None) -> Duplicated:
        with database.transaction() as tx:
            copied = list(_named(tx, slug or "", copies))
        _insert(
            database,
            acting(actor, Operation.EDIT_EVENTS),
            event
            | {"slug": slug, "event_id": new_id, "packages": typed.as_json(copied), "described": described},
        )
        return Duplicated(new_id, event["title"], slug, len(copies), left_out, tuple(moved.unclear))

    named = title or f"{source.slug or source.title or ''} copy"
    return naming.with_slug(database, columns.get("slug"), named, write)


class _Moved:
    """Where the other times go when the start goes from one day to another, as the clocks show them."""

    def __init__(self, source: Event, start: datetime | None, zone: ZoneInfo) -> None:
        self.zone = zone
        self.unclear: list[str] = []
        self.by: timedelta | None = None
        self.from_beyond = ""
        if isinstance(source.start_time, Beyond) and start is not None:
            self.from_beyond = (
                f"“{source.called}” starts {source.start_time.said()}, so nothing can be reckoned from it."
            )
        elif source.start_time is not None and start is not None:
            self.by = times.on_clocks(start, zone) - times.on_clocks(source.start_time, zone)

    def along(self, moment: datetime | None, what: str) -> datetime | None:
        """None when there is nothing to move it by, or the clocks there show it twice or never."""
        if moment is not None and self.from_beyond:
            self.unclear.append(f"{what[0].upper()}{what[1:]} was left empty. {self.from_beyond}")
        if moment is None or self.by is None:
            return None
        try:
            return times.to_utc(times.on_clocks(moment, self.zone) + self.by, self.zone)
        except (errors.InvalidField, OverflowError) as error:
            self.unclear.append(f"{what[0].upper()}{what[1:]} was left empty. {error}")
            return None


def _packages(tx: Transaction, event_id: UUID) -> list[dict[str, Any]]:
    rows = tx.rows(
        f"SELECT {', '.join(_READ.get(name, f'p.{name}') for name in COPIED)}, p.is_active,"
        " p.package_registration_deadline AS deadline"
        " FROM packages p JOIN events e ON e.id = p.event_id WHERE e.id = :id"
        " ORDER BY array_position(e.packages_ids, p.id), p.created_at, p.id",
        {"id": event_id},
    )
    return [row._asdict() for row in rows]


def _named(tx: Transaction, event_slug: str, packages: Iterable[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    """Each with a slug like “monsoon-summit-vip” that nobody has, these among themselves included (ruling 21)."""
    stem = slugs.readable(event_slug, STEM) or slugs.KINDS["events"]
    taken: set[str] = set()
    for package in packages:
        wanted = f"{stem}-{slugs.readable(package['name'], TAIL) or slugs.KINDS['packages']}"
        slug, number = slugs.free(tx, "packages", wanted, PACKAGE_ROOM), 2
        while slug in taken:
            slug, number = slugs.free(tx, "packages", f"{wanted}-{number}", PACKAGE_ROOM), number + 1
        taken.add(slug)
        yield package | {"slug": slug}


def _insert(database: Database, wishing: Acting, values: dict[str, Any]) -> None:
    """The event, its packages in their order and the log's row. The counters and ``packages_ids`` follow by trigger."""
    columns = ", ".join(typed.LABELS)
    marks = ", ".join(f":{name}" for name in typed.LABELS)
    database.once(
        f"""
        WITH made AS (
          INSERT INTO events (id, created_by, {columns}) VALUES (:event_id, {wishing.ID}, {marks}) RETURNING id),
        copied AS (
          INSERT INTO packages (id, event_id, package_type, slug, package_registration_deadline, {", ".join(COPIED)})
          SELECT p.id, m.id, 'event', p.slug, p.deadline, {", ".join(f"p.{name}" for name in COPIED)}
            FROM made m, ROWS FROM (jsonb_to_recordset(CAST(:packages AS jsonb)) AS (
                   id uuid, slug text, deadline timestamp, {", ".join(map(" ".join, COPIED.items()))}))
                 WITH ORDINALITY AS p
           ORDER BY p.ordinality),
        logged AS (
          INSERT INTO admin_logs (admin_id, action_type, description, subject_id, logged_at)
          SELECT {wishing.ID}, 'event.duplicate', :described, id, timezone('UTC', clock_timestamp()) FROM made)
        SELECT id FROM made
        """,
        values,
        wishing,
    )
