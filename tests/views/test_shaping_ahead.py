"""Texts are shaped before they are painted, what is in sight first."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QAbstractSlider, QApplication

from desktop.models.columns import Column
from desktop.views import theme
from desktop.views.widgets import cells
from desktop.views.widgets.table_view import RowTableView, make_table

COLUMNS = (Column("Name", str, strong=True, width=160), Column("Address", str, "address", width=90))
ROWS = 1000
DOWN = QAbstractSlider.SliderAction.SliderPageStepAdd
UP = QAbstractSlider.SliderAction.SliderPageStepSub
Index = QModelIndex | QPersistentModelIndex
Until = Callable[[Callable[[], object]], None]


class Names(QAbstractTableModel):
    """A thousand people, of whom those are asked for that are looked at and not loaded."""

    def __init__(self, loaded: range) -> None:
        super().__init__()
        self.loaded = set(loaded)
        self.asked: set[int] = set()

    def rowCount(self, parent: Index | None = None) -> int:
        return ROWS

    def columnCount(self, parent: Index | None = None) -> int:
        return len(COLUMNS)

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        row = index.row()
        if row not in self.loaded:
            self.asked.add(row)
            return None
        return f"Ann {row}" if index.column() == 0 else f"ann.a.long.name.{row}@example.org"

    def load(self, rows: range) -> None:
        self.loaded |= set(rows)
        self.dataChanged.emit(self.index(rows[0], 0), self.index(rows[-1], 1))


@pytest.fixture
def show(qapp: QApplication, qtbot: Any) -> Iterator[Any]:
    theme.apply(qapp, "light")
    made: list[RowTableView] = []

    def shown(model: Names) -> RowTableView:
        view = make_table(model, COLUMNS, "Names")
        made.append(view)
        qtbot.addWidget(view)
        view.resize(300, 410)
        cells._shaped_at.cache_clear()
        with qtbot.waitExposed(view):
            view.show()
        return view

    yield shown
    for view in made:
        view.setModel(None)


@pytest.fixture
def until(qtbot: Any) -> Until:
    return lambda so: qtbot.waitUntil(so, timeout=30_000)


def in_sight(view: RowTableView) -> range:
    return range(view.rowAt(0), view.rowAt(view.viewport().height() - 1) + 1)


def shaped() -> int:
    """How many texts have been shaped."""
    return cells._shaped_at.cache_info().misses


def shaped_by(view: RowTableView, step: QAbstractSlider.SliderAction) -> int:
    """How many texts were shaped for painting the next page."""
    first, before = view.rowAt(0), shaped()
    view.verticalScrollBar().triggerAction(step)
    view.viewport().repaint()
    assert view.rowAt(0) != first
    return shaped() - before


def at_rest(view: RowTableView) -> bool:
    return not view._ahead._soon.isActive()


def test_the_next_page_is_ready_before_it_is_turned(show: Any, until: Until) -> None:
    view = show(Names(range(ROWS)))
    count = len(in_sight(view))
    until(lambda: at_rest(view) and shaped() >= 2 * 2 * (count - 1))
    for step in (DOWN, DOWN, UP):
        assert shaped_by(view, step) <= 2, "one row at most, of which a part is in sight"
        until(lambda: at_rest(view))


def test_the_screen_before_is_ready_too_after_a_jump(show: Any, until: Until) -> None:
    view = show(Names(range(ROWS)))
    view.verticalScrollBar().setValue(view.verticalScrollBar().maximum() // 2)
    view.viewport().repaint()
    until(lambda: at_rest(view))
    assert shaped_by(view, UP) <= 2


def test_nothing_is_asked_for_while_what_is_in_sight_is_awaited(show: Any, until: Until) -> None:
    model = Names(range(0))
    view = show(model)
    until(lambda: bool(model.asked) and at_rest(view))
    seen = in_sight(view)
    assert model.asked == set(seen)

    model.load(seen)
    until(lambda: len(model.asked) > len(seen))
    assert min(model.asked - set(seen)) == seen[-1] + 1, "then the next one"
    until(lambda: at_rest(view))

    model.load(range(seen[-1] + 1, seen[-1] + 1 + len(seen)))
    until(lambda: at_rest(view))
    assert shaped_by(view, DOWN) <= 2


def is_shown(view: RowTableView, row: int) -> bool:
    """Whether a row's text was painted, without painting it again: a skeleton has no ink."""
    window = view.window()
    where = view.visualRect(view.model().index(row, 0))
    where.moveTopLeft(view.viewport().mapTo(window, where.topLeft()))
    screen = window.screen().grabWindow(window.winId()).copy(where).toImage()
    ink = theme.color("ink")
    return any(screen.pixelColor(x, y) == ink for x in range(screen.width()) for y in range(screen.height()))


@pytest.mark.parametrize("scrolled", [False, True])
def test_rows_that_came_are_shown_even_if_the_view_moves_meanwhile(
    show: Any, until: Until, scrolled: bool
) -> None:
    model = Names(range(0))
    view = show(model)
    until(lambda: at_rest(view))
    seen = in_sight(view)
    row = seen[4]
    assert not is_shown(view, row)
    model.load(range(100))
    if scrolled:
        view.verticalScrollBar().setValue(1)
        assert in_sight(view) == seen
    until(lambda: is_shown(view, row) and not view._ahead._came)


def test_rows_of_a_list_that_went_meanwhile_are_no_trouble(show: Any, until: Until) -> None:
    model = Names(range(0))
    view = show(model)
    until(lambda: at_rest(view))
    model.load(range(100))
    model.beginResetModel()
    model.loaded.clear()
    model.endResetModel()
    model.load(range(5))
    until(lambda: is_shown(view, 4))


def test_of_another_list_nothing_is_shaped_before_any_of_it_was_painted(show: Any, until: Until) -> None:
    model = Names(range(0))
    view = show(model)
    until(lambda: at_rest(view))
    view.hide()
    model.beginResetModel()
    model.endResetModel()
    model.load(range(ROWS))
    until(lambda: at_rest(view))
    assert shaped() == 0
    view.show()
    until(lambda: is_shown(view, 4) and at_rest(view))
    assert 0 < shaped() <= 2 * 3 * len(in_sight(view))
