"""The server and the way to it: version, encoding, TLS, what a pooler takes away, and whether changes are told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop.db import listen, locations, upgrade
from desktop.services.checking.model import Finding, Severity, Subject

if TYPE_CHECKING:
    import psycopg
    import sqlalchemy as sa

    from desktop.db.session import Database, Transaction

QUEUE_FULL = 0.5
"""From here on nothing is told (revision 0022), so that no commit fails for want of room."""

MISUNDERSTOOD = """
SELECT coalesce(r.rolname, 'every role') AS who, split_part(one, '=', 2) AS word
  FROM pg_catalog.pg_db_role_setting s
  LEFT JOIN pg_catalog.pg_roles r ON r.oid = s.setrole
  LEFT JOIN pg_catalog.pg_database d ON d.oid = s.setdatabase
 CROSS JOIN LATERAL unnest(s.setconfig) one
 WHERE (s.setdatabase = 0 OR d.datname = current_database())
   AND one LIKE 'greenroom.notify=%' AND one NOT IN ('greenroom.notify=on', 'greenroom.notify=off')
 ORDER BY 1, 2
"""
"""Who has a setting of that name that says nothing: it is compared with these two words letter by letter, because a
trigger does it with every statement."""


def connection(database: Database, tx: Transaction) -> Subject:
    """What this connection is like. Every account may ask."""
    driver: psycopg.Connection[object] = tx.connection.connection.driver_connection  # type: ignore[assignment]
    encryption = tls(database.url, encrypted=driver.pgconn.ssl_in_use)
    found = (*_server(tx), *encryption, *_pooler(database), *_notifications(tx))
    return Subject("connection", "Server and connection", 7, "things", found)


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


def _notifications(tx: Transaction) -> list[Finding]:
    """What keeps windows from being told of changes; nobody's work fails because of it (revision 0022)."""
    found = []
    if tx.value(listen.SILENT.decode()):
        found.append(
            Finding(
                kind="website_silent",
                severity=Severity.NOTE,
                sentence="The server allows prepared transactions, so windows are not told what the website changes",
                remedy="PostgreSQL would refuse to prepare a transaction that notified. Windows read again every "
                "minute, and with F5. If the website never uses PREPARE TRANSACTION, let its role say so: "
                "ALTER ROLE … SET greenroom.notify = 'on'.",
            )
        )
    found += [
        Finding(
            kind="notify_misunderstood",
            severity=Severity.WRONG,
            sentence=f"greenroom.notify is “{setting.word}” for {setting.who}, which changes nothing",
            remedy="Only 'off' and 'on' are understood, in small letters: ALTER ROLE … SET greenroom.notify = 'off'.",
        )
        for setting in tx.rows(MISUNDERSTOOD)
    ]
    usage = float(tx.value("SELECT pg_notification_queue_usage()"))
    if usage >= QUEUE_FULL:
        found.append(
            Finding(
                kind="notifications_full",
                severity=Severity.WRONG,
                sentence=f"The server's queue of notifications is {usage:.0%} full, so windows are not told of changes",
                remedy="Some program listens and stands still in a transaction. pg_stat_activity shows the oldest "
                "transaction (state “idle in transaction”); end that.",
            )
        )
    return found
