"""The one statement that reads a catalog. PostgreSQL 14 and newer; the search path is empty when it runs."""

from __future__ import annotations

import sqlalchemy as sa

OURS = "SELECT oid FROM pg_catalog.pg_namespace WHERE nspname IN ('public', 'greenroom')"

RELATIONS = f"""
SELECT c.oid::bigint AS id, n.nspname AS schema, c.relname AS name, c.relkind AS kind,
       pg_get_userbyid(c.relowner) AS owner,
       CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END AS query
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relnamespace IN ({OURS}) AND c.relkind NOT IN ('i', 'I', 't')
 ORDER BY 2, 3
"""

TYPES = f"""
SELECT n.nspname AS schema, t.typname AS name, pg_get_userbyid(t.typowner) AS owner
  FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
 WHERE t.typnamespace IN ({OURS}) AND t.typrelid = 0
   AND NOT EXISTS (SELECT FROM pg_type e WHERE e.typarray = t.oid)
 ORDER BY 1, 2
"""

# Since PostgreSQL 18 a NOT NULL may be one that was never tried against the rows.
COLUMNS = f"""
SELECT a.attrelid::bigint AS table, a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type,
       NOT a.attnotnull OR EXISTS (
         SELECT FROM pg_constraint k WHERE k.conrelid = a.attrelid AND k.contype = 'n' AND NOT k.convalidated
            AND a.attnum = ANY (k.conkey)) AS nullable, pg_get_expr(d.adbin, d.adrelid) AS default,
       a.attidentity::text || a.attgenerated::text AS generated
  FROM pg_attribute a
  JOIN pg_class c ON c.oid = a.attrelid
  LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
 WHERE c.relnamespace IN ({OURS}) AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
   AND a.attnum > 0 AND NOT a.attisdropped
 ORDER BY a.attrelid, a.attnum
"""

# conenforced came with PostgreSQL 18; a row as JSON has it or has it not.
CONSTRAINTS = f"""
SELECT k.conrelid::bigint AS table, k.conname AS name, k.contype AS kind,
       pg_get_constraintdef(k.oid) AS definition, k.convalidated AS validated,
       ARRAY(SELECT a.attname FROM unnest(k.conkey) WITH ORDINALITY AS u(number, place)
               JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.number ORDER BY u.place) AS columns,
       coalesce((to_jsonb(k) ->> 'conenforced')::boolean, true)
         AND NOT EXISTS (SELECT FROM pg_trigger t
                          WHERE t.tgconstraint = k.oid AND t.tgisinternal AND t.tgenabled IN ('D', 'R')) AS enforced
  FROM pg_constraint k
 WHERE k.connamespace IN ({OURS}) AND k.conrelid <> 0 AND k.contype IN ('p', 'u', 'c', 'f', 'x')
 ORDER BY k.conrelid, k.conname
"""

INDEXES = f"""
SELECT i.indrelid::bigint AS table, c.relname AS name, i.indisunique AS unique, i.indisvalid AS valid,
       pg_get_indexdef(c.oid) AS definition, 'USING ' || m.amname || ' ' AS after
  FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am m ON m.oid = c.relam
 WHERE c.relnamespace IN ({OURS})
   AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = c.oid AND k.contype IN ('p', 'u', 'x'))
 ORDER BY i.indrelid, c.relname
"""

TRIGGERS = f"""
SELECT t.tgrelid::bigint AS table, t.tgname AS name, quote_ident(t.tgname) AS quoted, t.tgenabled AS enabled,
       format('%I.%I', rn.nspname, c.relname) AS on, pg_get_triggerdef(t.oid) AS definition,
       format('%I.%I', pn.nspname, p.proname) AS function, p.prosrc AS source, l.lanname AS language,
       coalesce(p.proconfig, '{{}}') AS settings,
       array_remove(string_to_array(encode(t.tgargs, 'escape'), '\\000'), '') AS arguments
  FROM pg_trigger t
  JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace rn ON rn.oid = c.relnamespace
  JOIN pg_proc p ON p.oid = t.tgfoid JOIN pg_namespace pn ON pn.oid = p.pronamespace
  JOIN pg_language l ON l.oid = p.prolang
 WHERE c.relnamespace IN ({OURS}) AND NOT t.tgisinternal
 ORDER BY t.tgrelid, t.tgname
"""

FUNCTIONS = f"""
SELECT p.oid::regprocedure::text AS signature, l.lanname AS language, pg_get_userbyid(p.proowner) AS owner,
       p.prosecdef AS security_definer, coalesce(p.proconfig, '{{}}') AS settings,
       has_function_privilege('public', p.oid, 'EXECUTE') AS public_may_execute,
       pg_get_function_arguments(p.oid) AS arguments, pg_get_function_result(p.oid) AS result,
       concat(p.prokind, p.provolatile, p.proparallel, p.proisstrict, p.proleakproof) AS traits,
       encode(sha256(convert_to(p.prosrc, 'UTF8')), 'hex') AS body, pg_get_function_sqlbody(p.oid) AS parsed
  FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
 WHERE p.pronamespace IN ({OURS})
   AND NOT EXISTS (SELECT FROM pg_depend d
                    WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
 ORDER BY 1
"""

SCHEMAS = f"""
SELECT n.nspname AS name FROM pg_namespace n WHERE n.oid IN ({OURS}) ORDER BY 1
"""

# What SET ROLE needs is called SET since PostgreSQL 16, and was MEMBER before.
ROLES = f"""
SELECT r.rolname AS name,
       pg_has_role(current_user, r.oid,
                   CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END)
         AS within_reach,
       has_database_privilege(r.oid, current_database(), 'CREATE') AS creates_schemas,
       ARRAY(SELECT n.nspname FROM pg_namespace n
              WHERE n.oid IN ({OURS}) AND has_schema_privilege(r.oid, n.oid, 'CREATE')) AS creates_in
  FROM pg_roles r
 WHERE r.rolname = current_user
    OR r.oid IN (SELECT relowner FROM pg_class WHERE relnamespace IN ({OURS})
                 UNION SELECT proowner FROM pg_proc WHERE pronamespace IN ({OURS})
                 UNION SELECT nspowner FROM pg_namespace WHERE oid IN ({OURS}))
 ORDER BY 1
"""

PARTS = {
    "relations": RELATIONS,
    "types": TYPES,
    "columns": COLUMNS,
    "constraints": CONSTRAINTS,
    "indexes": INDEXES,
    "triggers": TRIGGERS,
    "functions": FUNCTIONS,
    "schemas": SCHEMAS,
    "roles": ROLES,
}

EVERYTHING = sa.text(
    "SELECT json_build_object('connected', current_user, "
    + ", ".join(
        f"'{name}', (SELECT coalesce(json_agg(part), '[]') FROM ({query}) AS part)"
        for name, query in PARTS.items()
    )
    + ")"
)
"""One row, one JSON object: a list of rows for each part."""
