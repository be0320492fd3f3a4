"""Times that look like local time: TIMESTAMP columns hold UTC (ruling 5), and a website may have thought otherwise.

Three signs: a session of this database does not run in UTC, so that ``CURRENT_TIMESTAMP`` writes local time; a time
of the past lies ahead of the clock; two times that one statement wrote lie whole quarters of an hour apart.
Nothing is shifted: nobody can know for each row which clock wrote it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop.db.findings import Trouble
from desktop.db.survey.looking import answer, look

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import sqlalchemy as sa

    from desktop.db.catalog.model import Table
    from desktop.db.findings import Finding

KIND = "local time"
PAST = (
    "created_at", "updated_at", "registered_at", "cancelled_at", "purchased_at", "submitted_at",
    "subscribed_at", "verified_at", "logged_at", "last_login_at",
)  # fmt: skip
"""Columns of things that have happened."""

TOGETHER = (
    ("registered_at", "created_at"), ("cancelled_at", "updated_at"), ("created_at", "updated_at"),
    ("purchased_at", "updated_at"), ("submitted_at", "updated_at"),
)  # fmt: skip
"""Columns that one statement often writes, one of them by the program and the other by the database."""

FEWEST = 3
"""So many rows an exact quarter of an hour apart are no accident, when they are one in ten of those that differ."""

REMEDY = (
    "No time is shifted. Let the website write UTC from now on (ALTER ROLE … SET TimeZone = 'UTC'), and correct "
    "these rows by hand where the difference matters."
)

ZONES = """\
SELECT z.who, z.zone
  FROM (SELECT 'this connection' AS who, s.reset_val AS zone FROM pg_catalog.pg_settings AS s WHERE s.name = 'TimeZone'
        UNION ALL
        SELECT concat_ws(' in ', coalesce('role ' || r.rolname, 'every role'), d.datname),
               substr(c.setting, 10)
          FROM pg_catalog.pg_db_role_setting AS s
          CROSS JOIN LATERAL unnest(s.setconfig) AS c (setting)
          LEFT JOIN pg_catalog.pg_roles AS r ON r.oid = s.setrole
          LEFT JOIN pg_catalog.pg_database AS d ON d.oid = s.setdatabase
         WHERE c.setting ILIKE 'timezone=%' AND (s.setdatabase = 0 OR d.datname = current_database())) AS z
 WHERE timestamptz '2024-01-15 12:00+00' AT TIME ZONE z.zone <> timestamp '2024-01-15 12:00'
    OR timestamptz '2024-07-15 12:00+00' AT TIME ZONE z.zone <> timestamp '2024-07-15 12:00'
 ORDER BY 1"""


def local_looking(connection: sa.Connection, tables: Mapping[str, Table]) -> tuple[Finding, ...]:
    """A finding for the settings, and for each sign in each table. Reads only, and reads the tables whole."""
    found = [look(connection, _settings())]
    for name, table in tables.items():
        if table.kind == "table" and table.column("id") is not None:
            found += [look(connection, trouble) for trouble in _ahead(name, table)]
            found += [
                look(connection, trouble)
                for trouble, counted in _apart(name, table)
                if _often(connection, counted)
            ]
    return tuple(finding for finding in found if finding is not None)


def _settings() -> Trouble:
    return Trouble(
        KIND,
        "the database",
        "Sessions that do not run in UTC write local time wherever they write CURRENT_TIMESTAMP or now().",
        ZONES,
        "Let the website's sessions run in UTC: ALTER ROLE … SET TimeZone = 'UTC'. Greenroom's own always do.",
        refused=False,
    )


def _ahead(name: str, there: Table) -> Iterator[Trouble]:
    columns = [column for column in PAST if _timestamp(there, column)]
    if columns:
        listed = ", ".join(f"t.{column}" for column in columns)
        yield Trouble(
            KIND,
            name,
            "Times of what has happened lie ahead of the present, as local time east of Greenwich does.",
            f"SELECT t.id, {listed}\n  FROM {name} AS t\n"
            f" WHERE greatest({listed}) > timezone('UTC', now()) + interval '5 minutes'\n ORDER BY 1",
            REMEDY,
            refused=False,
        )


def _apart(name: str, there: Table) -> Iterator[tuple[Trouble, str]]:
    """The trouble of each pair of columns, and the statement that counts its rows and those that differ at all.
    Times that fall on a full second were typed or imported, and say nothing about a clock."""
    for one, other in TOGETHER:
        if not (_timestamp(there, one) and _timestamp(there, other)):
            continue
        apart = f"abs(extract(epoch FROM t.{one} - t.{other}))"
        differ = (
            f"{apart} BETWEEN 1790 AND 50410\n"
            f"   AND extract(microseconds FROM t.{one})::int % 1000000 <> 0\n"
            f"   AND extract(microseconds FROM t.{other})::int % 1000000 <> 0"
        )
        exactly = f"abs({apart} - 900 * round({apart} / 900)) <= 2"
        yield (
            Trouble(
                KIND,
                name,
                f"“{one}” and “{other}” lie whole quarters of an hour apart, as when a program and the database "
                "keep clocks of different zones.",
                f"SELECT t.id, t.{one}, t.{other}\n  FROM {name} AS t\n WHERE {differ}\n   AND {exactly}\n ORDER BY 1",
                REMEDY,
                refused=False,
            ),
            f"SELECT count(*) FILTER (WHERE {exactly}), count(*) FROM {name} AS t WHERE {differ}",
        )


def _often(connection: sa.Connection, counted: str) -> bool:
    exactly, differ = answer(connection, counted)
    return bool(exactly >= FEWEST and exactly * 10 >= differ)


def _timestamp(there: Table, name: str) -> bool:
    column = there.column(name)
    return column is not None and column.type == "timestamp without time zone"
