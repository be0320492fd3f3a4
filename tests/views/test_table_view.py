"""The table and its cells: painted as the roles say, moved and copied by keyboard."""

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QPoint, QRect, Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage, QStandardItemModel
from PySide6.QtWidgets import QApplication

from desktop.models.columns import Column
from desktop.models.roles import METER_ROLE, TONE_ROLE
from desktop.views import theme
from desktop.views.widgets.cells import PAD_PX, reads_right_to_left
from desktop.views.widgets.table_view import COPY_AT_MOST, RowTableView, make_table

COLUMNS = (
    Column("Name", str, "text", sort_key="name", width=160, stretch=True),
    Column("Status", str, "pill", sort_key="status", width=120),
    Column("Seats", str, "meter", width=180),
    Column("Waiting", str, "number", sort_key="waiting", width=90),
)
ROWS: list[tuple[str, str, str, float | None, str]] = [
    ("Zoë Fernández", "green", "88 / 240", 0.37, "9"),
    ("محمد العلي", "red", "24 / 24", 1.0, "1,204"),
    ("李 雷", "", "no limit", None, ""),
    ("tab\tand\nline", "grey", "0 / 10", 0.0, "61"),
]
Index = QModelIndex | QPersistentModelIndex


class People(QAbstractTableModel):
    """Four people, then ``unloaded`` rows that have not arrived."""

    def __init__(self, unloaded: int = 0) -> None:
        super().__init__()
        self.unloaded = unloaded
        self.sorted: list[tuple[int, Qt.SortOrder]] = []

    def rowCount(self, parent: Index | None = None) -> int:
        return len(ROWS) + self.unloaded

    def columnCount(self, parent: Index | None = None) -> int:
        return len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        return COLUMNS[section].label if role == Qt.ItemDataRole.DisplayRole else None

    def data(self, index: Index, role: int = 0) -> Any:
        if index.row() >= len(ROWS):
            return None
        name, tone, seats, fraction, waiting = ROWS[index.row()]
        texts = (name, tone.title() or "plain", seats, waiting)
        return {
            int(Qt.ItemDataRole.DisplayRole): texts[index.column()],
            TONE_ROLE: tone,
            METER_ROLE: fraction,
        }.get(role)

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        self.sorted.append((column, order))


@pytest.fixture(autouse=True)
def light(qapp: QApplication) -> Iterator[None]:
    theme.apply(qapp, "light")
    yield
    theme.apply(qapp, "light")


@pytest.fixture
def table(qtbot) -> Iterator[RowTableView]:
    model = People(unloaded=20)
    view = make_table(model, COLUMNS, "People")
    qtbot.addWidget(view)
    view.resize(700, 400)
    with qtbot.waitActive(view):
        view.show()
        view.activateWindow()
    view.setFocus()
    yield view
    view.setModel(None)


def cell(view: RowTableView, row: int, column: int) -> QImage:
    where = view.visualRect(view.model().index(row, column))
    return view.viewport().grab(where).toImage()


def colours(image: QImage) -> dict[str, int]:
    found: dict[str, int] = {}
    for x in range(image.width()):
        for y in range(image.height()):
            name = image.pixelColor(x, y).name()
            found[name] = found.get(name, 0) + 1
    return found


def inked(image: QImage, ground: str) -> QRect:
    """The smallest rectangle around everything that is not ground, without the hairline."""
    points = [
        QPoint(x, y)
        for x in range(image.width())
        for y in range(image.height() - 1)
        if image.pixelColor(x, y) != QColor(ground)
    ]
    xs, ys = [point.x() for point in points], [point.y() for point in points]
    return QRect(QPoint(min(xs), min(ys)), QPoint(max(xs), max(ys)))


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_a_pill_has_the_ground_and_ink_of_its_tone(mode: theme.Mode, table: RowTableView, qapp) -> None:
    theme.apply(qapp, mode)
    green, red, plain = (colours(cell(table, row, 1)) for row in range(3))
    tokens = theme.current()
    assert green[tokens.pill_green] > 200
    assert red[tokens.pill_red] > 200
    assert not {tokens.pill_green, tokens.pill_red, tokens.pill_grey} & plain.keys()


