"""How wide a table's columns are: as described or chosen, and where there is too little room, as what is in them needs.

Everything is in pixels as they are on the screen.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

SHRINK_TO: Final = 0.8
"""The part of its described width below which a stretching column scrolls sideways rather than give way."""
GROW_TO: Final = 1.8
"""The part of it above which the longest text is cut rather than take the others' room."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A column's described or chosen width, whether it stretches and is of those that give way first (an address, a
    place: what matters second), and what its title and its longest text need (None: nothing is known,
    or a person chose the width)."""

    base: int
    stretch: bool = False
    first: bool = False
    need: int | None = None

    @property
    def wish(self) -> int:
        """What it takes where there is room for all."""
        if self.need is None or not self.stretch:
            return self.base
        return max(self.least, min(self.need, int(self.base * GROW_TO)))

    @property
    def turn(self) -> int:
        """When it gives way."""
        return 1 if not self.stretch else 2 if self.first else 3

    @property
    def least(self) -> int:
        """What it takes at least. A text a fixed column was not measured for is cut, and told in its tooltip."""
        if self.stretch:
            return int(self.base * SHRINK_TO)
        return self.base if self.need is None else min(self.base, self.need)


def shared_out(columns: Mapping[int, Wanted], room: int) -> dict[int, int]:
    """A width for each column. What is left over goes to those that stretch; what is missing is given first by fixed
    columns with less in them than they have room for, then by addresses and places, then by names and titles, and then
    it scrolls."""
    widths = {at: one.wish for at, one in columns.items()}
    stretching = [at for at, one in columns.items() if one.stretch]
    for turn in (1, 2, 3):
        least = {at: one.least for at, one in columns.items() if one.turn == turn}
        _give(widths, least, sum(widths.values()) - room)
    left_over = room - sum(widths.values())
    if left_over > 0 and stretching:
        for at, share in zip(stretching, _shares(left_over, len(stretching)), strict=True):
            widths[at] += share
    return widths


def _give(widths: dict[int, int], least: Mapping[int, int], missing: int) -> None:
    """Take what is missing from these, each as much as it can spare of it."""
    spare = sum(widths[at] - floor for at, floor in least.items())
    if missing <= 0 or spare <= 0:
        return
    give = min(1.0, missing / spare)
    for at, floor in least.items():
        widths[at] -= math.ceil((widths[at] - floor) * give)  # one pixel too wide would show a scroll bar


def _shares(whole: int, parts: int) -> Sequence[int]:
    """So many whole pixels each, and the rest to the last."""
    each = whole // parts
    return [each] * (parts - 1) + [whole - each * (parts - 1)]
