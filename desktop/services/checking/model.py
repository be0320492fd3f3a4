"""What a check of a database says: subjects that were looked at, and what was found in each."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Severity(Enum):
    """Something ``WRONG`` makes the command exit with 1. A ``NOTE`` is worth knowing and is left as it is."""

    WRONG = "wrong"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Row:
    """One thing of a finding: its id or name, and what is the matter with it. Names packages, events and objects
    of the database, never a person."""

    id: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One kind of thing. ``kind`` is a word for machines that stays the same from version to version; ``remedy``
    is the way out; ``sql`` shows the rows to whoever pastes it into psql, and selects no secret (ruling 26).
    `repairing.repair` mends what is ``repairable``."""

    kind: str
    severity: Severity
    sentence: str
    remedy: str
    count: int = 1
    rows: tuple[Row, ...] = ()
    sql: str = ""
    repairable: bool = False


@dataclass(frozen=True, slots=True)
class Subject:
    """What was looked at: how many ``things``, and what was found. ``name`` is for machines, ``title`` for people."""

    name: str
    title: str
    counted: int
    things: str
    findings: tuple[Finding, ...] = ()

    def count(self, severity: Severity) -> int:
        """How many things of that severity were found."""
        return sum(finding.count for finding in self.findings if finding.severity is severity)


@dataclass(frozen=True, slots=True)
class Report:
    """The ``server`` version, the ``schema`` found (None: never prepared) and ``wanted``, and the subjects. What
    needs this program's schema is looked at only when these two agree."""

    server: str
    schema: str | None
    wanted: str
    subjects: tuple[Subject, ...]

    def count(self, severity: Severity) -> int:
        """How many things of that severity were found, in all subjects."""
        return sum(subject.count(severity) for subject in self.subjects)

    @property
    def repairable(self) -> bool:
        """Whether anything found is mended by `repairing.repair`."""
        return any(finding.repairable for subject in self.subjects for finding in subject.findings)


@dataclass(frozen=True, slots=True)
class Mended:
    """One thing that was put right, as `admin_logs` says it; ``done`` is False when others held it too long and
    nothing was changed."""

    kind: str
    id: str
    sentence: str
    done: bool = True
