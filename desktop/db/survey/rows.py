"""Rows that break a constraint the specification has and this database has not (ruling 3).

Every constraint, unique index and NOT NULL of the wanted catalog that the live one lacks, or never validated, is
tried against the rows. A column that is missing is taken to hold the default it will get; columns of another type
are left to `desktop.db.survey.structure`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from desktop.db.catalog import comparing, expressions
from desktop.db.findings import Trouble
from desktop.db.survey.looking import SECRETS, look

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import sqlalchemy as sa

    from desktop.db.catalog.model import Catalog, Column, Constraint, Table
    from desktop.db.findings import Finding

RULES = {
    "chk_package_type_event": (
        "package type against event",
        "A package of type “event” belongs to an event, and a subscription to none (specification 2.2).",
        "Give each of them its event, or make it a subscription without one.",
    ),
    "chk_publish_event": (
        "incomplete publication",
        "A published event has a title, a slug, a start time and a location (specification 2.9).",
        "Fill in what is missing, or set the status back to “draft”.",
    ),
    "chk_publish_fields": (
        "incomplete publication",
        "A published post has a title, a slug and a content (specification 2.8).",
        "Fill in what is missing, or set the status back to “draft”.",
    ),
}
"""Kind, reason and remedy of the rules the specification names."""

REFERENCES = re.compile(r"\((?P<columns>.*?)\) REFERENCES (?P<table>[\w.]+)\((?P<keys>.*?)\)")
INDEXED = re.compile(r"USING btree \((?P<columns>.*?)\)(?: WHERE (?P<where>.*))?$")


def refused(connection: sa.Connection, actual: Catalog, wanted: Catalog) -> tuple[Finding, ...]:
    """The rows that stand in the way, a finding for each constraint they break. Reads only."""
    looked = (look(connection, trouble) for trouble in troubles(actual, wanted))
    return tuple(finding for finding in looked if finding is not None)


def troubles(actual: Catalog, wanted: Catalog) -> Iterator[Trouble]:
    """What has to be looked for: one trouble for each constraint that is to be added to a table that is there."""
    for name, table in wanted.tables.items():
        there = actual.tables.get(name)
        if table.kind == "table" and there is not None and there.kind == "table":
            yield from _of_table(actual, wanted, name, there)


def _of_table(actual: Catalog, wanted: Catalog, name: str, there: Table) -> Iterator[Trouble]:
    table = wanted.tables[name]
    for column in table.columns:
        yield from _missing_values(name, there, column)
    for constraint in table.constraints:
        if _kept(there, constraint) or not _comparable(there, table, constraint.columns):
            continue
        if constraint.kind == "check":
            yield _broken_rule(name, there, table, constraint)
        elif constraint.kind == "foreign key":
            yield from _orphans(actual, wanted, name, constraint)
    for columns, where in _unique(there, table):
        yield _duplicates(name, there, table, columns, where)


def _kept(there: Table, constraint: Constraint) -> bool:
    return any(
        comparing.equal_constraint(own, constraint) and own.validated and own.enforced
        for own in there.constraints
    )


def _comparable(there: Table, table: Table, columns: Iterable[str]) -> bool:
    """True when those columns that are there have the type they should have, and those that are not, a value."""
    for name in columns:
        own, column = there.column(name), table.column(name)
        if column is None or (own is not None and own.type != column.type):
            return False
        if own is None and not column.nullable and column.default is None:
            return False
    return True


def _missing_values(name: str, there: Table, column: Column) -> Iterator[Trouble]:
    own = there.column(column.name)
    if column.nullable or (own is not None and not own.nullable):
        return
    key = _key(there)
    if own is None and column.default is None:
        sql = f"SELECT {key}\n  FROM {name} AS t\n ORDER BY 1"
        remedy = f"Add the column “{column.name}” ({column.type}), and give every row its value."
    elif own is not None and own.type == column.type:
        sql = (
            f"SELECT {key}, t.{column.name}\n  FROM {name} AS t\n WHERE t.{column.name} IS NULL\n ORDER BY 1"
        )
        remedy = f"Give each of them a value in “{column.name}”."
    else:
        return
    yield Trouble(
        "missing value", name, f"“{column.name}” must have a value (NOT NULL).", sql, remedy, refused=True
    )


def _broken_rule(name: str, there: Table, table: Table, constraint: Constraint) -> Trouble:
    rule = comparing.rule(constraint)
    listed = expressions.listed_values(rule)
    if constraint.name in RULES:
        kind, reason, remedy = RULES[constraint.name]
    elif listed is not None:
        values = ", ".join(sorted(listed[1]))
        kind = "value outside the list"
        reason = f"“{constraint.columns[0]}” holds one of {values}, and nothing else."
        remedy = "Set each of them to a value of the list."
    else:
        kind, reason = "broken rule", f"The specification demands {rule}."
        remedy = "Correct these rows so that they keep the rule."
    shown = _shown(constraint.columns)
    sql = (
        f"SELECT {_key(there)}{shown}\n  FROM {_source(name, there, table, constraint.columns)}\n"
        f" WHERE {rule} IS FALSE\n ORDER BY 1"
    )
    return Trouble(kind, name, reason, sql, remedy, refused=True)


def _orphans(actual: Catalog, wanted: Catalog, name: str, constraint: Constraint) -> Iterator[Trouble]:
    parts = REFERENCES.search(constraint.definition)
    if parts is None:  # pragma: no cover - every foreign key of ours is written so
        return
    columns, parent, keys = (part.split(", ") for part in parts.group("columns", "table", "keys"))
    there, referred = actual.tables[name], actual.tables.get(parent[0])
    if any(there.column(column) is None for column in columns):
        return  # added, and empty
    parent_table = wanted.tables[parent[0]]
    known = referred is not None and all(referred.column(key) is not None for key in keys)
    if referred is not None and (
        referred.kind != "table" or not known or not _comparable(referred, parent_table, keys)
    ):
        return
    where = " AND ".join(f"t.{column} IS NOT NULL" for column in columns)
    if known:
        same = " AND ".join(f"r.{key} = t.{column}" for key, column in zip(keys, columns, strict=True))
        where += f"\n   AND NOT EXISTS (SELECT FROM {parent[0]} AS r WHERE {same})"
    what = " and ".join(columns)
    wanted_table = wanted.tables[name]
    optional = all((column := wanted_table.column(c)) is not None and column.nullable for c in columns)
    yield Trouble(
        "orphans",
        name,
        f"“{what}” names a row of {parent[0]} that does not exist.",
        f"SELECT {_key(there)}{_shown(columns)}\n  FROM {name} AS t\n WHERE {where}\n ORDER BY {_numbers(columns)}",
        f"Let each of them name a row that exists{', or none (NULL)' if optional else ''}; or delete them.",
        refused=True,
    )


def _unique(there: Table, table: Table) -> Iterator[tuple[tuple[str, ...], str]]:
    """The columns that are to be unique and may not be, with the condition. Columns that hold others that must be
    unique by themselves are left out: they show the same rows again."""
    sets = [
        (constraint.columns, "", _kept(there, constraint) or _indexed(there, constraint))
        for constraint in table.constraints
        if constraint.kind in {"primary key", "unique"}
    ]
    for index in table.indexes:
        parts = INDEXED.match(index.definition)
        if index.unique and parts is not None:
            kept = any(own.valid and comparing.equal_index(own, index) for own in there.indexes)
            sets.append((tuple(parts["columns"].split(", ")), parts["where"] or "", kept))
    for place, (columns, where, kept) in enumerate(sets):
        told = any(
            not condition and (set(others) < set(columns) or (set(others) == set(columns) and before < place))
            for before, (others, condition, _) in enumerate(sets)
        )
        if not kept and not told and _comparable(there, table, columns):
            yield columns, where


def _indexed(there: Table, constraint: Constraint) -> bool:
    return any(comparing.backs(index, constraint) for index in there.indexes)


def _duplicates(name: str, there: Table, table: Table, columns: tuple[str, ...], where: str) -> Trouble:
    listed = ", ".join(f"t.{column}" for column in columns)
    given = "".join(f" AND t.{column} IS NOT NULL" for column in columns) + (f" AND {where}" if where else "")
    source = _source(name, there, table, columns)
    what = " and ".join(columns)
    shown = _shown(columns) + (", t.ctid" if "id" in columns else "")
    return Trouble(
        "duplicates",
        name,
        f"Several rows have the same {what}, and each may be there once only.",
        f"SELECT {_key(there)}{shown}\n  FROM {source}\n WHERE ({listed}) IN (\n"
        f"         SELECT {listed}\n           FROM {source}\n          WHERE {given.removeprefix(' AND ')}\n"
        f"          GROUP BY {listed} HAVING count(*) > 1)\n ORDER BY {listed}, 1",
        f"Keep one row of each “{what}”; change the others, or delete them.",
        refused=True,
    )


def _source(name: str, there: Table, table: Table, columns: Iterable[str]) -> str:
    """The table, with the defaults of the columns it is going to get."""
    missing = [
        column for column in table.columns if column.name in columns and there.column(column.name) is None
    ]
    if not missing:
        return f"{name} AS t"
    added = ", ".join(f"{column.default or f'NULL::{column.type}'} AS {column.name}" for column in missing)
    return f"(SELECT t.ctid, t.*, {added} FROM {name} AS t) AS t"


def _key(there: Table) -> str:
    """What a row is called by: its id, else its primary key, else where it lies."""
    if there.column("id") is not None:
        return "t.id"
    for constraint in there.constraints:
        if constraint.kind == "primary key":
            return f"concat_ws(' ', {', '.join(f't.{column}' for column in constraint.columns)}) AS key"
    return "t.ctid"


def _shown(columns: Iterable[str]) -> str:
    return "".join(f", t.{column}" for column in columns if column not in SECRETS and column != "id")


def _numbers(columns: Iterable[str]) -> str:
    """By what is shown beside the key, then by the key."""
    shown = [column for column in columns if column not in SECRETS]
    return ", ".join([*(f"t.{column}" for column in shown), "1"])
