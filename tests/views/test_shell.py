"""The signed-in window: who may go where, which screen a shortcut reaches, and what leaving does."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QLabel, QPushButton, QVBoxLayout

from desktop.services.permissions import Operation
from desktop.views import shell as shell_module
from desktop.views.screen import Screen
from desktop.views.sections import sections
from desktop.views.shell import Section, Shell
from desktop.views.window import Window

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from desktop.db.session import Actor
    from desktop.services.workspace import Workspace

Loop = Any
Until = Any
Keyboard = Any
Show = Any

CTRL = Qt.KeyboardModifier.ControlModifier


class Noting(Screen):
    """A screen that notes what is asked of it."""

    def __init__(self, workspace: Workspace, name: str, log: list[str]) -> None:
        super().__init__(workspace)
        self.name, self.log = name, log
        self.button = QPushButton(name)
        column = QVBoxLayout(self)
        column.addWidget(self.messages)
        column.addWidget(self.button)
        log.append(f"made {name}")

    def open(self, argument: object = None) -> None:
        self.log.append(f"opened {self.name} {argument}")

    def refresh(self) -> None:
        self.log.append(f"refreshed {self.name}")

    def undo(self) -> None:
        self.log.append(f"undid {self.name}")

    def close_down(self) -> None:
        self.log.append(f"closed {self.name}")


@pytest.fixture
def log() -> list[str]:
    return []


@pytest.fixture
def shell(
    in_window: Show, workspace_of: Callable[[Actor], Workspace], organizer: Actor, log: list[str]
) -> Shell:
    """Three places, of which an organizer may use the first and the last."""

    def section(key: str, needs: Operation) -> Section:
        return Section(key, "Group", key.title(), needs, lambda workspace: Noting(workspace, key, log))

    made = Shell(
        workspace_of(organizer),
        (
            section("left", Operation.SEE_EVENTS),
            section("hidden", Operation.MANAGE_STAFF),
            section("right", Operation.SEE_LOG),
        ),
    )
    in_window(made)
    return made


@pytest.fixture
def whole(in_window: Show, workspace_of: Callable[[Actor], Workspace]) -> Iterator[Callable[[Actor], Shell]]:
    """Makes the real shell of somebody, for use in the loop."""
    made: list[Shell] = []

    def make(actor: Actor) -> Shell:
        made.append(Shell(workspace_of(actor), sections()))
        in_window(made[-1])
        return made[-1]

    yield make
    for one in made:
        one.close_down()


@pytest.mark.parametrize(
    ("role", "places"),
    [
        ("admin", ("events", "registrations", "audit")),
        ("organizer", ("events", "registrations", "audit")),
        ("door", ("events", "registrations")),
        ("editor", ()),
    ],
)
def test_a_role_sees_exactly_the_places_it_may_use(
    in_loop: Loop,
    whole: Callable[[Actor], Shell],
    request: pytest.FixtureRequest,
    role: str,
    places: tuple[str, ...],
) -> None:
    async def scenario() -> None:
        assert whole(request.getfixturevalue(role)).side_bar.places() == places

    in_loop(scenario())


def test_a_role_without_places_is_told_so_and_can_sign_out(
    in_loop: Loop, whole: Callable[[Actor], Shell], editor: Actor
) -> None:
    async def scenario() -> None:
        shell = whole(editor)
        assert shell.current_screen() is None
        said = [one.text() for one in shell.findChildren(QLabel) if one.isVisible()]
        assert any("no section in this version" in text for text in said)
        out: list[bool] = []
        shell.sign_out_asked.connect(lambda: out.append(True))
        next(one for one in shell.findChildren(QPushButton) if one.accessibleName() == "Sign out").click()
        next(one for one in shell.findChildren(QPushButton) if one.text() == "&Sign out").click()
        assert len(out) == 2
        shell.show_error("Something broke.")
        assert any(one.text() == "Something broke." for one in shell.findChildren(QLabel) if one.isVisible())

    in_loop(scenario())


def test_a_screen_is_made_when_it_is_first_visited_and_only_once(shell: Shell, log: list[str]) -> None:
    assert log == ["made left", "opened left None"]
    log.clear()
    shell.go("right", 7)
    shell.go("left")
    shell.go("right")
    assert log == ["made right", "opened right 7", "opened left None", "opened right None"]
    assert shell.side_bar.current() == "right"


def test_a_place_this_role_may_not_use_is_not_gone_to(shell: Shell, log: list[str]) -> None:
    log.clear()
    shell.go("hidden")
    shell.go("no such place")
    assert log == []
    assert shell.side_bar.current() == "left"


def test_a_screen_can_send_the_person_to_another_one(shell: Shell, log: list[str]) -> None:
    current = shell.current_screen()
    assert current is not None
    current.went.emit("right", "this")
    assert log[-1] == "opened right this"


def test_shortcuts_reach_the_screen_one_is_in_and_no_other(
    shell: Shell, log: list[str], keyboard: Keyboard, qtbot: Any
) -> None:
    def at(name: str) -> None:
        screen = shell.current_screen()
        assert isinstance(screen, Noting)
        assert screen.name == name
        screen.button.setFocus()
        qtbot.waitUntil(screen.button.hasFocus)
        log.clear()

    at("left")
    keyboard.press(Qt.Key.Key_F5)
    keyboard.press(Qt.Key.Key_Z, CTRL)
    keyboard.press(Qt.Key.Key_2, CTRL)  # the second place of this person, not of all there are
    assert log == ["refreshed left", "undid left", "made right", "opened right None"]
    at("right")
    keyboard.press(Qt.Key.Key_F5)
    keyboard.press(Qt.Key.Key_Z, CTRL)
    keyboard.press(Qt.Key.Key_3, CTRL)
    keyboard.press(Qt.Key.Key_1, CTRL)
    assert log == ["refreshed right", "undid right", "opened left None"]


def test_the_status_line_is_the_current_screens(shell: Shell) -> None:
    left = shell.current_screen()
    assert left is not None

    def said() -> list[str]:
        return [one.text() for one in shell.findChildren(QLabel) if one.isVisible()]

    left.status_changed.emit("12 things")
    assert "12 things" in said()
    shell.go("right")
    assert "12 things" not in said()
    left.status_changed.emit("13 things")
    assert "13 things" not in said()


def test_an_error_of_ours_is_said_in_the_screen_being_shown(shell: Shell) -> None:
    shell.go("right")
    shell.show_error("Something broke.")
    screen = shell.current_screen()
    assert screen is not None
    assert screen.messages.text() == "Something broke."


def test_closing_down_reaches_every_screen_that_was_made(shell: Shell, log: list[str]) -> None:
    shell.go("right")
    log.clear()
    shell.close_down()
    assert sorted(log) == ["closed left", "closed right"]


def test_the_sidebar_says_who_is_signed_in_with_which_roles_and_where(
    qtbot: Any, workspace_of: Callable[[Actor], Workspace], organizer: Actor
) -> None:
    workspace = workspace_of(replace(organizer, roles=frozenset({"organizer", "door", "juggler"})))
    shell = Shell(workspace, ())
    qtbot.addWidget(shell)
    labels = shell.side_bar.findChildren(QLabel)
    assert "asha.menon · Door, Organizer, juggler" in [one.text() for one in labels]
    where = next(one for one in labels if one.toolTip() == workspace.database.name)
    assert where.text().endswith(f" · {workspace.database.url.database}")


def test_tab_reaches_the_sidebar_once_its_buttons_and_the_screen_and_all_have_names(
    shell: Shell, in_window: Show, keyboard: Keyboard, qtbot: Any
) -> None:
    window = Window()
    in_window(window)
    window.show_shell(shell)
    screen = shell.current_screen()
    assert isinstance(screen, Noting)
    screen.button.setFocus()
    qtbot.waitUntil(screen.button.hasFocus)
    stops = [stop.accessibleName() or stop.text() for stop in keyboard.stops()]
    assert stops == ["left", "Left", "View: light or dark, size of text", "Sign out"]


def test_every_word_of_the_shell_can_be_translated(
    in_loop: Loop,
    in_window: Show,
    workspace_of: Callable[[Actor], Workspace],
    organizer: Actor,
    editor: Actor,
    in_another_language: None,
) -> None:
    async def scenario() -> None:
        for actor in (organizer, editor):
            shell = Shell(workspace_of(actor), sections())
            in_window(shell)
            data = {workspace_of(actor).database.name, "Green", "room"}
            labels = [one for one in shell.findChildren(QLabel) if one.isVisible()]
            texts = [one.text() for one in labels if one.text() not in data | {""}]
            buttons = shell.side_bar.findChildren(QAbstractButton)
            assert [text for text in texts if "‹" not in text] == []
            assert [one for one in buttons if "‹" not in one.accessibleName()] == []
            shell.close_down()

    in_loop(scenario())


def test_screens_nobody_went_to_yet_are_made_one_at_a_time_while_somebody_reads(
    in_loop: Loop, whole: Callable[[Actor], Shell], organizer: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shell_module, "AHEAD_MS", 1)

    async def scenario() -> None:
        shell = whole(organizer)
        assert list(shell._screens) == ["events"]
        made: list[int] = []
        shell._ahead.timeout.connect(lambda: made.append(len(shell._screens)))
        while shell._ahead.isActive():  # noqa: ASYNC110 - until there is no more to make
            await asyncio.sleep(0.001)
        assert made == [2, 3, 3]
        assert shell.current_screen() is shell._screens["events"]

    in_loop(scenario())
