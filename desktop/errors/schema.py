"""The database is not of this program's version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop.errors.base import AppError

if TYPE_CHECKING:
    from collections.abc import Sequence


class SchemaNewer(AppError):
    """The database was upgraded by a newer Greenroom (ruling 3)."""

    def __init__(self, revision: str) -> None:
        super().__init__(
            f"This database was upgraded by a newer Greenroom (its schema is {revision}). "
            "Update this program; nothing was changed."
        )


class CannotAdopt(AppError):
    """The database holds what this program's schema does not allow (ruling 3). ``findings`` are
    `desktop.db.findings.Finding`, those refused first. Nothing was changed, unless the upgrade had ``begun`` and
    somebody wrote it meanwhile."""

    def __init__(self, where: str, findings: Sequence[object], refused: int, *, begun: bool = False) -> None:
        kinds = "one kind of trouble" if refused == 1 else f"{refused} kinds of trouble"
        super().__init__(
            f"{where} cannot be adopted as it is: {kinds} must be put right first. "
            + (
                "It was written while the upgrade ran: what was done stays, and upgrading again goes on from there."
                if begun
                else "Nothing was changed."
            )
        )
        self.findings = tuple(findings)


class SchemaOlder(AppError):
    """The database must be upgraded before this program can work with it."""

    def __init__(self) -> None:
        super().__init__(
            "This database has not been prepared for this version of Greenroom; nothing was changed. Whoever owns its "
            "tables does that with this same program, in a terminal: “greenroom db upgrade --database "
            "postgresql://owner@host/database”. With “--plan” it only says what it would do."
        )
