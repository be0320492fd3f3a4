"""What people type: addresses, names, phone numbers."""

from __future__ import annotations

import pytest

from desktop import errors
from desktop.services import registering


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" A@B.ORG ", "a@b.org"),
        ("o'neil+tag@sub.example.co.uk", "o'neil+tag@sub.example.co.uk"),
        ("jose\u0301@example.org", "jos\u00e9@example.org"),
        ("用户@例子.广告", "用户@例子.广告"),
    ],
)
def test_an_address_is_trimmed_lower_case_and_composed(typed, kept):
    assert registering.clean_email(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "", "  ", "zoe", "zoe@", "@b.org", "zoe@b", "a b@c.org", "a@b@c.org", "a@b..org", "Zoë <a@b.org>",
        "a@b.org,c@d.org", "a\x00b@c.org", "a\x7f@c.org", "a\u200b@c.org", "x" * 250 + "@b.org",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused_in_a_sentence(typed):
    with pytest.raises(errors.InvalidField) as caught:
        registering.clean_email(typed)
    assert caught.value.field == "email"
    assert str(caught.value).endswith(".")


def test_a_name_has_single_blanks_and_no_control_characters():
    assert registering.clean_name(" Zoë\t\x00 \u2028 van  der\nBerg ") == "Zoë van der Berg"


def test_a_name_of_150_letters_fits_and_151_do_not():
    assert registering.clean_name("é" * 150) == "é" * 150
    with pytest.raises(errors.InvalidField, match="has 151 letters; there is room for 150") as caught:
        registering.clean_name("é" * 151)
    assert caught.value.field == "name"


@pytest.mark.parametrize(
    ("typed", "kept"), [("", ""), (" +49 (0)170/12-34.5 ", "+490170" + "12345"), ("0123456789", "0123456789")]
)
def test_a_phone_number_keeps_its_digits(typed, kept):
    assert registering.clean_phone(typed) == kept


@pytest.mark.parametrize("typed", ["call me", "12+34", "+", "1234567890123456", "١٢٣x"])
def test_what_is_no_phone_number_is_refused_in_a_sentence(typed):
    with pytest.raises(errors.InvalidField) as caught:
        registering.clean_phone(typed)
    assert caught.value.field == "phone"
    assert str(caught.value).endswith(".")
