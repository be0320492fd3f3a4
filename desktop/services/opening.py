"""From an address, or none, to a database this program can work with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from desktop import errors
from desktop.db import embedded, schema
from desktop.db.session import Database

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import sqlalchemy as sa

    from desktop.db.embedded import LocalServer


@dataclass(frozen=True, slots=True)
class Opened:
    """An open database, and the local server when it runs there."""

    database: Database
    server: LocalServer | None

    def close(self) -> None:
        """Close the connections; the local server stops when nobody else uses it."""
        self.database.close()
        if self.server is not None:
            self.server.close()


def open_local(
    folder: Path | None = None, name: str = "greenroom", say: Callable[[str], None] = lambda _line: None
) -> Opened:
    """The database of this computer, started, made and brought to this program's schema as needed.

    Takes seconds the first time. Raises `LocalServerFailed`, `SchemaNewer`.
    """
    say("Starting the local server")
    server = embedded.start(folder)
    try:
        server.ensure_database(name)
        database = Database(server.url(name))
    except BaseException:
        server.close()
        raise
    opened = Opened(database, server)
    try:
        if not schema.is_current(database):
            from desktop.db import upgrade  # and alembic, which nobody else needs

            upgrade.upgrade(database, say)
    except BaseException:
        opened.close()
        raise
    return opened


def open_remote(url: str | sa.URL) -> Opened:
    """A database that belongs to others, as it is: upgrading it is a decision (``greenroom db upgrade``).

    Raises `InvalidField`, `DatabaseDown`, `DatabaseRefused`, `SchemaOlder`, `SchemaNewer`.
    """
    database = Database(url)
    try:
        current = schema.is_current(database)
    except BaseException:
        database.close()
        raise
    if not current:
        database.close()
        raise errors.SchemaOlder
    return Opened(database, None)
