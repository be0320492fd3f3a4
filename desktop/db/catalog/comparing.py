"""When two things in two catalogs are the same thing: by what they are and do, whatever they are called.

Of two arguments the first is what is there, the second what is wanted.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from desktop.db.catalog import expressions, recognizing
from desktop.db.catalog.defaults import same_default as same_default

if TYPE_CHECKING:
    from desktop.db.catalog.model import Constraint, Index, Table, Trigger

FIRES = re.compile(r"(?P<when>BEFORE|AFTER) (?P<events>[A-Z ]+?)(?P<rest> FOR EACH (?:ROW|STATEMENT).*)")
OFF = frozenset({"D", "R"})
"""pg_trigger's letters for a trigger that ordinary sessions do not fire."""


def equal_constraint(actual: Constraint, wanted: Constraint) -> bool:
    """By kind, columns and rule; validated and enforced or not, and whatever the name."""
    if actual.kind != wanted.kind:
        return False
    if actual.kind == "check":
        return expressions.canonical(rule(actual)) == expressions.canonical(rule(wanted))
    return expressions.tokens_of(actual.definition) == expressions.tokens_of(wanted.definition)


def rule(constraint: Constraint) -> str:
    """What a CHECK demands, as an expression."""
    return constraint.definition.removeprefix("CHECK ").removesuffix(" NO INHERIT")


def narrower(actual: Constraint, wanted: Constraint) -> frozenset[str]:
    """The values that one list of a column's values lacks of another: it would refuse what Greenroom writes."""
    if actual.kind != "check" or wanted.kind != "check":
        return frozenset()
    mine, theirs = expressions.listed_values(rule(actual)), expressions.listed_values(rule(wanted))
    if mine is None or theirs is None or mine[0] != theirs[0]:
        return frozenset()
    return theirs[1] - mine[1]


def equal_index(actual: Index, wanted: Index) -> bool:
    """By uniqueness, columns, order and condition; valid or not, and whatever the name and storage parameters."""
    return actual.unique == wanted.unique and canonical_index(actual) == canonical_index(wanted)


def canonical_index(index: Index) -> str:
    """An index's method, columns and condition; the same for equal ones."""
    columns, condition = _index_parts(index.definition)
    return f"{columns} where {condition}" if condition else columns


def _index_parts(definition: str) -> tuple[str, str]:
    columns, _, condition = definition.partition(" WHERE ")
    columns = re.sub(r" WITH \([^)]*\)", "", columns)
    return expressions.tokens_of(columns), expressions.canonical(condition) if condition else ""


def backs(index: Index, constraint: Constraint) -> bool:
    """True when ``ALTER TABLE … ADD CONSTRAINT … UNIQUE USING INDEX`` could turn the index into the constraint: a
    website that made a unique index where the specification says UNIQUE keeps its index, and gets no second one."""
    if constraint.kind != "unique" or not index.unique or not index.valid:
        return False
    columns = "USING btree " + constraint.definition.removeprefix("UNIQUE ")
    return _index_parts(index.definition) == (expressions.tokens_of(columns), "")


def equal_trigger(actual: Trigger, wanted: Trigger) -> bool:
    """By when it fires and what it does; enabled or not, and whatever its own and its function's name. A trigger that
    does the wanted thing on the wanted operation, and something on others as well, is equal too."""
    if actual.does == wanted.does and canonical_trigger(actual) == canonical_trigger(wanted):
        return True
    mine, theirs = FIRES.fullmatch(actual.definition), FIRES.fullmatch(wanted.definition)
    if mine is None or theirs is None or (mine["when"], mine["rest"]) != (theirs["when"], theirs["rest"]):
        return False
    operation = theirs["events"]
    return (
        operation in mine["events"].split(" OR ")
        and recognizing.part(actual.does, operation) == recognizing.part(wanted.does, operation)
        and wanted.does in recognizing.PHRASES
    )


def canonical_trigger(trigger: Trigger) -> str:
    """When a trigger fires; the same for equal ones."""
    fires, _, condition = trigger.definition.partition(" WHEN ")
    return f"{fires} WHEN {expressions.canonical(condition)}" if condition else fires


def off(trigger: Trigger) -> bool:
    """True when ordinary sessions do not fire it."""
    return trigger.enabled in OFF


def equal_view(actual: Table, wanted: Table) -> bool:
    """By query, whatever version printed it."""
    return actual.kind == wanted.kind and canonical_query(actual.query) == canonical_query(wanted.query)


def canonical_query(query: str) -> str:
    """A view's query token by token, without parentheses and casts of text, which versions print differently."""
    bare = re.sub(r"::(?:text|character varying)(?:\[\])?", "", query)
    return " ".join(token for token in expressions.tokens(bare) if token not in {"(", ")", ";"})
