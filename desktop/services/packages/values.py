"""What people type of a package, as it is stored."""

from __future__ import annotations

import unicodedata
from decimal import Decimal
from typing import TYPE_CHECKING

from desktop import errors
from desktop.services import inputs, money, readable, slugs, times

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from typing import Any
    from zoneinfo import ZoneInfo

LIMIT = 100
"""Letters of a name and of a slug (specification 2.2)."""

LONGEST_NAME = 60
"""Letters a name has in a made slug at most; the event's own has the rest."""

MOST_SEATS = 1_000_000
MOST_DAYS = 36_500


def gathered(checks: dict[str, Callable[[], Any]]) -> dict[str, Any]:
    """What each check gives, by name. Raises `InvalidField`, or `InvalidFields` with all of several at once."""
    checked = inputs.Checked()
    taken = {name: checked.take(check) for name, check in checks.items()}
    checked.done()
    return taken


def name(text: str) -> str:
    """The name on one line. Raises `InvalidField`."""
    kept = inputs.line(text)
    if not any(unicodedata.category(c) not in {"Cf", "Mn", "Zs"} for c in kept):
        raise errors.InvalidField(
            "name", "A package needs a name: it is what people choose and what tickets say."
        )
    if len(kept) > LIMIT:
        raise errors.InvalidField("name", f"The name has {len(kept)} letters; there is room for {LIMIT}.")
    return kept


def price(amount: Decimal) -> Decimal:
    """The amount with its hundredths. Raises `InvalidField`, and TypeError for what is no Decimal: a float has lost the
    hundredths already."""
    if not isinstance(amount, Decimal):
        raise TypeError(f"a price is a Decimal, not {type(amount).__name__}")
    if not amount.is_finite():
        raise errors.InvalidField(
            "price", "The price is not a number. Type an amount, or 0 for what is free."
        )
    if amount < 0:
        raise errors.InvalidField("price", "A price is not below 0. Type 0 for what is free.")
    if amount > money.LARGEST:
        raise errors.InvalidField(
            "price", f"The price is too high; {money.LARGEST:,} is the most there is room for."
        )
    cents = amount.quantize(Decimal("0.01"))
    if cents != amount:
        raise errors.InvalidField("price", "A price has hundredths at most, like 499.50.")
    return abs(cents)  # −0.00 is 0


def sellable(amount: Decimal, code: str) -> None:
    """Raises `InvalidField` for hundredths of a currency that has none: no desk could ever take that."""
    if code in money.WHOLE and amount != int(amount):
        raise errors.InvalidField(
            "price", f"{code} has no hundredths. Type a whole amount, or another currency."
        )


def duration(days: int, kind: str) -> int:
    """Days a subscription lasts; 0 for tickets. Raises `InvalidField`."""
    if kind == "event" and days != 0:
        raise errors.InvalidField(
            "duration_days", "A ticket lasts as long as its event. Only subscriptions have a number of days."
        )
    if kind == "subscription" and not 0 < days <= MOST_DAYS:
        raise errors.InvalidField(
            "duration_days", f"Say how many days the subscription lasts: 1 to {MOST_DAYS:,}."
        )
    return days


def capacity(seats: int | None, kind: str = "event") -> int | None:
    """How many seats; None for no limit. 0 is a package everybody waits for. Raises `InvalidField`."""
    if seats is None:
        return None
    if kind == "subscription":
        raise errors.InvalidField("capacity", NO_SEATS)
    if seats < 0:
        raise errors.InvalidField("capacity", "A package has 0 seats or more. Leave it empty for no limit.")
    if seats > MOST_SEATS:
        raise errors.InvalidField(
            "capacity", f"There is room for {MOST_SEATS:,} seats at most. Leave it empty for no limit."
        )
    return seats


NO_SEATS = "A subscription has no seats, so it has no capacity. Leave it empty."


def deadline(typed: datetime | None, zone: ZoneInfo, over: datetime | None, kind: str) -> datetime | None:
    """The moment in UTC; ``over`` is when the event is over, in UTC. Raises `InvalidField`, `UnclearTime`."""
    if typed is None:
        return None
    if kind == "subscription":
        raise errors.InvalidField(
            "deadline", "A subscription has no event, so there is no deadline to register by."
        )
    moment = times.to_utc(typed, zone, "deadline")
    if over is not None and moment > over:
        raise errors.InvalidField(
            "deadline",
            f"The deadline is after the event is over ({readable.full(over, zone)}). Choose an earlier time.",
        )
    return moment


def slug_for(event: str, package: str) -> str:
    """“monsoon-summit-vip”: the slug of the event, or its title, and the package's name (ruling 21). The event's part
    gives way where both are too long; a name that begins like the event does not say it twice. Without an event it is
    the name alone."""
    tail = slugs.readable(package, LONGEST_NAME if event else LIMIT) or "package"
    head = slugs.readable(event, LIMIT - len(tail) - 1 - slugs.ROOM_FOR_NUMBER)
    if not head or tail == head or tail.startswith(f"{head}-"):
        return tail
    return f"{head}-{tail}"
