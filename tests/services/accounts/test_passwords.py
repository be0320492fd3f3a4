"""New passwords: one's own, and those an admin sets (rulings 25 and 26)."""

from __future__ import annotations

from functools import partial
from uuid import uuid4

import bcrypt
import pytest

from desktop import errors
from desktop.db.session import Actor
from desktop.services import accounts
from desktop.services.accounts import passwords

OLD = "correct horse battery"
NEW = "staple mountain river"


def _hash(building, account):
    return building.value("SELECT password_hash FROM users WHERE id = %s", account)


def test_whoever_proves_the_old_password_has_a_new_one(building, asha, change, sign_in):
    change()
    assert sign_in(password=NEW).id == asha.id
    with pytest.raises(errors.SignInFailed):
        sign_in(password=OLD)
    assert building.log(asha.id) == [
        ("staff.change_password", "asha.menon (Asha@Example.org) changed the password")
    ]


def test_a_wrong_old_password_is_counted_with_those_of_signing_in(
    building, asha, change, sign_in, failures, end_of_pause
):
    """Ruling 25: changing a password is no second door to guess at."""
    before = _hash(building, asha.id)
    for left in (4, 3, 2):
        with pytest.raises(errors.OldPasswordWrong, match=f"{left} tries left") as caught:
            change("wrong")
        assert (caught.value.field, caught.value.tries_left) == ("old", left)
    for _ in range(2):
        with pytest.raises(errors.SignInFailed):
            sign_in(password="wrong")
    for attempt in (change, sign_in):
        with pytest.raises(errors.SignInPaused):
            attempt()
    assert failures() == 5
    assert _hash(building, asha.id) == before
    assert building.log(asha.id) == []
    end_of_pause()
    change()
    assert failures() == 0


def test_parallel_guesses_at_the_old_password_are_all_counted(building, asha, change, at_once, failures):
    """Ruling 25: under the row's lock."""
    results = at_once(*[partial(change, "wrong")] * 10)
    assert sum(isinstance(one, errors.OldPasswordWrong) for one in results) == 5
    assert sum(isinstance(one, errors.SignInPaused) for one in results) == 5
    assert failures() == 5


@pytest.mark.parametrize(
    ("old", "new", "field"), [("", NEW, "old"), (OLD, OLD, "password"), (OLD, "short", "password")]
)
def test_what_needs_no_proof_is_said_without_counting(old, new, field, building, change):
    with pytest.raises(errors.InvalidField) as caught:
        change(old, new)
    assert caught.value.field == field
    assert building.rows("SELECT FROM greenroom.sign_in_attempts") == []


def test_two_changes_at_once_both_prove_and_one_of_them_is_too_late(building, asha, change, sign_in, at_once):
    """The proof is compared again under the account's lock."""
    wanted = ["staple mountain river 1", "staple mountain river 2"]
    results = at_once(*(partial(change, new=one) for one in wanted))
    won = [one for one, result in zip(wanted, results, strict=True) if result is None]
    assert len(won) == 1, results
    assert sign_in(password=won[0]).id == asha.id
    assert len([line for line in building.log(asha.id) if line[0] == "staff.change_password"]) == 1


def test_a_proof_of_somebody_else_changes_nothing(database, building, asha, user, admin):
    other = user("door", username="noor", email="noor@example.org")
    salt = database.call("sign_in_salt", {"p_login": "noor"}).salt
    proof = passwords.proof(OLD, salt)
    tried = database.call("sign_in_try", {"p_login": "noor", "p_proof": proof})
    before = [_hash(building, one) for one in (asha.id, other)]
    done = database.call(
        "change_password",
        {"p_actor": asha.id, "p_try": tried.try_id, "p_proof": proof, "p_hash": passwords.hashed(NEW)},
    )
    assert done.outcome == "wrong"
    assert [_hash(building, one) for one in (asha.id, other)] == before


