"""The door says no."""

from __future__ import annotations

from desktop.errors.base import RuleViolation


class NotAdmitted(RuleViolation):
    """The door says no; ``verdict`` is the reason's code, the sentence is for the person at the door."""

    def __init__(self, verdict: str, sentence: str) -> None:
        super().__init__(sentence)
        self.verdict = verdict
