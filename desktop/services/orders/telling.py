"""What the calls about money have in common: how they are sent, and what their answers mean."""

from __future__ import annotations

import unicodedata
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from desktop import errors
from desktop.db import beyond
from desktop.services import readable, zones
from desktop.services.registering import PAID_WITH

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from zoneinfo import ZoneInfo

    import sqlalchemy as sa

    from desktop.db.session import Database

LONGEST_REFERENCE = 100
HOW = {
    "cash": "in cash",
    "card": "by card",
    "upi": "by UPI",
    "bank transfer": "by bank transfer",
    "complimentary": "as complimentary",
    "import": "as an imported file says",
}


def send(database: Database, function: str, parameters: Mapping[str, Any]) -> sa.Row[Any]:
    """`Database.call` of a function that knows its operation's id: when the answer is lost it is asked once more, and
    tells what happened. When that fails, too, `DatabaseDown` with ``unknown_outcome``: the same operation may be sent
    again at any time."""
    try:
        return database.call(function, parameters)
    except errors.DatabaseDown as lost:
        if not lost.unknown_outcome:
            raise
        try:
            return database.call(function, parameters)
        except errors.AppError:
            raise lost from None


def paid_with(way: str) -> str:
    """One of `PAID_WITH`. Raises `InvalidField`."""
    if way not in PAID_WITH:
        raise errors.InvalidField("paid_with", f"Choose how it was paid: {', '.join(sorted(PAID_WITH))}.")
    return way


def reference(text: str) -> str | None:
    """The number on the receipt, of the transfer, …; None when there is none. Raises `InvalidField`."""
    kept = "".join(c if unicodedata.category(c) not in {"Cc", "Cf", "Zl", "Zp"} else " " for c in text)
    told = " ".join(kept.split())
    if len(told) > LONGEST_REFERENCE:
        raise errors.InvalidField(
            "reference", f"The reference has {len(told)} letters; there is room for {LONGEST_REFERENCE}."
        )
    return told or None


def what(answer: Mapping[str, Any]) -> str:
    """“Workshop pass” of “Monsoon Data Summit”, as the log says it; a subscription is of no event."""
    named = f"“{answer['package']}”"
    return f"{named} of “{answer['event']}”" if answer.get("event") else named


def told(by: Mapping[str, Any], answer: Mapping[str, Any], zone: ZoneInfo) -> str:
    """Who, how and when, of ``greenroom.handled``: “noor.door, in cash, Today 19:02”."""
    how = by.get("how", "")
    parts = [by.get("by"), HOW.get(how, f"online with {how}" if how else None)]
    if "at" in by:
        parts.append(readable.relative(moment(by["at"]), zones.named(answer.get("time_zone"), zone)))
    return ", ".join(part for part in parts if part) or "nobody wrote down by whom"


def moment(text: str) -> datetime:
    """A stored UTC time out of an answer."""
    return beyond.moment(text)


def wrong_amount(answer: Mapping[str, Any], given: Decimal, currency: str) -> errors.WrongAmount:
    """The sum that is due is another one."""
    due = Decimal(answer["amount"])
    return errors.WrongAmount(
        readable.money(given, currency),
        readable.money(due, answer["currency"]),
        less=given < due,
        other_currency=currency != answer["currency"].upper(),
    )
