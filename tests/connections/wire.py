"""What goes over the wire, message by message."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import event

if TYPE_CHECKING:
    from pathlib import Path

    from desktop.db.session import Database


def sent(
    database: Database, function: str, parameters: dict[str, object], trace: Path
) -> list[tuple[str, str]]:
    """Kind and content of each message that one call sends on a connection that was in use before; libpq writes them
    to ``trace``, on Linux only."""
    followed = []
    with trace.open("w") as file:

        def follow(connection, _record, _proxy):
            followed.append(connection)
            connection.pgconn.trace(file.fileno())

        database.call(function, parameters)
        event.listen(database.engine, "checkout", follow)
        database.call(function, parameters)
        event.remove(database.engine, "checkout", follow)
        for connection in followed:
            connection.pgconn.untrace()
    told = [line.split("\t") for line in trace.read_text().splitlines()]
    return [(kind, str(rest)) for _when, way, _size, kind, *rest in told if way == "F"]
