"""Columns that are shown, hidden, moved and resized, and stay so."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from PySide6.QtCore import QPoint, QSettings, Qt
from PySide6.QtGui import QGuiApplication, QStandardItem, QStandardItemModel
from PySide6.QtTest import QTest

from desktop.models.columns import Column
from desktop.views import theme
from desktop.views.widgets import column_choice
from desktop.views.widgets.column_choice import Choice
from desktop.views.widgets.table_view import RowTableView, make_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from PySide6.QtWidgets import QMenu

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
COLUMNS = (
    Column("Name", str, sort_key="name", width=150, stretch=True),
    Column("Größe & Gewicht", str, "number", name="size", width=90),
    Column("Status", str, sort_key="status", width=120),
    Column("Place", str, name="place", width=100),
)
NAME = f"{uuid4()}/things"
"""This process's own: several run tests beside each other, and all remember in one place."""


@pytest.fixture(autouse=True)
def nothing_remembered() -> Iterator[None]:
    QSettings().remove(f"columns/{NAME}")
    yield
    QSettings().remove(f"columns/{NAME}")


@pytest.fixture
def view_of(qtbot: Any) -> Callable[..., RowTableView]:
    """Makes a table as a program started anew does, of these columns."""

    def make(columns: tuple[Column, ...] = COLUMNS) -> RowTableView:
        model = QStandardItemModel(0, len(columns))
        for row in range(3):
            model.appendRow([QStandardItem(f"{column.key} {row}") for column in columns])
        view = make_table(model, columns, "Things")
        model.setParent(view)
        qtbot.addWidget(view)
        view.remember(NAME)
        view.resize(700, 300)
        view.show()
        return view

    return make


def shown(view: RowTableView) -> list[str]:
    """The columns as they are seen, by key."""
    header = view.horizontalHeader()
    seen = [header.logicalIndex(place) for place in range(header.count())]
    return [view._columns[column].key for column in seen if not header.isSectionHidden(column)]


def left(view: RowTableView) -> None:
    """What the person did is remembered, and the window closes."""
    view.hide()


def entry(menu: QMenu, text: str) -> Any:
    return next(one for one in menu.actions() if one.text() == text)


def test_hidden_moved_and_resized_columns_are_there_again_the_next_time(view_of: Any) -> None:
    view = view_of()
    header = view.horizontalHeader()
    view.show_column(2, shown=False)
    header.moveSection(3, 0)
    header.resizeSection(1, 137)
    left(view)

    again = view_of()
    assert shown(again) == ["place", "name", "size"]
    assert again.horizontalHeader().sectionSize(1) == 137
    assert shown(again) == [COLUMNS[column].key for column in again.shown_columns()]
    again.reset_columns()
    left(again)
    assert shown(view_of()) == ["name", "size", "status", "place"]
    assert not QSettings().contains(f"columns/{NAME}")


def test_tables_and_people_have_choices_of_their_own(view_of: Any) -> None:
    view = view_of()
    view.show_column(1, shown=False)
    left(view)

    assert column_choice.read(f"{NAME} of another kind", COLUMNS) == column_choice.as_described(COLUMNS)
    assert column_choice.read(f"somebody else/{NAME}", COLUMNS) == column_choice.as_described(COLUMNS)


def test_a_column_of_a_later_version_appears_where_it_belongs_and_one_taken_away_is_forgotten() -> None:
    column_choice.keep(NAME, COLUMNS, Choice((3, 0, 2, 1), frozenset({2}), {1: 99, 2: 50}))
    new = Column("Colour", str, name="colour")
    later = (COLUMNS[0], new, *COLUMNS[2:])  # without size

    found = column_choice.read(NAME, later)

    assert [later[column].key for column in found.order] == ["place", "name", "colour", "status"]
    assert {later[column].key for column in found.hidden} == {"status"}
    assert found.widths == {2: 50}


