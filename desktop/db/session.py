"""One database: its connections, its transactions, and the one translation of driver errors.

Isolation is READ COMMITTED, set explicitly: lock, then read, then decide, then write. With ``FOR UPDATE`` at
REPEATABLE READ four of four racers oversold, because the snapshot is older than the lock (concurrency.md).
"""

from __future__ import annotations

import random
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import psycopg
import sqlalchemy as sa
from sqlalchemy import event

from desktop import errors
from desktop.db import locations

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from uuid import UUID

T = TypeVar("T")

SETTINGS = (
    "SET TimeZone = 'UTC'",
    "SET search_path = public",  # not the schema of a role that happens to be called greenroom
    "SET default_transaction_isolation = 'read committed'",
    "SET lock_timeout = '2s'",
    "SET statement_timeout = '15s'",
    "SET idle_in_transaction_session_timeout = '10s'",
    "SET jit = off",
)
"""What every connection sets (concurrency.md); by statement, because a pooler refuses startup options."""

RETRIED = frozenset({"40001", "40P01", "55P03"})
"""serialization_failure, deadlock_detected, lock_not_available: the whole transaction is tried again."""

TRIES = 5
PATIENCE_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Actor:
    """The member of staff on whose behalf something is done."""

    id: UUID
    name: str
    email: str
    roles: frozenset[str]


class Transaction:
    """What the services see of an open transaction."""

    def __init__(self, connection: sa.Connection, actor: Actor | None) -> None:
        self.connection = connection
        self.actor = actor

    def rows(self, sql: str, parameters: Mapping[str, Any] | None = None) -> list[sa.Row[Any]]:
        """All rows of a statement; parameters are named as in ``:name``."""
        return list(self.connection.execute(sa.text(sql), parameters or {}))

    def row(self, sql: str, parameters: Mapping[str, Any] | None = None) -> sa.Row[Any] | None:
        """The only row of a statement, or None."""
        return self.connection.execute(sa.text(sql), parameters or {}).one_or_none()

    def value(self, sql: str, parameters: Mapping[str, Any] | None = None) -> Any:
        """The first column of the first row, or None."""
        return self.connection.execute(sa.text(sql), parameters or {}).scalar()

    def execute(self, sql: str, parameters: Mapping[str, Any] | list[Mapping[str, Any]] | None = None) -> int:
        """Run a statement; the number of rows it changed."""
        return self.connection.execute(sa.text(sql), parameters or {}).rowcount

    def log(self, action_type: str, description: str, subject_id: UUID | None = None) -> None:
        """Write the change's row of ``admin_logs`` in the same transaction (ruling 23)."""
        if self.actor is None:
            raise AssertionError("a change without an actor cannot be logged")
        self.execute(
            "INSERT INTO admin_logs (admin_id, action_type, description, subject_id, logged_at)"
            " VALUES (:who, :action, :text, :subject, timezone('UTC', clock_timestamp()))",
            {"who": self.actor.id, "action": action_type, "text": description, "subject": subject_id},
        )