@pytest.mark.parametrize("tried", [None, uuid4()])
def test_without_a_counted_try_a_right_proof_is_worth_nothing(tried, database, building, asha):
    """Ruling 25: nothing compares a password without counting it."""
    salt = database.call("sign_in_salt", {"p_login": "asha.menon"}).salt
    done = database.call(
        "change_password",
        {
            "p_actor": asha.id,
            "p_try": tried,
            "p_proof": passwords.proof(OLD, salt),
            "p_hash": passwords.hashed(NEW),
        },
    )
    assert done.outcome == "wrong"


def test_a_try_in_the_same_transaction_is_not_answered(building, asha):
    """Ruling 25: else one would guess, and roll back uncounted."""
    hashed = _hash(building, asha.id)
    with building.connect(autocommit=False) as guessing:
        proof = passwords.proof(OLD, hashed[:29])
        (tried,) = guessing.execute(
            "SELECT try_id FROM greenroom.sign_in_try('asha.menon', %s)", (proof,)
        ).fetchall()
        done = guessing.execute(
            "SELECT outcome FROM greenroom.change_password(%s, %s, %s, %s)",
            (asha.id, tried["try_id"], proof, passwords.hashed(NEW)),
        ).fetchone()
        guessing.rollback()
    assert done["outcome"] == "wrong"


def test_somebody_whose_name_an_older_account_has_in_other_letters_proves_their_own(database, building, user):
    """Names are compared without case here, and with it on the website."""
    user("door", username="Asha.Menon", email="elder@example.org", created_at="2020-01-01")
    mine = user("editor", username="asha.menon", email="younger@example.org")
    actor = Actor(mine, "asha.menon", "younger@example.org", frozenset({"editor"}))
    accounts.change_password(database, actor, OLD, NEW)
    assert accounts.sign_in(database, "younger@example.org", NEW).id == mine


@pytest.mark.parametrize(
    ("provider", "said"), [("google", "through Google"), ("local", "has no password to change")]
)
def test_whoever_signs_in_elsewhere_is_told_that_there_is_no_password_to_change(
    provider, said, database, building, organizer
):
    """Ruling 24."""
    building.do("UPDATE users SET oauth_provider = %s WHERE id = %s", provider, organizer.id)
    with pytest.raises(errors.NoPassword, match=f"{said}.*Ask an admin to set one"):
        accounts.change_password(database, organizer, OLD, NEW)


@pytest.mark.parametrize("fixture", ["admin", "organizer", "door", "editor"])
def test_everybody_on_the_staff_may_change_their_own(fixture, request, database, building):
    actor = request.getfixturevalue(fixture)
    building.do(
        "UPDATE users SET password_hash = %s WHERE id = %s",
        bcrypt.hashpw(OLD.encode(), bcrypt.gensalt(4)).decode(),
        actor.id,
    )
    accounts.change_password(database, actor, OLD, NEW)
    assert accounts.sign_in(database, actor.email, NEW).id == actor.id


def test_somebody_without_a_role_or_deactivated_changes_nothing(database, building, asha, change):
    building.do("DELETE FROM user_roles WHERE user_id = %s", asha.id)
    with pytest.raises(errors.NotAllowed):
        change()
    building.do("UPDATE users SET status = 'inactive'")
    with pytest.raises(errors.AccountClosed):
        change()
    assert building.rows("SELECT FROM greenroom.sign_in_attempts") == []


def test_an_admin_sets_somebodys_password_which_ends_their_pause(
    database, building, admin, asha, sign_in, failures
):
    for login in ("asha.menon", "asha@example.org"):
        for _ in range(5):
            with pytest.raises(errors.SignInFailed):
                sign_in(login, "wrong")
    for _ in range(3):
        with pytest.raises(errors.SignInFailed):
            sign_in("a.menon", "wrong")

    done = accounts.set_password(database, admin, asha.id, NEW)

    assert (done.username, done.active, done.provider) == ("asha.menon", True, "local")
    assert sign_in(password=NEW).id == asha.id
    assert sign_in("asha@example.org", NEW).id == asha.id
    assert failures("a.menon") == 3
    assert building.log(asha.id)[0] == (
        "staff.set_password",
        "Set a new password for asha.menon (Asha@Example.org)",
    )


