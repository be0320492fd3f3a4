from __future__ import annotations

import asyncio
import gc
import random
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
import shiboken6
from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester

from desktop.errors import Busy, DatabaseDown
from desktop.models import paged_table, row_table
from desktop.models.paged_table import READS_AT_ONCE
from desktop.models.roles import METER_ROLE, ROW_ROLE, TONE_ROLE
from desktop.models.row_table import RowTable
from desktop.models.snapshot_table import PAGE, ROWS_KEPT
from desktop.services.grid import WIDTH, Order, QueryCancelled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

BY_NAME = Order("name")
DOWN = Qt.SortOrder.DescendingOrder
Loop = Any


class Heard:
    """What a table told, in order."""

    def __init__(self, table: RowTable) -> None:
        self.told: list[tuple[Any, ...]] = []
        table.loading.connect(lambda on: self.told.append(("loading", on)))
        table.counted.connect(lambda count: self.told.append(("counted", count)))
        table.failed.connect(lambda error: self.told.append(("failed", str(error))))
        table.new_rows_changed.connect(lambda count: self.told.append(("new", count)))
        table.modelReset.connect(lambda: self.told.append(("reset", table.rowCount())))
        table.rowsInserted.connect(lambda _, first, last: self.told.append(("inserted", first, last)))
        table.rowsRemoved.connect(lambda _, first, last: self.told.append(("removed", first, last)))
        table.dataChanged.connect(lambda a, b: self.told.append(("changed", a.row(), b.row())))

    def all(self, what: str) -> list[tuple[Any, ...]]:
        return [told[1:] for told in self.told if told[0] == what]

    def clear(self) -> None:
        self.told.clear()


@pytest.fixture
def table_of(columns: Any, qapp: object) -> Iterator[Callable[[Any], RowTable]]:
    """Makes a table that the item-model tester watches."""
    made: list[RowTable] = []

    def make(source: Any) -> RowTable:
        table = RowTable(source, columns)
        QAbstractItemModelTester(table, QAbstractItemModelTester.FailureReportingMode.Fatal, table)
        made.append(table)
        return table

    yield make
    for table in made:
        if shiboken6.isValid(table):
            table.close()
            shiboken6.delete(table)  # here, and not by the garbage collector in some thread


async def until(condition: Callable[[], object]) -> None:
    while not condition():  # noqa: ASYNC110
        await asyncio.sleep(0.001)


async def opened(table: RowTable, order: Order = BY_NAME, where: Any = None) -> None:
    table.open(order, where)
    await quiet(table)


async def quiet(table: RowTable) -> None:
    """Until nothing is on its way."""
    await asyncio.sleep(0.005)
    await until(lambda: not table._on_their_way() and not table._soon.isActive())


async def look(table: RowTable, *rows: int) -> list[Any]:
    """The names in these rows, after whatever was missing came."""
    for row in rows:
        table.index(row, 0).data()
    await quiet(table)
    return [table.index(row, 0).data() for row in rows]


def names(table: RowTable) -> list[Any]:
    return [table.index(row, 0).data() for row in range(table.rowCount())]


def expected(source: Any, order: Order = BY_NAME, where: Any = None) -> list[UUID]:
    return [one.id for one in source.sorted(order, where)]


def shown(table: RowTable) -> list[UUID]:
    return [table.id_at(row) for row in range(table.rowCount())]


def test_the_first_page_is_painted_before_the_order_of_all_rows_is_known(
    in_loop: Loop, source_of: Any, table_of: Any
) -> None:
    async def scenario() -> None:
        source = source_of(1000)
        gate = source.hold("skeleton")
        table = table_of(source)
        heard = Heard(table)
        table.open(BY_NAME, None)
        assert table.is_loading
        await until(gate.reached.is_set)
        assert table.rowCount() == PAGE
        assert table.index(5, 0).data() == "thing 000005"
        assert not table.complete
        assert heard.all("counted") == []
        gate.open()
        await quiet(table)
        assert table.complete
        assert shown(table) == expected(source)
        assert heard.told == [
            ("loading", True),
            ("reset", PAGE),
            ("inserted", PAGE, 999),
            ("loading", False),
            ("counted", 1000),
        ]

    in_loop(scenario())


