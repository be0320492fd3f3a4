"""The local server: a PostgreSQL of this computer's own, shared by every window on it, stopped with the last.

In its folder: ``lock`` (one process at a time starts or stops), ``lease-N`` (held by each window), ``running``
(held by the server's own processes), ``data`` (PostgreSQL's folder). All three are kernel locks, so that a
process that was killed holds none.
"""

from __future__ import annotations

import atexit
import os
import shutil
import time
from typing import TYPE_CHECKING

import platformdirs
import psycopg
from psycopg import sql

from desktop import errors
from desktop.db import embedded_address, embedded_cluster, embedded_lease, embedded_trouble

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from desktop.db.embedded_address import Address
    from desktop.db.embedded_cluster import Cluster
    from desktop.db.embedded_lease import Lock

READY_SECONDS = 60.0
TURN_SECONDS = 90.0
"""Longer than a start or a stop may take."""


def default_folder() -> Path:
    """Where this person's local server keeps its data."""
    return platformdirs.user_data_path("greenroom", appauthor=False) / "postgres"


def start(folder: Path | None = None, *, durable: bool = True) -> LocalServer:
    """The local server of ``folder`` (by default `default_folder`), started unless it runs already; it runs on until
    the last `LocalServer` of the folder, in whatever process, is closed. ``durable=False`` is for tests, and only
    counts for the one who starts it. Raises `LocalServerFailed`.
    """
    folder = (folder or default_folder()).expanduser().resolve()
    with embedded_trouble.told(folder):
        _make_ours(folder)
        try:
            with embedded_lease.turn(folder / "lock", TURN_SECONDS):
                return _hold(folder, durable=durable)
        except TimeoutError:
            raise embedded_trouble.no_turn(folder, TURN_SECONDS) from None


def remove(folder: Path) -> bool:
    """Take the folder of a local server away, its server with it, unless somebody uses it; whether it is gone. Raises
    `LocalServerFailed`, `OSError`."""
    try:
        with embedded_lease.turn(folder / "lock", 0):
            if embedded_lease.any_taken(folder):
                return False
            cluster = embedded_cluster.of(folder)
            if cluster.running():
                cluster.stop()
                embedded_address.forget(folder)
    except TimeoutError:
        return False
    shutil.rmtree(folder)
    return True


class LocalServer:
    """A claim on a running local server, until `close`. Also a context manager."""

    def __init__(self, cluster: Cluster, address: Address, lease: Lock) -> None:
        self.folder = cluster.folder
        self._cluster = cluster
        self._address = address
        self._lease: Lock | None = lease
        atexit.register(self.close)

    def url(self, database: str = "greenroom") -> str:
        """The address of one of its databases, which need not exist. Holds a password where there are no sockets."""
        return self._address.url(database)

    def ensure_database(self, name: str) -> None:
        """Create the database unless it exists. Raises `LocalServerFailed`."""
        there = self._address
        try:
            with psycopg.connect(
                host=there.host,
                port=there.port,
                user=embedded_address.USER,
                password=there.password,
                dbname="postgres",
                connect_timeout=10,
                autocommit=True,
            ) as connection:
                if connection.execute("SELECT FROM pg_database WHERE datname = %s", (name,)).rowcount == 0:
                    connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        except (psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
            return
        except psycopg.errors.DiskFull:
            raise embedded_trouble.disk_full(self.folder, embedded_cluster.SEGMENT_MB) from None
        except psycopg.Error as error:
            reason = error.diag.message_primary or "it does not answer"
            raise embedded_trouble.database_refused(self.folder, name, reason) from None

    def close(self) -> None:
        """Give up the claim; the last one stops the server. Again is harmless. Raises `LocalServerFailed` when another
        process never lets us have our turn; the claim is given up all the same."""
        lease, self._lease = self._lease, None
        if lease is None:
            return
        atexit.unregister(self.close)
        try:
            with embedded_lease.turn(self.folder / "lock", TURN_SECONDS):
                _let_go(lease, self._cluster)
        except TimeoutError:
            lease.close()
            raise embedded_trouble.no_turn(self.folder, TURN_SECONDS) from None
        except FileNotFoundError:
            # Somebody removed the folder under the server, which notices within a minute and ends by itself.
            lease.close()

    def __enter__(self) -> LocalServer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _make_ours(folder: Path) -> None:
    """The folder, made or found, closed to everybody else. A folder of other files is left as it is."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    names = {path.name for path in folder.iterdir()}
    if names and "lock" not in names and not (folder / "lock").exists():
        raise embedded_trouble.occupied(folder)
    if os.name == "posix" and folder.stat().st_mode & 0o777 != 0o700:
        folder.chmod(0o700)


def _hold(folder: Path, *, durable: bool) -> LocalServer:
    cluster = embedded_cluster.of(folder)
    lease = embedded_lease.take(folder)
    try:
        address = _bring_up(cluster, durable=durable)
    except errors.LocalServerFailed:
        # It is down, or it is recovering and shall go on.
        lease.close()
        raise
    except BaseException:
        _let_go(lease, cluster)
        raise
    return LocalServer(cluster, address, lease)


def _let_go(lease: Lock, cluster: Cluster) -> None:
    lease.close()
    if not embedded_lease.any_taken(cluster.folder) and cluster.running():
        cluster.stop()
        embedded_address.forget(cluster.folder)


def _bring_up(cluster: Cluster, *, durable: bool) -> Address:
    """Attach to what runs, wait for what starts, recovers or stops, and start what does not run, once."""
    address = embedded_address.of(cluster.folder)
    began = None
    limit = time.monotonic() + READY_SECONDS
    while True:
        if not cluster.running():
            if began is not None:
                raise cluster.failure(began)
            cluster.prepare(durable=durable)
            address = embedded_address.new_port_if_taken(cluster.folder, address)
            began = embedded_cluster.now()
            cluster.launch(address, durable=durable)
        elif cluster.ready(address):
            return address
        elif time.monotonic() > limit:
            raise embedded_trouble.not_ready(cluster.folder, READY_SECONDS)
        else:
            time.sleep(embedded_lease.POLL_SECONDS)