def test_a_meter_turns_amber_when_nearly_full_and_is_absent_without_a_limit(table: RowTableView) -> None:
    table.clearFocus()  # the ring is in the accent colour too
    part, full, unlimited, empty = (colours(cell(table, row, 2)) for row in range(4))
    tokens = theme.current()
    assert part[tokens.accent] > 50
    assert part[tokens.meter_track] > part[tokens.accent]
    assert full[tokens.meter_amber] > 200
    assert not {tokens.accent, tokens.meter_amber, tokens.meter_track} & unlimited.keys()
    assert empty[tokens.meter_track] > 200
    assert tokens.accent not in empty


def test_text_stands_left_and_numbers_right_in_every_script(table: RowTableView) -> None:
    table.clearFocus()
    surface = theme.current().surface
    for row in (0, 1, 2):
        name = inked(cell(table, row, 0), surface)
        assert abs(name.left() - PAD_PX) <= 3
    for row in (0, 1):
        image = cell(table, row, 3)
        assert abs(image.width() - PAD_PX - 3 - inked(image, surface).right()) <= 2


def test_directions_are_told_by_the_first_letter_that_has_one() -> None:
    assert reads_right_to_left("محمد العلي")
    assert reads_right_to_left("(שלום) Cohen")
    assert not reads_right_to_left("Zoë محمد")
    assert not reads_right_to_left("12 – 14")


def test_a_row_that_has_not_arrived_is_a_quiet_bar(table: RowTableView) -> None:
    loaded, waiting = colours(cell(table, 0, 0)), colours(cell(table, len(ROWS), 0))
    skeleton = theme.current().skeleton
    assert waiting[skeleton] > 200
    assert skeleton not in loaded


def test_the_row_with_the_keyboard_is_ringed_and_selected_rows_are_filled(table: RowTableView) -> None:
    table.selectRow(1)
    tokens = theme.current()
    ringed = colours(table.viewport().grab().toImage())
    assert ringed[tokens.accent] > 2 * table.viewport().width()
    assert colours(cell(table, 1, 0))[tokens.selection] > 1000
    table.clearFocus()
    assert colours(table.viewport().grab().toImage()).get(tokens.accent, 0) < table.viewport().width()


def test_home_and_end_go_to_the_first_and_last_row(table: RowTableView, qtbot) -> None:
    told: list[int] = []
    table.current_row_changed.connect(lambda index: told.append(index.row()))
    table.selectRow(1)
    qtbot.keyClick(table, Qt.Key.Key_End)
    assert table.selected_rows() == [23]
    qtbot.keyClick(table, Qt.Key.Key_Home)
    assert table.selected_rows() == [0]
    qtbot.keyClick(table, Qt.Key.Key_PageDown)
    assert table.currentIndex().row() > 3
    qtbot.keyClick(table, Qt.Key.Key_Home, Qt.KeyboardModifier.ShiftModifier)
    assert table.selected_count() == table.selected_rows()[-1] + 1
    assert told[:3] == [1, 23, 0]


def test_enter_and_a_double_click_open_the_row(table: RowTableView, qtbot) -> None:
    told: list[int] = []
    table.opened.connect(lambda index: told.append(index.row()))
    table.selectRow(2)
    qtbot.keyClick(table, Qt.Key.Key_Return)
    where = table.visualRect(table.model().index(0, 0)).center()
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=where)
    qtbot.mouseDClick(table.viewport(), Qt.MouseButton.LeftButton, pos=where)
    assert told == [2, 0]


def test_copying_takes_the_loaded_rows_as_they_are_shown(table: RowTableView, qtbot) -> None:
    table.selectAll()
    with qtbot.waitSignal(table.copied) as told:
        qtbot.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert told.args == [4, 20]
    assert QGuiApplication.clipboard().text().splitlines() == [
        "Zoë Fernández\tGreen\t88 / 240\t9",
        "محمد العلي\tRed\t24 / 24\t1,204",
        "李 雷\tplain\tno limit\t",
        "tab and line\tGrey\t0 / 10\t61",
    ]


def test_copying_a_huge_selection_says_how_much_it_left_out(qtbot) -> None:
    view = make_table(People(unloaded=COPY_AT_MOST * 2), COLUMNS, "People")
    qtbot.addWidget(view)
    view.selectAll()
    with qtbot.waitSignal(view.copied) as told:
        view.copy_selected()
    assert told.args == [4, COPY_AT_MOST * 2]


