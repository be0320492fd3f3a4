"""What a trigger's function does, recognized by its text: a website writes the same few in its own words.

A function is followed statement by statement for one operation (INSERT, UPDATE, DELETE), with TG_OP known. It is
recognized when every statement that would run is one of those below; anything else makes it unrecognized, and
whoever compares goes by its name.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from desktop.db.catalog import expressions
from desktop.db.catalog.defaults import is_present

if TYPE_CHECKING:
    from desktop.db.catalog.expressions import Node

SETS_UPDATED_AT = "sets updated_at"
ADDS_PACKAGE = "adds the package to its event"
REMOVES_PACKAGE = "removes the package from its event"
OWN_LIST = "writes packages_ids in a way of its own"
"""Not recognized, and yet known to be about the list."""
PHRASES = frozenset({SETS_UPDATED_AT, ADDS_PACKAGE, REMOVES_PACKAGE})
NOTHING = "nothing"

OPERATIONS = ("INSERT", "UPDATE", "DELETE", "TRUNCATE")
GUARDS = {f"(not (null (name {row}.event_id)))": row for row in ("new", "old")} | {
    f"(in (name {row}.package_type) 'event')": row for row in ("new", "old")
}
"""Conditions that every package of an event meets (chk_package_type_event), and the row they are about."""
NO_EVENT = "no event"
NO_EVENT_GUARDS = {f"(null (name {row}.event_id))" for row in ("new", "old")}
"""Conditions that only packages of no event meet: for them nothing is to be done."""

UPDATE_OF_LIST = re.compile(
    r"update (?:only )?(?P<schema>public \. )?events(?: as \w+| (?!set)\w+)? set packages_ids = (?P<list>.+?)"
    r"(?: , updated_at = (?P<moment>.+?))? where (?P<which>.+)"
)
NO_LIST = re.compile(r"coalesce \( packages_ids , (?:'\{\}'|array \[ \])(?: :: uuid \[ \])? \)")
LISTS = {
    "array_append ( packages_ids , new . id )": ADDS_PACKAGE,
    "packages_ids || new . id": ADDS_PACKAGE,
    "array_append ( array_remove ( packages_ids , new . id ) , new . id )": ADDS_PACKAGE,
    "array_remove ( packages_ids , old . id )": REMOVES_PACKAGE,
}
UNLESS_LISTED = {
    "(not (quantified = any (name new.id) (name packages_ids)))",
    "(quantified <> all (name new.id) (name packages_ids))",
    "(not (operator @> (name packages_ids) (array (name new.id))))",
    "(quantified = any (name old.id) (name packages_ids))",
    "(operator @> (name packages_ids) (array (name old.id)))",
}
"""Conditions that only save a change that would change nothing."""


class Unrecognized(Exception):
    """The function does something else."""


@lru_cache(maxsize=1024)
def does(
    source: str, language: str, definition: str, arguments: tuple[str, ...] = (), *, public: bool = True
) -> str | None:
    """The phrase for what the function does for each operation its trigger fires on, else None: one phrase when it is
    the same for all, “INSERT: …; DELETE: …” when not. ``definition`` is when the trigger fires; ``public`` is false for
    a function whose search path does not find the tables of that schema."""
    try:
        found = {
            operation: _for_one(source, language, operation, arguments, public=public)
            for operation in operations(definition)
        }
    except (Unrecognized, expressions.NotUnderstood):
        return None
    phrases = set(found.values())
    if phrases == {NOTHING}:
        return None
    if len(phrases) == 1:
        return phrases.pop()
    return "; ".join(f"{operation}: {phrase}" for operation, phrase in found.items())


def part(phrase: str, operation: str) -> str:
    """What of a phrase that `does` gave is done on one operation."""
    found = dict(re.findall(r"(INSERT|UPDATE|DELETE|TRUNCATE): ([^;]+)", phrase))
    return found.get(operation, "") if found else phrase


def operations(definition: str) -> tuple[str, ...]:
    """The operations a trigger fires on, of when it fires."""
    events = re.split(r" (?:FOR EACH|REFERENCING|WHEN|NOT DEFERRABLE|DEFERRABLE|FROM) ", definition)[0]
    return tuple(operation for operation in OPERATIONS if re.search(rf"\b{operation}\b", events))


def _for_one(source: str, language: str, operation: str, arguments: tuple[str, ...], *, public: bool) -> str:
    if language == "c":
        if (source, arguments) == ("moddatetime", ("updated_at",)):
            return SETS_UPDATED_AT
        raise Unrecognized
    if language != "plpgsql":
        raise Unrecognized
    return " and ".join(_Body(expressions.tokens(source), operation, public=public).effects()) or NOTHING


class _Body:
    """A function's statements, as far as they run for one operation."""

    def __init__(self, found: list[str], operation: str, *, public: bool) -> None:
        self.public = public
        self.found = found
        self.at = 0
        self.operation = operation
        self.done: list[str] = []
        self.returned = ""

    def effects(self) -> list[str]:
        """What is done, in order. Raises `Unrecognized`, `NotUnderstood`."""
        self._pass("begin")
        self._block(runs=True, row=None)
        self._pass("end")
        if self.found[self.at :] not in ([], [";"]):
            raise Unrecognized
        return self.done

    def _next(self) -> str:
        return self.found[self.at] if self.at < len(self.found) else ""

    def _pass(self, word: str) -> None:
        if self._next() != word:
            raise Unrecognized
        self.at += 1

    def _upto(self, end: str) -> list[str]:
        start = self.at
        while self._next() != end:
            if not self._next():
                raise Unrecognized
            self.at += 1
        self.at += 1
        return self.found[start : self.at - 1]

    def _block(self, *, runs: bool, row: str | None) -> None:
        """Statements up to END, ELSIF or ELSE. ``row`` is the one that a condition around them knows to be of an
        event, or `NO_EVENT`."""
        while self._next() not in {"end", "elsif", "elseif", "else", ""}:
            if self._next() == "if":
                self._choice(runs=runs, row=row)
                continue
            if self._next() == "exception":
                raise Unrecognized
            statement = self._upto(";")
            if runs and self.returned != "always":
                self._statement(statement, row)

    def _choice(self, *, runs: bool, row: str | None) -> None:
        undecided = runs and self.returned != "always"
        while self._next() in {"if", "elsif", "elseif"}:
            self.at += 1
            condition = " ".join(self._upto("then"))
            runs_here, known = self._held(condition) if undecided else (False, None)
            self._block(runs=runs_here, row=known or row)
            undecided = undecided and not runs_here
            if known is not None and self._next() != "end":  # which branch is taken differs from row to row
                raise Unrecognized
        if self._next() == "else":
            self.at += 1
            self._block(runs=undecided, row=row)
        for word in ("end", "if", ";"):
            self._pass(word)

    def _held(self, condition: str) -> tuple[bool, str | None]:
        """Whether the statements under a condition run, and what it knows of a row."""
        remaining = _known(expressions.parsed(condition), self.operation)
        if isinstance(remaining, bool):
            return remaining, None
        if expressions.written(remaining) in NO_EVENT_GUARDS and self.operation != "UPDATE":
            return True, NO_EVENT
        rows = {GUARDS.get(expressions.written(part)) for part in _all_of(remaining)}
        if len(rows) > 1 or None in rows:
            raise Unrecognized
        return True, rows.pop()

    def _statement(self, statement: list[str], row: str | None) -> None:
        text = " ".join(statement)
        if statement[:1] == ["return"]:
            self._return(text.removeprefix("return "), row)
        elif self.returned:
            raise Unrecognized
        elif match := re.fullmatch(r"new \. updated_at (?::=|=) (.+)", text):
            if row is not None or not is_present(match[1]):
                raise Unrecognized
            self._note(SETS_UPDATED_AT)
        else:
            effect = _list_change(text, public=self.public)
            if row not in {None, "new" if effect == ADDS_PACKAGE else "old"}:
                raise Unrecognized
            self._note(effect)

    def _return(self, what: str, row: str | None) -> None:
        if what not in {"new", "old", "null", "coalesce ( new , old )"}:
            raise Unrecognized
        if SETS_UPDATED_AT in self.done and what != "new":
            raise Unrecognized
        if row is None:
            self.returned = "always"
        elif row != NO_EVENT:
            self.returned = "for events"

    def _note(self, effect: str) -> None:
        if effect in self.done:
            raise Unrecognized
        self.done.append(effect)


