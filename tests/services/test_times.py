"""Times people type, on the clocks of a zone."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from desktop import errors
from desktop.services import times

BERLIN, KOLKATA, LORD_HOWE, APIA, DUBLIN = map(
    ZoneInfo, ["Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Apia", "Europe/Dublin"]
)


@pytest.mark.parametrize(
    ("typed", "zone", "stored"),
    [
        ("2026-12-14T09:00", KOLKATA, "2026-12-14T03:30"),
        ("2026-06-01T00:30", BERLIN, "2026-05-31T22:30"),
        ("2026-03-29T01:59", BERLIN, "2026-03-29T00:59"),
        ("2026-03-29T03:00", BERLIN, "2026-03-29T01:00"),
        ("2026-10-25T03:00", BERLIN, "2026-10-25T02:00"),
        ("2026-10-25T02:30+02:00", BERLIN, "2026-10-25T00:30"),
        ("2026-10-25T02:30+01:00", BERLIN, "2026-10-25T01:30"),
        ("2026-03-29T02:30+01:00", BERLIN, "2026-03-29T01:30"),
        ("2026-07-01T10:00+01:00", DUBLIN, "2026-07-01T09:00"),
        ("2026-07-01T10:00", ZoneInfo("UTC"), "2026-07-01T10:00"),
    ],
)
def test_a_typed_time_is_stored_in_utc(typed: str, zone: ZoneInfo, stored: str) -> None:
    """Ruling 5: UTC without zone is stored, whatever zone it was typed in."""
    assert times.to_utc(datetime.fromisoformat(typed), zone) == datetime.fromisoformat(stored)


@pytest.mark.parametrize(
    ("typed", "zone", "sentence"),
    [
        (
            "2026-10-25T02:30",
            BERLIN,
            "Sun 25 Oct 2026, 02:30 happens twice in Europe/Berlin, because the clocks go back by 1 hour. "
            "Choose 02:30 CEST (UTC+02:00), or 1 hour later 02:30 CET (UTC+01:00).",
        ),
        (
            "2026-03-29T02:30",
            BERLIN,
            "Sun 29 Mar 2026, 02:30 does not exist in Europe/Berlin, because the clocks go forward by 1 hour. "
            "Choose 01:30 CET (UTC+01:00) or 03:30 CEST (UTC+02:00).",
        ),
        (
            "2026-10-04T02:15",
            LORD_HOWE,
            "Sun 4 Oct 2026, 02:15 does not exist in Australia/Lord_Howe, because the clocks go forward by 30 minutes. "
            "Choose 01:45 UTC+10:30 or 02:45 UTC+11:00.",
        ),
        (
            "2011-12-30T10:00",
            APIA,
            "Fri 30 Dec 2011, 10:00 does not exist in Pacific/Apia, because the clocks go forward by 24 hours. "
            "Choose Thu 29 Dec 2011, 10:00 UTC-10:00 or Sat 31 Dec 2011, 10:00 UTC+14:00.",
        ),
        (
            "2026-10-25T01:30",
            DUBLIN,
            "Sun 25 Oct 2026, 01:30 happens twice in Europe/Dublin, because the clocks go back by 1 hour. "
            "Choose 01:30 IST (UTC+01:00), or 1 hour later 01:30 GMT (UTC+00:00).",
        ),
    ],
)
def test_a_time_shown_twice_or_never_names_both_meanings(typed: str, zone: ZoneInfo, sentence: str) -> None:
    """Ruling 5: a non-existent or ambiguous time is pointed out, never silently shifted; either meaning is taken."""
    with pytest.raises(errors.UnclearTime) as refused:
        times.to_utc(datetime.fromisoformat(typed), zone, "start_time")
    assert str(refused.value) == sentence
    assert refused.value.field == "start_time"
    taken = [times.to_utc(meaning, zone) for meaning in refused.value.meanings]
    assert taken == [m.astimezone(UTC).replace(tzinfo=None) for m in refused.value.meanings]
    assert taken[0] < taken[1]


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("2026-12-14T09:00+05:30", r"clocks in Europe/Berlin are at UTC\+01:00, not at UTC\+05:30"),
        ("0026-12-14T09:00", "The year is 26;"),
        ("9999-12-31T23:59", "The year is 9999;"),
        ("0001-01-01T00:00", "The year is 1;"),
    ],
)
def test_a_time_the_zone_cannot_have_is_refused(typed: str, says: str) -> None:
    with pytest.raises(errors.InvalidField, match=says) as refused:
        times.to_utc(datetime.fromisoformat(typed), BERLIN, "end_time")
    assert refused.value.field == "end_time"


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("Europe/Berln", "Did you mean “Europe/Berlin”"),
        ("asia/kolkata", "Did you mean “Asia/Kolkata”"),
        ("America/New York", "Did you mean “America/New_York”"),
        ("right/Europe/Berlin", "There is no time zone"),
        ("localtime", "There is no time zone"),
        ("../etc/passwd", "Zones are called like"),
        ("", "Zones are called like"),
    ],
)
def test_a_zone_nobody_knows_comes_with_the_nearest(name: str, says: str) -> None:
    with pytest.raises(errors.InvalidField, match=says) as refused:
        times.zone_named(name)
    assert refused.value.field == "time_zone"


def test_a_zone_is_taken_by_its_name() -> None:
    assert times.zone_named(" Asia/Kolkata ") == KOLKATA
