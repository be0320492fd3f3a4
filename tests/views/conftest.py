"""The event loop the window runs in, and an event to work on."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
import shiboken6
from PySide6.QtCore import QEvent, Qt, QTranslator
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from qasync import QEventLoop

from desktop import background
from desktop.services.workspace import Workspace
from desktop.views import theme
from desktop.views.list_pane import ListPane
from desktop.views.registrations import RegistrationsScreen
from desktop.views.screen import Screen
from desktop.views.sections import sections
from desktop.views.shell import Shell
from desktop.views.window import Window
from tests import waiting

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator

    from pytestqt.qtbot import QtBot

    from desktop.db.session import Actor, Database

ZONE = ZoneInfo("Asia/Kolkata")


class Until(Protocol):
    """Waits, while the window lives, until something is so; fails with what it waited for."""

    async def __call__(self, so: Callable[[], object]) -> None: ...


@pytest.fixture
def bugs() -> list[BaseException]:
    """What reached the loop's exception handler; a test that expects something there clears it."""
    return []


def close_down(qapp: QApplication) -> None:
    """Nothing that a scenario leaves behind asks anything any more: without its loop nobody could answer."""
    for window in qapp.topLevelWidgets():
        for part in (window, *window.findChildren(QWidget)):
            if isinstance(part, Screen | Shell | ListPane):
                part.close_down()


@pytest.fixture
def in_loop(
    qapp: QApplication, bugs: list[BaseException]
) -> Iterator[Callable[[Coroutine[Any, Any, None]], None]]:
    """Runs a scenario in the window's kind of event loop, and lets everything it started end, as the program
    does when it is closed."""
    theme.apply(qapp, "light")
    QTest.keyRelease(QWidget(), Qt.Key.Key_Control)  # QTest leaves the modifiers of the test before down
    qapp.setQuitOnLastWindowClosed(False)  # as the program does: the end of a window is not the loop's
    loop = QEventLoop(qapp)
    loop.set_exception_handler(lambda _, context: bugs.append(context["exception"]))

    async def whole(scenario: Coroutine[Any, Any, None]) -> None:
        try:
            await asyncio.wait_for(scenario, 60)
        finally:
            close_down(qapp)
            await asyncio.wait_for(background.finish(), 30)

    with loop:
        yield lambda scenario: loop.run_until_complete(whole(scenario))
    # A worker thread that happens to collect garbage would delete it otherwise, and Qt crashes on its timers.
    shiboken6.delete(loop._timer)
    background._tasks.clear()  # a scenario that failed must not take the next ones with it
    assert bugs == []


@pytest.fixture
def until() -> Until:
    """`Until`."""
    return waiting.until


@pytest.fixture
def workspace_of(database: Database) -> Callable[[Actor], Workspace]:
    """The workspace of a signed-in person."""
    return lambda actor: Workspace(database, actor, ZONE, "desk 1")


@dataclass(frozen=True, slots=True)
class Summit:
    """A published event with two packages: ``conference`` without limit, ``workshop`` for two people."""

    event_id: UUID
    conference: UUID
    workshop: UUID
    database: Database

    def add(self, name: str, status: str = "registered", package: str = "workshop", **more: object) -> UUID:
        """Somebody of that name, whose address is made of it."""
        row = {
            "id": uuid4(),
            "event_id": self.event_id,
            "package_id": getattr(self, package),
            "attendee_name": name,
            "attendee_email": f"{name.split()[0].lower()}@example.org",
            "status": status,
            **more,
        }
        columns, values = ", ".join(row), ", ".join(f":{key}" for key in row)
        with self.database.transaction() as tx:
            tx.execute(f"INSERT INTO event_registrations ({columns}) VALUES ({values})", row)
        return row["id"]

    def count(self, table: str) -> int:
        """How many rows a table has."""
        with self.database.transaction() as tx:
            return tx.value(f"SELECT count(*) FROM {table}")

    def status(self, registration_id: UUID) -> str:
        """What the database says now."""
        with self.database.transaction() as tx:
            return tx.value("SELECT status FROM event_registrations WHERE id = :id", {"id": registration_id})


