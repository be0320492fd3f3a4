"""What of a database's structure stands in the way of adopting it, or is kept though it is not as specified
(ruling 3). Compares two catalogs; asks the database nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop.db.catalog import recognizing
from desktop.db.findings import Finding
from desktop.db.survey import own_rules, owners, shapes, showing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from desktop.db.catalog.model import Catalog, Table

SPECIFIED = frozenset(
    {
        "public.users",
        "public.packages",
        "public.orders",
        "public.contacts",
        "public.newsletter_subscriptions",
        "public.admin_logs",
        "public.password_resets",
        "public.blogs",
        "public.events",
        "public.event_registrations",
    }
)
"""The specification's tables. Every other wanted table is Greenroom's own, or of its section 5."""

VERSION = "greenroom.schema_version"


def conflicts(actual: Catalog, wanted: Catalog) -> tuple[Finding, ...]:
    """What is refused, and what is only reported; table by table, then owners and privileges."""
    return tuple(_all(actual, wanted))


def _all(actual: Catalog, wanted: Catalog) -> Iterator[Finding]:
    yield from _schema_taken(actual, wanted)
    for name, table in wanted.tables.items():
        there = actual.tables.get(name)
        if there is None:
            continue
        if taken := _taken(name, there, table):
            yield taken
        elif table.kind == "table":
            yield from shapes.findings(name, there, table)
            yield from own_rules.findings(name, there, table)
            if name == "public.blogs":
                yield from _page_views(name, there)
    yield from owners.findings(actual, wanted)


def _schema_taken(actual: Catalog, wanted: Catalog) -> Iterator[Finding]:
    """A schema of Greenroom's name that Greenroom did not make."""
    if "greenroom" not in actual.access.schemas or VERSION in actual.tables:
        return
    foreign = [
        name
        for name in (*actual.tables, *actual.functions)
        if name.startswith("greenroom.") and name not in wanted.tables and name not in wanted.functions
    ]
    if foreign:
        yield Finding(
            kind="name taken",
            table="schema greenroom",
            reason="There is a schema “greenroom” that this program did not make, with things of its own in it.",
            sql="SELECT n.nspname, pg_get_userbyid(n.nspowner) AS owner FROM pg_namespace AS n"
            " WHERE n.nspname = 'greenroom';",
            remedy="Give it another name: ALTER SCHEMA greenroom RENAME TO …;",
            refused=True,
            rows=("greenroom",),
        )


def _taken(name: str, there: Table, table: Table) -> Finding | None:
    schema, _, bare = name.partition(".")
    sql = showing.type_named(schema, bare) if there.kind == "type" else showing.relations(schema, [bare])
    if there.kind != table.kind:
        reason = f"“{bare}” is a {there.kind}; Greenroom needs a {table.kind} of that name."
    elif name not in SPECIFIED and (lacking := _essential(there, table)):
        columns = ", ".join(f"“{column}”" for column in lacking)
        reason = f"There is a {table.kind} “{bare}” that is not Greenroom's: it has no {columns}."
    else:
        return None
    return Finding(
        kind="name taken",
        table=name,
        reason=reason,
        sql=sql,
        remedy=f"Give it another name: ALTER {_word(there.kind)} {name} RENAME TO …;",
        refused=True,
        rows=(bare,),
    )


def _essential(there: Table, table: Table) -> list[str]:
    """Columns without which a table of that name is something else."""
    return [
        column.name
        for column in table.columns
        if there.column(column.name) is None
        and (table.kind != "table" or (not column.nullable and column.default is None))
    ]


def _word(kind: str) -> str:
    return "TABLE" if kind == "partitioned table" else kind.upper()


def _page_views(name: str, there: Table) -> Iterator[Finding]:
    for trigger in there.triggers:
        touches = "UPDATE" in trigger.definition and " WHEN " not in trigger.definition
        if touches and recognizing.part(trigger.does, "UPDATE") == recognizing.SETS_UPDATED_AT:
            yield Finding(
                kind="page views",
                table=name,
                reason=f"The trigger “{trigger.name}” sets updated_at at every change, so each page view looks like an "
                "edit (ruling 6).",
                sql=showing.triggers(name, [trigger.name]),
                remedy="It is kept. Greenroom's own trigger does it for edits only; to end the other: "
                f"DROP TRIGGER {showing.quoted(trigger.name)} ON {name};",
                refused=False,
                rows=(trigger.name,),
            )
