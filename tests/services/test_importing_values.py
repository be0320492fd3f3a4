"""What single cells mean."""

from __future__ import annotations

import datetime as dt
import unicodedata
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop.services.importing import meanings, times, values
from desktop.services.importing.meanings import Meaning

BERLIN = ZoneInfo("Europe/Berlin")
KOLKATA = ZoneInfo("Asia/Kolkata")
YEARS = dt.datetime.fromisoformat("1990-01-01"), dt.datetime.fromisoformat("2036-01-01")


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [
        ("49.00", "49.00", None),
        ("49,00", "49.00", None),
        ("49", "49.00", None),
        ("0", "0.00", None),
        ("€ 49", "49.00", "EUR"),
        ("49 €", "49.00", "EUR"),
        ("EUR 49,50", "49.50", "EUR"),
        ("49.5 CHF", "49.50", "CHF"),
        ("Fr. 49.–", "49.00", "CHF"),
        ("49,-", "49.00", None),
        ("₹ 4,999.00", "4999.00", "INR"),
        ("1.234,56", "1234.56", None),
        ("1,234.56", "1234.56", None),
        ("1 234,56", "1234.56", None),
        ("1\u202f234,56", "1234.56", None),
        ("1'234.50", "1234.50", None),
        ("1.234.567", "1234567.00", None),
        ("12,34,567.00", "1234567.00", None),
        ("0.500", "0.50", None),
        ("Free", "0.00", None),
        ("kostenlos", "0.00", None),
    ],
)
def test_a_price_is_read_in_every_usual_spelling(text: str, amount: str, currency: str | None) -> None:
    assert values.money(text) == (Decimal(amount), currency, False)


@pytest.mark.parametrize("text", ["1.234", "1,234", "49.005 €"])
def test_a_lone_separator_before_three_digits_is_said_to_be_a_guess(text: str) -> None:
    read = values.money(text)

    assert read is not None
    assert read[2]
    assert read[0] >= 1000


@pytest.mark.parametrize(
    "text", ["", "abc", "-5", "5 apples", "1.2.3", "49.0051", "€ 49 €", "100000000", "1,23,4.5.6", "٣٤x"]
)
def test_what_is_no_price_is_not_guessed_at(text: str) -> None:
    assert values.money(text) is None


@given(st.decimals(0, values.LARGEST_AMOUNT, places=2))
def test_every_amount_survives_the_spellings_of_both_worlds(amount: Decimal) -> None:
    english = f"{amount:,.2f}"
    german = english.translate(str.maketrans(",.", ".,"))

    assert values.money(english) == (amount, None, False)
    assert values.money(german) == (amount, None, False)


@pytest.mark.parametrize(
    ("text", "clean", "hidden"),
    [
        ("  Zoë   Müller ", "Zoë Müller", False),
        ("Zoe\u0308", "Zoë", False),
        ("Ann\u202eEve", "AnnEve", True),
        ("Li\u2066na\u2069", "Lina", True),
        ("Bo\x07b", "Bob", True),
        ("two\r\nlines", "two lines", False),
        ("no\u00a0break", "no break", False),
        ("می\u200cخواهم", "می\u200cخواهم", False),
        ("'+49 170", "+49 170", False),
        ("'t Hooft", "'t Hooft", False),
        ("half\ud800", "half", True),
    ],
)
def test_a_text_is_freed_of_what_cannot_be_seen(text: str, clean: str, hidden: bool) -> None:
    assert values.cleaned(text) == (clean, hidden)


@given(st.text(st.characters(exclude_categories=())))
def test_a_cleaned_text_is_normal_printable_and_stays_as_it_is(text: str) -> None:
    clean, _ = values.cleaned(text)

    assert unicodedata.is_normalized("NFC", clean)
    assert not {unicodedata.category(letter) for letter in clean} & {"Cc", "Cs", "Zl", "Zp"}
    if not clean.startswith("'"):
        assert values.cleaned(clean) == (clean, False)


