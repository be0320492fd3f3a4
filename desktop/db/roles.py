"""The group roles of `desktop.db.privileges`: made, and granted exactly what the table there says.

Roles belong to a whole server, grants to one database. What is there already is read first, so the SQL is only
what is missing or too much; running it again changes nothing. A login role for each person or station goes into
one of the groups; making those is the owner's, with a password Greenroom never sees.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

import sqlalchemy as sa

from desktop import errors
from desktop.db import privileges, roles_checked, schema, upgrade
from desktop.db.privileges import Grant

if TYPE_CHECKING:
    from collections.abc import Iterable

    from desktop.db.roles_checked import Excess
    from desktop.db.session import Database, Transaction

NOT_ALLOWED = "42501"
WAIT_SECONDS = 15.0
POLL_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Outcome:
    """``statements`` is the SQL that was run, or that somebody else has to run when it was ``refused``, which is
    the sentence that says why. ``excesses`` is what the groups may do beyond the table, through others."""

    statements: tuple[str, ...]
    refused: str | None
    excesses: tuple[Excess, ...]


class _RefusedError(Exception):
    """Leaves the transaction, so that nothing of it stays."""


def plan(database: Database) -> Outcome:
    """The SQL that is needed; nothing is changed. Raises `SchemaOlder`, `SchemaNewer`, `DatabaseDown`,
    `DatabaseRefused`."""
    _must_be_current(database)
    with database.transaction() as tx:
        return Outcome(statements(tx), None, roles_checked.excesses(tx))


def install(database: Database) -> Outcome:
    """Make the groups and their grants what the table says, all of it or nothing, in one transaction that locks no
    table. Where the connected role may not, the outcome says so and nothing is changed.

    Waits for somebody else who does this or upgrades the database. Raises as `plan`, and `Busy` when that takes
    longer than `WAIT_SECONDS`.
    """
    _must_be_current(database)
    limit = time.monotonic() + WAIT_SECONDS
    try:
        while (outcome := database.run(_installed)) is None:
            if time.monotonic() >= limit:
                raise errors.Busy
            time.sleep(POLL_SECONDS)
    except _RefusedError:
        planned = plan(database)
        return Outcome(planned.statements, _why(database), planned.excesses)
    return outcome


def _installed(tx: Transaction) -> Outcome | None:
    """None while somebody else is at work: the two would meet in the same rows of the catalog."""
    if not tx.value("SELECT pg_try_advisory_xact_lock(:key)", {"key": upgrade.LOCK}):
        return None
    needed = statements(tx)
    for statement in needed:
        _run(tx, statement)
    if statements(tx):  # a GRANT of what one may not grant is a mere warning when one has it oneself
        raise _RefusedError
    return Outcome(needed, None, roles_checked.excesses(tx))


def login_for(role: str, login: str) -> tuple[str, ...]:
    """What the owner types in psql to let one person or station in; the password is asked for, sent hashed, and in
    no log."""
    return (f"CREATE ROLE {login} LOGIN IN ROLE {privileges.group(role)};", f"\\password {login}")


def _must_be_current(database: Database) -> None:
    if not schema.is_current(database):
        raise errors.SchemaOlder


def _run(tx: Transaction, statement: str) -> None:
    try:
        tx.connection.exec_driver_sql(statement)
    except sa.exc.DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) != NOT_ALLOWED:
            raise
        raise _RefusedError from None


def _why(database: Database) -> str:
    with database.transaction() as tx:
        makes = tx.value("SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user")
        missing = len(existing(tx)) < len(privileges.GROUPS)
    what = "create roles" if missing and not makes else "grant these privileges"
    return f"The account used for {database.name} may not {what}, so nothing was changed."


def existing(tx: Transaction) -> frozenset[str]:
    """The groups the server has, whichever database they were made for."""
    found = tx.rows("SELECT rolname FROM pg_roles WHERE rolname = ANY (:names)", {"names": _names()})
    return frozenset(row.rolname for row in found)


def granted_here(tx: Transaction) -> frozenset[str]:
    """The groups that were granted something in this database: roles are the server's, and another database may have
    made them."""
    found = tx.rows(
        "SELECT DISTINCT r.rolname FROM pg_roles r JOIN pg_shdepend d ON d.refobjid = r.oid"
        " WHERE d.refclassid = 'pg_authid'::regclass AND d.deptype = 'a' AND r.rolname = ANY (:names)"
        " AND d.dbid = (SELECT oid FROM pg_database WHERE datname = current_database())",
        {"names": _names()},
    )
    return frozenset(row.rolname for row in found)


def behind(database: Database) -> bool:
    """True when the groups are used in this database and are not granted what the table says."""
    with database.transaction() as tx:
        return bool(granted_here(tx)) and bool(statements(tx))


def _names() -> list[str]:
    return [privileges.group(name) for name in privileges.GROUPS]


def statements(tx: Transaction) -> tuple[str, ...]:
    """The SQL that makes the groups what the table says; none when they are that. Roles to make, then what is too
    much, then what is missing: a REVOKE on a table takes the same privilege on its columns along."""
    there = existing(tx)
    place = str(tx.value("SELECT quote_ident(current_database())"))
    made = [_made(role) for role in _names() if role not in there]
    revoked: list[str] = []
    granted: list[str] = []
    for name in privileges.GROUPS:
        role, wanted = privileges.group(name), privileges.granted(name)
        has, too_much = _present(tx, role if role in there else "public")
        too_much |= {grant for grant in has - wanted if grant.kind not in {"database", "schema"}}
        whole = {(grant.name, grant.privilege) for grant in too_much if grant.kind == "table"}
        gone = {grant for grant in has if (grant.name, grant.privilege) in whole}
        revoked += _said("REVOKE", "FROM", role, too_much, place)
        granted += _said("GRANT", "TO", role, wanted - (has - too_much - gone), place)
    return (*made, *revoked, *granted)


def _made(role: str) -> str:
    """Roles are the server's: another database's `install` may be making the same one."""
    return (
        f"DO $$ BEGIN CREATE ROLE {role} NOLOGIN;"
        " EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
    )


def _said(verb: str, preposition: str, role: str, grants: Iterable[Grant], database: str) -> list[str]:
    """One statement for each table and one for all functions, in the order of `_order`."""
    said = []
    for _, these in groupby(sorted(grants, key=_order), key=lambda grant: _order(grant)[:2]):
        of_thing = list(these)
        match of_thing[0].kind:
            case "database":
                on = f"DATABASE {database}"
            case "schema":
                on = "SCHEMA " + ", ".join(grant.name for grant in of_thing)
            case "function":
                on = "FUNCTION " + ", ".join(grant.name for grant in of_thing)
            case _:
                on = of_thing[0].name
        what = []
        for (privilege, _), columns in groupby(of_thing, key=lambda grant: (grant.privilege, grant.kind)):
            named = ", ".join(grant.column for grant in columns if grant.column)
            what.append(f"{privilege} ({named})" if named else privilege)
        said.append(f"{verb} {', '.join(what)} ON {on} {preposition} {role}")
    return said


def _order(grant: Grant) -> tuple[int, str, str, str, str]:
    """Grants of one statement are neighbours: the first two say which."""
    kind = ("database", "schema", "table", "column", "function").index(grant.kind)
    if grant.kind in {"table", "column"}:
        return 2, grant.name, grant.privilege, grant.kind, grant.column
    return kind, grant.privilege, "", grant.name, ""


_PRESENT = """
SELECT 'database' AS kind, '' AS name, 'CONNECT'::text AS privilege, '' AS "column", false AS passed_on
 WHERE has_database_privilege(:role, current_database(), 'CONNECT')
