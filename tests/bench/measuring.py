"""Taking times: many short rounds that alternate between what is compared, so that a busy machine hits both alike."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


@dataclass(frozen=True, slots=True)
class Spread:
    """Microseconds for one: the median of the rounds, and where the middle half of them lies."""

    median: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table. ``before`` is None where there is nothing to compare with. ``floor`` is the time of one
    round trip that does nothing, taken in the same rounds."""

    name: str
    before: Spread | None
    after: Spread
    floor: Spread

    @property
    def ratio(self) -> float | None:
        """How many times as long it takes after the upgrade."""
        return None if self.before is None else self.after.median / self.before.median

    def as_json(self) -> dict[str, object]:
        """The figures in microseconds, and as multiples of the floor, which compare across machines."""
        told: dict[str, object] = {"name": self.name}
        for what, spread in (("before", self.before), ("after", self.after)):
            if spread is not None:
                told[what] = {
                    "median_us": round(spread.median, 1),
                    "spread_us": [round(spread.low, 1), round(spread.high, 1)],
                    "of_floor": round(spread.median / self.floor.median, 2),
                }
        if self.ratio is not None:
            told["ratio"] = round(self.ratio, 3)
        return told


def spread(samples: Sequence[float]) -> Spread:
    """The median and the quartiles."""
    low, median, high = statistics.quantiles(samples, n=4)
    return Spread(median, low, high)


def took(work: Callable[[], object]) -> float:
    """Microseconds."""
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1e6


def compared(
    name: str,
    before: Callable[[], object] | None,
    after: Callable[[], object],
    floor: Callable[[], object],
    *,
    rounds: int,
    times: int = 1,
) -> Figure:
    """``rounds`` rounds of ``times`` calls each, after two that do not count. A round's time is that of its fastest
    call, which leaves out what other programs took meanwhile. Every other round goes backwards, so that nobody is
    always the one who comes after a commit."""
    works = [work for work in (floor, before, after) if work is not None]
    taken: list[list[float]] = [[] for _ in works]
    for turn in range(rounds + 2):
        for place in sorted(range(len(works)), reverse=turn % 2 == 1):
            one = min(took(works[place]) for _ in range(times))
            if turn > 1:
                taken[place].append(one)
    spreads = [spread(samples) for samples in taken]
    return Figure(name, spreads[1] if before is not None else None, spreads[-1], spreads[0])