@pytest.mark.parametrize(
    "text",
    [
        "ada@example.org",
        "a.b+c_d@sub.example.co.uk",
        "o'neil@example.org",
        "jörg@müller.de",
        "用户@例子.公司",
        "x@a-b.io",
    ],
)
def test_an_address_is_taken(text: str) -> None:
    assert values.address_fault(values.address(f"  {text.upper()}\u200b ")) is None
    assert values.address(f" {text.upper()} ") == text


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "is missing"),
        ("ada", "has no @"),
        ("ada@", "is no complete address"),
        ("@example.org", "is no complete address"),
        ("ada@example", "is no complete address"),
        ("ada@example..org", "is no complete address"),
        ("ada@-example.org", "is no complete address"),
        (".ada@example.org", "is no complete address"),
        ("ada lovelace@example.org", "is no complete address"),
        ("<ada@example.org>", "is no complete address"),
        ("a@example.org; b@example.org", "is more than one address"),
        ("a@example.org,b@example.org", "is more than one address"),
        ("a@b@example.org", "is more than one address"),
        ("a" * 65 + "@example.org", "is no complete address"),
        ("a@" + "b" * 60 + ("." + "b" * 60) * 4 + ".org", "has 310 characters"),
    ],
)
def test_what_is_no_address_is_said_why(text: str, fault: str) -> None:
    assert fault in (values.address_fault(values.address(text)) or "")


def test_a_phone_number_loses_what_only_groups_it() -> None:
    assert values.phone("'+49 (0) 170/12-34.56") == "+490170123456"


@pytest.mark.parametrize(
    ("date", "time", "zone", "utc"),
    [
        ("2026-11-22 13:20", "", BERLIN, "2026-11-22 12:20:00"),
        ("2026-11-22", "13:20:05", BERLIN, "2026-11-22 12:20:05"),
        ("2026-11-22T13:20:05.123Z", "", BERLIN, "2026-11-22 13:20:05"),
        ("2026-11-22 13:20+0530", "", BERLIN, "2026-11-22 07:50:00"),
        ("2026-11-22 13:20 -03:00", "", BERLIN, "2026-11-22 16:20:00"),
        ("22.11.2026 13:20 Uhr", "", BERLIN, "2026-11-22 12:20:00"),
        ("22.11.26", "", BERLIN, "2026-11-21 23:00:00"),
        ("2. 7. 2026, 9:05", "", BERLIN, "2026-07-02 07:05:00"),
        ("2026/11/22 13:20", "", KOLKATA, "2026-11-22 07:50:00"),
        ("11/11/2026 1:20 PM", "", BERLIN, "2026-11-11 12:20:00"),
        ("2026-11-22", "12:05 a.m.", BERLIN, "2026-11-21 23:05:00"),
    ],
)
def test_a_moment_is_read_in_the_zone_of_the_event(date: str, time: str, zone: ZoneInfo, utc: str) -> None:
    assert times.moment(date, time, zone, "unknown") == times.Moment(dt.datetime.fromisoformat(utc))


def test_an_order_of_day_and_month_is_what_fits_the_whole_column() -> None:
    assert times.slash_order(["01/02/2026", "25/10/2026", "", "x"]) == "day first"
    assert times.slash_order(["01/02/2026", "10/25/2026"]) == "month first"
    assert times.slash_order(["01/02/2026 1:20 PM"]) == "month first"
    assert times.slash_order(["01/02/2026"]) == "unknown"
    assert times.slash_order(["25/10/2026", "10/25/2026"]) == "unknown"
    assert times.moment("05/01/2026", "", ZoneInfo("UTC"), "day first") == times.Moment(
        dt.datetime.fromisoformat("2026-01-05 00:00")
    )
    assert times.moment("05/01/2026", "", ZoneInfo("UTC"), "month first") == times.Moment(
        dt.datetime.fromisoformat("2026-05-01 00:00")
    )