class Database:
    """A PostgreSQL database reached by URL. Thread-safe; connections are pooled."""

    def __init__(self, url: str) -> None:
        self.url = locations.parse(url)
        self.name = locations.shown(self.url)
        self.engine = sa.create_engine(
            self.url,
            isolation_level="READ COMMITTED",
            connect_args=locations.connect_arguments(self.url),
            hide_parameters=True,
            pool_size=8,
            max_overflow=4,
            pool_timeout=5,
            pool_pre_ping=True,
        )
        event.listen(self.engine, "connect", _prepare)
        self._autocommit = self.engine.execution_options(isolation_level="AUTOCOMMIT")

    def close(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()

    @contextmanager
    def transaction(self, actor: Actor | None = None) -> Iterator[Transaction]:
        """Commit at the end of the block, roll back on any error. Driver errors come out as `AppError`.

        Raises `Busy`, `DatabaseDown`, `DatabaseRefused`, or the situation a constraint stands for.
        """
        committing = False
        try:
            with self.engine.connect() as connection, connection.begin() as begun:
                yield Transaction(connection, actor)
                committing = True
                begun.commit()
        except (sa.exc.DBAPIError, sa.exc.TimeoutError, psycopg.Error) as error:
            raise translated(error, self.name, committing=committing) from error

    def run(self, work: Callable[[Transaction], T], actor: Actor | None = None) -> T:
        """``work(transaction)`` in one transaction, tried again whole when locks or snapshots collide."""

        def attempt() -> T:
            with self.transaction(actor) as tx:
                return work(tx)

        return _patiently(attempt)

    def call(self, function: str, parameters: Mapping[str, Any]) -> sa.Row[Any]:
        """The one row of ``SELECT * FROM greenroom.<function>(...)``, which is a transaction by itself.

        One round trip: no lock is held while an answer travels (concurrency.md). Tried again as `run` is;
        a connection lost on the way raises `DatabaseDown` with ``unknown_outcome`` and is never repeated.
        """
        arguments = ", ".join(f"{name} => :{name}" for name in parameters)
        statement = sa.text(f"SELECT * FROM greenroom.{function}({arguments})")

        def attempt() -> sa.Row[Any]:
            sent = False
            try:
                with self._autocommit.connect() as connection:
                    sent = True
                    return connection.execute(statement, parameters).one()
            except (sa.exc.DBAPIError, sa.exc.TimeoutError) as error:
                raise translated(error, self.name, committing=sent) from error

        return _patiently(attempt)


def _patiently(attempt: Callable[[], T]) -> T:
    """Try again on `Busy`: full jitter from 5 to 50 ms, doubling; at most 5 tries or 2 s. An outcome that is
    not known is never repeated."""
    started = time.monotonic()
    ceiling = 0.05
    for tries_left in range(TRIES - 1, -1, -1):
        try:
            return attempt()
        except errors.Busy:
            if not tries_left or time.monotonic() - started > PATIENCE_SECONDS:
                raise
            time.sleep(random.uniform(0.005, ceiling))
            ceiling *= 2
    raise AssertionError("unreachable")


def _prepare(connection: psycopg.Connection[Any], _record: object) -> None:
    autocommit = connection.autocommit
    connection.autocommit = True
    connection.execute("; ".join(SETTINGS))
    connection.autocommit = autocommit


def translated(error: Exception, where: str, *, committing: bool = False) -> errors.AppError | Exception:
    """The situation a driver error stands for, by SQLSTATE and constraint name; our own bugs come back as
    they are. Never quotes DETAIL, which prints whole rows, and takes it out of the driver's error as well,
    which a printed traceback would show as the cause (ruling 26)."""
    if isinstance(error, sa.exc.TimeoutError):
        return errors.Busy()
    original = error.orig if isinstance(error, sa.exc.DBAPIError) else error
    if not isinstance(original, psycopg.Error):
        return error
    if original.sqlstate is not None:
        error.args = original.args = (f"{original.sqlstate} {original.diag.message_primary}",)
    state = original.sqlstate
    if state in RETRIED:
        return errors.Busy()
    if state == "57014":
        return errors.DatabaseDown(where, "the server took too long to answer")
    if state == "23514" and original.diag.constraint_name == "package_capacity":
        return errors.PackageFull("The package")
    if state == "42501":
        return errors.DatabaseRefused(
            f"The account used for {where} may not do this. Ask the owner of the database for the privilege."
        )
    lost = state is None or state[:2] in {"08", "57"} or state in {"25P03", "53300"}
    if lost and isinstance(
        original,
        psycopg.OperationalError | psycopg.InterfaceError | psycopg.errors.IdleInTransactionSessionTimeout,
    ):
        return _unreachable(original, where, committing=committing)
    if state in {"28P01", "28000", "3D000"}:
        return _unreachable(original, where, committing=committing)
    return Scrubbed(state, original.diag.constraint_name, original.diag.message_primary)


class Scrubbed(Exception):
    """A database error that is our bug: SQLSTATE, constraint and primary message only (ruling 26)."""

    def __init__(self, state: str | None, constraint: str | None, message: str | None) -> None:
        super().__init__(f"{state} {constraint or ''} {message or ''}".strip())
        self.sqlstate = state
        self.constraint = constraint


def _unreachable(original: psycopg.Error, where: str, *, committing: bool) -> errors.AppError:
    text = str(original)
    if "password authentication failed" in text or original.sqlstate in {"28P01", "28000"}:
        return errors.DatabaseRefused(f"{where} did not accept the user name or password of the connection.")
    if original.sqlstate == "3D000" or ("database" in text and "does not exist" in text):
        return errors.DatabaseRefused(f"{where} has no database of that name. Check the address.")
    reason = next(
        (
            words
            for sign, words in (
                ("Connection refused", "nothing answers there"),
                ("timeout expired", "no answer in time"),
                ("timed out", "no answer in time"),
                ("could not translate host name", "the host name is unknown"),
                ("failed to resolve host", "the host name is unknown"),
                ("No such file or directory", "no server is running there"),
                ("too many clients", "the server has no connection left"),
                ("starting up", "the server is still starting"),
                ("certificate", "its TLS certificate was not accepted"),
            )
            if sign in text
        ),
        "the connection broke" if "connection" in text.lower() else "",
    )
    return errors.DatabaseDown(where, reason, unknown_outcome=committing)
