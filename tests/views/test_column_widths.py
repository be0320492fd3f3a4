"""How a table's room is shared out among its columns."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QHelpEvent, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QApplication, QToolTip

from desktop.models.columns import Column
from desktop.views.widgets.column_widths import Wanted, shared_out
from desktop.views.widgets.table_view import RowTableView, make_table

pixels = st.integers(20, 600)
wanted = st.builds(
    Wanted,
    pixels,
    st.booleans(),
    st.booleans(),
    st.none() | st.integers(1, 2_000),
)


@given(st.dictionaries(st.integers(0, 9), wanted, min_size=1), st.integers(0, 4_000))
def test_room_is_used_whole_and_never_too_much_of_it(columns: dict[int, Wanted], room: int) -> None:
    widths = shared_out(columns, room)
    least = {at: one.least for at, one in columns.items()}
    assert all(widths[at] >= least[at] for at in columns)
    if sum(least.values()) >= room:
        assert widths == least
    elif any(one.stretch for one in columns.values()):
        assert sum(widths.values()) == room
    else:
        assert sum(widths.values()) <= room
    if sum(one.wish for one in columns.values()) <= room:
        assert all(widths[at] >= one.wish for at, one in columns.items())


def test_who_gives_way_first() -> None:
    """A fixed column with little in it, then an address, and only then a name."""
    columns = {
        0: Wanted(120, stretch=True, need=150),
        1: Wanted(200, stretch=True, first=True, need=260),
        2: Wanted(120, first=True, need=90),
        3: Wanted(100, need=None),
    }
    assert shared_out(columns, 640) == {0: 155, 1: 265, 2: 120, 3: 100}
    assert shared_out(columns, 610) == {0: 150, 1: 260, 2: 100, 3: 100}
    assert shared_out(columns, 520) == {0: 150, 1: 180, 2: 90, 3: 100}
    assert shared_out(columns, 480) == {0: 130, 1: 160, 2: 90, 3: 100}
    assert shared_out(columns, 100) == {0: 96, 1: 160, 2: 90, 3: 100}


PEOPLE = (
    Column("Name", str, width=80, stretch=True, strong=True),
    Column("Address", str, "address", width=140, stretch=True),
    Column("Status", str, "pill", width=160, tone=lambda _row: "blue"),
)


@pytest.fixture
def people(qtbot) -> RowTableView:
    model = QStandardItemModel(0, len(PEOPLE))
    model.setHorizontalHeaderLabels([column.label for column in PEOPLE])
    view = make_table(model, PEOPLE, "People")
    model.setParent(view)
    for texts in (("Zoë", "zoe@example.org", "Due"), ("Bartholomew", "b.fernandez@mail.example.com", "Due")):
        model.appendRow([QStandardItem(text) for text in texts])
    qtbot.addWidget(view)
    view.resize(360, 200)
    view.show()
    QApplication.processEvents()
    return view


def test_columns_take_what_is_in_them_where_there_is_too_little_room(people: RowTableView) -> None:
    widths = [people.columnWidth(at) for at in range(3)]
    people.model().beginResetModel()
    people.model().endResetModel()
    fitted = [people.columnWidth(at) for at in range(3)]
    assert sum(widths) == sum(fitted) == people.viewport().width()
    assert fitted[2] < widths[2]
    assert fitted[0] > widths[0]
    people.model().removeRow(1)
    people.model().beginResetModel()
    people.model().endResetModel()
    assert [
        people.columnWidth(at) for at in range(3)
    ] == fitted  # nothing moves to and fro while one searches
    people.horizontalHeader().resizeSection(2, 150)
    people.model().beginResetModel()
    people.model().endResetModel()
    assert people.columnWidth(2) == 150  # what a person chose is no room to take from


def test_what_is_cut_is_whole_in_the_tooltip(people: RowTableView, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setattr(QToolTip, "showText", lambda _where, text, *_rest: told.append(text))

    def point(view, where: QPoint) -> None:
        QApplication.sendEvent(view, QHelpEvent(QHelpEvent.Type.ToolTip, where, view.mapToGlobal(where)))

    people.horizontalHeader().resizeSection(1, 60)
    people.model().setItem(0, 1, QStandardItem("<img src='x'>@example.org"))
    for row in range(2):
        point(people.viewport(), people.visualRect(people.model().index(row, 1)).center())
    assert told == [
        "<p style='white-space: pre-wrap'>&lt;img src=&#x27;x&#x27;&gt;@example.org</p>",
        "b.fernandez@mail.example.com",
    ]
    told.clear()
    point(people.viewport(), people.visualRect(people.model().index(0, 0)).center())
    assert told == []  # all of it can be read
    people.model().setItem(1, 1, QStandardItem("b@example.org"))
    people.model().setData(people.model().index(1, 1), "more to tell", Qt.ItemDataRole.ToolTipRole)
    point(people.viewport(), people.visualRect(people.model().index(1, 1)).center())
    assert "b@example.org" not in told
    told.clear()
    header = people.horizontalHeader()
    header.resizeSection(1, 40)
    for section in (0, 1):
        point(header.viewport(), QPoint(header.sectionViewportPosition(section) + 5, 5))
    assert told == ["", "Address"]
