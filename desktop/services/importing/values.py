"""What single cells mean: text, addresses, money, yes and no."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal, InvalidOperation

LARGEST_AMOUNT = Decimal("99999999.99")
"""DECIMAL(10,2), specification 2.3."""

SYMBOLS = {"€": "EUR", "£": "GBP", "₹": "INR", "$": "USD", "zł": "PLN", "fr": "CHF"}
FREE = {"free", "kostenlos", "gratis", "frei", "-", "–"}
BLANKS = "\t\n\v\f\r\x1c\x1d\x1e\x1f\x85\u2028\u2029"
"""Controls that separate words: they become a space; other controls are dropped."""

DIRECTIONS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
"""Marks and overrides of writing direction, and the byte order mark: a name can lie with them. The joiners
U+200C and U+200D stay, Persian and Indic names are spelt with them."""

YES = {"yes", "ja", "true", "wahr", "1", "x", "y", "oui", "si"}
NO = {"no", "nein", "false", "falsch", "0", "n", "non"}

_UNWANTED = re.compile(f"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff{DIRECTIONS}]")
_ADDRESS = re.compile(
    r"[^@\s,;:<>()\[\]\"]{1,64}@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W_](?:[\w-]{0,61}[^\W_])?"
)


def cleaned(text: str) -> tuple[str, bool]:
    """``text`` in NFC, trimmed, with single spaces and without characters that cannot be seen; and whether
    such characters were there.

    The apostrophe other exports put before ``= + - @`` against spreadsheet formulas is taken off again.
    """
    hidden = False
    if _UNWANTED.search(text):
        spaced = "".join(" " if letter in BLANKS else letter for letter in text)
        visible = _UNWANTED.sub("", spaced)
        hidden = visible != spaced
        text = visible
    text = " ".join(text.split())
    if text[:1] == "'" and text[1:2] in {"=", "+", "-", "@"}:
        text = text[1:]
    return unicodedata.normalize("NFC", text), hidden


def address(text: str) -> str:
    """An e-mail address as it is stored: trimmed and in lower case (ruling 13)."""
    return unicodedata.normalize("NFC", cleaned(text)[0].strip("\u200b\u200c\u200d ").lower())


def address_fault(address: str) -> str | None:
    """Why this cannot be an address, as the end of a sentence; None when it can."""
    if not address:
        return "is missing"
    if "@" not in address:
        return f"“{_short(address)}” has no @"
    if len(address) > 255:
        return f"has {len(address)} characters, and at most 255 are kept"
    if address.count("@") > 1 or any(mark in address for mark in ",;"):
        return f"“{_short(address)}” is more than one address"
    if _ADDRESS.fullmatch(address) is None or address[0] == "." or ".@" in address:
        return f"“{_short(address)}” is no complete address"
    return None


def phone(text: str) -> str:
    """A number without the blanks, dashes, dots, slashes and brackets people group it with."""
    return re.sub(r"[\s\-‐‑–./()\u00a0\u202f]", "", cleaned(text)[0])


def yes_or_no(text: str) -> bool | None:
    """True or False for the words people use; None for anything else."""
    word = text.strip().casefold()
    return True if word in YES else False if word in NO else None


def money(text: str) -> tuple[Decimal, str | None, bool] | None:
    """Amount, currency if the text names one, and whether its separator was a guess; None when unreadable.

    Understands “49.00”, “49,00”, “€ 49”, “1.234,56”, “1,234.56”, “1 234,56”, “1'234.50”, “EUR 49”, “Free”.
    A lone separator before exactly three digits is taken as the thousands'; that is the guess.
    """
    plain = cleaned(text)[0]
    if plain.casefold() in FREE:
        return Decimal("0.00"), None, False
    plain = re.sub(r"[.,](?:-+|[–—])", "", plain)  # “49,-”
    match = re.fullmatch(r"(\D*?)(\d(?:[\d.,'’\s]*\d)?)(\D*)", plain)
    if match is None:
        return None
    before, digits, after = match[1].strip(), re.sub(r"[\s'’]", "", match[2]), match[3].strip()
    if before and after:
        return None
    known, currency = _currency(before or after)
    if not known:
        return None
    number, guessed = _number(digits)
    try:
        amount = Decimal(number)
    except InvalidOperation:
        return None
    if amount != amount.quantize(Decimal("0.01")) or amount > LARGEST_AMOUNT:
        return None
    return amount.quantize(Decimal("0.01")), currency, guessed


def _number(digits: str) -> tuple[str, bool]:
    """``digits`` with a point for the decimals and nothing else."""
    point, comma = digits.rfind("."), digits.rfind(",")
    if point >= 0 and comma >= 0:
        thousands = "," if point > comma else "."
        return digits.replace(thousands, "").replace(",", "."), False
    mark = "." if point >= 0 else ","
    groups = digits.split(mark)
    if len(groups) > 2:
        regular = all(len(group) == 3 for group in groups[1:])
        return ("".join(groups) if regular else "?"), False
    if len(groups) == 2 and len(groups[1]) == 3 and groups[0].lstrip("0"):
        return "".join(groups), True
    return ".".join(groups), False


def _currency(word: str) -> tuple[bool, str | None]:
    """Whether ``word`` can stand beside an amount, and the currency it names."""
    if not word:
        return True, None
    code = SYMBOLS.get(word.casefold().rstrip(".")) or word.upper()
    return (True, code) if re.fullmatch(r"[A-Z]{3}", code) else (False, None)


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "…"
