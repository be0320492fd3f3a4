"""One start, in a process of its own: ``python -m tests.bench.start_scene floor`` or ``… at-once|typing URL NAME
PASSWORD``, measured from when it was begun, in `time.monotonic` of the variable BEGUN. Prints milliseconds as JSON.

Nothing is imported here that Greenroom would not import, and nothing looks at events once the window is painted.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication, QMainWindow

if TYPE_CHECKING:
    from collections.abc import Callable

    from desktop.running import Greenroom
    from tests.bench.heartbeat import Beats

BEGUN = float(os.environ["BEGUN"])
LOOKING_SECONDS = 0.002
TYPING_SECONDS = 0.3
"""How long the keys rest, when all is imported, before Enter."""

told: dict[str, float] = {}


def note(what: str) -> None:
    """So long after the beginning, and with so much CPU of this process, which a busy computer changes less."""
    if what not in told:
        told[what] = (time.monotonic() - BEGUN) * 1000
        told[f"{what}, own CPU"] = time.process_time() * 1000


class Painted(QObject):
    """Notes when a window was first painted."""

    def __init__(self, qt: QApplication, then: Callable[[], object] = lambda: None) -> None:
        super().__init__()
        self._qt = qt
        self._then = then
        qt.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint and isinstance(watched, QMainWindow):
            self._qt.removeEventFilter(self)
            QTimer.singleShot(0, self._note)
        return False

    def _note(self) -> None:
        note("window")
        self._then()


def floor() -> None:
    """An empty window of Qt, as soon as Python can show one."""
    qt = QApplication(sys.argv[:1])
    painted = Painted(qt)
    window = QMainWindow()
    window.resize(1360, 800)
    window.show()
    while "window" not in told:
        qt.processEvents()
    del painted


def greenroom(url: str, name: str, password: str, *, typing: bool) -> None:
    """Greenroom's, to the rows of its first list. ``typing``: Enter comes when everything was imported."""
    from desktop import app
    from desktop.starting import Start
    from tests.bench.heartbeat import Heart

    qt = QApplication(sys.argv[:1])
    looked_at = ExitStack()
    beats: list[Beats] = []
    painted = Painted(qt, lambda: beats.append(looked_at.enter_context(Heart(qt).watched())))

    def opened() -> object:
        from desktop.services import opening

        return opening.open_remote(url)

    async def until(there: Callable[[], object]) -> None:
        while not there():  # noqa: ASYNC110 - the program is looked at as it is, and tells nobody
            await asyncio.sleep(LOOKING_SECONDS)

    async def script(running: Greenroom) -> int:
        window = running.window
        await until(lambda: window.is_on_card() and window.sign_in.isVisible())
        note("card")
        if typing:
            await until(lambda: "desktop.views.audit" in sys.modules)
            await asyncio.sleep(TYPING_SECONDS)
        window.sign_in.login.editor.setText(name)
        window.sign_in.password.editor.setText(password)
        entered = time.monotonic()
        window.sign_in.action.start()
        await until(lambda: window.shell)
        assert window.shell is not None
        screen = window.shell.current_screen()
        await until(lambda: screen.list.row() is not None)  # type: ignore[union-attr]
        note("rows")
        told["rows after Enter"] = (time.monotonic() - entered) * 1000
        await asyncio.sleep(0.1)  # they are painted, and that is looked at as well
        looked_at.close()
        told["longest own"], told["longest stall"] = beats[0].own, beats[0].stall
        return 0

    app.play(Start(opened), script)  # type: ignore[arg-type]
    del painted


if __name__ == "__main__":
    if sys.argv[1] == "floor":
        floor()
    else:
        greenroom(*sys.argv[2:], typing=sys.argv[1] == "typing")
    sys.stdout.write(json.dumps(told))
