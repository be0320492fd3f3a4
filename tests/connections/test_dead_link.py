"""A line that goes dead without a word: a cable pulled, a laptop carried out of reach. Nobody says goodbye, packets
are simply lost. The proofs run in a network of their own, with real packets that are really lost."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from contextlib import closing, suppress
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from desktop import errors
from desktop.db import pooling, session
from desktop.db.session import Database
from tests.connections import servers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.connections.servers import Server

NOTICED_SECONDS = 7.0
HERE, THERE = "198.51.100.1", "198.51.100.2"
NAMESPACE = f"greenroom{os.getpid()}"


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True)


@pytest.fixture(scope="module")
def network() -> Iterator[str]:
    """A network namespace at the other end of a wire."""
    if sys.platform != "linux" or os.geteuid() != 0 or not all(map(shutil.which, ("ip", "setpriv"))):
        pytest.skip("needs Linux, root, ip and setpriv to make a network of its own")
    near, far = f"gr{os.getpid()}a", f"gr{os.getpid()}b"
    try:
        _ip("netns", "add", NAMESPACE)
        _ip("link", "add", near, "type", "veth", "peer", "name", far, "netns", NAMESPACE)
    except subprocess.CalledProcessError as error:
        with suppress(subprocess.CalledProcessError):
            _ip("netns", "delete", NAMESPACE)
        pytest.skip(f"this computer lets nobody make a network: {error.stderr.decode().strip()}")
    try:
        _ip("address", "add", f"{HERE}/30", "dev", near)
        _ip("link", "set", near, "up")
        _ip("-n", NAMESPACE, "address", "add", f"{THERE}/30", "dev", far)
        _ip("-n", NAMESPACE, "link", "set", far, "up")
        yield NAMESPACE
    finally:
        _ip("netns", "delete", NAMESPACE)


@pytest.fixture(scope="module")
def far_server(network: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server there."""
    base = tmp_path_factory.mktemp("far")
    with servers.made(base / "server") as server:
        server.address = THERE
        server.configure(files={"pg_hba.conf": f"host all all {HERE}/32 trust\n"})
        server.start(network)
        yield server


@pytest.fixture
def cut(network: str) -> Iterator[Callable[[], None]]:
    """Cut the wire: from now on nothing comes back."""

    def blackhole() -> None:
        _ip("-n", network, "route", "add", "blackhole", f"{HERE}/32")

    yield blackhole
    _ip("-n", network, "route", "flush", "type", "blackhole")


def _opened(server: Server) -> Database:
    return Database(server.url("postgres", THERE, sslmode="disable"))


def _told(work: Callable[[], object], since: float) -> tuple[errors.DatabaseDown, float]:
    with pytest.raises(errors.DatabaseDown) as caught:
        work()
    return caught.value, time.monotonic() - since


@pytest.mark.slow
def test_who_goes_on_after_a_pause_is_told_in_time(far_server, cut):
    with closing(_opened(far_server)) as database:
        database.run(lambda tx: tx.value("SELECT 1"))
        cut()
        told, seconds = _told(lambda: database.run(lambda tx: tx.value("SELECT 1")), time.monotonic())
    assert seconds < NOTICED_SECONDS
    assert not told.unknown_outcome


@pytest.mark.slow
def test_who_is_in_the_middle_of_a_change_is_told_in_time(far_server, cut):
    with closing(_opened(far_server)) as database:

        def work(tx):
            tx.value("SELECT 1")
            cut()
            started.append(time.monotonic())
            tx.value("SELECT 2")

        started: list[float] = []
        told, _ = _told(lambda: database.run(work), 0)
        seconds = time.monotonic() - started[0]
    assert seconds < NOTICED_SECONDS
    assert not told.unknown_outcome


@pytest.mark.slow
def test_who_waits_for_the_outcome_of_a_call_is_told_in_time_that_it_is_not_known(far_server, cut):
    with closing(_opened(far_server)) as database:
        with database.transaction() as tx:
            tx.execute("CREATE SCHEMA IF NOT EXISTS greenroom")
            tx.execute(
                "CREATE OR REPLACE FUNCTION greenroom.dawdle() RETURNS void LANGUAGE sql AS 'SELECT pg_sleep(14)'"
            )
        cutting = threading.Timer(0.3, cut)
        cutting.start()
        told, seconds = _told(lambda: database.call("dawdle", {}), time.monotonic() + 0.3)
        cutting.join()
    assert seconds < NOTICED_SECONDS
    assert told.unknown_outcome


@pytest.mark.slow
def test_who_only_begins_is_told_in_time(far_server, cut):
    with closing(_opened(far_server)) as database:
        cut()
        told, seconds = _told(lambda: database.run(lambda tx: tx.value("SELECT 1")), time.monotonic())
    assert seconds < NOTICED_SECONDS
    assert "no answer in time" in str(told)


@pytest.mark.slow
def test_with_a_second_server_people_go_on_in_time(far_server, cut, database_url):
    near = sa.make_url(database_url)
    url = f"postgresql://greenroom@/postgres?host={THERE},{near.query['host']}&port={far_server.port},5432&sslmode=disable"
    with closing(Database(url)) as database:
        assert database.run(lambda tx: tx.value("SELECT host(inet_server_addr())")) == THERE
        cut()
        started = time.monotonic()
        assert database.run(lambda tx: tx.value("SELECT inet_server_addr() IS NULL"))
        seconds = time.monotonic() - started
    assert seconds < NOTICED_SECONDS


class Wire:
    """A wire on loopback between Greenroom and a server's socket. Once `dead`, lines that were open carry nothing."""

    def __init__(self, target: str) -> None:
        self.target = target
        self.open: list[socket.socket] = []
        self.dead: set[socket.socket] = set()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def die(self) -> None:
        self.dead.update(self.open)

    def close(self) -> None:
        self.listener.close()
        for end in self.open:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self.listener.accept()
                far = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
                far.connect(self.target)
                self.open += [near, far]
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=self._carry, args=(one, other), daemon=True).start()

    def _carry(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while said := one.recv(65536):
                if one not in self.dead:
                    other.sendall(said)


@pytest.fixture
def wire(database_url: str) -> Iterator[Wire]:
    there = sa.make_url(database_url)
    made = Wire(f"{there.query['host']}/.s.PGSQL.5432")
    yield made
    made.close()


def test_a_silent_connection_is_replaced_before_anything_is_asked_of_it(wire, database_url, monkeypatch):
    name = sa.make_url(database_url).database
    monkeypatch.setattr(pooling, "PATIENCE_SECONDS", 0.2)
    monkeypatch.setattr(session, "FRESH_SECONDS", 0.0)  # as if it had been idle for a while
    with closing(Database(f"postgresql://greenroom@127.0.0.1:{wire.port}/{name}")) as database:
        process = database.run(lambda tx: tx.value("SELECT pg_backend_pid()"))
        assert database.run(lambda tx: tx.value("SELECT pg_backend_pid()")) == process
        wire.die()
        assert database.run(lambda tx: tx.value("SELECT pg_backend_pid()")) != process
