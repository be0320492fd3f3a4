"""What people read in a terminal: answers on standard output, everything else on standard error.

Nobody's command is aborted because the reader of its output went away (``greenroom db check | head -1``), and
nothing that stands in a database or a file can steer the terminal: control characters are not passed on.
"""

from __future__ import annotations

import errno
import io
import os
import shutil
import sys
import time
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from types import TracebackType

REFUSED = 1
USAGE = 2
INTERRUPTED = 130

REDRAW_SECONDS = 0.1
UNPRINTABLE = {code: "\N{REPLACEMENT CHARACTER}" for code in (*range(32), *range(127, 160)) if code != 10}


def prepare() -> None:
    """Let every name be printed. Windows would otherwise encode redirected output in an old code page; a
    character the output cannot show becomes “?” instead of an error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8" if sys.platform == "win32" else None, errors="replace")


def say(line: str) -> None:
    """A line of the answer."""
    _write(sys.stdout, line.translate(UNPRINTABLE) + "\n")


def note(line: str) -> None:
    """A line about what is being done."""
    _write(sys.stderr, line.translate(UNPRINTABLE) + "\n")


def complain(sentence: str) -> None:
    """The sentence that says what went wrong."""
    note(f"greenroom: {sentence}")


class Progress:
    """How far a long command is: one line that is rewritten on a terminal, a line for each stage elsewhere.

    Call it with (stage, done, of); ``of`` is 0 while it is not known. As a context manager it leaves a terminal
    clean.
    """

    def __init__(self) -> None:
        self._live = sys.stderr is not None and sys.stderr.isatty()
        self._stage = ""
        self._drawn_at = 0.0
        self._width = 0

    def __call__(self, what: str, done: int, of: int) -> None:
        new = what != self._stage
        self._stage = what
        stage = what[:1].upper() + what[1:]
        if not self._live:
            if new:
                note(stage)
            return
        now = time.monotonic()
        if new or done == of or now - self._drawn_at >= REDRAW_SECONDS:
            self._drawn_at = now
            counted = f": {done:,} of {of:,}" if of > 1 else f": {done:,}" if done else ""
            self._draw(stage + counted)

    def stage(self, what: str) -> None:
        """The next stage, of which nothing is counted."""
        self(what, 0, 0)

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.clear()

    def clear(self) -> None:
        """Leave the terminal's line empty; a later stage draws it again."""
        if self._width:
            self._draw("")
            _write(sys.stderr, "\r")

    def _draw(self, text: str) -> None:
        text = text.translate(UNPRINTABLE)[: shutil.get_terminal_size().columns - 1]
        _write(sys.stderr, "\r" + text.ljust(self._width))
        self._width = len(text)


def _write(stream: TextIO | None, text: str) -> None:
    if stream is None:
        return
    try:
        stream.write(text)
        stream.flush()
    except OSError as error:
        # A reader that went away is EPIPE, on Windows EINVAL.
        if error.errno not in {errno.EPIPE, errno.EINVAL}:
            raise
        _silence(stream)


def _silence(stream: TextIO) -> None:
    """Send the rest, and what is still buffered, nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
