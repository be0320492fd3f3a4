"""What staff do with events and packages, for the proofs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

from desktop.services import events, packages
from tests.proving.operation import EMPTY, EVENT, OPEN, PACKAGE, SPARE, Operation, new

if TYPE_CHECKING:
    from desktop.db.session import Actor, Database
    from tests.proving.operation import Given, Run

ZONE = ZoneInfo("Asia/Kolkata")
SEEN = (
    "SELECT id::text AS package, capacity::text AS seen FROM packages WHERE id = ANY (%(packages)s)"
    " AND capacity IS NOT NULL ORDER BY random() LIMIT 1"
)
_SPARE_EVENT = "WHERE id = (SELECT event_id FROM packages WHERE id = %(spare)s)"
DRAFT = f"UPDATE events SET status = 'draft', deleted_at = NULL {_SPARE_EVENT}"
BINNED = f"UPDATE events SET deleted_at = timezone('UTC', now()) {_SPARE_EVENT}"


def _package(given: Given) -> UUID:
    return UUID(given["package"])


def _event(given: Given) -> UUID:
    return UUID(given["event"])


def _edit_package(database: Database, actor: Actor, given: Given) -> object:
    seen = packages.read(database, actor, _package(given), ZONE)
    return packages.edit(database, actor, seen, replace(seen.details, description=new()))


def _resize(by: int) -> Run:
    def run(database: Database, actor: Actor, given: Given) -> object:
        seen = int(given["seen"])
        return packages.set_capacity(
            database,
            actor,
            _package(given),
            max(0, seen + by),
            seen=seen,
            reason="another room",
            confirmed=10**6,
        )

    return run


def _move_package(database: Database, actor: Actor, given: Given) -> object:
    seen = packages.read(database, actor, _package(given), ZONE)
    return packages.move(database, actor, seen, _event(given))


def _edit_event(database: Database, actor: Actor, given: Given) -> object:
    return events.edit(database, actor, events.read(database, actor, _event(given)), ZONE, description=new())


def _edit_zone(database: Database, actor: Actor, given: Given) -> object:
    seen = events.read(database, actor, _event(given))
    other = "Europe/Berlin" if seen.time_zone != "Europe/Berlin" else "Asia/Kolkata"
    return events.edit(database, actor, seen, ZONE, time_zone=other)


def _cancel_event(database: Database, actor: Actor, given: Given) -> object:
    toll = events.preview_cancel(database, actor, _event(given))
    return events.cancel(database, actor, _event(given), "no power", toll)


OPERATIONS = (
    Operation("edit a package", PACKAGE, _edit_package),
    Operation("raise the capacity", SEEN, _resize(2)),
    Operation("lower the capacity", SEEN, _resize(-2)),
    Operation(
        "retire a package",
        OPEN,
        lambda database, actor, given: packages.retire(database, actor, _package(given)),
    ),
    Operation(
        "reactivate a package",
        SPARE,
        lambda database, actor, given: packages.reactivate(database, actor, _package(given)),
        before="UPDATE packages SET is_active = false WHERE id = %(spare)s",
    ),
    Operation("move a package", EMPTY, _move_package),
    Operation(
        "delete a package",
        EMPTY,
        lambda database, actor, given: packages.delete(database, actor, _package(given)),
    ),
    Operation("edit an event", EVENT, _edit_event),
    Operation("move an event to another zone", EVENT, _edit_zone),
    Operation(
        "duplicate an event",
        EVENT,
        lambda database, actor, given: events.duplicate(database, actor, _event(given), ZONE),
    ),
    Operation(
        "publish an event",
        SPARE,
        lambda database, actor, given: events.publish(database, actor, _event(given), ZONE),
        before=DRAFT,
    ),
    Operation(
        "unpublish an event",
        OPEN,
        lambda database, actor, given: events.unpublish(database, actor, _event(given)),
    ),
    Operation("cancel an event", OPEN, _cancel_event),
    Operation(
        "complete an event",
        OPEN,
        lambda database, actor, given: events.complete(database, actor, _event(given), ZONE),
    ),
    Operation(
        "delete an event", OPEN, lambda database, actor, given: events.delete(database, actor, _event(given))
    ),
    Operation(
        "restore an event",
        SPARE,
        lambda database, actor, given: events.restore(database, actor, _event(given)),
        before=BINNED,
    ),
)
