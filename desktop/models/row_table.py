"""The one table model of the program: a snapshot of ids, and pages of rows read when they are looked at.

`RowTable.open` paints the first page, then takes the order of all rows as a skeleton of ids (tables.md); from
then on the count is exact and every row is known by its id, loaded or not. Queries run in threads and are
cancelled on the server when nobody waits for them any more.
"""

from __future__ import annotations

import asyncio
import time
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QObject, Qt, Signal

from desktop import background
from desktop.errors import AppError
from desktop.models import skeleton
from desktop.models.paged_table import PagedTable
from desktop.models.snapshot_table import PAGE
from desktop.models.source import Read
from desktop.services.grid import Order, QueryCancelled

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence
    from uuid import UUID

    from desktop.models.columns import Column
    from desktop.models.source import Source

NO_ORDER: Final = Order("")
MANY: Final = 50_000
"""Among more rows than this, changed rows that are not loaded are looked for `SEEK_SECONDS` later, several at once, and
rows that are gone in a thread."""
SEEK_SECONDS: Final = 0.5


class RowTable(PagedTable):
    """The rows of a `Source`, opened in an order and through a filter.

    Everything here is called in the GUI thread while the event loop runs.
    """

    loading = Signal(bool)
    """The order of the rows is being asked for; or it has come, or failed."""
    counted = Signal(int)
    """The exact number of rows, when it becomes known and when it changes."""
    new_rows_changed = Signal(int)
    """See `new_rows`."""

    def __init__(self, source: Source, columns: Sequence[Column], parent: QObject | None = None) -> None:
        super().__init__(source, columns, parent)
        self._order = NO_ORDER
        self._where: Any = None
        self._complete = False
        self._opening: Read | None = None
        self._from_start = True
        self._failed_to_open = False
        self._unknown: set[bytes] = set()
        self._seeking: Read | None = None
        self._orders = 0
        self._leaving: set[bytes] = set()
        self._new: set[bytes] = set()

    @property
    def complete(self) -> bool:
        """Whether the rows shown are all rows of `where`, each known by its id. False while a list is opened
        and after that failed: then the rows are the list before, or a first page only."""
        opened = self._opening is None and not self._failed_to_open
        return self._complete and (opened or not self._from_start)

    @property
    def is_loading(self) -> bool:
        """Whether the order of the rows is being asked for."""
        return self._opening is not None

    @property
    def order(self) -> Order:
        """What the rows are, or are about to be, sorted by; `NO_ORDER` before `open`."""
        return self._order

    @property
    def where(self) -> Any:
        """The filter as it was given to `open`."""
        return self._where

    @property
    def new_rows(self) -> int:
        """How many rows the filter matches that came after the snapshot: “12 new – show”."""
        return len(self._new)

    @property
    def behind_since(self) -> float | None:
        seeking = self._seeking.since if self._seeking is not None else None
        since = min((at for at in (super().behind_since, seeking) if at is not None), default=None)
        if self._opening is not None and not self._from_start:
            return self._opening.since if since is None else since
        return 0.0 if self._failed_to_open and not self._from_start else since

    def open(self, order: Order, where: Any) -> None:
        """Show this list from its start. What is shown stays until the first rows are there."""
        self._order, self._where = order, where
        self._ask_for_order(from_start=True)

    def reload(self) -> None:
        """Read the same list again. Rows keep their place on the screen, and the new ones come in."""
        if self._order != NO_ORDER:
            self._ask_for_order(from_start=not self.complete)

    def show_new(self) -> None:
        """Let the `new_rows` in."""
        self.reload()

    def retry(self) -> None:
        """Ask again for what failed."""
        if not self._halted:
            return
        if self._failed_to_open:
            self._ask_for_order(from_start=self._from_start)
        else:
            self._try_again()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column's key; nothing happens for columns without one, before `open`, or when it is so."""
        if self._order == NO_ORDER or not 0 <= column < len(self.columns):
            return
        key = self.columns[column].sort_key
        wanted = Order(key, order == Qt.SortOrder.DescendingOrder) if key else self._order
        if wanted != self._order:
            self.open(wanted, self._where)

    def sorted_column(self) -> tuple[int, Qt.SortOrder]:
        """The column and direction for the header's sort indicator; -1 when no column has the key."""
        number = next((n for n, column in enumerate(self.columns) if column.sort_key == self._order.key), -1)
        down = self._order.descending
        return number, Qt.SortOrder.DescendingOrder if down else Qt.SortOrder.AscendingOrder

    def refresh(self, ids: Iterable[UUID]) -> None:
        """These rows changed, whoever changed them: the loaded ones are read again and painted once; those
        that are not in the snapshot and match the filter are counted as `new_rows`."""
        keys = {row_id.bytes for row_id in ids}
        self._unknown |= keys - self._cache.kept(keys)
        self._refresh(keys)

    def refresh_loaded(self, concerned: Callable[[Any], bool]) -> None:
        """The loaded rows of which ``concerned`` is true changed, such as everybody behind somebody who left a
        queue; see `refresh`. Pages on their way may hold more of them and are read again."""
        for read in self._reads:
            read.outdated.update(read.keys)
        found, unseen = self._cache.concerned(concerned)
        for read in self._on_their_way():
            read.outdated |= unseen
        self._refresh(found)

    def remove(self, ids: Iterable[UUID]) -> None:
        """These rows were looked for and are gone; among many rows they go, and are `counted`, soon."""
        self._lose({row_id.bytes for row_id in ids})

    def look_for(self, ids: Iterable[UUID]) -> None:
        """These rows are said to be gone. Anybody may say so: they are read, loaded or not, and those that are not
        found are taken out: among many rows they go, and are `counted`, soon."""
        self._refresh({row_id.bytes for row_id in ids}, unloaded=True)

    def _on_their_way(self) -> list[Read]:
        reads = super()._on_their_way()
        return [*reads, *(read for read in (self._opening, self._seeking) if read)]

    def _ask_for_order(self, *, from_start: bool) -> None:
        was_loading = self.is_loading
        self._stop_pages()
        if self._opening is not None:
            self._opening.cancellation.cancel()
        self._halted = self._failed_to_open = False
        self._from_start = from_start
        self._opening = Read(since=time.monotonic())
        background.start(self._open(self._opening))
        if not was_loading:
            self.loading.emit(True)

    async def _open(self, opening: Read) -> None:
        error: AppError | None = None
        opened = False
        try:
            if not (self._from_start and await self._show_first(opening)):
                await self._take_order(opening)
            opened = True
        except QueryCancelled:
            return
        except AppError as failure:
            error = failure
        finally:
            if self._expects(opening):
                self._opening = None
                self._halted = self._failed_to_open = not opened
                self.loading.emit(False)
                if opened:
                    self._count_anew()
                    self._tell_caught_up()
        if error is not None and self._failed_to_open:
            self.failed.emit(error)

    async def _show_first(self, opening: Read) -> bool:
        """Paint the first page; whether that was all."""
        read = partial(self._source.first, self._order, self._where, PAGE, opening.cancellation)
        loaded = await self._answer(opening, self._cache.loaded_by, read)
        keys = [one.key for one in loaded]
        self._complete = len(loaded) < PAGE
        self._grow_old()
        self._cache.keep(loaded, outdated=opening.outdated)
        self._replace(b"".join(keys))
        self._drop_from_new_order(opening.gone)
        return self._complete

    async def _take_order(self, opening: Read) -> None:
        """Make the snapshot what the server says it is, whatever was shown until now."""
        ask = partial(self._source.skeleton, self._order, self._where, opening.cancellation)
        ids = await self._answer(opening, ask)
        snapshot = -1
        while snapshot != self._snapshot:  # rows may be removed while the difference is worked out
            snapshot = self._snapshot
            edits = await self._answer(opening, skeleton.edits, self._ids, ids)
        if not self._from_start:
            self._grow_old()
        self._complete = True
        self._become(ids, edits)
        self._drop_from_new_order(opening.gone)
        if not self._from_start:
            self._tell_changed(0, self.rowCount() - 1)  # painted again, and so wished for again

    def _count_anew(self) -> None:
        self._orders += 1
        if self._new:
            self._new.clear()
            self.new_rows_changed.emit(0)
        self.counted.emit(self.rowCount())
        self._read_changes()

    def _read_changes(self) -> None:
        super()._read_changes()
        if not self._unknown or self._seeking is not None or self._halted or not self._alive():
            return
        if not self.is_loading and self.complete:  # else they may be in the order that is coming
            self._seeking = Read(since=time.monotonic())
            background.start(self._look_for_new(self._seeking))

    async def _look_for_new(self, read: Read) -> None:
        """Which of the unknown rows are new to this list. They are looked for in a thread, and among many rows some
        at a time, because each takes milliseconds."""
        with self._answering(read, self._unknown):
            if self.rowCount() > MANY:
                await asyncio.sleep(SEEK_SECONDS)
            read.keys, where, orders = list(self._unknown), self._where, self._orders
            self._unknown.clear()
            absent = list(await self._answer(read, skeleton.absent, self._ids, read.keys))
            found: Sequence[bytes] = ()
            if absent:
                found = await self._answer(read, self._source.matching, where, absent, read.cancellation)
            if self.is_loading or where != self._where or orders != self._orders:
                self._unknown.update(read.keys)  # asked again when the new list is there
            else:
                self._set_new((self._new - set(read.keys)) | (set(found) - read.gone))

    def _ended(self, read: Read) -> None:
        super()._ended(read)
        if self._seeking is read:
            self._seeking = None

    def _lose(self, keys: set[bytes]) -> bool:
        self._unknown -= keys
        if self._new & keys:
            self._set_new(self._new - keys)
        lost = super()._lose(keys)
        if lost and self.complete:
            self.counted.emit(self.rowCount())
        return lost

    def _drop_from_new_order(self, gone: set[bytes]) -> None:
        """What went after the order was asked for is taken out of it. What went before is not in it, or is back."""
        self._leaving.clear()
        self._drop(gone)

    def _drop(self, keys: Collection[bytes]) -> bool:
        if not keys or self.rowCount() <= MANY:
            return super()._drop(keys)
        idle = not self._leaving
        self._leaving.update(keys)
        if idle:
            background.start(self._let_go())
        return False

    async def _let_go(self) -> None:
        """Take out what is `_leaving`. It is looked for in a thread, because each row takes milliseconds, until
        that was done in the order that is shown."""
        while self._leaving and self._alive():
            keys, snapshot = set(self._leaving), self._snapshot
            rows = await background.run(skeleton.rows_of, self._ids, keys)
            if snapshot == self._snapshot and self._alive():
                self._leaving -= keys
                if self._drop_rows(keys, rows) and self.complete:
                    self.counted.emit(self.rowCount())

    def _set_new(self, keys: set[bytes]) -> None:
        if len(keys) != len(self._new):
            self._new = keys
            self.new_rows_changed.emit(len(keys))
        self._new = keys
