"""Events and people by what is typed into the command palette, across all events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from desktop.services import readable, zones
from desktop.services.grid import Condition, searching
from desktop.services.lists.events import GROUPS
from desktop.services.lists.searching import contains, each_word, words
from desktop.services.permissions import Operation, acting

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID
    from zoneinfo import ZoneInfo

    from desktop.db.session import Actor, Database
    from desktop.services.grid import Cancellation

EVENTS_AT_MOST: Final = 6
PEOPLE_AT_MOST: Final = 12

LAST_LETTER: Final = "\U0010ffff"
"""Behind every letter people write, in the order of the C collation."""

REGISTRATION = "r.id, r.attendee_name, r.attendee_email, r.status"
NEAREST_FIRST = (
    f"NOT coalesce({GROUPS['upcoming']}, false),"
    " abs(extract(epoch FROM e.start_time - timezone('UTC', now()))) NULLS LAST, e.id"
)
"""What is on or comes next, then the other events, each by how far from today they are."""


@dataclass(frozen=True, slots=True)
class EventFound:
    """An event; ``group`` is the one of `events.GROUPS` it is listed in, ``when`` in its own zone or ""."""

    id: UUID
    title: str
    place: str
    when: str
    group: str


@dataclass(frozen=True, slots=True)
class PersonFound:
    """A registration: who, for which event; no token is ever read here (ruling 26)."""

    id: UUID
    event_id: UUID
    event: str
    name: str
    email: str
    status: str


def events(
    database: Database, actor: Actor, zone: ZoneInfo, text: str, cancellation: Cancellation
) -> tuple[EventFound, ...]:
    """The nearest `EVENTS_AT_MOST` events that are not deleted and have each word in their title or place,
    whatever the case and the accents. Raises `NotAllowed`, and `QueryCancelled` after a cancellation."""
    condition = Condition("e.deleted_at IS NULL") & words(text, "concat_ws(' ', e.title, e.location)")
    group = " ".join(f"WHEN {sql} THEN '{name}'" for name, sql in GROUPS.items())
    statement = sa.text(
        f"SELECT e.id, e.title, e.location, e.start_time, e.time_zone, CASE {group} ELSE 'upcoming' END AS listed_in"
        f" FROM events e WHERE {condition.sql} ORDER BY {NEAREST_FIRST} LIMIT :at_most"
    )
    values = {**condition.values, "at_most": EVENTS_AT_MOST}
    with searching(database, acting(actor, Operation.SEE_EVENTS), cancellation) as connection:
        rows = connection.execute(statement, values).all()
    return tuple(
        EventFound(row.id, row.title or "", row.location or "", _when(row, zone), row.listed_in)
        for row in rows
    )


def people_named(
    database: Database, actor: Actor, text: str, cancellation: Cancellation
) -> tuple[PersonFound, ...]:
    """At most `PEOPLE_AT_MOST` registrations whose name or address begins with the first word and has the others
    anywhere, those of the nearest events first. Found by index: a few milliseconds however many there are. Raises
    `NotAllowed`, and `QueryCancelled` after a cancellation."""
    condition = each_word(text, _found)
    if not condition.values:  # nothing anybody can read
        return ()
    within = " UNION ALL ".join(
        f"(SELECT {REGISTRATION} FROM event_registrations r WHERE r.event_id = e.id AND {key} >= {word}"
        f" AND {key} < {word} || :last AND {condition.sql} ORDER BY {key} LIMIT :at_most)"
        for key, word in (
            ('r.name_key COLLATE "C"', "greenroom.fold(:word_0)"),
            ('lower(r.attendee_email COLLATE "C")', 'lower(:word_0 COLLATE "C")'),
        )
    )
    statement = (
        f"SELECT r.*, e.id AS event_id, e.title FROM (SELECT e.id, e.title FROM events e"
        f" WHERE e.deleted_at IS NULL ORDER BY {NEAREST_FIRST}) e, LATERAL ({within}) r LIMIT :at_most"
    )
    values = {**condition.values, "last": LAST_LETTER, "at_most": 2 * PEOPLE_AT_MOST}
    return _read_people(database, actor, statement, values, cancellation)


def people(
    database: Database, actor: Actor, text: str, cancellation: Cancellation
) -> tuple[PersonFound, ...]:
    """At most `PEOPLE_AT_MOST` registrations with each word anywhere in the name or the address, in no order: all
    registrations are looked through until there are enough, half a second for a million. Raises as
    `people_named`."""
    condition = each_word(text, _found)
    # The scan alone first: joined in one step, some words made PostgreSQL walk event by event, three times as long.
    statement = (
        f"SELECT r.*, e.title FROM (SELECT {REGISTRATION}, r.event_id FROM event_registrations r"
        " WHERE r.event_id NOT IN (SELECT gone.id FROM events gone WHERE gone.deleted_at IS NOT NULL)"
        f" AND {condition.sql} LIMIT :at_most) r JOIN events e ON e.id = r.event_id"
    )
    values = {**condition.values, "at_most": PEOPLE_AT_MOST}
    return _read_people(database, actor, statement, values, cancellation)


def _read_people(
    database: Database, actor: Actor, statement: str, values: Mapping[str, object], cancellation: Cancellation
) -> tuple[PersonFound, ...]:
    with searching(database, acting(actor, Operation.SEE_REGISTRATIONS), cancellation) as connection:
        rows = connection.execute(sa.text(statement), values).all()
    found = {
        row.id: PersonFound(
            row.id, row.event_id, row.title or "", row.attendee_name or "", row.attendee_email, row.status
        )
        for row in rows
    }  # somebody whose name and address both begin so comes twice
    return tuple(found.values())[:PEOPLE_AT_MOST]


def _found(name: str, word: str) -> Condition:
    within = (
        contains("r.name_key", f"greenroom.fold(:{name})"),
        contains("lower(r.attendee_email)", f"lower(:{name})"),
    )
    return Condition(" OR ".join(within), {name: word})


def _when(row: sa.Row[Any], zone: ZoneInfo) -> str:
    if row.start_time is None:
        return ""
    start: datetime = readable.local(row.start_time, zones.named(row.time_zone, zone))
    return f"{readable.weekday(start)} {start.year}"
