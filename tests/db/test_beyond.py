"""Times that Python has not: read as what they are, and written as they came."""

from __future__ import annotations

import copy
import pickle
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from desktop.db import straight
from desktop.db.beyond import Beyond, moment
from desktop.services import readable

if TYPE_CHECKING:
    from desktop.db.session import Database

SAID = {
    "infinity": "infinitely late",
    "-infinity": "infinitely early",
    "10000-01-01 00:00:00": "in the year 10000",
    "12000-02-29 10:00:00.25": "in the year 12000",
    "294276-12-31 23:59:59.999999": "in the year 294276",
    "0044-03-15 12:00:00 BC": "in the year 44 BC",
}
ALL = """
SELECT t::text, CAST(t AS {kind}) FROM (
    SELECT timestamp '4713-01-01 BC' + n * interval '11574 days 01:46:47.000333' AS t FROM generate_series(0, 9400) n
    UNION ALL SELECT unnest(ARRAY['infinity', '-infinity', '0001-12-31 23:59:59 BC', '9999-12-31 23:59:59.999999',
                                  '10000-02-29 00:00:01.25', '0001-01-01', '294276-12-31 23:59:59.999999']::timestamp[])
) every
"""


@pytest.mark.parametrize("kind", ["timestamp", "timestamptz"])
@pytest.mark.parametrize("binary", [True, False])
def test_every_time_of_the_server_is_read_and_goes_back_as_it_came(
    database: Database, kind: str, binary: bool
) -> None:
    with database.connected() as connection:
        driver = straight.driver(connection)
        found = driver.cursor(binary=binary).execute(ALL.format(kind=kind)).fetchall()
        beyond = [(text, at) for text, at in found if isinstance(at, Beyond)]
        assert len(found) - len(beyond) > 300 < len(beyond)
        assert [text for text, _ in beyond] == [str(at) for _, at in beyond]
        for at in (beyond[0][1], beyond[-1][1], found[-2][1]):
            answered = driver.execute(
                f"SELECT %s = CAST(%s AS {kind}), pg_typeof(%s) = '{kind}'::regtype", (at, str(at), at)
            )
            assert answered.fetchone() == (True, True)


@pytest.mark.parametrize("text", SAID)
def test_such_a_time_calls_itself_what_it_is_however_it_is_told(text: str) -> None:
    at, kolkata = Beyond(text), ZoneInfo("Asia/Kolkata")
    there = readable.local(at, kolkata)
    told = {readable.short(at, kolkata), readable.relative(at, kolkata), readable.full(at, kolkata)}
    told |= {readable.day(there), readable.weekday(there), readable.dated(there), f"{there:%H:%M}"}
    assert told == {SAID[text]}


def test_such_a_time_is_later_or_earlier_than_all_others_and_stays_what_it_is() -> None:
    late, early, now = Beyond("infinity"), Beyond("0044-03-15 12:00:00 BC"), datetime.now(UTC)
    assert early < now.replace(tzinfo=None) < late
    assert early.astimezone() < now < late.astimezone(ZoneInfo("Pacific/Chatham"))
    assert late != Beyond("10000-01-01 00:00:00") != datetime.max  # noqa: DTZ901 - what it must not be mistaken for
    assert late + timedelta(days=1) == late - timedelta(days=1) == late == copy.deepcopy(late)
    assert pickle.loads(pickle.dumps(early)) == early == moment("0044-03-15T12:00:00 BC")
    assert moment("2026-12-14T09:00:00") == datetime(2026, 12, 14, 9)


@pytest.mark.parametrize(
    ("text", "zone"), [("9999-12-31T20:00:00", "Asia/Kolkata"), ("0001-01-01T01:00:00", "UTC-5")]
)
def test_a_time_that_only_the_clocks_of_a_zone_cannot_show_is_told_by_its_year(text: str, zone: str) -> None:
    there = ZoneInfo({"UTC-5": "Etc/GMT+5"}.get(zone, zone))
    at = moment(text)
    assert readable.full(at, there) == f"in the year {at.year}"
    assert (readable.local(at, there) < datetime.now(UTC)) is (at.year == 1)
