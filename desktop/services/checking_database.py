"""Recounting what the database keeps count of: seats, lists of packages, waitlists.

Reads only, and everything at one moment: one REPEATABLE READ snapshot, which nobody waits for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from desktop.db import upgrade

if TYPE_CHECKING:
    import sqlalchemy as sa

    from desktop.db.session import Database, Transaction


@dataclass(frozen=True, slots=True)
class Recount:
    """How many things of a kind were ``counted``, and a sentence for each that is ``wrong``."""

    subject: str
    counted: int
    wrong: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Check:
    """The ``server`` version, the ``schema`` found (None: never prepared) and ``wanted``, and the recounts, which
    are made only when these two agree."""

    server: str
    schema: str | None
    wanted: str
    recounts: tuple[Recount, ...]


def check(database: Database) -> Check:
    """Say what the database is and recount it; nothing is locked or changed.

    Takes about a second for a million registrations. Raises `SchemaNewer` when the database is ahead of this
    program, `DatabaseDown`, `DatabaseRefused`.
    """
    upgrade.is_current(database)
    with database.transaction() as tx:
        tx.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        tx.execute("SET LOCAL statement_timeout = '10min'")
        server = str(tx.value("SHOW server_version")).split(" ")[0]
        schema = _schema(tx)
        wanted = upgrade.newest()
        recounts = (_seats(tx), _lists_of_packages(tx), _waitlists(tx)) if schema == wanted else ()
    return Check(server, schema, wanted, recounts)


def _schema(tx: Transaction) -> str | None:
    if tx.value("SELECT to_regclass('greenroom.schema_version')") is None:
        return None
    found = tx.value("SELECT version_num FROM greenroom.schema_version")
    return None if found is None else str(found)


def _recount(subject: str, tx: Transaction, sql: str) -> Recount:
    """``sql`` gives a row for each thing; those with ``wrong`` set have the sentence in it."""
    row = tx.row(
        "SELECT count(*) AS counted, coalesce(array_agg(title || ': ' || wrong ORDER BY title, wrong)"
        f" FILTER (WHERE wrong IS NOT NULL), '{{}}') AS wrong FROM ({sql}) things"
    )
    counted = _one(row)
    return Recount(subject, counted.counted, tuple(counted.wrong))


def _one(row: sa.Row[Any] | None) -> sa.Row[Any]:
    if row is None:  # pragma: no cover - an aggregate always gives a row
        raise AssertionError
    return row


def _seats(tx: Transaction) -> Recount:
    """Every package's counter (ruling 8) against the registrations that hold a seat (ruling 7)."""
    return _recount(
        "Seats of packages",
        tx,
        """
        SELECT greenroom.package_title(p.id) AS title,
               CASE WHEN s.package_id IS NULL THEN 'there is no seat counter'
                    WHEN s.held <> coalesce(r.held, 0)
                    THEN format('the counter says %s seats are held, and %s are', s.held, coalesce(r.held, 0))
                    WHEN s.capacity IS DISTINCT FROM p.capacity
                    THEN format('the counter knows a capacity of %s, and the package has %s',
                                coalesce(s.capacity::text, 'no limit'), coalesce(p.capacity::text, 'no limit'))
               END AS wrong
          FROM packages p
          LEFT JOIN package_seats s ON s.package_id = p.id
          LEFT JOIN (SELECT package_id, count(*) AS held FROM event_registrations
                      WHERE status IN ('registered', 'attended') GROUP BY package_id) r ON r.package_id = p.id
        """,
    )


def _lists_of_packages(tx: Transaction) -> Recount:
    """Every event's ``packages_ids`` against its packages (ruling 22); the order means nothing."""
    return _recount(
        "Lists of packages of events",
        tx,
        """
        SELECT '“' || coalesce(e.title, 'an untitled event') || '”' AS title,
               CASE WHEN cardinality(e.packages_ids) <> listed.different
                    THEN 'packages_ids lists a package twice'
                    WHEN listed.right_ones < listed.different
                    THEN format('packages_ids lists %s packages that are not of this event',
                                listed.different - listed.right_ones)
                    WHEN listed.right_ones < own.packages
                    THEN format('packages_ids lacks %s of the event''s %s packages',
                                own.packages - listed.right_ones, own.packages)
               END AS wrong
          FROM events e
          CROSS JOIN LATERAL (
            SELECT count(DISTINCT i.id) AS different, count(DISTINCT p.id) AS right_ones
              FROM unnest(e.packages_ids) AS i(id) LEFT JOIN packages p ON p.id = i.id AND p.event_id = e.id) listed
          CROSS JOIN LATERAL (SELECT count(*) AS packages FROM packages p WHERE p.event_id = e.id) own
        """,
    )


def _waitlists(tx: Transaction) -> Recount:
    """Every waitlist's places, which at rest are 1..n (ruling 10)."""
    return _recount(
        "Waitlists",
        tx,
        """
        SELECT greenroom.package_title(w.package_id) AS title,
               CASE WHEN w.placed < w.waiting
                    THEN format('%s of %s waiting people have no place', w.waiting - w.placed, w.waiting)
                    WHEN w.places < w.placed
                    THEN format('some of the %s waiting people share a place', w.waiting)
                    WHEN w.first <> 1 OR w.last <> w.waiting
                    THEN format('the places of the %s waiting people have gaps: they go from %s to %s',
                                w.waiting, w.first, w.last)
               END AS wrong
          FROM (SELECT r.package_id, count(*) AS waiting, count(r.waitlist_position) AS placed,
                       count(DISTINCT r.waitlist_position) AS places,
                       min(r.waitlist_position) AS first, max(r.waitlist_position) AS last
                  FROM event_registrations r WHERE r.status = 'waitlisted' GROUP BY r.package_id) w
        """,
    )
