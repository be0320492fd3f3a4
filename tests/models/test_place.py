from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any

import pytest
import shiboken6
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtWidgets import QTableView

from desktop import background
from desktop.models import place, skeleton
from desktop.models.place import Place
from desktop.models.row_table import RowTable
from desktop.services.grid import Order

if TYPE_CHECKING:
    from collections.abc import Callable

BY_NAME = Order("name")
BY_SIZE = Order("size")  # the other way round
Flag = QItemSelectionModel.SelectionFlag
Loop = Any


async def quiet(table: RowTable) -> None:
    await asyncio.sleep(0.005)
    while table.is_loading or table._on_their_way() or table._soon.isActive():  # noqa: ASYNC110
        await asyncio.sleep(0.001)


async def until(condition: Callable[[], object]) -> None:
    while not condition():  # noqa: ASYNC110
        await asyncio.sleep(0.001)


class Shown:
    """A table of 1,000 things that somebody works in."""

    def __init__(self, source: Any, columns: Any) -> None:
        self.source = source
        self.view = QTableView()
        self.table = RowTable(source, columns, self.view)
        self.view.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        self.view.setModel(self.table)
        self.view.resize(400, 300)
        self.view.show()
        self.selection = self.view.selectionModel()
        self.place = Place(self.table, self.selection, self.view)

    async def open(self, order: Order = BY_NAME, where: Any = None) -> None:
        self.table.open(order, where)
        await quiet(self.table)

    def choose(self, *rows: int) -> None:
        for row in rows:
            self.selection.select(self.table.index(row, 0), Flag.Select | Flag.Rows)
        self.selection.setCurrentIndex(self.table.index(rows[-1], 1), Flag.NoUpdate)

    @property
    def current(self) -> str:
        return self.source.things[self.table.id_at(self.selection.currentIndex().row())].name

    @property
    def selected(self) -> set[int]:
        return {index.row() for index in self.selection.selectedRows()}

    def close(self) -> None:
        self.table.close()
        shiboken6.delete(self.view)


@pytest.fixture
def shown(source_of: Any, columns: Any, qapp: object) -> Any:
    return lambda: Shown(source_of(1000), columns)


def test_the_current_row_and_the_selection_stay_through_a_new_order(in_loop: Loop, shown: Any) -> None:
    async def scenario() -> None:
        here = shown()
        await here.open()
        here.choose(1, 2, 10)
        changes: list[int] = []
        here.selection.currentChanged.connect(lambda current: changes.append(current.row()))
        await here.open(BY_SIZE)
        assert here.selection.currentIndex().row() == 989
        assert here.selection.currentIndex().column() == 1
        assert here.current == "thing 000010"
        assert here.selected == {989, 997, 998}
        assert changes == [989]
        here.close()

    in_loop(scenario())


def test_what_the_person_chooses_meanwhile_wins(in_loop: Loop, shown: Any) -> None:
    async def scenario() -> None:
        here = shown()
        await here.open()
        here.choose(10)
        gate = here.source.hold("skeleton")
        here.table.open(BY_SIZE, None)
        await until(gate.reached.is_set)
        here.choose(0)
        gate.open()
        await quiet(here.table)
        assert here.current == "thing 000999"
        assert here.selected == {0}
        here.close()

    in_loop(scenario())


def test_a_current_row_that_the_filter_hides_is_no_longer_current(in_loop: Loop, shown: Any) -> None:
    async def scenario() -> None:
        here = shown()
        await here.open()
        here.choose(5, 10)
        await here.open(where=lambda one: one.size > -10)
        assert not here.selection.currentIndex().isValid()
        assert here.selected == {5}
        await here.open()
        assert not here.selection.currentIndex().isValid()  # it does not come back by itself either
        here.close()

    in_loop(scenario())


def test_a_reload_moves_nothing_on_the_screen(in_loop: Loop, shown: Any, thing: Any) -> None:
    async def scenario() -> None:
        here = shown()
        await here.open()
        here.choose(500)
        here.view.scrollTo(here.table.index(700, 0), QTableView.ScrollHint.PositionAtTop)
        here.source.put(thing(2000, name="zzz"))
        resets: list[bool] = []
        here.table.modelReset.connect(lambda: resets.append(True))
        here.table.reload()
        await quiet(here.table)
        assert here.table.rowCount() == 1001
        assert here.view.rowAt(0) == 700
        assert here.current == "thing 000500"
        assert resets == []
        here.close()

    in_loop(scenario())


def test_a_row_just_added_becomes_the_current_one_when_it_comes(
    in_loop: Loop, shown: Any, thing: Any
) -> None:
    async def scenario() -> None:
        here = shown()
        await here.open()
        here.choose(3)
        here.source.put(thing(2000, name="thing 000700b"))
        here.place.go_to(thing(2000).id)
        here.table.reload()
        await quiet(here.table)
        assert here.selection.currentIndex().row() == 701
        assert here.selected == {701}
        here.place.go_to(thing(20).id)  # there already
        assert here.current == "thing 000020"
        here.close()

    in_loop(scenario())


