"""What happened, a line each, in this person's log folder: ``greenroom.log`` and four older ones of a megabyte.

Several windows and commands write at once. So nobody keeps the file open: each line is opened for, appended in one
write, and closed, which the system keeps apart for us; and only who holds the lock renames files that have become too
long. A thread does it, because a home folder may lie on a network. A folder that cannot be written to, or a full disk,
costs the lines and nothing else.
"""

from __future__ import annotations

import collections
import contextlib
import logging
import os
import queue
import re
import threading
import time
from typing import TYPE_CHECKING, Final

from desktop.db import embedded_lease
from desktop.faults import scrubbing, tracing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAME: Final = "greenroom.log"
SIZE: Final = 1_000_000
"""Bytes after which a file is put aside."""
FILES: Final = 5
RECENT: Final = 50
"""Lines that are kept at hand for a report."""
OURS: Final = "greenroom"
"""The logger above all of ours."""


class Lines(logging.Formatter):
    """One line a record: the moment in UTC, level, process, subject, what was said. Of a library's record only where
    it comes from: its words may quote rows. Of an error only its type and its way through the code."""

    def format(self, record: logging.LogRecord) -> str:
        moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        ours = record.name.partition(".")[0] == OURS
        subject = record.name.removeprefix(f"{OURS}.")
        said = record.getMessage() if ours else f"said at {record.module}:{record.lineno}"
        if record.exc_info and record.exc_info[1] is not None:
            said = " | ".join([said, *tracing.way(record.exc_info[1])])
        line = f"{moment}.{int(record.msecs):03}Z {record.levelname} {record.process} {subject}: {said}"
        return scrubbing.scrub(" ".join(line.split()))


class Logbook(logging.Handler):
    """Takes the records of this process to the log of ``folder``."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder
        self.recent: collections.deque[str] = collections.deque(maxlen=RECENT)
        self.setFormatter(Lines())
        self._lines: queue.SimpleQueue[str | threading.Event | None] = queue.SimpleQueue()
        self._writer = threading.Thread(target=self._write_all, name="logbook", daemon=True)
        self._writer.start()

    def emit(self, record: logging.LogRecord) -> None:
        line = self.format(record)
        self.recent.append(line)
        self._lines.put(line)

    def flush(self) -> None:
        """Wait until what was said is written, if the disk lets us within a second."""
        written = threading.Event()
        self._lines.put(written)
        written.wait(1.0)

    def close(self) -> None:
        """Write what is waiting, if the disk lets us within a second."""
        self._lines.put(None)
        self._writer.join(1.0)
        super().close()

    def _write_all(self) -> None:
        while (line := self._lines.get()) is not None:
            if isinstance(line, threading.Event):
                line.set()
                continue
            with contextlib.suppress(OSError):  # nobody's work is to suffer for want of a line
                self._write(line)

    def _write(self, line: str) -> None:
        file = self.folder / NAME
        try:
            handle = _open(file)
        except FileNotFoundError:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle = _open(file)
        try:
            os.write(handle, f"{line}\n".encode(errors="replace"))
            full = os.fstat(handle).st_size > SIZE
        finally:
            os.close(handle)
        if full:
            _put_aside(file)


def _open(file: Path) -> int:
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    return os.open(file, flags, 0o600)


def _put_aside(file: Path) -> None:
    """Begin a new file, unless somebody else is doing just that. A line that is on its way goes into the old one."""
    lock = embedded_lease.attempt(file.with_suffix(".lock"))
    if lock is None:
        return
    try:
        if file.stat().st_size > SIZE:
            older = files(file.parent)[1:]
            for number in range(FILES - 1, 1, -1):
                with contextlib.suppress(FileNotFoundError):
                    older[number - 2].replace(older[number - 1])
            file.replace(older[0])
    finally:
        lock.close()


def files(folder: Path) -> list[Path]:
    """Where the log is, the newest first; not all of them need exist."""
    return [folder / NAME, *(folder / f"greenroom.{number}.log" for number in range(1, FILES))]


@contextlib.contextmanager
def kept(folder: Path) -> Iterator[Logbook]:
    """While the block runs, what is said to a logger is written down there: ours from INFO on, of libraries warnings
    and worse, whatever they think of their own level."""
    book = Logbook(folder)
    root, ours = logging.getLogger(), logging.getLogger(OURS)
    before = ours.level
    ours.setLevel(logging.INFO)
    book.addFilter(lambda record: record.levelno >= logging.WARNING or record.name.startswith(OURS))
    root.addHandler(book)
    try:
        yield book
    finally:
        root.removeHandler(book)
        ours.setLevel(before)
        book.close()


def recent() -> list[str]:
    """The latest lines of this process, the oldest first; none while no log is kept."""
    books = [one for one in logging.getLogger().handlers if isinstance(one, Logbook)]
    return list(books[-1].recent) if books else []


FAULT: Final = re.compile(r"^(\S+Z) CRITICAL \d+ (?:fault|native): (\S+)")


def last_fault(folder: Path) -> tuple[str, str] | None:
    """When (UTC) the last fault in the log happened, and its type; None when there is none. Of a file that has become
    longer than we let it, the end is looked at. Raises `OSError`."""
    for file in files(folder):
        if not file.exists():
            continue
        found = None
        with file.open("rb") as end:
            end.seek(max(0, file.stat().st_size - 2 * SIZE))
            for line in end.read(2 * SIZE).decode(errors="replace").splitlines():
                found = FAULT.match(line) or found
        if found is not None:
            return found[1], found[2]
    return None
