"""Exchange the website's ``package_capacity_status`` for ruling 7's: same name, columns, owner, grants and indexes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from desktop.db.catalog import comparing
from desktop.db.upgrading import inventory
from desktop.db.upgrading.actions import Made

if TYPE_CHECKING:
    import psycopg

    from desktop.db.catalog.model import Table
    from desktop.db.upgrading.actions import Swap
    from desktop.db.upgrading.running import Runner

HELD = "= ANY ((ARRAY['registered'::character varying, 'attended'::character varying])::text[])"
ONLY_REGISTERED = "= 'registered'::text"
"""The one place where ruling 7's query differs from the specification's, in PostgreSQL's words."""

DEPENDENTS = """
SELECT DISTINCT c.oid::regclass::text
  FROM pg_depend d JOIN pg_rewrite r ON r.oid = d.objid AND d.classid = 'pg_rewrite'::regclass
  JOIN pg_class c ON c.oid = r.ev_class
 WHERE d.refobjid = to_regclass(%s) AND c.oid <> to_regclass(%s)
UNION
SELECT p.oid::regprocedure::text
  FROM pg_depend d JOIN pg_proc p ON p.oid = d.objid AND d.classid = 'pg_proc'::regclass
 WHERE d.refobjid = to_regclass(%s) OR d.refobjid = (SELECT reltype FROM pg_class WHERE oid = to_regclass(%s))
"""
INDEXES = (
    "SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = to_regclass(%s) ORDER BY indexrelid"
)
GRANTS = """
SELECT format('GRANT %%s ON %%s TO %%s%%s', a.privilege_type, c.oid::regclass,
              CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END,
              CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
  FROM pg_class c, aclexplode(c.relacl) a WHERE c.oid = to_regclass(%s) AND a.grantee <> c.relowner
UNION ALL
SELECT format('GRANT %%s (%%I) ON %%s TO %%s', a.privilege_type, t.attname, t.attrelid::regclass,
              CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END)
  FROM pg_attribute t, aclexplode(t.attacl) a WHERE t.attrelid = to_regclass(%s)
UNION ALL
SELECT format('COMMENT ON MATERIALIZED VIEW %%s IS %%L', to_regclass(%s), obj_description(to_regclass(%s), 'pg_class'))
 WHERE obj_description(to_regclass(%s), 'pg_class') IS NOT NULL
"""


def as_specified(there: Table, wanted: Table) -> bool:
    """True for the query of the specification's “additional updation”, which counts only those registered."""
    return comparing.equal_view(there, replace(wanted, query=wanted.query.replace(HELD, ONLY_REGISTERED)))


def dependents(connection: psycopg.Connection[Any], view: str) -> list[str]:
    """What would have to be dropped with the view."""
    return [row[0] for row in connection.execute(DEPENDENTS, [view] * 4)]


def swap(runner: Runner, action: Swap) -> None:
    """Build it aside, with the data, then put it in the old one's place in one short transaction. Kept as it is when
    something else has come to depend on it. Raises `TablesBusy`."""
    put(
        runner,
        action.view,
        action.query,
        inventory.noting((Made("view query", action.view),), runner.revision),
    )


def put(runner: Runner, view: str, query: str, noting: str) -> None:
    """As `swap`, for a query that is written ``CREATE MATERIALIZED VIEW <name> AS …``."""
    connection = runner.connection
    name = view.removeprefix("public.")
    aside = f"greenroom.{name}"
    definition = query.replace(f"MATERIALIZED VIEW {name}", f"MATERIALIZED VIEW {aside}", 1)
    connection.execute(f"DROP MATERIALIZED VIEW IF EXISTS {aside}".encode())
    connection.execute(definition.encode())
    for (index,) in connection.execute(INDEXES, [view]).fetchall():
        connection.execute(str(index).replace(f" ON {view} ", f" ON {aside} ", 1).encode())
    grants = [row[0] for row in connection.execute(GRANTS, [view] * 5)]
    exchange = [
        f"DROP MATERIALIZED VIEW {view}",
        f"ALTER MATERIALIZED VIEW {aside} SET SCHEMA public",
        *grants,
        noting,
    ]
    runner.patiently(lambda: runner.together(exchange), (view,))
