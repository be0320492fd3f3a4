"""Signing in (rulings 24 and 25)."""

from __future__ import annotations

from functools import partial

import bcrypt
import pytest

from desktop import errors
from desktop.services import accounts

PASSWORD = "correct horse battery"


@pytest.mark.parametrize(
    "login", ["asha.menon", "ASHA.Menon", " asha.menon ", "asha@example.org", "ASHA@EXAMPLE.ORG"]
)
def test_a_user_name_or_an_address_opens_in_any_case(login, user, sign_in):
    made = user("organizer", "editor")
    actor = sign_in(login)
    assert (actor.id, actor.name, actor.email, actor.roles) == (
        made,
        "asha.menon",
        "Asha@Example.org",
        {"organizer", "editor"},
    )


def test_coming_in_is_remembered_and_logged(building, user, sign_in):
    made = user()
    sign_in()
    assert building.value(
        "SELECT abs(extract(epoch FROM timezone('UTC', now()) - last_login_at)) < 600 FROM users WHERE id = %s",
        made,
    )
    assert building.log() == [("auth.sign_in", "asha.menon signed in")]


def test_a_wrong_name_and_a_wrong_password_say_the_same(user, sign_in):
    user()
    with pytest.raises(errors.SignInFailed) as wrong_password:
        sign_in(password="wrong")
    with pytest.raises(errors.SignInFailed) as wrong_name:
        sign_in("nobody")
    assert str(wrong_password.value) == str(wrong_name.value)
    assert (
        str(wrong_name.value)
        == "Name or password is not right. Check both, or ask an admin. 4 tries left before a pause."
    )


def test_a_wrong_name_costs_a_bcrypt_check_too(monkeypatch, user, sign_in):
    user()
    checked = []
    hash_it = bcrypt.hashpw
    monkeypatch.setattr(bcrypt, "hashpw", lambda *given: checked.append(given) or hash_it(*given))
    for login, password in (("asha.menon", "wrong"), ("nobody", "wrong")):
        with pytest.raises(errors.SignInFailed):
            sign_in(login, password)
    assert len(checked) == 2


def test_the_stand_in_of_a_wrong_name_costs_as_much_as_a_real_password(user, sign_in, monkeypatch):
    user()
    salts = []
    hashed = bcrypt.hashpw
    monkeypatch.setattr(bcrypt, "hashpw", lambda typed, salt: salts.append(salt) or hashed(typed, salt))
    for login in ("asha.menon", "nobody 8", "nobody 9", "nobody 10"):
        with pytest.raises(errors.SignInFailed):
            sign_in(login, "wrong")
    assert {salt[:7] for salt in salts} <= {b"$2b$04$", b"$2b$12$"}
    assert len(set(salts)) == 4


@pytest.mark.parametrize(
    ("login", "password", "field"), [("", "x", "login"), ("  ", "x", "login"), ("a", "", "password")]
)
def test_nothing_typed_is_asked_for_and_not_counted(login, password, field, building, sign_in):
    with pytest.raises(errors.InvalidField) as caught:
        sign_in(login, password)
    assert caught.value.field == field
    assert building.rows("SELECT FROM greenroom.sign_in_attempts") == []


@pytest.mark.parametrize(
    "login", ["".join(map(str, range(3000))), "as\x00ha", "\x00x", "'; DROP TABLE users; --", "🦊" * 3000]
)
def test_whatever_is_typed_as_a_name_is_merely_wrong(login, user, sign_in):
    user()
    with pytest.raises(errors.SignInFailed):
        sign_in(login)


@pytest.mark.parametrize("password", ["wrong\x00", "\x00", "🦊" * 100])
def test_whatever_is_typed_as_a_password_is_merely_wrong(password, user, sign_in):
    user()
    with pytest.raises(errors.SignInFailed):
        sign_in(password=password)


def test_a_stored_text_that_is_no_hash_opens_nothing(user, sign_in):
    user(password_hash=PASSWORD)
    with pytest.raises(errors.SignInFailed):
        sign_in()


def test_the_sixth_wrong_password_waits_even_if_it_is_right(user, sign_in, end_of_pause):
    user()
    left = []
    for _ in range(5):
        with pytest.raises(errors.SignInFailed) as caught:
            sign_in(password="wrong")
        left.append(caught.value.tries_left)
    assert left == [4, 3, 2, 1, 0]
    with pytest.raises(errors.SignInPaused) as paused:
        sign_in()
    assert 25 <= paused.value.seconds <= 30
    assert "Wait" in str(paused.value)
    end_of_pause()
    assert sign_in().name == "asha.menon"


def test_a_name_nobody_has_waits_just_the_same(sign_in):
    for _ in range(5):
        with pytest.raises(errors.SignInFailed):
            sign_in("nobody")
    with pytest.raises(errors.SignInPaused):
        sign_in("NOBODY ")


