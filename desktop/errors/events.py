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


class NotReady(RuleViolation):
    """The event cannot be published yet; ``fields`` says beside each input what is missing or wrong there."""

    def __init__(self, event: str, fields: Mapping[str, str]) -> None:
        super().__init__(f"“{event}” cannot be published yet. {' '.join(fields.values())}")
        self.fields = fields


class WrongEventState(RuleViolation):
    """What is wished for does not follow from what the event is."""

    def __init__(self, event: str, wish: str, state: str) -> None:
        way_out = {
            "draft": "It is a draft. Publish it first.",
            "published": "It is published already.",
            "cancelled": "It is cancelled, and a cancelled event stays closed. Duplicate it to hold it again.",
            "completed": "It is completed, and a completed event stays closed. Duplicate it to hold it again.",
            "deleted": "It is in the bin. Restore it first.",
        }.get(state, f"It is {state}.")
        super().__init__(f"“{event}” cannot be {wish}. {way_out}")
        self.event = event
        self.state = state


class NotBegun(RuleViolation):
    """An event that lies ahead is not complete; ``starts`` says when it begins."""

    def __init__(self, event: str, starts: str) -> None:
        super().__init__(
            f"“{event}” cannot be completed before it begins ({starts}). If it does not take place, cancel it; if it "
            "was moved, change its times."
        )
        self.event = event
