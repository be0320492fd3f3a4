"""Every page, walked by keyboard, read out and in large text: one journey, so that none of them leaves a page out."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from PySide6.QtCore import Qt

from desktop import background
from desktop.services.connections import Profile
from desktop.views import theme
from desktop.views.sections import sections
from desktop.views.shell import Shell
from desktop.views.window import Window
from tests.views import walking

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

    from PySide6.QtWidgets import QApplication, QWidget

    from desktop.db.session import Actor
    from desktop.services.workspace import Workspace

GALA = Profile(uuid4(), "Gala office", "db.gala.example", "events", "asha")
FAIR = Profile(
    uuid4(), "معرض القاهرة الدولي للكتاب", "one.fair.example,two.fair.example:5433", "fair", "noor"
)
CTRL = Qt.KeyboardModifier.ControlModifier
FILE = "Name,Email\nAnna Berg,anna@example.org\nNobody,not-an-address\n"


@pytest.fixture
def window(in_window: Any, qapp: QApplication) -> Iterator[Window]:
    made = Window()
    in_window(made)
    yield made
    if made.shell is not None:
        made.shell.close_down()
    theme.apply(qapp, "light")


async def journey(
    window: Window, workspace: Workspace, summit: Any, until: Any, keyboard: Any, folder: Path
) -> AsyncIterator[tuple[str, QWidget]]:
    """Through every page there is, each with something in it, and through the states a page can be in."""

    async def calm() -> None:
        await until(lambda: not background._tasks)
        for _ in range(6):  # what is laid out anew may lay out something else anew
            await asyncio.sleep(0)

    async def press(key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        await calm()
        keyboard.press(key, modifiers)
        await calm()

    window.show_failed("The database cannot be reached.", lambda: None)
    yield "failed", window.starting
    window.show_page(window.sign_in)
    window.sign_in.offer_connections(
        [("here", "This computer"), ("gala", "Gala office · db.gala.example")], "gala"
    )
    window.sign_in.show_database(workspace.database, "A hint")
    window.sign_in.show_error("Name or password is not right.", [("&Try again", lambda: None)])
    await calm()
    yield "sign-in", window.sign_in
    window.show_page(window.first_run)
    window.first_run.show_database(workspace.database)
    await calm()
    yield "first run", window.first_run
    window.connections.open(folder, (GALA, FAIR), str(GALA.id))
    window.show_page(window.connections)
    await calm()
    yield "connections", window.connections
    window.connections.add_new.start()
    window.connections.save.start()
    await calm()
    yield "a connection that cannot be saved", window.connections
    window.connect_page.offer_connections(
        [("here", "This computer"), ("gala", "معرض · cairo.fair.example")], "gala"
    )
    window.show_page(window.connect_page)
    window.connect_page.ask_password("معرض asks for the password of “noor”.", wrong="It was not accepted.")
    window.connect_page.offer_to_remember()
    await calm()
    yield "the password of a database", window.connect_page
    window.connect_page.show_failed("The database cannot be reached.")
    await calm()
    yield "a database that cannot be reached", window.connect_page
    for name, status in (
        ("Zoë Fernández", "registered"),
        ("محمد العلي", "registered"),
        ("李 雷", "waitlisted"),
    ):
        summit.add(name, status, waitlist_position=1 if status == "waitlisted" else None)
    shell = Shell(workspace, sections())
    window.show_shell(shell)
    events = shell.current_screen()
    await until(lambda: events.list.row() is not None)
    await calm()
    yield "events", window
    events._search.setText("nothing like it")
    await until(lambda: events.list.state() == "empty")
    await calm()
    events.list.take_focus()
    yield "no event found", window
    shell.go("registrations")
    screen = shell.current_screen()
    await until(lambda: screen.list.pane is not None and screen.list.pane.row() is not None)
    await calm()
    yield "registrations", window
    await until(screen.panel.offers.cancel.isEnabled)
    await calm()
    screen.panel.offers.cancel.start()
    await until(screen.panel.question)
    await calm()
    yield "the question before cancelling", window
    screen.panel.offers.keep.start()
    screen.messages.error("The database cannot be reached.", retry=lambda: None)
    await calm()
    yield "registrations with a message", window
    screen.messages.dismiss()
    screen.list.reach()
    await press(Qt.Key.Key_A, CTRL)
    await until(screen.bulk.panel.offers["cancel"].isEnabled)
    await calm()
    yield "several registrations", window
    await press(Qt.Key.Key_B, CTRL)
    yield "the question before doing it to several", window
    await press(Qt.Key.Key_Escape)
    screen.list.pane.table.selectRow(0)
    await calm()
    screen.add.start()
    await calm()
    yield "adding somebody", window
    screen.side.form.close_form.start()
    screen.change_event.start()
    await calm()
    yield "choosing an event", window
    screen.side.chooser.close_chooser.start()
    screen.import_file.start()
    await calm()
    yield "importing", window
    file = folder / "people.csv"
    file.write_text(FILE, encoding="utf-8")
    screen.importing.read(file)
    await until(screen.importing.report.isVisible)
    await calm()
    yield "a file that was looked at", window
    screen.importing.left.emit()
    shell.go("audit")
    await calm()
    yield "audit log", window
    await press(Qt.Key.Key_K, CTRL)
    yield "commands", window
    await press(Qt.Key.Key_Escape)
    await press(Qt.Key.Key_F1)
    yield "shortcuts", window
    await press(Qt.Key.Key_Escape)


@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_every_page_can_be_walked_by_keyboard_read_out_and_read_in_large_text(
    in_loop: Any, window: Window, workspace_of: Callable[[Actor], Workspace], organizer: Actor, summit: Any,
    until: Any, keyboard: Any, tmp_path: Path, qapp: QApplication, scale: float,
) -> None:  # fmt: skip
    faults: list[str] = []

    async def scenario() -> None:
        theme.apply(qapp, "light", scale)
        async for name, page in journey(window, workspace_of(organizer), summit, until, keyboard, tmp_path):
            checks = [walking.nameless, walking.doubled, walking.cut_off]
            if scale == 1.0:
                checks += [walking.unreached, walking.astray, walking.unseen]
            for check in checks:
                faults.extend(f"{name}, {check.__name__}: {fault}" for fault in check(page))
        assert window.size().toTuple() == (1360, 800)

    in_loop(scenario())
    assert faults == []
