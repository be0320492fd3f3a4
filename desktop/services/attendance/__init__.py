"""Who is inside, who never came, and every operation of a door exactly once (ruling 16, door.md 3 and 4)."""

from desktop.services.attendance.ending import NoShows, record_no_shows
from desktop.services.attendance.looking import look
from desktop.services.attendance.operations import (
    BATCH,
    Admission,
    Admitted,
    admit,
    no_show,
    release,
    send,
    take_in,
    undo,
)
from desktop.services.attendance.stations import Heard, Station, report, stations
from desktop.services.attendance.words import require_change, sentence

__all__ = [
    "BATCH",
    "Admission",
    "Admitted",
    "Heard",
    "NoShows",
    "Station",
    "admit",
    "look",
    "no_show",
    "record_no_shows",
    "release",
    "report",
    "require_change",
    "send",
    "sentence",
    "stations",
    "take_in",
    "undo",
]
