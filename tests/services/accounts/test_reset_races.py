"""Reset codes used by several at once, and what is told of them (specification 2.7, ruling 26)."""

from __future__ import annotations

import threading
from functools import partial
from uuid import UUID

import psycopg
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


def test_of_two_who_bring_the_same_code_one_sets_the_password(
    building, asha, website, reset, sign_in, at_once
):
    """Specification 2.7: single use, also at the same moment."""
    for _ in range(6):
        building.do("DELETE FROM greenroom.sign_in_attempts")
        code, words = website(), [f"a new password {number}" for number in range(4)]
        results = at_once(*(partial(reset, code, word) for word in words))
        won = [
            word for word, one in zip(words, results, strict=True) if isinstance(one, accounts.PasswordReset)
        ]
        assert len(won) == 1, results
        assert sum(isinstance(one, errors.ResetRefused) for one in results) == 3
        assert sign_in(password=won[0]).id == asha.id


def test_of_two_codes_issued_at_once_one_is_good(database, building, admin, asha, reset, at_once):
    """A new request ends the older one, also when they come together."""
    made = at_once(*[partial(accounts.issue_reset, database, admin, asha.id)] * 4)
    assert [type(one) for one in made] == [accounts.ResetCode] * 4
    assert _unused(building) == 1
    good = building.value("SELECT reset_token::text FROM password_resets WHERE NOT is_used")
    assert good in {one.code for one in made}


def test_a_code_the_website_is_just_taking_is_waited_for(building, asha, website, reset, sign_in):
    """The website locks the code first, we the account: it is us who try again, and the code is used once."""
    code, results = website(), []

    def attempt():
        try:
            results.append(reset(code))
        except errors.AppError as error:
            results.append(error)

    with building.connect(autocommit=False) as site:
        site.execute("UPDATE password_resets SET is_used = true WHERE reset_token = %s", (code,))
        thread = threading.Thread(target=attempt)
        thread.start()
        thread.join(0.15)
        assert results == []
        site.execute("UPDATE users SET password_hash = 'the website''s' WHERE id = %s", (asha.id,))
        site.commit()
        thread.join(60)
    assert [type(one) for one in results] == [errors.ResetRefused]
    assert _hash(building, asha.id) == "the website's"


@pytest.mark.parametrize("broken", ["users", "password_resets", "admin_logs"])
def test_the_code_is_used_when_and_only_when_the_password_is_set(broken, building, asha, website, reset):
    """Atomic: whatever fails on the way, the code is still good afterwards."""
    code, before = website(), _hash(building, asha.id)
    building.do(
        "CREATE FUNCTION public.fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$;"
        f"CREATE TRIGGER fail BEFORE INSERT OR UPDATE ON {broken} FOR EACH ROW EXECUTE FUNCTION public.fail()"
    )
    with pytest.raises(Exception, match="P0001"):
        reset(code)
    assert (_unused(building), _hash(building, asha.id)) == (1, before)
    building.do(f"DROP TRIGGER fail ON {broken}; DROP FUNCTION public.fail()")
    assert reset(code).username == "asha.menon"


def test_codes_and_passwords_are_nowhere_but_in_their_columns(database, building, admin, asha, caplog):
    """Ruling 26: not in the log, in what is counted, in `repr`, nor in an error and what led to it."""
    caplog.set_level("DEBUG")
    code = accounts.issue_reset(database, admin, asha.id)
    secrets = [code.code, code.code.replace("-", ""), OLD, NEW, "set by an admin", "changed once more"]
    told = [repr(code), str(code)]
    told.append(repr(accounts.reset_password(database, code.code, NEW)))
    told.append(repr(accounts.set_password(database, admin, asha.id, "set by an admin")))
    accounts.change_password(database, asha, "set by an admin", "changed once more")
    for attempt in (
        partial(accounts.reset_password, database, code.code, NEW),
        partial(accounts.change_password, database, asha, OLD, NEW),
    ):
        with pytest.raises(errors.InvalidField) as caught:
            attempt()
        told += [repr(caught.value), str(caught.value.__cause__), str(caught.value.__context__)]
    secrets.append(_hash(building, asha.id))
    told += [str(building.rows(f"SELECT * FROM {table}")) for table in (
        "admin_logs", "greenroom.sign_in_attempts", "greenroom.sign_in_tries")]  # fmt: skip
    told.append(caplog.text)
    assert [secret for secret in secrets if secret in " ".join(told)] == []


def test_no_statement_carries_a_code(database, building, admin, asha, monkeypatch):
    """Ruling 26: a server that logs statements with their values writes down nothing that opens something."""
    code = accounts.issue_reset(database, admin, asha.id).code
    sent = []
    execute = psycopg.Cursor.execute

    def noting(self, query, params=None, **options):
        sent.append(f"{query} {params!r}")
        return execute(self, query, params, **options)

    monkeypatch.setattr(psycopg.Cursor, "execute", noting)
    accounts.reset_password(database, code, NEW)
    monkeypatch.undo()
    told = " ".join(sent)
    assert "reset_try" in told
    assert [form for form in (code, code.replace("-", ""), NEW, str(UUID(code).bytes)) if form in told] == []


def test_a_code_is_found_by_an_index_among_thousands_of_used_ones(building, asha, website):
    """Only what is unused is in it."""
    building.do(
        "INSERT INTO password_resets (user_id, reset_token, is_used, expires_at)"
        f" SELECT %s, gen_random_uuid(), n %% 100 > 0, {NOW} FROM generate_series(1, 5000) n",
        asha.id,
    )
    building.do("ANALYZE password_resets")
    plan = building.rows(
        "EXPLAIN SELECT r.id FROM password_resets r WHERE sha256(uuid_send(r.reset_token)) = %s AND NOT r.is_used",
        b"x",
    )
    assert "idx_password_resets_unused" in str(plan)
