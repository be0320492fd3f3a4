"""A database's structure as values that can be compared: what things are and do, not when they were made.

Definitions are PostgreSQL's own (``pg_get_constraintdef``, ``pg_get_indexdef``, ``pg_get_triggerdef``), without
the object's name, so that equal things under different names have equal definitions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Column:
    """``type`` as ``format_type`` says it, ``default`` as an expression or None; ``generated`` is "" or how
    (“identity”, “stored”)."""

    name: str
    type: str
    nullable: bool
    default: str | None
    generated: str = ""


@dataclass(frozen=True, slots=True)
class Constraint:
    """``kind`` is “primary key”, “unique”, “check” or “foreign key”; ``definition`` has no name and no NOT VALID,
    which ``validated`` says."""

    name: str
    kind: str
    columns: tuple[str, ...]
    definition: str
    validated: bool = True


@dataclass(frozen=True, slots=True)
class Index:
    """An index that backs no constraint; ``definition`` starts at “USING” and ends with its WHERE. An index that
    is not ``valid`` was left behind by a concurrent build that failed."""

    name: str
    unique: bool
    definition: str
    valid: bool = True


@dataclass(frozen=True, slots=True)
class Trigger:
    """``definition`` is when it fires (“BEFORE UPDATE … FOR EACH ROW WHEN …”), without name, table and function;
    ``does`` is what its function does: a phrase for what is recognized, else the function's name;
    ``enabled`` is pg_trigger's letter (O, A, R, D)."""

    name: str
    definition: str
    function: str
    does: str
    enabled: str = "O"


@dataclass(frozen=True, slots=True)
class Table:
    """A table, view or materialized view; ``kind`` is “table”, “view”, “materialized view” or what else has the
    name. ``query`` is a view's text."""

    name: str
    kind: str
    owner: str
    columns: tuple[Column, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    indexes: tuple[Index, ...] = ()
    triggers: tuple[Trigger, ...] = ()
    query: str = ""

    def column(self, name: str) -> Column | None:
        """The column of that name, or None."""
        return next((column for column in self.columns if column.name == name), None)


@dataclass(frozen=True, slots=True)
class Function:
    """``signature`` is ``schema.name(types)``; ``source`` a digest of its text; ``settings`` its SET clauses."""

    signature: str
    source: str
    language: str
    owner: str
    security_definer: bool
    settings: tuple[str, ...]
    public_may_execute: bool


@dataclass(frozen=True, slots=True)
class Catalog:
    """Tables by ``schema.name`` and functions by signature, of schemas ``public`` and ``greenroom``."""

    tables: Mapping[str, Table]
    functions: Mapping[str, Function]