def test_a_list_that_fits_the_first_page_is_asked_for_once(
    in_loop: Loop, source_of: Any, table_of: Any
) -> None:
    async def scenario() -> None:
        source = source_of(PAGE - 1)
        table = table_of(source)
        await opened(table)
        assert table.complete
        assert names(table)[-1] == "thing 000126"
        assert [question for question, _ in source.asked] == ["first"]

    in_loop(scenario())


def test_an_empty_list_counts_nothing_and_is_complete(in_loop: Loop, source_of: Any, table_of: Any) -> None:
    async def scenario() -> None:
        table = table_of(source_of(0))
        heard = Heard(table)
        await opened(table)
        assert heard.all("counted") == [(0,)]
        assert table.complete

    in_loop(scenario())


def test_a_row_that_is_looked_at_is_read_soon_and_not_by_looking(
    in_loop: Loop, source_of: Any, table_of: Any
) -> None:
    async def scenario() -> None:
        source = source_of(1000)
        table = table_of(source)
        await opened(table)
        asked = list(source.asked)
        heard = Heard(table)
        assert table.index(500, 0).data() is None
        assert table.index(500, 0).data(Qt.ItemDataRole.AccessibleTextRole) == "loading"
        assert table.index(500, 0).data(ROW_ROLE) is None
        assert table.row_at(500) is None
        assert source.asked == asked
        await quiet(table)
        assert table.index(500, 0).data() == "thing 000500"
        assert table.row_at(500).size == -500
        assert heard.told == [("changed", 384, 511)]
        assert source.count_asked("rows") == 1

    in_loop(scenario())


