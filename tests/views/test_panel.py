"""The detail panel: what it shows changes in place, and nothing a person is doing there is disturbed by it."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, cast
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QLabel, QMenu

from desktop.db.session import Actor
from desktop.services.lists.event_detail import EventDetail, PackageDetail
from desktop.services.lists.registration_detail import RegistrationDetail
from desktop.services.lists.registrations import RegistrationRow
from desktop.services.workspace import Workspace
from desktop.views import theme
from desktop.views.registration_panel import RegistrationPanel
from desktop.views.widgets.buttons import Action, ActionButton
from desktop.views.widgets.meter import Meter
from desktop.views.widgets.panel import DetailPanel

if TYPE_CHECKING:
    from desktop.db.session import Database


@pytest.fixture(autouse=True)
def light(qapp: QApplication) -> Iterator[None]:
    theme.apply(qapp, "light")
    yield
    theme.apply(qapp, "light")


@pytest.fixture
def shown(qtbot) -> Callable[[DetailPanel], None]:
    """Shows a panel in a window that has the keyboard."""

    def show(panel: DetailPanel) -> None:
        qtbot.addWidget(panel)
        with qtbot.waitActive(panel):
            panel.show()
            panel.activateWindow()

    return show


def told(
    panel: DetailPanel, name: str, actions: list[Action], history: int = 1, *, due: bool = False
) -> None:
    """Somebody in a panel, with what can be done about them."""
    with panel.filled():
        panel.title(name)
        panel.muted("zoe.fernandez@example.org")
        panel.pills([("Waitlisted · #1 of 61", "amber"), *([("Payment due", "red")] if due else [])])
        panel.seats("Workshop pass", "118 / 120 seats", 118 / 120, "2 seats free · 61 waiting", card=True)
        panel.buttons([(one, "primary" if one is actions[0] else "secondary") for one in actions])
        if due:
            panel.hairline()
            panel.rows([("Payment", "Not paid")])
        panel.hairline()
        panel.heading("History")
        panel.rows(
            [(f"Today 09:{number:02}", f"Asha moved {name} to #{number}") for number in range(history)]
        )


def labels(panel: DetailPanel) -> dict[str, QLabel]:
    return {one.text(): one for one in panel.findChildren(QLabel) if one.isVisible()}


def test_a_panel_says_something_else_with_the_same_labels(shown) -> None:
    panel, action = DetailPanel("Registration"), Action("Promote next", lambda: None)
    shown(panel)
    told(panel, "Zoë Fernández", [action], history=2)
    QApplication.processEvents()
    before = labels(panel)
    before["zoe.fernandez@example.org"].customContextMenuRequested.emit(QPoint(3, 3))
    menu = panel.findChild(QMenu)
    told(panel, "محمد عبد الرحمن بن عبد العزيز", [action], history=3, due=True)
    QApplication.processEvents()
    after = labels(panel)
    assert after["محمد عبد الرحمن بن عبد العزيز"] is before["Zoë Fernández"]
    assert menu.isVisible()
    kept = ["zoe.fernandez@example.org", "Waitlisted · #1 of 61", "118 / 120 seats", "HISTORY"]
    assert all(after[text] is before[text] for text in kept)
    assert panel.findChild(Meter).accessibleName() == "Workshop pass: 118 / 120 seats"
    told(panel, "Zoë Fernández", [action], history=1)
    assert labels(panel).keys() == before.keys() - {"Today 09:01", "Asha moved Zoë Fernández to #1"}
    menu.close()


def test_a_panel_changed_in_place_looks_like_a_new_one(qtbot, shown) -> None:
    actions = [Action(text, lambda: None) for text in ("Check in", "Promote next", "Cancel registration")]
    changed, made = DetailPanel("Registration"), DetailPanel("Registration")
    for panel in (changed, made):
        panel.resize(300, 800)
    shown(changed)
    told(changed, "Wolfeschlegelsteinhausenbergerdorff, Hubert Blaine", actions[:2], history=12, due=True)
    QApplication.processEvents()
    told(changed, "Zoë", actions, history=2)
    shown(made)
    told(made, "Zoë", actions, history=2)
    qtbot.waitUntil(lambda: changed.grab().toImage() == made.grab().toImage())


def test_the_keyboard_stays_on_a_button_while_others_come_and_go_and_looks_change(qtbot, shown) -> None:
    panel = DetailPanel("Registration")
    pressed: list[str] = []
    check_in, promote, cancel = (Action(text, lambda text=text: pressed.append(text)) for text in "abc")
    shown(panel)
    told(panel, "Zoë", [check_in, promote])
    QApplication.processEvents()
    button = panel.shown_buttons()[1]
    button.setFocus()
    told(panel, "Zoë", [promote, cancel])
    check_in.setText("shown again?")
    assert panel.shown_buttons()[0] is button
    assert (QApplication.focusWidget(), button.property("look")) == (button, "primary")
    QApplication.processEvents()
    assert QApplication.focusWidget() is button
    assert [one.action for one in panel.findChildren(ActionButton) if one.isVisible()] == [promote, cancel]
    qtbot.keyClick(button, Qt.Key.Key_Return)
    assert pressed == ["b"]


def test_a_panel_may_be_told_again_by_the_press_of_its_own_button(qtbot, shown) -> None:
    panel = DetailPanel("Registration")
    cancel = Action("Cancel", lambda: told(panel, "Zoë", [keep]))
    keep = Action("Keep", lambda: told(panel, "Zoë", [cancel]))
    shown(panel)
    told(panel, "Zoë", [cancel])
    QApplication.processEvents()
    for shows in (keep, cancel):
        (button,) = panel.shown_buttons()
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        QApplication.processEvents()
        assert [one.action for one in panel.shown_buttons()] == [shows]


def test_a_panel_stays_scrolled_to_where_it_is_until_something_else_is_shown(qtbot, shown) -> None:
    panel, action = DetailPanel("Registration"), Action("Promote next", lambda: None)
    panel.resize(300, 300)
    shown(panel)
    told(panel, "Zoë", [action], history=30)
    bar = panel.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 200)
    bar.setValue(200)
    lower = bar.maximum()
    told(panel, "Zoë F.", [action], history=31)
    qtbot.waitUntil(lambda: bar.maximum() > lower)
    assert bar.value() == 200
    panel.scroll_up()
    told(panel, "Priya", [action], history=30)
    QApplication.processEvents()
    assert bar.value() == 0


def people() -> tuple[RegistrationPanel, RegistrationRow, EventDetail]:
    """A panel, somebody who waits, and their event."""
    zone, package = (
        ZoneInfo("Asia/Kolkata"),
        PackageDetail(uuid4(), "Day", "day", "Free", True, 1, 2, 1, False),
    )
    event = EventDetail(
        uuid4(), "Summit", "summit", "14 Dec 2026", "", "", "published", False, "", zone, (package,)
    )
    waits = RegistrationRow(
        uuid4(), package.id, "Zoë", "zoe@example.org", "Day", "waitlisted", 1, "—", False, "", ""
    )
    organizer = Actor(uuid4(), "asha", "asha@example.org", frozenset({"organizer"}))
    panel = RegistrationPanel(Workspace(cast("Database", None), organizer, zone, "gate"), lambda _step: None)
    return panel, waits, event


def test_what_is_pressed_when_somebody_else_is_shown_is_not_done_to_them(qtbot, shown) -> None:
    """They may take the place of somebody who is gone, without anybody asking for it."""
    panel, zoe, event = people()
    priya = replace(zoe, id=uuid4(), name="Priya")
    promote = panel.offers.promote_next
    pressed: list[None] = []
    promote.triggered.connect(lambda: pressed.append(None))
    panel.show_row(zoe, event)
    shown(panel)
    (button,) = (one for one in panel.shown_buttons() if one.action is promote)
    left: list[None] = []
    panel.keyboard_left.connect(lambda: left.append(None))
    qtbot.mousePress(button, Qt.MouseButton.LeftButton)
    button.setFocus()
    panel.show_row(priya, event)
    qtbot.mouseRelease(button, Qt.MouseButton.LeftButton)
    assert (button in panel.shown_buttons(), pressed, left) == (True, [], [None])
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert pressed == [None]
    button.setFocus()
    panel.show_nothing()
    assert (QApplication.focusWidget(), left) == (panel, [None])


def test_who_changes_status_gets_other_buttons_and_the_keyboard_stays_where_it_was(qtbot, shown) -> None:
    panel, waits, event = people()
    cancel = panel.offers.cancel
    panel.show_row(waits, event)
    panel.show_detail(detail(waits, event))
    shown(panel)
    button = next(one for one in panel.shown_buttons() if one.action is cancel)
    button.setFocus()
    left: list[None] = []
    panel.keyboard_left.connect(lambda: left.append(None))

    seated = replace(waits, status="registered", waitlist_position=None)
    panel.show_row(seated, event)
    assert [one.action for one in panel.shown_buttons()] == [
        panel.offers.check_in,
        panel.offers.promote_next,
        cancel,
    ]
    qtbot.keyClick(button, Qt.Key.Key_Return)
    assert (QApplication.focusWidget(), panel.question(), left) == (button, "", []), (
        "who is next is not known"
    )
    panel.show_detail(detail(seated, event))
    assert QApplication.focusWidget() is button
    qtbot.keyClick(button, Qt.Key.Key_Return)
    assert panel.question() == "Cancel Zoë? The seat goes to Priya, next in line."


def detail(row: RegistrationRow, event: EventDetail) -> RegistrationDetail:
    """What is read of somebody besides the list's row."""
    return RegistrationDetail(
        id=row.id, event_id=event.id, package_id=row.package_id, name=row.name, email=row.email, phone="",
        status=row.status, package=row.package, held=1, capacity=2, waiting=1, place=row.waitlist_position,
        next_in_line="Priya", payment=row.payment, payment_due=False, open_for_seats=True, over=False,
        zone=event.zone, history=(),
    )  # fmt: skip
