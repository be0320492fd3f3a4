"""A line to the server that can stop who is at its other end, at the moment they have sent something."""

from __future__ import annotations

import os
import select
import signal
import socket
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator


class Line:
    """A line between the client and the server that counts what the client sends. It does not read on for a client
    that does not read, so that a large answer stays in the server's hands as it would."""

    def __init__(self, url: str) -> None:
        there = sa.make_url(url)
        self.target = f"{there.query['host']}/.s.PGSQL.{there.port or there.query.get('port') or 5432}"
        self.listener = socket.create_server(("127.0.0.1", 0))
        port = self.listener.getsockname()[1]
        self.url = f"postgresql://{there.username}@127.0.0.1:{port}/{there.database}"
        self.client: subprocess.Popen[str] | None = None
        self.ends: list[socket.socket] = []
        self.left = 0
        self.stopped = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    def freezing_after(self, sends: int, begin: Callable[[], object]) -> bool:
        """Let something begin; True when the client was stopped at its send of that number, False when it answered
        before there were that many."""
        self.stopped.clear()
        self.left = sends
        begin()
        assert self.client
        assert self.client.stdout
        while not self.stopped.wait(0.001):
            if _readable(self.client.stdout):
                self.left = 0
                return self.stopped.is_set()
        return True

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self.listener.accept()
                near.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                far = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
                far.connect(self.target)
                self.ends += [near, far]
                threading.Thread(target=self._carry, args=(near, far, True), daemon=True).start()
                threading.Thread(target=self._carry, args=(far, near, False), daemon=True).start()

    def _carry(self, one: socket.socket, other: socket.socket, sending: bool) -> None:
        with suppress(OSError):
            while heard := one.recv(65536):
                if sending and self.left:
                    self.left -= 1
                    if not self.left and self.client:
                        os.kill(self.client.pid, signal.SIGSTOP)
                        other.sendall(heard)
                        self.stopped.set()
                        continue
                other.sendall(heard)
        for end in (one, other):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Cut it."""
        self.listener.close()
        for end in self.ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


@contextmanager
def line(url: str) -> Iterator[Line]:
    """A line to the database of that address."""
    made = Line(url)
    yield made
    made.close()


def _readable(stream: Any) -> bool:
    return bool(select.select([stream], [], [], 0)[0])
