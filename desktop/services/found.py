"""Rows of a list as the server sent them, made into what the list shows when somebody looks at them."""

from __future__ import annotations

from collections import namedtuple
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import psycopg

from desktop.db.session import translated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

R = TypeVar("R")

Raw = tuple[Any, ...]
"""The columns of a row; equal when nothing changed."""


class Found(Generic[R]):
    """The rows of one answer, in their order, known by id. Nothing here asks the server.

    Of a page of 128 somebody sees 24, and most pages are scrolled past. To make all of its rows costs this process
    seven times what it costs to read them, and holds the window up, in whatever thread it is done.
    """

    __slots__ = ("_answer", "_make", "_places", "keys")

    def __init__(
        self, answer: psycopg.Cursor[Raw], make: Callable[[Any], R], order: Sequence[bytes] | None = None
    ) -> None:
        """What the server answered, in binary, the id as the first column; in the order of these ids, those left out
        that are not there. ``make`` finds the columns by name."""
        result = answer.pgresult
        if result is None:
            raise AssertionError("a SELECT has an answer")
        self.keys: Sequence[bytes] = [result.get_value(place, 0) or b"" for place in range(result.ntuples)]
        """The ids, 16 bytes each."""
        self._places: Sequence[int] | None = None
        if order is not None:
            places = {key: place for place, key in enumerate(self.keys)}
            self.keys = [key for key in order if key in places]
            self._places = [places[key] for key in self.keys]
        self._answer = answer
        self._make = make

    def __len__(self) -> int:
        return len(self.keys)

    def __iter__(self) -> Iterator[R]:
        return map(self.make, self.raw())

    def raw(self) -> Sequence[Raw]:
        """What `make` makes the rows of."""
        if not self.keys:
            return []
        self._answer.scroll(0, mode="absolute")
        try:
            rows = self._answer.fetchall()
        except psycopg.DataError as error:  # of times see `desktop.db.beyond`
            raise translated(error, "") from error
        return rows if self._places is None else [rows[place] for place in self._places]

    @property
    def make(self) -> Callable[[Raw], R]:
        """What makes one row of its columns. It holds nothing of the answer: a row that is kept keeps no page."""
        named = _named(tuple(column.name for column in self._answer.description or ()))
        make = self._make
        return lambda raw: make(named(*raw))


@lru_cache(maxsize=64)
def _named(columns: tuple[str, ...]) -> Callable[..., Any]:
    return namedtuple("Row", columns)
