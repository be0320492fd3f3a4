"""The table that reads rows by id: pages when they are looked at, single rows when they changed."""

from __future__ import annotations

import time
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Final, ParamSpec, TypeVar

import shiboken6
from PySide6.QtCore import QObject, QTimer, Signal

from desktop import background, collecting
from desktop.errors import AppError
from desktop.models.snapshot_table import PAGE, SnapshotTable
from desktop.models.source import Read
from desktop.services.grid import WIDTH, QueryCancelled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from desktop.models.columns import Column
    from desktop.models.source import Source

P = ParamSpec("P")
T = TypeVar("T")

READS_AT_ONCE: Final = 2
READ_AT_ONCE: Final = 512
"""Rows of one question where many are asked for: a thread that makes more of them holds up the window."""
WISHES_KEPT: Final = 8
"""Pages that were looked at and wait to be read; older ones were scrolled past."""


class PagedTable(SnapshotTable):
    """A row that is looked at and not loaded is read soon, the newest wish first. After a failure nothing more
    is asked until somebody tries again. Errors other than `AppError` go to the loop's exception handler."""

    failed = Signal(object)
    """An `AppError`, once until somebody tries again."""
    caught_up = Signal()
    """Everything that was told to have changed has been read; see `behind_since`."""

    def __init__(self, source: Source, columns: Sequence[Column], parent: QObject | None = None) -> None:
        super().__init__(columns, parent)
        self._source = source
        self._reads: list[Read] = []
        self._refreshing: Read | None = None
        self._copying: list[Read] = []
        self._changed: set[bytes] = set()
        self._changed_at: float | None = None
        self._wishes: list[int] = []
        self._halted = False
        self._closed = False
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(0)
        self._soon.timeout.connect(self._read_wishes)

    @property
    def behind_since(self) -> float | None:
        """Since when something that was told to have changed waits to be read (`time.monotonic`), or None."""
        read = self._refreshing.since if self._refreshing is not None else None
        return min((at for at in (read, self._changed_at) if at is not None), default=None)

    def close(self) -> None:
        """Stop all questions; no signal comes any more."""
        self._closed = True
        self._soon.stop()
        for read in self._on_their_way():
            read.cancellation.cancel()

    def _on_their_way(self) -> list[Read]:
        reads = [*self._reads, *self._copying]
        return [*reads, self._refreshing] if self._refreshing else reads

    def _alive(self) -> bool:
        return not self._closed and shiboken6.isValid(self)

    def _expects(self, read: Read) -> bool:
        return self._alive() and any(read is one for one in self._on_their_way())

    async def _answer(self, read: Read, ask: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What ``ask`` returns in a thread. Raises `QueryCancelled` when nobody waits for it any more."""
        try:
            answer = await background.run(ask, *args, **kwargs)
        except AppError:
            if self._expects(read):
                raise
            raise QueryCancelled from None
        if not self._expects(read):
            raise QueryCancelled
        return answer

    async def texts(self, ids: bytes) -> list[tuple[str, ...]]:
        """What the columns say of these rows, loaded or not, in their order; those that are gone are left out.

        Raises `QueryCancelled` when the table is closed meanwhile, and any `AppError`.
        """
        found: list[tuple[str, ...]] = []
        read = Read()
        self._copying.append(read)
        try:
            for start in range(0, len(ids), READ_AT_ONCE * WIDTH):
                some = ids[start : start + READ_AT_ONCE * WIDTH]
                keys = [some[at : at + WIDTH] for at in range(0, len(some), WIDTH)]
                ask = partial(self._source.rows, keys, read.cancellation)
                found += await self._answer(read, self._cache.said_by, ask)
        finally:
            self._copying.remove(read)
        return found

    def _wish(self, page: int) -> None:
        if self._wishes and self._wishes[-1] == page:
            return
        if any(read.page == page and read.snapshot == self._snapshot for read in self._reads):
            return
        if page in self._wishes:
            self._wishes.remove(page)
        self._wishes.append(page)
        del self._wishes[:-WISHES_KEPT]
        if not self._soon.isActive() and self._alive():
            self._soon.start()

    def _read_wishes(self) -> None:
        while self._wishes and len(self._reads) < READS_AT_ONCE and not self._halted and self._alive():
            page = self._wishes.pop()
            if keys := self._cache.unread(self._keys(page)):
                read = Read(keys, page, self._snapshot)
                self._reads.append(read)
                background.start(self._read_rows(read))

    def _read_changes(self) -> None:
        """Read the rows that changed, unless some are being read: then those come after."""
        if self._changed and self._refreshing is None and not self._halted and self._alive():
            self._refreshing = Read(list(self._changed), since=self._changed_at)
            self._changed.clear()
            self._changed_at = None
            background.start(self._read_rows(self._refreshing))

    async def _read_rows(self, read: Read) -> None:
        with self._answering(read, self._changed if read is self._refreshing else set()):
            ask = partial(self._source.rows, read.keys, read.cancellation)
            loaded = await self._answer(read, self._cache.loaded_by, ask)
            changed = {one.key: columns for one in loaded if (columns := self._cache.difference(one))}
            self._cache.keep(loaded, outdated=read.outdated)
            if read is not self._refreshing:
                collecting.collect_young()
            found = {one.key for one in loaded}
            missing = set(read.keys) - found
            unsure = missing & read.outdated
            self._lose(missing - unsure)
            if read is self._refreshing:  # nobody need look at these rows: they are looked for once more
                self._changed |= unsure
            if not changed:
                return  # as it is on the screen
            if read.snapshot == self._snapshot:
                self._tell_changed(read.page * PAGE, min((read.page + 1) * PAGE, self.rowCount()) - 1)
            else:
                self._tell_rows_changed(changed)

    @contextmanager
    def _answering(self, read: Read, again: set[bytes]) -> Iterator[None]:
        """Afterwards the next questions are asked. After a failure, none: its rows are put into ``again``."""
        try:
            yield
        except QueryCancelled:
            return
        except Exception as error:  # a fault of ours halts the reading, too, and goes on its way
            told = self._halted
            if self._expects(read):
                again.update(read.keys)
                self._changed_at = read.since if self._changed_at is None else self._changed_at
                self._halted = True
            if not isinstance(error, AppError):
                raise
            if not told:
                self.failed.emit(error)
        finally:
            self._ended(read)
            if self._alive():
                self._read_wishes()
                self._read_changes()
                self._tell_caught_up()

    def _tell_caught_up(self) -> None:
        if self.behind_since is None:
            self.caught_up.emit()

    def _ended(self, read: Read) -> None:
        """Nobody waits for this answer any more."""
        self._reads = [one for one in self._reads if one is not read]
        if self._refreshing is read:
            self._refreshing = None

    def _try_again(self) -> None:
        self._halted = False
        self._tell_changed(0, self.rowCount() - 1)  # painted again, and what misses is wished for again
        self._read_wishes()
        self._read_changes()

    def _stop_pages(self) -> None:
        for read in self._reads:
            read.cancellation.cancel()
        self._reads.clear()
        self._wishes.clear()

    def _refresh(self, keys: set[bytes], *, unloaded: bool = False) -> None:
        """These rows changed: answers on their way are too old for them. Rows that are not loaded are read when they
        are looked at, or now if ``unloaded``."""
        for read in self._on_their_way():
            read.outdated |= keys
        self._changed |= keys if unloaded else self._cache.kept(keys)
        if self._changed and self._changed_at is None:
            self._changed_at = time.monotonic()
        self._read_changes()

    def _lose(self, keys: set[bytes]) -> bool:
        """These rows are gone, whatever answers on their way say; whether any of them was in the snapshot."""
        for read in self._on_their_way():
            read.outdated |= keys
            read.gone |= keys
        self._changed -= keys
        if not self._changed:
            self._changed_at = None
        return self._drop(keys)

    def _grow_old(self) -> None:
        """Everything is read again when it is looked at, for rows may have changed unheard of."""
        self._cache.grow_old()
        if self._refreshing is not None:
            self._refreshing.outdated.update(self._refreshing.keys)
