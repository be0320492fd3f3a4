"""What an operation of staff is to the proofs: how it finds what it is done to, and how it is done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import uuid4

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from desktop.db.session import Actor, Database

    Given = Mapping[str, str]
    Run = Callable[[Database, Actor, Given], object]


@dataclass(frozen=True, slots=True)
class Operation:
    """``find`` is a query for one row of texts: ``package``, whose seats it is about, and what else ``run`` is given;
    ``%(packages)s`` are those of the scene. What closes an event or a package is done to ``%(spare)s``, a package of an
    event of its own that has begun, or to ``%(over)s``, one of an event that is over: the others stay open, or a storm
    would soon be about nothing. A ``find`` may open the spare event again, or make something to do it to. ``before``
    is how the proof about a frozen client, which is alone, makes sure that there is something.

    ``one_call``: nothing is locked while an answer travels, so whoever freezes delays the website for 0.5 s at most;
    all others are ended by the server after 10 s."""

    name: str
    find: str
    run: Run
    one_call: bool = True
    before: str = ""


def one(column: str, where: str, table: str = "event_registrations", package: str = "package_id") -> str:
    """One of them, at random."""
    return (
        f"SELECT {package}::text AS package, id::text AS {column} FROM {table}"
        f" WHERE {package} = ANY (%(packages)s) AND {where} ORDER BY random() LIMIT 1"
    )


def person(*statuses: str) -> str:
    """Somebody whose registration is in one of the statuses."""
    return one("registration", f"status IN ({', '.join(repr(status) for status in statuses)})")


def people(*statuses: str) -> str:
    """Four of them, of any packages, with blanks between; ``other`` is another package than the first one's."""
    return (
        "SELECT (array_agg(r.package_id))[1]::text AS package, string_agg(r.id::text, ' ') AS registrations,"
        " (SELECT p.id::text FROM packages p WHERE p.id = ANY (%(packages)s)"
        "   AND p.id <> (array_agg(r.package_id))[1] ORDER BY random() LIMIT 1) AS other"
        " FROM (SELECT id, package_id FROM event_registrations WHERE package_id = ANY (%(packages)s)"
        f"  AND status IN ({', '.join(repr(status) for status in statuses)}) ORDER BY random() LIMIT 4) r"
        " HAVING count(*) > 0"
    )


PACKAGE = one("id", "true", "packages", "id")
FREE = one("id", "price = 0", "packages", "id")
PRICED = one("id", "price > 0", "packages", "id")
EVENT = (
    "SELECT id::text AS package, event_id::text AS event FROM packages WHERE id = ANY (%(packages)s)"
    " ORDER BY random() LIMIT 1"
)
SPARE = "SELECT id::text AS package, event_id::text AS event FROM packages WHERE id = %(spare)s"
OPEN = (
    "WITH e AS (UPDATE events SET status = 'published', cancelled_at = NULL, deleted_at = NULL"
    " WHERE id = (SELECT event_id FROM packages WHERE id = %(spare)s) RETURNING id)"
    " SELECT p.id::text AS package, e.id::text AS event FROM e, packages p WHERE p.id = %(spare)s"
)
OVER = SPARE.replace("%(spare)s", "%(over)s")
EMPTY = (
    "INSERT INTO packages (package_type, event_id, name, slug, price, duration_days, capacity)"
    " SELECT 'event', event_id, 'Empty', gen_random_uuid()::text, 0, 0, 5 FROM packages WHERE id = %(spare)s"
    " RETURNING id::text AS package,"
    " (SELECT event_id::text FROM packages WHERE id = ANY (%(packages)s) LIMIT 1) AS event"
)


def new() -> str:
    """An address nobody has."""
    return f"staff{uuid4().hex}@example.org"
