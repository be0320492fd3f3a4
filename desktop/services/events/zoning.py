"""Moving an event to another zone: its times stay as people read them (ruling 5).

The clock on the poster is what people know and what the form shows when it is saved, so 09:00 stays 09:00 and the
moment moves. The packages' deadlines are read on the same clocks and move in the same call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from desktop import errors
from desktop.db.beyond import Beyond
from desktop.services import changing, times
from desktop.services.events import fields as typed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from zoneinfo import ZoneInfo

    import sqlalchemy as sa

    from desktop.db.session import Acting, Database
    from desktop.services.events.reading import Event

TRIES = 3


def kept(seen: Event, zone: ZoneInfo) -> dict[str, datetime]:
    """The event's times as the clocks of ``zone`` show them."""
    return {
        name: times.on_clocks(getattr(seen, name), zone)
        for name in typed.TIMES
        if getattr(seen, name) is not None
        and not isinstance(getattr(seen, name), Beyond)  # as late on all clocks
    }


def move(
    database: Database,
    acting: Acting,
    event: Event,
    wanted: Mapping[str, Any],
    seen: Mapping[str, Any],
    old_zone: ZoneInfo,
    new_zone: ZoneInfo,
) -> changing.Changed:
    """As `changing.change`, with the deadlines of the event's packages. Raises `InvalidField` of the zone when one of
    these would be unclear on the new clocks."""
    read = sorted({*wanted, *seen})
    for _ in range(TRIES):
        with database.transaction(acting) as tx:
            row = tx.row(f"SELECT {', '.join(read)} FROM events WHERE id = :id", {"id": event.id})
            packages = tx.rows(
                "SELECT id, name, package_registration_deadline AS deadline FROM packages"
                " WHERE event_id = :id AND package_registration_deadline IS NOT NULL ORDER BY id",
                {"id": event.id},
            )
        if row is None:
            raise errors.NotFound("event")
        now = row._asdict()
        due = changing.compared(now, wanted, seen, "event")
        done = database.call(
            "change_zone",
            {
                "p_actor": acting,
                "p_event": event.id,
                "p_was": typed.as_json(now),
                "p_becomes": typed.as_json(due.new),
                "p_deadlines": typed.as_json(
                    [_deadline(package, old_zone, new_zone) for package in packages]
                ),
                "p_description": f"Edited “{event.called}”: "
                f"{_described(due, old_zone, new_zone, len(packages))}",
            },
        )
        if done.change_zone:
            return due
    raise errors.Busy


def _deadline(package: sa.Row[Any], old_zone: ZoneInfo, new_zone: ZoneInfo) -> dict[str, Any]:
    if isinstance(package.deadline, Beyond):
        return {"id": package.id, "was": package.deadline, "becomes": package.deadline}
    try:
        becomes = times.to_utc(times.on_clocks(package.deadline, old_zone), new_zone, "time_zone")
    except errors.InvalidField as error:
        raise errors.InvalidField(
            "time_zone", f"The registration deadline of “{package.name}” must be changed first. {error}"
        ) from None
    return {"id": package.id, "was": package.deadline, "becomes": becomes}


def _described(due: changing.Changed, old_zone: ZoneInfo, new_zone: ZoneInfo, deadlines: int) -> str:
    told = {name: typed.shown_value(value, old_zone) for name, value in due.old.items()}
    tells = {name: typed.shown_value(value, new_zone) for name, value in due.new.items()}
    tail = f"; the deadlines of its packages keep their clock time ({deadlines})" if deadlines else ""
    return changing.differences(typed.LABELS, told, tells, str) + tail
