"""Money and times as people read them."""

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from desktop.services import readable

KOLKATA = ZoneInfo("Asia/Kolkata")
NOW = datetime(2026, 12, 14, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        ("4500.00", "INR", "₹4,500"),
        ("49.50", "EUR", "€49.50"),
        ("80.00", "CHF", "CHF 80"),
        ("1234567.89", "usd", "$1,234,567.89"),
        ("0.00", "INR", "₹0"),
    ],
)
def test_money_has_its_sign_and_hundredths_only_where_there_are_any(amount, currency, text):
    assert readable.money(Decimal(amount), currency) == text


def test_times_are_read_in_the_named_zone_and_told_with_another_year():
    assert readable.short(datetime(2026, 12, 2, 5, 32), KOLKATA, NOW) == "2 Dec 11:02"
    assert readable.short(datetime(2025, 12, 31, 20, 0), KOLKATA, NOW) == "1 Jan 01:30"
    assert readable.short(datetime(2025, 12, 31, 12, 0), KOLKATA, NOW) == "31 Dec 2025 17:30"


def test_today_and_yesterday_are_those_of_the_zone():
    assert readable.relative(datetime(2026, 12, 13, 19, 0), KOLKATA, NOW) == "Today 00:30"
    assert readable.relative(datetime(2026, 12, 13, 18, 0), KOLKATA, NOW) == "Yesterday 23:30"
    assert readable.relative(datetime(2026, 12, 12, 18, 0), KOLKATA, NOW) == "12 Dec 23:30"


def test_the_whole_time_names_day_zone_and_place():
    assert (
        readable.full(datetime(2026, 12, 14, 3, 30), KOLKATA) == "Mon 14 Dec 2026, 09:00 IST (Asia/Kolkata)"
    )
