"""The database Greenroom works with: whether it is reached, by what way, how quickly, and in which state it is."""

from __future__ import annotations

import statistics
import time
from contextlib import closing
from typing import TYPE_CHECKING, Final

from desktop import errors
from desktop.db import links, locations, schema, upgrade
from desktop.db.session import Database
from desktop.doctor import local_server
from desktop.doctor.asking import Answer
from desktop.faults import surroundings

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    import psycopg

    from desktop.db.session import Transaction

TRIPS: Final = 7
CLOCK_SECONDS: Final = 30.0
"""How far two clocks may be apart before times on screen mislead anybody."""


def look(find: Callable[[], str | None], *, names: bool) -> Answer:
    """The database of the address that ``find`` gives, or the local one if its server runs. Host and database are told
    with ``names`` only."""
    given = find() or local_server.url()
    if given is None:
        return Answer((("State", "on this computer; a window starts its server"),))
    with closing(Database(given)) as database:
        where = (("Address", database.name),) if names else ()
        place = (*where, ("Place", links.where(database.url)))
        try:
            return _looked_at(database, place)
        except errors.AppError as situation:
            told = str(situation) if names else str(situation).replace(database.name, "“…”")
            return Answer(place, (told,))


def _looked_at(database: Database, place: tuple[tuple[str, str], ...]) -> Answer:
    troubles: list[str] = []
    notes: list[str] = []
    with database.transaction() as tx:
        driver: psycopg.Connection[Any] = tx.connection.connection.driver_connection  # type: ignore[assignment]
        trip = statistics.median(_trip(tx) for _ in range(TRIPS))
        ahead = _ahead(tx)
        encrypted = driver.pgconn.ssl_in_use
        facts = [
            *place,
            ("Server", f"PostgreSQL {surroundings.readable(driver.info.server_version)}"),
            ("Schema", _schema(tx, troubles)),
            ("TLS", "yes" if encrypted else "no"),
            ("Round trip", f"{trip * 1000:.1f} ms"),
            ("Its clock", f"{abs(ahead):.1f} s {'ahead of' if ahead >= 0 else 'behind'} this computer's"),
        ]
        if driver.info.server_version // 10000 < upgrade.OLDEST_SERVER:
            troubles.append(
                f"The server is too old: Greenroom needs PostgreSQL {upgrade.OLDEST_SERVER} or newer."
            )
    if abs(ahead) > CLOCK_SECONDS:
        troubles.append(
            f"The clocks of this computer and the server are {abs(ahead):.0f} seconds apart. Let both be set by the"
            " network; the times in lists are the server's."
        )
    if not encrypted and not locations.is_local(database.url):
        troubles.append("The connection crosses the network without TLS. Leave “sslmode” out of the address.")
    elif weak := locations.weak_tls(database.url):
        notes.append(weak)
    pooled = database.pooled
    facts.append(("Pooler", f"yes, {database.pooling.value} mode" if pooled else "no"))
    if pooled:
        notes.append(pooled)
    return Answer(tuple(facts), tuple(troubles), tuple(notes))


def _trip(tx: Transaction) -> float:
    began = time.perf_counter()
    tx.value("SELECT 1")
    return time.perf_counter() - began


def _ahead(tx: Transaction) -> float:
    """Seconds the server's clock is ahead; half a round trip is not known."""
    before = time.time()
    theirs = float(tx.value("SELECT extract(epoch FROM clock_timestamp())"))
    return theirs - (before + time.time()) / 2


def _schema(tx: Transaction, troubles: list[str]) -> str:
    try:
        found = schema.at(tx.connection)
    except errors.SchemaNewer as newer:
        troubles.append(str(newer))
        return "newer than this program's"
    if found != schema.newest():
        troubles.append(str(errors.SchemaOlder()))
    return found or "not prepared for Greenroom"
