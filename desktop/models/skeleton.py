"""The order of a list as ids of 16 bytes each, one behind the other in one value.

A million of them as Python objects would take seconds and stall the window (the GIL); as bytes they are
searched and compared by the processor. Everything here is a pure function.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from desktop.services.grid import WIDTH

FEW = 14
"""Up to so many ids are looked up one by one (3 to 7 ms each among a million); more in one pass (100 ms)."""

EDITS_AT_MOST = 200
"""More separate changes than this are not worth telling one by one."""

COPIED_AT_MOST = 12_000_000
"""Rows: each change told costs a copy of the whole order, 3 ms for a million; so there are fewer of them then."""

WINDOW = 2_000 * WIDTH
"""How far ahead it is looked for a row that is not where it was."""

CHUNK = 4_096 * WIDTH
"""Compared at a time."""

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


def are_same(ids: bytes, others: bytes) -> bool:
    """Whether these are the same rows in whatever order, each of them once. Sums of keyed hashes of 64 bits are
    compared: sets of a million take four times as long, 130 MB, and hold the interpreter's lock while they go."""
    return ids == others or (len(ids) == len(others) and _sum(ids) == _sum(others))


def _sum(ids: bytes) -> int:
    return sum(hash(ids[at : at + WIDTH]) for at in range(0, len(ids), WIDTH))


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
    view = memoryview(ids)  # slices of it are no copies
    kept: list[memoryview] = []
    start = 0
    for first, last in gone:
        kept.append(view[start : first * WIDTH])
        start = (last + 1) * WIDTH
    return b"".join([*kept, view[start:]])


def with_run(ids: bytes, row: int, new: bytes) -> bytes:
    """The ids with others before a row."""
    view = memoryview(ids)
    return b"".join([view[: row * WIDTH], new, view[row * WIDTH :]])


def worth_telling(changes: int, rows: int) -> bool:
    """Whether so many separate changes of so many rows are told one by one, so that views keep their place by
    themselves, and not as another order altogether."""
    return changes <= EDITS_AT_MOST and changes * rows <= max(COPIED_AT_MOST, 2 * rows)


@dataclass(frozen=True, slots=True)
class Edits:
    """How one order becomes another: first ``removed`` (rows of the old one), then ``inserted`` (rows of the
    new one), both upwards."""

    removed: list[Run]
    inserted: list[Run]


def edits(old: bytes, new: bytes) -> Edits | None:
    """What to remove and insert, or None when rows changed places, or more changed than is `worth_telling`.

    Walks along both and looks ahead only where they part: nothing is taken apart, so a million take 20 ms, and
    the window is not held up meanwhile.
    """
    removed: list[Run] = []
    inserted: list[Run] = []
    at, to = 0, 0  # bytes of the old and the new one that are dealt with
    while True:
        same = _common(old, new, at, to)
        at, to = at + same, to + same
        if at == len(old) or to == len(new):
            _extend(removed, at, len(old))
            _extend(inserted, to, len(new))
            break
        come = _ahead(new, old[at : at + WIDTH], to)
        gone = _ahead(old, new[to : to + WIDTH], at)
        if come is not None and (gone is None or come - to <= gone - at):
            _extend(inserted, to, come)
            to = come
        elif gone is not None:
            _extend(removed, at, gone)
            at = gone
        else:
            _extend(removed, at, at + WIDTH)
            _extend(inserted, to, to + WIDTH)
            at, to = at + WIDTH, to + WIDTH
            if inserted[-1][1] - inserted[-1][0] > EDITS_AT_MOST:
                return None
        if not worth_telling(len(removed) + len(inserted), len(new) // WIDTH):
            return None
    if not worth_telling(len(removed) + len(inserted), len(new) // WIDTH) or _moved(
        old, new, removed, inserted
    ):
        return None
    return Edits(removed, inserted)


def _extend(found: list[Run], start: int, end: int) -> None:
    """Add a run, given in bytes, to those before it."""
    if start == end:
        return
    first, last = start // WIDTH, end // WIDTH - 1
    if found and found[-1][1] == first - 1:
        found[-1] = (found[-1][0], last)
    else:
        found.append((first, last))


def _ahead(ids: bytes, key: bytes, start: int) -> int | None:
    """Where an id comes soon, in bytes."""
    end = start + WINDOW
    at = ids.find(key, start, end)
    while at % WIDTH:
        if at < 0:
            return None
        at = ids.find(key, at + 1, end)
    return at


def _moved(old: bytes, new: bytes, removed: list[Run], inserted: list[Run]) -> bool:
    """Whether a row was taken out in one place and put in at another."""
    fewer, ids, more, others = removed, old, inserted, new
    if _size(removed) > _size(inserted):
        fewer, ids, more, others = inserted, new, removed, old
    if not fewer:
        return False
    out = within(ids, fewer)
    keys = {out[at : at + WIDTH] for at in range(0, len(out), WIDTH)}
    return len(absent(within(others, more), keys)) < len(keys)


def _size(found: list[Run]) -> int:
    return sum(last - first + 1 for first, last in found)


def _common(one: bytes, other: bytes, at: int, to: int) -> int:
    """How many bytes of whole ids are equal from there on: in pieces, because comparing one is one memcmp."""
    start = at
    longest = min(len(one) - at, len(other) - to)
    while at - start < longest and one[at : at + CHUNK] == other[to : to + CHUNK]:
        at, to = at + CHUNK, to + CHUNK
    low, high = 0, min(CHUNK, longest - (at - start)) // WIDTH
    while low < high:
        middle = (low + high + 1) // 2
        size = middle * WIDTH
        low, high = (middle, high) if one[at : at + size] == other[to : to + size] else (low, middle - 1)
    return min(at - start + low * WIDTH, longest)
