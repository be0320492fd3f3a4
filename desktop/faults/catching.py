"""Every way by which a fault can leave Greenroom's code while the window is open, and one place where they arrive."""

from __future__ import annotations

import asyncio
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QObject, Signal, Slot

from desktop import faults
from desktop.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

KEPT: Final = 20
"""Different faults that are kept for a report; all are counted."""


class Faults(QObject):
    """Faults of tasks, callbacks, Qt's slots and overridden methods, and of threads, as they come. A fault is told on
    standard error and in the log at once, by whoever has it; the rest happens on the GUI thread."""

    happened = Signal(object, bool)
    """A `Fault`, and whether it is a new one."""

    _arrived = Signal(object)

    def __init__(self) -> None:
        super().__init__()  # nobody's child: there are faults while the window goes, too
        self.count = 0
        self.times: dict[Fault, int] = {}
        """How often each of the first `KEPT` different ones happened."""
        self._arrived.connect(self._take)

    def fault(self, error: BaseException) -> None:
        """A fault, in whatever thread. To be cancelled is none."""
        if not isinstance(error, asyncio.CancelledError):
            fault = faults.of(error)
            faults.tell(fault, error)
            self._arrived.emit(fault)

    def loop_fault(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """What tasks and callbacks let through."""
        error = context.get("exception")
        if isinstance(error, BaseException):
            self.fault(error)
            return
        fault = Fault("asyncio", told=context["message"])  # words of asyncio's own, without values
        faults.tell(fault)
        self._arrived.emit(fault)

    @contextmanager
    def caught(self, loop: asyncio.AbstractEventLoop) -> Iterator[None]:
        """While the block runs, they all arrive here."""
        loop.set_exception_handler(self.loop_fault)
        before, sys.excepthook = sys.excepthook, self._excepthook
        try:
            with faults.threads_told(self.fault):
                yield
        finally:
            sys.excepthook = before

    def _excepthook(
        self, _kind: type[BaseException], error: BaseException, _trace: TracebackType | None
    ) -> None:
        """What Qt's own slots let through."""
        self.fault(error)

    @Slot(object)
    def _take(self, fault: Fault) -> None:
        self.count += 1
        new = fault not in self.times
        if not new or len(self.times) < KEPT:
            self.times[fault] = self.times.get(fault, 0) + 1
        self.happened.emit(fault, new)
