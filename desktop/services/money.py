"""Sums of money as they are taken: exact, in a currency that exists, with no more decimals than it has."""

from __future__ import annotations

import re
from decimal import Decimal

from desktop import errors

LARGEST = Decimal("99999999.99")
"""What `orders.amount_paid`, DECIMAL(10,2), holds."""

LONGEST = 40
"""Characters of a wrong amount that are repeated."""

_CODES = (
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF"
    " CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG"
    " HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA"
    " MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD"
    " RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX"
    " USD UYU UZS VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWG"
)
CODES = frozenset(_CODES.split())
"""The currencies of ISO 4217 that people pay with."""

_WHOLE = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
WHOLE = frozenset(_WHOLE.split())
"""Currencies without hundredths."""


def amount(value: Decimal | int | str, currency: str) -> Decimal:
    """The sum with two decimals, as typed: “499.50”, “1200”. Raises `InvalidField` for what is no sum of that
    currency, and TypeError for a float, which holds no hundredths: 0.1 + 0.2 is not 0.3."""
    if isinstance(value, float | bool) or not isinstance(value, Decimal | int | str):
        raise TypeError(f"money is Decimal, never {type(value).__name__}")
    text = str(value).strip()
    if isinstance(value, Decimal):
        sum_ = value
    elif re.fullmatch(r"[+-]?\d+(\.\d*)?", text, re.ASCII):
        sum_ = Decimal(text)
    else:
        sum_ = Decimal("NaN")
    text = text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
    if not sum_.is_finite():
        raise errors.InvalidField("amount", f"“{text}” is no amount; it looks like 1200 or 499.50.")
    if sum_ < 0:
        raise errors.InvalidField(
            "amount", "An amount is not below zero. To give money back, refund the order."
        )
    if sum_ > LARGEST:
        raise errors.InvalidField("amount", f"{text} is too large; an order holds up to {LARGEST:,}.")
    exact = sum_.quantize(Decimal("0.01"))
    if exact != sum_:
        raise errors.InvalidField(
            "amount", f"{text} has more than two decimals; money is recorded in hundredths."
        )
    if currency in WHOLE and exact != int(exact):
        raise errors.InvalidField("amount", f"{currency} has no hundredths; {text} cannot be paid in it.")
    return exact


def currency(text: str) -> str:
    """The code in capitals: “INR”. Raises `InvalidField` when there is no such currency."""
    code = text.strip().upper()
    if code not in CODES:
        raise errors.InvalidField(
            "currency", f"“{text.strip()[:20]}” is no currency; it looks like INR, EUR or USD."
        )
    return code
