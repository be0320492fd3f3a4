"""What an upgrade would meet in a database that was there before Greenroom, found before anything is changed
(ruling 3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop.db.survey.reported import habits
from desktop.db.survey.rows import refused
from desktop.db.survey.structure import conflicts

if TYPE_CHECKING:
    import sqlalchemy as sa

    from desktop.db.catalog.model import Catalog
    from desktop.db.findings import Finding


READABLE = """\
SELECT coalesce(bool_and(has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')), true)
  FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
 WHERE n.nspname || '.' || c.relname = ANY (%(names)s) AND c.relkind = 'r'"""


def survey(connection: sa.Connection, actual: Catalog, wanted: Catalog) -> tuple[Finding, ...]:
    """Everything found, what is refused first; reads only, and locks nothing but the tables' existence.

    A role that is refused for what it may not do here need not be able to read the rows, which are then left out.
    Tables are read from end to end, so the transaction's ``statement_timeout`` is lifted. Row security that would
    hide rows from this role is an error, not an empty answer: raises the driver's 42501.
    """
    structure = conflicts(actual, wanted)
    if any(finding.refused for finding in structure) and not _readable(connection, wanted):
        return _refused_first(structure)
    connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
    connection.exec_driver_sql("SET LOCAL row_security = off")
    return _refused_first(
        (*structure, *refused(connection, actual, wanted), *habits(connection, actual, wanted))
    )


def _readable(connection: sa.Connection, wanted: Catalog) -> bool:
    return bool(connection.exec_driver_sql(READABLE, {"names": list(wanted.tables)}).scalar_one())


def _refused_first(found: tuple[Finding, ...]) -> tuple[Finding, ...]:
    return tuple(sorted(found, key=lambda finding: not finding.refused))
