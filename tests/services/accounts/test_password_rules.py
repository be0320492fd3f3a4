"""What may be a password, and in which form it is compared (ruling 25)."""

from __future__ import annotations

import unicodedata
from functools import partial

import pytest

from desktop import errors
from desktop.services import accounts

OLD = "correct horse battery"
NEW = "staple mountain river"


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("123456789", "at least 10"),
        ("e\u0301" * 9, "at least 10"),
        ("é" * 36 + "x", "72 bytes"),
        ("correct\nhorse battery", "cannot be typed"),
        ("correct horse\0battery", "cannot be typed"),
        ("correct horse \ud800battery", "cannot be typed"),
    ],
)
def test_what_may_not_be_a_password_is_refused_everywhere(word, said, database, building, admin, asha):
    """Ruling 25: longer than 72 bytes is refused when set, because bcrypt ignores the rest."""
    code = accounts.issue_reset(database, admin, asha.id).code
    for attempt in (
        partial(accounts.set_password, database, admin, asha.id, word),
        partial(accounts.change_password, database, asha, OLD, word),
        partial(accounts.reset_password, database, code, word),
        partial(accounts.first_admin, database, "ada", "ada@example.org", word),
    ):
        with pytest.raises(errors.InvalidField, match=said) as caught:
            attempt()
        assert caught.value.field == "password"
        assert word not in str(caught.value)
    assert accounts.reset_password(database, code, "a good one at last").username == "asha.menon"


def test_a_password_is_the_same_on_every_keyboard(database, admin, asha, sign_in):
    """“é” is one character on most keyboards, and two in what is pasted from some: bcrypt sees bytes."""
    composed = unicodedata.normalize("NFC", "crème brûlée ガ")
    apart = unicodedata.normalize("NFD", composed)
    assert composed != apart
    for stored, typed in ((composed, apart), (apart, composed)):
        accounts.set_password(database, admin, asha.id, stored)
        assert sign_in(password=typed).id == asha.id
        assert sign_in(password=stored).id == asha.id
    accounts.change_password(database, asha, apart, NEW)
    assert accounts.checked_password("é" * 36) == accounts.checked_password("e\u0301" * 36)


@pytest.mark.parametrize("typed", ["\ud800 lone surrogate", "x" * 100_000])
def test_whatever_is_typed_where_a_password_is_proven_is_merely_wrong(typed, change, sign_in):
    with pytest.raises(errors.SignInFailed):
        sign_in(password=typed)
    with pytest.raises(errors.SignInFailed):
        sign_in(login=typed[:100])
    with pytest.raises(errors.OldPasswordWrong):
        change(old=typed)
