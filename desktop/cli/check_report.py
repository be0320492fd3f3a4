"""What `greenroom db check` found, as text for people and as JSON for machines (docs/db-check.md)."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from desktop.cli import terminal
from desktop.services.checking.model import Severity

if TYPE_CHECKING:
    from desktop.services.checking.model import Finding, Mended, Report, Subject

FORMAT = 1
"""Of ``--json``: new keys and kinds may be added within a number, none is taken away or changes its meaning."""


def as_json(name: str, report: Report, mended: tuple[Mended, ...]) -> dict[str, Any]:
    """The object that ``--json`` prints."""
    return {
        "format": FORMAT,
        "database": name,
        "server": report.server,
        "schema": {"found": report.schema, "wanted": report.wanted},
        "wrong": report.count(Severity.WRONG),
        "notes": report.count(Severity.NOTE),
        "subjects": [
            asdict(subject)
            | {"findings": [asdict(found) | {"severity": found.severity.value} for found in subject.findings]}
            for subject in report.subjects
        ],
        "mended": [asdict(one) for one in mended],
    }


def tell(name: str, report: Report, mended: tuple[Mended, ...], *, asked: bool) -> None:
    """Say it; ``asked``: mending was asked for."""
    schema = f" and has schema {report.schema}" if report.schema else ""
    terminal.say(f"{name} runs PostgreSQL {report.server}{schema}.")
    for one in mended:
        terminal.say(
            one.sentence + ("." if one.done else ". Others are working on it, so it was left; try again.")
        )
    if asked and not mended:
        terminal.say("There was nothing to mend.")
    for subject in report.subjects:
        _tell_subject(subject)
    wrong = report.count(Severity.WRONG)
    if wrong:
        things = "One thing is wrong" if wrong == 1 else f"{wrong:,} things are wrong"
        changed = "the rest is above" if mended else "nothing was changed"
        terminal.complain(f"{things} in {name}; {changed}.")


def _tell_subject(subject: Subject) -> None:
    counts = [
        f"{count:,} {word}"
        for severity, word in ((Severity.WRONG, "wrong"), (Severity.NOTE, "to know"))
        if (count := subject.count(severity))
    ]
    verdict = ", ".join(counts) or "all right"
    things = subject.things.removesuffix("s") if subject.counted == 1 else subject.things
    terminal.say(f"{subject.title}: {subject.counted:,} {things} looked at, {verdict}.")
    for found in subject.findings:
        _tell_finding(found)


def _tell_finding(found: Finding) -> None:
    sign = "wrong" if found.severity is Severity.WRONG else "note"
    terminal.say(f"  {sign}: {found.sentence}.")
    for row in found.rows:
        terminal.say(f"    {row.sentence}" if row.id in row.sentence else f"    {row.sentence} ({row.id})")
    if found.count > len(found.rows) > 0:
        terminal.say(f"    … and {found.count - len(found.rows):,} more.")
    terminal.say(f"    {found.remedy}")
