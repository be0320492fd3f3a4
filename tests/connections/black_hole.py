"""A way to a server that can fall silent: what is sent arrives nowhere, and nothing comes back, without a goodbye."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress

import sqlalchemy as sa


class BlackHole:
    """Passes on between a port of this computer and the socket of a local server until `swallow`. A context manager."""

    def __init__(self, url: str) -> None:
        self._there = sa.make_url(url)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._passing = True
        self._ends: list[socket.socket] = [self._listening]
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        """The address of the same database through here."""
        port = self._listening.getsockname()[1]
        made = self._there.set(host="127.0.0.1", port=port, query={"sslmode": "disable"})
        return made.render_as_string(hide_password=False)

    def swallow(self) -> None:
        """From now on nothing passes; those who connect are let in and never answered."""
        self._passing = False

    def __enter__(self) -> BlackHole:
        return self

    def __exit__(self, *_: object) -> None:
        for end in self._ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _accept(self) -> None:
        host = str(self._there.query.get("host", self._there.host))
        while True:
            try:
                near, _ = self._listening.accept()
            except OSError:
                return
            self._ends.append(near)
            if not self._passing:
                continue
            far = socket.socket(socket.AF_UNIX)
            far.connect(f"{host}/.s.PGSQL.{self._there.port or 5432}")
            self._ends.append(far)
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=self._pass, args=(one, other), daemon=True).start()

    def _pass(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while data := one.recv(65536):
                if self._passing:
                    other.sendall(data)
            if self._passing:
                other.shutdown(socket.SHUT_WR)
