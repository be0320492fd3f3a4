"""Faults of ours: what is kept of one, and how it is told on standard error and in the log, without what it quotes
(ruling 26). The window tells them in its own way (`catching`)."""

from __future__ import annotations

import logging
import sys
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from desktop import settings
from desktop.faults import tracing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

log = logging.getLogger("greenroom.fault")


@dataclass(frozen=True, slots=True)
class Fault:
    """``kind`` is a type's name; ``where`` names the place for people, ``way`` all places for us; ``told`` are words
    that are known to hold nobody's data. Two faults are equal when they are the same one again."""

    kind: str
    where: str = ""
    told: str = ""
    way: tuple[str, ...] = ()


def of(error: BaseException) -> Fault:
    """What is kept of an error."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = f"{place.tb_frame.f_code.co_qualname}:{place.tb_lineno}" if place else ""  # type: ignore[attr-defined, unused-ignore]
    told = str(error) if type(error).__name__ == "Scrubbed" else ""
    return Fault(type(error).__name__, where, told, tuple(tracing.way(error)))


def tell(fault: Fault, error: BaseException | None = None) -> None:
    """A line on standard error and one in the log; the trace as well for those who asked for it."""
    where = f" in {fault.where}" if fault.where else ""
    words = f" ({fault.told})" if fault.told else ""
    complain(f"a fault in Greenroom: {fault.kind}{where}{words}")
    log.critical("%s", " | ".join([f"{fault.kind}{where}", *fault.way]))
    if error is not None and settings.read().traces:
        _print(tracing.trace(error))


def complain(sentence: str) -> None:
    """A line on standard error, where there is one."""
    _print(" ".join(f"greenroom: {sentence}".split()) + "\n")


def _print(text: str) -> None:
    if sys.stderr is not None:  # a frozen program on Windows has none
        print(text, end="", file=sys.stderr)  # noqa: T201


@contextmanager
def threads_told(caught: Callable[[BaseException], object]) -> Iterator[None]:
    """While the block runs, ``caught`` is given what threads let through, in the thread."""

    def hook(given: threading.ExceptHookArgs) -> None:
        if given.exc_value is not None and not issubclass(given.exc_type, SystemExit):
            caught(given.exc_value)

    before, threading.excepthook = threading.excepthook, hook
    try:
        yield
    finally:
        threading.excepthook = before


@contextmanager
def unraisable_noted() -> Iterator[None]:
    """While the block runs, what goes wrong where nobody can be told, as in a finalizer, is a line in the log: Python
    itself would print what it quotes."""

    def hook(given: sys.UnraisableHookArgs) -> None:
        if given.exc_value is not None:
            log.warning("unraisable: %s", " | ".join(tracing.way(given.exc_value)))

    before, sys.unraisablehook = sys.unraisablehook, hook
    try:
        yield
    finally:
        sys.unraisablehook = before
