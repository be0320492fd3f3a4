"""Reading a live database's structure, in one statement and from one snapshot."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any, cast

from desktop.db.catalog import expressions, recognizing
from desktop.db.catalog.model import (
    Access,
    Catalog,
    Column,
    Constraint,
    Function,
    Index,
    Role,
    Table,
    Trigger,
)
from desktop.db.catalog.queries import EVERYTHING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    import psycopg
    import sqlalchemy as sa

    Row = Mapping[str, Any]

RELATIONS = {
    "r": "table",
    "p": "partitioned table",
    "v": "view",
    "m": "materialized view",
    "f": "foreign table",
    "S": "sequence",
    "c": "type",
}
CONSTRAINTS = {"p": "primary key", "u": "unique", "c": "check", "f": "foreign key", "x": "exclusion"}
GENERATED = {"a": "identity", "d": "identity", "s": "stored", "v": "virtual"}


def read(connection: sa.Connection) -> Catalog:
    """The structure of schemas ``public`` and ``greenroom``; what an extension brought along is left out of the
    functions. Takes about 10 ms and no lock that a writer would notice.

    Works inside an open transaction and in autocommit, and leaves the session's settings as they were. Whoever
    changes tables meanwhile may make it fail with a database error; nothing is retried here.
    """
    driver = cast("psycopg.Connection[Any]", connection.connection.dbapi_connection)
    # Rolled back to a savepoint: the search path is the caller's again. An empty one makes every name qualified.
    with driver.transaction(force_rollback=True):
        connection.exec_driver_sql("SET LOCAL search_path = ''")
        found: Row = connection.execute(EVERYTHING).scalar_one()
    return Catalog(_tables(found), _functions(found["functions"]), _access(found))


def _tables(found: Row) -> dict[str, Table]:
    columns = _by_table(found["columns"], _column)
    constraints = _by_table(found["constraints"], _constraint)
    indexes = _by_table(found["indexes"], _index)
    triggers = _by_table(found["triggers"], _trigger)
    tables = {
        f"{row['schema']}.{row['name']}": Table(
            row["name"],
            RELATIONS.get(row["kind"], "type"),
            row["owner"],
            columns[row["id"]],
            constraints[row["id"]],
            indexes[row["id"]],
            triggers[row["id"]],
            row["query"] or "",
        )
        for row in found["relations"]
    }
    for row in found["types"]:
        tables.setdefault(f"{row['schema']}.{row['name']}", Table(row["name"], "type", row["owner"]))
    return tables


def _by_table(rows: Iterable[Row], made: Callable[[Row], Any]) -> defaultdict[int, tuple[Any, ...]]:
    grouped: defaultdict[int, tuple[Any, ...]] = defaultdict(tuple)
    for row in rows:
        grouped[row["table"]] += (made(row),)
    return grouped


def _column(row: Row) -> Column:
    return Column(
        row["name"], row["type"], row["nullable"], row["default"], GENERATED.get(row["generated"], "")
    )


def _constraint(row: Row) -> Constraint:
    definition = re.sub(r"( NOT VALID| NOT ENFORCED)+$", "", row["definition"])
    return Constraint(
        row["name"],
        CONSTRAINTS[row["kind"]],
        tuple(row["columns"]),
        definition,
        row["validated"],
        row["enforced"],
    )


def _index(row: Row) -> Index:
    definition = str(row["definition"])
    return Index(
        row["name"], row["unique"], definition[definition.index(row["after"]) :].strip(), row["valid"]
    )


def _trigger(row: Row) -> Trigger:
    definition = trigger_definition(row["definition"], row["quoted"], row["on"])
    elsewhere = any(
        setting.startswith("search_path=") and not re.search(r"\bpublic\b", setting)
        for setting in row["settings"]
    )
    does = recognizing.does(
        row["source"], row["language"], definition, tuple(row["arguments"]), public=not elsewhere
    )
    return Trigger(row["name"], definition, row["function"], does or _unrecognized(row), row["enabled"])


def _unrecognized(row: Row) -> str:
    if "packages_ids" in row["source"] and not row["function"].startswith("greenroom."):
        return recognizing.OWN_LIST
    arguments = ", ".join(row["arguments"])
    return f"{row['function']}({arguments})" if arguments else str(row["function"])


def trigger_definition(text: str, name: str, table: str) -> str:
    """When a trigger fires, of its whole text; ``name`` and ``table`` as they are quoted in it."""
    constraint = "CONSTRAINT " if text.startswith("CREATE CONSTRAINT ") else ""
    fires = text.removeprefix(f"CREATE {constraint}TRIGGER {name} ")
    fires = fires[: fires.rindex(" EXECUTE FUNCTION ")]
    return constraint + fires.replace(f" ON {table} ", " ", 1)


def _functions(rows: Sequence[Row]) -> dict[str, Function]:
    return {
        row["signature"]: Function(
            row["signature"],
            _digest(row),
            row["language"],
            row["owner"],
            row["security_definer"],
            tuple(row["settings"]),
            row["public_may_execute"],
        )
        for row in rows
    }


def _digest(row: Row) -> str:
    """Of everything the function's text says apart from what `Function` names by itself. A body that PostgreSQL
    keeps parsed is printed differently by each version, so it goes in the form all of them have in common."""
    parsed = row["parsed"]
    body = row["body"] if parsed is None else expressions.tokens_of(parsed)
    text = "\n".join((row["arguments"], row["result"] or "", row["traits"], str(body)))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _access(found: Row) -> Access:
    roles = {
        row["name"]: Role(
            row["within_reach"],
            row["creates_schemas"],
            frozenset(row["creates_in"]),
        )
        for row in found["roles"]
    }
    return Access(found["connected"], frozenset(row["name"] for row in found["schemas"]), roles)
