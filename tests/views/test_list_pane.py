"""A list on screen: what it shows before it knows everything, when it is empty, and when it cannot be read."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLineEdit, QPushButton, QVBoxLayout, QWidget

from desktop import errors
from desktop.models.columns import Column
from desktop.models.row_table import RowTable
from desktop.models.snapshot_table import PAGE
from desktop.services.grid import Cancellation, Order, QueryCancelled
from desktop.views.list_pane import Empty, ListPane, Words
from desktop.views.widgets import table_view
from desktop.views.widgets.message_bar import MessageBar
from tests.answered import Answered

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Loop = Any
Until = Any
Keyboard = Any
Show = Any

DOWN = errors.DatabaseDown("“gala” on db.example", "nothing answers there")


@dataclass(frozen=True, slots=True)
class Thing:
    id: UUID
    name: str


class Things:
    """Where is a part of the name. A question named in ``held`` waits until it is let go or cancelled; one named
    in ``broken`` fails."""

    def __init__(self, count: int) -> None:
        self.things = [Thing(UUID(int=number), f"thing {number:06}") for number in range(1, count + 1)]
        self.held: set[str] = set()
        self.broken: set[str] = set()
        self.arrived = threading.Event()

    def _answer(self, question: str, cancellation: Cancellation) -> None:
        while question in self.held:
            self.arrived.set()
            if cancellation.cancelled:
                raise QueryCancelled
            threading.Event().wait(0.002)
        if question in self.broken:
            raise DOWN

    def _found(self, order: Order, where: Any) -> list[Thing]:
        return sorted(
            (one for one in self.things if where in one.name),
            key=lambda one: one.name,
            reverse=order.descending,
        )

    def first(self, order: Order, where: Any, limit: int, cancellation: Cancellation) -> Answered:
        self._answer("first", cancellation)
        return Answered(self._found(order, where)[:limit])

    def skeleton(self, order: Order, where: Any, cancellation: Cancellation) -> bytes:
        self._answer("skeleton", cancellation)
        return b"".join(one.id.bytes for one in self._found(order, where))

    def rows(self, ids: Sequence[bytes], cancellation: Cancellation) -> Answered:
        self._answer("rows", cancellation)
        return Answered([one for one in self.things if one.id.bytes in ids])

    def matching(self, where: Any, ids: Sequence[bytes], cancellation: Cancellation) -> Sequence[bytes]:
        self._answer("matching", cancellation)
        return [one.id.bytes for one in self.things if one.id.bytes in ids and where in one.name]


class Page(QWidget):
    """A search field, a message bar, and the list."""

    def __init__(self, source: Things) -> None:
        super().__init__()
        self.search, self.other = QLineEdit(), QLineEdit()
        self.messages = MessageBar()
        column = Column("Name", lambda row: row.name, sort_key="name")
        words = Words("Things", lambda rows: f"{rows} things", "Reading the things…")
        self.list = ListPane(RowTable(source, (column,)), words, self.messages, Order("name"))
        self.said: list[str] = []
        self.rows: list[Thing | None] = []
        self.list.status_changed.connect(self.said.append)
        self.list.row_changed.connect(self.rows.append)
        layout = QVBoxLayout(self)
        layout.addWidget(self.search)
        layout.addWidget(self.other)
        layout.addWidget(self.messages)
        layout.addWidget(self.list)

    def show_list(self, where: str = "") -> None:
        self.list.show_list(where, lambda: Empty(f"No thing is “{where}”.", "&Show all", self.show_list))

    def press(self, text: str) -> None:
        """Press a button that can be seen."""
        buttons = [one for one in self.findChildren(QPushButton) if one.isVisible()]
        next(one for one in buttons if one.text().replace("&", "") == text).click()


@pytest.fixture
def source() -> Iterator[Things]:
    made = Things(3)
    yield made
    made.held.clear()


@pytest.fixture
def page(in_window: Show, source: Things) -> Page:
    made = Page(source)
    in_window(made)
    made.search.setFocus()
    return made


def test_the_first_page_is_shown_before_anybody_knows_how_many_rows_there_are(
    in_loop: Loop, until: Until, page: Page, source: Things
) -> None:
    source.things = Things(3 * PAGE).things
    source.held.add("skeleton")

    async def scenario() -> None:
        page.show_list()
        await until(lambda: page.list.model.rowCount() == PAGE)
        assert page.list.state() == "content"
        assert page.list.table.isVisible()
        assert not any("things" in text and text[0].isdigit() for text in page.said)
        assert page.said[-1] == "Reading the things…"
        source.held.clear()
        await until(lambda: page.said[-1] == f"{3 * PAGE} things")

    in_loop(scenario())


def test_the_first_row_is_the_one_one_stands_on(
    in_loop: Loop, until: Until, page: Page, source: Things
) -> None:
    async def scenario() -> None:
        assert page.list.row() is None
        page.show_list()
        await until(lambda: page.list.row() is not None)
        assert page.rows[-1] == source.things[0] == page.list.row()

    in_loop(scenario())


def test_reading_that_takes_longer_than_a_moment_is_said(
    in_loop: Loop, until: Until, page: Page, source: Things
) -> None:
    source.held.add("first")

    async def scenario() -> None:
        page.show_list()
        assert page.list.state() == "loading"
        await until(lambda: not page.list.table.isVisible())
        assert page.list.sentence() == "Reading the things…"
        source.held.clear()
        await until(page.list.table.isVisible)
        assert page.list.state() == "content"

    in_loop(scenario())


def test_another_list_that_takes_longer_than_a_moment_does_not_look_like_the_one_before(
    in_loop: Loop, until: Until, page: Page, source: Things
) -> None:
    async def scenario() -> None:
        page.show_list()
        await until(lambda: page.list.row() is not None)
        source.held.add("first")
        page.show_list("thing 000002")
        assert page.list.table.isVisible()
        await until(lambda: not page.list.table.isVisible())
        assert page.list.sentence() == "Reading the things…"
        source.held.clear()
        await until(lambda: page.list.row() == source.things[1])
        assert page.list.table.isVisible()

    in_loop(scenario())


def test_an_empty_list_says_so_and_offers_the_next_action(
    in_loop: Loop, until: Until, page: Page, source: Things
) -> None:
    async def scenario() -> None:
        page.show_list("nothing like it")
        await until(lambda: page.list.state() == "empty")
        assert page.list.sentence() == "No thing is “nothing like it”."
        assert page.said[-1] == "0 things"
        assert page.rows[-1] is None
        page.press("Show all")
        await until(lambda: page.list.state() == "content")
        await until(lambda: page.said[-1] == "3 things")

    in_loop(scenario())


def test_a_list_that_cannot_be_read_says_why_and_retry_reads_it(
    in_loop: Loop, until: Until, page: Page, source: Things
) -> None:
    source.broken.add("first")

    async def scenario() -> None:
        page.show_list()
        await until(lambda: page.list.state() == "offline")
        assert page.list.sentence() == str(DOWN)
        assert page.messages.text() == ""
        page.press("Retry")
        await until(lambda: page.list.state() == "offline")
        source.broken.clear()
        page.press("Retry")
        await until(lambda: page.said[-1:] == ["3 things"])
        assert page.list.state() == "content"

    in_loop(scenario())


def test_another_list_that_cannot_be_read_does_not_look_like_the_one_before(
    in_loop: Loop, until: Until, page: Page, source: Things
) -> None:
    async def scenario() -> None:
        page.show_list()
        await until(lambda: page.list.row() is not None)
        source.broken.add("first")
        page.show_list("thing 000002")
        await until(lambda: page.list.state() == "offline")
        assert not page.list.table.isVisible()
        assert page.rows[-1] is None
        source.broken.clear()
        page.press("Retry")
        await until(lambda: page.list.row() == source.things[1])

    in_loop(scenario())


def test_a_list_that_cannot_be_read_again_stays_and_says_so_above(
    in_loop: Loop, until: Until, page: Page, source: Things
) -> None:
    async def scenario() -> None:
        page.show_list()
        await until(lambda: page.list.row() is not None)
        source.broken.add("skeleton")
        page.list.reload()
        await until(page.messages.text)
        assert page.messages.text() == str(DOWN)
        assert page.list.state() == "content"
        assert page.list.row() == source.things[0]
        source.broken.clear()
        source.things.pop()
        page.press("Retry")
        await until(lambda: page.said[-1] == "2 things")
        assert page.messages.text() == ""

    in_loop(scenario())


def test_rows_that_came_meanwhile_are_offered_and_come_in_when_asked_for(
    in_loop: Loop, until: Until, page: Page, source: Things
) -> None:
    async def scenario() -> None:
        page.show_list()
        await until(lambda: page.list.row() is not None)
        more = Things(5).things[3:]
        source.things += more
        page.list.model.refresh([one.id for one in more])
        await until(page.messages.text)
        assert page.messages.text() == "2 new"
        assert page.list.model.rowCount() == 3
        page.press("Show")
        await until(lambda: page.said[-1] == "5 things")
        assert page.messages.text() == ""

    in_loop(scenario())


def test_the_offer_of_new_rows_goes_when_they_are_shown_in_another_way(
    in_loop: Loop, until: Until, page: Page, source: Things
) -> None:
    async def scenario() -> None:
        page.show_list()
        await until(lambda: page.list.row() is not None)
        more = Things(4).things[3:]
        source.things += more
        page.list.model.refresh([one.id for one in more])
        await until(page.messages.text)
        page.list.reload()
        await until(lambda: page.said[-1] == "4 things")
        assert page.messages.text() == ""
        one_more = Things(5).things[4]
        source.things.append(one_more)
        page.list.model.refresh([one_more.id])
        await until(page.messages.text)
        page.messages.error("Something else.")
        page.list.reload()
        await until(lambda: page.said[-1] == "5 things")
        assert page.messages.text() == "Something else."

    in_loop(scenario())


def test_the_keyboard_goes_to_the_table_when_the_rows_come(
    in_loop: Loop, until: Until, page: Page, source: Things
) -> None:
    source.held.add("first")

    async def scenario() -> None:
        page.show_list()
        await until(lambda: not page.list.table.isVisible())
        page.list.take_focus()
        assert not page.list.table.hasFocus()
        source.held.clear()
        await until(page.list.table.hasFocus)

    in_loop(scenario())


def test_the_keyboard_stays_where_the_person_has_gone_meanwhile(
    in_loop: Loop, until: Until, page: Page, source: Things, keyboard: Keyboard
) -> None:
    source.held.add("first")

    async def scenario() -> None:
        await until(page.search.hasFocus)
        page.show_list()
        await until(lambda: not page.list.table.isVisible())
        page.list.take_focus()
        page.other.setFocus()
        keyboard.type("ab")
        source.held.clear()
        await until(lambda: page.list.row() is not None)
        keyboard.type("c")
        assert page.other.text() == "abc"

    in_loop(scenario())


def test_the_keyboard_comes_to_another_order_and_what_was_selected_stays(
    in_loop: Loop, until: Until, in_window: Show
) -> None:
    """As when a panel of several is left, because at first nothing is selected: the first row is nobody's choice."""
    source = Things(PAGE * 2 + 60)
    page = Page(source)
    in_window(page)

    async def scenario() -> None:
        page.show_list()
        await until(lambda: page.list.model.complete)
        page.search.setFocus()
        table, flags = page.list.table, QItemSelectionModel.SelectionFlag
        table.selectRow(5)
        table.selectionModel().select(page.list.model.index(9, 0), flags.Select | flags.Rows)
        source.held.add("skeleton")
        page.list.model.sort(0, Qt.SortOrder.DescendingOrder)
        await until(lambda: page.list.model.rowCount() == PAGE)
        page.list.take_focus()
        assert table.hasFocus()
        source.held.clear()
        await until(lambda: page.list.model.complete)
        assert table.selected_runs() == [(PAGE * 2 + 50, PAGE * 2 + 50), (PAGE * 2 + 54, PAGE * 2 + 54)]
        assert table.currentIndex().row() == PAGE * 2 + 54

    in_loop(scenario())


