"""The shared parts of the screens: what they show, what they tell, and that the keyboard reaches all of it."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from uuid import uuid4

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QHelpEvent, QImage
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QListView,
    QMenu,
    QPlainTextEdit,
    QPushButton,
    QSpinBox,
    QToolTip,
    QVBoxLayout,
    QWidget,
)

from desktop import background, errors
from desktop.views import theme
from desktop.views.widgets.button_row import ButtonRow
from desktop.views.widgets.buttons import Action, ActionButton, Button, IconButton
from desktop.views.widgets.chips import Chip, FilterChips
from desktop.views.widgets.choice_box import ChoiceBox
from desktop.views.widgets.eliding_box import ElidingBox
from desktop.views.widgets.form_field import FormField
from desktop.views.widgets.message_bar import HIDE_AFTER_MS, MessageBar
from desktop.views.widgets.named_label import NamedLabel
from desktop.views.widgets.panel import DetailPanel
from desktop.views.widgets.pill import Pill
from desktop.views.widgets.search_field import SearchField
from desktop.views.widgets.side_bar import Group, Place, SideBar
from desktop.views.widgets.side_place import StateDot
from desktop.views.widgets.states import StatePane
from desktop.views.widgets.text import label


@pytest.fixture(autouse=True)
def light(qapp: QApplication) -> Iterator[None]:
    theme.apply(qapp, "light")
    yield
    theme.apply(qapp, "light")


@pytest.fixture
def shown(qtbot) -> Iterator[Callable[[QWidget], QWidget]]:
    """Puts a widget into a window that has the keyboard, beside a field “other” that has it first."""
    windows: list[QWidget] = []

    def show(widget: QWidget) -> QWidget:
        window = QWidget()
        windows.append(window)  # pytest-qt holds it weakly
        window.setProperty("role", "surface")
        window.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        column = QVBoxLayout(window)
        column.addWidget(widget)
        other = QLineEdit()
        other.setObjectName("other")
        column.addWidget(other)
        with qtbot.waitActive(window):
            window.show()
            window.activateWindow()
        other.setFocus()
        return window

    yield show
    for window in windows:
        window.close()
        window.deleteLater()


def count(image: QImage, colour: str) -> int:
    wanted = QColor(colour).rgb()
    return sum(image.pixel(x, y) == wanted for x in range(image.width()) for y in range(image.height()))


FOCUSABLE: dict[str, Callable[[], QWidget]] = {
    "secondary": lambda: Button("Cancel"),
    "primary": lambda: Button("Save", "primary"),
    "quiet": lambda: Button("More", "quiet"),
    "link": lambda: Button("Help", "link"),
    "icon": lambda: IconButton("refresh", "Reload"),
    "plain": lambda: QPushButton("Plain"),
    "line": QLineEdit,
    "text": QPlainTextEdit,
    "choice": QComboBox,
    "number": QSpinBox,
    "box": lambda: QCheckBox("Paid"),
    "list": QListView,
    "panel": DetailPanel,
    "search": lambda: SearchField("Search"),
}


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("kind", FOCUSABLE)
def test_whatever_has_the_keyboard_shows_a_ring(kind: str, mode: theme.Mode, qapp, shown) -> None:
    theme.apply(qapp, mode)
    widget = FOCUSABLE[kind]()
    shown(widget)
    ring = theme.current().accent_ink if kind == "primary" else theme.current().accent
    before = count(widget.grab().toImage(), ring)
    widget.setFocus(Qt.FocusReason.TabFocusReason)
    assert widget.hasFocus()
    longest_side = max(widget.width(), widget.height())
    assert count(widget.grab().toImage(), ring) >= before + longest_side


def test_a_button_shows_its_actions_shortcut_and_says_it_in_the_tooltip(qtbot) -> None:
    action = Action("&Add registration", lambda: None, shortcut="Ctrl+N", about="Register somebody")
    button = ActionButton(action, "primary")
    qtbot.addWidget(button)
    assert button.text() in ("Add registration  ^N", "Add registration  ⌘N")
    assert button.accessibleName() == "Add registration"
    assert "Register somebody (" in button.toolTip()


def test_an_action_that_cannot_be_done_says_why(qtbot) -> None:
    done: list[str] = []
    action = Action("&Promote", lambda: done.append("promoted"))
    button = ActionButton(action)
    qtbot.addWidget(button)
    action.set_available(False, "Nobody is waiting.")
    assert not button.isEnabled()
    assert "Nobody is waiting." in button.toolTip()
    action.start()
    assert done == []
    action.set_available(True)
    button.click()
    assert done == ["promoted"]
    assert "Nobody is waiting." not in button.toolTip()


def test_an_action_cannot_start_twice_and_keeps_the_keyboard_where_it_is(monkeypatch, shown) -> None:
    loop = asyncio.new_event_loop()
    started: list[str] = []
    gate = asyncio.Event()

    async def work() -> None:
        started.append("once")
        await gate.wait()

    def start(coroutine: Coroutine[object, object, None]) -> asyncio.Task[None]:
        return loop.create_task(coroutine)

    monkeypatch.setattr(background, "start", start)
    action = Action("&Check in", work)
    button = ActionButton(action)
    shown(button)
    button.setFocus()
    button.click()
    button.click()
    loop.run_until_complete(asyncio.sleep(0))
    assert (started, action.running, action.isEnabled()) == (["once"], True, False)
    assert button.hasFocus()
    gate.set()
    loop.run_until_complete(asyncio.sleep(0.001))
    assert (action.running, action.isEnabled(), button.isEnabled()) == (False, True, True)
    button.click()
    loop.run_until_complete(asyncio.sleep(0.001))
    assert started == ["once", "once"]
    loop.close()


def test_a_button_with_the_keyboard_keeps_it_while_it_cannot_be_pressed(qtbot, shown) -> None:
    done: list[str] = []
    first, second = (Action(text, lambda text=text: done.append(text)) for text in ("first", "second"))
    page = QWidget()
    column = QVBoxLayout(page)
    buttons = [ActionButton(action) for action in (first, second)]
    for button in buttons:
        column.addWidget(button)
    shown(page)
    buttons[0].setFocus()
    first.set_available(False, "Not now.")
    assert page.focusWidget() is buttons[0]
    qtbot.keyClick(buttons[0], Qt.Key.Key_Return)
    qtbot.mouseClick(buttons[0], Qt.MouseButton.LeftButton)
    assert done == []
    assert "Not now." in buttons[0].toolTip()
    buttons[1].setFocus()
    assert not buttons[0].isEnabled()
    first.set_available(True)
    assert buttons[0].isEnabled()
    assert buttons[0].property("busy") == "false"


def test_chips_choose_by_arrow_keys_and_tell_only_what_the_person_did(qtbot, shown) -> None:
    chips = FilterChips([Chip("all", "All", 1284), Chip("waiting", "Waitlisted", 61), Chip("no", "No-show")])
    shown(chips)
    told: list[str] = []
    chips.chosen.connect(told.append)
    buttons = chips.findChildren(QPushButton)
    assert [button.text() for button in buttons] == ["All 1,284", "Waitlisted 61", "No-show"]
    buttons[0].setFocus()
    qtbot.keyClick(buttons[0], Qt.Key.Key_Right)
    assert (chips.current(), told) == ("waiting", ["waiting"])
    assert buttons[1].hasFocus()
    qtbot.keyClick(buttons[1], Qt.Key.Key_End)
    qtbot.keyClick(buttons[2], Qt.Key.Key_Right)
    assert told == ["waiting", "no"]
    chips.set_current("all")
    chips.set_count("all", 1285)
    assert told == ["waiting", "no"]
    assert buttons[0].text() == "All 1,285"
    assert [button.focusPolicy() == Qt.FocusPolicy.StrongFocus for button in buttons] == [True, False, False]


def test_the_same_choices_again_leave_an_open_list_alone(qtbot, shown) -> None:
    box = ChoiceBox()
    shown(box)
    choices = [(None, "Package: any"), *((uuid4(), name) for name in ("Conference", "محمد", "Workshop"))]
    box.offer(choices)
    box.showPopup()
    box.view().setCurrentIndex(box.model().index(2, 0))  # the keyboard is on the way to it
    box.offer(list(choices))
    assert box.view().currentIndex().row() == 2
    box.offer(choices[:2])
    assert (box.count(), box.chosen()) == (2, None)
    box.hidePopup()


def test_new_chips_keep_the_choice_that_is_still_there(qtbot) -> None:
    chips = FilterChips([Chip("all", "All"), Chip("waiting", "Waitlisted")])
    qtbot.addWidget(chips)
    chips.set_current("waiting")
    chips.set_chips([Chip("all", "All"), Chip("waiting", "Waiting")])
    assert chips.current() == "waiting"
    chips.set_chips([Chip("all", "All")])
    assert chips.current() == "all"


def test_a_search_starts_once_after_the_last_key_and_escape_empties_it(qtbot, shown) -> None:
    field = SearchField("Search name, email, phone…")
    window = shown(field)
    told: list[str] = []
    field.searched.connect(told.append)
    qtbot.keyClick(window, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert field.hasFocus()
    qtbot.keyClicks(field, "zoe ")
    assert told == []
    qtbot.waitUntil(lambda: told == ["zoe"])
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert told == ["zoe"]
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert (field.text(), told) == ("", ["zoe", ""])


def test_a_new_message_replaces_the_old_one_and_its_offers(qtbot) -> None:
    bar = MessageBar()
    qtbot.addWidget(bar)
    assert (bar.isHidden(), bar.text()) == (True, "")
    done: list[str] = []
    bar.success("Zoë was promoted.", [("&Undo", lambda: done.append("undone"))])
    bar.error("The database cannot be reached.", retry=lambda: done.append("retried"))
    captions = [
        button.text() for button in bar.findChildren(Button) if button.text() and not button.isHidden()
    ]
    assert (bar.kind(), bar.text(), captions) == ("error", "The database cannot be reached.", ["&Retry"])
    retry = next(button for button in bar.findChildren(Button) if button.text() == "&Retry")
    retry.click()
    assert (done, bar.isHidden()) == (["retried"], True)


def test_only_a_success_goes_by_itself_and_not_while_somebody_is_in_it(shown) -> None:
    bar = MessageBar()
    shown(bar)
    bar.success("Done.", [("&Undo", lambda: None)])
    assert bar._timer.isActive()
    assert bar._timer.interval() == HIDE_AFTER_MS == 10_000
    undo = next(button for button in bar.findChildren(Button) if button.text() == "&Undo")
    undo.setFocus()
    bar._timer.timeout.emit()
    assert bar.text() == "Done."
    bar.window().findChild(QLineEdit, "other").setFocus()
    bar._timer.timeout.emit()
    assert bar.isHidden()
    bar.warning("“Workshop” is full.")
    assert not bar._timer.isActive()


def test_escape_closes_a_message_from_its_buttons(qtbot, shown) -> None:
    bar = MessageBar()
    shown(bar)
    bar.error("It failed.", retry=lambda: None)
    retry = next(button for button in bar.findChildren(Button) if button.text() == "&Retry")
    retry.setFocus()
    with qtbot.waitSignal(bar.dismissed):
        qtbot.keyClick(retry, Qt.Key.Key_Escape)
    assert bar.isHidden()


GROUPS = (
    Group("", (Place("today", "Today"),)),
    Group("Events", (Place("events", "Events"), Place("registrations", "Registrations"))),
)


def test_the_sidebar_is_walked_by_arrow_keys_and_asks_before_it_moves(qtbot, shown) -> None:
    bar = SideBar()
    bar.set_places(GROUPS)
    shown(bar)
    told: list[str] = []
    bar.chosen.connect(told.append)
    assert (bar.places(), bar.current()) == (("today", "events", "registrations"), "today")
    bar._entries["today"].setFocus()
    qtbot.keyClick(bar._entries["today"], Qt.Key.Key_Down)
    assert bar._entries["events"].hasFocus()
    assert told == []
    qtbot.keyClick(bar._entries["events"], Qt.Key.Key_Return)
    assert (told, bar.current()) == (["events"], "today")
    bar.set_current("events")
    assert [bar._entries[key].isChecked() for key in bar.places()] == [False, True, False]
    assert bar._entries["events"].accessibleName() == "Events"


@pytest.mark.parametrize(("state", "tint"), [("live", "accent"), ("behind", "amber"), ("offline", "red")])
def test_the_sidebar_says_how_the_connection_is_in_words_beside_the_dot(shown, state, tint) -> None:
    bar = SideBar()
    bar.set_connection(state, f"{state} · gala-db")
    shown(bar)
    assert f"{state} · gala-db" in [one.text() for one in bar.findChildren(QLabel)]
    dot = bar.findChildren(StateDot)[0]
    assert count(dot.grab().toImage(), getattr(theme.current(), tint)) > 20


def test_the_middle_of_a_long_name_gives_way_and_not_what_the_dot_means(shown) -> None:
    name = "the-database-of-the-monsoon-data-summit-2026"
    bar = SideBar()
    shown(bar)
    bar.set_connection("live", f"Live · {name}", name, f"“{name}” on db.gala.example")
    (state,) = bar.findChildren(NamedLabel)
    words = state._words(state.width())
    assert (words[:11], words[-4:], words.count("…")) == ("Live · the-", "2026", 1)
    assert state.heightForWidth(state.width()) == state.fontMetrics().height()
    assert state.text() == f"Live · {name}"
    assert state.toolTip() == f"“{name}” on db.gala.example"
    bar.set_connection("live", "Live · gala-db", "gala-db")
    assert state._words(state.width()) == "Live · gala-db"
    bar.set_connection("offline", "Offline since 27 Nov 2026 09:12")
    assert state.heightForWidth(state.width()) > state.fontMetrics().height()  # wrapped, whole


def test_what_is_chosen_gives_way_in_its_middle_where_there_is_too_little_room_and_is_whole_in_the_tooltip(
    shown, monkeypatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(QToolTip, "showText", lambda _where, text, *_rest: told.append(text))
    box = ElidingBox()
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(6)
    box.addItems(["Payment provider of the buyer", "Any"])
    shown(box)
    box.setFixedWidth(140)
    QApplication.processEvents()
    assert (box.shown_text()[:3], box.shown_text()[-3:]) == ("Pay", "yer")
    where = box.rect().center()
    for _ in range(2):
        QApplication.sendEvent(box, QHelpEvent(QHelpEvent.Type.ToolTip, where, box.mapToGlobal(where)))
        box.setCurrentIndex(1)
    assert box.shown_text() == "Any"
    assert told == ["Payment provider of the buyer", ""]


def test_buttons_give_up_their_shortcuts_before_they_need_a_line_more(qtbot, shown) -> None:
    row = ButtonRow()
    buttons = []
    for text, keys, look in (
        ("&Check in", "Ctrl+Return", "primary"),
        ("Cancel registration", "Ctrl+K", "secondary"),
    ):
        buttons.append(ActionButton(Action(text, lambda: None, shortcut=keys, parent=row), look))
        row.add(buttons[-1])
    qtbot.addWidget(row)
    row.show()
    marked = [button.marked_width() for button in buttons]
    plain = [button.plain_width() for button in buttons]
    for width, told in (
        (sum(marked) + 8, (True, True)),
        (marked[0] + plain[1] + 8, (True, False)),
        (sum(plain) + 8, (False, False)),
        (sum(plain) + 7, (True, True)),  # two lines in any case
    ):
        row.resize(width, 100)
        qtbot.waitUntil(lambda told=told: tuple("^" in button.text() for button in buttons) == told)
        assert [button.marked_width() for button in buttons] == marked
        assert "Ctrl+" in buttons[0].toolTip()


def test_a_fields_label_leads_to_it_and_its_error_is_told_to_everybody(qtbot, shown) -> None:
    editor = QLineEdit()
    field = FormField("&Name or e-mail", editor, "As in the invitation.")
    shown(field)
    qtbot.keyClick(field.window(), Qt.Key.Key_N, Qt.KeyboardModifier.AltModifier)
    assert editor.hasFocus()
    assert (editor.accessibleName(), editor.accessibleDescription()) == (
        "Name or e-mail",
        "As in the invitation.",
    )
    field.show_error("Type a name.")
    assert (field.error(), editor.accessibleDescription()) == ("Type a name.", "Type a name.")
    assert count(field.grab().toImage(), theme.current().red) > editor.width()
    field.clear_error()
    assert (field.error(), editor.accessibleDescription()) == ("", "As in the invitation.")
    assert count(field.grab().toImage(), theme.current().red) == 0


def test_the_keyboard_on_a_states_button_comes_back_to_the_rows(qtbot, shown) -> None:
    rows = QListView()
    pane = StatePane(rows)
    window = shown(pane)
    rows.setFocus()
    pane.show_empty("Nothing matches.", "&Clear the search", lambda: pane.show_loading("Reading…"))
    qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Return)
    assert pane.state() == "loading"
    assert pane.isAncestorOf(window.focusWidget()), "not with whatever stands beside it"
    pane.show_content()
    assert rows.hasFocus()


def test_that_something_could_not_be_read_is_taken_back_when_the_database_is_reached_again(qtbot) -> None:
    bar = MessageBar()
    qtbot.addWidget(bar)
    away, read, write = errors.DatabaseDown("“gala”"), lambda: None, lambda: None
    bar.situation(away, read, read)
    bar.reached_again()
    assert bar.text() == ""
    bar.situation(away, write, read)
    bar.reached_again()
    assert bar.text() == str(away), "what was to be written is not lost with its Retry"
    bar.not_read("offline", str(away), read)
    bar.success("Promoted Zoë.")
    bar.reached_again()
    assert bar.text() == "Promoted Zoë."


def test_loading_is_said_only_when_it_takes_long_and_failing_offers_to_retry(qtbot, shown) -> None:
    rows = QListView()
    pane = StatePane(rows)
    shown(pane)
    rows.setFocus()
    pane.show_loading("Loading registrations…")
    assert (pane.state(), rows.isVisible(), pane._wait.interval()) == ("loading", True, 500)
    pane._wait.timeout.emit()
    assert not rows.isVisible()
    pane.show_content()
    assert (pane.state(), rows.isVisible(), pane.sentence()) == ("content", True, "")
    assert not pane._wait.isActive()
    again: list[str] = []
    rows.setFocus()
    pane.show_failed("The list could not be read.", lambda: again.append("retried"))
    assert (pane.state(), pane.sentence()) == ("failed", "The list could not be read.")
    assert pane._button.hasFocus()
    qtbot.keyClick(pane._button, Qt.Key.Key_Return)
    assert again == ["retried"]
    pane.show_empty("Nobody is registered yet.")
    assert pane._button.isHidden()


def test_names_are_never_read_as_markup(qtbot) -> None:
    for made in (label("<b>Bold & Sons</b>"), Pill("<i>x</i>", "grey")):
        qtbot.addWidget(made)
        assert made.textFormat() == Qt.TextFormat.PlainText


def test_an_empty_pill_is_not_there(qtbot) -> None:
    holder = QWidget()
    qtbot.addWidget(holder)
    pill = Pill("Draft", "grey", holder)
    pill.show_status("", "grey")
    assert pill.isHidden()
    pill.show_status("Published", "green")
    assert not pill.isHidden()


def test_a_copyable_text_offers_to_copy_itself(qtbot) -> None:
    made = label("zoe@example.org", "muted", wrap=True, copyable=True)
    qtbot.addWidget(made)
    made.show()
    made.customContextMenuRequested.emit(made.rect().center())
    menu = made.findChild(QMenu)
    menu.actions()[0].trigger()
    menu.close()
    assert QApplication.clipboard().text() == "zoe@example.org"


def test_a_long_word_is_broken_where_it_must_be(qtbot) -> None:
    made = label("wilhelmina.featherstonehaugh@department.example.org", wrap=True)
    qtbot.addWidget(made)
    made.ensurePolished()
    one, three = made.heightForWidth(600), made.heightForWidth(140)
    assert three > 2 * one
    made.resize(140, three)
    ink = made.grab().toImage()
    last_line = range(three - made.fontMetrics().height(), three)
    assert any(ink.pixel(x, y) != ink.pixel(0, 0) for x in range(20) for y in last_line)
