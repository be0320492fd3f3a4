"""Where the local server is reached: a socket in its data folder, or loopback where there are no sockets."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import socket
import stat
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from desktop.db import embedded_trouble

USER = "greenroom"
PORT = 5432
LOOPBACK = "127.0.0.1"
SOCKETS = sys.platform != "win32"
LONGEST = 103
"""Bytes of a socket's path: 107 on Linux, 103 on macOS and the BSDs."""


@dataclass(frozen=True, slots=True)
class Address:
    """``host`` is a directory for a socket; the password is None where the folder's mode is the guard."""

    host: str
    port: int = PORT
    password: str | None = field(default=None, repr=False)

    def url(self, database: str) -> str:
        """The address of one database as SQLAlchemy and `desktop.db.locations` read it. The port is always in it,
        because libpq would take another one from PGPORT."""
        name = quote(database, safe="")
        if self.password is not None:
            secret = quote(self.password, safe="")
            return f"postgresql+psycopg://{USER}:{secret}@{self.host}:{self.port}/{name}"
        return f"postgresql+psycopg://{USER}@/{name}?host={quote(self.host, safe='/')}&port={self.port}"

    def answers(self) -> bool:
        """Whether somebody listens there."""
        try:
            if self.password is not None:
                socket.create_connection((self.host, self.port), timeout=2).close()
                return True
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
                probe.settimeout(2)
                probe.connect(f"{self.host}/.s.PGSQL.{self.port}")
                return True
        except OSError:
            return False


def of(folder: Path) -> Address:
    """The address of the server of ``folder``; what it needs is made. Raises `OSError`, `LocalServerFailed`."""
    return _by_socket(folder) if SOCKETS else _by_loopback(folder)


def forget(folder: Path) -> None:
    """Remove the short way to the socket, when there is one."""
    if sys.platform == "win32":
        return
    private = _private_directory(folder)
    if private.is_dir() and private.lstat().st_uid == os.geteuid():
        shutil.rmtree(private, ignore_errors=True)


def _by_socket(folder: Path) -> Address:
    """The data folder itself, or a short link to it: the limit is on the path a program gives, and libpq reads a
    comma as the start of another host."""
    data = folder / "data"
    if len(os.fsencode(data / f".s.PGSQL.{PORT}")) <= LONGEST and "," not in str(data):
        return Address(str(data))
    private = _private_directory(folder)
    private.mkdir(mode=0o700, exist_ok=True)
    found = private.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o077:
        raise embedded_trouble.unsafe_directory(private)
    link = private / "data"
    if not link.is_symlink() or link.readlink() != data:
        link.unlink(missing_ok=True)
        link.symlink_to(data)
    return Address(str(link))


def _private_directory(folder: Path) -> Path:
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    base = Path(runtime) if runtime and Path(runtime).is_dir() else Path(tempfile.gettempdir())
    if len(os.fsencode(base)) > 40 or "," in str(base):
        base = Path("/tmp")  # noqa: S108 - a private folder in it is made and checked
    key = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
    return base / f"greenroom-{os.geteuid()}-{key}"


def _by_loopback(folder: Path) -> Address:
    """Any user of this computer reaches loopback, so here a password of our own making guards the server."""
    return Address(LOOPBACK, _kept_port(folder / "port"), _kept_password(folder / "password"))


def _kept_password(path: Path) -> str:
    if not path.exists():
        new = path.with_suffix(".new")
        new.unlink(missing_ok=True)
        with os.fdopen(
            os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
        ) as file:
            file.write(secrets.token_urlsafe(24))
        new.rename(path)
    return path.read_text(encoding="utf-8")


def _kept_port(path: Path) -> int:
    if path.exists():
        return int(path.read_text(encoding="utf-8"))
    return new_port(path)


def new_port(path: Path) -> int:
    """A port free at this moment, kept in ``path``."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((LOOPBACK, 0))
        port = int(probe.getsockname()[1])
    path.write_text(str(port), encoding="utf-8")
    return port


def new_port_if_taken(folder: Path, address: Address) -> Address:
    """The address to start on: another program may have taken the kept port since."""
    if address.password is None or not address.answers():
        return address
    return Address(address.host, new_port(folder / "port"), address.password)
