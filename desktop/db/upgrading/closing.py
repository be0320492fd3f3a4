"""Tables of Greenroom's own begin with their owner alone.

An owner may have said that the website's role gets every new table (ALTER DEFAULT PRIVILEGES). Not these: by them
seats are counted, staff are known, and what may be taken back. What is granted on them later is kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from migrations.steps import Statement

SPECIFIED = "0001"
"""The revision that makes the specification's tables, which are the website's."""

CLOSED = """
DO $closed$
DECLARE
  v_grantee text;
BEGIN
  FOR v_grantee IN
    SELECT DISTINCT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END
      FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) a
     WHERE c.oid = '{table}'::regclass AND a.grantee <> c.relowner
  LOOP
    EXECUTE 'REVOKE ALL ON TABLE {table} FROM ' || v_grantee;
  END LOOP;
END $closed$
"""


def closed(revision: str, statement: Statement) -> tuple[str, ...]:
    """The statement that closes the table another one makes, for the same transaction; none for what else is made."""
    if revision > SPECIFIED and statement.kind == "table":
        return (close(statement.table),)
    return ()


def close(table: str) -> str:
    """The statement that takes a table just made from everybody but its owner."""
    return CLOSED.format(table=table)
