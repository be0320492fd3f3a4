"""Times that PostgreSQL has and Python has not: infinity, the years from 10000 on, and those before Christ.

One of them in a row would otherwise fail the whole answer. They are read as `Beyond`, which is as late or as early as a
datetime can be, calls itself what it is, and goes back to the server as it came: never as another time.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any, Final, SupportsIndex

import psycopg
from psycopg import pq
from psycopg.adapt import Dumper, Loader

if TYPE_CHECKING:
    from typing import Self

    from psycopg.abc import AdaptContext, Buffer

EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""From which the server counts microseconds in binary."""
INFINITY: Final = {2**63 - 1: "infinity", -(2**63): "-infinity"}
FIRST: Final = (1, 1, 1, 0, 0, 0, 0)
LAST: Final = (9999, 12, 31, 23, 59, 59, 999_999)
CYCLE_YEARS: Final = 400
CYCLE: Final = timedelta(days=146_097)
"""After so long the calendar repeats itself, leap years included."""


class Beyond(datetime):
    """Such a time, naive or in UTC. ``text`` is what the server calls it; equal is what is called the same. What is
    reckoned from it stays where it is, as the server itself has it for infinity."""

    __slots__ = ("text",)
    text: str

    def __new__(cls, text: str, zone: tzinfo | None = None) -> Self:
        early = text.startswith(("-", "0001-")) or text.endswith("BC")
        edge = FIRST if early else LAST
        self = super().__new__(cls, *edge, None if zone is None else UTC)
        self.text = text
        return self

    def said(self) -> str:
        """As a person is told it; it goes into a cell, and after “begins” and “ended”. “Never” would be right for what
        ends, and wrong for what was registered."""
        if self.text.endswith("infinity"):
            return "infinitely early" if self.text.startswith("-") else "infinitely late"
        year = self.text.partition("-")[0].lstrip("0")
        return f"in the year {year} BC" if self.text.endswith("BC") else f"in the year {year}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Beyond) and self.text == other.text

    def __ne__(self, other: object) -> bool:
        return not self == other  # datetime has its own

    def __hash__(self) -> int:
        return hash(self.text)

    def __str__(self) -> str:
        return self.text

    def __format__(self, _form: str) -> str:
        return self.said()

    def __add__(self, _by: timedelta) -> Self:
        return self

    __radd__ = __add__

    def __sub__(self, other: Any) -> Any:
        return self if isinstance(other, timedelta) else super().__sub__(other)

    def __reduce_ex__(self, _protocol: SupportsIndex) -> tuple[Any, ...]:
        return type(self), (self.text, self.tzinfo)

    def isoformat(self, *_form: str, **_named: str) -> str:
        """What the server calls it."""
        return self.text

    def astimezone(self, _zone: tzinfo | None = None) -> Self:
        """No clock shows it: in UTC."""
        return type(self)(self.text, UTC)

    def replace(self, *_fields: SupportsIndex, **named: Any) -> Self:  # type: ignore[override]
        """It is naive or in UTC; nothing else of it can be replaced."""
        return type(self)(self.text, named.get("tzinfo", self.tzinfo))


def moment(text: str) -> datetime:
    """A time as the server writes it into JSON."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return Beyond(text.replace("T", " "))


def _counted(microseconds: int) -> str:
    """What the server calls a time it sent in binary."""
    if microseconds in INFINITY:
        return INFINITY[microseconds]
    cycles, rest = divmod(microseconds, CYCLE // timedelta(microseconds=1))
    there = (EPOCH + timedelta(microseconds=rest)).replace(tzinfo=None)
    year = there.year + cycles * CYCLE_YEARS
    text = there.isoformat(" ")[4:]
    if there.microsecond:
        text = text.rstrip("0")
    return f"{year:04}{text}" if year > 0 else f"{1 - year:04}{text} BC"


class _Reading(Loader):
    """As psycopg reads it, and what it cannot hold as `Beyond`."""

    usual: type[Loader]
    zone: tzinfo | None = None

    def __init__(self, oid: int, context: AdaptContext | None = None) -> None:
        super().__init__(oid, context)
        self._usual = self.usual(oid, context).load

    def load(self, data: Buffer) -> Any:
        try:
            return self._usual(data)
        except psycopg.DataError:
            return Beyond(self.called(bytes(data)), self.zone)

    def called(self, data: bytes) -> str:
        return data.decode().replace("+00", "")  # every session is in UTC (`pooling.SETTINGS`)


class _ReadingBinary(_Reading):
    format = pq.Format.BINARY

    def called(self, data: bytes) -> str:
        return _counted(int.from_bytes(data, "big", signed=True))


def _loaders() -> list[tuple[str, type[Loader]]]:
    made: list[tuple[str, type[Loader]]] = []
    for name, zone in (("timestamp", None), ("timestamptz", UTC)):
        for base in (_Reading, _ReadingBinary):
            usual = psycopg.adapters.get_loader(psycopg.adapters.types[name].oid, base.format)
            made.append((name, type(base.__name__, (base,), {"usual": usual, "zone": zone})))
    return made


LOADERS: Final = _loaders()


class _Writing(Dumper):
    """As it came."""

    oid = psycopg.adapters.types["timestamptz"].oid

    def get_key(self, obj: Beyond, _format: Any) -> Any:
        return self.cls if obj.tzinfo is not None else (self.cls,)

    def upgrade(self, obj: Beyond, _format: Any) -> Dumper:
        return self if obj.tzinfo is not None else _WritingNaive(self.cls)

    def dump(self, obj: Beyond) -> bytes:
        return obj.text.encode()


class _WritingNaive(_Writing):
    oid = psycopg.adapters.types["timestamp"].oid


def prepare(connection: psycopg.Connection[Any]) -> None:
    """From now on this connection reads and writes such times."""
    for name, loader in LOADERS:
        connection.adapters.register_loader(name, loader)
    connection.adapters.register_dumper(Beyond, _Writing)