def test_sorting_is_asked_of_the_model_and_only_by_columns_that_can(table: RowTableView, qtbot) -> None:
    header, model = table.horizontalHeader(), table.model()
    table.show_sorted(0)
    assert model.sorted == []
    header.setFocus()
    qtbot.keyClick(header, Qt.Key.Key_Space)
    assert model.sorted == [(0, Qt.SortOrder.DescendingOrder)]
    qtbot.keyClick(header, Qt.Key.Key_Right)
    qtbot.keyClick(header, Qt.Key.Key_Right)
    qtbot.keyClick(header, Qt.Key.Key_Space)  # “Seats” cannot be sorted by
    where = QPoint(header.sectionViewportPosition(2) + 20, 10)
    qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=where)
    assert len(model.sorted) == 1
    assert (header.sortIndicatorSection(), header.sortIndicatorOrder()) == (0, Qt.SortOrder.DescendingOrder)
    where.setX(header.sectionViewportPosition(3) + 20)
    qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=where)
    assert model.sorted[1:] == [(3, Qt.SortOrder.AscendingOrder)]


def test_typing_letters_moves_nothing(table: RowTableView, qtbot) -> None:
    table.selectRow(1)
    qtbot.keyClick(table, Qt.Key.Key_Z)
    assert table.currentIndex().row() == 1


def test_stretching_columns_fill_the_width_and_give_way_before_anything_scrolls(table: RowTableView) -> None:
    def widths() -> list[int]:
        return [table.columnWidth(column) for column in range(len(COLUMNS))]

    assert sum(widths()) == table.viewport().width()
    assert widths()[1:] == [120, 180, 90]
    for width in range(531, 556):
        table.resize(width, 400)
        QApplication.processEvents()
        assert widths()[0] < 160
        assert table.horizontalScrollBar().maximum() == 0
    table.resize(300, 400)
    QApplication.processEvents()
    assert widths()[0] == 128
    assert table.horizontalScrollBar().maximum() > 0


def test_rows_and_columns_grow_with_the_text(table: RowTableView, qapp) -> None:
    assert (table.rowHeight(0), table.columnWidth(1)) == (32, 120)
    theme.apply(qapp, "light", 2.0)
    table.resize(1300, 400)
    QApplication.processEvents()
    assert (table.rowHeight(0), table.columnWidth(1)) == (64, 240)


def test_a_width_the_person_chose_stays(table: RowTableView) -> None:
    table.horizontalHeader().resizeSection(1, 150)
    table.resize(900, 400)
    QApplication.processEvents()
    assert table.columnWidth(1) == 150


def test_a_menu_is_asked_for_the_row_under_the_mouse_or_the_current_one(table: RowTableView) -> None:
    told: list[int] = []
    table.menu_asked.connect(lambda index, _where: told.append(index.row()))
    table.selectRow(3)
    table.customContextMenuRequested.emit(table.visualRect(table.model().index(1, 0)).center())
    table.customContextMenuRequested.emit(QPoint(5, 5_000))
    assert told == [1, 3]


def test_a_reset_tells_that_nothing_is_current(table: RowTableView) -> None:
    table.selectRow(1)
    told: list[bool] = []
    table.current_row_changed.connect(lambda index: told.append(index.isValid()))
    table.model().beginResetModel()
    table.model().endResetModel()
    assert told == [False]
    assert table.selected_rows() == []


def test_larger_text_and_back_leaves_the_columns_and_the_row_at_the_top_as_they_were(
    qapp: Any, qtbot: Any
) -> None:
    model = QStandardItemModel(300, 2)
    view = make_table(
        model, (Column("Name", str, stretch=True), Column("Waiting", str, "number", width=70)), "Rows"
    )
    qtbot.addWidget(view)
    view.resize(400, 300)
    view.show()
    view.verticalScrollBar().setValue(100 * view.rowHeight(0))
    before = [view.columnWidth(column) for column in range(2)]
    try:
        for scale in (2.0, 1.0):
            theme.apply(qapp, "light", scale)
            assert view.rowAt(0) == 100
        assert [view.columnWidth(column) for column in range(2)] == before
    finally:
        theme.apply(qapp, "light")
