"""PgBouncer, before the server of a test run."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from tests.connections.waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator

PGBOUNCER = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


@dataclass(frozen=True, slots=True)
class Pooler:
    """A running PgBouncer: its folder holds its socket."""

    folder: Path

    def url(self, database_url: str) -> str:
        """The address of the same database, through the pooler."""
        through = sa.make_url(database_url).set(query={"host": str(self.folder), "port": "6432"})
        return through.render_as_string(hide_password=False)


@contextmanager
def pooler(server_folder: Path, mode: str, **settings: object) -> Iterator[Pooler]:
    """PgBouncer before the local server of a folder. It runs as the server's user and inside the data folder, which
    is how it finds the socket there though root's folders are closed to it."""
    assert PGBOUNCER is not None
    data = server_folder / "data"
    folder = Path(tempfile.mkdtemp(prefix="pgb"))
    given = {
        "pool_mode": mode,
        "listen_port": 6432,
        "unix_socket_dir": folder,
        "auth_type": "any",
        "default_pool_size": 4,
        "logfile": folder / "log",
    } | settings
    lines = [f"{name} = {value}" for name, value in given.items()]
    databases = ["[databases]", "* = host=/proc/self/cwd user=greenroom", "[pgbouncer]"]
    (folder / "ini").write_text("\n".join([*databases, *lines, ""]))
    account: dict[str, Any] = {}
    if os.geteuid() == 0:
        owner = data.stat()
        for path in (folder, folder / "ini"):
            os.chown(path, owner.st_uid, owner.st_gid)
        account = {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []}
    quiet = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)
    running = subprocess.Popen([PGBOUNCER, "-q", folder / "ini"], cwd=data, **quiet, **account)
    try:
        until(lambda: _listens(folder) or running.poll() is not None)
        assert running.poll() is None, (folder / "log").read_text()
        yield Pooler(folder)
    finally:
        running.terminate()
        running.wait(10)
        shutil.rmtree(folder)


def _listens(folder: Path) -> bool:
    """Its socket is there a moment before anybody answers."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        return probe.connect_ex(str(folder / ".s.PGSQL.6432")) == 0
