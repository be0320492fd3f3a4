"""Money, times and what has no title, as people read them (ruling 5: stored in UTC, read in a named zone)."""

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from desktop.db.beyond import Beyond

# Not strftime's %a and %b: Qt sets the process's locale, and an English window would speak of “14 déc.”.
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
UNTITLED = "an untitled event"
"""What a sentence calls an event that has no title yet."""

SYMBOLS = {"INR": "₹", "EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥"}


def money(amount: Decimal, currency: str) -> str:
    """“₹4,500”, “€49.50”, “CHF 80”: thousands separated, hundredths only where there are any."""
    text = f"{amount:,.2f}".removesuffix(".00")
    code = currency.upper()
    return f"{SYMBOLS[code]}{text}" if code in SYMBOLS else f"{code} {text}"


def local(moment: datetime, zone: ZoneInfo) -> datetime:
    """A stored UTC time in ``zone``; one that its clocks cannot show as `Beyond`."""
    try:
        return moment.replace(tzinfo=UTC).astimezone(zone)
    except OverflowError:  # the last hours of 9999, or the first of the year 1
        return Beyond(str(moment.replace(tzinfo=None)), UTC)


def day(there: datetime) -> str:
    """“14 Dec”; “infinitely late” and the like for what no calendar shows, here as below."""
    if isinstance(there, Beyond):
        return there.said()
    return f"{there.day} {MONTHS[there.month - 1]}"


def weekday(there: datetime) -> str:
    """“Mon 14 Dec”."""
    return day(there) if isinstance(there, Beyond) else f"{DAYS[there.weekday()]} {day(there)}"


def dated(there: datetime) -> str:
    """“Mon 14 Dec 2026, 09:00”."""
    return day(there) if isinstance(there, Beyond) else f"{weekday(there)} {there:%Y, %H:%M}"


def short(moment: datetime, zone: ZoneInfo, now: datetime | None = None) -> str:
    """“2 Dec 11:02”; with its year when that is not this year's."""
    there = local(moment, zone)
    if isinstance(there, Beyond):
        return day(there)
    today = (now or datetime.now(UTC)).astimezone(zone)
    year = "" if there.year == today.year else f" {there.year}"
    return f"{day(there)}{year} {there:%H:%M}"


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
    return day(there) if isinstance(there, Beyond) else f"{weekday(there)} {there:%Y, %H:%M %Z} ({zone.key})"