@pytest.mark.parametrize("trouble", ["empty", "offline"])
def test_the_button_in_place_of_the_rows_is_reached_and_leads_back_to_the_rows(
    in_loop: Loop, until: Until, page: Page, source: Things, keyboard: Keyboard, trouble: str
) -> None:
    if trouble == "offline":
        source.broken.add("first")

    async def scenario() -> None:
        page.show_list("nothing like it")
        await until(lambda: page.list.state() == trouble)
        page.list.take_focus()
        await until(lambda: isinstance(keyboard.at(), QPushButton))
        source.broken.clear()
        source.things.append(Thing(UUID(int=99), "nothing like it"))
        keyboard.press(Qt.Key.Key_Space)
        await until(lambda: page.list.row() is not None)
        assert page.list.table.hasFocus()

    in_loop(scenario())


def test_a_row_is_opened_with_enter_and_several_selected_rows_are_counted(
    in_loop: Loop, until: Until, page: Page, source: Things, keyboard: Keyboard
) -> None:
    opened: list[Thing] = []
    page.list.row_opened.connect(opened.append)

    async def scenario() -> None:
        page.show_list()
        page.list.take_focus()
        await until(lambda: page.list.row() is not None)
        keyboard.press(Qt.Key.Key_Down)
        assert page.rows[-1] == source.things[1]
        keyboard.press(Qt.Key.Key_Return)
        assert opened == [source.things[1]]
        keyboard.press(Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
        assert page.said[-1] == "3 things     3 selected"

    in_loop(scenario())


def test_after_closing_down_nothing_is_asked_or_shown(
    in_loop: Loop, until: Until, page: Page, source: Things
) -> None:
    source.held.add("first")

    async def scenario() -> None:
        page.show_list()
        await until(source.arrived.is_set)
        page.list.close_down()
        source.held.clear()

    in_loop(scenario())
    assert page.list.model.rowCount() == 0
    assert page.said[-1] == "Reading the things…"


def test_a_column_sorts_when_its_head_is_pressed_and_the_next_list_keeps_the_order(
    in_loop: Loop, until: Until, page: Page, source: Things
) -> None:
    async def scenario() -> None:
        page.show_list()
        await until(lambda: page.list.row() is not None)
        page.list.model.sort(0, Qt.SortOrder.DescendingOrder)
        await until(lambda: page.list.model.row_at(0) == source.things[-1])
        page.show_list("thing")
        await until(lambda: not page.list.model.is_loading)
        assert page.list.model.row_at(0) == source.things[-1]
        assert page.list.table.horizontalHeader().sortIndicatorOrder() == Qt.SortOrder.DescendingOrder

    in_loop(scenario())


def test_the_selected_ids_are_exact_and_in_the_order_of_the_list(
    in_loop: Loop, until: Until, page: Page, source: Things
) -> None:
    source.things = Things(3 * PAGE).things
    table, model = page.list.table, page.list.model
    flag = QItemSelectionModel.SelectionFlag

    async def scenario() -> None:
        page.show_list()
        await until(lambda: page.said[-1:] == [f"{3 * PAGE} things"])
        table.selectAll()
        assert page.said[-1] == f"{3 * PAGE} things     {3 * PAGE} selected"
        assert page.list.selected_ids() == b"".join(one.id.bytes for one in source.things)
        table.clearSelection()
        for row in (300, 6, 5, 2):  # backwards, touching, and one that is not loaded
            table.selectionModel().select(model.index(row, 0), flag.Select | flag.Rows)
        assert table.selected_runs() == [(2, 2), (5, 6), (300, 300)]
        assert page.list.selected_ids() == b"".join(source.things[row].id.bytes for row in (2, 5, 6, 300))

    in_loop(scenario())


@pytest.mark.parametrize("changed_mind", [False, True])
def test_all_that_was_selected_before_all_rows_were_known_means_all_of_them(
    in_loop: Loop, until: Until, page: Page, source: Things, changed_mind: bool
) -> None:
    source.things = Things(3 * PAGE).things
    source.held.add("skeleton")

    async def scenario() -> None:
        page.show_list()
        await until(lambda: page.list.model.rowCount() == PAGE)
        page.list.table.selectAll()
        assert not page.list.all_known()
        if changed_mind:
            page.list.table.selectRow(2)
        source.held.clear()
        await until(lambda: page.list.model.complete)
        await until(page.list.all_known)
        assert page.list.table.selected_count() == (1 if changed_mind else 3 * PAGE)

    in_loop(scenario())


def test_rows_that_are_not_loaded_are_copied_too(
    in_loop: Loop, until: Until, page: Page, source: Things, monkeypatch: pytest.MonkeyPatch
) -> None:
    source.things = Things(3 * PAGE).things
    monkeypatch.setattr(table_view, "COPY_AT_MOST", 300)
    copied: list[tuple[int, int]] = []
    page.list.table.copied.connect(lambda rows, others: copied.append((rows, others)))

    async def scenario() -> None:
        page.show_list()
        await until(lambda: page.said[-1:] == [f"{3 * PAGE} things"])
        page.list.table.selectAll()
        page.list.table.copy_selected()
        await until(lambda: copied)
        lines = QGuiApplication.clipboard().text().splitlines()
        assert lines == [one.name for one in source.things[:300]]
        assert copied == [(300, 3 * PAGE - 300)]
        source.broken.add("rows")
        page.list.table.copy_selected()
        await until(page.messages.text)
        assert page.messages.text() == str(DOWN)

    in_loop(scenario())
