"""The SQL that shows a person what of a database's structure a finding is about."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def columns(table: str, names: Iterable[str]) -> str:
    """Columns of a table as they are."""
    return (
        'SELECT a.attname, format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull AS "not null",\n'
        '       pg_get_expr(d.adbin, d.adrelid) AS "default"\n'
        "  FROM pg_attribute AS a LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum\n"
        f" WHERE a.attrelid = {literal(table)}::regclass AND a.attname IN ({_list(names)})\n"
        " ORDER BY a.attnum;"
    )


def constraints(table: str, names: Iterable[str]) -> str:
    """Constraints of a table as they are."""
    return (
        "SELECT k.conname, pg_get_constraintdef(k.oid) AS definition\n"
        f"  FROM pg_constraint AS k WHERE k.conrelid = {literal(table)}::regclass AND k.conname IN ({_list(names)})\n"
        " ORDER BY k.conname;"
    )


def indexes(schema: str, names: Iterable[str]) -> str:
    """Indexes as they are."""
    return (
        "SELECT i.indexname, i.indexdef\n"
        f"  FROM pg_indexes AS i WHERE i.schemaname = {literal(schema)} AND i.indexname IN ({_list(names)})\n"
        " ORDER BY i.indexname;"
    )


def triggers(table: str, names: Iterable[str]) -> str:
    """Triggers of a table as they are."""
    return (
        "SELECT t.tgname, pg_get_triggerdef(t.oid) AS definition\n"
        f"  FROM pg_trigger AS t WHERE t.tgrelid = {literal(table)}::regclass AND t.tgname IN ({_list(names)})\n"
        " ORDER BY t.tgname;"
    )


def relations(schema: str, names: Iterable[str]) -> str:
    """What has these names, and whose it is."""
    return (
        "SELECT c.relname, c.relkind, pg_get_userbyid(c.relowner) AS owner\n"
        f"  FROM pg_class AS c WHERE c.relnamespace = {literal(schema)}::regnamespace"
        f" AND c.relname IN ({_list(names)})\n"
        " ORDER BY c.relname;"
    )


def type_named(schema: str, name: str) -> str:
    """A type that is no table's."""
    return (
        "SELECT t.typname, t.typtype, pg_get_userbyid(t.typowner) AS owner\n"
        f"  FROM pg_type AS t WHERE t.typnamespace = {literal(schema)}::regnamespace AND t.typname = {literal(name)};"
    )


def literal(text: str) -> str:
    """A string as SQL has it, whatever ``standard_conforming_strings`` says of backslashes."""
    quoted = text.replace("'", "''")
    if "\\" in quoted:
        return "E'" + quoted.replace("\\", "\\\\") + "'"
    return f"'{quoted}'"


def quoted(name: str) -> str:
    """A name as SQL has it; quotes only where they are needed."""
    if re.fullmatch(r"[a-z_][a-z0-9_]*", name):
        return name
    return '"' + name.replace('"', '""') + '"'


def _list(names: Iterable[str]) -> str:
    return ", ".join(literal(name) for name in names)
