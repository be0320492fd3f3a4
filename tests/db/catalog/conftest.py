"""A database at the newest revision, changed as a website or its owner would change it; the change is taken back."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    import sqlalchemy as sa

    from desktop.db.session import Database


@pytest.fixture
def changed(database: Database) -> Callable[[str], AbstractContextManager[sa.Connection]]:
    """``with changed("ALTER TABLE …") as connection``: the test's database with that done to it."""

    @contextmanager
    def change(sql: str) -> Iterator[sa.Connection]:
        with database.engine.connect() as connection:
            begun = connection.begin()
            do(connection, sql)
            yield connection
            begun.rollback()

    return change


def do(connection: sa.Connection, sql: str) -> None:
    """Run statements that may hold % signs."""
    if sql:
        connection.exec_driver_sql(sql.replace("%", "%%"))
