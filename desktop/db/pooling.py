"""What every connection sets, and how it is made to hold behind a connection pooler.

A pooler in transaction mode (PgBouncer's ``pool_mode = transaction``) lends a server's connection for one
transaction. What is set for the session there stays with that connection and meets whoever gets it next, the
website above all; what was meant for ours is gone with the next transaction. So nothing is set before it is known
who answers: libpq is told a process id when it connects, a pooler invents one, and `pg_backend_pid` tells the
true one. Behind a pooler of whatever mode, the settings are made with each transaction and end with it.
"""

from __future__ import annotations

import enum
import select
import selectors
import sys
import time
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import psycopg
import sqlalchemy as sa
from psycopg import pq, sql

from desktop.db import beyond

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Self

    from psycopg.pq.abc import PGresult

SETTINGS = {
    "TimeZone": "UTC",
    "search_path": "public",  # not the schema of a role that happens to be called greenroom
    "default_transaction_isolation": "read committed",
    "lock_timeout": "2s",
    "statement_timeout": "15s",
    "idle_in_transaction_session_timeout": "10s",
    "jit": "off",
    "client_min_messages": "error",  # a notice of somebody's trigger may hold a row, and notices are logged
}
"""What holds for every statement (concurrency.md); never a startup option, which a pooler refuses."""

PATIENCE_SECONDS = 3.0
"""How long the server may take to answer for a connection that was idle, or is new. With libpq's ``connect_timeout``
of 3 s after it, a dead link is told within 7 s; TCP alone takes 5 to 7 s to notice, before anybody connects again."""

PROBES = 5
"""How often `kind` looks whether the server's connection changes under ours."""


class Pooling(enum.Enum):
    """Who stands between Greenroom and the server."""

    NONE = "none"
    SESSION = "session"
    TRANSACTION = "transaction"


LOST = {
    Pooling.NONE: None,
    Pooling.SESSION: (
        "A connection pooler in session mode stands before the server. Nothing is lost, but each of Greenroom's"
        " connections keeps one of the pooler's for as long as it is open."
    ),
    Pooling.TRANSACTION: (
        "A connection pooler stands before the server and lends a connection for one transaction only. Greenroom"
        " makes its settings anew with each transaction; it cannot be told of other people's changes (LISTEN), only"
        " see them when a list is read again; and “greenroom db upgrade” needs the address of the server itself."
    ),
}
"""What a person is told; None where there is nothing to tell."""


def prepare(connection: psycopg.Connection[Any]) -> None:
    """Make `SETTINGS` hold for a new connection, in one round trip: for the session when the server itself answers,
    otherwise with each transaction. Raises `psycopg.OperationalError`, and closes the connection, when nobody answers
    within `PATIENCE_SECONDS`: a pooler may let us in and have no connection to lend.

    Named prepared statements would outlive the transaction as well, so behind a pooler there are none. Times that
    Python has not are read all the same (`beyond`).
    """
    beyond.prepare(connection)
    wanted = sql.SQL(", ").join(sql.SQL("({}, {})").format(*setting) for setting in SETTINGS.items())
    query = sql.SQL(
        "SELECT set_config(name, value, false) FROM (VALUES {}) wanted (name, value) WHERE pg_backend_pid() = {}"
    ).format(wanted, connection.info.backend_pid)
    try:
        made, *_ = answer(connection, query.as_bytes(connection))
        if made.status != pq.ExecStatus.TUPLES_OK:
            raise psycopg.errors.error_from_result(made)
    except psycopg.Error:
        connection.close()
        raise
    if not made.ntuples:
        connection.prepare_threshold = None
        connection.cursor_factory = PooledCursor


LOCAL = tuple(
    sql.SQL("SET LOCAL {} = {}").format(sql.Identifier(name), value) for name, value in SETTINGS.items()
)
"""`SETTINGS` for one transaction. Not set_config(): after a SELECT its isolation level cannot be chosen any more."""


class PooledCursor(psycopg.Cursor[Any]):
    """A cursor behind a pooler: a transaction begins with the settings, in as many round trips as without them. A
    statement in autocommit becomes a transaction of its own, from BEGIN to COMMIT in one round trip, so that no lock is
    held while an answer travels (concurrency.md)."""

    local = LOCAL

    def execute(self, *arguments: Any, **options: Any) -> Self:
        """As `psycopg.Cursor.execute`."""
        self._with_settings(partial(super().execute, *arguments, **options))
        return self

    def executemany(self, *arguments: Any, **options: Any) -> None:
        """As `psycopg.Cursor.executemany`."""
        self._with_settings(partial(super().executemany, *arguments, **options))

    def _with_settings(self, run: Callable[[], object]) -> None:
        connection = self.connection
        if connection.info.transaction_status != pq.TransactionStatus.IDLE:
            run()
        elif connection.autocommit:
            _in_one_go(connection, run, self.local)
        else:
            _begin(connection)
            run()


@contextmanager
def patient(connection: psycopg.Connection[Any], limit: str) -> Iterator[None]:
    """Within the block a statement in autocommit may take as long as ``limit`` ("5min"), in as many round trips."""
    longer = sql.SQL("SET {} statement_timeout = {}")
    if connection.cursor_factory is PooledCursor:
        local = (*LOCAL, longer.format(sql.SQL("LOCAL"), limit))
        connection.cursor_factory = type("PatientCursor", (PooledCursor,), {"local": local})
        try:
            yield
        finally:
            connection.cursor_factory = PooledCursor
        return
    connection.execute(longer.format(sql.SQL("SESSION"), limit))
    try:
        yield
    finally:
        try:
            connection.execute(longer.format(sql.SQL("SESSION"), SETTINGS["statement_timeout"]))
        except psycopg.Error:
            connection.close()  # it broke; whoever gets it next must not wait so long


