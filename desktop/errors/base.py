"""What every situation is one of."""

from __future__ import annotations


class AppError(Exception):
    """Something the person can understand; everything else is our bug."""


class RuleViolation(AppError):
    """A correct request that a rule refuses. Shown beside the control it belongs to."""


class InvalidField(RuleViolation):
    """A value that cannot be taken; ``field`` names the input it came from."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


class Unavailable(AppError):
    """Shown in the message bar with Retry."""
