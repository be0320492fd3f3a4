"""A line to the server that breaks on purpose, at message boundaries of PostgreSQL's protocol.

    with Proxy(server_url) as line:
        database = Database(line.url("greenroom"))
        line.delay(there=0.075, back=0.075)                       # 150 ms round trip
        line.strike(Fault.CUT_AFTER, "greenroom.admit")           # the next call of that function
        line.choose = lambda request: Fault.KILL if random.random() < 0.1 else None

One thread serves all connections. A *request* is what the client sends up to where it waits for an answer; only those
that execute something are counted and struck. TLS and GSS are declined, so that the messages can be read; use it on
this computer only.
"""

from __future__ import annotations

import enum
import itertools
import random
import socket
from collections import Counter, deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psycopg
import sqlalchemy as sa

from tests.proving.proxy_loop import End, Loop
from tests.proving.proxy_messages import ALONE, GSS, SSL, WAITS, Reading, number, taken

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

JITTER = 0.004
"""Seconds within which `Fault.CUT_DURING` and `Fault.KILL` strike after the request went on; a call takes about one."""


class Fault(enum.Enum):
    """What may befall a request."""

    CUT_BEFORE = "cut before the server saw it"
    CUT_DURING = "cut while the server was at it"
    CUT_AFTER = "cut after the server had answered, the answer lost"
    BLACKHOLE_BEFORE = "never arrived, and nothing said so"
    BLACKHOLE_AFTER = "done, and the answer never arrived"
    KILL = "the server's process was killed at it"


NO_ANSWER = frozenset({Fault.CUT_DURING, Fault.CUT_AFTER, Fault.BLACKHOLE_AFTER})


@dataclass(frozen=True, slots=True)
class Request:
    """One request of one connection. ``sql`` is what it executes, prepared statements by their text."""

    link: int
    number: int
    sql: str


class Proxy:
    """Listens on a loopback port of its own until `close`; may be steered from any thread.

    ``choose`` is asked for every request, `strike` goes first. ``struck`` counts the faults, ``requests`` the requests.
    ``blackhole_seconds``: how long a blackholed connection stays silent before it breaks; None for ever. When its
    client gives up it is closed towards the server as well: a real server would keep the session until its own
    keepalives notice.
    """

    def __init__(self, server_url: str, *, blackhole_seconds: float | None = None) -> None:
        self.server = sa.make_url(server_url)
        self.blackhole_seconds = blackhole_seconds
        self.choose: Callable[[Request], Fault | None] = lambda _request: None
        self.struck: Counter[Fault] = Counter()
        self.requests = 0
        self.delays = (0.0, 0.0)
        self.silent = False
        self.loop = Loop()
        self.links: set[_Link] = set()
        self._ordered: deque[tuple[Fault, str]] = deque()
        self._numbers = itertools.count(1)
        self._killer: psycopg.Connection[tuple[object, ...]] | None = None
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self._listener.setblocking(False)
        self.port: int = self._listener.getsockname()[1]
        self.loop.watch(self._listener, self._accept)
        self.loop.start()

    def url(self, database: str) -> str:
        """The address of one of the server's databases, through the proxy."""
        query = {name: value for name, value in self.server.query.items() if name not in {"host", "port"}}
        through = self.server.set(
            host="127.0.0.1", port=self.port, database=database, query=query | {"sslmode": "disable"}
        )
        return through.render_as_string(hide_password=False)

    def delay(self, there: float = 0.0, back: float = 0.0) -> None:
        """Seconds each message takes from now on, one way each; a round trip takes the sum."""
        self.delays = (there, back)

    def strike(self, fault: Fault, sql: str = "", times: int = 1) -> None:
        """The next ``times`` requests that execute ``sql`` (a part of the statement's text) meet the fault."""
        self._ordered.extend([(fault, sql)] * times)

    def cut(self) -> None:
        """Break every connection now."""
        self.loop.post(lambda: [link.snap() for link in list(self.links)])

    def kill(self) -> None:
        """Let the server end every connection's process now (pg_terminate_backend)."""
        self.loop.post(lambda: [self.terminate(link) for link in list(self.links)])

    def blackhole(self) -> None:
        """Swallow everything in both directions, of new connections too, until `heal`."""
        self.silent = True

    def heal(self) -> None:
        """Answer again. Connections that lost messages break, as they do when a link comes back."""
        self.silent = False
        self.loop.post(lambda: [link.snap() for link in list(self.links) if link.silent])

    def close(self) -> None:
        """Break every connection and stop listening."""
        if self._listener.fileno() != -1:
            self.cut()
            self.loop.stop()
            self._listener.close()
            if self._killer is not None:
                self._killer.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_told: object) -> None:
        self.close()

    def fault(self, link: _Link, sql: str) -> Fault | None:
        """What befalls this request; on the loop's thread, as all that follows."""
        self.requests += 1
        if self._ordered and self._ordered[0][1] in sql:
            fault: Fault | None = self._ordered.popleft()[0]
        else:
            fault = self.choose(Request(link.number, self.requests, sql))
        if fault is not None:
            self.struck[fault] += 1
        return fault

    def terminate(self, link: _Link) -> None:
        """Let the server end the connection's process."""
        if link not in self.links or not link.pid:
            return
        if self._killer is None or self._killer.broken:
            direct = self.server.set(drivername="postgresql").render_as_string(hide_password=False)
            self._killer = psycopg.connect(direct, autocommit=True)
        self._killer.execute("SELECT pg_terminate_backend(%s)", (link.pid,))

    def _accept(self, _events: int) -> None:
        try:
            client, _ = self._listener.accept()
        except OSError:
            return
        try:
            server = self._dial()
        except OSError:
            client.close()
            return
        self.links.add(_Link(self, next(self._numbers), client, server))

    def _dial(self) -> socket.socket:
        host = self.server.host or str(self.server.query.get("host", "127.0.0.1"))
        port = self.server.port or int(str(self.server.query.get("port", 5432)))
        if not host.startswith("/"):
            return socket.create_connection((host, port), timeout=5)
        made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        made.connect(f"{host}/.s.PGSQL.{port}")
        return made


