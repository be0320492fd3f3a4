"""Taking times: many short rounds that alternate between what is compared, so that a busy machine hits both alike.

A section of the bench is a module with ``measure(folder)``, which gives a `Section`, or raises `NotHere`.
"""

from __future__ import annotations

import statistics
import time
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any, Literal


class NotHere(Exception):
    """A section cannot be measured on this computer, or not yet; the text says why."""


@dataclass(frozen=True, slots=True)
class Line:
    """One figure: the median of ``n`` samples, their quartiles and 95th percentile, in ``unit``. ``ratio`` is the
    median as a multiple of the floor's or the peer's, measured in the same run; ``wish`` is what the figure or the
    ratio shall be, ``reached`` whether it is."""

    name: str
    unit: str
    median: float
    low: float
    high: float
    p95: float
    n: int
    peer: str = ""
    peer_median: float | None = None
    ratio: float | None = None
    wish: str = ""
    reached: bool | None = None

    def wanting(self, wish: str, reached: bool) -> Line:
        """The same, with what was wished for."""
        return replace(self, wish=wish, reached=reached)


@dataclass(frozen=True, slots=True)
class Section:
    """What one section found. ``notes`` are sentences to print; ``more`` goes into the file beside the lines."""

    title: str
    lines: tuple[Line, ...]
    notes: tuple[str, ...] = ()
    more: Mapping[str, Any] = field(default_factory=dict)


def line(
    name: str,
    unit: str,
    samples: Sequence[float],
    peer: tuple[str, Sequence[float]] | None = None,
    ratio: Literal["of medians", "of rounds"] = "of medians",
) -> Line:
    """The figure of these samples, compared with the samples of a named peer; ``ratio`` of rounds is the median of the
    ratios of samples taken side by side, in which what both had to bear drops out."""
    low, median, high = statistics.quantiles(samples, n=4) if len(samples) > 1 else [samples[0]] * 3
    p95 = statistics.quantiles(samples, n=20)[-1] if len(samples) > 1 else samples[0]
    made = Line(name, unit, median, low, high, p95, len(samples))
    if peer is None:
        return made
    named, others = peer
    theirs = statistics.median(others)
    if ratio == "of rounds":
        times = statistics.median(one / other for one, other in zip(samples, others, strict=True))
    else:
        times = median / theirs
    return replace(made, peer=named, peer_median=theirs, ratio=times)


def as_json(one: Line) -> dict[str, object]:
    """Rounded to what can be believed; without what is not there."""
    told = {name: value for name, value in asdict(one).items() if value not in {None, ""}}
    return {
        name: float(f"{value:.4g}") if isinstance(value, float) else value for name, value in told.items()
    }


@dataclass(frozen=True, slots=True)
class Spread:
    """Microseconds for one: the median of the rounds, where the middle half of them lies, and nearly all."""

    median: float
    low: float
    high: float
    p95: float
    n: int


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


def spread(samples: Sequence[float]) -> Spread:
    """The median, the quartiles and the 95th percentile."""
    low, median, high = statistics.quantiles(samples, n=4)
    return Spread(median, low, high, statistics.quantiles(samples, n=20)[-1], len(samples))


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
