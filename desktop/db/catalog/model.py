"""A database's structure as values that can be compared: what things are and do, not when they were made.

Definitions are PostgreSQL's own (``pg_get_constraintdef``, ``pg_get_indexdef``, ``pg_get_triggerdef``), without
the object's name, so that equal things under different names have equal definitions.
"""

from __future__ import annotations

from dataclasses import dataclass, field
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
    """``kind`` is “primary key”, “unique”, “check”, “foreign key” or “exclusion”; ``definition`` has no name, no
    NOT VALID, which ``validated`` says, and no NOT ENFORCED. ``enforced`` is false for that, and for a foreign key
    some of whose own triggers are disabled."""

    name: str
    kind: str
    columns: tuple[str, ...]
    definition: str
    validated: bool = True
    enforced: bool = True


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
    name: “partitioned table”, “foreign table”, “sequence”, “type”. ``query`` is a view's text."""

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
class Role:
    """A role that owns something here, or the connected one. ``within_reach``: the connected role may SET ROLE to
    it; ``creates_in`` names the schemas where it may create, ``creates_schemas`` says the same of the database."""

    within_reach: bool
    creates_schemas: bool
    creates_in: frozenset[str]


@dataclass(frozen=True, slots=True)
class Access:
    """Who is connected, the schemas that exist, and by name the roles that own them or tables or functions in them."""

    connected: str = ""
    schemas: frozenset[str] = frozenset()
    roles: Mapping[str, Role] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Catalog:
    """Tables by ``schema.name`` and functions by signature, of schemas ``public`` and ``greenroom``; ``access`` is
    empty in what is wanted."""

    tables: Mapping[str, Table]
    functions: Mapping[str, Function]
    access: Access = field(default_factory=Access)
