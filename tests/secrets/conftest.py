"""Canaries in every place that is secret, and ears everywhere something could be told."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg
import pytest
import sqlalchemy as sa

from desktop.db import embedded_lease
from desktop.faults import logbook, scrubbing
from desktop.services import accounts
from tests.secrets import canaries as cage

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from desktop.db.embedded import LocalServer
    from tests.secrets.canaries import Canaries, Planted

SCRAM = "local all /^canary_ scram-sha-256\n"


@pytest.fixture
def canaries() -> Canaries:
    return cage.make()


@pytest.fixture
def planted(building, canaries: Canaries) -> Planted:
    """The test's database with a canary in each secret column."""
    return cage.plant(building.website, canaries)


@dataclass
class Ears:
    """What was logged, written on standard output or standard error, and raised."""

    caplog: pytest.LogCaptureFixture
    capfd: pytest.CaptureFixture[str]
    book: logbook.Logbook
    raised: list[str] = field(default_factory=list)

    def hears(self, error: BaseException) -> None:
        """One more error, with all that hangs on it."""
        self.raised.append(cage.spoken(error))

    def everything(self) -> str:
        """All of it since the last time, as one text."""
        formatter = logging.Formatter("%(name)s %(message)s")
        logs = [formatter.format(record) + repr(vars(record)) for record in self.caplog.records]
        told = "\n".join([*self.capfd.readouterr(), *logs, *self.book.recent, *self.raised])
        self.caplog.clear()
        self.book.recent.clear()
        self.raised.clear()
        return told


@pytest.fixture
def ears(
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Ears]:
    """Everything is listened to as if somebody had turned all logging on. SQLAlchemy up to INFO, which is what
    ``echo=True`` gives: its DEBUG is the rows themselves, and has to be asked for by name. The net below the log and
    the reports is taken away: what they hold must be right without it."""
    monkeypatch.setattr(scrubbing, "scrub", lambda text: text)
    monkeypatch.setattr(logbook, "RECENT", 100_000)
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.INFO, "sqlalchemy")
    caplog.set_level(logging.DEBUG, "psycopg")
    with logbook.kept(tmp_path / "log") as book:
        yield Ears(caplog, capfd, book)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cheap hashes, and no pauses between tries."""
    monkeypatch.setattr(accounts.passwords, "COST", 4)
    hurried = SimpleNamespace(sleep=lambda _seconds: None, monotonic=time.monotonic)
    monkeypatch.setattr("desktop.db.session.time", hurried)


@pytest.fixture(scope="session")
def asks_for_passwords(server: LocalServer) -> None:
    """The run's server asks roles called canary_… for their password; it trusts everybody else as before."""
    rules: Path = server.folder / "data" / "pg_hba.conf"
    with embedded_lease.turn(server.folder / "rules", 60):
        written = rules.read_text()
        if SCRAM not in written:
            rules.write_text(SCRAM + written)
            before = _loaded_at(server)
            with _maintenance(server.url("postgres")) as connection:
                connection.execute("SELECT pg_reload_conf()")
            while _loaded_at(server) == before:  # ends in the test's time limit
                time.sleep(0.01)


@pytest.fixture
def locked_url(asks_for_passwords: None, database_url: str, canaries: Canaries) -> Iterator[str]:
    """The address of the test's database for a role of its own, with its password in it."""
    role = f"canary_{uuid4().hex[:8]}"
    with _maintenance(database_url) as connection:
        connection.execute(
            _literal(f"CREATE ROLE {role} LOGIN IN ROLE pg_read_all_data PASSWORD ", canaries.address)
        )
    yield (
        sa.make_url(database_url)
        .set(username=role, password=canaries.address)
        .render_as_string(hide_password=False)
    )
    with _maintenance(database_url) as connection:
        connection.execute(f"DROP ROLE {role}")


def _loaded_at(server: LocalServer) -> object:
    """When the server read its configuration, as a new connection inherits it."""
    with _maintenance(server.url("postgres")) as connection:
        return connection.execute("SELECT pg_conf_load_time()").fetchone()


def _literal(statement: str, value: str) -> bytes:
    """A statement that takes no parameters, with a value at its end."""
    return (psycopg.sql.SQL(statement) + psycopg.sql.Literal(value)).as_bytes(None)


def _maintenance(url: str) -> psycopg.Connection:
    address = sa.make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(address, autocommit=True)
