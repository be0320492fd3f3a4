"""Trying a connection out, against real servers and against none: every outcome is a sentence."""

from __future__ import annotations

import socket
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import psycopg
import pytest
import sqlalchemy as sa

from desktop import errors
from desktop.db import embedded_lease, locations, upgrade
from desktop.services import connections
from desktop.services.connections import Profile, Tls, keyrings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from desktop.db.embedded import LocalServer

SECRET = "kaffee-und-Küchen-42"
ROLE = "greenroom_connecting"
SCRAM = f"local all {ROLE} scram-sha-256\n"
Memory = Any


@pytest.fixture
def profile_of() -> Callable[[str], Profile]:
    """The connection of an address of the run's server."""

    def make(url: str, **more: Any) -> Profile:
        address = sa.make_url(url)
        host = address.query.get("host", address.host)
        port = int(address.query.get("port") or address.port or 5432)
        made = Profile(
            uuid4(), "Gala office", str(host), address.database or "", address.username or "", port
        )
        return replace(made, **more)

    return make


@pytest.fixture
def locked(server: LocalServer, database_url: str, profile_of: Callable[..., Profile]) -> Iterator[Profile]:
    """The test's database for a role that must give a password, `SECRET`."""
    rules: Path = server.folder / "data" / "pg_hba.conf"
    plain = sa.make_url(database_url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as maintenance:
        with embedded_lease.turn(server.folder / "rules", 60):
            written = rules.read_text()
            if SCRAM not in written:
                rules.write_text(SCRAM + written)
            maintenance.execute(
                f"DO $$ BEGIN CREATE ROLE {ROLE} LOGIN IN ROLE pg_read_all_data PASSWORD '{SECRET}';"
                " EXCEPTION WHEN duplicate_object THEN NULL; END $$"
            )
            maintenance.execute("SELECT pg_reload_conf()")
        profile = profile_of(database_url, user=ROLE)
        _until_asked(profile)
        yield profile


def _until_asked(profile: Profile) -> None:
    """The server reads its rules in its own time; the test's time limit ends this."""
    while True:
        try:
            connections.examine(profile)
        except errors.PasswordWanted:
            return


def test_a_database_that_can_be_worked_with_is_described(
    database_url: str, profile_of: Callable[..., Profile]
) -> None:
    answer = connections.examine(profile_of(database_url))
    assert answer.server.split(".")[0] == "18"
    assert (answer.encrypted, answer.here) == (False, True)
    assert 0 < answer.milliseconds < 5_000
    assert answer.notes == ()
    assert SECRET not in repr(answer)


def test_a_password_is_asked_for_refused_and_taken(locked: Profile) -> None:
    with pytest.raises(errors.PasswordWanted, match=r"wants a password.*\(\.pgpass\)"):
        connections.examine(locked)
    with pytest.raises(errors.PasswordWrong, match="did not accept the user name or password"):
        connections.examine(locked, SECRET + "x")
    assert connections.examine(locked, SECRET).server


def test_the_keyrings_password_is_used_and_libpqs_own_file_without_one(
    locked: Profile, memory: Memory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyrings.keep(locked.id, SECRET)
    with closing(connections.connect(replace(locked, password_kept=True))) as opened:
        assert opened.database.url.password == SECRET
    keyrings.forget(locked.id)
    passwords = tmp_path / "pgpass"
    passwords.write_text(f"*:*:*:{ROLE}:{SECRET}\n")
    passwords.chmod(0o600)
    monkeypatch.setenv("PGPASSFILE", str(passwords))
    for kept in (False, True):
        with closing(connections.connect(replace(locked, password_kept=kept))) as opened:
            assert opened.database.url.password is None


def test_a_keyring_that_fails_leaves_it_to_the_server_to_ask(
    locked: Profile, memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "priority", 0)
    with pytest.raises(errors.PasswordWanted):
        connections.connect(replace(locked, password_kept=True))


def test_what_is_missing_is_named(
    server_url: str, empty_url: str, database_url: str, profile_of: Callable[..., Profile]
) -> None:
    with pytest.raises(errors.DatabaseRefused, match="There is no database of that name: “opera”"):
        connections.examine(profile_of(server_url, database="opera"))
    with pytest.raises(errors.DatabaseRefused, match="knows no user of that name"):
        connections.examine(profile_of(server_url, user="nobody-at-all"))
    with pytest.raises(errors.SchemaOlder, match="has not been prepared"):
        connections.examine(profile_of(empty_url))
    newer = profile_of(database_url)
    with closing(connections.connect(newer)) as opened, opened.database.transaction() as tx:
        tx.execute("UPDATE greenroom.schema_version SET version_num = '9999'")
    with pytest.raises(errors.SchemaNewer, match="upgraded by a newer Greenroom"):
        connections.examine(newer)
    with closing(psycopg.connect(_plain(newer), autocommit=True)) as mending:
        mending.execute("UPDATE greenroom.schema_version SET version_num = %s", [upgrade.newest()])


def _plain(profile: Profile) -> str:
    return connections.address(profile).set(drivername="postgresql").render_as_string(hide_password=False)


@pytest.fixture
def silent() -> Iterator[int]:
    """A port that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


@pytest.fixture
def closed() -> Iterator[int]:
    """A port where nobody listens, kept so that nobody will."""
    with socket.socket() as kept:
        kept.bind(("127.0.0.1", 0))
        yield kept.getsockname()[1]


def test_where_nothing_answers_it_is_said_why(
    silent: int, closed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = locations.connect_arguments
    monkeypatch.setattr(locations, "connect_arguments", lambda url: real(url) | {"connect_timeout": 1})
    here = Profile(uuid4(), "x", "127.0.0.1", "events", "asha", closed)
    with pytest.raises(errors.DatabaseDown, match="nothing answers there"):
        connections.examine(here, SECRET)
    with pytest.raises(errors.DatabaseDown, match="no answer in time"):
        connections.examine(replace(here, port=silent), SECRET)
    with pytest.raises(errors.DatabaseDown, match="the host name is unknown"):
        connections.examine(replace(here, host="nowhere.invalid", tls=Tls.OFF), SECRET)
    with pytest.raises(errors.DatabaseDown, match="no server is running there"):
        connections.examine(replace(here, host="/nowhere"), SECRET)
