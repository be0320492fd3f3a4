"""Constraints and unique indexes of the website's own: those that contradict the specification, and those that are
kept beside it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from desktop.db.catalog import comparing
from desktop.db.findings import LISTED, Finding
from desktop.db.survey import showing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from desktop.db.catalog.model import Constraint, Table


def findings(name: str, there: Table, table: Table) -> Iterator[Finding]:
    """A finding for each constraint that cannot stay as it is, and one for all that can."""
    contradicting: set[str] = set()
    for constraint in table.constraints:
        equal = [own for own in there.constraints if comparing.equal_constraint(own, constraint)]
        if equal and not any(own.enforced for own in equal):
            yield _switched_off(name, equal[0])
        for own in [] if equal else _instead(there, constraint):
            contradicting.add(own.name)
            yield _another(name, own, constraint)
        for own in there.constraints:
            if missing := comparing.narrower(own, constraint):
                contradicting.add(own.name)
                yield _narrower(name, own, constraint, missing)
    yield from _further(name, there, table, contradicting)
    yield from _further_indexes(name, there, table)


def _instead(there: Table, constraint: Constraint) -> list[Constraint]:
    """What is there in the place of a constraint that is not: another reference from the same columns, another key
    (a table has one)."""
    if constraint.kind == "foreign key":
        return [
            own
            for own in there.constraints
            if own.kind == "foreign key" and own.columns == constraint.columns
        ]
    if constraint.kind == "primary key":
        return [own for own in there.constraints if own.kind == "primary key"]
    return []


def _another(name: str, own: Constraint, constraint: Constraint) -> Finding:
    own_name = showing.quoted(own.name)
    if constraint.kind == "primary key":
        remedy = (
            "What refers to the old key has to go first. Then:\n"
            f"  ALTER TABLE {name} DROP CONSTRAINT {own_name}, ADD {constraint.definition};"
        )
    else:
        remedy = f"ALTER TABLE {name} DROP CONSTRAINT {own_name},\n  ADD CONSTRAINT {own_name} {constraint.definition};"
    return Finding(
        kind=f"another {constraint.kind}",
        table=name,
        reason=f"“{own.name}” is {own.definition}; the specification says {constraint.definition}.",
        sql=showing.constraints(name, [own.name]),
        remedy=remedy,
        refused=True,
        rows=(own.name,),
    )


def _switched_off(name: str, own: Constraint) -> Finding:
    own_name = showing.quoted(own.name)
    remedy = f"ALTER TABLE {name} DROP CONSTRAINT {own_name}; the upgrade adds one that is in force."
    if own.kind == "foreign key":
        target = re.search(r"REFERENCES ([\w.\"]+)", own.definition)
        tables = [name, *([target[1]] if target is not None and target[1] != name else [])]
        enabled = "\n".join(f"  ALTER TABLE {table} ENABLE TRIGGER ALL;" for table in tables)
        remedy += f"\nOr, where a superuser disabled its triggers, as a superuser:\n{enabled}"
    return Finding(
        kind="constraint switched off",
        table=name,
        reason=f"“{own.name}” is there, and nobody has to keep it: {own.definition}.",
        sql=showing.constraints(name, [own.name]),
        remedy=remedy,
        refused=True,
        rows=(own.name,),
    )


def _narrower(name: str, own: Constraint, constraint: Constraint, missing: frozenset[str]) -> Finding:
    return Finding(
        kind="shorter list of values",
        table=name,
        reason=f"“{own.name}” does not let {', '.join(sorted(missing))} through, which the specification has and "
        "Greenroom writes.",
        sql=showing.constraints(name, [own.name]),
        remedy=f"ALTER TABLE {name} DROP CONSTRAINT {showing.quoted(own.name)}; the upgrade adds the specification's: "
        f"{constraint.definition}.",
        refused=True,
        rows=(own.name,),
    )


def _further(name: str, there: Table, table: Table, contradicting: set[str]) -> Iterator[Finding]:
    specified = {column.name for column in table.columns}
    own = [
        constraint
        for constraint in there.constraints
        if constraint.kind != "primary key"
        and constraint.name not in contradicting
        and not specified.isdisjoint(constraint.columns)
        and not any(comparing.equal_constraint(constraint, wanted) for wanted in table.constraints)
    ]
    if own:
        told = "; ".join(f"“{constraint.name}”: {constraint.definition}" for constraint in own)
        yield _kept(
            name,
            [constraint.name for constraint in own],
            told,
            showing.constraints(name, [c.name for c in own]),
        )


def _further_indexes(name: str, there: Table, table: Table) -> Iterator[Finding]:
    own = [
        index
        for index in there.indexes
        if index.unique
        and not any(comparing.equal_index(index, wanted) for wanted in table.indexes)
        and not any(comparing.backs(index, constraint) for constraint in table.constraints)
    ]
    if own:
        names = [index.name for index in own]
        told = "; ".join(f"“{index.name}”: UNIQUE {index.definition}" for index in own)
        yield _kept(name, names, told, showing.indexes(name.partition(".")[0], names))


def _kept(name: str, names: list[str], told: str, sql: str) -> Finding:
    return Finding(
        kind="further rule",
        table=name,
        reason=f"The website has rules of its own, which Greenroom has to keep as well. {told}.",
        sql=sql,
        remedy="They are kept. What they refuse, Greenroom cannot write either.",
        refused=False,
        count=len(names),
        rows=tuple(names[:LISTED]),
    )