def test_trying_during_the_pause_does_not_make_it_longer(building, user, sign_in, failures):
    user()
    building.do(
        "INSERT INTO greenroom.sign_in_attempts VALUES (session_user || ' asha.menon', 5,"
        " timezone('UTC', now()) + interval '20 s', timezone('UTC', now()))"
    )
    for _ in range(3):
        with pytest.raises(errors.SignInPaused) as caught:
            sign_in()
        assert caught.value.seconds <= 20
    assert failures() == 5


def test_each_further_wrong_password_doubles_the_pause_up_to_a_quarter_of_an_hour(
    building, user, sign_in, end_of_pause
):
    user()
    pauses = []
    for _ in range(11):
        with pytest.raises(errors.SignInFailed):
            sign_in(password="wrong")
        pauses.append(
            building.value(
                "SELECT round(extract(epoch FROM blocked_until - last_at))::int FROM greenroom.sign_in_attempts"
            )
        )
        end_of_pause()
    assert pauses == [None, None, None, None, 30, 60, 120, 240, 480, 900, 900]


def test_the_right_password_forgets_the_wrong_ones(user, sign_in, failures):
    user()
    for _ in range(4):
        with pytest.raises(errors.SignInFailed):
            sign_in(password="wrong")
    sign_in()
    assert failures() == 0


def test_an_hour_of_quiet_forgets_the_wrong_ones(building, user, sign_in):
    user()
    for _ in range(5):
        with pytest.raises(errors.SignInFailed):
            sign_in(password="wrong")
    building.do(
        "UPDATE greenroom.sign_in_attempts SET last_at = last_at - interval '61 min', blocked_until = last_at"
    )
    with pytest.raises(errors.SignInFailed) as caught:
        sign_in(password="wrong")
    assert caught.value.tries_left == 4


def test_somebody_elses_wrong_passwords_are_not_mine(user, sign_in):
    user()
    for _ in range(5):
        with pytest.raises(errors.SignInFailed):
            sign_in("nobody")
    assert sign_in().name == "asha.menon"


def test_parallel_guesses_are_all_counted(database, user, at_once, failures):
    user()
    guess = partial(accounts.sign_in, database, "asha.menon", "wrong")
    results = at_once(*[guess] * 12)
    assert sum(isinstance(result, errors.SignInFailed) for result in results) == 5
    assert sum(isinstance(result, errors.SignInPaused) for result in results) == 7
    assert failures() == 5


def test_one_person_may_come_in_on_four_computers_at_once(database, user, at_once, failures):
    user()
    for _ in range(10):
        results = at_once(*[partial(accounts.sign_in, database, "asha.menon", PASSWORD)] * 4)
        assert [result for result in results if isinstance(result, Exception)] == []
    assert failures() == 0


def test_an_account_that_was_deactivated_stays_outside(user, sign_in):
    user(status="inactive")
    with pytest.raises(errors.SignInRefused, match="deactivated"):
        sign_in()


def test_an_account_without_a_role_stays_outside(building, user, sign_in):
    user()
    building.do("DELETE FROM user_roles")
    with pytest.raises(errors.SignInRefused, match="no role"):
        sign_in()


def test_a_role_the_website_invented_opens_nothing(building, user, sign_in):
    made = user()
    building.do("DELETE FROM user_roles")
    building.do("INSERT INTO roles (name) VALUES ('reader')")
    building.do("INSERT INTO user_roles SELECT %s, id FROM roles WHERE name = 'reader'", made)
    with pytest.raises(errors.SignInRefused, match="no role"):
        sign_in()


@pytest.mark.parametrize("columns", [{"status": "inactive"}, {"username": "roleless"}])
def test_whoever_does_not_know_the_password_is_not_told_about_the_account(columns, building, user, sign_in):
    user(**columns)
    building.do("DELETE FROM user_roles WHERE user_id = (SELECT id FROM users WHERE username = 'roleless')")
    with pytest.raises(errors.SignInFailed):
        sign_in(columns.get("username", "asha.menon"), "wrong")


def test_a_right_password_that_is_refused_is_not_counted_as_a_wrong_one(user, sign_in, failures):
    user(status="inactive")
    for _ in range(7):
        with pytest.raises(errors.SignInRefused):
            sign_in()
    assert failures() == 0


@pytest.mark.parametrize("provider", ["google", "github", "apple"])
def test_somebody_who_signs_in_elsewhere_is_told_why_and_what_to_do(provider, user, sign_in):
    user(oauth_provider=provider, oauth_provider_id="1", password_hash=None)
    with pytest.raises(errors.SignInRefused, match=f"through {provider.title()} .* “Forgot password”"):
        sign_in()


def test_an_oauth_account_with_a_password_of_its_own_may_use_it(user, sign_in):
    user(oauth_provider="google", oauth_provider_id="1")
    assert sign_in().name == "asha.menon"


def test_a_guest_who_only_ever_bought_a_ticket_cannot_sign_in_and_is_not_given_away(user, sign_in):
    user(password_hash=None)
    with pytest.raises(errors.SignInFailed) as guest:
        sign_in()
    with pytest.raises(errors.SignInFailed) as nobody:
        sign_in("nobody")
    assert str(guest.value) == str(nobody.value)
