"""Database addresses: read what a person typed, show it without secrets, add what connections need."""

import ipaddress
import os
import re
import ssl
import sys
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa
from psycopg import conninfo

from desktop import errors

EXAMPLE = "postgresql://name@host:5432/database"
SEVERAL = re.compile(r"^(\w+(?:\+\w+)?://(?:[^/@]*@)?)([^/?@]*,[^/?@]*)(.*)$", re.DOTALL)
"""libpq's own way to write several hosts, ``//user@one:5432,two:5433/database``, which SQLAlchemy does not read."""

STRICT = "verify-full"
BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",  # Debian, Arch
    "/etc/pki/tls/certs/ca-bundle.crt",  # Fedora, RHEL
    "/etc/ssl/ca-bundle.pem",  # openSUSE
    "/etc/ssl/cert.pem",  # macOS, Alpine
)


def parse(text: str) -> sa.URL:
    """The URL a person typed, as ``postgresql+psycopg``; several hosts come as ``host=one,two&port=5432,5433``.
    Raises `InvalidField` without repeating the text, which may hold a password (ruling 26)."""
    try:
        return _read(text.strip())
    except errors.InvalidField as mistake:
        sentence = str(mistake)
    raise _invalid(sentence)  # out here: what was in flight there quotes the address


def _read(text: str) -> sa.URL:
    if text.count("@") > 1:
        raise _invalid(
            "The database address has more than one @. In a user name or a password, write %40 for it."
        )
    try:
        url = _several_hosts(text) or sa.make_url(text)
        port = url.port
    except (sa.exc.ArgumentError, ValueError):
        raise _invalid(f"That is not a database address. It looks like {EXAMPLE}.") from None
    if url.drivername not in {"postgresql", "postgres", "postgresql+psycopg"}:
        raise _invalid(f"Greenroom works with PostgreSQL only; the address looks like {EXAMPLE}.")
    if not all(map(_can_be_sent, (text, url.username, url.password, url.database))):
        raise _invalid("The database address has characters in it that no server understands. Write it anew.")
    if port is not None and not 0 < port < 65536:
        raise _invalid("The port of the database address is not between 1 and 65535.")
    if not url.database:
        raise _invalid(f"The address names no database; it looks like {EXAMPLE}.")
    try:
        conninfo.make_conninfo(**dict.fromkeys(url.query, ""))
    except psycopg.ProgrammingError:
        raise _invalid(
            "The database address has an option PostgreSQL does not know; sslmode and host are two it knows."
        ) from None
    url = url.set(drivername="postgresql+psycopg")
    try:
        url.get_dialect()().create_connect_args(url)
    except (sa.exc.ArgumentError, ValueError):
        raise _invalid(
            "The database address names several hosts in a way that cannot be read; they look like"
            " postgresql://name@one:5432,two:5432/database."
        ) from None
    password = url.query.get("password")
    if isinstance(password, str):  # where `repr` hides it
        url = url.set(password=password).difference_update_query(["password"])
    return url


def _can_be_sent(text: object) -> bool:
    """What a terminal could not read as UTF-8 comes as halves of letters, and %00 as the end of a text in C."""
    whole = str(text)
    return "\0" not in whole and not any("\ud800" <= letter <= "\udfff" for letter in whole)


def _invalid(sentence: str) -> errors.InvalidField:
    return errors.InvalidField("database", sentence)


def _several_hosts(text: str) -> sa.URL | None:
    found = SEVERAL.match(text)
    if found is None:
        return None
    places = [re.fullmatch(r"(\[[^\]]*\]|[^:]*)(?::(\d*))?", place) for place in found[2].split(",")]
    if any(place is None for place in places):
        raise ValueError
    hosts = [place[1].strip("[]") for place in places if place]
    ports = [place[2] or "5432" for place in places if place]
    if not all(0 < int(port) < 65536 for port in ports):
        raise ValueError
    return sa.make_url(found[1] + found[3]).update_query_dict(
        {"host": ",".join(hosts), "port": ",".join(ports)}
    )


def shown(url: sa.URL) -> str:
    """``database on host``, for people; never the user's password."""
    if is_local(url):
        return f"“{url.database}” on this computer"
    hosts = [host for host in hosts_of(url) if host] or [*_values(url, "hostaddr"), *_values(url, "service")]
    return f"“{url.database}” on {', '.join(hosts) or 'the server of its service'}"


def called(url: sa.URL) -> str:
    """The database's name alone, where there is little room: what the service means where none is named."""
    return url.database or shown(url)


def hosts_of(url: sa.URL) -> list[str]:
    """The hosts of an address without their ports, as libpq would try them; ``""`` is its default, a socket."""
    named = [url.host] if url.host else _values(url, "host") or os.environ.get("PGHOST", "").split(",")
    several = [host for part in named for host in part.split(",")]
    return [host.rpartition(":")[0] if re.fullmatch(r"[^/:]+:\d*", host) else host for host in several]


def _values(url: sa.URL, option: str) -> list[str]:
    value = url.query.get(option, ())
    return [value] if isinstance(value, str) else list(value)


def is_local(url: sa.URL) -> bool:
    """True for sockets and loopback: nothing that is sent leaves this computer. What libpq would take from its
    environment (PGHOST, PGHOSTADDR) or from a service file counts."""
    if "service" in url.query or ("PGSERVICE" in os.environ and hosts_of(url) == [""]):
        return False
    addresses = _values(url, "hostaddr") or [os.environ.get("PGHOSTADDR", "")]
    several = [address for part in addresses for address in part.split(",")]
    return all(_is_here(host) for host in (*hosts_of(url), *several))


def _is_here(host: str) -> bool:
    if host in {"", "localhost"} or host.startswith(("/", "@")):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def weak_tls(url: sa.URL) -> str | None:
    """What the address gives up by an ``sslmode`` of its own, as a sentence; None when it gives up nothing. It is
    allowed, because somebody said so."""
    mode = url.query.get("sslmode", STRICT)
    if is_local(url) or mode == STRICT:
        return None
    lost = {
        "verify-ca": "the server's certificate is checked, but not whether it is this server's",
        "require": "the connection is encrypted, but nothing proves who answers",
    }.get(str(mode), "names and passwords may travel in the clear")
    return f"The address says sslmode={mode}: {lost}. Leave sslmode out of it, and Greenroom insists on {STRICT}."


def connect_arguments(url: sa.URL) -> dict[str, Any]:
    """What libpq needs to notice a dead link in 5.6 to 6.9 s instead of never (concurrency.md, measured), and who it
    talks to; what the address itself says wins."""
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
        wanted["sslmode"] = STRICT
        authorities = _authorities()
        if authorities is not None and url.query.get("sslmode", STRICT) == STRICT:
            wanted["sslrootcert"] = authorities
    return {key: value for key, value in wanted.items() if key not in url.query}


def _authorities() -> str | None:
    """The file of the authorities this computer trusts; None when libpq has one of the person's own.

    The libpq that comes with psycopg looks for its “system” authorities in a folder no computer has, so they are
    named by file; libpq refuses them for anything weaker than verify-full.
    """
    own = Path(os.environ.get("APPDATA", "")) if sys.platform == "win32" else Path.home()
    folder = "postgresql" if sys.platform == "win32" else ".postgresql"
    if "PGSSLROOTCERT" in os.environ or (own / folder / "root.crt").exists():
        return None
    known = (ssl.get_default_verify_paths().cafile, *BUNDLES)
    return next((str(path) for path in known if path and Path(path).exists()), "system")
