"""What Qt itself has to say, in the log instead of on somebody's terminal; what ends the program on both."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

from desktop import faults

if TYPE_CHECKING:
    from collections.abc import Iterator

log = logging.getLogger("greenroom.qt")

LEVELS: Final = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.DEBUG,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


@contextmanager
def caught() -> Iterator[None]:
    """While the block runs, Qt's messages are lines of the log. Qt ends the program after a fatal one, such as that no
    window can be opened here: that has to be read on standard error."""
    before = qInstallMessageHandler(_note)
    try:
        yield
    finally:
        qInstallMessageHandler(before)


def _note(kind: QtMsgType, _where: QMessageLogContext, message: str) -> None:
    log.log(LEVELS[kind], "%s", message)
    if kind is QtMsgType.QtFatalMsg:
        faults.complain(message)
        for handler in logging.getLogger().handlers:  # nothing of ours runs after this
            handler.flush()
