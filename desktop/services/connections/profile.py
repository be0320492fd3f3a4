"""One connection: where the database is and as whom, never the password."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

if TYPE_CHECKING:
    from uuid import UUID

PORT = 5432
LOCAL: Final = "here"
GIVEN: Final = "given"
"""The keys of the two connections that are no profiles: this computer's own, and the command line's. The key of a
profile is its id."""


class Tls(enum.StrEnum):
    """How the server is made to prove itself, in libpq's words."""

    VERIFIED = "verify-full"
    AUTHORITY = "verify-ca"
    ENCRYPTED = "require"
    OFF = "disable"


@dataclass(frozen=True, slots=True)
class Profile:
    """A database under a name of the person's. ``host`` may name several, “one,two:5433”, of which the writable one is
    used, or a socket's folder; ``port`` is for those that name none. An empty ``user`` is the account's on this
    computer. ``certificate`` is the file of an authority of the owner's. ``password_kept`` says that the keyring has
    the password under ``id``, so that it is asked only then."""

    id: UUID
    name: str
    host: str
    database: str
    user: str = ""
    port: int = PORT
    tls: Tls = Tls.VERIFIED
    certificate: str = ""
    password_kept: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """One server: a name, an address or the folder of a socket, and the port where one is named."""

    host: str
    port: int | None


def places(host: str) -> list[Place] | None:
    """The servers of a ``host``; None when it cannot be read."""
    found = [_place(part.strip()) for part in host.split(",")]
    return [place for place in found if place is not None] if all(found) else None


def _place(text: str) -> Place | None:
    if not text or re.search(r"[\s@?#]|://", text) or (text[0] != "/" and "/" in text):
        return None
    if text[0] == "/" or (text.count(":") > 1 and text[0] != "["):  # a socket, or IPv6 without brackets
        return Place(text, None)
    parts = re.fullmatch(r"(?:\[([^\[\]]+)\]|([^\[\]:]+))(?::(\d{1,5}))?", text)
    if parts is None or (parts[3] and not 0 < int(parts[3]) < 65536):
        return None
    return Place(parts[1] or parts[2], int(parts[3]) if parts[3] else None)


def address(profile: Profile, password: str | None = None) -> sa.URL:
    """Its address. Without a ``password`` libpq looks into the person's password file."""
    found = places(profile.host) or []
    query: dict[str, str] = {}
    host: str | None = None
    port: int | None = None
    if len(found) == 1 and not found[0].host.startswith("/"):
        host, port = found[0].host, found[0].port or profile.port
    else:
        query["host"] = ",".join(place.host for place in found)
        query["port"] = ",".join(str(place.port or profile.port) for place in found)
    if (
        profile.tls is not Tls.VERIFIED or profile.certificate
    ):  # else `locations` knows what this server needs
        query["sslmode"] = profile.tls.value
    if profile.certificate:
        query["sslrootcert"] = profile.certificate
    return sa.URL.create(
        "postgresql+psycopg", profile.user or None, password or None, host, port, profile.database, query
    )


def same_account(one: Profile, other: Profile) -> bool:
    """Whether both are the same user of the same servers: only then may the password of the one go to the other."""
    return (places(one.host), one.port, one.user) == (places(other.host), other.port, other.user)


def shown(profile: Profile) -> str:
    """Where it leads, beside its name: ``db.example.org``, several separated by commas."""
    return ", ".join(part.strip() for part in profile.host.split(","))
