"""What a person types about an event, as the columns it is stored in."""

from __future__ import annotations

import json
import unicodedata
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypedDict

from desktop import errors
from desktop.services import changing, inputs, readable, slugs, times

if TYPE_CHECKING:
    from collections.abc import Mapping
    from zoneinfo import ZoneInfo

ROOM = 255
TIMES = ("start_time", "end_time", "registration_deadline")
NEEDED = ("title", "slug", "start_time", "location")
"""What a published event never lacks (specification 2.9, chk_publish_event)."""

LABELS = {
    "title": "title",
    "slug": "slug",
    "description": "description",
    "location": "place",
    "start_time": "start",
    "end_time": "end",
    "registration_deadline": "registration deadline",
    "time_zone": "time zone",
    "payment_required": "payment required",
}


class Fields(TypedDict, total=False):
    """The inputs of an event; what is left out stays as it is. Times are on the event's clocks: naive, or with the
    offset that is meant where the clocks show them twice or never. Empty texts mean nothing is known."""

    title: str
    slug: str
    description: str
    location: str
    start_time: datetime | None
    end_time: datetime | None
    registration_deadline: datetime | None
    time_zone: str | None
    payment_required: bool


def columns(fields: Fields, zone: ZoneInfo, checked: inputs.Checked) -> dict[str, Any]:
    """The columns to write, times in UTC; ``zone`` is the one they are typed in."""
    found: dict[str, Any] = {}
    value: Any
    for name, value in fields.items():
        if name in TIMES:
            found[name] = checked.take(times.to_utc, value, zone, name) if value is not None else None
        elif name == "time_zone":
            found[name] = value or None  # the caller has made sure of it: it read ``zone`` there
        elif name == "slug":
            found[name] = checked.take(slugs.typed, value, ROOM) if value.strip() else None
        elif name == "payment_required":
            found[name] = value
        else:
            found[name] = checked.take(_text, name, value)
    return found


def check_order(row: Mapping[str, Any], zone: ZoneInfo, checked: inputs.Checked) -> None:
    """An event ends after it starts, and registration for it closes before its end."""
    start, end, deadline = (row.get(name) for name in TIMES)
    if start and end and end <= start:
        checked.invalid.append(errors.InvalidField("end_time", ends_early(start, end, zone)))
    elif end and deadline and deadline > end:
        checked.invalid.append(errors.InvalidField("registration_deadline", closes_late(deadline, end, zone)))


def ends_early(start: datetime, end: datetime, zone: ZoneInfo) -> str:
    """The sentence for an end that is not after the start."""
    return (
        f"The event ends ({shown(end, zone)}) before it has started ({shown(start, zone)}). Choose a later end, or "
        "none."
    )


def closes_late(deadline: datetime, end: datetime, zone: ZoneInfo) -> str:
    """The sentence for a deadline after the end."""
    return (
        f"Registration would close ({shown(deadline, zone)}) after the event has ended ({shown(end, zone)}). Choose "
        "an earlier deadline, or none."
    )


def shown(moment: datetime, zone: ZoneInfo) -> str:
    """“Mon 14 Dec 2026, 09:00 IST (Asia/Kolkata)”."""
    return readable.full(moment, zone)


def shown_value(value: object, zone: ZoneInfo) -> str:
    """A column's value in the log."""
    if isinstance(value, datetime):
        return shown(value, zone)
    return ("yes" if value else "no") if isinstance(value, bool) else changing.shown(value)


def as_json(value: object) -> str:
    """What a function of the database reads as jsonb; times as ISO 8601, ids and sums as text."""
    return json.dumps(value, default=lambda v: v.isoformat() if isinstance(v, datetime) else str(v))


def _text(name: str, value: str) -> str | None:
    """NFC, without control characters; one line but for the description; None when nothing is left."""
    if name == "description":
        return inputs.text(value)
    line = inputs.line(value)
    if all(unicodedata.category(c) in {"Cf", "Mn", "Zs"} for c in line):
        return None  # nothing anybody could see
    if len(line) > ROOM:
        raise errors.InvalidField(
            name, f"The {LABELS[name]} has {len(line)} letters; there is room for {ROOM}."
        )
    return line
