"""What an upgrade does, one action at a time: each is complete in itself, and finds out when it has been done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from migrations.steps import Backfill


@dataclass(frozen=True, slots=True)
class Made:
    """Something Greenroom makes, as ``greenroom.created`` keeps it; ``place`` is the table as ``schema.name``."""

    kind: str
    place: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Short:
    """Statements of one short transaction. ``tables`` are those whose lock others may have to wait for."""

    says: tuple[str, ...]
    statements: tuple[str, ...]
    made: tuple[Made, ...] = ()
    tables: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Build:
    """An index built beside the site's work (CONCURRENTLY), outside of any transaction."""

    table: str
    name: str
    sql: str

    @property
    def says(self) -> tuple[str, ...]:
        """As a person is told it."""
        return (f"Build the index {self.name} on {bare(self.table)}, without stopping anybody",)

    @property
    def made(self) -> tuple[Made, ...]:
        """What is there afterwards."""
        return (Made("index", self.table, self.name),)


@dataclass(frozen=True, slots=True)
class Fill:
    """Rows that get a value, in batches."""

    backfill: Backfill

    @property
    def says(self) -> tuple[str, ...]:
        """As a person is told it."""
        return (f"{self.backfill.says}, in batches of about a fifth of a second",)


@dataclass(frozen=True, slots=True)
class Swap:
    """The materialized view of the specification's first wording, exchanged for ruling 7's of the same name."""

    view: str
    query: str

    @property
    def says(self) -> tuple[str, ...]:
        """As a person is told it."""
        return (f"Exchange the query of {bare(self.view)}: people who came in hold their seats",)


Action = Short | Build | Fill | Swap


def bare(name: str) -> str:
    """A table as people call it: without the schema where that is ``public``."""
    return name.removeprefix("public.")
