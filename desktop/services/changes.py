"""What other people change, as the screens hear of it: which rows of which table, by id; what is true is read.

The database notifies (revision 0022, `desktop.db.listen`); here its words become frozen values. What cannot be read is
somebody else's on the same channel, or a newer schema's, and is passed over.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from desktop.db.listen import Heard, Listening, Offline, Unheard

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from desktop.db.session import Database

__all__ = ["Changes", "Listening", "Offline", "Report", "Touched", "Unheard", "follow", "hurry", "merged"]

NONE: Final[frozenset[UUID]] = frozenset()


@dataclass(frozen=True, slots=True)
class Touched:
    """What became of the rows of one table, those named: ``written`` are new or changed, ``removed`` are gone.

    ``of`` is what they belong to: events of registrations and packages, packages of orders, registrations of check-ins,
    subjects of log entries. Bulk work names no rows, only what they belong to: then some are ``unnamed``, and
    ``come_or_gone`` when they are not merely changed. ``anywhere``: they may belong to anything.
    """

    written: frozenset[UUID] = NONE
    removed: frozenset[UUID] = NONE
    of: frozenset[UUID] = NONE
    unnamed: bool = False
    come_or_gone: bool = False
    anywhere: bool = False

    def __bool__(self) -> bool:
        return bool(self.written or self.removed or self.unnamed)

    def concerns(self, *owners: UUID) -> bool:
        """Whether any of these rows may belong to one of ``owners``."""
        return self.anywhere or not self.of.isdisjoint(owners)


@dataclass(frozen=True, slots=True)
class Changes:
    """One burst of changes. ``heard_at`` is when the first of it arrived (`time.monotonic`)."""

    heard_at: float
    registrations: Touched = field(default_factory=Touched)
    packages: Touched = field(default_factory=Touched)
    orders: Touched = field(default_factory=Touched)
    events: Touched = field(default_factory=Touched)
    log: Touched = field(default_factory=Touched)
    check_ins: Touched = field(default_factory=Touched)

    def __bool__(self) -> bool:
        return any(getattr(self, one.name) for one in fields(self)[1:])


Report = Changes | Listening | Unheard | Offline
"""Changes, or how things stand. After `Listening` and `Unheard`, what is shown may be old and is to be read again."""

TABLES: Final = {
    "event_registrations": "registrations",
    "packages": "packages",
    "orders": "orders",
    "events": "events",
    "admin_logs": "log",
    "check_ins": "check_ins",
}


def follow(database: Database, tell: Callable[[Report], None]) -> Callable[[], None]:
    """Tell of every change from now on, and of how things stand, until what is returned is called. ``tell`` is called
    in the listener's thread, at most every 100 ms, and must not wait. Somebody has to start the listener."""

    def report(one: Heard | Listening | Unheard | Offline) -> None:
        if not isinstance(one, Heard):
            tell(one)
        elif changes := merged(one.payloads, one.at):
            tell(changes)

    return database.listener.follow(report)


def hurry(database: Database) -> None:
    """Try at once to reach a server that was lost."""
    database.listener.hurry()


def merged(payloads: Iterable[str], at: float) -> Changes:
    """What these notifications say, each row by what became of it last."""
    found: dict[str, _Gathered] = {}
    for payload in payloads:
        told = _read(payload)
        if told is not None:
            found.setdefault(told.table, _Gathered()).add(told)
    return Changes(at, **{TABLES[table]: gathered.touched() for table, gathered in found.items()})


@dataclass(frozen=True, slots=True)
class _Told:
    table: str
    did: str
    ids: list[UUID] | None
    of: list[UUID] | None


def _read(payload: str) -> _Told | None:
    try:
        said: Any = json.loads(payload)
        told = _Told(said["table"], said["did"], _uuids(said, "ids"), _uuids(said, "of"))
        known = told.table in TABLES and told.did in {"insert", "update", "delete"}
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    return told if known else None


def _uuids(said: dict[str, Any], name: str) -> list[UUID] | None:
    return [UUID(one) for one in said[name]] if name in said else None


@dataclass(slots=True)
class _Gathered:
    became: dict[UUID, bool] = field(default_factory=dict)
    """A row, and whether it is there."""
    of: set[UUID] = field(default_factory=set)
    unnamed: bool = False
    come_or_gone: bool = False
    anywhere: bool = False

    def add(self, told: _Told) -> None:
        if told.ids is None:
            self.unnamed = True
            self.come_or_gone |= told.did != "update"
        else:
            self.became.update(dict.fromkeys(told.ids, told.did != "delete"))
        if told.of is None:
            self.anywhere = True
        else:
            self.of.update(told.of)

    def touched(self) -> Touched:
        return Touched(
            written=frozenset(one for one, there in self.became.items() if there),
            removed=frozenset(one for one, there in self.became.items() if not there),
            of=frozenset(self.of),
            unnamed=self.unnamed,
            come_or_gone=self.come_or_gone,
            anywhere=self.anywhere,
        )
