"""A database's schema in lines that can be compared: names that were given by chance, and whatever else the website
has, left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop.db.catalog import comparing, defaults

if TYPE_CHECKING:
    from collections.abc import Iterator

    from desktop.db.catalog.model import Catalog, Column, Function, Table, Trigger


def portrait(catalog: Catalog, wanted: Catalog) -> tuple[str, ...]:
    """Sorted lines for everything of the specification's and of Greenroom's that the catalog has, and how it is.

    Two databases have the same schema exactly when their portraits are equal. A thing that is there twice has two
    lines. Names of constraints, indexes and triggers, column order, owners and privileges do not show.
    """
    lines: list[str] = []
    for name, table in wanted.tables.items():
        there = catalog.tables.get(name)
        if there is not None:
            lines.extend(f"{name} {line}" for line in _table(there, table))
    lines.extend(
        f"{name} unknown" for name in (*catalog.tables, *catalog.functions) if _unknown(name, wanted)
    )
    lines.extend(
        f"{signature} {_function(function)}"
        for signature, function in catalog.functions.items()
        if signature in wanted.functions
    )
    return tuple(sorted(lines))


def _unknown(name: str, wanted: Catalog) -> bool:
    """True for what is in Greenroom's own schema, and not of this Greenroom."""
    return name.startswith("greenroom.") and name not in wanted.tables and name not in wanted.functions


def _table(there: Table, table: Table) -> Iterator[str]:
    yield there.kind
    if there.query:
        yield f"query {comparing.canonical_query(there.query)}"
    for column in table.columns:
        own = there.column(column.name)
        if own is not None:
            yield f"column {column.name} {_column(own, column)}"
    for constraint in table.constraints:
        for own_constraint in there.constraints:
            if comparing.equal_constraint(own_constraint, constraint):
                state = "" if own_constraint.validated else " not validated"
                state += "" if own_constraint.enforced else " not enforced"
                yield f"{constraint.kind} {constraint.definition}{state}"
    for index in table.indexes:
        for own_index in there.indexes:
            if comparing.equal_index(own_index, index):
                unique, state = "unique " * index.unique, "" if own_index.valid else " invalid"
                yield f"{unique}index {comparing.canonical_index(index)}{state}"
    for trigger in table.triggers:
        for own_trigger in _firing(there, trigger):
            yield f"trigger {trigger.definition}: {trigger.does} ({_enabled(own_trigger, trigger)})"


def _column(own: Column, wanted: Column) -> str:
    words = [own.type, "null" if own.nullable else "not null"]
    if own.default is not None:
        words.append(f"default {defaults.canonical_default(own.default, wanted.default)}")
    if own.generated:
        words.append(own.generated)
    return " ".join(words)


def _firing(there: Table, wanted: Trigger) -> list[Trigger]:
    """Those equal to the wanted one; when some fire, those that are switched off do not matter."""
    equal = [own for own in there.triggers if comparing.equal_trigger(own, wanted)]
    return [own for own in equal if not comparing.off(own)] or equal


def _enabled(own: Trigger, wanted: Trigger) -> str:
    """A trigger that fires always also fires when it should."""
    return wanted.enabled if own.enabled == "A" else own.enabled


def _function(function: Function) -> str:
    definer = "security definer" if function.security_definer else "security invoker"
    public = "public" if function.public_may_execute else "not public"
    settings = " ".join(sorted(function.settings))
    return f"{function.language} {function.source} {definer} {public} {settings}".strip()
