"""Reading by the driver's own cursor: what is read while somebody scrolls does without SQLAlchemy's statements and
rows, which cost twice what the driver costs."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import psycopg
import sqlalchemy as sa

from desktop.db.session import spelled

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from desktop.db.session import Database


@contextmanager
def connected(database: Database) -> Iterator[psycopg.Connection[Any]]:
    """The driver's connection of `Database.connected`, for one statement. That it broke is told to the pool, which
    closes it, and to the log. Raises what drivers raise."""
    with database.connected() as connection:
        mine = driver(connection)
        try:
            yield mine
        except psycopg.Error:
            if mine.closed:
                with suppress(sa.exc.StatementError):
                    connection.exec_driver_sql("")  # nothing is sent: SQLAlchemy sees for itself
            raise


def driver(connection: sa.Connection) -> psycopg.Connection[Any]:
    """What SQLAlchemy's connection goes through."""
    found = connection.connection.driver_connection
    if not isinstance(found, psycopg.Connection):
        raise TypeError("grids read through psycopg")
    return found


def rows(
    connection: psycopg.Connection[Any], sql: str, values: Mapping[str, object]
) -> psycopg.Cursor[tuple[Any, ...]]:
    """What a statement found, in binary, its parameters named as in ``:name``. All of it has been read: the cursor asks
    nobody, and is good for as long as somebody keeps it."""
    return connection.cursor(binary=True).execute(spelled(sql).encode(), values)
