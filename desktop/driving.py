"""Driving the real window by its keyboard, and looking at it and at the database: for the tour and for pictures."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from desktop import background, errors
from desktop.services import demo
from desktop.views.registrations import RegistrationsScreen
from desktop.views.widgets.buttons import ActionButton

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from PySide6.QtGui import QAction
    from PySide6.QtWidgets import QWidget

    from desktop.db.session import Database
    from desktop.running import Greenroom
    from desktop.services.lists.registrations import RegistrationRow
    from desktop.views.shell import Shell

PATIENCE_SECONDS = 30.0
SETTLED_SECONDS = 0.4
CTRL = Qt.KeyboardModifier.ControlModifier
ENTER = Qt.Key.Key_Return


class StepMissing(errors.AppError):
    """Something that was waited for did not happen."""


async def until(happened: Callable[[], object], what: str) -> None:
    """Wait for something the window does in its own time. Raises `StepMissing` after `PATIENCE_SECONDS`."""
    started = time.monotonic()
    while not happened():
        if time.monotonic() - started > PATIENCE_SECONDS:
            raise StepMissing(f"waited {PATIENCE_SECONDS:.0f} s for {what}")
        await asyncio.sleep(0.02)


class Driver:
    """Somebody at the keyboard. Waiting longer than `PATIENCE_SECONDS` raises `StepMissing`."""

    def __init__(self, greenroom: Greenroom, database: Database, folder: Path) -> None:
        self.greenroom = greenroom
        self.window = greenroom.window
        self.database = database
        self.folder = folder

    @property
    def shell(self) -> Shell:
        """The window of whoever is signed in."""
        if self.window.shell is None:
            raise StepMissing("nobody is signed in")
        return self.window.shell

    @property
    def registrations(self) -> RegistrationsScreen:
        """The registrations, when they are what is shown."""
        screen = self.shell.current_screen()
        if not isinstance(screen, RegistrationsScreen):
            raise StepMissing("the registrations are not what is shown")
        return screen

    async def until(self, happened: Callable[[], object], what: str) -> None:
        """As the function `until`; a window that was closed does nothing any more."""

        def happened_or_closed() -> object:
            return happened() or self.greenroom.closing

        await until(happened_or_closed, what)
        if self.greenroom.closing:
            raise StepMissing(f"the window was closed while waiting for {what}")

    async def settle(self) -> None:
        """Let what is on its way be painted."""
        await asyncio.sleep(SETTLED_SECONDS)

    def focused(self) -> QWidget:
        """What has the keyboard."""
        return QApplication.focusWidget() or self.window

    def type(self, text: str) -> None:
        """Type, into whatever has the keyboard."""
        QTest.keyClicks(self.focused(), text)

    def press(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """Press a key, with the keyboard where it is."""
        QTest.keyClick(self.focused(), key, modifiers)

    def selected(self) -> RegistrationRow | None:
        """The registration the keyboard stands on."""
        pane = self.registrations.list.pane
        row: RegistrationRow | None = pane.row() if pane is not None else None
        return row

    async def offered(self, action: QAction, what: str) -> None:
        """Wait until the panel beside the list offers this."""
        panel = self.registrations.panel
        await self.until(
            lambda: (
                action.isEnabled()
                and any(b.action is action and b.isVisible() for b in panel.findChildren(ActionButton))
            ),
            what,
        )

    async def told(self, begin: Callable[[], object]) -> str:
        """What the window says of a step that ``begin`` starts; what it said before is taken away first."""
        messages = self.registrations.messages
        messages.dismiss()
        begin()
        await self.until(messages.text, "a sentence about what was done")
        await self.settle()
        return messages.text()

    async def sign_in(self, username: str) -> None:
        """Type a demo account's name and password."""
        page = self.window.sign_in
        await self.until(page.isVisible, "the sign-in card")
        self.type(username)
        self.press(ENTER)
        self.type(demo.DEMO_PASSWORD)
        self.press(ENTER)
        await self.until(lambda: self.window.shell is not None, "the window of somebody signed in")

    async def list_of(self, event_slug: str, status: str = "") -> None:
        """The registrations of an event, those of one status only when it is named."""
        event = await self.value("SELECT id FROM events WHERE slug = :slug", event_slug)
        self.shell.go("registrations", event)
        screen = self.registrations
        await self.until(lambda: screen.panel.shown() is not None, "the list of registrations")
        await self.settle()
        if status:
            screen.filters.chips.choose(status)
            await self.settle()
            await self.until(lambda: screen.panel.shown() is not None, f"those who are {status}")

    def picture(self, name: str) -> None:
        """What the window shows now, as a PNG. Raises `AppError` when it cannot be written."""
        file = self.folder / f"{name}.png"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            written = self.window.grab().save(str(file))
        except OSError:
            written = False
        if not written:
            raise errors.AppError(f"The picture {file} cannot be written. Choose a folder you may write to.")

    async def value(self, sql: str, slug: str = "") -> Any:
        """One value from the database; ``:slug`` names what it is about."""

        def read() -> Any:
            with self.database.transaction() as tx:
                return tx.value(sql, {"slug": slug} if ":slug" in sql else {})

        return await background.run(read)
