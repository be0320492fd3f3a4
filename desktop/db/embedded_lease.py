"""Exclusive file locks that end with the process holding them, however it ends, and the leases made of them.

The kernel drops such a lock when the last handle of it is closed, so a window that was killed leaves no claim
behind and no process id is ever trusted: ids are recycled, and differ between containers. Lock files are
never deleted, because two programs that lock a name would then hold two different files.
"""

from __future__ import annotations

import itertools
import os
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

if sys.platform == "win32":
    import msvcrt

    def _grab(handle: int) -> bool:
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except PermissionError:
            return False
        return True

else:
    import fcntl

    def _grab(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


POLL_SECONDS = 0.005


class Lock:
    """An open lock file, held until `close`."""

    def __init__(self, handle: int) -> None:
        self.handle = handle

    def close(self) -> None:
        """Let go of this handle; again is harmless. A child that inherited it keeps the lock."""
        handle, self.handle = self.handle, -1
        if handle >= 0:
            os.close(handle)


def attempt(path: Path) -> Lock | None:
    """The lock of ``path``, or None while somebody else holds it. Raises `OSError` when it cannot be opened."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
    try:
        if sys.platform != "win32" and os.geteuid() == 0:
            _give_to_the_folders_owner(handle, path.parent)
        free = _grab(handle)
    except BaseException:
        os.close(handle)
        raise
    if free:
        return Lock(handle)
    os.close(handle)
    return None


def _give_to_the_folders_owner(handle: int, folder: Path) -> None:
    """So that a person who once used sudo can open the file afterwards."""
    owner, file = folder.stat(), os.fstat(handle)
    if file.st_uid != owner.st_uid and file.st_nlink == 1:
        os.fchown(handle, owner.st_uid, owner.st_gid)


def held(path: Path) -> bool:
    """Whether somebody holds the lock of ``path``."""
    lock = attempt(path)
    if lock is None:
        return True
    lock.close()
    return False


def wait(path: Path, seconds: float) -> Lock:
    """The lock of ``path``. Raises `TimeoutError` when it is not to be had within ``seconds``."""
    limit = time.monotonic() + seconds
    while (lock := attempt(path)) is None:
        if time.monotonic() > limit:
            raise TimeoutError(path)
        time.sleep(POLL_SECONDS)
    return lock


@contextmanager
def turn(path: Path, seconds: float) -> Iterator[None]:
    """The block runs while nobody else's does. Raises `TimeoutError` when no turn comes within ``seconds``."""
    lock = wait(path, seconds)
    try:
        yield
    finally:
        lock.close()


def take(folder: Path) -> Lock:
    """A new lease in ``folder``: the first ``lease-N`` nobody holds."""
    for number in itertools.count():
        lock = attempt(folder / f"lease-{number}")
        if lock is not None:
            return lock
    raise AssertionError("unreachable")


def any_taken(folder: Path) -> bool:
    """Whether any process, this one included, holds a lease in ``folder``."""
    return any(held(path) for path in folder.glob("lease-*"))
