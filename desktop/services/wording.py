"""Money and times as people read them (ruling 5: stored in UTC, read in a named zone)."""

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

SYMBOLS = {"INR": "₹", "EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥"}


def money(amount: Decimal, currency: str) -> str:
    """“₹4,500”, “€49.50”, “CHF 80”: thousands separated, hundredths only where there are any."""
    text = f"{amount:,.2f}".removesuffix(".00")
    code = currency.upper()
    return f"{SYMBOLS[code]}{text}" if code in SYMBOLS else f"{code} {text}"


def local(moment: datetime, zone: ZoneInfo) -> datetime:
    """A stored UTC time in ``zone``."""
    return moment.replace(tzinfo=UTC).astimezone(zone)


def short(moment: datetime, zone: ZoneInfo, now: datetime | None = None) -> str:
    """“2 Dec 11:02”; with its year when that is not this year's."""
    there = local(moment, zone)
    today = (now or datetime.now(UTC)).astimezone(zone)
    year = "" if there.year == today.year else f" {there.year}"
    return f"{there.day} {there:%b}{year} {there:%H:%M}"


def relative(moment: datetime, zone: ZoneInfo, now: datetime | None = None) -> str:
    """“Today 09:12”, “Yesterday 18:40”, else as `short`."""
    there = local(moment, zone)
    days = ((now or datetime.now(UTC)).astimezone(zone).date() - there.date()).days
    if days in (0, 1):
        return f"{'Yesterday' if days else 'Today'} {there:%H:%M}"
    return short(moment, zone, now)


def full(moment: datetime, zone: ZoneInfo) -> str:
    """“Mon 14 Dec 2026, 09:00 IST (Asia/Kolkata)”."""
    there = local(moment, zone)
    return f"{there:%a} {there.day} {there:%b %Y, %H:%M %Z} ({zone.key})"
