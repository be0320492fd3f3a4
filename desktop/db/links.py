"""Whether a database is reached: a line in the log when it first is, no longer is, and is again. No host, no name."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Any

from sqlalchemy import event

from desktop.db import locations

if TYPE_CHECKING:
    import psycopg
    import sqlalchemy as sa
    from sqlalchemy.engine import ExceptionContext

log = logging.getLogger("greenroom.connection")


def watch(engine: sa.Engine) -> None:
    """Note from now on what becomes of the engine's connections."""
    link = _Link(where(engine.url))
    event.listen(engine, "connect", lambda connection, _record: link.made(connection))
    event.listen(engine, "handle_error", link.failed)


def where(url: sa.URL) -> str:
    """What kind of place an address leads to."""
    return "on this computer" if locations.is_local(url) else "on another computer"


def kind(engine: sa.Engine) -> str:
    """The same, with the server's version where it is known; asks nobody."""
    version = getattr(engine.dialect, "server_version_info", None)
    return f"PostgreSQL {'.'.join(map(str, version))} {where(engine.url)}" if version else where(engine.url)


class _Link:
    """What was last said of one database. Thread-safe."""

    def __init__(self, place: str) -> None:
        self._place = place
        self._lock = threading.Lock()
        self._said = ""

    def made(self, connection: psycopg.Connection[Any]) -> None:
        """A connection was made, the first or another one."""
        said = self._became("open")
        if said:
            version = connection.info.server_version
            again = "regained" if said == "lost" else "opened"
            log.info("%s: PostgreSQL %d.%d %s", again, version // 10000, version % 10000, self._place)

    def failed(self, context: ExceptionContext) -> None:
        """A statement failed, or an attempt to connect, which has no connection yet."""
        if (context.is_disconnect or context.connection is None) and self._became("lost"):
            state = getattr(context.original_exception, "sqlstate", None)
            log.warning(
                "lost: %s%s", type(context.original_exception).__name__, f" ({state})" if state else ""
            )

    def _became(self, new: str) -> str:
        """What it was before, when that is something else; "new" at first."""
        with self._lock:
            before, self._said = self._said, new
        return "" if before == new else before or "new"