@pytest.fixture
def summit(database: Database, organizer: Actor) -> Summit:
    """“Monsoon Data Summit”, three weeks ahead in Bengaluru."""
    made = Summit(uuid4(), uuid4(), uuid4(), database)
    with database.transaction() as tx:
        tx.execute(
            "INSERT INTO events (id, created_by, title, slug, location, start_time, end_time, status, time_zone)"
            " VALUES (:id, :who, 'Monsoon Data Summit', 'monsoon', 'Bengaluru', now() + interval '21 days',"
            " now() + interval '22 days', 'published', 'Asia/Kolkata')",
            {"id": made.event_id, "who": organizer.id},
        )
        for package, name, capacity in (
            (made.conference, "Conference", None),
            (made.workshop, "Workshop pass", 2),
        ):
            tx.execute(
                "INSERT INTO packages (id, name, slug, price, duration_days, package_type, event_id, capacity)"
                " VALUES (:id, :name, :slug, 0, 0, 'event', :event, :capacity)",
                {
                    "id": package,
                    "name": name,
                    "slug": name.lower().replace(" ", "-"),
                    "event": made.event_id,
                    "capacity": capacity,
                },
            )
    return made


@pytest.fixture
def screen_of(
    workspace_of: Callable[[Actor], Workspace], qtbot: QtBot
) -> Callable[[Actor], RegistrationsScreen]:
    """Makes the registrations screen of somebody, in a window of its own that has the keyboard."""

    def make(actor: Actor) -> RegistrationsScreen:
        screen = RegistrationsScreen(workspace_of(actor))
        qtbot.addWidget(screen)
        screen.resize(1360, 800)
        screen.show()
        screen.activateWindow()
        return screen

    return make


@pytest.fixture
def in_window(qtbot: QtBot) -> Callable[[QWidget], QWidget]:
    """Shows a widget as a window that has the keyboard."""

    def show(widget: QWidget) -> QWidget:
        qtbot.addWidget(widget)
        widget.resize(1360, 800)
        widget.show()
        widget.activateWindow()
        return widget

    return show


@pytest.fixture
def window_of(
    in_window: Any, workspace_of: Callable[[Actor], Workspace]
) -> Iterator[Callable[[Actor], Window]]:
    """The real window of somebody who is signed in."""
    made: list[Window] = []

    def make(actor: Actor) -> Window:
        window = Window()
        made.append(window)
        in_window(window)
        window.show_shell(Shell(workspace_of(actor), sections()))
        return window

    yield make
    for window in made:
        if window.shell is not None:
            window.shell.close_down()


class Keyboard:
    """What somebody at the keyboard does, wherever the keyboard is."""

    def at(self) -> QWidget | None:
        """What has the keyboard."""
        return QApplication.focusWidget()

    def press(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(self.at(), key, modifiers)

    def type(self, text: str) -> None:
        """Any letter, also those QTest has no key for."""
        for letter in text:
            for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
                event = QKeyEvent(kind, 0, Qt.KeyboardModifier.NoModifier, letter)
                QApplication.sendEvent(self.at(), event)

    def stops(self) -> list[QWidget]:
        """Where Tab leads, from where the keyboard is until it is there again."""
        found: list[QWidget] = []
        while (here := self.at()) is not None and here not in found:
            found.append(here)
            self.press(Qt.Key.Key_Tab)
        return found


@pytest.fixture
def keyboard() -> Keyboard:
    """`Keyboard`, on the window that is active."""
    return Keyboard()


class AnotherLanguage(QTranslator):
    """Puts every sentence that goes through ``tr`` between angle quotes."""

    def isEmpty(self) -> bool:  # noqa: N802 - Qt's name
        return False

    def translate(self, context: str, text: str, disambiguation: str | None = None, n: int = -1) -> str:
        return f"‹{text}›"


@pytest.fixture
def in_another_language(qapp: QApplication) -> Iterator[None]:
    """What is made during the test speaks `AnotherLanguage`."""
    translator = AnotherLanguage()
    qapp.installTranslator(translator)
    yield
    qapp.removeTranslator(translator)
