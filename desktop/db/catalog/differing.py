"""What a database lacks, or has otherwise, of what this program needs: the drift that ``greenroom db check`` tells.

What the website has of its own is no difference.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from desktop.db.catalog import comparing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from desktop.db.catalog.model import Catalog, Column, Constraint, Function, Table, Trigger

WRONG = "wrong"
NOTE = "note"


@dataclass(frozen=True, slots=True)
class Difference:
    """``kind`` is “table”, “column”, “constraint”, “index”, “trigger”, “view”, “function” or “schema”; ``name`` the
    thing itself, without its table; ``severity`` is `WRONG` or `NOTE`."""

    kind: str
    name: str
    sentence: str
    severity: str = WRONG


def differences(actual: Catalog, wanted: Catalog) -> tuple[Difference, ...]:
    """What ``actual`` lacks or has otherwise, table by table, then the functions."""
    return tuple(_all(actual, wanted))


def _all(actual: Catalog, wanted: Catalog) -> Iterator[Difference]:
    for name, table in wanted.tables.items():
        there = actual.tables.get(name)
        if there is None:
            yield Difference("table", name, f"The {table.kind} {name} is missing.")
        elif there.kind != table.kind:
            yield Difference("table", name, f"{name} is a {there.kind}, and has to be a {table.kind}.")
        else:
            yield from _columns(name, there, table)
            yield from _constraints(name, there, table)
            yield from _indexes(name, there, table)
            yield from _triggers(name, there, table)
            if table.query and not comparing.equal_view(there, table):
                yield Difference("view", name, f"The {table.kind} {name} has another query.")
    for signature, function in wanted.functions.items():
        found = actual.functions.get(signature)
        if found is None:
            yield Difference("function", signature, f"The function {signature} is missing.")
        else:
            yield from _function(found, function)
    yield from _owners(actual, wanted)
    yield from _left_over(actual, wanted)


def _columns(name: str, there: Table, table: Table) -> Iterator[Difference]:
    for column in table.columns:
        own = there.column(column.name)
        if own is None:
            yield Difference("column", column.name, f"The column {name}.{column.name} is missing.")
            continue
        for sentence, severity in _column(own, column):
            yield Difference("column", column.name, f"The column {name}.{column.name} {sentence}.", severity)


def _column(own: Column, column: Column) -> Iterator[tuple[str, str]]:
    if own.type != column.type:
        yield f"is {own.type}, and has to be {column.type}", WRONG
    if own.generated != column.generated:
        yield (
            f"is {own.generated or 'not'} generated, and has to be {column.generated or 'written to'}",
            WRONG,
        )
    if own.nullable and not column.nullable:
        yield "may be empty, and has to be NOT NULL", WRONG
    elif column.nullable and not own.nullable:
        yield "is NOT NULL, and has to take NULL", WRONG
    if comparing.same_default(own.default, column.default):
        return
    if own.default is None:
        yield f"has no default, and has to begin as {column.default}", WRONG
    elif not own.generated:
        yield f"begins as {own.default} instead of {column.default or 'empty'}", NOTE


def _constraints(name: str, there: Table, table: Table) -> Iterator[Difference]:
    for constraint in table.constraints:
        equal = [own for own in there.constraints if comparing.equal_constraint(own, constraint)]
        sentence = _weakness(equal)
        if sentence:
            called = equal[0].name if equal else constraint.name
            yield Difference(
                "constraint",
                called,
                f"The {constraint.kind} constraint {called} of {name} {sentence}: {constraint.definition}.",
            )
        for own in there.constraints:
            if missing := comparing.narrower(own, constraint):
                yield Difference(
                    "constraint",
                    own.name,
                    f"The constraint {own.name} of {name} does not let {', '.join(sorted(missing))} through.",
                )


def _weakness(equal: list[Constraint]) -> str:
    """What is wrong with the constraint whose equals these are; nothing when one of them is in force."""
    if not equal:
        return "is missing"
    if any(own.validated and own.enforced for own in equal):
        return ""
    return "is switched off" if not any(own.enforced for own in equal) else "was never tried against the rows"


def _indexes(name: str, there: Table, table: Table) -> Iterator[Difference]:
    for index in table.indexes:
        equal = [own for own in there.indexes if comparing.equal_index(own, index)]
        if not equal:
            definition = f"{'UNIQUE ' if index.unique else ''}{index.definition}"
            yield Difference(
                "index", index.name, f"The index {index.name} of {name} is missing: {definition}."
            )
        elif not any(own.valid for own in equal):
            yield Difference(
                "index",
                equal[0].name,
                f"The index {equal[0].name} of {name} is INVALID: half built, unused.",
            )


def _triggers(name: str, there: Table, table: Table) -> Iterator[Difference]:
    for trigger in table.triggers:
        equal = [own for own in there.triggers if comparing.equal_trigger(own, trigger)]
        sentence = _absence(equal, trigger)
        if sentence:
            called = equal[0].name if equal else trigger.name
            yield Difference("trigger", called, f"The trigger {called} of {name} {sentence}.")


def _absence(equal: list[Trigger], wanted: Trigger) -> str:
    if not equal:
        return f"is missing, or does something else ({wanted.definition}: {wanted.does})"
    if all(comparing.off(own) for own in equal):
        return "is disabled"
    if wanted.enabled == "A" and not any(own.enabled == "A" for own in equal):
        return "is not ENABLE ALWAYS, so session_replication_role = replica gets round it"
    return ""


def _function(found: Function, wanted: Function) -> Iterator[Difference]:
    if found.source != wanted.source or found.language != wanted.language:
        yield _of_function(wanted, "is not the one this program installs")
    if found.security_definer != wanted.security_definer:
        whose = "its owner's" if wanted.security_definer else "its caller's"
        yield _of_function(wanted, f"does not run with {whose} rights, as it has to")
    if sorted(found.settings) != sorted(wanted.settings):
        yield _of_function(wanted, f"has other settings than {', '.join(wanted.settings) or 'none'}")
    if found.public_may_execute and not wanted.public_may_execute:
        yield _of_function(wanted, "may be executed by everybody (PUBLIC)")
    elif wanted.public_may_execute and not found.public_may_execute:
        yield _of_function(
            wanted, "may not be executed by everybody (PUBLIC), which the website's writing needs"
        )


def _of_function(wanted: Function, sentence: str, severity: str = WRONG) -> Difference:
    return Difference(
        "function",
        wanted.signature,
        f"The function {wanted.signature} {sentence}.",
        severity,
    )


def _owners(actual: Catalog, wanted: Catalog) -> Iterator[Difference]:
    """A function that runs with its owner's rights has to have those of the tables' owner, and no more."""
    owners = {actual.tables[name].owner for name in wanted.tables if name in actual.tables}
    if len(owners) != 1:
        return
    (owner,) = owners
    for signature in wanted.functions:
        found = actual.functions.get(signature)
        if found is not None and found.security_definer and found.owner != owner:
            yield _of_function(found, f"belongs to {found.owner}, and the tables to {owner}", NOTE)


def _left_over(actual: Catalog, wanted: Catalog) -> Iterator[Difference]:
    for name, table in actual.tables.items():
        if name.startswith("greenroom.") and name not in wanted.tables:
            sentence = f"Schema greenroom holds the {table.kind} {name}, which this program does not know."
            yield Difference("schema", name, sentence, NOTE)
    for signature in actual.functions:
        if signature.startswith("greenroom.") and signature not in wanted.functions:
            sentence = f"Schema greenroom holds the function {signature}, which this program does not know."
            yield Difference("schema", signature, sentence, NOTE)
