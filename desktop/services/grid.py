"""What every grid asks the database: the first rows, the order of all of them as ids, and rows by id.

A `Listing` describes one list in vetted SQL fragments; values are always bound parameters. Rows by id, asked for
whenever somebody scrolls, are one SELECT in one round trip (`ask`); what finds and sorts is a read-only transaction.
All on a pooled connection, by the driver's own cursor, and each can be cancelled on the server from another thread.
Rows stay as the server sent them until somebody looks at them (`Found`).
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Generic, Protocol, TypeVar

import psycopg
import sqlalchemy as sa

from desktop.db import straight
from desktop.db.rights import Acting, refuse
from desktop.db.session import check_rights, translated
from desktop.services.found import Found

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from uuid import UUID

    from desktop.db.session import Database

WIDTH: Final = 16
"""Bytes of an id, where many of them are one value."""
IDS: Final = "CAST(:grid_ids AS uuid[])"
"""Ids that are bound as an `array`."""


class Row(Protocol):
    """What every row of a grid has; the rest is its list's own business."""

    @property
    def id(self) -> UUID: ...


R = TypeVar("R", bound=Row)
W = TypeVar("W")


@dataclass(frozen=True, slots=True)
class Order:
    """What a list is sorted by: one of its sort keys, upwards or downwards."""

    key: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Sort:
    """The SQL of one sort key; the id follows as the last of them, so that every order is total.

    Downwards is the exact reverse of upwards, NULLs included (last upwards, first downwards), so that one
    index serves both; with ``blanks_last`` NULLs stay at the end either way, for columns mostly empty.
    ``joins`` are those of the listing's that the expressions read from. Not ``covered`` is an order whose index gives
    the first rows, but would have to fetch each of all the others from the table: those are sorted instead.
    """

    expressions: tuple[str, ...]
    joins: str = ""
    blanks_last: bool = False
    covered: bool = True

    def sql(self, identifier: str, *, descending: bool) -> str:
        """The ORDER BY list."""
        way = "DESC" if descending else "ASC"
        blanks = "FIRST" if descending and not self.blanks_last else "LAST"
        keys = [f"{expression} {way} NULLS {blanks}" for expression in self.expressions]
        return ", ".join([*keys, f"{identifier} {way}"])


@dataclass(frozen=True, slots=True)
class Condition:
    """A boolean SQL expression and the values it binds."""

    sql: str = "true"
    values: Mapping[str, object] = field(default_factory=dict)

    def __and__(self, other: Condition) -> Condition:
        return Condition(f"({self.sql}) AND ({other.sql})", {**self.values, **other.values})


@dataclass(frozen=True, slots=True)
class Listing(Generic[W, R]):
    """One list: where its rows come from, how they are found, sorted and made.

    ``table`` is all that ``scope``, which holds for every row, and the filter read from; ``joins`` add one row
    to each of its rows, for the ``columns``. They are kept apart because the order of all rows then comes from an
    index alone: 200,000 ids in 35 ms instead of 240, even where PostgreSQL would remove the joins by itself.
    Of the ``columns`` the first is the ``identifier``; ``row`` finds them by name (`Found`).
    """

    columns: str
    table: str
    joins: str
    identifier: str
    scope: Condition
    sorts: Mapping[str, Sort]
    where: Callable[[W], Condition]
    row: Callable[[Any], R]


SKELETON_TIMEOUT = "60s"
LONGER = sa.text(
    "SELECT set_config('statement_timeout', :longer, true), set_config('enable_indexscan', :scanning, true)"
)


class QueryCancelled(Exception):
    """Nobody waits for this answer any more; never shown to anybody."""


