"""What was found in a database that was there before Greenroom (ruling 3)."""

from __future__ import annotations

from dataclasses import dataclass

LISTED = 50
"""How many rows of a kind are listed; the count is always the full one."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """One kind of thing in one table, to be looked for. ``refused`` stops the adoption; otherwise it is reported, and
    kept.

    ``sql`` shows the rows to whoever pastes it into psql, what a row is called by first; it selects no secret (ruling
    26). ``remedy`` is the way out: what to do, or what will heal it and when.
    """

    kind: str
    table: str
    reason: str
    sql: str
    remedy: str
    refused: bool


@dataclass(frozen=True, slots=True)
class Finding(Trouble):
    """A trouble there is. ``rows`` are at most `LISTED` of them, by id or by what identifies them; ``count`` is how
    many there are."""

    count: int = 1
    rows: tuple[str, ...] = ()
