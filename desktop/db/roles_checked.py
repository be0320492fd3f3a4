"""What the group roles may do beyond their table, whoever allowed it: through PUBLIC, through a role they were put
into, or because somebody made one of them more than a group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from desktop.db import privileges

if TYPE_CHECKING:
    import sqlalchemy as sa

    from desktop.db.session import Transaction


@dataclass(frozen=True, slots=True)
class Excess:
    """A sentence, and the SQL that ends it. It is for the owner to run: the website may live by what PUBLIC may."""

    sentence: str
    sql: str


def excesses(tx: Transaction) -> tuple[Excess, ...]:
    """Everything the groups may do and must not; what PUBLIC may is told once, and also before there are groups."""
    groups = {privileges.group(name): name for name in privileges.GROUPS}
    existing = tx.rows(_GROUPS, {"names": list(groups)})
    everybody = _may(tx, "public")
    found = [_excess("PUBLIC", *one) for one in everybody]
    for group in existing:
        found += _more_than_a_group(group)
        if not group.rolsuper:
            own = privileges.granted(groups[group.rolname])
            calls = {f"FUNCTION {grant.name}" for grant in own if grant.kind == "function"}
            found += [
                _excess(group.rolname, *one)
                for one in _may(tx, group.rolname)
                if one not in everybody and one[1] not in calls
            ]
    return tuple(found)


def lacking(tx: Transaction) -> tuple[str, ...]:
    """What the connected account may not do of what its groups' people do, in the order of the table: “SELECT on
    public.orders”. An account in no group is measured as an admin's, so an owner lacks nothing."""
    member = tx.rows(
        "SELECT rolname FROM pg_roles WHERE rolname = ANY (:names) AND pg_has_role(oid, 'USAGE')",
        {"names": [privileges.group(name) for name in privileges.GROUPS]},
    )
    mine = {row.rolname for row in member}
    names = [name for name in privileges.GROUPS if privileges.group(name) in mine] or ["admin"]
    wanted = sorted({grant for name in names for grant in privileges.granted(name)})
    found = tx.rows(
        _LACKING,
        {
            "kinds": [grant.kind for grant in wanted],
            "names": [grant.name for grant in wanted],
            "privileges": [grant.privilege for grant in wanted],
            "columns": [grant.column for grant in wanted],
        },
    )
    return tuple(f"{row.privilege} on {row.name or 'the database'}" for row in found)


_LACKING = """
SELECT DISTINCT w.kind, w.name, w.privilege
  FROM unnest(cast(:kinds AS text[]), cast(:names AS text[]), cast(:privileges AS text[]), cast(:columns AS text[]))
       AS w(kind, name, privilege, col)
 WHERE CASE w.kind
         WHEN 'database' THEN has_database_privilege(current_database(), w.privilege)
         WHEN 'schema' THEN has_schema_privilege(w.name, w.privilege)
         WHEN 'function' THEN has_function_privilege(to_regprocedure(w.name), w.privilege)
         WHEN 'table' THEN has_table_privilege(to_regclass(w.name), w.privilege)
         ELSE (SELECT has_column_privilege(a.attrelid, a.attnum, w.privilege) FROM pg_attribute a
                WHERE a.attrelid = to_regclass(w.name) AND a.attname = w.col AND NOT a.attisdropped)
       END IS NOT TRUE
 ORDER BY w.kind, w.name, w.privilege
"""
"""What is not there at all is lacking as well, and no error."""


_GROUPS = """
SELECT r.rolname, r.rolcanlogin, r.rolsuper, r.rolcreaterole, r.rolcreatedb, r.rolreplication, r.rolbypassrls,
       ARRAY(SELECT i.rolname::text FROM pg_auth_members m JOIN pg_roles i ON i.oid = m.roleid
              WHERE m.member = r.oid ORDER BY 1) AS member_of
  FROM pg_roles r WHERE r.rolname = ANY (:names) ORDER BY r.rolname
"""

