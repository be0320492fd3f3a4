"""A window of its own process that is busy with something: ``python -m tests.closing.scene BUSY URL FOLDER``.

It says “busy” when it is, and then waits to be closed. The last line says how long ago closing began.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSettings
from shiboken6 import isValid

from desktop import __main__ as program
from desktop import app, background, errors
from desktop.driving import until
from desktop.services import opening
from desktop.starting import Choosing, Start

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from desktop.db.session import Database
    from desktop.running import Greenroom

PASSWORD = "kaffee-und-Küchen-42"
PEOPLE = 5_000

WRITE = (
    "WITH made AS (INSERT INTO roles (name) VALUES (:name) RETURNING 1) SELECT pg_sleep(:seconds) FROM made"
)


async def opened(greenroom: Greenroom) -> Database:
    """The database, once its sign-in card is seen."""
    await until(lambda: greenroom.connecting.opened, "the database")
    assert greenroom.connecting.opened is not None
    return greenroom.connecting.opened.database


async def reading(greenroom: Greenroom) -> None:
    """Eight reads without end: every thread of the pool waits."""
    database = await opened(greenroom)
    for _ in range(8):
        background.start(_told(background.run(database.once, "SELECT pg_sleep(60)", {})))


async def writing(greenroom: Greenroom) -> None:
    """One call after the other, each whole: half a second for each of a million."""
    database = await opened(greenroom)

    async def all_of_them() -> None:
        for number in range(1_000_000):
            await background.run(database.once, WRITE, {"name": f"closing-{number}", "seconds": 0.5})

    background.start(_told(all_of_them()))
    await asyncio.sleep(0.7)


async def importing(greenroom: Greenroom) -> None:
    """One long call that writes."""
    database = await opened(greenroom)
    background.start(_told(background.run(database.once, WRITE, {"name": "closing", "seconds": 60})))


async def importing_people(greenroom: Greenroom) -> None:
    """The screen that imports, in the middle of writing the file that lies in the folder."""
    await opened(greenroom)
    window = greenroom.window
    await until(lambda: window.is_on_card() and window.sign_in.isVisible(), "the card")
    window.sign_in.login.editor.setText("zoe")
    window.sign_in.password.editor.setText(PASSWORD)
    window.sign_in.action.start()
    await until(lambda: window.shell, "the shell")
    assert window.shell is not None
    events = window.shell.current_screen()
    await until(lambda: events.list.row(), "the event")
    window.shell.go("registrations", events.list.row().id)
    screen = window.shell.current_screen()
    await until(lambda: screen.import_file.isEnabled() and screen.list.pane is not None, "the list")
    screen.import_file.start()
    page = screen.importing
    await until(page.isVisible, "the page")
    page.read(Path(sys.argv[3]) / "people.csv")
    await until(page.write.isEnabled, "what it would do")
    page.write.start()
    await until(lambda: page.writing, "the writing")
    await asyncio.sleep(0.2)
    assert page.writing


async def beginning(greenroom: Greenroom) -> None:
    """A first start: this computer's own server is there, its database is being made."""
    folder = Path(sys.argv[2].removeprefix("local:"))
    await until(lambda: (folder / "data" / "postmaster.pid").exists(), "the server")
    assert greenroom.connecting.opened is None


async def reaching(greenroom: Greenroom) -> None:
    """Opening a database that does not answer."""
    await until(greenroom.window.connect_page.isVisible, "the card that says so")


async def stuck(greenroom: Greenroom) -> None:
    """A thread of the pool that nobody can reach: a dead disk."""
    await opened(greenroom)
    background.start(_told(background.run(time.sleep, 60)))


async def idle(greenroom: Greenroom) -> None:
    """Nothing."""
    await opened(greenroom)


async def _told(work: Coroutine[object, object, object]) -> None:
    """As a screen does: a situation is said, and nothing more."""
    with suppress(errors.AppError):
        await work


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


BUSY: dict[str, Callable[[Greenroom], Coroutine[object, object, None]]] = {
    one.__name__: one
    for one in (reading, writing, importing, importing_people, beginning, reaching, stuck, idle)
}


def main(busy: str, url: str, folder: Path) -> int:
    """Play the scene; the exit code."""
    QSettings.setDefaultFormat(QSettings.Format.IniFormat)
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(folder))
    began: list[float] = []

    async def script(greenroom: Greenroom) -> int:
        await BUSY[busy](greenroom)
        await asyncio.sleep(0.1)
        say("busy")
        await until(lambda: greenroom.closing, "somebody to close the window")
        began.append(time.monotonic())
        assert not (isValid(greenroom.window) and greenroom.window.isVisible())
        return 0

    if url.startswith("local:"):
        start = Start(partial(opening.open_local, Path(url.removeprefix("local:"))))
    else:
        start = Start(opening.open_local, choosing=Choosing(folder, url))
    code = app.play(start, script)
    say(f"{time.monotonic() - began[0]:.2f}")
    return code


if __name__ == "__main__":
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    sys.exit(program._left(main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))))
