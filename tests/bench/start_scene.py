"""One start, in a process of its own: ``python -m tests.bench.start_scene floor|window URL``, measured from when it was
begun, in `time.monotonic` of the variable BEGUN. Prints milliseconds as JSON."""

from __future__ import annotations

import itertools
import json
import os
import sys
import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication, QMainWindow

if TYPE_CHECKING:
    from desktop.running import Greenroom

BEGUN = float(os.environ["BEGUN"])
BEAT_MS = 5
told: dict[str, float] = {}


def note(what: str) -> None:
    """So long after the beginning, and with so much CPU of this process, which a busy computer does not change."""
    if what not in told:
        told[what] = (time.monotonic() - BEGUN) * 1000
        told[f"{what}, own CPU"] = time.process_time() * 1000


class Painted(QObject):
    """Notes when a window was first painted."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint and isinstance(watched, QMainWindow):
            QTimer.singleShot(0, lambda: note("window"))
        return False


def floor() -> None:
    """An empty window of Qt, as soon as Python can show one."""
    qt = QApplication(sys.argv[:1])
    painted = Painted()
    qt.installEventFilter(painted)
    window = QMainWindow()
    window.resize(1360, 800)
    window.show()
    while "window" not in told:
        qt.processEvents()


def window(url: str) -> None:
    """Greenroom's, to the rows of its first list."""
    from desktop import app
    from desktop.starting import Start

    qt = QApplication(sys.argv[:1])
    painted = Painted()
    qt.installEventFilter(painted)
    beats = [time.monotonic()]
    pulse = QTimer()
    pulse.setInterval(BEAT_MS)
    pulse.timeout.connect(lambda: beats.append(time.monotonic()))
    pulse.start()

    def opened() -> object:
        from desktop.services import opening

        return opening.open_remote(url)

    async def script(greenroom: Greenroom) -> int:
        from desktop.driving import until
        from desktop.services import demo

        card = greenroom.window.sign_in
        await until(card.isVisible, "the sign-in card")
        note("card")
        card.login.editor.setText(demo.STAFF[0].username)
        card.password.editor.setText(demo.DEMO_PASSWORD)
        signing = time.monotonic()
        card.action.start()
        await until(lambda: greenroom.window.shell, "the shell")
        shell = greenroom.window.shell
        assert shell is not None
        screen = shell.current_screen()
        await until(lambda: screen.list.row() is not None, "the first rows")  # type: ignore[union-attr]
        note("rows")
        told["rows after Enter"] = (time.monotonic() - signing) * 1000
        told["longest stall"] = max(b - a for a, b in itertools.pairwise(beats)) * 1000
        return 0

    app.play(Start(opened), script)  # type: ignore[arg-type]


if __name__ == "__main__":
    if sys.argv[1] == "floor":
        floor()
    else:
        window(sys.argv[2])
    sys.stdout.write(json.dumps(told))