class Cancellation:
    """Stops one question, before, while or after it runs. Thread-safe; `cancel` returns at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: psycopg.Connection[Any] | None = None
        self._messenger: threading.Thread | None = None
        self._cancelled = False

    @property
    def cancelled(self) -> bool:
        """Whether anybody has called `cancel`."""
        return self._cancelled

    def cancel(self) -> None:
        """Ask the server to stop, from a thread of its own: the request is network traffic itself."""
        with self._lock:
            self._cancelled = True
            if self._running is not None and self._messenger is None:
                self._messenger = threading.Thread(
                    target=_ask_to_stop, args=(self._running,), name="greenroom-cancel", daemon=True
                )
                self._messenger.start()

    @contextmanager
    def stops(self, connection: psycopg.Connection[Any]) -> Iterator[None]:
        """While the block runs, `cancel` reaches this connection. The block ends only when a request on its
        way has arrived, because the connection's next user must not be hit by it.

        Raises `QueryCancelled` when it was cancelled before.
        """
        with self._lock:
            if self._cancelled:
                raise QueryCancelled
            self._running = connection
        try:
            yield
        finally:
            with self._lock:
                self._running = None
                messenger = self._messenger
            if messenger is not None:
                messenger.join()


def _ask_to_stop(connection: psycopg.Connection[Any]) -> None:
    try:
        connection.cancel_safe(timeout=3)
    except psycopg.Error:
        return  # the link is gone, and the query with it; the waiting thread hears of that itself


PERMITTED: Final = (
    f"(SELECT set_config('transaction_read_only', 'on', true) = 'on' AND {Acting.ID} IS NOT NULL)"
)
"""A condition for the outermost WHERE of what is given to `ask`. PostgreSQL answers it once, before it looks at any row
(a “One-Time Filter”), so also when there are none. From there on nothing can be written. It rules out parallel
workers: it is not for what looks through many rows."""


def ask(
    database: Database, acting: Acting, cancellation: Cancellation, sql: str, values: Mapping[str, object]
) -> psycopg.Cursor[tuple[Any, ...]]:
    """What a SELECT found that demands `PERMITTED`, in one round trip: a transaction by itself, which reads only,
    with the rights as they are at that moment. Begun, asked for the rights and ended as in `reading`, it would be four.

    Raises what `reading` raises.
    """
    if cancellation.cancelled:
        raise QueryCancelled
    try:
        with straight.connected(database) as driver, cancellation.stops(driver):
            return straight.rows(driver, sql, {**values, **acting.values})
    except (sa.exc.StatementError, sa.exc.TimeoutError, psycopg.Error) as error:
        if cancellation.cancelled:
            raise QueryCancelled from None
        refuse(error, acting)
        raise translated(error, database.name) from error


@contextmanager
def searching(database: Database, acting: Acting, cancellation: Cancellation) -> Iterator[sa.Connection]:
    """As `reading`, for what looks through many rows: every question is planned anew. Prepared once, the same
    words would be folded for each row again instead of once, which makes a search five times as long."""
    with reading(database, acting, cancellation) as connection:
        driver = straight.driver(connection)
        before = driver.prepare_threshold
        driver.prepare_threshold = None
        try:
            yield connection
        finally:
            driver.prepare_threshold = before


@contextmanager
def reading(database: Database, acting: Acting, cancellation: Cancellation) -> Iterator[sa.Connection]:
    """A connection in a read-only transaction that ends with the block.

    Raises `QueryCancelled`, `NotAllowed` when the actor may not read this (any more), or the `AppError` a driver
    error stands for.
    """
    if cancellation.cancelled:
        raise QueryCancelled
    try:
        with database.engine.connect() as connection:
            connection = connection.execution_options(postgresql_readonly=True)
            with connection.begin(), cancellation.stops(straight.driver(connection)):
                check_rights(connection, acting)
                yield connection
    except (sa.exc.StatementError, sa.exc.TimeoutError, psycopg.Error) as error:
        if cancellation.cancelled:
            raise QueryCancelled from None
        raise translated(error, database.name) from error


def array(ids: Sequence[bytes]) -> str:
    """Ids of 16 bytes as one value: a hundred UUIDs and their list would be a tenth of what a page costs."""
    return "{" + b"".join(ids).hex(",", -WIDTH) + "}"


class Grid(Generic[W, R]):
    """A listing's questions, asked of one database; called in threads."""

    def __init__(self, database: Database, acting: Acting, listing: Listing[W, R]) -> None:
        self._database = database
        self._acting = acting
        self._listing = listing

    def first(self, order: Order, where: W, limit: int, cancellation: Cancellation) -> Found[R]:
        """The first ``limit`` rows in this order. Their ids are found first, because most joins are not
        needed to find them."""
        listing = self._listing
        condition = listing.scope & listing.where(where)
        joins, sorting = self._sorting(order)
        statement = (
            f"SELECT {listing.columns} FROM {listing.table} {listing.joins} WHERE {listing.identifier} IN ("
            f"SELECT {listing.identifier} FROM {listing.table} {joins} WHERE {condition.sql} "
            f"ORDER BY {sorting} LIMIT :grid_limit) ORDER BY {sorting}"
        )
        values = {**condition.values, "grid_limit": limit}
        with searching(self._database, self._acting, cancellation) as connection:
            found = straight.rows(straight.driver(connection), statement, values)
        return Found(found, listing.row)

    def skeleton(self, order: Order, where: W, cancellation: Cancellation) -> bytes:
        """The ids of all rows in this order, 16 bytes each, as one value: nothing is parsed per row."""
        listing = self._listing
        condition = listing.scope & listing.where(where)
        joins, sorting = self._sorting(order)
        statement = (
            f"SELECT string_agg(uuid_send({listing.identifier}), ''::bytea ORDER BY {sorting}) "
            f"FROM {listing.table} {joins} WHERE {condition.sql}"
        )
        scanning = "on" if listing.sorts[order.key].covered else "off"
        with searching(self._database, self._acting, cancellation) as connection:
            # A million names without an index take longer than everyday work may. Nobody waits: the first rows are
            # there, and the question can be cancelled.
            connection.execute(LONGER, {"longer": SKELETON_TIMEOUT, "scanning": scanning})
            found = straight.rows(straight.driver(connection), statement, condition.values)
        (answer,) = found.fetchone() or (None,)
        return bytes(answer or b"")

    def rows(self, ids: Sequence[bytes], cancellation: Cancellation) -> Found[R]:
        """The rows with these ids that still exist within the listing's scope, in the order of the ids."""
        listing = self._listing
        statement = (
            f"SELECT {listing.columns} FROM {listing.table} {listing.joins} "
            f"WHERE {PERMITTED} AND {listing.identifier} = ANY({IDS}) AND ({listing.scope.sql})"
        )
        values = {**listing.scope.values, "grid_ids": array(ids)}
        found = ask(self._database, self._acting, cancellation, statement, values)
        return Found(found, listing.row, ids)

    def matching(self, where: W, ids: Sequence[bytes], cancellation: Cancellation) -> Sequence[bytes]:
        """Those of the ids that the filter would show, in no particular order."""
        listing = self._listing
        condition = listing.scope & listing.where(where)
        statement = (
            f"SELECT uuid_send({listing.identifier}) FROM {listing.table} "
            f"WHERE {PERMITTED} AND {listing.identifier} = ANY({IDS}) AND {condition.sql}"
        )
        values = {**condition.values, "grid_ids": array(ids)}
        found = ask(self._database, self._acting, cancellation, statement, values)
        return [key for (key,) in found.fetchall()]

    def _sorting(self, order: Order) -> tuple[str, str]:
        sort = self._listing.sorts[order.key]
        return sort.joins, sort.sql(self._listing.identifier, descending=order.descending)
