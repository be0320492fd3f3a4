"""A correct request about an event that a rule refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop.errors.base import InvalidField, RuleViolation

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime


class UnclearTime(InvalidField):
    """A time that the clocks of its zone show twice or never (ruling 5). ``meanings`` are the two moments it may
    stand for, the earlier first, each with its offset: either is taken as it is."""

    def __init__(self, field: str, sentence: str, meanings: tuple[datetime, datetime]) -> None:
        super().__init__(field, sentence)
        self.meanings = meanings


class InvalidFields(RuleViolation):
    """Several values that cannot be taken, told at once. ``invalid`` are the single ones; ``fields`` is each input's
    sentence."""

    def __init__(self, invalid: Sequence[InvalidField]) -> None:
        super().__init__(" ".join(str(error) for error in invalid))
        self.invalid = tuple(invalid)
        self.fields: Mapping[str, str] = {error.field: str(error) for error in invalid}
