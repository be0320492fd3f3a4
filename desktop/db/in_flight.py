"""Calls that are on their way to a database, and how they end when the program does.

Nothing is left half-written, because whatever is called is one transaction: it is finished, or it is taken back whole.
"""

from __future__ import annotations

import os
import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import psycopg
from sqlalchemy import event

from desktop import errors

if TYPE_CHECKING:
    from collections.abc import Callable

    import sqlalchemy as sa
    from sqlalchemy.pool import ConnectionPoolEntry

FINISH_SECONDS: Final = 0.1
"""What takes less time than this is finished."""
OBEY_SECONDS: Final = 0.25
"""How long the server may take to give up what it is asked to give up."""
GONE_SECONDS: Final = 0.1


class InFlight:
    """The connections of an engine that somebody has right now. Thread-safe. ``exempt`` says of the thread it is called
    in whether it may go on; nobody waits for it here."""

    def __init__(self, engine: sa.Engine, exempt: Callable[[], bool]) -> None:
        self._exempt = exempt
        self._changed = threading.Condition()
        self._lent: dict[ConnectionPoolEntry, psycopg.Connection[Any]] = {}
        self._ended = False
        self._pool_gone = False
        event.listen(engine, "checkout", self._lend, insert=True)
        event.listen(engine, "checkin", self._take_back)

    def end(self) -> bool:
        """Refuse new calls from now on, with `ProgramClosing`, and let those in flight end: by themselves within
        `FINISH_SECONDS`, cancelled on the server within `OBEY_SECONDS`, else by cutting the line, as when nobody is
        there at the other end. True when all have ended."""
        with self._changed:
            self._ended = True
            if self._changed.wait_for(self._none, FINISH_SECONDS):
                return True
            late = list(self._lent.values())
        for connection in late:
            threading.Thread(target=_cancel, args=(connection,), name="greenroom-cancel", daemon=True).start()
        with self._changed:
            if self._changed.wait_for(self._none, OBEY_SECONDS):
                return True
            for connection in self._lent.values():
                _cut(connection)
            return self._changed.wait_for(self._none, GONE_SECONDS)

    def leave_pool(self) -> None:
        """The pool is about to go: a connection that is still lent, to a thread nobody waits for, is closed when it
        comes back. Unless that is known before, it comes back to a pool that nobody closes any more."""
        self._pool_gone = True

    def _none(self) -> bool:
        return not self._lent

    def _lend(self, connection: psycopg.Connection[Any], record: ConnectionPoolEntry, _proxy: object) -> None:
        if self._exempt():
            return
        with self._changed:
            if self._ended:
                raise errors.ProgramClosing
            self._lent[record] = connection

    def _take_back(self, connection: psycopg.Connection[Any] | None, record: ConnectionPoolEntry) -> None:
        if (self._ended or self._pool_gone) and connection is not None:
            connection.close()  # nobody gets it any more
        with self._changed:
            if self._lent.pop(record, None) is not None:
                self._changed.notify_all()


def _cancel(connection: psycopg.Connection[Any]) -> None:
    with suppress(psycopg.Error):  # then the line is cut
        connection.cancel_safe(timeout=OBEY_SECONDS)


def _cut(connection: psycopg.Connection[Any]) -> None:
    """Whoever waits for an answer hears at once that there will be none."""
    try:
        line = socket.socket(fileno=os.dup(connection.pgconn.socket))
    except (psycopg.Error, OSError):  # it was closed meanwhile
        return
    with line, suppress(OSError):  # it broke by itself
        line.shutdown(socket.SHUT_RDWR)
