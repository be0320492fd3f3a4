"""One database: its connections, its transactions, and when they are tried again.

Isolation is READ COMMITTED, set explicitly: lock, then read, then decide, then write. With ``FOR UPDATE`` at
REPEATABLE READ four of four racers oversold, because the snapshot is older than the lock (concurrency.md).
"""

from __future__ import annotations

import random
import threading
import time
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

import psycopg
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects import postgresql

from desktop import errors
from desktop.db import links, locations, pooling
from desktop.db.afterwards import Afterwards
from desktop.db.in_flight import InFlight
from desktop.db.listen import Listener
from desktop.db.rights import Acting, Actor, check_rights, refuse
from desktop.db.translating import READ_ONLY, Scrubbed, translated

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator, Mapping
    from uuid import UUID

    from sqlalchemy.engine import ExceptionContext
    from sqlalchemy.pool import ConnectionPoolEntry

__all__ = ["Acting", "Actor", "Database", "Scrubbed", "Transaction", "check_rights", "translated"]

T = TypeVar("T")

TRIES = 5
PATIENCE_SECONDS = 2.0
DIALECT = postgresql.psycopg.dialect()  # type: ignore[no-untyped-call]
FRESH_SECONDS = 1.0
"""A connection that worked so lately, and on which nothing has come since, is not asked before a call if it does."""


class Transaction:
    """What the services see of an open transaction."""

    def __init__(self, connection: sa.Connection, actor: Actor | None) -> None:
        self.connection = connection
        self.actor = actor

    def rows(self, sql: str, parameters: Mapping[str, Any] | None = None) -> list[sa.Row[Any]]:
        """All rows of a statement; parameters are named as in ``:name``."""
        return list(self.connection.execute(sa.text(sql), parameters or {}).all())

    def row(self, sql: str, parameters: Mapping[str, Any] | None = None) -> sa.Row[Any] | None:
        """The only row of a statement, or None."""
        return self.connection.execute(sa.text(sql), parameters or {}).one_or_none()

    def value(self, sql: str, parameters: Mapping[str, Any] | None = None) -> Any:
        """The first column of the first row, or None."""
        return self.connection.execute(sa.text(sql), parameters or {}).scalar()

    def execute(self, sql: str, parameters: Mapping[str, Any] | list[Mapping[str, Any]] | None = None) -> int:
        """Run a statement; the number of rows it changed."""
        changed = self.connection.execute(sa.text(sql), parameters or {}).rowcount
        if isinstance(parameters, list):
            # psycopg sends many in a pipeline and ends it with a Flush, by which the server forgets
            # idle_in_transaction_session_timeout until the next statement.
            self.connection.exec_driver_sql("SELECT 1")
        return changed

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

    def __init__(self, url: str | sa.URL) -> None:
        self.url = locations.parse(url) if isinstance(url, str) else url
        self.name = locations.shown(self.url)
        self.short_name = locations.called(self.url)
        self.engine = sa.create_engine(
            self.url,
            isolation_level="READ COMMITTED",
            connect_args=locations.connect_arguments(self.url),
            hide_parameters=True,
            pool_size=8,
            max_overflow=4,
            pool_timeout=5,
        )
        event.listen(self.engine, "connect", _prepare, insert=True)
        event.listen(self.engine, "checkin", _used)
        event.listen(self.engine, "checkout", self._make_sure)
        event.listen(self.engine, "handle_error", _leave_a_standby)
        links.watch(self.engine)
        self._afterwards = Afterwards()
        self._in_flight = InFlight(self.engine, self._afterwards.is_here)
        self._calling = threading.local()
        self.listener = Listener(self)
        """What is told of other people's changes, once it is started; `close` ends it."""

    def end(self) -> bool:
        """Take no more calls (`ProgramClosing`), and within a second finish, cancel or abandon those in flight, each
        whole; `close` follows. True when none is left."""
        return self._in_flight.end()

    def close(self) -> None:
        """Finish or abandon, within a second, what was to follow, and close every pooled connection."""
        self.listener.close(0)
        # A connection that is still at work comes back to this pool, which then nobody else would close.
        self._afterwards.close(abandoned=self.engine.pool.dispose)
        self.listener.close(0.3)  # both had the same second to end
        self._in_flight.leave_pool()
        self.engine.dispose()

    def afterwards(self, key: Hashable, step: Callable[[], bool]) -> None:
        """Do ``step`` in the background when things are quiet, once for all who asked with this ``key``, and again
        while it returns True. For what is derived and heals by itself: it is given up when others stay busy or the
        link breaks."""
        self._afterwards.add(key, step)

    def settle(self, seconds: float = 60, *, hurry: bool = True) -> bool:
        """Wait until nothing is left to do in the background; see `Afterwards.settle`."""
        return self._afterwards.settle(seconds, hurry=hurry)

    @cached_property
    def pooling(self) -> pooling.Pooling:
        """Who stands between us and the server; found out once. Raises what `transaction` raises."""
        try:
            return pooling.kind(self.engine)
        except (sa.exc.StatementError, sa.exc.TimeoutError, psycopg.Error) as error:
            raise translated(error, self.name) from error

    @property
    def pooled(self) -> str | None:
        """What is lost because a connection pooler stands before the server, as a sentence; None without one."""
        return pooling.LOST[self.pooling]

    @contextmanager
    def transaction(self, actor: Acting | Actor | None = None) -> Iterator[Transaction]:
        """Commit at the end of the block, roll back on any error. Driver errors come out as `AppError`. Of `Acting`
        the rights are read first.

        Raises `Busy`, `DatabaseDown`, `DatabaseRefused`, or the situation a constraint stands for; of `Acting`
        `NotAllowed` and `AccountClosed`.
        """
        committing = False
        try:
            with self.engine.connect() as connection, connection.begin() as begun:
                if isinstance(actor, Acting):
                    check_rights(connection, actor)
                    actor = actor.actor
                yield Transaction(connection, actor)
                committing = True
                begun.commit()
        except (sa.exc.StatementError, sa.exc.TimeoutError, psycopg.Error) as error:
            raise translated(error, self.name, committing=committing) from error

    def run(self, work: Callable[[Transaction], T], actor: Acting | Actor | None = None) -> T:
        """``work(transaction)`` in one transaction, tried again whole when locks or snapshots collide."""

        def attempt() -> T:
            with self.transaction(actor) as tx:
                return work(tx)

        return _patiently(attempt)

    def call(self, function: str, parameters: Mapping[str, Any]) -> sa.Row[Any]:
        """The one row of ``SELECT * FROM greenroom.<function>(...)``, as `once`. A parameter that is `Acting` becomes
        the actor's id, once the rights are there."""
        acting = next((value for value in parameters.values() if isinstance(value, Acting)), None)
        values = {name: value for name, value in parameters.items() if not isinstance(value, Acting)}
        arguments = ", ".join(
            f"{name} => {f':{name}' if name in values else Acting.ID}" for name in parameters
        )
        (only,) = self.once(f"SELECT * FROM greenroom.{function}({arguments})", values, acting)
        return only

    def once(
        self,
        sql: str,
        parameters: Mapping[str, Any],
        acting: Acting | None = None,
        *,
        statement_timeout: str | None = None,
    ) -> list[sa.Row[Any]]:
        """All rows of a statement that is a transaction by itself; it names `Acting.ID` when it is given one.
        ``statement_timeout`` ("5min") is for what takes longer than everyday work may.

        One round trip: no lock is held while an answer travels (concurrency.md). Tried again as `run` is;
        a connection lost on the way raises `DatabaseDown` with ``unknown_outcome`` and is never repeated.
        Raises `NotAllowed` and `AccountClosed` of ``acting``, and what `transaction` raises.
        """
        statement = spelled(sql)
        values = {**parameters, **(acting.values if acting is not None else {})}

        def attempt() -> list[sa.Row[Any]]:
            sent = False
            try:
                with self.connected() as connection, _patient(connection, statement_timeout):
                    sent = True
                    return list(connection.exec_driver_sql(statement, values).all())
            except (sa.exc.StatementError, sa.exc.TimeoutError, psycopg.Error) as error:
                if acting is not None and isinstance(error, sa.exc.StatementError):
                    refuse(error, acting)
                raise translated(error, self.name, committing=sent) from error

        return _patiently(attempt)

    def connected(self) -> sa.Connection:
        """A connection in autocommit, for one call. Raises what drivers raise (`translated`)."""
        self._calling.now = True
        try:
            return self.engine.connect()
        finally:
            self._calling.now = False

    def _make_sure(
        self, connection: psycopg.Connection[Any], record: ConnectionPoolEntry, _proxy: object
    ) -> None:
        """Replace a connection that broke while it was idle, unnoticed. SQLAlchemy's own ping has no deadline. Before
        each call of a burst it would double the round trips.

        Whether it is in autocommit is settled here, and stays when it is given back: as an option of SQLAlchemy's it
        is switched on and off again with each call."""
        calling = getattr(self._calling, "now", False)
        fresh = calling and time.monotonic() - record.info.get("used", 0.0) < FRESH_SECONDS
        sure = record.info.pop("new", False) or (fresh and pooling.is_silent(connection))
        if not sure and not pooling.answers(connection):
            raise sa.exc.InvalidatePoolError
        if connection.autocommit is not calling:
            connection.autocommit = calling