def keep(connection: psycopg.Connection[Any]) -> None:
    """Make `SETTINGS` hold for the session behind a pooler as well, and let statements run as they are. Only for a
    connection through a pooler in session mode that is closed afterwards: what is set would meet whoever gets it."""
    if connection.cursor_factory is PooledCursor:
        connection.cursor_factory = psycopg.Cursor
        for setting in SETTINGS.items():
            connection.execute("SELECT set_config(%s, %s, false)", setting)


def _begin(connection: psycopg.Connection[Any]) -> None:
    """Begin as psycopg would, with the settings. Not in a pipeline with the first statement: psycopg ends one with a
    Flush, by which the server forgets ``idle_in_transaction_session_timeout`` until the next statement."""
    level = connection.isolation_level or psycopg.IsolationLevel.READ_COMMITTED
    begin = sql.SQL("BEGIN ISOLATION LEVEL {}{}").format(
        sql.SQL(level.name.replace("_", " ")), sql.SQL(" READ ONLY" if connection.read_only else "")
    )
    try:
        for result in answer(connection, sql.SQL("; ").join([begin, *LOCAL]).as_bytes(connection)):
            if result.status != pq.ExecStatus.COMMAND_OK:
                raise psycopg.errors.error_from_result(result)
    except psycopg.Error:
        connection.close()
        raise


def _in_one_go(
    connection: psycopg.Connection[Any], run: Callable[[], object], local: Sequence[sql.Composed]
) -> None:
    """A whole transaction in a pipeline; raised is the first error, not those that follow from it."""
    failure: psycopg.Error | None = None
    around = psycopg.Cursor(connection)
    try:
        with connection.pipeline():
            try:
                around.execute("BEGIN ISOLATION LEVEL READ COMMITTED")
                for setting in local:
                    around.execute(setting)
                run()
                around.execute("COMMIT")
            except psycopg.Error as error:
                failure = error
    except psycopg.Error as error:
        failure = failure or error
    if failure is not None:
        if not connection.closed:
            connection.rollback()
        raise failure


def is_silent(connection: psycopg.Connection[Any]) -> bool:
    """Whether it waits for a statement, and nothing has come since the last answer: a server that ends a connection
    says so, or closes it. Asked before each call: a selector would open a file, and close it, each time."""
    pgconn = connection.pgconn
    if pgconn.transaction_status != pq.TransactionStatus.IDLE:
        return False
    if sys.platform == "win32":
        return not select.select([pgconn.socket], [], [], 0)[0]
    told = select.poll()
    told.register(pgconn.socket, select.POLLIN)
    return not told.poll(0)


def answers(connection: psycopg.Connection[Any]) -> bool:
    """Whether the server answers within `PATIENCE_SECONDS`; a connection whose server does not must be closed."""
    try:
        results = answer(connection, b"")
    except psycopg.Error:
        return False
    return bool(results) and all(result.status == pq.ExecStatus.EMPTY_QUERY for result in results)


def answer(connection: psycopg.Connection[Any], query: bytes) -> list[PGresult]:
    """What the server says to a query, within `PATIENCE_SECONDS`; psycopg itself would wait for it without end. Raises
    `psycopg.OperationalError`."""
    pgconn = connection.pgconn
    limit = time.monotonic() + PATIENCE_SECONDS
    pgconn.send_query(query)
    with selectors.DefaultSelector() as selector:
        selector.register(pgconn.socket, selectors.EVENT_READ)
        pgconn.flush()
        told: list[PGresult] = []
        while True:
            # Before each result, and before the None that ends them: get_result waits without end where the answer is
            # not whole yet, and holds the interpreter's lock meanwhile, so that the whole program stands still.
            while pgconn.is_busy():
                if not selector.select(max(0.0, limit - time.monotonic())):
                    raise psycopg.OperationalError("timeout expired")
                pgconn.consume_input()
            result = pgconn.get_result()
            if result is None:
                return told
            told.append(result)


def kind(engine: sa.Engine) -> Pooling:
    """Who stands before the server. Two connections look at each other: in session mode each keeps the server's
    process it has, in transaction mode a process changes hands at the end of a transaction. A pooler that has no
    second connection in time can be trusted with no more than `Pooling.TRANSACTION`."""
    with engine.connect() as one:
        if _driver(one).cursor_factory is not PooledCursor:
            return Pooling.NONE
        try:
            other = engine.connect()
        except sa.exc.OperationalError:
            return Pooling.TRANSACTION
        with other:
            return Pooling.TRANSACTION if any(_lent(one, other) for _ in range(PROBES)) else Pooling.SESSION


def _lent(one: sa.Connection, other: sa.Connection) -> bool:
    """Whether the server's process of one connection was seen to change."""
    before = _process(one)
    one.rollback()
    if not answers(_driver(other)):
        other.invalidate()
        return True
    changed = _process(other) == before or _process(one) != before
    one.rollback()
    other.rollback()
    return changed


def _driver(connection: sa.Connection) -> psycopg.Connection[Any]:
    driver: psycopg.Connection[Any] | None = connection.connection.driver_connection
    if driver is None:  # pragma: no cover - it was just connected
        raise AssertionError
    return driver


def _process(connection: sa.Connection) -> int:
    return int(connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one())
