"""What is left of a Python that broke down in native code: Qt, a driver, the interpreter itself.

Nothing of ours runs any more then, except for `faulthandler`, which writes where every thread was into a file that was
opened beforehand. Each window has such a file, and a kernel lock on it; one that is not empty and not locked is that
of a window that is gone without a goodbye. How it went is in the file: a trace, or none, when the power failed or
somebody killed it.
"""

from __future__ import annotations

import contextlib
import faulthandler
import itertools
import logging
import os
import re
from typing import TYPE_CHECKING, Final

from desktop.db import embedded_lease
from desktop.faults import tracing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

log = logging.getLogger("greenroom.native")

RUNNING: Final = b"running\n"
MOST: Final = 100_000
"""Bytes of a trace that are read."""
FRAME: Final = re.compile(r'File "([^"]*)", line (\d+|\?+) in (.*)')


@contextlib.contextmanager
def watched(folder: Path) -> Iterator[str]:
    """While the block runs, a breakdown is written down in ``folder``; given is the trace of an earlier one that
    nobody was told of yet, in places of the code only, or "". Where nothing can be written, nothing is watched."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        traces = [_collected(file) for file in sorted(folder.glob("native-*"))]
        lock = _begun(folder)
    except OSError:
        yield ""
        return
    before = faulthandler.is_enabled()
    faulthandler.enable(lock.handle)
    try:
        yield next(filter(None, traces), "")
    finally:
        faulthandler.disable()
        if before:
            faulthandler.enable()
        with contextlib.suppress(OSError):  # then the next start tells of an end without a goodbye
            os.ftruncate(lock.handle, 0)
        lock.close()


def _begun(folder: Path) -> embedded_lease.Lock:
    for number in itertools.count():
        lock = embedded_lease.attempt(folder / f"native-{number}")
        if lock is not None:
            try:
                os.ftruncate(lock.handle, 0)
                os.lseek(lock.handle, 0, os.SEEK_SET)
                os.write(lock.handle, RUNNING)
            except OSError:
                lock.close()
                raise
            return lock
    raise AssertionError("unreachable")


def _collected(file: Path) -> str:
    """What a window that is gone left behind, which is taken away; "" when it ended well, lives, or left no trace."""
    lock = embedded_lease.attempt(file)
    if lock is None:
        return ""
    try:
        left = os.read(lock.handle, MOST)
        os.ftruncate(lock.handle, 0)
    finally:
        lock.close()
    trace = readable(left.removeprefix(RUNNING).decode(errors="replace"))
    if trace:
        log.critical("breakdown of an earlier window | %s", " | ".join(trace.splitlines()))
    elif left:
        log.warning("an earlier window ended without being closed")
    return trace


def readable(written: str) -> str:
    """What `faulthandler` wrote, with files named from their package on."""
    lines = [line.rstrip() for line in written.splitlines() if not line.startswith("Extension modules")]
    named = (
        FRAME.sub(lambda frame: f"{tracing.place(frame[1])}:{frame[2]} in {frame[3]}", line) for line in lines
    )
    return "\n".join(line for line in named if line)
