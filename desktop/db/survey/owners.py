"""Whose the tables are, and whether the connected role can make in their owner's name what is missing."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from desktop.db.catalog.differing import WRONG, differences
from desktop.db.findings import LISTED, Finding
from desktop.db.survey import showing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from desktop.db.catalog.model import Catalog


def findings(actual: Catalog, wanted: Catalog) -> Iterator[Finding]:
    """Nothing when nothing has to be made. Else: several owners, an owner out of reach, or privileges it lacks."""
    access = actual.access
    if not access.connected or not any(found.severity == WRONG for found in differences(actual, wanted)):
        return
    owners = _owners(actual, wanted)
    if len(set(owners.values())) > 1:
        yield _several(actual, owners)
        return
    owner = next(iter(owners.values()), access.connected)
    role = access.roles.get(owner)
    if role is None:
        return
    if not role.within_reach:
        yield _out_of_reach(owner, access.connected, sorted(owners))
        return
    yield from _missing(actual, owner)


def _owners(actual: Catalog, wanted: Catalog) -> dict[str, str]:
    """The owner of each table and function there is, of those this program knows."""
    return {
        **{name: actual.tables[name].owner for name in wanted.tables if name in actual.tables},
        **{name: actual.functions[name].owner for name in wanted.functions if name in actual.functions},
    }


def _several(actual: Catalog, owners: dict[str, str]) -> Finding:
    ((most, _),) = Counter(owners.values()).most_common(1)
    others = [name for name, owner in owners.items() if owner != most]
    tables = [name for name in others if name in actual.tables]
    told = ", ".join(f"{name} ({owners[name]})" for name in others[:LISTED])
    classes = ", ".join(f"{showing.literal(name)}::regclass" for name in tables) or "NULL"
    role = showing.literal(showing.quoted(most))
    return Finding(
        kind="several owners",
        table="schema public",
        reason=f"Most tables belong to {most}, and others do not: {told}. Functions that run with their owner's rights "
        "need one owner for all of them.",
        sql="SELECT x.name, pg_get_userbyid(x.owner) AS owner FROM (\n"
        "  SELECT c.oid::regclass::text AS name, c.relowner AS owner FROM pg_class AS c\n"
        f"   WHERE c.oid IN ({classes})\n"
        "  UNION ALL SELECT p.oid::regprocedure::text, p.proowner FROM pg_proc AS p\n"
        f"   WHERE p.pronamespace = to_regnamespace('greenroom') AND p.proowner <> to_regrole({role})) AS x\n"
        " ORDER BY 1;",
        remedy="\n".join(
            f"ALTER {_word(actual, name)} {name} OWNER TO {showing.quoted(most)};" for name in others[:LISTED]
        ),
        refused=True,
        count=len(others),
    )


def _word(actual: Catalog, name: str) -> str:
    return actual.tables[name].kind.upper() if name in actual.tables else "FUNCTION"


def _out_of_reach(owner: str, connected: str, owned: list[str]) -> Finding:
    return Finding(
        kind="another owner",
        table="schema public",
        reason=f"The tables belong to {owner}, and {connected} may not act for {owner}: only an owner can add to them.",
        sql="SELECT c.relname, pg_get_userbyid(c.relowner) AS owner FROM pg_class AS c\n"
        f" WHERE c.oid = {showing.literal(owned[0])}::regclass;",
        remedy=f"Upgrade as {owner}, or let {connected} act for it: "
        f"GRANT {showing.quoted(owner)} TO {showing.quoted(connected)};",
        refused=True,
    )


def _missing(actual: Catalog, owner: str) -> Iterator[Finding]:
    """CREATE where something has to be made: in ``public``, and in ``greenroom`` or for that schema itself."""
    role, grantee = actual.access.roles[owner], showing.quoted(owner)
    called = showing.literal(owner)
    if "public" not in role.creates_in:
        yield _privilege(
            f"{owner} may not create anything in schema public, not even an index of its own tables.",
            "SELECT 'CREATE on schema public' AS missing"
            f" WHERE NOT has_schema_privilege({called}, 'public', 'CREATE');",
            "CREATE on schema public",
            f"GRANT CREATE ON SCHEMA public TO {grantee};",
        )
    if "greenroom" not in actual.access.schemas:
        maker = actual.access.roles[actual.access.connected]  # makes it for the owner
        if not role.creates_schemas and not maker.creates_schemas:
            yield _privilege(
                f"{owner} may not create the schema “greenroom”, where Greenroom keeps what is not the website's.",
                "SELECT 'CREATE on the database' AS missing"
                f" WHERE NOT has_database_privilege({called}, current_database(), 'CREATE');",
                "CREATE on the database",
                f"Let the owner of the database make it: CREATE SCHEMA greenroom AUTHORIZATION {grantee};",
            )
    elif "greenroom" not in role.creates_in:
        yield _privilege(
            f"{owner} may not create anything in schema greenroom.",
            "SELECT 'CREATE on schema greenroom' AS missing"
            f" WHERE NOT has_schema_privilege({called}, 'greenroom', 'CREATE');",
            "CREATE on schema greenroom",
            f"ALTER SCHEMA greenroom OWNER TO {grantee};",
        )


def _privilege(reason: str, sql: str, missing: str, remedy: str) -> Finding:
    return Finding("missing privilege", "this database", reason, sql, remedy, refused=True, rows=(missing,))
