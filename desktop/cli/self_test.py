"""``greenroom self-test``: whether everything Greenroom needs works on this computer."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from desktop.cli import terminal, window

if TYPE_CHECKING:
    import argparse


def run(_arguments: argparse.Namespace) -> int:
    """The exit code: 0 when every step happened, 1 with the one that did not on standard error."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    with window.qt_found():
        from desktop import self_test
    return self_test.run(terminal.say, terminal.complain)
