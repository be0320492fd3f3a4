"""The fair's visitors into the database: COPY in batches, the indexes of lists made afterwards in one go."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

from desktop.services.demo import copying, fair, rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from desktop.db.session import Database, Transaction
    from desktop.services.demo.fair import Fair

BATCH: Final = 10_000
"""Rows of one COPY: how often progress is told, and how soon a wish to stop is heard."""

FREE_INDEXES = """
SELECT i.indexrelid::regclass::text AS name, pg_get_indexdef(i.indexrelid) AS definition
  FROM pg_index i
 WHERE i.indrelid = 'event_registrations'::regclass
   AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)
 ORDER BY 1
"""
"""The indexes no constraint stands on."""


def pour(tx: Transaction, large: Fair, told: Callable[[str, int], None]) -> None:
    """Write all visitors of a fair; the seat counters are kept by their triggers as ever. ``told`` hears what is being
    done and how many rows were written, after each batch, and may raise.

    The table must not be in use: its indexes are dropped and made again within the transaction, because a million
    random keys would otherwise be put into each of them one by one.
    """
    tx.execute("SET LOCAL statement_timeout = 0")
    tx.execute("SET LOCAL greenroom.notify = 'off'")  # nobody has this database open yet
    tx.execute("SET LOCAL maintenance_work_mem = '256MB'")
    indexes = tx.rows(FREE_INDEXES)
    for index in indexes:
        tx.execute(f"DROP INDEX {index.name}")
    writing = f"Writing {large.visitors:,} registrations for one event"
    told(writing, 0)
    visitors = fair.coming(large)
    done = 0
    while batch := list(islice(visitors, BATCH)):
        copying.copy(tx, "users", rows.User, [one.account for one in batch if one.account])
        copying.copy(tx, "orders", rows.Order, [one.order for one in batch if one.order])
        copying.copy(tx, "event_registrations", rows.Registration, [one.registration for one in batch])
        done += len(batch)
        told(writing, done)
    for number, index in enumerate(indexes, start=1):
        told(f"Making index {number} of {len(indexes)}", done)
        tx.execute(index.definition)


def tidy(database: Database) -> None:
    """Note for the server which pages everybody may see, as its autovacuum would in its own time: until then no
    order comes from an index alone."""
    connecting = database.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    with connecting as connection:
        connection.detach()  # closed afterwards: its settings are nobody else's
        connection.exec_driver_sql("SET statement_timeout = 0")
        connection.exec_driver_sql("VACUUM (ANALYZE) users, orders, event_registrations")
