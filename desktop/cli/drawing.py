"""What Qt can do on this display, as JSON: for ``greenroom doctor``, which asks in a process of its own."""

from __future__ import annotations

import json

from desktop.cli import terminal

SCRIPTS = {
    "Greek": "Greek",
    "Cyrillic": "Cyrillic",
    "Hebrew": "Hebrew",
    "Arabic": "Arabic",
    "Devanagari": "Devanagari",
    "SimplifiedChinese": "Chinese",
    "Japanese": "Japanese",
    "Korean": "Korean",
}
"""Scripts people's names are written in: Qt's name for each, and ours."""


def tell() -> int:
    """Open Qt and print what it is like. Where that is impossible, Qt ends this process."""
    import PySide6
    from PySide6.QtGui import QFontDatabase, QGuiApplication

    application = QGuiApplication(["greenroom"])
    systems = QFontDatabase.WritingSystem
    screens = (
        f"{screen.size().width()}×{screen.size().height()} at {screen.devicePixelRatio():g}"
        for screen in application.screens()
    )
    found = {
        "qt": PySide6.__version__,
        "platform": application.platformName(),
        "screens": list(screens),
        "without": [ours for theirs, ours in SCRIPTS.items() if not QFontDatabase.families(systems[theirs])],
    }
    terminal.say(json.dumps(found))
    return 0
