"""The window comes first: what it shows needs none of what takes time to import."""

from __future__ import annotations

import subprocess
import sys

SCENE = """
import sys
from PySide6.QtCore import QEvent, QObject, QSettings
from PySide6.QtWidgets import QApplication
from desktop import app, errors
from desktop.starting import Start
from desktop.views.window import Window

HEAVY = (
    *("sqlalchemy", "psycopg", "alembic", "openpyxl", "keyring", "bcrypt", "desktop.services.lists"),
    *("desktop.views.sign_in", "desktop.views.connections"),
)
qt = QApplication(["greenroom"])
app.QSettings = lambda: QSettings(sys.argv[1], QSettings.Format.IniFormat)
seen = []

class Watching(QObject):
    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint and isinstance(watched, Window) and not seen:
            seen.append([name for name in HEAVY if name in sys.modules])
        return False

watching = Watching()
qt.installEventFilter(watching)

def full():
    raise errors.LocalServerFailed("The disk is full.")

async def script(greenroom):
    import asyncio
    while greenroom.window.starting.state() != "failed":
        await asyncio.sleep(0.01)
    return 7

code = app.play(Start(full), script)
print(code, seen, [name for name in HEAVY if name in sys.modules])
"""


def test_the_window_is_painted_before_the_database_is_imported_and_alembic_never_is(tmp_path: object) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCENE, f"{tmp_path}/settings.ini"],
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )

    assert done.stderr == ""
    code, _, imported = done.stdout.strip().partition(" ")
    assert code == "7"
    painted, afterwards = imported.split("] ", 1)
    assert painted == "[[]"  # painted once, with nothing of it
    assert "'sqlalchemy'" in afterwards
    assert "'alembic'" not in afterwards
    assert "'openpyxl'" not in afterwards
    assert "'desktop.views." not in afterwards  # nobody was shown a card, so none was made
