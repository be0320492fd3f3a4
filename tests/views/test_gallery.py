"""One composed page in both schemes, drawn to files: what the tests of single parts cannot see."""

from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QImage, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QApplication, QComboBox, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from desktop.models.columns import Column
from desktop.models.roles import TONE_ROLE
from desktop.views import theme
from desktop.views.widgets.buttons import Action
from desktop.views.widgets.chips import Chip, FilterChips
from desktop.views.widgets.header import PageHeader
from desktop.views.widgets.message_bar import MessageBar
from desktop.views.widgets.panel import DetailPanel
from desktop.views.widgets.search_field import SearchField
from desktop.views.widgets.side_bar import Group, Place, SideBar
from desktop.views.widgets.states import StatePane
from desktop.views.widgets.table_view import RowTableView, make_table

pytestmark = pytest.mark.usefixtures("light_again")

PEOPLE = (
    ("Zoë Fernández", "Waitlisted", "amber"),
    ("محمد العلي", "Registered", "blue"),
    ("李 雷", "Attended", "green"),
    ("Wolfeschlegelsteinhausenbergerdorff, Hubert Blaine", "Payment due", "red"),
)


def page() -> QWidget:
    made = QWidget()
    side = SideBar()
    side.set_places((Group("", (Place("today", "Today"),)), Group("Events", (Place("events", "Events"),))))
    side.set_current("events")
    side.set_connection("live", "Live · gala-db")
    side.set_person("Asha Menon · Organizer")
    header = PageHeader("Registrations", "Monsoon Data Summit · 14 Dec 2026, Bengaluru")
    header.add_action(Action("&Import…", lambda: None, parent=made))
    header.add_action(Action("&Add registration", lambda: None, shortcut="Ctrl+N", parent=made), "primary")
    header.add_filter(SearchField("Search name, email, phone…"))
    header.add_filter(FilterChips([Chip("all", "All", 1284), Chip("waiting", "Waitlisted", 61)]))
    header.add_filter(QComboBox())
    bar = MessageBar()
    header.add_below(bar)
    bar.success("“Zoë Fernández” was promoted.", [("&Undo", lambda: None)])
    model = QStandardItemModel(len(PEOPLE), 2, made)
    model.setHorizontalHeaderLabels(["Attendee", "Status"])
    for row, (name, status, tone) in enumerate(PEOPLE):
        model.setItem(row, 0, QStandardItem(name))
        pill = QStandardItem(status)
        pill.setData(tone, TONE_ROLE)
        model.setItem(row, 1, pill)
    columns = (Column("Attendee", str, width=160, stretch=True), Column("Status", str, "pill", width=130))
    table = make_table(model, columns, "Registrations")
    table.selectRow(0)
    panel = DetailPanel("Registration")
    with panel.filled():
        panel.title("Zoë Fernández")
        panel.muted("zoe.fernandez@example.org")
        panel.pills([("Waitlisted · #1 of 61", "amber")])
        panel.seats("Workshop pass", "118 / 120 seats", 118 / 120, "2 seats free · 61 waiting", card=True)
        panel.heading("History")
        panel.rows([("Today 09:12", "Asha moved to #1 (2 cancelled)")])
    rows = QHBoxLayout()
    rows.setSpacing(0)
    rows.addWidget(StatePane(table), 1)
    rows.addWidget(panel)
    right = QVBoxLayout()
    right.setSpacing(0)
    right.addWidget(header)
    right.addLayout(rows, 1)
    whole = QHBoxLayout(made)
    whole.setContentsMargins(0, 0, 0, 0)
    whole.setSpacing(0)
    whole.addWidget(side)
    whole.addLayout(right, 1)
    return made


def at(image: QImage, widget: QWidget, x: int, y: int) -> str:
    where = widget.mapTo(widget.window(), widget.rect().topLeft())
    return image.pixelColor(where.x() + x, where.y() + y).name()


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_a_whole_page_is_drawn_in_the_colours_of_its_scheme(
    mode: theme.Mode, tmp_path: Path, qapp, qtbot
) -> None:
    theme.apply(qapp, mode)
    made = page()
    qtbot.addWidget(made)
    made.resize(1360, 800)
    made.show()
    QApplication.processEvents()
    assert made.grab().save(str(tmp_path / f"gallery-{mode}.png"))
    image = QImage(str(tmp_path / f"gallery-{mode}.png"))
    tokens = theme.current()
    side, header, table = made.findChild(SideBar), made.findChild(PageHeader), made.findChild(RowTableView)
    bar, panel = made.findChild(MessageBar), made.findChild(DetailPanel)
    primary = next(b for b in made.findChildren(QPushButton) if b.property("look") == "primary")
    assert (image.width(), image.height()) == (1360, 800)
    assert at(image, side, 5, 500) == tokens.surface
    assert at(image, side, side.width() - 1, 500) == tokens.line
    assert at(image, header, 5, 5) == tokens.background
    assert at(image, header, 5, header.height() - 1) == tokens.line
    assert at(image, primary, 6, primary.height() // 2) == tokens.accent
    assert at(image, bar, 4, bar.height() // 2) == tokens.pill_green
    assert at(image, table.viewport(), 4, 16) == tokens.selection
    assert at(image, table.viewport(), 4, 48) == tokens.surface
    assert at(image, table.viewport(), 4, 63) == tokens.line
    assert at(image, panel, 8, panel.height() - 8) == tokens.surface
    assert len({image.pixel(x, y) for x in range(0, 1360, 3) for y in range(0, 800, 3)}) > 60
    other = QColor(theme.LIGHT.surface if mode == "dark" else theme.DARK.background).rgb()
    wrong = sum(image.pixel(x, y) == other for x in range(0, 1360, 4) for y in range(0, 800, 4))
    assert wrong == 0


def test_an_open_page_follows_a_switch_at_once(tmp_path: Path, qapp, qtbot) -> None:
    theme.apply(qapp, "light")
    made = page()
    qtbot.addWidget(made)
    made.resize(1360, 800)
    made.show()
    QApplication.processEvents()
    theme.apply(qapp, "dark")
    for _ in range(3):  # a layout within a layout asks for its room one turn later
        QApplication.processEvents()
    switched = made.grab().toImage()
    fresh = page()
    qtbot.addWidget(fresh)
    fresh.resize(1360, 800)
    fresh.show()
    QApplication.processEvents()
    made_dark = fresh.grab().toImage()
    different = sum(
        switched.pixel(x, y) != made_dark.pixel(x, y) for x in range(0, 1360, 2) for y in range(0, 800, 2)
    )
    assert different < 100  # the keyboard's cursor may blink in one of them
