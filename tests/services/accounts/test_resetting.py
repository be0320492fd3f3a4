"""Reset codes, issued here and by the website (specification 2.7, rulings 25 and 26)."""

from __future__ import annotations

import hashlib
from functools import partial
from uuid import UUID, uuid4

import pytest

from desktop import errors
from desktop.services import accounts

OLD = "correct horse battery"
NEW = "staple mountain river"
NOW = "timezone('UTC', now())"


def _unused(building):
    return building.value("SELECT count(*) FROM password_resets WHERE NOT is_used")


def _hash(building, account):
    return building.value("SELECT password_hash FROM users WHERE id = %s", account)


def test_a_code_sets_a_password_once_within_a_quarter_of_an_hour(
    database, building, admin, asha, reset, sign_in
):
    """Specification 2.7: single use, and it expires."""
    code = accounts.issue_reset(database, admin, asha.id)
    row = building.row(
        "SELECT *, extract(epoch FROM expires_at - created_at) AS lasts,"
        f" abs(extract(epoch FROM created_at - {NOW})) AS ago FROM password_resets"
    )
    assert (row["reset_token"], row["user_id"], row["is_used"]) == (UUID(code.code), asha.id, False)
    assert (row["expires_at"], int(row["lasts"])) == (code.expires_at, 900)
    assert row["ago"] < 60

    done = reset(code.code)

    assert (done.username, done.email, done.provider) == ("asha.menon", "Asha@Example.org", "local")
    assert sign_in(password=NEW).id == asha.id
    with pytest.raises(errors.SignInFailed):
        sign_in(password=OLD)
    with pytest.raises(errors.ResetRefused, match="used already, or has run out"):
        reset(code.code, "another good one")
    assert sign_in(password=NEW).id == asha.id
    assert [line for line in building.log(asha.id) if line[0].startswith("staff.")] == [
        (
            "staff.issue_reset",
            "Issued a code with which asha.menon (Asha@Example.org) may set a password within 15 minutes",
        ),
        ("staff.reset_password", "asha.menon (Asha@Example.org) set a new password with a code"),
    ]


def test_a_code_of_the_websites_is_taken_and_the_website_sees_it_used(
    building, website, reset, asha, sign_in
):
    code = website()
    reset(code)
    assert building.value("SELECT is_used FROM password_resets WHERE reset_token = %s", code)
    assert sign_in(password=NEW).id == asha.id


@pytest.mark.parametrize(
    "typed",
    [
        "{}",
        "  {}\n",
        "{{{}}}",
        "https://greenroom.example.org/reset/{}?utm=mail",
        "Your code is {}. Do not share it.",
    ],
)
@pytest.mark.parametrize("form", [str, lambda code: code.upper(), lambda code: code.replace("-", "")])
def test_a_code_may_be_pasted_with_what_is_around_it(form, typed, website, reset):
    assert reset(typed.format(form(website()))).username == "asha.menon"


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "hello",
        "a" * 31,
        "f" * 33,
        "6f1c8f0e-3c5e-4c53-9a57-1f1f7f6b2c11 0d8e5b7a-9a0f-4a35-8f57-5b1f3a6c2d22",
        "\ud800",
        "é" * 3000,
    ],
)
def test_what_is_no_code_is_not_counted_and_not_quoted(typed, building, reset):
    with pytest.raises(errors.InvalidField, match="the whole code") as caught:
        reset(typed)
    assert caught.value.field == "code"
    assert building.rows("SELECT FROM greenroom.sign_in_attempts") == []


def test_a_new_request_ends_the_older_ones_the_websites_too(database, building, admin, asha, website, reset):
    old = [website(), accounts.issue_reset(database, admin, asha.id).code]
    new = accounts.issue_reset(database, admin, asha.id).code
    assert _unused(building) == 1
    for code in old:
        with pytest.raises(errors.ResetRefused):
            reset(code)
    reset(new)


@pytest.mark.parametrize(
    "how",
    [
        lambda database, admin, asha: accounts.set_password(database, admin, asha.id, "set by an admin"),
        lambda database, admin, asha: accounts.change_password(database, asha, OLD, "changed by herself"),
        lambda database, admin, asha: accounts.deactivate(database, admin, asha.id),
    ],
)
def test_a_new_password_and_deactivating_end_every_code(how, database, building, admin, asha, website):
    """A mail that somebody else reads later opens nothing."""
    website()
    accounts.issue_reset(database, admin, asha.id)
    website()
    how(database, admin, asha)
    assert _unused(building) == 0


@pytest.mark.parametrize(
    "spoil",
    [
        f"UPDATE password_resets SET expires_at = {NOW}",
        f"UPDATE password_resets SET expires_at = {NOW} - interval '1 s'",
        "UPDATE password_resets SET is_used = true",
        "DELETE FROM password_resets",
        "UPDATE password_resets SET reset_token = gen_random_uuid()",
    ],
)
def test_a_code_that_has_run_out_or_was_used_sets_nothing(spoil, building, asha, website, reset):
    code, before = website(), _hash(building, asha.id)
    building.do(spoil)
    with pytest.raises(errors.ResetRefused, match="4 tries left") as caught:
        reset(code)
    assert (caught.value.field, caught.value.tries_left) == ("code", 4)
    assert code not in str(caught.value)
    assert _hash(building, asha.id) == before


