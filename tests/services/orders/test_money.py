"""Sums: exact, in a currency that exists, never float."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

from desktop import errors
from desktop.services import money, orders, readable
from tests.services.orders.conftest import ZONE


@pytest.mark.parametrize(
    ("given", "exact"),
    [
        ("499.50", "499.50"),
        (" 1200 ", "1200.00"),
        (1200, "1200.00"),
        (Decimal("0.01"), "0.01"),
        ("99999999.99", "99999999.99"),
        ("0", "0.00"),
        ("007.5", "7.50"),
        ("499.5000", "499.50"),
    ],
)
def test_a_sum_is_taken_exactly(given, exact):
    assert str(money.amount(given, "INR")) == exact


@pytest.mark.parametrize("given", [499.5, 1.0, float("nan"), True, None, [1]])
def test_a_float_is_never_money(given):
    with pytest.raises(TypeError, match="never"):
        money.amount(given, "INR")


@pytest.mark.parametrize(
    ("given", "currency", "sentence"),
    [
        ("499.505", "INR", "499.505 has more than two decimals; money is recorded in hundredths."),
        ("-1", "INR", "An amount is not below zero. To give money back, refund the order."),
        ("100000000", "INR", "100000000 is too large; an order holds up to 99,999,999.99."),
        ("10.5", "JPY", "JPY has no hundredths; 10.5 cannot be paid in it."),
        ("", "INR", "“” is no amount; it looks like 1200 or 499.50."),
        ("1,200.00", "INR", "“1,200.00” is no amount; it looks like 1200 or 499.50."),
        ("1e3", "INR", "“1e3” is no amount; it looks like 1200 or 499.50."),
        ("NaN", "INR", "“NaN” is no amount; it looks like 1200 or 499.50."),
        ("Infinity", "INR", "“Infinity” is no amount; it looks like 1200 or 499.50."),
        ("٤٩٩", "INR", "“٤٩٩” is no amount; it looks like 1200 or 499.50."),
        ("9" * 400, "INR", "too large"),
    ],
)
def test_what_is_no_sum_is_refused_at_its_field(given, currency, sentence):
    with pytest.raises(errors.InvalidField, match=re.escape(sentence)) as caught:
        money.amount(given, currency)
    assert caught.value.field == "amount"


@pytest.mark.parametrize("given", ["NaN", "sNaN", "-Infinity", "1E+999999", "1E-999999", "-0.01"])
def test_a_decimal_that_no_order_holds_is_refused(given):
    with pytest.raises(errors.InvalidField):
        money.amount(Decimal(given), "INR")


@pytest.mark.parametrize("given", ["INR", "inr", " eur "])
def test_a_currency_is_its_code_in_capitals(given):
    assert money.currency(given) == given.strip().upper()


@pytest.mark.parametrize("given", ["", "RUPEES", "XXX", "IN", "₹", "INT"])
def test_what_is_no_currency_is_refused_at_its_field(given):
    with pytest.raises(errors.InvalidField, match="is no currency") as caught:
        money.currency(given)
    assert caught.value.field == "currency"


def test_a_payment_with_a_float_is_refused_before_anything_is_sent(database, organizer, everything, building):
    registration = building.registration(building.package(building.event(payment_required=True), price=500))
    before = everything()
    payment = orders.Payment("cash", 500.0, "INR", registration)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        orders.take_payment(database, organizer, payment, ZONE)
    assert everything() == before


@pytest.mark.parametrize(
    ("amount", "currency"),
    [
        ("499.50", "INR"),
        ("4500", "INR"),
        ("0", "EUR"),
        ("0.05", "USD"),
        ("1234567.80", "GBP"),
        ("80", "chf"),
        ("9", "JPY"),
    ],
)
def test_the_log_writes_money_as_the_window_does(amount, currency, building):
    written = building.value("SELECT greenroom.money(%s::numeric(10,2), %s)", amount, currency)
    assert written == readable.money(Decimal(amount), currency)