UNION ALL
SELECT 'schema', n.nspname::text, 'USAGE', '', false FROM pg_namespace n
 WHERE n.nspname IN ('public', 'greenroom') AND has_schema_privilege(:role, n.oid, 'USAGE')
UNION ALL
SELECT 'function', p.oid::regprocedure::text, a.privilege_type, '', a.is_grantable
  FROM pg_proc p CROSS JOIN LATERAL aclexplode(p.proacl) a JOIN pg_roles r ON r.oid = a.grantee AND r.rolname = :role
 WHERE p.pronamespace = 'greenroom'::regnamespace
UNION ALL
SELECT 'table', format('%I.%I', n.nspname, c.relname), a.privilege_type, '', a.is_grantable
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace CROSS JOIN LATERAL aclexplode(c.relacl) a
  JOIN pg_roles r ON r.oid = a.grantee AND r.rolname = :role
 WHERE n.nspname = 'greenroom' OR (n.nspname = 'public' AND c.relname = ANY (:tables))
UNION ALL
SELECT 'column', format('%I.%I', n.nspname, c.relname), a.privilege_type, quote_ident(t.attname), a.is_grantable
  FROM pg_attribute t JOIN pg_class c ON c.oid = t.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
  CROSS JOIN LATERAL aclexplode(t.attacl) a JOIN pg_roles r ON r.oid = a.grantee AND r.rolname = :role
 WHERE NOT t.attisdropped AND (n.nspname = 'greenroom' OR (n.nspname = 'public' AND c.relname = ANY (:tables)))
"""
"""Databases and schemas count as had when PUBLIC has them: their owner, who may not be ours, left them open."""


def _present(tx: Transaction, role: str) -> tuple[set[Grant], set[Grant]]:
    """What the role is granted on what Greenroom knows, and which of it the role may pass on to others, as no group
    may. The website's own tables and grants on them are its business."""
    tables = [name.removeprefix("public.") for name in privileges.tables() if name.startswith("public.")]
    found = tx.rows(_PRESENT, {"role": role, "tables": tables})
    grants = {Grant(row.kind, row.name, row.privilege, row.column): row.passed_on for row in found}
    return set(grants), {grant for grant, passed_on in grants.items() if passed_on}
