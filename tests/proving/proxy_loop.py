"""The fault proxy's one thread: sockets that are ready, work that is due, work posted by other threads."""

from __future__ import annotations

import heapq
import itertools
import selectors
import socket
import struct
import threading
import time
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Loop:
    """Runs in a thread of its own from `start` to `stop`; everything but `post` and these is for that thread."""

    def __init__(self) -> None:
        self.selector = selectors.DefaultSelector()
        self._timers: list[tuple[float, int, Callable[[], object]]] = []
        self._turns = itertools.count()
        self._posted: deque[Callable[[], object]] = deque()
        self._wake, woken = socket.socketpair()
        woken.setblocking(False)
        self.watch(woken, lambda _events: woken.recv(4096))
        self._running = True
        self._thread = threading.Thread(target=self._run, name="fault proxy", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End after what is posted; the sockets that are watched are closed."""
        self.post(self._end)
        self._thread.join(10)

    def post(self, work: Callable[[], object]) -> None:
        """Let the thread do it, soon; from any thread."""
        self._posted.append(work)
        with suppress(OSError):
            self._wake.send(b"!")

    def later(self, seconds: float, work: Callable[[], object]) -> None:
        heapq.heappush(self._timers, (time.monotonic() + seconds, next(self._turns), work))

    def watch(self, sock: socket.socket, ready: Callable[[int], object]) -> None:
        """``ready(events)`` whenever there is something to read."""
        self.selector.register(sock, selectors.EVENT_READ, ready)

    def forget(self, sock: socket.socket) -> None:
        with suppress(KeyError, ValueError):
            self.selector.unregister(sock)

    def _end(self) -> None:
        self._running = False

    def _run(self) -> None:
        while self._running:
            wait = max(self._timers[0][0] - time.monotonic(), 0) if self._timers else None
            for key, events in self.selector.select(wait):
                key.data(events)
            while self._posted:
                self._posted.popleft()()
            while self._timers and self._timers[0][0] <= time.monotonic():
                heapq.heappop(self._timers)[2]()
        for key in list(self.selector.get_map().values()):
            if isinstance(key.fileobj, socket.socket):
                key.fileobj.close()
        self._wake.close()
        self.selector.close()


class End:
    """One socket of a connection: ``came`` is what was read from it, `send` writes to it, late if need be. ``lost`` is
    called once, when it breaks or the other side hangs up."""

    def __init__(
        self, loop: Loop, sock: socket.socket, ready: Callable[[], object], lost: Callable[[], object]
    ) -> None:
        self.came = bytearray()
        self.due = 0.0
        self.open = True
        self._loop = loop
        self._sock = sock
        self._ready = ready
        self._lost = lost
        self._going = bytearray()
        self._closing = False
        if sock.family != socket.AF_UNIX:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setblocking(False)
        loop.watch(sock, self._happened)

    def send(self, data: bytes, seconds: float = 0.0) -> None:
        """Write it after so many seconds, and after all that was sent before."""
        now = time.monotonic()
        self.due = max(now + seconds, self.due)
        if self.due <= now:
            self._write(data)
        else:
            self._loop.later(self.due - now, lambda: self._write(data))

    def hang_up(self) -> None:
        """Close it in an orderly way after what is still on its way."""
        self._loop.later(max(self.due - time.monotonic(), 0), self._close_when_written)

    def close(self, *, abruptly: bool = False) -> None:
        """Close it now; ``abruptly`` with a reset, as a broken line gives."""
        if not self.open:
            return
        self.open = False
        self._loop.forget(self._sock)
        if abruptly:
            with suppress(OSError):
                self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._sock.close()

    def _close_when_written(self) -> None:
        self._closing = True
        self._write(b"")

    def _happened(self, events: int) -> None:
        if not self.open:  # closed since the events were gathered
            return
        if events & selectors.EVENT_WRITE:
            self._write(b"")
        if events & selectors.EVENT_READ and self.open:
            try:
                came = self._sock.recv(65536)
            except BlockingIOError:
                return
            except OSError:
                came = b""
            if came:
                self.came += came
                self._ready()
            else:
                self.close()
                self._lost()

    def _write(self, data: bytes) -> None:
        if not self.open:
            return
        self._going += data
        try:
            while self._going:
                del self._going[: self._sock.send(self._going)]
        except BlockingIOError:
            pass
        except OSError:
            self.close()
            self._lost()
            return
        if self._closing and not self._going:
            self.close()
            return
        wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if self._going else 0)
        if self._loop.selector.get_key(self._sock).events != wanted:
            self._loop.selector.modify(self._sock, wanted, self._happened)
