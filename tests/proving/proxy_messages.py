"""PostgreSQL's protocol as far as the fault proxy has to read it: where a message ends, and what it will execute."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

SSL, GSS = 80877103, 80877104
WAITS = frozenset(b"QSFH")
"""Messages after which the client may wait for an answer: Query, Sync, FunctionCall, Flush."""
ALONE = frozenset(b"dcfXp")
"""Messages that go on as they come: COPY's data and its end, goodbye, a password."""


def taken(came: bytearray, letters: int = 1) -> bytes | None:
    """The first whole message, taken out of what came; ``letters`` is 0 for the first of a connection, which has no
    letter before its length."""
    if len(came) < letters + 4:
        return None
    length = letters + struct.unpack_from("!i", came, letters)[0]
    if len(came) < length:
        return None
    message = bytes(came[:length])
    del came[:length]
    return message


def number(message: bytes, at: int) -> int:
    """The four bytes there as a number."""
    found: int = struct.unpack_from("!i", message, at)[0]
    return found


@dataclass(slots=True)
class Reading:
    """What one client says, message by message."""

    texts: list[str] = field(default_factory=list)
    prepared: dict[bytes, str] = field(default_factory=dict)
    portals: dict[bytes, str] = field(default_factory=dict)
    copied: bool = False

    def read(self, message: bytes) -> None:
        """Keep what the message will execute, prepared statements by their text."""
        kind, body = message[:1], message[5:]
        match kind:
            case b"Q":
                self.texts.append(body[:-1].decode(errors="replace"))
            case b"P":
                name, text, _ = body.split(b"\0", 2)
                self.prepared[name] = text.decode(errors="replace")
            case b"B":
                portal, name, _ = body.split(b"\0", 2)
                self.portals[portal] = self.prepared.get(name, "")
            case b"E":
                self.texts.append(self.portals.get(body.split(b"\0", 1)[0], ""))
            case b"c" | b"f":
                self.copied = True

    def said(self, request: bytes) -> tuple[str, bool]:
        """What the request executes, and whether the server will say that it is ready again. It does so for Query and
        Sync, but not for the Sync after CopyDone: that was promised by the one before it."""
        sql, copied = "; ".join(self.texts), self.copied
        self.texts, self.copied = [], False
        last = request[-5:-4] if request[-4:] == b"\0\0\0\4" else b"Q"
        return sql, not (last == b"H" or (copied and last == request[:1] == b"S"))
