"""Whether the database's structure is as this program needs it: tables, columns, constraints, indexes, triggers,
functions. What the website has of its own is no difference."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from desktop.db.catalog import differing, reading
from desktop.db.catalog.wanted import wanted
from desktop.db.findings import LISTED
from desktop.services.checking.model import Finding, Row, Severity, Subject

if TYPE_CHECKING:
    from desktop.db.catalog.differing import Difference
    from desktop.db.catalog.model import Catalog
    from desktop.db.session import Transaction

NAMES = {
    "index": ("index", "indexes"),
    "schema": ("thing in schema greenroom", "things in schema greenroom"),
}
UPGRADE = (
    "“greenroom db upgrade” makes it again, or says what stands in the way; with “--plan” it only says so."
)
KEPT = "It is left as it is."


def drift(tx: Transaction) -> Subject:
    """The live catalog, compared with the one this program was made for. Every account may read it."""
    desired = wanted()
    found = differing.differences(reading.read(tx.connection), desired)
    return Subject("schema", "Schema", _size(desired), "parts", tuple(_grouped(found)))


def _size(catalog: Catalog) -> int:
    inside = sum(
        len(table.columns) + len(table.constraints) + len(table.indexes) + len(table.triggers)
        for table in catalog.tables.values()
    )
    return inside + len(catalog.tables) + len(catalog.functions)


def _grouped(found: tuple[Difference, ...]) -> list[Finding]:
    ordered = sorted(found, key=lambda difference: (difference.severity != differing.WRONG, difference.kind))
    return [
        _finding(kind, Severity(severity), list(alike))
        for (severity, kind), alike in groupby(ordered, lambda one: (one.severity, one.kind))
    ]


def _finding(kind: str, severity: Severity, alike: list[Difference]) -> Finding:
    one, several = NAMES.get(kind, (kind, f"{kind}s"))
    subject = f"One {one} is" if len(alike) == 1 else f"{len(alike):,} {several} are"
    return Finding(
        kind=f"schema_{kind}",
        severity=severity,
        sentence=f"{subject} not as this program makes {'it' if len(alike) == 1 else 'them'}",
        remedy=UPGRADE if severity is Severity.WRONG else KEPT,
        count=len(alike),
        rows=tuple(Row(one.name, one.sentence.removesuffix(".")) for one in alike[:LISTED]),
    )