def test_the_newest_wish_comes_first_and_two_at_most_are_on_their_way(
    in_loop: Loop, source_of: Any, table_of: Any
) -> None:
    async def scenario() -> None:
        source = source_of(PAGE * 40)
        table = table_of(source)
        await opened(table)
        source.most_at_once = 0
        gates = [source.hold("rows"), source.hold("rows")]
        for page in range(1, 31):
            table.index(page * PAGE, 0).data()
        await until(lambda: all(gate.reached.is_set() for gate in gates))
        for gate in gates:
            gate.open()
        await quiet(table)
        read = [ids[0] for question, ids in source.asked if question == "rows"]
        pages = [table.row_of(UUID(bytes=key)) // PAGE for key in read]
        assert sorted(pages, reverse=True) == [30, 29, 28, 27, 26, 25, 24, 23]
        # Two threads ask, so that one may overtake the other, but nobody else.
        assert all(abs(page - (30 - turn)) <= READS_AT_ONCE - 1 for turn, page in enumerate(pages))
        assert source.most_at_once == READS_AT_ONCE

    in_loop(scenario())


def test_pages_looked_at_longest_ago_are_forgotten_first(in_loop: Loop, source_of: Any, columns: Any) -> None:
    async def scenario() -> None:
        source = source_of(ROWS_KEPT + 10 * PAGE)
        table = RowTable(source, columns)  # without the tester, which looks at every row
        await opened(table)
        for page in range(1, ROWS_KEPT // PAGE + 3):
            table.index(0, 0).data()  # the first page is looked at all the time
            await look(table, page * PAGE)
        assert table.row_at(0) is not None
        assert table.row_at(PAGE) is None
        assert table.row_at((ROWS_KEPT // PAGE) * PAGE) is not None
        assert await look(table, PAGE) == ["thing 000128"]
        table.close()
        shiboken6.delete(table)

    in_loop(scenario())


def test_a_newer_question_cancels_the_older_one_and_drops_its_answer(
    in_loop: Loop, source_of: Any, table_of: Any
) -> None:
    async def scenario() -> None:
        source = source_of(300)
        table = table_of(source)
        gate = source.hold("first")
        heard = Heard(table)
        table.open(BY_NAME, None)
        await until(gate.reached.is_set)
        table.open(BY_NAME, lambda one: one.size <= -290)
        await quiet(table)
        await until(lambda: source.running == 0)  # left the gate by its cancellation: nobody opened it
        assert names(table) == [f"thing {n:06}" for n in range(290, 300)]
        assert heard.all("loading") == [(True,), (False,)]
        assert heard.all("counted") == [(10,)]

    in_loop(scenario())


def test_a_superseded_failure_is_not_told(in_loop: Loop, source_of: Any, table_of: Any) -> None:
    async def scenario() -> None:
        source = source_of(30)
        table = table_of(source)
        gate = source.hold("first")
        source.fail("first", Busy())
        heard = Heard(table)
        table.open(BY_NAME, None)
        await until(gate.reached.is_set)
        table._opening.cancellation.cancel = gate.open  # fails at the moment it is cancelled
        table.open(Order("size"), None)
        await quiet(table)
        assert heard.all("failed") == []
        assert table.rowCount() == 30

    in_loop(scenario())


def test_when_rows_change_between_first_page_and_order_the_order_wins(
    in_loop: Loop, source_of: Any, table_of: Any, thing: Any
) -> None:
    async def scenario() -> None:
        source = source_of(400)
        gate = source.hold("first")
        table = table_of(source)
        table.open(BY_NAME, None)
        await until(gate.reached.is_set)
        source.take(thing(3).id, thing(77).id)  # the first page was read before this, the order after it
        source.put(thing(1000, name="thing 000010b"), thing(50, name="zzz moved to the end"))
        gate.open()
        await quiet(table)
        assert shown(table) == expected(source)
        await look(table, 0, PAGE, 2 * PAGE, 3 * PAGE)
        for row in range(table.rowCount()):
            assert table.row_at(row) is None or table.row_at(row).id == table.id_at(row)
        assert table.row_of(thing(50).id) == table.rowCount() - 1

    in_loop(scenario())


def test_reloading_keeps_views_where_they_are_and_brings_in_what_came(
    in_loop: Loop, source_of: Any, table_of: Any, thing: Any
) -> None:
    async def scenario() -> None:
        source = source_of(400)
        table = table_of(source)
        await opened(table)
        standing_on = QPersistentModelIndex(table.index(100, 1))
        heard = Heard(table)
        source.take(thing(10).id)
        source.put(thing(900, name="thing 000020b"), thing(100, size=7))
        table.reload()
        assert table.index(100, 0).data() == "thing 000100"
        await quiet(table)
        assert heard.all("reset") == []
        assert heard.all("removed") == [(10, 10)]
        assert heard.all("inserted") == [(20, 20)]
        assert standing_on.row() == 100
        assert table.id_at(100) == thing(100).id
        assert shown(table) == expected(source)
        await look(table, 100, 20)
        assert [table.index(row, 1).data() for row in (100, 20)] == ["7", "-900"]

    in_loop(scenario())


def test_rows_that_changed_places_are_reset_to_the_new_order(
    in_loop: Loop, source_of: Any, table_of: Any, thing: Any
) -> None:
    async def scenario() -> None:
        source = source_of(400)
        table = table_of(source)
        await opened(table)
        source.put(thing(0, name="zzz"))
        heard = Heard(table)
        table.reload()
        await quiet(table)
        assert heard.all("reset") == [(400,)]
        assert shown(table) == expected(source)
        assert await look(table, 399) == ["zzz"]

    in_loop(scenario())


def test_refreshing_reads_the_loaded_rows_only_and_tells_once(
    in_loop: Loop, source_of: Any, table_of: Any, thing: Any
) -> None:
    async def scenario() -> None:
        source = source_of(1000)
        table = table_of(source)
        await opened(table)
        source.put(thing(5, size=5), thing(9, size=9), thing(700, size=7))
        heard = Heard(table)
        source.asked.clear()
        table.refresh([thing(5).id, thing(9).id, thing(700).id])
        await quiet(table)
        assert {tuple(sorted(ids)) for question, ids in source.asked if question == "rows"} == {
            (thing(5).id.bytes, thing(9).id.bytes)
        }
        assert heard.told == [("changed", 5, 5), ("changed", 9, 9)]  # in one go, and nothing between them
        assert [table.index(row, 1).data() for row in (5, 6, 9)] == ["5", "-6", "9"]
        assert source.count_asked("matching") == 0
        await look(table, 700)
        assert table.index(700, 1).data() == "7"

    in_loop(scenario())


def test_a_page_asked_before_a_change_does_not_bring_the_old_row_back(
    in_loop: Loop, source_of: Any, table_of: Any, thing: Any
) -> None:
    async def scenario() -> None:
        source = source_of(1000)
        table = table_of(source)
        await opened(table)
        gate = source.hold("rows")
        table.index(500, 0).data()
        await until(gate.reached.is_set)  # the answer is worked out, and on its way
        source.put(thing(500, size=5))
        table.refresh([thing(500).id])
        gate.open()
        await quiet(table)
        await look(table, 500)
        assert table.index(500, 1).data() == "5"
        assert table.index(501, 1).data() == "-501"

    in_loop(scenario())


def test_the_loaded_rows_that_a_change_concerns_are_read_again(
    in_loop: Loop, source_of: Any, table_of: Any, thing: Any
) -> None:
    async def scenario() -> None:
        source = source_of(1000)
        table = table_of(source)
        await opened(table)
        assert [table.index(row, 1).data() for row in (3, 4, 5)] == ["-3", "-4", "-5"]
        gate = source.hold("rows")
        table.index(500, 0).data()
        await until(gate.reached.is_set)
        source.put(*(thing(n, size=n) for n in (3, 4, 501, 6)))
        source.asked.clear()
        table.refresh_loaded(lambda row: row.size in (-3, -4, -501))
        await until(lambda: source.asked)
        assert set(source.asked[0][1]) == {thing(3).id.bytes, thing(4).id.bytes}
        gate.open()
        await quiet(table)
        await look(table, 501)
        await look(table, 6)  # which nobody had looked at
        assert [table.index(row, 1).data() for row in (3, 4, 5, 6, 501)] == ["3", "4", "-5", "6", "501"]

    in_loop(scenario())


def test_changes_while_the_first_page_is_on_its_way_are_shown(
    in_loop: Loop, source_of: Any, table_of: Any, thing: Any
) -> None:
    async def scenario() -> None:
        source = source_of(50)
        table = table_of(source)
        gate = source.hold("first")
        table.open(BY_NAME, None)
        await until(gate.reached.is_set)
        source.put(thing(5, size=5))
        source.take(thing(7).id)
        table.refresh([thing(5).id])
        table.look_for([thing(7).id])
        gate.open()
        await quiet(table)
        assert shown(table) == expected(source)
        await look(table, 5)
        assert table.index(5, 1).data() == "5"

    in_loop(scenario())


def test_an_older_refresh_does_not_overwrite_a_newer_first_page(
    in_loop: Loop, source_of: Any, table_of: Any, thing: Any
) -> None:
    async def scenario() -> None:
        source = source_of(50)
        table = table_of(source)
        await opened(table)
        gate = source.hold("rows")
        table.refresh([thing(5).id])
        await until(gate.reached.is_set)
        source.put(thing(5, size=5))
        table.open(BY_NAME, None)
        await until(lambda: not table.is_loading)
        gate.open()
        await quiet(table)
        assert table.index(5, 1).data() == "5"

    in_loop(scenario())


def test_removing_takes_out_exactly_these_rows(
    in_loop: Loop, source_of: Any, table_of: Any, thing: Any
) -> None:
    async def scenario() -> None:
        source = source_of(1200)
        table = table_of(source)
        await opened(table)
        heard = Heard(table)
        source.take(*(thing(n).id for n in (3, 4, 5, 550)))
        table.look_for([thing(n).id for n in (3, 4, 5, 550)] + [thing(5000).id])
        await quiet(table)
        assert heard.all("removed") == [(550, 550), (3, 5)]
        assert heard.all("counted") == [(1196,)]
        assert names(table)[:5] == [f"thing {n:06}" for n in (0, 1, 2, 6, 7)]
        await quiet(table)  # the pages those names were on
        heard.clear()
        source.take(*(thing(n).id for n in range(0, 1200, 2) if n not in (4, 550)))
        table.look_for([thing(n).id for n in range(0, 1200, 2)])
        await quiet(table)
        told = [one[0] for one in heard.told if one[0] != "changed"]
        assert "reset" in told  # pages that were being read may have told of theirs before, fifty each
        assert told[-1] == "counted"
        assert shown(table) == [thing(n).id for n in range(1, 1200, 2) if n not in (3, 5)]

    in_loop(scenario())


def test_rows_that_are_only_said_to_be_gone_stay(
    in_loop: Loop, source_of: Any, table_of: Any, thing: Any
) -> None:
    """Whoever may connect to the database can say so."""

    async def scenario() -> None:
        source = source_of(600)
        table = table_of(source)
        await opened(table)
        heard = Heard(table)
        source.fail("rows", DatabaseDown("“events” is away."))
        source.take(thing(550).id)
        table.look_for([thing(n).id for n in (3, 4, 550)])
        await until(lambda: heard.all("failed"))
        assert table.rowCount() == 600
        table.retry()
        await quiet(table)
        assert heard.all("removed") == [(550, 550)]
        assert table.rowCount() == 599

    in_loop(scenario())


def test_among_many_rows_those_that_are_gone_are_looked_for_in_the_order_that_is_shown(
    in_loop: Loop, source_of: Any, table_of: Any, thing: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when rows go or another order comes meanwhile; what is there again in that order stays."""
    monkeypatch.setattr(row_table, "MANY", 10)

    async def scenario() -> None:
        source = source_of(600)
        table = table_of(source)
        await opened(table)
        heard = Heard(table)
        table._lose({thing(n).id.bytes for n in (3, 4, 550)})
        table._lose({thing(5).id.bytes, thing(5000).id.bytes})
        assert table.rowCount() == 600  # the window does not wait
        await until(lambda: table.rowCount() == 596)
        assert heard.all("counted")[-1] == (596,)
        assert {told[0] for told in heard.told} == {"removed", "counted"}
        assert shown(table) == [thing(n).id for n in range(600) if n not in (3, 4, 5, 550)]

        table._lose({thing(n).id.bytes for n in (6, 7)})
        source.take(thing(7).id)
        table.open(BY_NAME, None)
        await until(lambda: table.complete and shown(table) == expected(source))
        await quiet(table)
        assert thing(6).id in shown(table)

        gate = source.hold("skeleton")
        table.open(BY_NAME, None)
        await until(gate.reached.is_set)
        source.take(thing(300).id)
        table.look_for([thing(300).id])
        gate.open()
        await quiet(table)
        await until(lambda: shown(table) == expected(source))

    in_loop(scenario())


def test_a_row_that_is_not_there_any_more_when_its_page_is_read_goes(
    in_loop: Loop, source_of: Any, table_of: Any, thing: Any
) -> None:
    async def scenario() -> None:
        source = source_of(600)
        table = table_of(source)
        await opened(table)
        source.take(thing(500).id)
        heard = Heard(table)
        await look(table, 500)
        assert heard.all("removed") == [(500, 500)]
        assert heard.all("counted") == [(599,)]
        assert await look(table, 500) == ["thing 000501"]

    in_loop(scenario())


def test_rows_removed_while_the_order_is_on_its_way_stay_away(
    in_loop: Loop, source_of: Any, table_of: Any, thing: Any
) -> None:
    async def scenario() -> None:
        source = source_of(600)
        table = table_of(source)
        gate = source.hold("skeleton")
        table.open(BY_NAME, None)
        await until(gate.reached.is_set)
        source.take(thing(4).id, thing(500).id)
        table.look_for([thing(4).id, thing(500).id])
        await until(lambda: table.rowCount() < 600)
        gate.open()
        await quiet(table)
        assert table.rowCount() == 598
        assert table.row_of(thing(500).id) is None
        assert shown(table) == [one for one in expected(source) if one not in {thing(4).id, thing(500).id}]

    in_loop(scenario())


def test_rows_of_others_are_counted_and_shown_when_asked_for(
    in_loop: Loop, source_of: Any, table_of: Any, thing: Any
) -> None:
    async def scenario() -> None:
        source = source_of(300)
        table = table_of(source)
        await opened(table, where=lambda one: one.colour == "blue")
        heard = Heard(table)
        came = [thing(n, name=f"a {n}") for n in range(1000, 1012)]
        source.put(*came, thing(2000, colour="red"))
        table.refresh([one.id for one in came] + [thing(2000).id, thing(200).id])
        await quiet(table)
        assert table.new_rows == 12
        assert heard.told == [("new", 12)]
        assert table.rowCount() == 300
        source.take(came[0].id)
        table.look_for([came[0].id])
        await quiet(table)
        assert table.new_rows == 11
        heard.clear()
        table.show_new()
        await quiet(table)
        assert heard.all("inserted") == [(0, 10)]
        assert heard.all("new") == [(0,)]
        assert shown(table) == expected(source, where=table.where)

    in_loop(scenario())


def test_rows_that_came_while_a_list_is_opened_are_not_counted_twice(
    in_loop: Loop, source_of: Any, table_of: Any, thing: Any
) -> None:
    async def scenario() -> None:
        source = source_of(300)
        table = table_of(source)
        gate = source.hold("skeleton")
        table.open(BY_NAME, None)
        await until(gate.reached.is_set)
        source.put(thing(1000), thing(1001))
        table.refresh([thing(1000).id, thing(1001).id])
        table.open(BY_NAME, None)  # its order holds the two already
        await quiet(table)
        assert table.rowCount() == 302
        assert table.new_rows == 0

    in_loop(scenario())


def test_a_failure_is_told_and_trying_again_shows_the_list(
    in_loop: Loop, source_of: Any, table_of: Any
) -> None:
    async def scenario() -> None:
        source = source_of(300)
        source.fail("first", DatabaseDown("“x” on y"))
        source.fail("skeleton", Busy())
        table = table_of(source)
        heard = Heard(table)
        await opened(table)
        assert heard.told == [
            ("loading", True),
            ("loading", False),
            ("failed", str(DatabaseDown("“x” on y"))),
        ]
        assert not table.is_loading
        table.retry()
        await quiet(table)
        assert table.rowCount() == PAGE
        assert not table.complete
        assert heard.all("failed")[1:] == [(str(Busy()),)]
        table.retry()
        await quiet(table)
        assert shown(table) == expected(source)
        assert table.complete
        assert heard.all("counted") == [(300,)]

    in_loop(scenario())


def test_after_a_failed_filter_the_rows_before_stay(in_loop: Loop, source_of: Any, table_of: Any) -> None:
    async def scenario() -> None:
        source = source_of(300)
        table = table_of(source)
        await opened(table)
        source.fail("first", Busy())
        await opened(table, where=lambda one: one.size > -10)
        assert table.rowCount() == 300
        assert not table.complete  # these are not all rows of the filter that was asked for
        table.retry()
        await quiet(table)
        assert table.rowCount() == 10
        assert table.complete

    in_loop(scenario())


def test_after_a_page_failed_nothing_is_asked_until_somebody_tries_again(
    in_loop: Loop, source_of: Any, table_of: Any
) -> None:
    async def scenario() -> None:
        source = source_of(1000)
        table = table_of(source)
        await opened(table)
        heard = Heard(table)
        table.dataChanged.connect(lambda *_: table.index(500, 0).data())  # a view paints what it was told of
        source.fail("rows", Busy())
        await look(table, 500)
        assert heard.all("failed") == [(str(Busy()),)]
        for _ in range(3):
            assert await look(table, 500, 900) == [None, None]
        assert source.count_asked("rows") == 1
        table.retry()
        await quiet(table)
        assert table.index(500, 0).data() == "thing 000500"

    in_loop(scenario())


def test_two_pages_that_fail_together_are_told_once(in_loop: Loop, source_of: Any, table_of: Any) -> None:
    async def scenario() -> None:
        source = source_of(1000)
        table = table_of(source)
        await opened(table)
        heard = Heard(table)
        gates = [source.hold("rows"), source.hold("rows")]
        source.fail("rows", Busy(), Busy())
        table.index(300, 0).data()
        table.index(600, 0).data()
        await until(lambda: all(gate.reached.is_set() for gate in gates))
        for gate in gates:
            gate.open()
        await quiet(table)
        assert len(heard.all("failed")) == 1

    in_loop(scenario())


def test_a_change_whose_reading_failed_is_read_when_trying_again(
    in_loop: Loop, source_of: Any, table_of: Any, thing: Any
) -> None:
    async def scenario() -> None:
        source = source_of(50)
        table = table_of(source)
        await opened(table)
        source.put(thing(5, size=5), thing(1000))
        source.fail("rows", Busy())
        source.fail("matching", Busy())
        table.refresh([thing(5).id, thing(1000).id])
        await quiet(table)
        assert table.index(5, 1).data() == "-5"
        assert table.new_rows == 0
        table.retry()
        await quiet(table)
        assert table.index(5, 1).data() == "5"
        assert table.new_rows == 1

    in_loop(scenario())


@pytest.mark.parametrize("question", ["first", "skeleton", "rows", "matching"])
def test_a_bug_reaches_the_loop_and_the_table_can_still_be_used(
    question: str, in_loop: Loop, source_of: Any, table_of: Any, thing: Any, bugs: list[BaseException]
) -> None:
    async def scenario() -> None:
        source = source_of(300)
        source.fail(question, KeyError("bug"))
        table = table_of(source)
        heard = Heard(table)
        await opened(table)
        await look(table, 200)
        source.put(thing(1000))
        table.refresh([thing(1000).id])
        await quiet(table)
        await until(lambda: bugs)  # the loop hears of it a turn later
        assert [type(bug) for bug in bugs] == [KeyError]
        assert heard.all("failed") == []
        assert not table.is_loading
        table.reload()
        await quiet(table)
        assert await look(table, 299, 300) == ["thing 000299", "thing 001000"]
        bugs.clear()

    in_loop(scenario())


def test_a_closed_table_stops_its_questions_and_says_nothing_more(
    in_loop: Loop, source_of: Any, table_of: Any
) -> None:
    async def scenario() -> None:
        source = source_of(1000)
        table = table_of(source)
        await opened(table)
        gate, first = source.hold("rows"), source.hold("first")
        table.index(500, 0).data()
        await until(gate.reached.is_set)
        table.open(Order("size"), None)
        await until(first.reached.is_set)
        heard = Heard(table)
        table.close()
        table.index(900, 0).data()
        await until(lambda: source.running == 0)
        await quiet_tasks()
        assert heard.told == []
        assert source.count_asked("rows") == 1

    in_loop(scenario())


def test_a_table_deleted_with_its_screen_drops_what_was_on_its_way(
    in_loop: Loop, source_of: Any, table_of: Any
) -> None:
    async def scenario() -> None:
        source = source_of(1000)
        table = table_of(source)
        await opened(table)
        page, first = source.hold("rows"), source.hold("first")
        table.refresh([table.id_at(0)])
        await until(page.reached.is_set)
        table.open(Order("size"), None)
        await until(first.reached.is_set)
        shiboken6.delete(table)
        first.open()
        page.open()
        await until(lambda: source.running == 0)
        await quiet_tasks()

    in_loop(scenario())
    gc.collect()


async def quiet_tasks() -> None:
    await until(lambda: len(asyncio.all_tasks()) <= 2)


def test_sorting_by_a_column_opens_the_list_in_that_order(
    in_loop: Loop, source_of: Any, table_of: Any
) -> None:
    async def scenario() -> None:
        source = source_of(300)
        table = table_of(source)
        table.sort(0)  # before there is a list: a view with sorting switched on does this
        assert source.asked == []
        await opened(table)
        table.sort(0)
        assert not table.is_loading  # it is sorted so
        table.sort(2, DOWN)
        assert not table.is_loading  # the column has no sort key
        table.sort(0, DOWN)
        assert table.is_loading
        await quiet(table)
        assert table.order == Order("name", descending=True)
        assert table.sorted_column() == (0, DOWN)
        assert table.index(0, 0).data() == "thing 000299"
        table.sort(1)
        await quiet(table)
        assert shown(table) == expected(source, Order("size"))

    in_loop(scenario())


def test_cells_answer_every_role_with_ready_values(in_loop: Loop, source_of: Any, table_of: Any) -> None:
    async def scenario() -> None:
        table = table_of(source_of(3))
        await opened(table)
        name, size, colour = (table.index(1, column) for column in range(3))
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        assert (name.data(), size.data(), colour.data()) == ("thing 000001", "-1", "blue")
        assert name.data(ROW_ROLE) is table.row_at(1)
        assert name.data(Qt.ItemDataRole.ToolTipRole) == "thing 000001!"
        assert name.data(Qt.ItemDataRole.AccessibleTextRole) == "thing 000001"
        assert size.data(Qt.ItemDataRole.TextAlignmentRole) == right
        assert size.data(Qt.ItemDataRole.AccessibleTextRole) == "-1 big"
        assert (size.data(TONE_ROLE), size.data(METER_ROLE)) == (None, None)
        assert (colour.data(TONE_ROLE), colour.data(METER_ROLE)) == ("blue", 0.5)
        assert colour.data(Qt.ItemDataRole.DecorationRole) is None
        horizontal = Qt.Orientation.Horizontal
        assert [table.headerData(n, horizontal) for n in range(4)] == ["Name", "Size", "Colour", None]
        assert table.headerData(1, horizontal, Qt.ItemDataRole.TextAlignmentRole) == right
        assert table.headerData(0, Qt.Orientation.Vertical) is None
        assert table.data(QModelIndex()) is None

    in_loop(scenario())


def test_every_row_is_known_by_its_id_loaded_or_not(
    in_loop: Loop, source_of: Any, table_of: Any, thing: Any
) -> None:
    async def scenario() -> None:
        table = table_of(source_of(1000))
        await opened(table)
        assert table.id_at(777) == thing(777).id
        assert table.row_of(thing(777).id) == 777
        assert table.row_of(thing(5000).id) is None
        assert len(table.ids()) == 16 * 1000
        with pytest.raises(IndexError):
            table.id_at(1000)

    in_loop(scenario())


@pytest.mark.parametrize("seed", range(12))
def test_whatever_happens_in_between_every_row_stands_under_its_own_id(
    seed: int, in_loop: Loop, source_of: Any, table_of: Any, thing: Any
) -> None:
    async def scenario() -> None:
        chance = random.Random(seed)
        source = source_of(chance.choice([90, 127, 128, 129, 700]))
        table = table_of(source)
        table.open(BY_NAME, None)
        for number in range(40):
            if chance.random() < 0.3:
                gate = source.hold(chance.choice(["first", "skeleton", "rows", "matching"]))
                asyncio.get_running_loop().call_later(chance.random() / 100, gate.open)
            some = chance.sample(list(source.things), 5)
            match chance.randrange(8):
                case 0:
                    table.open(Order(chance.choice(["name", "size"]), chance.random() < 0.5), None)
                case 1:
                    table.reload()
                case 2:
                    source.take(*some)
                    table.look_for(some)
                case 3:
                    source.take(*some)  # nobody tells
                case 4:
                    source.put(*(replace(source.things[one], size=number) for one in some))
                    table.refresh(some)
                case 5:
                    came = thing(1000 + number, name=f"thing {chance.randrange(800):06}b")
                    source.put(came)
                    table.refresh([came.id])
                case 6:
                    for row in chance.sample(range(table.rowCount()), min(5, table.rowCount())):
                        table.index(row, 0).data()
                case 7:
                    await asyncio.sleep(chance.random() / 50)
            for row in range(table.rowCount()):
                if loaded := table.row_at(row):
                    assert loaded.id == table.id_at(row)
        await quiet(table)
        table.reload()
        await quiet(table)
        assert shown(table) == expected(source, table.order)
        assert table.new_rows == 0
        for page in range(0, table.rowCount(), PAGE):
            await look(table, page)
        truth = [source.things[one] for one in shown(table)]
        assert [table.row_at(row) for row in range(table.rowCount())] == truth
        assert [table.index(row, 1).data() for row in range(table.rowCount())] == [
            str(one.size) for one in truth
        ]

    in_loop(scenario())


def test_the_texts_of_many_rows_are_read_by_id_whether_loaded_or_not(
    in_loop: Loop, source_of: Any, table_of: Any, thing: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paged_table, "READ_AT_ONCE", 40)

    async def scenario() -> None:
        source = source_of(300)
        table = table_of(source)
        await opened(table)
        source.take(thing(250).id)
        source.asked.clear()
        ids = table.ids()[200 * WIDTH : 290 * WIDTH]

        texts = await table.texts(ids)

        assert [text[0] for text in texts] == [thing(row).name for row in range(200, 290) if row != 250]
        assert [len(asked) for _, asked in source.asked] == [40, 40, 10]

    in_loop(scenario())


def test_reading_texts_ends_when_the_table_is_closed(in_loop: Loop, source_of: Any, table_of: Any) -> None:
    async def scenario() -> None:
        source = source_of(300)
        table = table_of(source)
        await opened(table)
        source.hold("rows")
        reading = asyncio.ensure_future(table.texts(table.ids()))
        await until(lambda: source.running)
        table.close()
        with pytest.raises(QueryCancelled):
            await reading

    in_loop(scenario())


def test_among_many_rows_changed_ones_that_are_not_loaded_are_looked_for_several_at_once(
    in_loop: Loop, source_of: Any, table_of: Any, thing: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(row_table, "MANY", 100)
    monkeypatch.setattr(row_table, "SEEK_SECONDS", 0.02)

    async def scenario() -> None:
        source = source_of(300)
        table = table_of(source)
        await opened(table)
        source.asked.clear()
        source.put(*(thing(number) for number in range(1000, 1005)))
        for number in (*range(1000, 1005), 299, 298):
            table.refresh([thing(number).id])
        await quiet(table)
        assert table.new_rows == 5
        assert source.count_asked("matching") == 1

    in_loop(scenario())
