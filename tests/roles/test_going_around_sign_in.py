"""Ways around the counting of guesses, tried in SQL by whoever has a login of some group and means no good."""

from __future__ import annotations

import hashlib
import re
from collections import Counter

import bcrypt
import psycopg
import pytest

SALT = "SELECT pause, salt FROM greenroom.sign_in_salt(%s)"
TRY = "SELECT pause, try_id FROM greenroom.sign_in_try(%s, %s)"
OUTCOME = "SELECT outcome FROM greenroom.sign_in(%s)"
COST = (
    "EXPLAIN (ANALYZE, WAL, TIMING off, FORMAT json)"
    " SELECT * FROM greenroom.sign_in_try('{}', decode('{}', 'hex'))"
)
READ = (
    "SELECT c.relname, pg_stat_get_xact_numscans(c.oid), pg_stat_get_xact_tuples_returned(c.oid),"
    " pg_stat_get_xact_tuples_fetched(c.oid) FROM pg_class c WHERE c.oid = 'public.users'::regclass"
    " OR c.oid IN (SELECT indexrelid FROM pg_index WHERE indrelid = 'public.users'::regclass) ORDER BY 1"
)
BCRYPT = re.compile(r"\$2[aby]\$\d\d\$[./A-Za-z0-9]{21}[.Oeu]")


@pytest.fixture
def stored(building, staff):
    """The hash of an organizer's password."""
    account = staff("organizer", "asha.menon")
    return building.value("SELECT password_hash FROM users WHERE id = %s", account.id)


def _right(password, stored):
    return hashlib.sha256(bcrypt.hashpw(password.encode(), stored[:29].encode())).digest()


def _guess(connection, proof, login="asha.menon"):
    pause, try_id = connection.execute(TRY, (login, proof)).fetchone()
    return "paused" if pause else connection.execute(OUTCOME, (try_id,)).fetchone()[0]


def test_guesses_that_are_rolled_back_do_not_show_in_the_length_of_what_they_leave(
    stored, session, building, password
):
    """Anybody may ask how much a statement wrote: a right guess that wrote a longer row told itself, uncounted."""
    door = session("door")
    written = []
    for proof in (b"wrong", _right(password, stored)):
        building.do("TRUNCATE greenroom.sign_in_tries, greenroom.sign_in_attempts")
        lengths = set()
        with door.transaction(force_rollback=True):
            for _ in range(20):
                door.execute("SAVEPOINT guess")
                (plan,) = door.execute(COST.format("asha.menon", proof.hex())).fetchone()[0]
                door.execute("ROLLBACK TO guess")
                lengths.add(plan["Plan"]["WAL Bytes"])
        written.append(min(lengths))
    assert written[0] == written[1] > 0


def test_a_guess_left_in_an_open_transaction_keeps_nobody_out(stored, session, building, password):
    door, other = session("door"), session("organizer")
    _, old = door.execute(TRY, ("old", b"wrong")).fetchone()
    building.do("UPDATE greenroom.sign_in_tries SET tried_at = tried_at - interval '11 minutes'")
    other.execute("SET lock_timeout = '300ms'")
    with door.transaction(force_rollback=True):
        for login in ("eve", "asha.menon"):
            door.execute(TRY, (login, b"wrong"))
        assert _guess(other, _right(password, stored)) == "signed_in"
    assert old is not None


def test_wrong_passwords_of_one_database_login_keep_nobody_out_who_has_another(stored, session, password):
    door, other = session("door"), session("organizer")
    assert [_guess(door, b"wrong") for _ in range(6)] == ["wrong"] * 5 + ["paused"]
    assert door.execute(SALT, ("asha.menon",)).fetchone()[0] > 0
    assert other.execute(SALT, ("asha.menon",)).fetchone() == (0, stored[:29])
    assert _guess(other, _right(password, stored)) == "signed_in"
    assert _guess(door, _right(password, stored)) == "paused"


def test_nobody_is_counted_as_somebody_else(stored, session, logins):
    organizer = session("organizer")
    for _ in range(5):
        _guess(organizer, b"wrong")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        organizer.execute(f"SET SESSION AUTHORIZATION {logins['door']}")
    organizer.execute("SET ROLE greenroom_organizer")
    assert _guess(organizer, b"wrong") == "paused"


