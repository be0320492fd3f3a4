"""What a database holds and consists of, to be compared with itself after an upgrade."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[dict[str, Any]]

MINE = "n.nspname NOT LIKE 'pg\\_%' AND n.nspname NOT IN ('information_schema', 'greenroom')"

OBJECTS = f"""
SELECT 'relation' AS what, c.oid::text AS id, concat_ws(' ', c.oid::regclass, c.relkind, c.relowner::regrole,
         c.relacl::text, CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END,
         obj_description(c.oid, 'pg_class')) AS is
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {MINE} AND c.relkind <> 'i'
UNION ALL
SELECT 'column', c.oid || '.' || a.attnum, concat_ws(' ', c.oid::regclass, a.attname,
         format_type(a.atttypid, a.atttypmod), a.attgenerated, a.attidentity, a.attacl::text,
         col_description(c.oid, a.attnum))
  FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE {MINE} AND c.relkind <> 'i' AND a.attnum > 0 AND NOT a.attisdropped
UNION ALL
SELECT 'default', c.oid || '.' || d.adnum, pg_get_expr(d.adbin, d.adrelid)
  FROM pg_attrdef d JOIN pg_class c ON c.oid = d.adrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {MINE}
UNION ALL
SELECT 'not null', c.oid || '.' || a.attnum, ''
  FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE {MINE} AND c.relkind = 'r' AND a.attnum > 0 AND a.attnotnull AND NOT a.attisdropped
UNION ALL
SELECT 'constraint', k.oid::text, concat_ws(' ', k.conrelid::regclass, k.conname,
         regexp_replace(pg_get_constraintdef(k.oid), ' NOT VALID$', ''))
  FROM pg_constraint k JOIN pg_namespace n ON n.oid = k.connamespace WHERE {MINE} AND k.contype <> 'n'
UNION ALL
SELECT 'index', i.indexrelid::text, pg_get_indexdef(i.indexrelid)
  FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {MINE}
UNION ALL
SELECT 'trigger', t.oid::text, concat(pg_get_triggerdef(t.oid), ' ', t.tgenabled)
  FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE {MINE} AND NOT t.tgisinternal
UNION ALL
SELECT 'function', p.oid::text, concat_ws(' ', pg_get_functiondef(p.oid), p.proowner::regrole, p.proacl::text)
  FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE {MINE}
UNION ALL
SELECT 'schema', n.oid::text, concat_ws(' ', n.nspname, n.nspowner::regrole, n.nspacl::text)
  FROM pg_namespace n WHERE {MINE}
"""

DEFINITIONS = """
SELECT 'index' AS what, i.indrelid::regclass::text AS on,
       regexp_replace(pg_get_indexdef(i.indexrelid), ' INDEX \\S+ ON ', ' INDEX ON ') AS is
  FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
 WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'm')
UNION ALL
SELECT 'constraint', k.conrelid::regclass::text, pg_get_constraintdef(k.oid)
  FROM pg_constraint k
 WHERE k.connamespace = 'public'::regnamespace AND k.conrelid <> 0 AND k.contype IN ('p', 'u', 'f')
"""


def objects(connection: Connection) -> dict[tuple[str, str], str]:
    """Everything outside schema greenroom by what it is and its oid: its name, its definition, its privileges."""
    connection.execute("SET search_path = ''")  # names are printed in full, whatever else there is
    found = connection.execute(OBJECTS).fetchall()
    connection.execute("RESET search_path")
    return {(row["what"], row["id"]): row["is"] for row in found}


def definitions(connection: Connection) -> Counter[tuple[str, str, str]]:
    """How often each index, key and foreign key is there, whatever it is called."""
    return Counter((row["what"], row["on"], row["is"]) for row in connection.execute(DEFINITIONS).fetchall())


def rows(connection: Connection) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table outside schema greenroom, with every value."""
    tables = connection.execute(
        f"SELECT c.oid::regclass::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        f" WHERE {MINE} AND c.relkind = 'r' ORDER BY 1"
    ).fetchall()
    return {
        table["name"]: [
            row["r"]
            for row in connection.execute(f"SELECT to_jsonb(t) AS r FROM {table['name']} AS t").fetchall()
        ]
        for table in tables
    }


def surviving(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> Counter[str]:
    """Rows of ``before`` that ``after`` has not, value for value, and rows it has too many; additive columns aside."""
    columns = set().union(*before) if before else set()
    then = Counter(repr(sorted(row.items())) for row in before)
    now = Counter(
        repr(sorted((name, value) for name, value in row.items() if name in columns)) for row in after
    )
    changed = then - now
    changed.update(now - then)
    return changed
