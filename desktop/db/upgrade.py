"""Bring a database to this program's schema, and say whether it is there (ruling 3).

Alembic without ``alembic.ini``; its version table lives in schema ``greenroom``. Two upgrades at once: one
polls an advisory lock on a connection of its own until the other is done. A blocking lock would deadlock with
the concurrent index builds of later revisions (concurrency.md, "Upgrading").
"""

from __future__ import annotations

import random
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

import migrations
from desktop import errors
from desktop.db.session import Database, translated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LOCK = 0x67726E726D  # "grnrm": everybody who changes this schema takes it first
OLDEST_SERVER = 14
DDL_TRIES = 20


def upgrade(database: Database, say: Callable[[str], None] = lambda _line: None) -> list[str]:
    """Bring the database to the newest schema; the messages of the revisions that were applied.

    ``say`` is told each step as it starts. Raises `SchemaNewer` when the database is ahead of this program,
    `DatabaseRefused` when the server is too old or not UTF-8, `Busy` when others hold the tables too long.
    """
    try:
        with database.engine.connect() as guard, _only_one(guard, say):
            _check_server(guard, database.name)
            return _apply(database, say)
    except sa.exc.DBAPIError as error:
        raise translated(error, database.name) from error


def is_current(database: Database) -> bool:
    """True when the schema is this program's. Raises `SchemaNewer` when it is ahead."""
    with database.transaction() as tx:
        at = _revision(tx.connection)
    _refuse_newer(at)
    return at == newest()


def newest() -> str:
    """The revision this program brings a database to."""
    return str(_scripts().get_current_head())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(migrations.FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


def _revision(connection: sa.Connection) -> str | None:
    context = MigrationContext.configure(
        connection, opts={"version_table": "schema_version", "version_table_schema": "greenroom"}
    )
    return context.get_current_revision()


def _refuse_newer(revision: str | None) -> None:
    known = {script.revision for script in _scripts().walk_revisions()}
    if revision is not None and revision not in known:
        raise errors.SchemaNewer(revision)


@contextmanager
def _only_one(guard: sa.Connection, say: Callable[[str], None]) -> Iterator[None]:
    waited = False
    while not guard.execute(sa.text("SELECT pg_try_advisory_lock(:key)"), {"key": LOCK}).scalar():
        guard.commit()
        if not waited:
            say("Somebody else is upgrading this database; waiting for them to finish.")
            waited = True
        time.sleep(0.2)
    guard.commit()
    try:
        yield
    finally:
        guard.rollback()
        guard.execute(sa.text("SELECT pg_advisory_unlock(:key)"), {"key": LOCK})
        guard.commit()


def _check_server(guard: sa.Connection, name: str) -> None:
    version = int(guard.execute(sa.text("SHOW server_version_num")).scalar_one()) // 10000
    encoding = guard.execute(sa.text("SHOW server_encoding")).scalar_one()
    guard.commit()
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


def _apply(database: Database, say: Callable[[str], None]) -> list[str]:
    applied: list[str] = []
    while True:
        with database.engine.connect() as connection:
            at = _revision(connection)
            connection.rollback()
        _refuse_newer(at)
        pending = _following(at)
        if pending is None:
            return applied
        revision, message = pending
        say(message)
        _step(database, revision)
        applied.append(message)


def _following(at: str | None) -> tuple[str, str] | None:
    if at == newest():
        return None
    script = next(s for s in _scripts().walk_revisions() if (s.down_revision or None) == at)
    return script.revision, script.doc.splitlines()[0]


def _step(database: Database, revision: str) -> None:
    """Apply one revision in a transaction of its own; a lock that is not had within 0.5 s lets everybody else
    through and is tried again."""
    for attempt in range(DDL_TRIES):
        try:
            with database.engine.begin() as connection:
                connection.execute(sa.text("SET LOCAL lock_timeout = '500ms'"))
                connection.execute(sa.text("SET LOCAL statement_timeout = 0"))
                connection.execute(sa.text("CREATE SCHEMA IF NOT EXISTS greenroom"))
                config = _config()
                config.attributes["connection"] = connection
                command.upgrade(config, revision)
        except sa.exc.DBAPIError as error:
            locked = getattr(error.orig, "sqlstate", None) in {"55P03", "40P01"}
            if not locked or attempt == DDL_TRIES - 1:
                raise
            time.sleep(random.uniform(0.2, 1.0))
        else:
            return
