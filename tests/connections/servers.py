"""PostgreSQL servers of a test's own, with settings, copies and ends the local server of `desktop.db` never has."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from desktop.db import embedded_account, embedded_cluster
from tests.connections.waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator

CONF = """
fsync = off
jit = off
shared_buffers = '16MB'
unix_socket_directories = ''
listen_addresses = '{address}'
port = {port}
log_min_messages = fatal
"""
INITDB = ("-D", "/proc/self/cwd", "-U", "greenroom", "-A", "trust", "-N", "-E", "UTF8", "--locale=C")
IMMEDIATELY = signal.SIGQUIT
"""What a crash is like for its clients: nothing is finished, nothing is said."""


def _place() -> socket.socket:
    """Keeps a port for a server until it is closed: nobody else is given it. The server may listen on it all the same,
    because this one does not, and both say that they may be there twice."""
    kept = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    kept.bind(("127.0.0.1", 0))
    return kept


@dataclass(slots=True)
class Server:
    """One server on TCP. ``running`` is its process, None before `start` and after `end`."""

    data: Path
    binaries: Path
    account: embedded_account.Account | None
    address: str = "127.0.0.1"
    place: socket.socket = field(default_factory=_place)
    running: subprocess.Popen[bytes] | None = None

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.place.getsockname()[1])

    def close(self) -> None:
        """End it at once, and give its port back."""
        self.end(IMMEDIATELY)
        self.place.close()

    def configure(self, more: str = "", files: dict[str, str] | None = None) -> None:
        """Add settings, and files beside them."""
        with (self.data / "postgresql.conf").open("a", encoding="utf-8") as conf:
            conf.write(CONF.format(address=self.address, port=self.port) + more)
        for name, text in (files or {}).items():
            path = self.data / name
            path.write_text(text, encoding="utf-8")
            path.chmod(0o600)
            if self.account is not None:
                os.chown(path, self.account.uid, self.account.gid)

    def start(self, namespace: str | None = None) -> None:
        """Start it, in a network namespace if one is named, and wait until it listens."""
        command: list[str | Path] = [self.binaries / "postgres", "-D", "/proc/self/cwd"]
        options: dict[str, Any] = {}
        if namespace is not None:
            assert self.account is not None
            who = [f"--reuid={self.account.uid}", f"--regid={self.account.gid}", "--clear-groups"]
            command = ["ip", "netns", "exec", namespace, "setpriv", *who, "--", *command]
        elif self.account is not None:
            options = {"user": self.account.uid, "group": self.account.gid, "extra_groups": []}
        with (self.data.parent / "server.log").open("ab") as log:
            self.running = subprocess.Popen(
                command,
                cwd=self.data,
                env={"PATH": os.environ["PATH"], "LC_ALL": "C"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                umask=0o077,
                **options,
            )
        until(self._listens)

    def _listens(self) -> bool:
        assert self.running is not None
        assert self.running.poll() is None, (self.data.parent / "server.log").read_text()
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return len(lines) > 7 and lines[7].strip() in {"ready", "standby"}

    def end(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop it and wait; again is harmless."""
        if self.running is not None:
            self.running.send_signal(how)
            self.running.wait(30)
            self.running = None

    def url(self, database: str, host: str = "127.0.0.1", **options: str) -> str:
        """The address of one of its databases."""
        query = "&".join(f"{name}={value}" for name, value in options.items())
        return f"postgresql://greenroom@{host}:{self.port}/{database}" + (f"?{query}" if query else "")

    def connect(self, database: str = "postgres") -> psycopg.Connection[Any]:
        """A connection past Greenroom; commits at once."""
        return psycopg.connect(self.url(database), autocommit=True)


def with_tls() -> Path:
    """The programs of a PostgreSQL that can speak TLS, which the one in the wheel was not built for; skips the test
    where this computer has none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    if not found:
        pytest.skip("needs a PostgreSQL built with TLS (Debian's package postgresql)")
    return found[-1].parent


def initialized(data: Path, binaries: Path, account: embedded_account.Account | None) -> Server:
    """A server with its data in a new folder, as ``initdb`` leaves it."""
    data.mkdir(mode=0o700)
    options: dict[str, Any] = {}
    if account is not None:
        maker = embedded_account.for_initdb(account)
        os.chown(data, maker.uid, maker.gid)
        options = {"user": maker.uid, "group": maker.gid, "extra_groups": []}
    subprocess.run(
        [binaries / "initdb", *INITDB],
        cwd=data,
        env={"PATH": os.environ["PATH"], "LC_ALL": "C"},
        check=True,
        capture_output=True,
        **options,
    )
    if account is not None:
        embedded_account.give(data, account)
    return Server(data, binaries, account)


@contextmanager
def made(folder: Path, binaries: Path | None = None) -> Iterator[Server]:
    """A new server that was not started yet, of the local server's programs or others; it is stopped in the end."""
    folder.mkdir()
    cluster = embedded_cluster.of(folder)
    server = initialized(folder / "data", binaries or cluster.binaries, cluster.account)
    try:
        yield server
    finally:
        server.close()


@contextmanager
def copied(original: Server, folder: Path) -> Iterator[Server]:
    """A copy of a server that never ran: the same system to PostgreSQL, so it can follow the original."""
    folder.mkdir()
    shutil.copytree(original.data, folder / "data")
    if original.account is not None:
        embedded_account.give(folder / "data", original.account)
        os.chown(folder / "data", original.account.uid, original.account.gid)
    server = Server(folder / "data", original.binaries, original.account)
    try:
        yield server
    finally:
        server.close()
