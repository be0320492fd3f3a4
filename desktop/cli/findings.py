"""What was found in a database that was there before Greenroom, as text: a paragraph for each kind and table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop.db.findings import LISTED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from desktop.db.findings import Finding


def lines(findings: Iterable[Finding]) -> Iterator[str]:
    """The report, what is refused first: what it is, where and how often, why, the rows, the SQL that shows them all
    (it can be pasted into psql as it stands), and the way out. Nothing for no findings."""
    found = tuple(findings)
    for heading, refused in (
        ("These must be put right before Greenroom can move in:", True),
        ("These are kept as they are:", False),
    ):
        of_this = [finding for finding in found if finding.refused is refused]
        if of_this:
            yield heading
            for finding in of_this:
                yield ""
                yield from _paragraph(finding)
            yield ""


def _paragraph(finding: Finding) -> Iterator[str]:
    yield f"{finding.table}: {finding.kind} ({finding.count:,})"
    yield f"  {finding.reason}"
    for row in finding.rows:
        yield f"    {row}"
    if finding.count > len(finding.rows) >= LISTED:
        yield f"    … and {finding.count - len(finding.rows):,} more"
    if finding.sql:
        yield "  Shown by:"
        for line in finding.sql.splitlines():
            yield f"    {line}"
    for line in finding.remedy.splitlines():
        yield f"  {line}"
