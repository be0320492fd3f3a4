from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from desktop.models import skeleton
from desktop.services.grid import WIDTH

if TYPE_CHECKING:
    from random import Random

KEYS = [number.to_bytes(WIDTH, "big") for number in range(400)]
orders = st.lists(st.sampled_from(KEYS), unique=True, max_size=60).map(b"".join)


def applied(old: bytes, new: bytes, edits: skeleton.Edits) -> bytes:
    ids = skeleton.without(old, edits.removed)
    for first, last in edits.inserted:
        ids = ids[: first * WIDTH] + new[first * WIDTH : (last + 1) * WIDTH] + ids[first * WIDTH :]
    return ids


def test_an_id_is_not_found_across_the_border_of_two_others() -> None:
    first, second = b"A" * 8 + b"B" * 8, b"C" * 8 + b"D" * 8
    across = b"B" * 8 + b"C" * 8
    assert skeleton.row_of(first + second, across) is None
    assert skeleton.row_of(first + second + across, across) == 2


@given(orders, st.lists(st.sampled_from(KEYS), unique=True, max_size=60))
def test_rows_are_found_upwards_however_many_are_looked_for(ids: bytes, keys: list[bytes]) -> None:
    here = [ids[at : at + WIDTH] for at in range(0, len(ids), WIDTH)]
    assert skeleton.rows_of(ids, keys) == [row for row, key in enumerate(here) if key in keys]
    assert skeleton.absent(ids, keys) == set(keys) - set(here)


@given(orders, orders, st.randoms())
def test_the_same_rows_are_known_in_any_order_and_no_others(one: bytes, other: bytes, chance: Random) -> None:
    keys = [one[at : at + WIDTH] for at in range(0, len(one), WIDTH)]
    chance.shuffle(keys)
    assert skeleton.are_same(one, b"".join(keys))
    there = {other[at : at + WIDTH] for at in range(0, len(other), WIDTH)}
    assert skeleton.are_same(one, other) == (there == set(keys))


@given(st.sets(st.integers(0, 50)))
def test_runs_hold_the_same_rows(rows: set[int]) -> None:
    found = skeleton.runs(sorted(rows))
    assert [row for first, last in found for row in range(first, last + 1)] == sorted(rows)
    assert all(later[0] > earlier[1] + 1 for earlier, later in pairwise(found))


@given(orders, orders)
def test_edits_lead_from_one_order_to_the_other_or_there_are_none(old: bytes, new: bytes) -> None:
    edits = skeleton.edits(old, new)
    if edits is not None:
        assert applied(old, new, edits) == new


@given(orders, st.sets(st.integers(0, 59)), st.sets(st.integers(0, 59)))
def test_rows_that_only_came_and_went_are_always_told_as_edits(
    ids: bytes, gone: set[int], come: set[int]
) -> None:
    old = [ids[at : at + WIDTH] for at in range(0, len(ids), WIDTH)]
    new = [key for row, key in enumerate(old) if row not in gone]
    for row in sorted(come):
        new.insert(min(row, len(new)), (1000 + row).to_bytes(WIDTH, "big"))
    edits = skeleton.edits(ids, b"".join(new))
    assert edits is not None
    assert applied(ids, b"".join(new), edits) == b"".join(new)


def test_rows_that_changed_places_are_not_told_as_edits() -> None:
    assert skeleton.edits(KEYS[0] + KEYS[1], KEYS[1] + KEYS[0]) is None


@given(orders, orders)
def test_a_row_taken_out_is_never_put_in_again(old: bytes, new: bytes) -> None:
    edits = skeleton.edits(old, new)
    if edits is not None:
        out, back = skeleton.within(old, edits.removed), skeleton.within(new, edits.inserted)
        assert not {out[at : at + WIDTH] for at in range(0, len(out), WIDTH)} & {
            back[at : at + WIDTH] for at in range(0, len(back), WIDTH)
        }


def test_among_many_rows_a_few_changes_far_apart_are_found() -> None:
    """Longer than what is compared and looked ahead at a time."""
    rows = 3 * skeleton.CHUNK // WIDTH
    old = [number.to_bytes(WIDTH, "big") for number in range(rows)]
    come = [(rows + number).to_bytes(WIDTH, "big") for number in range(3)]
    new = [come[0], *old[:5_000], *old[5_001:9_000], *come[1:], *old[9_000:-1]]

    edits = skeleton.edits(b"".join(old), b"".join(new))

    assert edits == skeleton.Edits([(5_000, 5_000), (rows - 1, rows - 1)], [(0, 0), (9_000, 9_001)])


def test_the_more_rows_the_fewer_changes_are_worth_telling() -> None:
    assert skeleton.worth_telling(200, 10_000)
    assert skeleton.worth_telling(12, 1_000_000)
    assert not skeleton.worth_telling(13, 1_000_000)
    assert skeleton.worth_telling(2, 90_000_000)
    assert not skeleton.worth_telling(201, 10)


def test_too_many_edits_are_not_told_one_by_one() -> None:
    every_other = b"".join(KEYS[: 2 * skeleton.EDITS_AT_MOST + 2 : 2])
    assert skeleton.edits(every_other, b"") is not None
    assert skeleton.edits(b"".join(KEYS[:400]), b"".join(KEYS[:400:2])) is not None
    many = [number.to_bytes(WIDTH, "big") for number in range(2 * skeleton.EDITS_AT_MOST + 2)]
    assert skeleton.edits(b"".join(many), b"".join(many[::2])) is None
