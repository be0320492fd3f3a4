"""A file cannot be taken as it is."""

from __future__ import annotations

from desktop.errors.base import RuleViolation


class ImportRefused(RuleViolation):
    """A file that cannot be imported as it is; nothing was changed."""


class ColumnsUnclear(ImportRefused):
    """Which column holds what has to be said by a person. ``trouble`` leaves out how that is said on the
    command line, for those who choose from a list."""

    def __init__(self, trouble: str, way_out: str) -> None:
        super().__init__(f"{trouble} {way_out}")
        self.trouble = trouble
