"""Being told of other people's changes: one connection that listens, in a thread of its own.

A notification wakes and says which rows; the truth is read (concurrency.md). All are lost while nobody listens, so each
connection made begins with `Listening`: whoever shows something reads it again. The connection is never in a
transaction, which would keep the server's queue of notifications from being emptied.
"""

from __future__ import annotations

import logging
import math
import random
import selectors
import socket
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import pq

from desktop import errors
from desktop.db import locations, pooling
from desktop.db.pooling import Pooling

if TYPE_CHECKING:
    from collections.abc import Callable

    from psycopg.pq.abc import PGresult

    from desktop.db.session import Database

log = logging.getLogger("greenroom.changes")

CHANNEL = "greenroom"
NAME = "greenroom listening"
"""What the server's owner sees among the connections."""
TOGETHER_SECONDS = 0.1
"""What comes within so long of the last burst is told as one; the first of them at once."""
QUIET_SECONDS = 3.0
"""When nothing has come for so long, the server is asked whether it lives, and whether it would tell: a dead link is
told within this and `pooling.PATIENCE_SECONDS`, and so is silence."""
SLOW_SECONDS = 60.0
"""How often everything shown is read again where not everything is told (`Unheard`)."""
FIRST_TRY_SECONDS, LAST_TRY_SECONDS = 0.25, 10.0
"""Between two tries to connect, doubling, with jitter: a server that comes back is not stormed."""

LISTEN = f"LISTEN {CHANNEL}".encode()
SERVER_SIDE = (
    b"; SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 3;"
    b" SET tcp_user_timeout = 5000"
)
"""The server lets go of a computer that sleeps or is frozen as soon as we let go of a dead server: until then it keeps
notifications for it."""

SILENT = b"""
SELECT current_setting('max_prepared_transactions') <> '0' AND NOT EXISTS (
  SELECT FROM pg_catalog.pg_db_role_setting s
    JOIN pg_catalog.pg_database d ON d.datname = current_database() AND s.setdatabase IN (0, d.oid)
   WHERE 'greenroom.notify=on' = ANY (s.setconfig))"""
"""Whether the website says nothing, lest a transaction it prepares be refused (revision 0022)."""
UNTOLD = SILENT + b" OR pg_notification_queue_usage() >= 0.5"
"""Whether changes are not told just now: `SILENT`, or the queue is half full (`greenroom.may_tell`)."""


@dataclass(frozen=True, slots=True)
class Listening:
    """From now on every change is told; what happened before may not have been."""


@dataclass(frozen=True, slots=True)
class Unheard:
    """A connection pooler stands before the server, so nothing is ever told, or not everything is (`UNTOLD`); repeated
    every `SLOW_SECONDS`."""


@dataclass(frozen=True, slots=True)
class Offline:
    """The server cannot be reached since then (UTC); it is tried again."""

    since: datetime


@dataclass(frozen=True, slots=True)
class Heard:
    """Notifications, in the order of their commits; ``at`` is when the first arrived here (`time.monotonic`)."""

    payloads: tuple[str, ...]
    at: float


Report = Listening | Unheard | Offline | Heard


