"""What the stations of an event say of themselves, and which of them are silent (ruling 11, door.md 5 and 9)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from desktop import errors
from desktop.db.session import Acting
from desktop.services import inputs, readable
from desktop.services.permissions import Operation, acting

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID
    from zoneinfo import ZoneInfo

    from desktop.db.session import Actor, Database

LONGEST = 100


@dataclass(frozen=True, slots=True)
class Station:
    """One station of an event. ``heard_at`` (UTC) is None when it never reported. ``why`` says in what way it is
    silent, None when it surely has nothing left to send: never reported, operations pending, numbers missing in the
    ledger, or not heard since the event ended."""

    name: str
    heard_at: datetime | None
    pending: int
    missing: int
    signed_off: bool
    why: Literal["never_reported", "pending", "missing", "not_heard"] | None

    def told(self, zone: ZoneInfo) -> str:
        """“Desk 2 (3 scans not sent yet)”; times in ``zone``."""
        match self.why:
            case None:
                return self.name
            case "never_reported":
                why = "never reported"
            case "pending":
                why = f"{self.pending} {'scan' if self.pending == 1 else 'scans'} not sent yet"
            case "missing":
                why = f"{self.missing} {'scan' if self.missing == 1 else 'scans'} missing here"
            case "not_heard":
                assert self.heard_at is not None  # noqa: S101
                why = f"not heard since {readable.local(self.heard_at, zone):%H:%M}"
        return f"{self.name} ({why})"


@dataclass(frozen=True, slots=True)
class Heard:
    """The server's time (UTC), and which of the station's numbers it lacks: those are to be sent again."""

    at: datetime
    missing: tuple[int, ...]


def report(
    database: Database,
    actor: Actor,
    event_id: UUID,
    station: str,
    *,
    pending: int,
    last_sequence: int = 0,
    signing_off: bool = False,
) -> Heard:
    """Say that the station is there, how many operations it still has to send, and the number of its newest one.
    ``signing_off``: it scans nobody any more at this event. Said every few seconds, so the log does not keep it.

    Raises `InvalidField`, `NotAllowed`, `AccountClosed`, `Busy`.
    """
    if pending < 0 or last_sequence < 0:
        raise errors.InvalidField("pending", "A station has no fewer than 0 scans to send.")
    row = database.call(
        "report_station",
        {
            "p_staff": acting(actor, Operation.ADMIT),
            "p_event": event_id,
            "p_station": clean_station(station),
            "p_pending": pending,
            "p_last": last_sequence,
            "p_signing_off": signing_off,
        },
    )
    return Heard(row.heard_at, tuple(row.missing))


def stations(database: Database, actor: Actor, event_id: UUID) -> tuple[Station, ...]:
    """Every station of the event by name: those that reported, and those whose numbered scans are in the ledger.

    Raises `NotAllowed`, `AccountClosed`.
    """
    may = acting(actor, Operation.SEE_REGISTRATIONS)
    rows = database.once(
        f"SELECT s.* FROM (SELECT {Acting.ID} AS who) a, greenroom.stations_of(:event) s WHERE a.who IS NOT NULL",
        {"event": event_id},
        may,
    )
    return tuple(
        Station(row.station, row.heard_at, row.pending or 0, row.missing or 0, bool(row.signed_off), row.why)
        for row in rows
    )


def clean_station(text: str) -> str:
    """The station's name with single blanks. Raises `InvalidField` for none, and above 100 letters."""
    name = inputs.line(text)
    if not name:
        raise errors.InvalidField(
            "station", "Give this station a name, such as “Desk 1”: the ledger keeps it."
        )
    if len(name) > LONGEST:
        raise errors.InvalidField(
            "station", f"The station's name has {len(name)} letters; there is room for {LONGEST}."
        )
    return name
