"""Opening a connection, and trying one out: what is there, or why not."""

from __future__ import annotations

import statistics
import time
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from desktop import errors
from desktop.db import locations, schema
from desktop.db.session import Database
from desktop.services import opening
from desktop.services.connections import keyrings
from desktop.services.connections.profile import Profile, address

if TYPE_CHECKING:
    import psycopg

    from desktop.services.opening import Opened

ROUND_TRIPS = 3


@dataclass(frozen=True, slots=True)
class Answer:
    """A database that can be worked with. ``server`` is PostgreSQL's version, ``schema`` the revision both know,
    ``notes`` what is less than it could be."""

    name: str
    server: str
    encrypted: bool
    here: bool
    milliseconds: float
    schema: str
    notes: tuple[str, ...]


def connect(profile: Profile, password: str | None = None) -> Opened:
    """The database of a connection, with ``password`` or the one the keyring has; without either libpq looks into the
    person's password file. A keyring that does not answer is as one that has none: the server will ask.

    Raises `PasswordWanted`, `PasswordWrong`, `DatabaseDown`, `DatabaseRefused`, `SchemaOlder`, `SchemaNewer`.
    """
    return opening.open_remote(address(profile, password or _kept(profile)))


def _kept(profile: Profile) -> str | None:
    if not profile.password_kept:
        return None
    try:
        return keyrings.read(profile.id)
    except errors.KeyringMissing:
        return None


def examine(profile: Profile, password: str | None = None) -> Answer:
    """Connect, look, and leave again; nothing is changed. Raises as `connect`."""
    from desktop.services.checking import (
        connection,  # and with it what upgrades need: too much to open a window
    )

    with closing(Database(address(profile, password or _kept(profile)))) as database:
        with database.transaction() as tx:
            driver: psycopg.Connection[object] = tx.connection.connection.driver_connection  # type: ignore[assignment]
            encrypted = driver.pgconn.ssl_in_use
            server = str(tx.value("SHOW server_version")).split()[0]
            found = connection.connection(database, tx).findings
            took = []
            for _ in range(ROUND_TRIPS):
                before = time.perf_counter()
                tx.value("SELECT 1")
                took.append((time.perf_counter() - before) * 1000)
        if not schema.is_current(database):
            raise errors.SchemaOlder
        return Answer(
            name=database.name,
            server=server,
            encrypted=encrypted,
            here=locations.is_local(database.url),
            milliseconds=statistics.median(took),
            schema=schema.newest(),
            notes=tuple(f"{one.sentence}. {one.remedy}" for one in found),
        )
