"""Text of 100 to 200 %: nothing is cut off, whatever the width does to the lines."""

import pytest
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from desktop.views import theme
from desktop.views.looks import Looks
from desktop.views.widgets.buttons import Action
from desktop.views.widgets.chips import Chip, FilterChips
from desktop.views.widgets.form_field import FormField
from desktop.views.widgets.header import PageHeader
from desktop.views.widgets.message_bar import MessageBar
from desktop.views.widgets.panel import DetailPanel
from desktop.views.widgets.search_field import SearchField
from desktop.views.widgets.side_bar import Group, Place, SideBar
from tests.views.walking import cut_off

pytestmark = pytest.mark.usefixtures("light_again")

SCALES = pytest.mark.parametrize("scale", [1.0, 1.5, 2.0])


def laid_out(qtbot, widget: QWidget, width: int) -> QWidget:
    """The widget at the top of a page of that width, which must not have to grow."""
    page = QWidget()
    column = QVBoxLayout(page)
    column.setContentsMargins(0, 0, 0, 0)
    column.addWidget(widget)
    column.addWidget(QWidget(), 1)
    qtbot.addWidget(page)
    page.resize(width, 1200)
    page.show()
    QApplication.processEvents()
    assert page.width() == width
    return page


@SCALES
def test_a_header_wraps_its_chips_and_cuts_nothing_off(scale: float, qapp, qtbot) -> None:
    theme.apply(qapp, "light", scale)
    header = PageHeader("Registrations", "Monsoon Data Summit · 14 Dec 2026, Bengaluru")
    header.add_action(Action("&Import…", lambda: None))
    header.add_action(Action("&Add registration", lambda: None, shortcut="Ctrl+N"), "primary")
    header.add_filter(SearchField("Search name, email, phone…"))
    keys = ("Registered", "Waitlisted", "Attended", "No-show", "Cancelled")
    chips = FilterChips([Chip(key, key, 1284) for key in keys])
    header.add_filter(chips)
    header.add_filter(QComboBox())
    page = laid_out(qtbot, header, 1000)
    assert cut_off(page) == []
    lines = {button.mapTo(header, button.rect().topLeft()).y() for button in chips.findChildren(QPushButton)}
    assert len(lines) == (1 if scale == 1.0 else 2)


def test_a_header_leaves_shortcuts_to_tooltips_before_its_buttons_need_a_line(qapp, qtbot) -> None:
    theme.apply(qapp, "light", 2.0)
    header = PageHeader("Registrations", "Monsoon Data Summit · 14 Dec 2026, Bengaluru")
    actions = [
        Action(text, lambda: None, shortcut=keys)
        for text, keys in (
            ("&Import…", "Ctrl+I"),
            ("&Export…", "Ctrl+Shift+E"),
            ("&Add registration", "Ctrl+N"),
        )
    ]
    buttons = [header.add_action(action) for action in actions]
    page = laid_out(qtbot, header, 1000)
    assert [button.text() for button in buttons] == ["Import…", "Export…", "Add registration"]
    assert all("Ctrl" in button.toolTip() for button in buttons)
    assert len({button.mapTo(header, button.rect().topLeft()).y() for button in buttons}) == 1
    assert header.height() < theme.px(100)  # beside the title, not below
    page.resize(1360, page.height())
    QApplication.processEvents()
    assert [button.text()[-2:] for button in buttons] == ["^I", "⇧E", "^N"]


def test_figures_go_below_a_name_rather_than_break_it(qapp, qtbot) -> None:
    theme.apply(qapp, "light", 2.0)
    panel = DetailPanel("Registration")
    with panel.filled():
        panel.seats("Conference", "13,598 / 13,600 seats", 0.9, card=True)
    _page = laid_out(qtbot, panel, 480)
    name, figures = (next(one for one in panel.findChildren(QLabel) if one.text() == text)
                     for text in ("Conference", "13,598 / 13,600 seats"))  # fmt: skip
    assert name.height() == name.heightForWidth(10_000), "on one line"
    assert (
        figures.mapTo(panel, figures.rect().topLeft()).y() > name.mapTo(panel, name.rect().bottomLeft()).y()
    )


@SCALES
def test_a_form_with_hints_and_errors_cuts_nothing_off(scale: float, qapp, qtbot) -> None:
    theme.apply(qapp, "light", scale)
    form = QWidget()
    column = QVBoxLayout(form)
    name = FormField("&Name or e-mail", QLineEdit())
    name.show_error("Name or password is not right. 3 tries left before a pause; after that, wait a minute.")
    column.addWidget(name)
    column.addWidget(FormField("&Capacity", QSpinBox(), "Leave it empty when there is no limit."))
    assert cut_off(laid_out(qtbot, form, 420)) == []


@SCALES
def test_a_message_with_two_answers_cuts_nothing_off(scale: float, qapp, qtbot) -> None:
    theme.apply(qapp, "light", scale)
    bar = MessageBar()
    page = laid_out(qtbot, bar, 900)
    sentence = "“Workshop pass” is full (120 of 120 seats are held). Add the person to the waitlist."
    bar.warning(sentence, [("Add to the &waitlist", lambda: None), ("&Open package", lambda: None)])
    QApplication.processEvents()
    assert cut_off(page) == []


@SCALES
def test_the_sidebar_and_the_panel_cut_nothing_off(scale: float, qapp, qtbot) -> None:
    theme.apply(qapp, "light", scale)
    side = SideBar()
    side.set_places((Group("Administration", (Place("registrations", "Registrations"),)),))
    side.offer_view(Looks(side))
    side.offer_to_leave(Action("Sign out", lambda: None, parent=side))
    side.set_connection("offline", "Offline · drafts are safe here")
    side.set_person("Wilhelmina Featherstonehaugh · Organizer")
    panel = DetailPanel("Registration")
    with panel.filled():
        panel.title("Wolfeschlegelsteinhausenbergerdorff, Hubert Blaine")
        panel.muted("hubert.blaine.wolfeschlegelsteinhausenbergerdorff@department.example.org")
        panel.pills([("Waitlisted · #1 of 61", "amber"), ("Payment due", "red")])
        panel.seats("Workshop pass", "118 / 120 seats", 118 / 120, "2 seats free · 61 waiting", card=True)
        panel.buttons([(Action("Promote next 2", lambda: None, parent=panel), "primary")])
        panel.rows([("Today 09:12", "Asha moved to #1 (2 cancelled)")])
    for widget in (side, panel):
        qtbot.addWidget(widget)
        widget.resize(widget.sizeHint().width(), 1200)
        widget.show()
        QApplication.processEvents()
        assert cut_off(widget) == []
    assert panel.widget().width() <= panel.viewport().width()
