"""Rows that were read are made when somebody looks at them, once."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from desktop.models.row_cache import RowCache
from tests.answered import Answered

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Counted(Answered):
    """Tells of which rows it made one."""

    made: list[str] = field(default_factory=list)

    def make(self, raw: Any) -> Any:
        self.made.append(raw.name)
        return replace(raw)


def test_a_row_is_made_when_it_is_first_looked_at_and_stays_the_same(
    thing: Callable[..., Any], columns: Any
) -> None:
    rows = Counted([thing(number) for number in range(3)])
    cache = RowCache(columns, 10)
    loaded = cache.loaded_by(lambda: rows)
    cache.keep(loaded, outdated=set())
    assert [one.key for one in loaded] == list(rows.keys)
    assert rows.made == []
    assert loaded[1].texts[:2] == ("thing 000001", "-1")
    assert loaded[1].row is loaded[1].row
    assert rows.made == ["thing 000001"]
    assert cache.said_by(lambda: rows)[2][0] == "thing 000002"


def test_what_is_read_again_and_came_as_it_was_is_not_made_to_be_compared(
    thing: Callable[..., Any], columns: Any
) -> None:
    cache = RowCache(columns, 10)
    cache.keep(cache.loaded_by(lambda: Answered([thing(1), thing(2)])), outdated=set())
    again = Counted([thing(1), thing(2, size=7), thing(3)])
    same, other, new = cache.loaded_by(lambda: again)
    assert cache.difference(same) == range(0)
    assert again.made == []
    assert cache.difference(other) == range(1, 2)
    assert cache.difference(new) == range(3)


def test_what_nobody_looked_at_is_read_again_when_somebody_does_and_not_made_to_be_asked(
    thing: Callable[..., Any], columns: Any
) -> None:
    cache = RowCache(columns, 10)
    rows = Counted([thing(number) for number in range(3)])
    cache.keep(cache.loaded_by(lambda: rows), outdated=set())
    seen, other, unseen = (cache.get(key) for key in rows.keys)
    assert seen is not None
    assert other is not None
    assert unseen is not None
    assert (seen.texts[0], other.texts[0]) == ("thing 000000", "thing 000001")
    assert cache.concerned(lambda row: row.name == "thing 000000") == ({seen.key}, {unseen.key})
    assert rows.made == ["thing 000000", "thing 000001"]
    assert [cache.is_old(one) for one in (seen, other, unseen)] == [False, False, True]
    assert cache.unread(rows.keys) == [unseen.key]