def test_wrong_codes_are_counted_whatever_they_are(building, website, reset, sign_in, end_of_pause):
    """Ruling 25: the sixth waits even if it is right, and the pause doubles; passwords are counted apart."""
    code = website()
    left = []
    for _ in range(5):
        with pytest.raises(errors.ResetRefused) as caught:
            reset(str(uuid4()))
        left.append(caught.value.tries_left)
    assert left == [4, 3, 2, 1, 0]
    with pytest.raises(errors.SignInPaused, match="Too many wrong codes") as paused:
        reset(code)
    assert 25 <= paused.value.seconds <= 30
    assert sign_in().name == "asha.menon"
    end_of_pause()
    with pytest.raises(errors.ResetRefused):
        reset(str(uuid4()))
    with pytest.raises(errors.SignInPaused) as paused:
        reset(code)
    assert 55 <= paused.value.seconds <= 60
    end_of_pause()
    assert reset(code).username == "asha.menon"
    assert building.rows("SELECT FROM greenroom.sign_in_attempts WHERE login LIKE '%% RESET'") == []


def test_nobody_pauses_codes_by_signing_in_as_reset(building, website, reset, sign_in):
    for login in ("RESET", "reset"):
        for _ in range(3):
            with pytest.raises((errors.SignInFailed, errors.SignInPaused)):
                sign_in(login, "wrong")
    assert reset(website()).username == "asha.menon"


def test_parallel_guesses_are_all_counted(reset, at_once, asha):
    """Ruling 25: under the row's lock."""
    results = at_once(*(partial(reset, str(uuid4())) for _ in range(10)))
    assert sum(isinstance(one, errors.ResetRefused) for one in results) == 5
    assert sum(isinstance(one, errors.SignInPaused) for one in results) == 5


def test_a_guess_that_is_rolled_back_is_not_answered(building, website):
    """Ruling 25: as with passwords, what came of a try is for a later transaction."""
    code = website()
    proof = hashlib.sha256(UUID(code).bytes).digest()
    hashed = "$2b$12$" + "." * 53
    with building.connect(autocommit=False) as guessing:
        tried = guessing.execute("SELECT try_id FROM greenroom.reset_try(%s)", (proof,)).fetchone()
        told = guessing.execute(
            "SELECT outcome FROM greenroom.reset_password(%s, %s)", (tried["try_id"], hashed)
        ).fetchone()
        guessing.rollback()
    assert told["outcome"] == "wrong"
    assert _unused(building) == 1


def test_a_try_of_a_code_signs_nobody_in_and_one_of_a_password_resets_nothing(building, website, asha):
    """The two are kept in one table, and are not to be mixed up."""
    proof = hashlib.sha256(UUID(website()).bytes).digest()
    tried = building.row("SELECT try_id FROM greenroom.reset_try(%s)", proof)["try_id"]
    told = building.row("SELECT outcome, user_id FROM greenroom.sign_in(%s)", tried)
    assert tuple(told.values()) == ("wrong", None)

    website(id=asha.id)  # as if the website numbered them alike
    hashed = _hash(building, asha.id)
    tried = building.row(
        "SELECT try_id FROM greenroom.sign_in_try('asha.menon', sha256(convert_to(%s, 'UTF8')))", hashed
    )["try_id"]
    told = building.row("SELECT outcome FROM greenroom.reset_password(%s, %s)", tried, "$2b$12$" + "." * 53)
    assert told["outcome"] == "wrong"
    assert _hash(building, asha.id) == hashed


def test_a_customers_code_stays_good_for_the_website(building, website, reset):
    """Ruling 24: without a role there is nothing here to set a password for."""
    customer = building.user(password_hash=None)
    code = website(customer)
    with pytest.raises(errors.ResetRefused, match="Use it on the website"):
        reset(code)
    assert (_unused(building), _hash(building, customer), building.log()) == (1, None, [])


def test_a_code_of_a_deactivated_account_is_kept(building, asha, website, reset):
    code, before = website(), _hash(building, asha.id)
    building.do("UPDATE users SET status = 'inactive' WHERE id = %s", asha.id)
    with pytest.raises(errors.ResetRefused, match="deactivated"):
        reset(code)
    assert (_unused(building), _hash(building, asha.id)) == (1, before)


def test_no_code_is_issued_for_a_deactivated_account(database, building, admin, asha):
    building.do("UPDATE users SET status = 'inactive' WHERE id = %s", asha.id)
    with pytest.raises(errors.Deactivated, match="Reactivate it, then"):
        accounts.issue_reset(database, admin, asha.id)
    assert building.rows("SELECT FROM password_resets") == []


def test_a_code_gives_an_account_that_signs_in_elsewhere_a_password_of_its_own(
    database, building, admin, user, reset, sign_in
):
    """Ruling 24: it is said so, and on the website nothing changes."""
    made = user("door", username="noor", oauth_provider="apple", oauth_provider_id="1", password_hash=None)
    code = accounts.issue_reset(database, admin, made)
    assert (code.username, code.provider) == ("noor", "apple")
    assert reset(code.code).provider == "apple"
    assert sign_in("noor", NEW).id == made
    assert building.value("SELECT oauth_provider_id FROM users WHERE id = %s", made) == "1"


def test_a_pause_ends_with_the_new_password(database, admin, asha, reset, sign_in):
    for _ in range(5):
        with pytest.raises(errors.SignInFailed):
            sign_in(password="wrong")
    reset(accounts.issue_reset(database, admin, asha.id).code)
    assert sign_in(password=NEW).id == asha.id
