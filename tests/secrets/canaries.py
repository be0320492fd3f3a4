"""Values that must never leave (ruling 26), one for each secret column, password and address, and the search for
what is left of them in anything that did."""

from __future__ import annotations

import base64
import traceback
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from uuid import uuid4

import bcrypt
import psycopg
import sqlalchemy as sa

if TYPE_CHECKING:
    from collections.abc import Iterator

SECRET_COLUMNS = frozenset(
    {
        ("users", "password_hash"),
        ("event_registrations", "registration_token"),
        ("password_resets", "reset_token"),
        ("contacts", "token"),
        ("newsletter_subscriptions", "unsubscribe_token"),
    }
)
"""The specification's, as ruling 26 lists them."""


def _word(name: str) -> str:
    """A password that is hard on everything that quotes: an address, SQL, a shell, a format string."""
    return f"{name}-{uuid4().hex[:10]}:p@ss/w%rd?#'\"$${{}} é"


def _token() -> str:
    return str(uuid4())


@dataclass(frozen=True, slots=True)
class Canaries:
    """``typed`` is the password of a member of staff, ``hash`` what is stored of it, ``address`` the password of a
    connection; the others are the tokens of the specification."""

    typed: str = field(default_factory=lambda: f"typed-{uuid4().hex[:10]}-Küche")
    address: str = field(default_factory=lambda: _word("address"))
    hash: str = ""
    registration: str = field(default_factory=_token)
    reset: str = field(default_factory=_token)
    contact: str = field(default_factory=_token)
    unsubscribe: str = field(default_factory=_token)

    def traces(self, text: str) -> list[str]:
        """Which of them can be recognised in the text, whole, in part, or encoded."""
        lower = text.lower()
        return [
            one.name
            for one in fields(self)
            if any(needle.lower() in lower for needle in _needles(getattr(self, one.name)))
        ]


def make() -> Canaries:
    """Canaries nobody else has; the hash is one that signs in."""
    made = Canaries()
    hashed = bcrypt.hashpw(made.typed.encode(), bcrypt.gensalt(4)).decode()
    return Canaries(**{one.name: getattr(made, one.name) for one in fields(made)} | {"hash": hashed})


def _needles(secret: str) -> Iterator[str]:
    """The whole, as it would be written in an address, in Python, in hexadecimal or base64, and its ends."""
    raw = secret.encode()
    yield from {secret, repr(secret)[1:-1], quote(secret, safe=""), raw.hex()}
    yield base64.b64encode(raw).decode().rstrip("=")[:-1]
    yield secret.replace("-", "")
    if secret.startswith("$2"):
        yield secret[7:29]  # the salt
        yield secret[29:]
    else:
        yield secret[:8] if secret.count("-") == 4 else secret.split(":")[0]
        yield secret[-12:]


@dataclass(frozen=True, slots=True)
class Planted:
    """The rows that hold the canaries."""

    user: Any
    event: Any
    package: Any
    registration: Any


def plant(website: psycopg.Connection[dict[str, Any]], canaries: Canaries) -> Planted:
    """A row in each table with a secret, as the website writes it, on a database with the specification's tables."""

    def insert(table: str, **columns: Any) -> Any:
        names, marks = ", ".join(columns), ", ".join(["%s"] * len(columns))
        statement = f"INSERT INTO {table} ({names}) VALUES ({marks}) RETURNING id"
        found: Any = website.execute(statement, list(columns.values())).fetchone()
        return found["id"]

    user = insert("users", username="canary", email="canary@example.org", password_hash=canaries.hash)
    fair = {"title": "Canary Fair", "slug": "canary-fair", "location": "Pune", "start_time": "2099-01-01"}
    event = insert("events", **fair, created_by=user, status="published")
    ticket = {"name": "Pass", "slug": "canary-pass", "price": 0, "duration_days": 0, "capacity": 40}
    package = insert("packages", **ticket, package_type="event", event_id=event)
    guest = {"attendee_email": "guest@example.org", "attendee_name": "Guest"}
    token = {"registration_token": canaries.registration}
    registration = insert("event_registrations", **guest, **token, event_id=event, package_id=package)
    insert("password_resets", user_id=user, reset_token=canaries.reset, expires_at="2099-01-01")
    ann = {"name": "Ann", "email": "ann@example.org", "country_code": "+91", "phone_number": "1"}
    insert("contacts", **ann, message="hello", token=canaries.contact)
    insert("newsletter_subscriptions", email="reader@example.org", unsubscribe_token=canaries.unsubscribe)
    return Planted(user, event, package, registration)


def spoken(error: BaseException) -> str:
    """All that an exception and everything chained to it says, prints or hands to whoever looks at it."""
    parts: list[str] = []
    seen: list[BaseException] = []
    waiting: list[BaseException | None] = [error]
    while waiting:
        one = waiting.pop()
        if one is None or any(one is known for known in seen):
            continue
        seen.append(one)
        waiting += [one.__cause__, one.__context__, *getattr(one, "exceptions", ())]
        parts += [str(one), repr(one), repr(one.args), repr(getattr(one, "__notes__", "")), repr(vars(one))]
        parts += traceback.format_exception(one)
        if isinstance(one, sa.exc.StatementError):
            waiting.append(one.orig)
            parts += [repr(one.params), str(one.statement), repr(one.detail)]
        if isinstance(one, psycopg.Error):
            parts += [str(getattr(one.diag, name)) for name in _DIAGNOSTICS]
    return "\n".join(parts)


_DIAGNOSTICS = (
    "message_primary",
    "message_detail",
    "message_hint",
    "context",
    "internal_query",
    "constraint_name",
)
