"""After the event: who never came (`greenroom.record_no_shows`, ruling 11)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from desktop import errors
from desktop.db import beyond
from desktop.services import inputs, readable
from desktop.services.attendance.stations import Station, clean_station
from desktop.services.permissions import Operation, acting

if TYPE_CHECKING:
    from collections.abc import Collection
    from uuid import UUID

    from desktop.db.session import Actor, Database


@dataclass(frozen=True, slots=True)
class NoShows:
    """Who was recorded. ``inside`` counts those left alone, because a station let them in by itself and the card is
    still open (ruling 16)."""

    event_id: UUID
    event: str
    ids: tuple[UUID, ...]
    inside: int


def record_no_shows(
    database: Database,
    actor: Actor,
    event_id: UUID,
    station: str,
    *,
    confirmed: Collection[str] = (),
    reason: str = "",
    zone: ZoneInfo | None = None,
) -> NoShows:
    """Make everybody a no-show who is still registered, once the event is over or completed. Nobody is promoted.

    Every station of the event must have nothing left to send; ``confirmed`` names the silent ones that are not waited
    for, and the log names them too. Again is harmless. Locks the packages' seats by id, then the registrations.
    Raises `StationsSilent` with those not named (times in ``zone``), `EventNotOver`, `NobodyExpected` (the event does
    not take place), `NotFound`, `NotAllowed`, `Busy`.
    """
    row = database.call(
        "record_no_shows",
        {
            "p_actor": acting(actor, Operation.RECORD_NO_SHOWS),
            "p_event": event_id,
            "p_station": clean_station(station),
            "p_confirmed": sorted(confirmed),
            "p_reason": inputs.reason(reason),
        },
    )
    title = row.event_title or readable.UNTITLED
    if row.outcome == "not_found":
        raise errors.NotFound("event")
    if row.outcome == "event_cancelled":
        raise errors.NobodyExpected(title)
    if row.outcome == "not_over":
        raise errors.EventNotOver(title)
    if row.outcome == "silent":
        silent = [_station(one) for one in row.silent]
        there = zone or ZoneInfo("UTC")
        raise errors.StationsSilent(
            title, tuple(one.name for one in silent), tuple(one.told(there) for one in silent)
        )
    return NoShows(event_id, title, tuple(row.recorded), row.inside)


def _station(known: dict[str, Any]) -> Station:
    heard = known["heard_at"]
    return Station(
        known["station"],
        beyond.moment(heard) if heard is not None else None,
        known["pending"] or 0,
        known["missing"] or 0,
        bool(known["signed_off"]),
        known["why"],
    )