_POWERS = {
    "rolcanlogin": ("can log in itself, so nobody knows who that is", "NOLOGIN"),
    "rolsuper": ("is a superuser", "NOSUPERUSER"),
    "rolcreaterole": ("may create roles", "NOCREATEROLE"),
    "rolcreatedb": ("may create databases", "NOCREATEDB"),
    "rolreplication": ("may copy the whole server", "NOREPLICATION"),
    "rolbypassrls": ("goes around row security", "NOBYPASSRLS"),
}


def _more_than_a_group(group: sa.Row[Any]) -> list[Excess]:
    name = group.rolname
    found = [
        Excess(f"{name} {what}.", f"ALTER ROLE {name} {without}")
        for power, (what, without) in _POWERS.items()
        if getattr(group, power)
    ]
    return found + [
        Excess(
            f"{name} is a member of “{role}” and may do what that role may.", f'REVOKE "{role}" FROM {name}'
        )
        for role in group.member_of
    ]


_MAY = """
SELECT 'SELECT' AS privilege, s.tab AS thing, s.tab || '.' || s.col AS shown
  FROM unnest(cast(:secret_tables AS text[]), cast(:secret_columns AS text[])) AS s(tab, col)
 WHERE has_column_privilege(cast(:role AS name), s.tab, s.col, 'SELECT')
UNION ALL
SELECT u.privilege, u.tab, u.tab FROM unnest(cast(:tables AS text[]), cast(:privileges AS text[])) AS u(tab, privilege)
 WHERE CASE WHEN u.privilege IN ('SELECT', 'INSERT', 'UPDATE')
            THEN has_any_column_privilege(cast(:role AS name), u.tab, u.privilege)
            ELSE has_table_privilege(cast(:role AS name), u.tab, u.privilege) END
UNION ALL
SELECT 'CREATE', 'SCHEMA ' || n.nspname, 'schema ' || n.nspname FROM pg_namespace n
 WHERE n.nspname IN ('public', 'greenroom') AND has_schema_privilege(cast(:role AS name), n.oid, 'CREATE')
UNION ALL
SELECT 'EXECUTE', 'FUNCTION ' || p.oid::regprocedure, 'function ' || p.oid::regproc FROM pg_proc p
 WHERE p.pronamespace = 'greenroom'::regnamespace AND p.oid::regprocedure::text <> ALL (:open)
   AND has_function_privilege(cast(:role AS name), p.oid, 'EXECUTE')
 ORDER BY 3, 1
"""

_VERBS = {
    "SELECT": "read",
    "INSERT": "insert into",
    "UPDATE": "change",
    "DELETE": "delete from",
    "TRUNCATE": "empty",
    "TRIGGER": "put triggers on",
    "EXECUTE": "call",
    "CREATE": "make things in",
}


def _may(tx: Transaction, role: str) -> list[tuple[str, str, str]]:
    """Privilege, thing as REVOKE calls it, and thing as a person is told it, of what nobody of the staff may do."""
    secrets = [(table, column) for table, columns in privileges.SECRETS.items() for column in columns]
    untouchable = [(table, what) for table, whats in privileges.UNTOUCHABLE.items() for what in whats]
    found = tx.rows(
        _MAY,
        {
            "role": role,
            "secret_tables": [table for table, _ in secrets],
            "secret_columns": [column for _, column in secrets],
            "tables": [table for table, _ in untouchable],
            "privileges": [what for _, what in untouchable],
            "open": list(privileges.PUBLIC_FUNCTIONS),
        },
    )
    return [(row.privilege, row.thing, row.shown.removeprefix("public.")) for row in found]


def _excess(role: str, privilege: str, thing: str, shown: str) -> Excess:
    if role == "PUBLIC":
        sentence = f"Everybody (PUBLIC) may {_VERBS[privilege]} {shown}, and so may all staff."
    else:
        sentence = f"{role} may {_VERBS[privilege]} {shown}."
    return Excess(sentence, f"REVOKE {privilege} ON {thing} FROM {role}")