def test_a_row_just_added_becomes_current_though_others_changed_places(
    in_loop: Loop, shown: Any, thing: Any
) -> None:
    async def scenario() -> None:
        here = shown()
        await here.open()
        here.choose(3)
        here.source.put(thing(2000, name="thing 000700b"), thing(0, name="zzz"))
        here.place.go_to(thing(2000).id)
        here.table.reload()
        await quiet(here.table)
        assert here.current == "thing 000700b"
        assert here.selected == {here.selection.currentIndex().row()}
        here.close()

    in_loop(scenario())


def test_sorting_by_the_header_keeps_the_current_row(in_loop: Loop, shown: Any) -> None:
    async def scenario() -> None:
        here = shown()
        await here.open()
        here.view.horizontalHeader().setSortIndicator(*here.table.sorted_column())
        here.view.setSortingEnabled(True)  # sorts at once; it is sorted so already
        assert not here.table.is_loading
        here.choose(10)
        here.view.sortByColumn(0, Qt.SortOrder.DescendingOrder)
        await quiet(here.table)
        assert here.current == "thing 000010"
        assert here.selection.currentIndex().row() == 989
        here.close()

    in_loop(scenario())


def test_among_many_rows_the_selected_ones_are_looked_for_in_a_thread(
    in_loop: Loop, shown: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A tenth of a second among a million; the current row, which takes milliseconds, is there at once."""
    monkeypatch.setattr(place, "MANY", 100)
    sought: list[bool] = []

    def rows_of(ids: bytes, keys: Any) -> list[int]:
        if len(keys) == 3:
            sought.append(threading.current_thread() is threading.main_thread())
        return looked(ids, keys)

    looked = skeleton.rows_of
    monkeypatch.setattr(skeleton, "rows_of", rows_of)

    async def scenario() -> None:
        here = shown()
        await here.open()
        here.choose(1, 2, 10)
        await here.open(BY_SIZE)
        assert here.current == "thing 000010"
        await until(lambda: here.selected == {989, 997, 998})
        assert sought == [False]
        here.close()

    in_loop(scenario())


def test_among_many_rows_what_the_person_chooses_meanwhile_wins_too(
    in_loop: Loop, shown: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(place, "MANY", 100)
    gate = threading.Event()
    looked = skeleton.rows_of

    def rows_of(ids: bytes, keys: Any) -> list[int]:
        if threading.current_thread() is not threading.main_thread():
            gate.wait(10)
        return looked(ids, keys)

    monkeypatch.setattr(skeleton, "rows_of", rows_of)

    async def scenario() -> None:
        here = shown()
        await here.open()
        here.choose(1, 2, 10)
        await here.open(BY_SIZE)
        here.selection.setCurrentIndex(here.table.index(5, 0), Flag.ClearAndSelect | Flag.Rows)
        gate.set()
        await background.finish()
        assert here.selected == {5}
        here.close()

    in_loop(scenario())


def test_a_selection_of_more_rows_than_can_be_found_soon_is_given_up(
    in_loop: Loop, shown: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nearly all of a million held the window up for seconds; the current row stays."""
    monkeypatch.setattr(place, "MANY", 100)

    async def scenario() -> None:
        here = shown()
        await here.open()
        here.view.selectAll()
        here.selection.select(here.table.index(7, 0), Flag.Deselect | Flag.Rows)
        here.selection.setCurrentIndex(here.table.index(10, 1), Flag.NoUpdate)
        await here.open(BY_SIZE)
        await background.finish()
        assert here.selected == {989}
        assert here.current == "thing 000010"
        here.close()

    in_loop(scenario())


def test_all_of_many_rows_are_selected_in_another_order_too_as_long_as_they_are_the_same(
    in_loop: Loop, shown: Any, thing: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(place, "MANY", 100)

    async def scenario() -> None:
        here = shown()
        await here.open()
        here.choose(10)
        here.view.selectAll()
        await here.open(BY_SIZE)
        await here.open(BY_NAME)  # before they are found
        await here.open(BY_SIZE)
        await until(lambda: len(here.selected) == 1000)
        assert here.current == "thing 000010"

        here.source.take(thing(3).id, thing(6).id)  # as many again, and by their numbers the same sum
        here.source.put(thing(1000), thing(1001))
        await here.open(BY_NAME)
        await background.finish()
        assert (here.selected, here.current) == ({8}, "thing 000010")

        here.view.selectAll()
        await here.open(BY_NAME, lambda one: one.size > -500)
        await background.finish()
        assert (here.selected, here.current) == ({8}, "thing 000010")
        here.view.selectAll()
        await here.open(BY_NAME, lambda one: one.size > -50)
        assert (here.selected, here.current) == ({8}, "thing 000010")
        here.close()

    in_loop(scenario())
