"""The order of a list as ids of 16 bytes each, one behind the other in one value.

A million of them as Python objects would take seconds and stall the window (the GIL); as bytes they are
searched and compared by the processor. Everything here is a pure function.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

WIDTH = 16
"""Bytes of one id."""

FEW = 32
"""Up to so many ids are looked up one by one (0.3 ms each among 200,000); more in one pass (36 ms)."""

EDITS_AT_MOST = 200
"""More separate changes than this are not worth telling one by one."""

Run = tuple[int, int]
"""First and last row of neighbouring rows."""


def row_of(ids: bytes, key: bytes) -> int | None:
    """The row of an id, or None."""
    at = ids.find(key)
    while at % WIDTH:  # found across the border of two ids; -1 % 16 is 15
        if at < 0:
            return None
        at = ids.find(key, at + 1)
    return at // WIDTH


def rows_of(ids: bytes, keys: Collection[bytes]) -> list[int]:
    """The rows of those of the ids that are there, upwards."""
    if len(keys) <= FEW:
        return sorted(row for key in keys if (row := row_of(ids, key)) is not None)
    wanted = frozenset(keys)
    return [at // WIDTH for at in range(0, len(ids), WIDTH) if ids[at : at + WIDTH] in wanted]


def absent(ids: bytes, keys: Collection[bytes]) -> set[bytes]:
    """Those of the ids that are not there."""
    if len(keys) <= FEW:
        return {key for key in keys if row_of(ids, key) is None}
    return set(keys).difference(ids[at : at + WIDTH] for at in range(0, len(ids), WIDTH))


def runs(rows: Iterable[int]) -> list[Run]:
    """Rows (upwards) as runs of neighbours."""
    found: list[Run] = []
    for row in rows:
        if found and found[-1][1] == row - 1:
            found[-1] = (found[-1][0], row)
        else:
            found.append((row, row))
    return found


def within(ids: bytes, wanted: Iterable[Run]) -> bytes:
    """The ids of the given runs (upwards): a million of them in a millisecond, for nothing is taken apart."""
    return b"".join(ids[first * WIDTH : (last + 1) * WIDTH] for first, last in wanted)


def without(ids: bytes, gone: Iterable[Run]) -> bytes:
    """The ids but those of the given runs (upwards)."""
    kept: list[bytes] = []
    start = 0
    for first, last in gone:
        kept.append(ids[start : first * WIDTH])
        start = (last + 1) * WIDTH
    return b"".join([*kept, ids[start:]])


@dataclass(frozen=True, slots=True)
class Edits:
    """How one order becomes another: first ``removed`` (rows of the old one), then ``inserted`` (rows of the
    new one), both upwards."""

    removed: list[Run]
    inserted: list[Run]


def edits(old: bytes, new: bytes) -> Edits | None:
    """What to remove and insert, or None when rows changed places or more than `EDITS_AT_MOST` runs differ."""
    ahead = _common(old, new)
    before = old[ahead * WIDTH :]
    after = new[ahead * WIDTH :]
    behind = _common(before, after, from_behind=True)
    before = before[: len(before) - behind * WIDTH]
    after = after[: len(after) - behind * WIDTH]
    if not before or not after:  # only longer or shorter, as after the first page: nothing to be compared
        return Edits(_rows(ahead, before), _rows(ahead, after))
    was = _split(before)
    now = _split(after)
    gone = frozenset(was).difference(now)
    come = frozenset(now).difference(was)
    if [key for key in was if key not in gone] != [key for key in now if key not in come]:
        return None
    removed = runs(ahead + row for row, key in enumerate(was) if key in gone)
    inserted = runs(ahead + row for row, key in enumerate(now) if key in come)
    return Edits(removed, inserted) if len(removed) + len(inserted) <= EDITS_AT_MOST else None


def _rows(start: int, ids: bytes) -> list[Run]:
    return [(start, start + len(ids) // WIDTH - 1)] if ids else []


def _split(ids: bytes) -> list[bytes]:
    return [ids[at : at + WIDTH] for at in range(0, len(ids), WIDTH)]


def _common(one: bytes, other: bytes, *, from_behind: bool = False) -> int:
    """How many ids are equal from the start, or from the end: by halves, because comparing is one memcmp."""
    low, high = 0, min(len(one), len(other)) // WIDTH
    while low < high:
        middle = (low + high + 1) // 2
        size = middle * WIDTH
        same = (
            one[len(one) - size :] == other[len(other) - size :]
            if from_behind
            else one[:size] == other[:size]
        )
        low, high = (middle, high) if same else (low, middle - 1)
    return low
