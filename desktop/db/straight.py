"""Reading by the driver's own cursor: what is read while somebody scrolls does without SQLAlchemy's statements and
rows, which cost twice what the driver costs."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import psycopg
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

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
    cursor = connection.cursor(binary=True)
    statement, names = compiled(sql)
    return cursor.execute(statement, {name: values[name] for name in names})


@lru_cache(maxsize=256)
def compiled(sql: str) -> tuple[bytes, tuple[str, ...]]:
    """The statement as the driver wants it, and the names of its parameters: there are some dozens of statements."""
    made = sa.text(sql).compile(dialect=PGDialect_psycopg())  # type: ignore[no-untyped-call]
    return str(made).encode(), tuple(made.params)