class _Link:
    """One client's connection and ours to the server for it."""

    def __init__(self, proxy: Proxy, number: int, client: socket.socket, server: socket.socket) -> None:
        self.proxy = proxy
        self.number = number
        self.pid = 0
        self.silent = False
        self._begun = False
        self._held = bytearray()
        self._reading = Reading()
        self._sent: deque[Fault | None] = deque()
        """What befalls each request the server has not finished yet, the oldest first."""
        self._client = End(proxy.loop, client, self._from_client, lambda: self._lost(self._server))
        self._server = End(proxy.loop, server, self._from_server, lambda: self._lost(self._client))

    def snap(self) -> None:
        """Break both ways at once."""
        self.proxy.links.discard(self)
        self._client.close(abruptly=True)
        self._server.close()

    def _lost(self, other: End) -> None:
        """One side hung up: the other one learns of it after what is still on its way."""
        self.proxy.links.discard(self)
        if self.silent:
            other.close(abruptly=True)
        else:
            other.hang_up()

    def _swallowed(self, end: End) -> bool:
        """True when nothing goes on any more."""
        self.silent = self.silent or self.proxy.silent
        if self.silent:
            end.came.clear()
        return self.silent or not (self._client.open and self._server.open)

    def _from_client(self) -> None:
        end, (there, back) = self._client, self.proxy.delays
        while not self._swallowed(end):
            message = taken(end.came, letters=1 if self._begun else 0)
            if message is None:
                return
            if not self._begun:
                if number(message, 4) in {SSL, GSS}:
                    end.send(b"N", there + back)
                    continue
                self._begun = True
                self._server.send(message, there)
                continue
            self._held += message
            self._reading.read(message)
            if message[0] in WAITS:
                self._request(there)
            elif message[0] in ALONE:
                self._forward(there)

    def _request(self, there: float) -> None:
        sql, ready = self._reading.said(bytes(self._held))
        fault = self.proxy.fault(self, sql) if sql else None
        match fault:
            case Fault.CUT_BEFORE:
                self.snap()
                return
            case Fault.BLACKHOLE_BEFORE:
                self._silence()
                return
            case Fault.CUT_DURING:
                self.proxy.loop.later(there + random.uniform(0, JITTER), self.snap)
            case Fault.KILL:
                self.proxy.loop.later(there + random.uniform(0, JITTER), lambda: self.proxy.terminate(self))
        if ready:
            self._sent.append(fault)
        self._forward(there)

    def _forward(self, there: float) -> None:
        held, self._held = bytes(self._held), bytearray()
        self._server.send(held, there)

    def _from_server(self) -> None:
        end, back = self._server, self.proxy.delays[1]
        while not self._swallowed(end):
            message = taken(end.came)
            if message is None:
                return
            if message[:1] == b"K":
                self.pid = number(message, 5)
            fault, done = (self._sent[0] if self._sent else None), message[:1] == b"Z"
            if fault not in NO_ANSWER:
                if done and self._sent:
                    self._sent.popleft()
                self._client.send(message, back)
            elif done and fault is Fault.CUT_AFTER:
                self.snap()
            elif done and fault is Fault.BLACKHOLE_AFTER:
                self._silence()

    def _silence(self) -> None:
        self.silent = True
        self._client.came.clear()
        if self.proxy.blackhole_seconds is not None:
            self.proxy.loop.later(self.proxy.blackhole_seconds, self.snap)