def _known(node: Node, operation: str) -> bool | Node:
    """A condition with TG_OP known: decided, or what is left of it."""
    if node[:2] == ("in", ("name", "tg_op")):
        return f"'{operation}'" in node[2:]
    parts = [part for part in node[1:] if isinstance(part, tuple)]
    if node[0] == "not":
        known = _known(parts[0], operation)
        return not known if isinstance(known, bool) else node
    if node[0] not in {"and", "or"}:
        return node
    decides = node[0] == "or"
    left: list[Node] = []
    for part in parts:
        known = _known(part, operation)
        if known is decides:
            return decides
        if not isinstance(known, bool):
            left.append(known)
    if not left:
        return not decides
    return (node[0], *left) if len(left) > 1 else left[0]


def _all_of(node: Node) -> tuple[object, ...]:
    return node[1:] if node[0] == "and" else (node,)


def _list_change(text: str, *, public: bool) -> str:
    """An UPDATE of one event's ``packages_ids``; with its ``updated_at`` or not."""
    match = UPDATE_OF_LIST.fullmatch(
        re.sub(r"\b(?!new |old |public )\w+ \. (?=packages_ids\b|id\b)", "", text)
    )
    if match is None or not (public or match["schema"]):
        raise Unrecognized
    effect = LISTS.get(NO_LIST.sub("packages_ids", match["list"]))
    if effect is None or (match["moment"] and not is_present(match["moment"])):
        raise Unrecognized
    row = "new" if effect == ADDS_PACKAGE else "old"
    which = expressions.parsed(match["which"])
    unmet = {expressions.written(part) for part in _all_of(which)} - UNLESS_LISTED
    if unmet != {f"(operator = (name id) (name {row}.event_id))"}:
        raise Unrecognized
    return effect
