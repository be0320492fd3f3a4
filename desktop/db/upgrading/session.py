"""The one session an upgrade works on: direct, alone, and as the role that owns the tables."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import sqlalchemy as sa

from desktop import errors
from desktop.db import pooling
from desktop.db.pooling import Pooling
from desktop.db.upgrading import closing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import psycopg

    from desktop.db.catalog.model import Catalog
    from desktop.db.session import Database

LOCK = 0x67726E726D  # "grnrm": everybody who changes this schema takes it first
OLDEST_SERVER = 14
POLL_SECONDS = 0.2

STRANGER = """
SELECT r.rolname FROM pg_namespace n JOIN pg_roles r ON r.oid = n.nspowner
 WHERE n.nspname = 'greenroom' AND NOT r.rolsuper AND r.rolname <> coalesce(%s, current_user)
   AND r.rolname <> 'pg_database_owner'
"""


@dataclass(frozen=True, slots=True)
class Session:
    """A connection that commits by itself, through SQLAlchemy and as the driver's own."""

    connection: sa.Connection
    driver: psycopg.Connection[Any]


@contextmanager
def alone(database: Database, say: Callable[[str], None]) -> Iterator[Session]:
    """A session that holds the lock of everybody who changes this schema. Waits for others by polling: a lock that is
    waited for inside the server would deadlock with concurrent index builds. The lock is this session's own, so it
    cannot be lost while the work goes on; a build whose client was killed keeps it until the server has ended it.

    Raises `DatabaseRefused` through a transaction pooler and on a server that is too old or not UTF-8.
    """
    if database.pooling is Pooling.TRANSACTION:
        raise errors.DatabaseRefused(
            f"{database.name} is reached through a connection pooler that lends a connection for one transaction. An "
            "upgrade needs one for itself: name the address of the server itself. Nothing was changed."
        )
    with _session(database) as session:
        _check_server(session.connection, database.name)
        waited = False
        while not _taken(session.connection):
            if not waited:
                say("Somebody else is upgrading this database; waiting for them to finish.")
                waited = True
            time.sleep(POLL_SECONDS)
        yield session


@contextmanager
def _session(database: Database) -> Iterator[Session]:
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        driver = cast("psycopg.Connection[Any]", connection.connection.driver_connection)
        try:
            pooling.keep(driver)
            connection.exec_driver_sql("SET statement_timeout = 0")
            connection.exec_driver_sql("SET lock_timeout = 0")
            yield Session(connection, driver)
        finally:
            connection.invalidate()  # nobody gets this session's settings and role; its lock ends with it


def _taken(connection: sa.Connection) -> bool:
    return bool(connection.execute(sa.text("SELECT pg_try_advisory_lock(:key)"), {"key": LOCK}).scalar())


def _check_server(connection: sa.Connection, name: str) -> None:
    version = int(connection.exec_driver_sql("SHOW server_version_num").scalar_one()) // 10000
    encoding = connection.exec_driver_sql("SHOW server_encoding").scalar_one()
    if version < OLDEST_SERVER:
        raise errors.DatabaseRefused(
            f"{name} runs PostgreSQL {version}; Greenroom needs {OLDEST_SERVER} or newer. "
            "Nothing was changed."
        )
    if encoding != "UTF8":
        raise errors.DatabaseRefused(
            f"{name} is encoded as {encoding}; Greenroom needs UTF8, or names in other scripts "
            "would be lost. Nothing was changed."
        )


def owner(actual: Catalog, wanted: Catalog) -> str | None:
    """The role that owns the tables that are there already, when it is another than the connected one: what is made
    new must be its own, or functions that run with their owner's rights would run with those of a superuser."""
    owners = {
        table.owner
        for place, table in actual.tables.items()
        if place in wanted.tables and place.startswith("public.") and table.kind == "table"
    }
    if len(owners) == 1 and owners != {actual.access.connected}:
        return owners.pop()
    return None


def begin(session: Session, owner: str | None, inventory: str) -> None:
    """Make schema ``greenroom`` and its list where they are missing, and go on as the owner. Everybody may use the
    schema from the start: triggers call its functions as the website's role.

    Raises `DatabaseRefused` when the schema belongs to somebody else: its owner can exchange whatever is in it.
    """
    driver = session.driver
    stranger = driver.execute(STRANGER, [owner]).fetchone()
    if stranger:
        raise errors.DatabaseRefused(
            f"Schema greenroom belongs to “{stranger[0]}”, who does not own the tables and could exchange the functions"
            " in it. Drop it, or give it to the owner of the tables (ALTER SCHEMA greenroom OWNER TO …). "
            "Nothing was changed."
        )
    there = driver.execute(
        "SELECT has_schema_privilege('public', to_regnamespace('greenroom'), 'USAGE')"
    ).fetchone()
    quoted = driver.execute("SELECT quote_ident(%s)", [owner]).fetchone() if owner else None
    statements = ["BEGIN"]
    open_to_all = there[0] if there else None
    if open_to_all is None:
        authorization = f" AUTHORIZATION {quoted[0]}" if quoted else ""
        statements.append(f"CREATE SCHEMA greenroom{authorization}")
    if quoted:
        statements.append(f"SET ROLE {quoted[0]}")
    if not open_to_all:
        statements.append("GRANT USAGE ON SCHEMA greenroom TO PUBLIC")
    statements.append(inventory)
    if open_to_all is None:
        statements += [closing.close("greenroom.created"), closing.close("greenroom.schema_version")]
    driver.execute(";\n".join([*statements, "COMMIT"]).encode())
