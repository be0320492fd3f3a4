"""The rows that were read lately, ready to be painted, by id."""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from desktop.models.columns import Column
from desktop.models.source import Rows


class Loaded:
    """A row as it was read, and the age it was kept in. It is made, and its texts are, when they are first asked for:
    most rows that are read are scrolled past."""

    __slots__ = ("_columns", "_make", "_row", "_texts", "age", "key", "raw")

    def __init__(self, key: bytes, raw: Any, make: Callable[[Any], Any], columns: Sequence[Column]) -> None:
        self.key = key
        self.raw = raw
        self.age = -1
        self._make = make
        self._columns = columns
        self._row: Any = None
        self._texts: tuple[str, ...] | None = None

    @property
    def is_made(self) -> bool:
        """Whether somebody asked for it."""
        return self._row is not None

    @property
    def row(self) -> Any:
        """The row's own object, the same one each time."""
        if self._row is None:
            self._row = self._make(self.raw)
        return self._row

    @property
    def texts(self) -> tuple[str, ...]:
        """What the columns say, in their order."""
        if self._texts is None:
            row = self.row
            self._texts = tuple(column.text(row) for column in self._columns)
        return self._texts


class RowCache:
    """Keeps the ``limit`` rows that were read or looked at last."""

    def __init__(self, columns: Sequence[Column], limit: int) -> None:
        self._columns = columns
        self._limit = limit
        self._rows: OrderedDict[bytes, Loaded] = OrderedDict()
        self._age = 0

    def loaded_by(self, read: Callable[[], Rows]) -> list[Loaded]:
        """What ``read`` returns. Called in a thread; changes nothing here."""
        rows = read()
        make = rows.make
        return [Loaded(key, raw, make, self._columns) for key, raw in zip(rows.keys, rows.raw(), strict=True)]

    def said_by(self, read: Callable[[], Rows]) -> list[tuple[str, ...]]:
        """What the columns say of the rows that ``read`` returns. Called in a thread; changes nothing here."""
        return [one.texts for one in self.loaded_by(read)]

    def get(self, key: bytes) -> Loaded | None:
        """The row, which may be from before `grow_old`; None when it was not read or not kept."""
        return self._rows.get(key)

    def difference(self, loaded: Loaded) -> range:
        """The columns, the first to the last, in which this looks otherwise than what is kept of the row: none when
        nothing changed, all of them when nothing is kept or what changed is not painted."""
        kept = self._rows.get(loaded.key)
        if kept is not None and (kept.raw == loaded.raw or kept.row == loaded.row):
            return range(0)
        changed = [
            number
            for number, column in enumerate(self._columns)
            if kept is not None
            and (
                kept.texts[number] != loaded.texts[number]
                or (column.tone is not None and column.tone(kept.row) != column.tone(loaded.row))
                or (column.meter is not None and column.meter(kept.row) != column.meter(loaded.row))
            )
        ]
        return range(changed[0], changed[-1] + 1) if changed else range(len(self._columns))

    def is_old(self, loaded: Loaded) -> bool:
        """Whether the row is from before `grow_old`: good enough to be shown until it is read again."""
        return loaded.age != self._age

    def grow_old(self) -> None:
        """From now on, everything kept is to be read again when it is looked at."""
        self._age += 1

    def keep(self, loaded: Iterable[Loaded], *, outdated: set[bytes]) -> None:
        """Keep these rows, except those that changed after they were asked for; forget the least looked at."""
        for one in loaded:
            if one.key not in outdated:
                one.age = self._age
                self._rows[one.key] = one
                self._rows.move_to_end(one.key)
        while len(self._rows) > self._limit:
            self._rows.popitem(last=False)

    def touch(self, keys: Iterable[bytes]) -> None:
        """Somebody looks at these: they are forgotten last."""
        for key in keys:
            if key in self._rows:
                self._rows.move_to_end(key)

    def forget(self, keys: Iterable[bytes]) -> None:
        """Let go of these rows."""
        for key in keys:
            self._rows.pop(key, None)

    def concerned(self, so: Callable[[Any], bool]) -> tuple[set[bytes], set[bytes]]:
        """Those somebody has looked at of which ``so`` is true, and those nobody has looked at. These are not made to
        be asked: they are old, and read again when somebody does."""
        found: set[bytes] = set()
        unseen: set[bytes] = set()
        for one in self._rows.values():
            if not one.is_made:
                one.age = -1
                unseen.add(one.key)
            elif so(one.row):
                found.add(one.key)
        return found, unseen

    def unread(self, keys: Iterable[bytes]) -> list[bytes]:
        """Those that are not kept, or old."""
        return [key for key in keys if (one := self._rows.get(key)) is None or one.age != self._age]

    def kept(self, keys: set[bytes]) -> set[bytes]:
        """Those that are kept, old or not."""
        return {key for key in keys if key in self._rows}
