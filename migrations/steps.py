"""The SQL of the revisions as steps and statements, so that each can be compared with a database before it runs.

A file is divided by lines ``-- step: <what is done, as a person is told it>``; a step is one short transaction.
What a statement makes is read off its first words: the files keep to the few forms named in `FORMS`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_NAME = r'((?:[\w"]+\.)?[\w"]+)'
_FORMS = {
    "table": rf"CREATE TABLE {_NAME}",
    "column": rf"ALTER TABLE {_NAME} ADD COLUMN {_NAME}",
    "constraint": rf"ALTER TABLE {_NAME} ADD CONSTRAINT {_NAME}",
    "always": rf"ALTER TABLE {_NAME} ENABLE ALWAYS TRIGGER {_NAME}",
    "index": rf"CREATE (?:UNIQUE )?INDEX {_NAME} ON {_NAME}",
    "view": rf"CREATE MATERIALIZED VIEW {_NAME}",
    "trigger": rf"CREATE (?:OR REPLACE )?TRIGGER {_NAME} .*? ON {_NAME}",
    "function": rf"CREATE (?:OR REPLACE )?FUNCTION {_NAME}",
    "lock": rf"LOCK TABLE {_NAME}",
    "comment": r"COMMENT ON ()",
    "privilege": r"(?:GRANT|REVOKE) ()",
    "rows": r"(?:INSERT INTO|UPDATE|DELETE FROM) ()",
}
FORMS = {kind: re.compile(form.replace(" ", r"\s+"), re.DOTALL) for kind, form in _FORMS.items()}
MAKING = frozenset({"table", "column", "constraint", "index", "view", "trigger", "function"})
"""Kinds of statements that make something which a database has or has not."""

_APART = re.compile(
    r"(?P<step>^--\ step:[^\n]*)|(?P<comment>--[^\n]*|/\*.*?\*/)"
    r"""|(?P<kept>'(?:[^']|'')*'|"[^"]*"|\$(?P<tag>\w*)\$.*?\$(?P=tag)\$)|(?P<end>;)""",
    re.DOTALL | re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement; ``table`` is what it belongs to as ``schema.name``, ``name`` what it makes."""

    sql: str
    kind: str
    table: str = ""
    name: str = ""

    @property
    def key(self) -> tuple[str, str, str]:
        """What a later statement with the same key replaces."""
        return self.kind, self.table, self.name


@dataclass(frozen=True, slots=True)
class Step:
    """What is done in one short transaction, apart from what must run outside of one."""

    revision: str
    says: str
    statements: tuple[Statement, ...]

    @property
    def locked(self) -> bool:
        """All or nothing under a lock it takes itself."""
        return any(statement.kind == "lock" for statement in self.statements)


@dataclass(frozen=True, slots=True)
class Backfill:
    """Rows that are given a value in batches: ``column`` becomes ``value`` wherever it is not that
    already; ``wrong`` says in SQL which rows these are, where that is more than a comparison."""

    revision: str
    says: str
    table: str
    column: str
    value: str
    wrong: str = ""

    @property
    def condition(self) -> str:
        """Which rows still lack it."""
        return self.wrong or f"{self.column} IS DISTINCT FROM ({self.value})"


def divided(revision: str, text: str) -> tuple[Step, ...]:
    """The steps of a file. Raises ValueError for a statement before the first step line or of an unknown form."""
    steps: list[tuple[str, list[Statement]]] = []
    sql = ""
    at = 0
    for found in _APART.finditer(text):
        sql += text[at : found.start()]
        at = found.end()
        if found["kept"]:
            sql += found[0]
        elif found["step"]:
            steps.append((found[0].removeprefix("-- step:").strip(), []))
        elif found["end"] and sql.strip():
            if not steps:
                raise ValueError(f"{revision}: a statement before the first “-- step:” line")
            steps[-1][1].append(statement(sql.strip()))
            sql = ""
    if (sql + text[at:]).strip():
        raise ValueError(f"{revision}: text after the last semicolon")
    return tuple(Step(revision, says, tuple(statements)) for says, statements in steps)


def statement(sql: str) -> Statement:
    """A statement and what it makes. Raises ValueError when it is of none of `FORMS`."""
    for kind, form in FORMS.items():
        found = form.match(sql)
        if found is None:
            continue
        if kind in {"table", "view", "lock"}:
            return Statement(sql, kind, qualified(found[1]))
        if kind == "function":
            return Statement(sql, kind, "", qualified(found[1]))
        if kind in {"index", "trigger"}:
            return Statement(sql, kind, qualified(found[2]), found[1])
        if kind in {"column", "constraint", "always"}:
            return Statement(sql, kind, qualified(found[1]), found[2])
        return Statement(sql, kind)
    raise ValueError(f"a statement of no known form: {sql[:60]}")


def qualified(name: str) -> str:
    """The name with its schema; without one it is the specification's, ``public``."""
    return name if "." in name else f"public.{name}"


def members(table: Statement) -> tuple[str, ...]:
    """The columns a CREATE TABLE names, in order."""
    body = table.sql[table.sql.index("(") + 1 : table.sql.rindex(")")]
    words = [part.split(None, 1)[0] for part in _apart(body)]
    return tuple(
        word for word in words if word.upper() not in {"CONSTRAINT", "UNIQUE", "CHECK", "PRIMARY", "FOREIGN"}
    )


def _apart(body: str) -> list[str]:
    """The parts of a list, divided at its own commas and not at those in parentheses or quotes."""
    parts, depth, part = [], 0, ""
    for word in re.findall(r"'(?:[^']|'')*'|[(),]|[^'(),]+", body):
        depth += (word == "(") - (word == ")")
        if word == "," and not depth:
            parts.append(part.strip())
            part = ""
        else:
            part += word
    return [*parts, part.strip()]
