"""Dates and times as other systems write them, as UTC without a zone (ruling 5)."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable
    from zoneinfo import ZoneInfo

SlashOrder = Literal["day first", "month first", "unknown"]

_TIME = r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?\s*(?P<half>[ap]\.?m\.?)?"
_OFFSET = r"\s*(?P<offset>z|utc|[+-]\d{2}:?\d{2})?"
_REST = rf"(?:(?:t|,?\s+){_TIME}{_OFFSET}(?:\s*uhr)?)?"
_SHAPES = (
    re.compile(rf"(?P<year>\d{{4}})-(?P<month>\d{{1,2}})-(?P<day>\d{{1,2}}){_REST}", re.IGNORECASE),
    re.compile(
        rf"(?P<day>\d{{1,2}})\.\s?(?P<month>\d{{1,2}})\.\s?(?P<year>\d{{4}}|\d{{2}}){_REST}", re.IGNORECASE
    ),
    re.compile(rf"(?P<year>\d{{4}})/(?P<month>\d{{1,2}})/(?P<day>\d{{1,2}}){_REST}", re.IGNORECASE),
)
_SLASHES = re.compile(
    rf"(?P<first>\d{{1,2}})/(?P<second_>\d{{1,2}})/(?P<year>\d{{4}}|\d{{2}}){_REST}", re.IGNORECASE
)
_CLOCK = re.compile(rf"{_TIME}(?:\s*uhr)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Moment:
    """``utc`` is naive UTC; ``remark`` says what had to be decided, as the end of a sentence."""

    utc: dt.datetime
    remark: str | None = None


def slash_order(texts: Iterable[str]) -> SlashOrder:
    """How a column writes “01/05/2026”, judged by all of its values: only one order fits 25/10 or 10/25."""
    day = month = False
    for text in texts:
        match = _SLASHES.fullmatch(text.strip())
        if match is not None:
            day = day or int(match["first"]) > 12
            month = month or int(match["second_"]) > 12 or bool(match["half"])
    if day == month:
        return "unknown"
    return "day first" if day else "month first"


def moment(date: str, time: str, zone: ZoneInfo, slashes: SlashOrder) -> Moment | str:
    """The moment a date and perhaps a separate time name in ``zone``; or why none, as the end of a sentence.

    A time that the clocks skipped or showed twice is taken by the rule that was valid before the change, and
    remarked upon.
    """
    date, time = date.strip(), time.strip()
    try:
        naive, offset = _parsed(date, slashes)
        if time:
            clock = _CLOCK.fullmatch(time)
            if clock is None:
                return f"“{time[:40]}” is no time of day"
            naive = dt.datetime.combine(naive.date(), _clock(clock))
        return Moment(naive - offset) if offset is not None else _local(naive, zone)
    except ValueError as reason:
        return str(reason)
    except OverflowError:
        return f"“{date[:40]}” is no date"


def _parsed(text: str, slashes: SlashOrder) -> tuple[dt.datetime, dt.timedelta | None]:
    for shape in _SHAPES:
        match = shape.fullmatch(text)
        if match is not None:
            day, month = int(match["day"]), int(match["month"])
            break
    else:
        match = _SLASHES.fullmatch(text)
        if match is None:
            raise ValueError(f"“{text[:40]}” is no date that is understood; write it as 2026-10-25 13:20")
        if slashes == "unknown" and match["first"] != match["second_"]:
            raise ValueError(f"“{text[:40]}” can be read in two ways; write dates as 2026-10-25")
        first, second = int(match["first"]), int(match["second_"])
        day, month = (first, second) if slashes == "day first" else (second, first)
    year = int(match["year"]) + (2000 if len(match["year"]) == 2 else 0)
    try:
        date = dt.date(year, month, day)
    except ValueError:
        raise ValueError(f"“{text[:40]}” is no date of the calendar") from None
    clock = _clock(match) if match["hour"] else dt.time()
    return dt.datetime.combine(date, clock), _offset(match["offset"])


def _clock(match: re.Match[str]) -> dt.time:
    hour = int(match["hour"])
    if match["half"]:
        if not 1 <= hour <= 12:
            raise ValueError(f"“{match[0][:40]}” is no time of day")
        hour = hour % 12 + (12 if match["half"][0].lower() == "p" else 0)
    try:
        return dt.time(hour, int(match["minute"]), int(match["second"] or 0))
    except ValueError:
        raise ValueError(f"“{match[0][:40]}” is no time of day") from None


def _offset(text: str | None) -> dt.timedelta | None:
    if not text:
        return None
    if text[0] not in "+-":
        return dt.timedelta()
    hours, minutes = int(text[1:3]), int(text[-2:])
    return dt.timedelta(hours=hours, minutes=minutes) * (1 if text[0] == "+" else -1)


def _local(naive: dt.datetime, zone: ZoneInfo) -> Moment:
    first = naive.replace(tzinfo=zone)
    second = first.replace(fold=1)
    utc = first.astimezone(dt.UTC).replace(tzinfo=None)
    if first.utcoffset() == second.utcoffset():
        return Moment(utc)
    shown = naive.isoformat(" ", "minutes")
    if first.astimezone(dt.UTC).astimezone(zone).replace(tzinfo=None) != naive:
        meant = first.astimezone(dt.UTC).astimezone(zone)
        return Moment(
            utc, f"{shown} did not exist in {zone.key}, the clocks went forward; kept as {meant:%H:%M}"
        )
    return Moment(
        utc, f"{shown} happened twice in {zone.key}, the clocks went back; kept as the first of the two"
    )
