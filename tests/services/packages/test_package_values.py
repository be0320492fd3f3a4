"""What people type of a package."""

from __future__ import annotations

from contextlib import nullcontext
from decimal import Decimal

import pytest

from desktop import errors
from desktop.services import inputs
from desktop.services.packages import values


@pytest.mark.parametrize(
    ("typed", "stored"),
    [("0", "0.00"), ("-0", "0.00"), ("499.5", "499.50"), ("1E+3", "1000.00"), ("99999999.99", "99999999.99")],
)
def test_a_price_has_hundredths(typed, stored):
    assert str(values.price(Decimal(typed))) == stored


@pytest.mark.parametrize("typed", ["-0.01", "0.001", "100000000", "NaN", "Infinity", "sNaN", "1E+100"])
def test_what_is_no_price_is_refused(typed):
    with pytest.raises(errors.InvalidField) as caught:
        values.price(Decimal(typed))
    assert caught.value.field == "price"


@pytest.mark.parametrize("typed", [499.5, 5, "499.50", True])
def test_a_price_that_is_no_decimal_is_a_bug(typed):
    with pytest.raises(TypeError, match="Decimal"):
        values.price(typed)


@pytest.mark.parametrize(
    ("amount", "code", "fits"), [("100.50", "JPY", False), ("100", "JPY", True), ("9.90", "EUR", True)]
)
def test_a_price_no_desk_could_take_is_refused(amount, code, fits):
    with nullcontext() if fits else pytest.raises(errors.InvalidField, match="JPY has no hundredths"):
        values.sellable(Decimal(amount), code)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("Zoë’s  table", "Zoë’s table"),
        ("Zoe\u0308", "Zoë"),
        ("كرسي\u200cالشرف", "كرسي\u200cالشرف"),
        ("a\x00b\nc\u2028d", "a b c d"),
    ],
)
def test_a_name_is_one_line_and_keeps_its_letters(typed, stored):
    assert values.name(typed) == stored


@pytest.mark.parametrize("typed", ["", "  ", "\u200b\u200f", "\x00", "n" * 101])
def test_a_name_is_needed_and_has_a_hundred_letters(typed):
    with pytest.raises(errors.InvalidField) as caught:
        values.name(typed)
    assert caught.value.field == "name"


def test_a_description_keeps_its_lines_and_nothing_the_database_cannot_store():
    assert inputs.text(" first\r\n\tsecond\x00\rthird ") == "first\n\tsecond\nthird"
    assert inputs.text(" \n ") is None


@pytest.mark.parametrize(
    ("seats", "taken"), [(None, True), (0, True), (1_000_000, True), (1_000_001, False), (-1, False)]
)
def test_seats_are_none_or_up_to_a_million(seats, taken):
    if taken:
        assert values.capacity(seats) == seats
        return
    with pytest.raises(errors.InvalidField, match="Leave it empty for no limit"):
        values.capacity(seats)


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (
            errors.CapacityBelowSeats("VIP", 10, 12),
            "12 seats of “VIP” are held, more than 10. Nobody would lose a seat, and nobody new gets one until 3 are"
            " given back. Confirm that, or choose 12 or more.",
        ),
        (
            errors.CapacityBelowSeats("VIP", 0, 1),
            "1 seat of “VIP” is held, more than 0. Nobody would lose a seat, and nobody new gets one. Confirm that, or"
            " choose 1 or more.",
        ),
        (
            errors.PackageInUse("VIP", 1, 2, 3),
            "“VIP” cannot be deleted: 1 registration, 2 orders and 3 check-ins belong to it and are kept. Retire it"
            " instead; then it is no longer sold, and its history stays.",
        ),
        (
            errors.PackageInUse("VIP", elsewhere="coupons"),
            "“VIP” cannot be deleted: other records (coupons) belong to it and are kept. Retire it instead; then it is"
            " no longer sold, and its history stays.",
        ),
        (
            errors.PackageOccupied("VIP", 2, 1),
            "“VIP” cannot be moved to another event: it has 2 seats held and 1 person waiting, and they are for the"
            " event it belongs to. Make a package for the other event, and retire this one.",
        ),
        (
            errors.PackageOccupied("VIP", buying=1),
            "“VIP” cannot be moved to another event: 1 order without a registration is open or paid. Make a package for"
            " the other event, and retire this one.",
        ),
        (
            errors.SeatsUnpaid("VIP", 2, "₹500"),
            "“VIP” was free: 2 people hold seats of it without an order, and the door would ask for ₹500. Confirm that,"
            " or make another package at the new price and retire this one.",
        ),
    ],
)
def test_each_situation_names_the_thing_the_rule_and_the_way_out(error, sentence):
    assert str(error) == sentence
