"""Times as people type them: on the clocks of a named zone; stored in UTC (ruling 5)."""

from __future__ import annotations

import difflib
import zoneinfo
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from desktop import errors
from desktop.db.beyond import Beyond
from desktop.services import readable

FIRST_YEAR, LAST_YEAR = 1970, 2999
NO_PLACES = frozenset({"localtime", "Factory"})
"""Names in some computers' lists that mean something else on every computer."""


def to_utc(local: datetime, zone: ZoneInfo, field: str = "time") -> datetime:
    """The naive UTC time at which the clocks of ``zone`` show ``local``.

    ``local`` is naive, or carries an offset, which chooses where the clocks show a time twice or never. Raises
    `UnclearTime` of ``field`` where one must be chosen, `InvalidField` where the zone does not have the offset then.
    """
    if isinstance(local, Beyond):
        raise errors.InvalidField(
            field,
            f"The time is {local.said()}; a year between {FIRST_YEAR + 1} and {LAST_YEAR - 1} can be taken.",
        )
    if not FIRST_YEAR < local.year < LAST_YEAR:
        raise errors.InvalidField(
            field,
            f"The year is {local.year}; a year between {FIRST_YEAR + 1} and {LAST_YEAR - 1} can be taken.",
        )
    shown = local.replace(tzinfo=None)
    # Where the clocks leap, fold 0 reckons with the offset before, fold 1 with the one after.
    before, after = (_offset(shown.replace(tzinfo=zone, fold=fold)) for fold in (0, 1))
    chosen = local.utcoffset()
    if chosen is not None:
        if chosen not in (before, after):
            raise errors.InvalidField(
                field,
                f"On {_full(shown)} the clocks in {zone.key} are at {_utc(before)}, not at {_utc(chosen)}. Leave the "
                "offset out, or name the zone that is meant.",
            )
        return shown - chosen
    if before != after:
        raise _unclear(shown, zone, field, before, after)
    return shown - before


def on_clocks(moment: datetime, zone: ZoneInfo) -> datetime:
    """What the clocks of ``zone`` show at a stored UTC time, naive: `to_utc` the other way round."""
    return readable.local(moment, zone).replace(tzinfo=None, fold=0)


def zone_named(name: str, field: str = "time_zone") -> ZoneInfo:
    """The zone a person named. Raises `InvalidField` with the nearest name when there is none."""
    name = name.strip()
    if name in known_zones():
        return ZoneInfo(name)
    folded = {known.casefold(): known for known in sorted(known_zones())}
    near = difflib.get_close_matches(name.casefold().replace(" ", "_"), folded, 1)
    hint = f"Did you mean “{folded[near[0]]}”?" if near else "Zones are called like “Asia/Kolkata”."
    raise errors.InvalidField(field, f"There is no time zone “{name}”. {hint}")


@cache
def known_zones() -> frozenset[str]:
    """Every IANA name this computer knows."""
    return frozenset(zoneinfo.available_timezones() - NO_PLACES)


def _unclear(
    shown: datetime, zone: ZoneInfo, field: str, before: timedelta, after: timedelta
) -> errors.UnclearTime:
    """The two moments are ``shown`` by either offset; where the clocks leap over it, neither shows it then."""
    first, second = (
        moment.replace(tzinfo=UTC).astimezone(zone) for moment in sorted((shown - before, shown - after))
    )
    leap = _lasting(abs(after - before))
    if before > after:
        said = f"happens twice in {zone.key}, because the clocks go back by {leap}"
        ways = f"{_named(first, shown)}, or {leap} later {_named(second, shown)}"
    else:
        said = f"does not exist in {zone.key}, because the clocks go forward by {leap}"
        ways = f"{_named(first, shown)} or {_named(second, shown)}"
    return errors.UnclearTime(field, f"{_full(shown)} {said}. Choose {ways}.", (first, second))


def _offset(there: datetime) -> timedelta:
    return there.utcoffset() or timedelta()


def _full(shown: datetime) -> str:
    return readable.dated(shown)


def _named(there: datetime, shown: datetime) -> str:
    """“02:30 CEST (UTC+02:00)”; with its day when that is another one than what was typed."""
    clock = f"{there:%H:%M}" if there.date() == shown.date() else _full(there)
    letters = there.tzname() or ""
    offset = _utc(_offset(there))
    return f"{clock} {letters} ({offset})" if letters.isalpha() else f"{clock} {offset}"


def _utc(offset: timedelta) -> str:
    minutes = round(abs(offset).total_seconds() / 60)
    return f"UTC{'-' if offset < timedelta() else '+'}{minutes // 60:02}:{minutes % 60:02}"


def _lasting(leap: timedelta) -> str:
    minutes = round(leap.total_seconds() / 60)
    if minutes % 60:
        return f"{minutes} minutes"
    return "1 hour" if minutes == 60 else f"{minutes // 60} hours"
