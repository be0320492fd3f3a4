"""The local server's log is ours as well."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg
import pytest
import sqlalchemy as sa

if TYPE_CHECKING:
    from desktop.db.embedded import LocalServer
    from tests.conftest import Building
    from tests.secrets.canaries import Canaries, Planted

QUOTING = (
    "UPDATE users SET status = 'asleep'",
    "INSERT INTO password_resets SELECT gen_random_uuid(), user_id, reset_token, true, now() FROM password_resets",
    "SELECT cast(password_hash AS uuid) FROM users WHERE password_hash <> ''",
    "SELECT registration_token::text::integer FROM event_registrations",
    "DO $$ BEGIN RAISE EXCEPTION '%', (SELECT registration_token FROM event_registrations LIMIT 1); END $$",
    "DO $$ BEGIN RAISE WARNING '%', (SELECT registration_token FROM event_registrations LIMIT 1); RAISE 'x'; END $$",
)


def _log_up_to(server: LocalServer, sign: str) -> str:
    """The log, once the line with the sign is in it: a process of its own writes it, in order."""
    for _ in range(1_000):
        told = "".join(
            path.read_text(errors="replace") for path in (server.folder / "data" / "log").iterdir()
        )
        if sign in told:
            return told
        time.sleep(0.01)
    raise AssertionError("waited in vain for the log")


def test_statements_that_fail_and_passwords_that_are_set_leave_nothing_in_it(
    server: LocalServer, building: Building, planted: Planted, canaries: Canaries, locked_url: str
) -> None:
    for statement in QUOTING:
        with pytest.raises(psycopg.Error):
            building.do(statement)
    wrong = sa.make_url(locked_url).set(drivername="postgresql", password=canaries.address[::-1])
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(wrong.render_as_string(hide_password=False).replace(" ", "%20"))
    sign = f"sign_{uuid4().hex}"
    nowhere = sa.make_url(server.url(sign)).set(drivername="postgresql")
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(nowhere.render_as_string(hide_password=False))

    log = _log_up_to(server, sign)

    assert canaries.traces(log) == []
