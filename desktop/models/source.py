"""Where the rows of a table come from, as the table asks for them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from desktop.services.grid import Cancellation, Order


class Rows(Protocol):
    """Some rows in their order; `desktop.services.found.Found` is one."""

    @property
    def keys(self) -> Sequence[bytes]:
        """Their ids, 16 bytes each."""

    def raw(self) -> Sequence[Any]:
        """What `make` makes each of them of; equal when nothing changed."""

    @property
    def make(self) -> Callable[[Any], Any]:
        """What makes the row's own object; asks nobody."""


class Source(Protocol):
    """Where the rows come from, asked in threads; `desktop.services.grid.Grid` is one.

    May raise `QueryCancelled` after a cancellation, and any `AppError`.
    """

    def first(self, order: Order, where: Any, limit: int, cancellation: Cancellation) -> Rows:
        """The first ``limit`` rows, fewer only when there are no more."""

    def skeleton(self, order: Order, where: Any, cancellation: Cancellation) -> bytes:
        """The ids of all rows, 16 bytes each."""

    def rows(self, ids: Sequence[bytes], cancellation: Cancellation) -> Rows:
        """Those of the rows that still exist, whether they match the filter or not."""

    def matching(self, where: Any, ids: Sequence[bytes], cancellation: Cancellation) -> Sequence[bytes]:
        """Those of the ids that exist and match the filter."""


@dataclass(slots=True, eq=False)
class Read:
    """A question on its way, and what its answer cannot know: what changed or went since it was asked."""

    keys: list[bytes] = field(default_factory=list)
    page: int = -1
    snapshot: int = -1
    cancellation: Cancellation = field(default_factory=Cancellation)
    since: float | None = None
    """When the first of what it reads again was told to have changed (`time.monotonic`)."""
    outdated: set[bytes] = field(default_factory=set)
    gone: set[bytes] = field(default_factory=set)
