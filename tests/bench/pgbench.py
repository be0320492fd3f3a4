"""PostgreSQL's own pgbench, sending what a service sends: the floor of an operation."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from desktop.db import embedded_cluster, pooling
from tests import statements

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from desktop.db.session import Database

PROGRAM = "pgbench"
WARM = 20
"""Operations of each client that do not count: plans are made, functions compiled."""


@dataclass(slots=True)
class Sent:
    """What one call of a service sent: its statements, whether within a transaction, and their parameters."""

    statements: list[str] = field(default_factory=list)
    parameters: dict[str, Any] = field(default_factory=dict)
    begun: bool = False


def sent(database: Database, call: Callable[[], object]) -> Sent:
    """Call it once, and listen."""
    heard = Sent()

    def begin(connection: sa.Connection) -> None:
        driver = connection.connection.driver_connection
        heard.begun = heard.begun or not (driver is not None and driver.autocommit)

    sa.event.listen(database.engine, "begin", begin)
    try:
        with statements.heard(database) as told:
            call()
    finally:
        sa.event.remove(database.engine, "begin", begin)
    for statement, parameters in told:
        heard.statements.append(statement)
        heard.parameters |= parameters
    return heard


def script(what: Sent, varying: Mapping[str, str]) -> str:
    """The same statements for pgbench; ``varying`` are the parameters that each call has its own of, as SQL of
    ``:n``, the number of the call, and ``:lane``, that of the client."""

    def value(found: re.Match[str]) -> str:
        name = found[1]
        if name in varying:
            return varying[name]
        return "NULL" if what.parameters[name] is None else f":{name}"

    lines = [
        re.sub(r"%\((\w+)\)s", value, one).replace("%%", "%").replace("\n", " ") + ";"
        for one in what.statements
    ]
    if what.begun:
        lines = ["BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY;", *lines, "COMMIT;"]
    return "\n".join(
        ["\\set i :i + 1", "\\set lane :client_id + :lanes", "\\set n :lane * 1000000 + :i", *lines]
    )


def run(
    url: str,
    text: str,
    what: Sent,
    folder: Path,
    *,
    clients: int,
    each: int,
    first: int,
    lanes: int,
) -> list[list[float]]:
    """``each`` calls of every client, in extended protocol with prepared statements, as psycopg sends them. For every
    client the moments, in seconds, at which its calls had ended."""
    (folder / "script.sql").write_text(text, encoding="utf-8")
    for old in folder.glob("log.*"):
        old.unlink()
    known = {name: _text(value) for name, value in what.parameters.items() if value is not None}
    known |= {"i": str(first), "lanes": str(lanes)}
    address = sa.make_url(url)
    settings = " ".join(
        f"-c {name}={value.replace(' ', chr(92) + ' ')}" for name, value in pooling.SETTINGS.items()
    )
    subprocess.run(
        [
            embedded_cluster.programs() / PROGRAM,
            *("--no-vacuum", "--protocol=prepared", "--log", "--log-prefix=log", "--file=script.sql"),
            *(f"--client={clients}", f"--jobs={min(clients, 2)}", f"--transactions={each}"),
            *(f"--define={name}={value}" for name, value in known.items()),
            address.database or "",
        ],
        cwd=folder,
        env={
            **os.environ,
            "PGHOST": str(address.query.get("host", address.host or "")),
            "PGPORT": str(address.port or address.query.get("port", 5432)),
            "PGUSER": address.username or "",
            "PGPASSWORD": str(address.password or ""),
            "PGOPTIONS": settings,
        },
        check=True,
        capture_output=True,
        text=True,
    )
    ended: list[list[float]] = [[] for _ in range(clients)]
    for file in folder.glob("log.*"):
        for entry in file.read_text(encoding="ascii").splitlines():
            client, _number, _took, _script, seconds, micros, *_more = entry.split()
            ended[int(client)].append(int(seconds) + int(micros) / 1e6)
    return ended


def rate(ended: Sequence[Sequence[float]]) -> float:
    """Calls a second of all clients together while all of them were at work and warm."""
    began = max(times[WARM - 1] for times in ended)
    until = min(times[-1] for times in ended)
    counted = sum(sum(began < one <= until for one in times) for times in ended)
    return counted / (until - began)


def _text(value: Any) -> str:
    """As PostgreSQL reads it."""
    if isinstance(value, list):
        return "{" + ",".join(str(one) for one in value) + "}"
    return str(value)