def test_a_password_for_somebody_who_signs_in_elsewhere_is_one_more_way_in(
    database, building, admin, user, sign_in
):
    """Ruling 24: the account stays the provider's on the website."""
    made = user("door", username="noor", oauth_provider="google", oauth_provider_id="1", password_hash=None)
    with pytest.raises(errors.SignInRefused, match="through Google"):
        sign_in("noor", NEW)
    assert accounts.set_password(database, admin, made, NEW).provider == "google"
    assert sign_in("noor", NEW).id == made
    row = building.row("SELECT oauth_provider, oauth_provider_id FROM users WHERE id = %s", made)
    assert tuple(row.values()) == ("google", "1")
    assert building.log(made)[0][1].endswith(", who had none")


def test_an_admin_proves_their_own_password_like_everybody(database, building, user):
    """An unattended desk is not enough to take an admin's account over."""
    actor = Actor(user("admin"), "asha.menon", "Asha@Example.org", frozenset({"admin"}))
    before = _hash(building, actor.id)
    for attempt in (partial(accounts.set_password, password=NEW), accounts.issue_reset):
        with pytest.raises(errors.OwnAccount, match="with the old one"):
            attempt(database, actor, actor.id)
    assert _hash(building, actor.id) == before
    assert building.rows("SELECT FROM password_resets") == []


@pytest.mark.parametrize("fixture", ["organizer", "door", "editor"])
def test_only_an_admin_sets_passwords_and_issues_codes(fixture, request, database, building, user):
    """Ruling 24."""
    made = user("door", username="noor", email="n@example.org")
    before = _hash(building, made)
    for attempt in (partial(accounts.set_password, password=NEW), accounts.issue_reset):
        with pytest.raises(errors.NotAllowed, match="may not manage staff accounts"):
            attempt(database, request.getfixturevalue(fixture), made)
    assert _hash(building, made) == before
    assert building.log() == []


def test_a_customers_password_is_the_websites(database, building, admin):
    for stranger in (building.user(), uuid4()):
        for attempt in (partial(accounts.set_password, password=NEW), accounts.issue_reset):
            with pytest.raises(errors.NotFound, match="staff account"):
                attempt(database, admin, stranger)


@pytest.mark.parametrize("nonsense", ["plain text", "", "$2b$12$" + "." * 52, "$2b$12$" + "." * 54, None])
def test_what_is_no_hash_is_not_stored(nonsense, database, building, admin, asha):
    """Ruling 25: a mistake of ours must not store a password as it was typed."""
    before = _hash(building, asha.id)
    with pytest.raises(Exception, match="22023"):
        database.call("set_password", {"p_actor": admin.id, "p_user": asha.id, "p_hash": nonsense})
    assert _hash(building, asha.id) == before


def test_every_new_password_has_bcrypts_cost_twelve_or_more(database, building, admin, asha, monkeypatch):
    """Ruling 25: whoever sets one hashes it at `passwords.COST`, which these tests lower to be done in time."""
    lowered = passwords.COST
    monkeypatch.undo()
    assert passwords.COST >= 12
    monkeypatch.setattr(passwords, "COST", lowered + 1)
    new = ["first new password", "second new password", "third new password"]
    accounts.set_password(database, admin, asha.id, new[0])
    stored = [_hash(building, asha.id)]
    accounts.change_password(database, asha, new[0], new[1])
    stored.append(_hash(building, asha.id))
    accounts.reset_password(database, accounts.issue_reset(database, admin, asha.id).code, new[2])
    stored.append(_hash(building, asha.id))
    assert [int(one[4:6]) for one in stored] == [lowered + 1] * 3
    assert all(bcrypt.checkpw(word.encode(), one.encode()) for word, one in zip(new, stored, strict=True))
