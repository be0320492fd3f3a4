"""A connection as it is typed into a form, or pasted as an address, and what cannot be taken of it."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from desktop import errors
from desktop.db import locations
from desktop.services import inputs
from desktop.services.connections.profile import PORT, Profile, Tls, places, same_account

if TYPE_CHECKING:
    from uuid import UUID

LONGEST_NAME = 60
LONGEST = 255
HERE = "This computer"
ABOVE = "From the command line"
"""What the two connections are called that are no profiles; no profile may be called so."""


@dataclass(frozen=True, slots=True)
class Typed:
    """The fields of the form, as they stand there."""

    name: str = ""
    host: str = ""
    port: str = ""
    database: str = ""
    user: str = ""
    tls: Tls = Tls.VERIFIED
    certificate: str = ""


@dataclass(frozen=True, slots=True)
class Pasted:
    """What an address says. ``left_out`` are options the form has no field for."""

    typed: Typed
    password: str = field(repr=False)
    left_out: tuple[str, ...] = ()


def check(typed: Typed, id: UUID, seen: Profile | None = None) -> Profile:  # noqa: A002 - what it is
    """The connection that was typed, where ``seen`` was before: with its password, unless that would go to another
    server or be another user's. Raises `InvalidField`, or `InvalidFields` with all of them; fields are called as
    those of `Typed`."""
    checked = inputs.Checked()
    name = checked.take(_name, typed.name)
    host = checked.take(_host, typed.host)
    port = checked.take(_port, typed.port)
    database = checked.take(_word, "database", typed.database)
    user = checked.take(_word, "user", typed.user)
    certificate = checked.take(_certificate, typed.certificate, typed.tls)
    checked.done()
    profile = Profile(id, name, host, database, user, port, typed.tls, certificate)
    kept = seen is not None and seen.password_kept and same_account(profile, seen)
    return replace(profile, password_kept=kept)


def is_plain(text: str) -> bool:
    """Whether it can be written to a file and sent to a server: no control characters and no halves of letters."""
    return not any(unicodedata.category(letter) in {"Cc", "Cs"} for letter in text)


def _name(typed: str) -> str:
    name = inputs.line(typed)
    if not any(letter.isprintable() for letter in name):
        raise errors.InvalidField("name", "Give the connection a name, such as Gala office.")
    if len(name) > LONGEST_NAME:
        raise errors.InvalidField(
            "name", f"The name has {len(name)} letters; there is room for {LONGEST_NAME}."
        )
    if name.casefold() in {HERE.casefold(), ABOVE.casefold()}:
        raise errors.InvalidField(
            "name", f"“{name}” is what Greenroom calls another one. Choose another name."
        )
    return name


def _host(typed: str) -> str:
    if not typed.strip():
        raise errors.InvalidField("host", "Name the server, such as db.example.org.")
    if len(typed) > LONGEST or not is_plain(typed.strip()) or places(typed) is None:
        raise errors.InvalidField(
            "host",
            "That is not the name of a server. It looks like db.example.org; several are separated by commas, and"
            " one may have a port of its own, as in one.example.org:5433.",
        )
    return ",".join(part.strip() for part in typed.split(","))


def _port(typed: str) -> int:
    text = typed.strip() or str(PORT)
    if not (text.isascii() and text.isdigit()) or len(text) > 5 or not 0 < int(text) < 65536:
        raise errors.InvalidField(
            "port", "The port is a whole number, at most “65535”; PostgreSQL's own is 5432."
        )
    return int(text)


def _word(what: str, typed: str) -> str:
    word = typed.strip()
    if not word and what == "database":
        raise errors.InvalidField("database", "Name the database on that server, such as events.")
    if len(word) > LONGEST or not is_plain(word):
        raise errors.InvalidField(what, "No name on a PostgreSQL server looks like this. Look at it again.")
    return word


def _certificate(typed: str, tls: Tls) -> str:
    path = typed.strip()
    if not path:
        return ""
    if tls not in {Tls.VERIFIED, Tls.AUTHORITY}:
        raise errors.InvalidField(
            "certificate",
            "A certificate is of use only where the server is verified. Choose that, or leave it empty.",
        )
    try:
        there = Path(path).is_file()
    except (OSError, ValueError):
        there = False
    if not there:
        raise errors.InvalidField("certificate", "There is no such file on this computer.")
    return path


def is_address(text: str) -> bool:
    """Whether this is a whole address instead of one field of it."""
    return text.lstrip().lower().startswith(("postgres://", "postgresql://", "postgresql+psycopg://"))


def paste(text: str) -> Pasted:
    """The fields an address fills. Raises `InvalidField` for one that cannot be read, without repeating it."""
    url = locations.parse(text)
    query = {name: value if isinstance(value, str) else ",".join(value) for name, value in url.query.items()}
    ports = query.pop("port", "").split(",")
    hosts = [url.host] if url.host else query.pop("host", "").split(",")
    port = str(url.port or "") or (ports[0] if len(set(ports)) == 1 else "")
    if not port and ports != [""]:
        hosts = [
            f"[{host}]:{own}" if ":" in host else f"{host}:{own}"
            for host, own in zip(hosts, ports, strict=False)
        ]
    left_out = []
    asked = query.pop("sslmode", Tls.VERIFIED.value)
    if asked not in set(Tls):
        left_out.append(f"sslmode={asked}")
        asked = Tls.VERIFIED.value
    typed = Typed(
        host=",".join(hosts),
        port=port,
        database=url.database or "",
        user=url.username or "",
        tls=Tls(asked),
        certificate=query.pop("sslrootcert", ""),
    )
    return Pasted(typed, str(url.password or ""), (*left_out, *sorted(query)))