@lru_cache(maxsize=256)
def prepared(sql: str) -> sa.TextClause:
    """A statement, read for its parameters, which takes a sixth of what a call costs here. There are some dozens."""
    return sa.text(sql)


@lru_cache(maxsize=256)
def spelled(sql: str) -> str:
    """A statement as the driver wants it. SQLAlchemy would look it up among the compiled ones with each call, and then
    for types, of which a text has none: a sixth of what a call costs here, again."""
    return prepared(sql).compile(dialect=DIALECT).string


def _patient(connection: sa.Connection, limit: str | None) -> AbstractContextManager[None]:
    driver = connection.connection.driver_connection
    return pooling.patient(driver, limit) if limit is not None and driver is not None else nullcontext()


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


def _prepare(connection: psycopg.Connection[Any], record: ConnectionPoolEntry) -> None:
    pooling.prepare(connection)
    record.info["new"] = True


def _used(_connection: psycopg.Connection[Any] | None, record: ConnectionPoolEntry) -> None:
    record.info["used"] = time.monotonic()


def _leave_a_standby(context: ExceptionContext) -> None:
    """A server that stopped taking changes is left, so that the next try finds the one that does. A transaction that
    was begun to read only says the same of itself."""
    if getattr(context.original_exception, "sqlstate", None) == READ_ONLY and context.connection is not None:
        driver = context.connection.connection.driver_connection
        context.is_disconnect = driver is not None and not driver.read_only
