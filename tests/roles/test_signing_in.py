"""The functions that look at passwords, called as somebody with the door's login would who means no good."""

from __future__ import annotations

import hashlib
from functools import partial

import bcrypt
import psycopg
import pytest

SALT = "SELECT pause, salt FROM greenroom.sign_in_salt(%s)"
TRY = "SELECT pause, try_id FROM greenroom.sign_in_try(%s, %s)"
OUTCOME = "SELECT outcome, tries_left, user_id, username FROM greenroom.sign_in(%s)"


@pytest.fixture
def stored(building, staff):
    """The hash of an organizer's password."""
    account = staff("organizer", "asha.menon")
    return building.value("SELECT password_hash FROM users WHERE id = %s", account.id)


@pytest.fixture
def door(session):
    """A connection with the door's login."""
    return session("door")


def _try(connection, login, proof=b"wrong"):
    """Outcome and tries left, or “paused” and the seconds."""
    pause, try_id = connection.execute(TRY, (login, proof)).fetchone()
    return ("paused", pause) if pause else connection.execute(OUTCOME, (try_id,)).fetchone()[:2]


def _proof(password, stored):
    return hashlib.sha256(bcrypt.hashpw(password.encode(), stored[:29].encode())).digest()


def test_the_salt_is_all_of_a_hash_that_is_ever_told(stored, door, password):
    assert door.execute(SALT, ("ASHA.menon ",)).fetchone() == (0, stored[:29])
    tried = door.execute("SELECT * FROM greenroom.sign_in_try('asha.menon', %s)", (_proof(password, stored),))
    found = door.execute("SELECT * FROM greenroom.sign_in(%s)", (tried.fetchone()[1],)).fetchone()
    assert found[0] == "signed_in"
    assert stored[29:] not in str(found)


@pytest.mark.parametrize("hashed", [None, "no bcrypt hash", "$2b$99$" + "." * 53])
def test_without_a_bcrypt_hash_the_salt_is_the_same_as_without_an_account(hashed, building, door):
    before = door.execute(SALT, ("asha.menon",)).fetchone()
    building.user(username="asha.menon", password_hash=hashed)
    assert door.execute(SALT, ("asha.menon",)).fetchone() == before


@pytest.mark.parametrize("nothing", [b"", None, hashlib.sha256(b"").digest()])
def test_an_account_without_a_password_is_not_opened_by_any_proof(nothing, building, staff, door):
    account = staff("organizer", "asha.menon")
    building.do("UPDATE users SET password_hash = NULL WHERE id = %s", account.id)
    assert _try(door, "asha.menon", nothing)[0] == "wrong"


def test_the_hash_itself_is_no_proof(stored, door):
    assert _try(door, "asha.menon", stored.encode())[0] == "wrong"


def test_guesses_are_counted_by_the_database_however_the_name_is_typed(stored, door, password):
    typed = ("asha.menon", "ASHA.MENON", " asha.menon", "Asha.Menon ", "asha.menon")
    assert [_try(door, login)[1] for login in typed] == [4, 3, 2, 1, 0]
    outcome, pause = _try(door, "aSHA.menon", _proof(password, stored))
    assert outcome == "paused"
    assert 25 <= pause <= 30


def test_during_a_pause_there_is_no_salt_either(stored, door):
    for _ in range(5):
        _try(door, "asha.menon")
    pause, salt = door.execute(SALT, ("asha.menon",)).fetchone()
    assert pause > 0
    assert salt is None


@pytest.mark.parametrize("inside", ["transaction", "savepoint"])
def test_a_guess_that_could_still_be_rolled_back_is_not_answered(inside, stored, door, password):
    with door.transaction(force_rollback=True):
        if inside == "savepoint":
            door.execute("SAVEPOINT guess")
        _, try_id = door.execute(TRY, ("asha.menon", _proof(password, stored))).fetchone()
        assert door.execute(OUTCOME, (try_id,)).fetchone() == ("wrong", None, None, None)


def test_a_guess_that_was_rolled_back_is_never_answered(stored, door, password):
    with door.transaction(force_rollback=True):
        _, try_id = door.execute(TRY, ("asha.menon", _proof(password, stored))).fetchone()
    assert door.execute(OUTCOME, (try_id,)).fetchone()[0] == "wrong"


def test_until_it_is_answered_a_right_guess_leaves_the_same_traces_as_a_wrong_one(
    stored, door, building, password
):
    door.execute(SALT, ("asha.menon",))
    traces = []
    for proof in (b"wrong", _proof(password, stored)):
        building.do("DELETE FROM greenroom.sign_in_attempts")
        with door.transaction(force_rollback=True):
            door.execute(TRY, ("asha.menon", proof))
            locks = (
                "SELECT mode, relation::regclass::text FROM pg_locks WHERE locktype = 'relation' AND pid = %s"
            )
            held = building.rows(locks, door.info.backend_pid)
            traces.append({(lock["mode"], lock["relation"]) for lock in held})
            assert building.rows("SELECT id FROM users FOR UPDATE NOWAIT") != []
    assert traces[0] == traces[1]


def test_a_try_is_answered_once(stored, door, password):
    _, try_id = door.execute(TRY, ("asha.menon", _proof(password, stored))).fetchone()
    answers = [door.execute(OUTCOME, (try_id,)).fetchone()[0] for _ in range(2)]
    assert answers == ["signed_in", "wrong"]


def test_tries_nobody_asks_about_are_gone_after_ten_minutes(stored, door, building):
    door.execute(TRY, ("asha.menon", b"wrong"))
    building.do("UPDATE greenroom.sign_in_tries SET tried_at = tried_at - interval '11 minutes'")
    door.execute(TRY, ("asha.menon", b"wrong"))
    assert building.value("SELECT count(*) FROM greenroom.sign_in_tries") == 1


def test_guesses_at_once_are_counted_one_by_one(stored, url_of, at_once, building):
    plain = url_of("door").replace("postgresql+psycopg", "postgresql")

    def guess():
        with psycopg.connect(plain, autocommit=True) as connection:
            return _try(connection, "asha.menon")[0]

    assert sorted(at_once(*[partial(guess)] * 8)) == ["paused"] * 3 + ["wrong"] * 5
    assert building.value("SELECT failures FROM greenroom.sign_in_attempts") == 5


def test_a_customers_password_lets_nobody_in(building, door, password):
    hashed = bcrypt.hashpw(password.encode(), bcrypt.gensalt(4)).decode()
    building.user(username="customer", password_hash=hashed)
    assert _try(door, "customer", _proof(password, hashed))[0] == "no_role"
