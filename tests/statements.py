"""What is sent to a database, by SQLAlchemy or straight by the driver."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from unittest import mock

import sqlalchemy as sa

from desktop.db import straight
from desktop.db.session import spelled

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from desktop.db.session import Database

Statement = tuple[str, "Mapping[str, Any]"]
"""As the driver gets it, with its parameters by name."""


@contextmanager
def heard(database: Database) -> Iterator[list[Statement]]:
    """Every statement that is sent while the block runs."""
    sent: list[Statement] = []

    def execute(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        sent.append((statement, parameters if isinstance(parameters, dict) else {}))

    def rows(connection: Any, sql: str, values: Mapping[str, object]) -> Any:
        sent.append((spelled(sql), values))
        return read(connection, sql, values)

    read = straight.rows
    sa.event.listen(database.engine, "before_cursor_execute", execute)
    try:
        with mock.patch.object(straight, "rows", rows):
            yield sent
    finally:
        sa.event.remove(database.engine, "before_cursor_execute", execute)