def test_counts_of_an_hour_ago_are_swept_away(session, building):
    door = session("door")
    for login in ("a", "b"):
        _guess(door, b"wrong", login)
    building.do("UPDATE greenroom.sign_in_attempts SET last_at = last_at - interval '61 min'")
    _guess(door, b"wrong", "c")
    assert building.value("SELECT count(*) FROM greenroom.sign_in_attempts") == 1


def test_a_name_nobody_has_gets_a_salt_as_if_somebody_had_it(stored, session, building):
    """Else asking for salts, which is not counted, would tell who has an account."""
    door, other = session("door"), session("organizer")
    building.user(username="guest", email="guest@example.org", password_hash=None)
    building.user(username="odd", email="odd@example.org", password_hash="no bcrypt hash")
    names = ["nobody", "guest", "guest@example.org", "odd", *(f"n{number}" for number in range(20))]
    told = {name: door.execute(SALT, (name,)).fetchone() for name in names}
    assert {pause for pause, _ in told.values()} == {0}
    assert [salt for _, salt in told.values() if not BCRYPT.fullmatch(salt)] == []
    assert len({salt for _, salt in told.values()}) == len(names)
    assert {name: other.execute(SALT, (name.upper(),)).fetchone() for name in names} == told
    building.do("UPDATE greenroom.sign_in_key SET key = sha256(key)")
    again = {name: door.execute(SALT, (name,)).fetchone() for name in names}
    assert [name for name in names if again[name] == told[name]] == []


@pytest.mark.parametrize("asked", ["sign_in_salt(%s)", "sign_in_try(%s, 'wrong')"])
def test_how_much_was_read_does_not_tell_who_has_an_account(asked, session, building):
    """What a transaction read is told to everybody, table by table and index by index, and can be rolled back."""
    door = session("door")
    building.do(
        "INSERT INTO users (username, email, password_hash) SELECT 'u' || n, 'u' || n || '@example.org',"
        " '$2b$12$' || repeat('.', 53) FROM generate_series(1, 3000) n"
    )
    building.do("ANALYZE users")

    def read(login):
        with door.transaction(force_rollback=True):
            before = door.execute(READ).fetchall()
            door.execute(f"SELECT * FROM greenroom.{asked}", (login,))
            after = door.execute(READ).fetchall()
        return tuple(
            tuple(a - b for a, b in zip(x[1:], y[1:], strict=True))
            for x, y in zip(after, before, strict=True)
        )

    for number in range(40):  # until plans are what they stay
        read(f"x{number}")
        read(f"x{number}@example.org")
    for known, unknown in (("u{}", "nobody{}"), ("u{}@example.org", "nobody{}@example.org")):
        told = [Counter(read(name.format(number)) for number in range(1, 60)) for name in (known, unknown)]
        often = [{one for one, times in each.items() if times > 5} for each in told]  # not while plans change
        assert often[0] == often[1] != set()


def test_made_up_salts_cost_what_salts_here_cost(session, building):
    """Both kinds there are, however few of the one: neither says that somebody has the account."""
    door = session("door")
    for number in range(40):
        building.user(username=f"u{number}", password_hash=f"$2y$10${number:021d}." + "." * 31)
    ada = building.user(username="ada", password_hash="$2b$12$" + "." * 53)
    building.do("INSERT INTO user_roles SELECT %s, id FROM roles WHERE name = 'admin'", ada)
    made_up = [door.execute(SALT, (f"nobody {number}",)).fetchone()[1][:7] for number in range(60)]
    assert set(made_up) == {"$2y$10$", "$2b$12$"}
    assert min(made_up.count(kind) for kind in set(made_up)) >= 10


def test_a_made_up_salt_opens_nothing(session, building):
    door = session("door")
    building.user(username="guest", password_hash=None)
    salt = door.execute(SALT, ("guest",)).fetchone()[1]
    proof = hashlib.sha256(bcrypt.hashpw(b"guess", b"$2b$04$" + salt[7:].encode())).digest()
    assert _guess(door, proof, "guest") == "wrong"


@pytest.mark.parametrize("group", ["door", "editor", "organizer", "admin", "nobody"])
def test_nobody_reads_the_key_of_the_made_up_salts(group, session):
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        session(group).execute("SELECT key FROM greenroom.sign_in_key")