@pytest.mark.parametrize(
    ("date", "time", "reason"),
    [
        ("05/01/2026", "", "can be read in two ways"),
        ("2026-13-01", "", "is no date of the calendar"),
        ("30.02.2026", "", "is no date of the calendar"),
        ("tomorrow", "", "is no date that is understood"),
        ("2026-11-22", "noon", "is no time of day"),
        ("2026-11-22", "25:00", "is no time of day"),
        ("2026-11-22 13:00 PM", "", "is no time of day"),
        ("46000", "", "is no date that is understood"),
        ("0001-01-01 00:00 +14:00", "", "is no date"),
    ],
)
def test_what_is_no_moment_is_said_why(date: str, time: str, reason: str) -> None:
    found = times.moment(date, time, BERLIN, "unknown")

    assert isinstance(found, str)
    assert reason in found


def test_a_time_that_happened_twice_is_the_first_and_remarked_upon() -> None:
    found = times.moment("2026-10-25", "02:15", BERLIN, "unknown")

    assert isinstance(found, times.Moment)
    assert found.utc == dt.datetime.fromisoformat("2026-10-25 00:15")
    assert found.remark is not None
    assert "happened twice in Europe/Berlin" in found.remark


def test_a_time_that_never_was_is_remarked_upon() -> None:
    found = times.moment("2026-03-29 02:30", "", BERLIN, "unknown")

    assert isinstance(found, times.Moment)
    assert found.utc == dt.datetime.fromisoformat("2026-03-29 01:30")
    assert found.remark is not None
    assert "did not exist in Europe/Berlin, the clocks went forward; kept as 03:30" in found.remark


@settings(deadline=None)
@given(
    st.datetimes(
        dt.datetime.fromisoformat("1990-01-01 00:00"), dt.datetime.fromisoformat("2036-01-01 00:00")
    ),
    st.sampled_from([BERLIN, KOLKATA]),
)
def test_a_moment_is_the_same_in_every_spelling(naive: dt.datetime, zone: ZoneInfo) -> None:
    naive = naive.replace(second=0, microsecond=0)
    spellings = [f"{naive:%Y-%m-%d %H:%M}", f"{naive:%d.%m.%Y %H:%M}", f"{naive:%Y/%m/%d %H:%M:%S}"]
    found = {times.moment(text, "", zone, "unknown") for text in spellings}

    assert len(found) == 1
    moment = found.pop()
    assert isinstance(moment, times.Moment)
    assert moment.remark or moment.utc.replace(tzinfo=dt.UTC).astimezone(zone).replace(tzinfo=None) == naive


@pytest.mark.parametrize(
    ("word", "meaning"),
    [
        ("", Meaning()),
        ("Paid", Meaning(payment="paid")),
        ("bezahlt", Meaning(payment="paid")),
        ("pending (overdue)", Meaning(payment="pending")),
        ("Canceled", Meaning("cancel")),
        ("CANCELLED", Meaning("cancel")),
        ("storniert", Meaning("cancel")),
        ("expired", Meaning("cancel")),
        ("Not Attending", Meaning("cancel")),
        ("refunded", Meaning("cancel", "refunded")),
        ("waiting list", Meaning("wait")),
        ("approved", Meaning()),
        ("Checked In", Meaning(attended=True)),
    ],
)
def test_the_words_of_other_systems_are_understood(word: str, meaning: Meaning) -> None:
    assert meanings.meaning(word) == meaning


def test_a_word_that_is_not_known_means_nothing() -> None:
    assert meanings.meaning("no show") is None
    assert meanings.meaning("zrušeno") is None


def test_every_status_named_in_a_refusal_is_known() -> None:
    assert all(meanings.meaning(word) is not None for word in meanings.KNOWN.split(","))


def test_a_status_and_a_payment_are_taken_together() -> None:
    assert meanings.together(Meaning(attended=True), Meaning(payment="paid")) == Meaning("seat", "paid", True)
    assert meanings.together(Meaning("cancel"), Meaning(payment="paid")) == Meaning("cancel", "paid")
    assert meanings.together(Meaning(), Meaning("cancel", "refunded")) == Meaning("cancel", "refunded")
    assert meanings.together(Meaning("wait"), Meaning()) == Meaning("wait")