class Listener:
    """What one database tells, for everybody who follows it. Thread-safe; `start` makes the thread."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._followers: list[Callable[[Report], None]] = []
        self._state: Listening | Unheard | Offline | None = None
        self._thread: threading.Thread | None = None
        self._closed = False
        self._waking: socket.socket | None = None
        self._waking_lock = threading.Lock()

    def start(self) -> None:
        """Listen until `close`, and connect again whenever the link breaks. Returns at once; twice is once."""
        with self._lock:
            if self._thread is None and not self._closed:
                self._waking, woken = socket.socketpair()
                self._waking.setblocking(False)
                self._thread = threading.Thread(
                    target=self._run, args=(woken,), name="greenroom-listen", daemon=True
                )
                self._thread.start()

    def follow(self, tell: Callable[[Report], None]) -> Callable[[], None]:
        """Tell what happens from now on, beginning with how things stand, until what is returned is called; after
        that ``tell`` is not running any more. It is called in the listener's thread and must not wait."""
        with self._lock:
            self._followers.append(tell)
            if self._state is not None:
                tell(self._state)

        def leave() -> None:
            with self._lock:
                if tell in self._followers:
                    self._followers.remove(tell)

        return leave

    def hurry(self) -> None:
        """Try at once to connect, if there is no connection. Does not wait for anybody who is being told."""
        self._wake()

    def close(self, seconds: float = 0.5) -> None:
        """Listen no more. Waits for the thread so long at most: one that is just connecting ends by itself."""
        with self._lock:
            self._closed = True
            self._followers.clear()
            self._wake()
            thread = self._thread
        if thread is not None:
            thread.join(seconds)

    def _wake(self) -> None:
        with self._waking_lock:
            if self._waking is not None:
                with suppress(BlockingIOError):  # it is busy connecting, and was told some hundred times
                    self._waking.send(b".")

    def _tell(self, report: Report) -> None:
        with self._lock:
            if not isinstance(report, Heard):
                self._state = report
                log.info("%s", type(report).__name__.lower())
            for tell in self._followers:
                tell(report)

    def _run(self, woken: socket.socket) -> None:
        wait = FIRST_TRY_SECONDS
        try:
            while not self._closed:
                try:
                    self._listen(woken)
                except (psycopg.Error, errors.AppError):
                    if not isinstance(self._state, Offline):
                        wait = FIRST_TRY_SECONDS
                        self._tell(Offline(datetime.now(UTC)))
                    _pause(woken, random.uniform(wait / 2, wait))
                    wait = min(wait * 2, LAST_TRY_SECONDS)
        finally:
            with self._waking_lock:
                if self._waking is not None:
                    self._waking.close()
                    self._waking = None
            woken.close()
            if not self._closed:  # a fault of ours; nobody is to believe that all is well
                self._tell(Offline(datetime.now(UTC)))

    def _listen(self, woken: socket.socket) -> None:
        """Connect, and tell what is heard until it is closed. Raises when the link breaks."""
        connection = self._connected()
        if connection is None:
            self._go_round(woken)
            return
        try:
            direct = connection.cursor_factory is not pooling.PooledCursor
            for result in pooling.answer(connection, LISTEN + SERVER_SIDE if direct else LISTEN):
                if result.status != pq.ExecStatus.COMMAND_OK:
                    raise psycopg.errors.error_from_result(result)
            state = _state(pooling.answer(connection, UNTOLD))
            if not self._closed:
                self._hear(connection, woken, state)
        finally:
            connection.close()

    def _connected(self) -> psycopg.Connection[Any] | None:
        """A connection of its own with the settings of all others; None behind a pooler that would give what it hears
        to somebody else."""
        database = self._database
        _, options = database.engine.dialect.create_connect_args(database.url)
        ours = locations.connect_arguments(database.url)
        if "application_name" in ours:
            ours["application_name"] = NAME
        connection = psycopg.connect(**{**options, **ours}, autocommit=True)
        pooling.prepare(connection)
        try:
            if connection.cursor_factory is not pooling.PooledCursor:
                return connection
            if database.pooling is Pooling.SESSION:
                return connection
        except errors.AppError:
            connection.close()
            raise
        connection.close()
        return None

    def _go_round(self, woken: socket.socket) -> None:
        """Nobody is told here: look whether the server answers, now and then."""
        while not self._closed:
            with self._database.transaction() as tx:
                tx.value("SELECT 1")
            self._tell(Unheard())
            _pause(woken, SLOW_SECONDS)

    def _hear(
        self, connection: psycopg.Connection[Any], woken: socket.socket, state: Listening | Unheard
    ) -> None:
        self._tell(state)
        again = _again(state)
        pgconn = connection.pgconn
        gathered: list[str] = []
        answer: list[PGresult] = []
        first = told = asked = 0.0
        last = time.monotonic()
        with selectors.DefaultSelector() as selector:
            selector.register(pgconn.socket, selectors.EVENT_READ)
            selector.register(woken, selectors.EVENT_READ)
            while not self._closed:
                while (notification := pgconn.notifies()) is not None:
                    first = first if gathered else time.monotonic()
                    gathered.append(notification.extra.decode())
                now = time.monotonic()
                if gathered and now >= told + TOGETHER_SECONDS:
                    self._tell(Heard(tuple(gathered), first))
                    gathered.clear()
                    told = now
                if now >= again:
                    self._tell(state)
                    again = _again(state)
                due = min(again, asked + pooling.PATIENCE_SECONDS if asked else last + QUIET_SECONDS)
                if gathered:  # what else comes until then is told with it: nobody need wake up for each
                    due = min(due, told + TOGETHER_SECONDS)
                    _doze(woken, max(0.0, due - now))
                ready = {key.fileobj for key, _ in selector.select(0.0 if gathered else max(0.0, due - now))}
                now = time.monotonic()
                if woken in ready:
                    woken.recv(4096)
                if pgconn.socket in ready:
                    last = now
                    pgconn.consume_input()
                    if asked and _answered(connection, answer):
                        asked = 0.0
                        if (found := _state(answer)) != state:
                            state = found
                            self._tell(state)
                            again = _again(state)
                        answer.clear()
                elif asked and now >= asked + pooling.PATIENCE_SECONDS:
                    raise psycopg.OperationalError("timeout expired")
                elif not asked and now >= last + QUIET_SECONDS:
                    pgconn.send_query(UNTOLD)
                    pgconn.flush()
                    asked = now


def _answered(connection: psycopg.Connection[Any], got: list[PGresult]) -> bool:
    """Whether the whole answer to the question whether it lives has come; what has come of it is put into ``got``."""
    while not connection.pgconn.is_busy():
        result = connection.pgconn.get_result()
        if result is None:
            return True
        got.append(result)
    return False


def _state(answer: list[PGresult]) -> Listening | Unheard:
    """What the answer to `UNTOLD` says. Raises `psycopg.Error` for any other."""
    if not answer:
        raise psycopg.OperationalError("the server said nothing")
    if answer[0].status != pq.ExecStatus.TUPLES_OK:
        raise psycopg.errors.error_from_result(answer[0])
    return Unheard() if answer[0].get_value(0, 0) == b"t" else Listening()


def _again(state: Listening | Unheard) -> float:
    """When this is to be told again (`time.monotonic`)."""
    return time.monotonic() + SLOW_SECONDS if isinstance(state, Unheard) else math.inf


def _pause(woken: socket.socket, seconds: float) -> None:
    """Wait, unless somebody hurries or closes."""
    if _doze(woken, seconds):
        woken.recv(4096)


def _doze(woken: socket.socket, seconds: float) -> bool:
    """Wait, unless somebody hurries or closes; whether somebody did."""
    with selectors.DefaultSelector() as selector:
        selector.register(woken, selectors.EVENT_READ)
        return bool(selector.select(seconds))