@pytest.mark.parametrize(
    "stored",
    [
        "",
        "{",
        "null",
        "[]",
        "7",
        "[" * 100_000,
        json.dumps({"version": 2, "order": ["place"]}),
        json.dumps({"version": 1}),
        json.dumps({"version": 1, "order": "name", "hidden": {"name": 1}, "widths": [1]}),
        json.dumps(
            {"version": 1, "order": [1, None, ["x"]], "hidden": ["name", "gone"], "widths": {"name": "wide"}}
        ),
        json.dumps(
            {"version": 1, "order": ["name", "name"], "widths": {"name": 1, "size": 10**9, "gone": 50}}
        ),
    ],
)
def test_what_cannot_be_read_is_ignored(stored: str) -> None:
    QSettings().setValue(f"columns/{NAME}", stored)

    assert column_choice.read(NAME, COLUMNS) == column_choice.as_described(COLUMNS)


def test_the_menu_of_the_header_shows_hides_and_resets(view_of: Any) -> None:
    view = view_of()
    menu = view.choose_columns(QPoint(5, 5))
    assert [one.text() for one in menu.actions() if one.isCheckable()] == [
        "Name",
        "Größe && Gewicht",
        "Status",
        "Place",
    ]
    assert not entry(menu, "Name").isEnabled()  # it says which row it is
    entry(menu, "Status").trigger()
    assert shown(view) == ["name", "size", "place"]
    again = view.choose_columns(QPoint(5, 5))
    assert not entry(again, "Status").isChecked()
    entry(again, "Status").trigger()
    assert shown(view) == ["name", "size", "status", "place"]
    entry(again, "Place").trigger()
    entry(again, "&Reset columns").trigger()
    assert shown(view) == ["name", "size", "status", "place"]


def test_the_first_column_stays_whatever_is_asked(view_of: Any) -> None:
    view = view_of()
    for column in range(len(COLUMNS)):
        view.show_column(column, shown=False)

    assert shown(view) == ["name"]


def test_everything_about_columns_is_done_by_keyboard(view_of: Any, qtbot: Any) -> None:
    view = view_of()
    header = view.horizontalHeader()
    view.activateWindow()
    header.setFocus()
    view.show_column(1, shown=False)

    QTest.keyClick(header, Qt.Key.Key_Right)  # over the hidden one, to “status”
    QTest.keyClick(header, Qt.Key.Key_Left, CTRL)
    assert shown(view) == ["status", "name", "place"]
    before = header.sectionSize(2)
    QTest.keyClick(header, Qt.Key.Key_Right, SHIFT)
    assert header.sectionSize(2) == before + theme.px(16)
    with qtbot.waitSignal(header.menu_asked):
        header.customContextMenuRequested.emit(QPoint(1, 1))
    QTest.keyClick(header, Qt.Key.Key_Left)  # else Qt believes that Shift is still held


def test_a_double_click_on_a_border_fits_the_column(view_of: Any) -> None:
    view = view_of()
    header = view.horizontalHeader()
    header.resizeSection(3, 300)
    assert header.resizeContentsPrecision() == 0
    header.sectionHandleDoubleClicked.emit(3)

    assert theme.px(40) <= header.sectionSize(3) < 200
    left(view)
    assert view_of().horizontalHeader().sectionSize(3) == header.sectionSize(3)


def test_what_is_copied_is_what_is_shown_in_its_order(view_of: Any) -> None:
    view = view_of()
    view.show_column(1, shown=False)
    view.horizontalHeader().moveSection(3, 0)
    view.selectRow(1)
    view.copy_selected()

    assert QGuiApplication.clipboard().text() == "place 1\tname 1\tstatus 1\n"


def test_the_keyboard_never_stands_in_a_hidden_column(view_of: Any) -> None:
    view = view_of()
    view.setCurrentIndex(view.model().index(1, 2))
    view.show_column(2, shown=False)

    assert (view.currentIndex().row(), view.currentIndex().column()) == (1, 0)


def test_widths_are_remembered_without_the_scale_of_the_text(view_of: Any) -> None:
    kept = Choice((0, 1, 2, 3), frozenset(), {2: 140})
    column_choice.keep(NAME, COLUMNS, kept)

    assert column_choice.read(NAME, COLUMNS) == kept
    assert column_choice.read(NAME, COLUMNS) != replace(kept, widths={})
    assert view_of().horizontalHeader().sectionSize(2) == theme.px(140)
