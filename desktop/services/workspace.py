"""What a signed-in window works with."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from desktop.db.session import Actor, Database


@dataclass(frozen=True, slots=True)
class Workspace:
    """A database, who is working in it, the zone times are shown in where an event names none (ruling 5), and
    what this computer is called in the attendance ledger."""

    database: Database
    actor: Actor
    zone: ZoneInfo
    station: str
