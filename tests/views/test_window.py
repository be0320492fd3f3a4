"""The one window: which page it shows, and how it is closed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QPushButton, QWidget

from desktop.services.permissions import Operation
from desktop.views.screen import Screen
from desktop.views.sections import sections
from desktop.views.shell import Section, Shell
from desktop.views.window import Window

if TYPE_CHECKING:
    from collections.abc import Callable

    from desktop.db.session import Actor
    from desktop.services.workspace import Workspace

Loop = Any
Until = Any
Show = Any


@pytest.fixture
def window(in_window: Show) -> Window:
    made = Window()
    in_window(made)
    return made


@pytest.fixture
def shell(workspace_of: Callable[[Actor], Workspace], organizer: Actor) -> Shell:
    section = Section("plain", "Group", "Plain", Operation.SEE_EVENTS, PlainScreen)
    return Shell(workspace_of(organizer), (section,))


class PlainScreen(Screen):
    closed = 0

    def close_down(self) -> None:
        self.closed += 1


def press(widget: QWidget, text: str) -> None:
    """Press a button that can be seen."""
    buttons = [one for one in widget.findChildren(QPushButton) if one.isVisible()]
    next(one for one in buttons if one.text().replace("&", "") == text).click()


def test_closing_is_asked_for_and_the_window_stays_until_work_is_done(window: Window) -> None:
    asked: list[bool] = []
    window.closing.connect(lambda: asked.append(True))
    assert not window.close()
    assert window.isVisible()
    assert asked == [True]


def test_what_is_waited_for_is_said_when_it_takes_longer_than_a_moment(window: Window, qtbot: Any) -> None:
    window.show_starting("Opening the database…")
    assert window.starting.sentence() == "Opening the database…"
    assert window.starting.isVisible()
    assert not window.sign_in.isVisible()


def test_without_a_database_the_reason_is_shown_and_retry_tries_again(window: Window) -> None:
    tried: list[bool] = []
    window.show_failed("The database cannot be reached.", lambda: tried.append(True))
    assert window.starting.sentence() == "The database cannot be reached."
    press(window, "Retry")
    assert tried == [True]


def test_a_fault_is_said_on_the_card_one_is_at(window: Window) -> None:
    for card in (window.sign_in, window.first_run):
        window.show_page(card)
        window.show_fault("Something broke.", lambda: None, lambda: None)
        assert card.isVisible()
        assert card.error() == "Something broke."


def test_what_was_typed_on_the_other_cards_is_forgotten(window: Window) -> None:
    window.sign_in.password.editor.setText("kept")
    window.connect_page.secret.setText("gone")
    window.forget(but=window.sign_in)
    assert window.sign_in.password.editor.text() == "kept"
    assert window.connect_page.secret.text() == ""
    window.forget()
    assert window.sign_in.password.editor.text() == ""


def test_what_is_asked_for_on_a_card_is_heard_at_the_window(window: Window) -> None:
    heard: list[object] = []
    window.connection_chosen.connect(heard.append)
    window.signed_in.connect(heard.append)
    for card in (window.sign_in, window.first_run, window.connect_page):
        card.connection_chosen.emit(card.accessibleName())
    window.sign_in.signed_in.emit("zoe")
    window.first_run.made.emit("asha")
    window.connections.use_asked.emit("gala", "secret")
    assert heard == [*(card.accessibleName() for card in window._cards), "zoe", "asha"]


def test_a_fault_while_starting_is_said_with_retry(window: Window) -> None:
    tried: list[bool] = []
    window.show_starting("Opening the database…")
    window.show_fault("Something broke.", lambda: tried.append(True), lambda: None)
    assert window.starting.sentence() == "Something broke."
    press(window, "Retry")
    assert tried == [True]


def test_a_fault_while_working_is_said_in_the_screen(window: Window, shell: Shell) -> None:
    window.show_shell(shell)
    window.show_fault("Something broke.", lambda: None, lambda: None)
    screen = shell.current_screen()
    assert screen is not None
    assert screen.messages.text() == "Something broke."
    assert shell.isVisible()


def test_leaving_stops_the_screens_reading_and_says_what_is_waited_for(window: Window, shell: Shell) -> None:
    window.show_shell(shell)
    screen = shell.current_screen()
    assert isinstance(screen, PlainScreen)
    assert window.leave_shell("Finishing what was started…") is shell
    assert screen.closed == 1
    assert not shell.isVisible()
    assert window.shell is None
    assert window.starting.sentence() == "Finishing what was started…"
    assert window.leave_shell("Finishing what was started…") is None


class Shown(QObject):
    """Notes every widget that is shown as a window of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.windows: list[QObject] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            self.windows.append(watched)
        return False


def test_only_the_window_is_ever_shown_as_a_window(
    in_loop: Loop,
    until: Until,
    in_window: Show,
    workspace_of: Callable[[Actor], Workspace],
    admin: Actor,
    summit: Any,
) -> None:
    summit.add("Zoë Fernández")
    noticed = Shown()
    application = QApplication.instance()
    assert application is not None

    async def scenario() -> None:
        application.installEventFilter(noticed)
        try:
            window = Window()
            in_window(window)
            window.show_starting("Opening the database…")
            window.show_failed("It failed.", lambda: None)
            for card in (window.sign_in, window.first_run):
                window.show_page(card)
                card.set_hint("A hint")
                card.show_error("It is wrong.")
            workspace = workspace_of(admin)
            window.sign_in.show_database(workspace.database)
            window.first_run.show_database(workspace.database)
            window.show_shell(Shell(workspace, sections()))
            for place in window.shell.side_bar.places():
                window.shell.go(place)
                await until(window.shell._status.text)
            window.shell.go("registrations", summit.event_id)
            screen = window.shell.current_screen()
            await until(lambda: screen.panel.shown() is not None)
            for action in (screen.add, screen.change_event, screen.import_file):
                action.start()
            window.show_fault("Something broke.", lambda: None, lambda: None)
            window.leave_shell("Finishing what was started…")
        finally:
            application.removeEventFilter(noticed)
        assert noticed.windows == [window]

    in_loop(scenario())
