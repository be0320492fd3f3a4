"""Rows into a table by COPY."""

from __future__ import annotations

from dataclasses import fields
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from psycopg import sql

if TYPE_CHECKING:
    from collections.abc import Iterable

    from desktop.db.session import Transaction


def copy(tx: Transaction, table: str, kind: type[Any], content: Iterable[Any]) -> None:
    """Write ``content``, of the dataclass ``kind``, whose fields are named as the columns."""
    columns = [field.name for field in fields(kind)]
    values = attrgetter(*columns)
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    driver: Any = tx.connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(statement) as copying:
        for row in content:
            copying.write_row(values(row))
