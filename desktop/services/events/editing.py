"""Drafting an event, and changing what it says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast
from uuid import uuid4

from desktop import errors
from desktop.services import changing, inputs, readable, times
from desktop.services.events import fields as typed
from desktop.services.events import naming, zoning
from desktop.services.permissions import Operation, acting

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Unpack
    from uuid import UUID
    from zoneinfo import ZoneInfo

    from desktop.db.session import Acting, Actor, Database
    from desktop.services.events.reading import Event

WRITTEN = tuple(typed.LABELS)


@dataclass(frozen=True, slots=True)
class Created:
    """The draft, and the slug it got: None without a title."""

    id: UUID
    slug: str | None


def create(database: Database, actor: Actor, zone: ZoneInfo, **fields: Unpack[typed.Fields]) -> Created:
    """A draft of what is known so far; the slug is made of the title unless it is given. ``zone`` is the workspace's.

    Raises `InvalidField`, or `InvalidFields` when several inputs cannot be taken; `UnclearTime`, `NotAllowed`,
    `AccountClosed`. Locks nothing. Specification 2.9, rulings 5 and 21.
    """
    checked = inputs.Checked()
    own, known = _in_zone(fields, zone, checked)
    columns = typed.columns(known, own, checked)
    typed.check_order(columns, own, checked)
    checked.done()
    event_id = uuid4()
    row = {name: columns.get(name) for name in WRITTEN} | {
        "payment_required": bool(columns.get("payment_required"))
    }
    described = f"Drafted “{columns.get('title') or readable.UNTITLED}”"

    def insert(slug: str | None) -> Created:
        _insert(database, acting(actor, Operation.EDIT_EVENTS), event_id, row | {"slug": slug}, described)
        return Created(event_id, slug)

    return naming.with_slug(database, columns.get("slug"), columns.get("title"), insert)


def edit(
    database: Database, actor: Actor, seen: Event, zone: ZoneInfo, **fields: Unpack[typed.Fields]
) -> changing.Changed:
    """Change what is given of an event, which was ``seen`` when the person decided; what was written, in the columns'
    values. ``zone`` is the workspace's.

    An event that moves to another zone keeps its times as people read them, and so do its packages' deadlines: 09:00 on
    the poster stays 09:00. An event that had no slug gets one with its title. Other columns somebody else changed
    meanwhile stay as they are. Raises what `create` raises; `Stale`, `NotFound`, `WrongEventState` (in the bin),
    `Busy`. One statement, or with another zone one call: packages, then the event. Rulings 5 and 6.
    """
    if seen.deleted_at is not None:
        raise errors.WrongEventState(seen.called, "edited", "deleted")
    old_zone = seen.zone(zone)
    checked = inputs.Checked()
    new_zone, known = _in_zone(fields, zone, checked, old_zone)
    moves = new_zone.key != old_zone.key
    known = _changed(known, seen, None if moves else old_zone)
    if moves:
        known = cast("typed.Fields", zoning.kept(seen, old_zone) | known)
    columns = typed.columns(known, new_zone, checked)
    _check_published(seen, columns, checked)
    looked_at = set(columns)
    if looked_at & {*typed.TIMES, "time_zone"}:
        looked_at |= {*typed.TIMES, "time_zone"}
        row = {name: columns.get(name, getattr(seen, name)) for name in typed.TIMES}
        invalid = {error.field for error in checked.invalid}
        typed.check_order({name: row[name] for name in row if name not in invalid}, new_zone, checked)
    checked.done()
    looked_at |= {"deleted_at"} | ({"status"} if _cleared(columns) else set())
    wishing = acting(actor, Operation.EDIT_EVENTS)
    was = {name: getattr(seen, name) for name in looked_at}

    def write(slug: str | None) -> changing.Changed:
        wanted = columns if slug is None else columns | {"slug": slug}
        before = was if slug is None else was | {"slug": seen.slug}
        if moves:
            return zoning.move(database, wishing, seen, wanted, before, old_zone, new_zone)
        return changing.change(
            database,
            wishing,
            "events",
            seen.id,
            wanted,
            what="event",
            seen=before,
            action="event.edit",
            describe=lambda old, new: (
                f"Edited “{seen.called}”: {changing.differences(typed.LABELS, old, new, _shown_in(old_zone))}"
            ),
        )

    if "slug" in columns:
        return naming.with_slug(database, columns["slug"], None, write)
    return naming.with_slug(database, None, columns.get("title") if seen.slug is None else None, write)


def _in_zone(
    fields: typed.Fields, zone: ZoneInfo, checked: inputs.Checked, now: ZoneInfo | None = None
) -> tuple[ZoneInfo, typed.Fields]:
    """The zone the times are typed in, and the fields with its exact name. Of a zone nobody knows no time is read."""
    known = fields.copy()
    if "time_zone" not in known:
        return now or zone, known
    if not known["time_zone"]:
        return zone, known
    own: ZoneInfo | None = checked.take(times.zone_named, known["time_zone"])
    if own is None:
        return now or zone, cast(
            "typed.Fields", {n: v for n, v in known.items() if n not in {*typed.TIMES, "time_zone"}}
        )
    known["time_zone"] = own.key
    return own, known


def _changed(fields: typed.Fields, seen: Event, zone: ZoneInfo | None) -> typed.Fields:
    """Without what is as it was: others wrote it, perhaps as nobody may type it here. ``zone`` None: all times count,
    because they are read on other clocks now."""

    def same(name: str, value: Any) -> bool:
        was = getattr(seen, name)
        if name in typed.TIMES and zone is not None and was is not None and isinstance(value, datetime):
            there = readable.local(was, zone)
            return value == (there if value.tzinfo is not None else there.replace(tzinfo=None))
        return name not in typed.TIMES and (value or None) == (was or None)

    return cast("typed.Fields", {name: value for name, value in fields.items() if not same(name, value)})


def _check_published(seen: Event, columns: Mapping[str, Any], checked: inputs.Checked) -> None:
    if seen.status != "published":
        return
    for name in _cleared(columns):
        if not any(error.field == name for error in checked.invalid):
            checked.invalid.append(
                errors.InvalidField(
                    name,
                    f"A published event has a {typed.LABELS[name]}. Type one, or unpublish the event first.",
                )
            )


def _cleared(columns: Mapping[str, Any]) -> list[str]:
    return [name for name in typed.NEEDED if name in columns and columns[name] is None]


def _shown_in(zone: ZoneInfo) -> Any:
    return lambda value: typed.shown_value(value, zone)


def _insert(
    database: Database, wishing: Acting, event_id: UUID, row: Mapping[str, Any], described: str
) -> None:
    names = ", ".join(row)
    marks = ", ".join(f":{name}" for name in row)
    database.once(
        f"""
        WITH made AS (
          INSERT INTO events (id, created_by, {names}) VALUES (:event_id, {wishing.ID}, {marks}) RETURNING id),
        logged AS (
          INSERT INTO admin_logs (admin_id, action_type, description, subject_id, logged_at)
          SELECT {wishing.ID}, 'event.add', :described, id, timezone('UTC', clock_timestamp()) FROM made)
        SELECT id FROM made
        """,
        {**row, "event_id": event_id, "described": described},
        wishing,
    )
