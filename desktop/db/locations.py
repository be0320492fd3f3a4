"""Database addresses: read what a person typed, show it without secrets, add what connections need."""

from typing import Any

import psycopg
import sqlalchemy as sa
from psycopg import conninfo

from desktop import errors


def parse(text: str) -> sa.URL:
    """The URL a person typed, as ``postgresql+psycopg``. Raises `InvalidField` without repeating the text,
    which may hold a password (ruling 26)."""
    example = "postgresql://name@host:5432/database"
    try:
        url = sa.make_url(text.strip())
        port = url.port
    except (sa.exc.ArgumentError, ValueError):
        raise errors.InvalidField(
            "database", f"That is not a database address. It looks like {example}."
        ) from None
    if url.drivername not in {"postgresql", "postgres", "postgresql+psycopg"}:
        raise errors.InvalidField(
            "database", f"Greenroom works with PostgreSQL only; the address looks like {example}."
        )
    if port is not None and not 0 < port < 65536:
        raise errors.InvalidField("database", "The port of the database address is not between 1 and 65535.")
    if not url.database:
        raise errors.InvalidField("database", f"The address names no database; it looks like {example}.")
    try:
        conninfo.make_conninfo(**dict.fromkeys(url.query, ""))
    except psycopg.ProgrammingError:
        raise errors.InvalidField(
            "database",
            "The database address has an option PostgreSQL does not know; sslmode and host are two it knows.",
        ) from None
    return url.set(drivername="postgresql+psycopg")


def shown(url: sa.URL) -> str:
    """``database on host``, for people; never the user's password."""
    host = url.host or url.query.get("host")
    place = "this computer" if is_local(url) else (host if isinstance(host, str) else ", ".join(host or ()))
    return f"“{url.database}” on {place}"


def is_local(url: sa.URL) -> bool:
    """True for sockets and loopback."""
    host = url.host or url.query.get("host") or ""
    hosts = [host] if isinstance(host, str) else list(host)
    return all(h in {"", "localhost", "127.0.0.1", "::1"} or h.startswith("/") for h in hosts)


def connect_arguments(url: sa.URL) -> dict[str, Any]:
    """What libpq needs to notice a dead link in 5.6 to 6.9 s instead of never (concurrency.md, measured);
    what the address itself says wins."""
    wanted: dict[str, Any] = {
        "connect_timeout": 3,
        "keepalives": 1,
        "keepalives_idle": 5,
        "keepalives_interval": 2,
        "keepalives_count": 3,
        "tcp_user_timeout": 5000,
        "application_name": "greenroom",
        "target_session_attrs": "read-write",
    }
    if not is_local(url):
        wanted["sslmode"] = "verify-full"
        wanted["sslrootcert"] = "system"
    return {key: value for key, value in wanted.items() if key not in url.query}
