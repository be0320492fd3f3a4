"""The server and the way to it: version, encoding, TLS, and what a pooler takes away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop.db import locations, upgrade
from desktop.services.checking.model import Finding, Severity, Subject

if TYPE_CHECKING:
    import psycopg
    import sqlalchemy as sa

    from desktop.db.session import Database, Transaction


def connection(database: Database, tx: Transaction) -> Subject:
    """What this connection is like. Every account may ask."""
    driver: psycopg.Connection[object] = tx.connection.connection.driver_connection  # type: ignore[assignment]
    found = (*_server(tx), *tls(database.url, encrypted=driver.pgconn.ssl_in_use), *_pooler(database))
    return Subject("connection", "Server and connection", 4, "things", found)


def _server(tx: Transaction) -> list[Finding]:
    found = []
    version = int(tx.value("SHOW server_version_num")) // 10000
    if version < upgrade.OLDEST_SERVER:
        found.append(
            Finding(
                kind="server_version",
                severity=Severity.WRONG,
                sentence=f"The server is PostgreSQL {version}",
                remedy=f"Greenroom needs PostgreSQL {upgrade.OLDEST_SERVER} or newer.",
            )
        )
    encoding = tx.value("SHOW server_encoding")
    if encoding != "UTF8":
        found.append(
            Finding(
                kind="server_encoding",
                severity=Severity.WRONG,
                sentence=f"The database is encoded as {encoding}",
                remedy="Names in other scripts cannot be stored. Move it to a database with the encoding UTF8.",
            )
        )
    return found


def tls(url: sa.URL, *, encrypted: bool) -> list[Finding]:
    """What is wrong with a connection to this address that is ``encrypted`` or not; on this computer, nothing."""
    if locations.is_local(url):
        return []
    if not encrypted:
        return [
            Finding(
                kind="not_encrypted",
                severity=Severity.WRONG,
                sentence="The connection crosses the network without TLS",
                remedy="Everybody on the way can read names, addresses and passwords. Leave “sslmode” out of the "
                "address, and switch TLS on in the server.",
            )
        ]
    weak = locations.weak_tls(url)
    if weak is None:
        return []
    sentence, _, remedy = weak.partition(". ")
    return [Finding(kind="not_verified", severity=Severity.NOTE, sentence=sentence, remedy=remedy)]


def _pooler(database: Database) -> list[Finding]:
    if database.pooled is None:
        return []
    sentence, _, remedy = database.pooled.partition(". ")
    return [Finding(kind="pooler", severity=Severity.NOTE, sentence=sentence, remedy=remedy)]
