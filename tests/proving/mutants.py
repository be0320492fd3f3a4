"""Broken designs, by name: each is what somebody could have built instead, and a proof must fail on it.

A mutant is SQL for a test's own database. Where it breaks one of our functions it changes the text of the function
that is installed (`edited`), so that it stays a small change of the real thing; one that finds nothing to change any
more says so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import psycopg
import pytest
import sqlalchemy as sa

from tests.proving.broken import (
    BY_ROW,
    COUNTED_PLACES,
    COUNTED_WHILE_LOCKING,
    LOCKED_THEN_COUNTED,
    ONLY_COUNTED,
    REORDERING,
    UNCOUNTED_MOVES,
)
from tests.proving.operation import PACKAGE, Operation

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Mapping

    from desktop.db.session import Actor, Database


@dataclass(frozen=True, slots=True)
class Mutant:
    """``expected`` is the kind of fault that the proof must find."""

    name: str
    expected: str
    break_it: Callable[[psycopg.Connection[Any]], object]


def install(url: str, mutant: Mutant) -> None:
    """Break the database of a test."""
    address = sa.make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as connection:
        mutant.break_it(connection)


def each(those: Iterable[Mutant], suite: Container[str]) -> list[Any]:
    """The mutants as a test's parameters; those that are not named are for `make prove` only."""
    return [
        pytest.param(mutant, id=mutant.name, marks=() if mutant.name in suite else pytest.mark.slow)
        for mutant in those
    ]


def sql(text: str) -> Callable[[psycopg.Connection[Any]], object]:
    """Runs the statements."""
    return lambda connection: connection.execute(text)


def edited(*alternatives: dict[str, list[tuple[str, str]]]) -> Callable[[psycopg.Connection[Any]], object]:
    """Changes the text of functions: of each, by its name in `greenroom`, every match of a pattern. Of several
    alternatives the first that finds everything it changes, so that a mutant outlives a function that was moved."""

    def run(connection: psycopg.Connection[Any]) -> None:
        lacking = []
        for changes in alternatives:
            texts = []
            for name, pairs in changes.items():
                text = next(iter(installed(connection, rf"FUNCTION greenroom\.{name}\(")), "")
                for pattern, instead in pairs:
                    text, times = re.subn(pattern, instead, text)
                    if not times:
                        lacking.append(f"greenroom.{name} has no “{pattern}”")
                texts.append(text)
            if len(lacking) == 0:
                break
            if changes is not alternatives[-1]:
                lacking.clear()
        assert not lacking, f"the mutant must be thought of anew: {', '.join(lacking)}"
        for text in texts:
            connection.execute(text)

    return run


def installed(connection: psycopg.Connection[Any], pattern: str) -> list[str]:
    """The text of our functions that match."""
    found = connection.execute(
        "SELECT pg_get_functiondef(p.oid) FROM pg_proc p WHERE p.pronamespace = 'greenroom'::regnamespace"
        " AND pg_get_functiondef(p.oid) ~ %s ORDER BY 1",
        (pattern,),
    ).fetchall()
    return [text for (text,) in found]


SEATS = (
    Mutant("counter as BEFORE ROW trigger", "drift", sql(BY_ROW)),
    Mutant("count in the locking statement", "oversold", sql(COUNTED_WHILE_LOCKING)),
    Mutant("REPEATABLE READ without the counter", "oversold", sql(LOCKED_THEN_COUNTED)),
    Mutant("no guard beneath the website", "oversold", sql(ONLY_COUNTED)),
    Mutant(
        "a counter that looks at INSERT only",
        "oversold",
        sql("DROP TRIGGER trg_seats_update ON event_registrations"),
    ),
    Mutant("moves to another package not counted", "drift", sql(UNCOUNTED_MOVES)),
    Mutant("deletions not counted", "drift", sql("DROP TRIGGER trg_seats_delete ON event_registrations")),
    Mutant(
        "a capacity the counter does not follow",
        "drift",
        sql("DROP TRIGGER trg_seats_package_update ON packages"),
    ),
)

STAFF_ALONE = (
    Mutant(
        "a lock that only looks",
        "oversold",
        edited({"lock_package": [(r"\s+FOR UPDATE", "")]}),
    ),
    Mutant(
        "a late no-show let in without the lock",
        "oversold",
        edited(
            {
                "lock_packages": [
                    (r"PERFORM greenroom\.lock_package\(v_packages\[1\]\)[^;]*;", ""),
                    (r"\s+ORDER BY s\.package_id FOR UPDATE NOWAIT", ""),
                ]
            }
        ),
    ),
)

SKIPPING = r"\1 FOR UPDATE SKIP LOCKED\n  LOOP"
WAITLIST = (
    Mutant("gap closing that reorders", "overtaken", sql(REORDERING)),
    Mutant("a place counted instead of the last one", "overtaken", sql(COUNTED_PLACES)),
    Mutant(
        "promotion skips whoever is being edited",
        "overtaken",
        edited(
            {
                "in_line": [
                    ("STABLE", "VOLATILE"),
                    (r"(ORDER BY r\.waitlist_position[^;]*?)\n  LOOP", SKIPPING),
                ]
            },
            {"give_seats": [("NOWAIT", "SKIP LOCKED")]},
        ),
    ),
    Mutant(
        "promotion by the seats seen before the cancellation",
        "lost promotion",
        edited({"cancel": [(r"SELECT s\.held INTO held[^;]*;", "held := v_seats.held;")]}),
    ),
    Mutant(
        "promotion that forgets the order",
        "promoted without an order",
        edited(
            {"seat_waiting": [(r"greenroom\.needs_order\(p_package\)", "false")]},
            {"give_seats": [(r"greenroom\.needs_order\(p_package\)", "false")]},
        ),
    ),
    Mutant(
        "nobody closes gaps",
        "gap",
        sql(
            "CREATE OR REPLACE FUNCTION greenroom.close_gaps(p_package uuid, p_most integer) RETURNS integer"
            " LANGUAGE sql AS 'SELECT 0'"
        ),
    ),
)

IMPATIENT = (r"SET lock_timeout TO '100ms'", "SET lock_timeout TO '0'")
WAITS = (" NOWAIT", "")


def reversed_order(connection: psycopg.Connection[Any]) -> None:
    """Whoever holds a package's seats waits for people, orders, packages and events, as the website holds them when it
    comes for a seat: in every function of ours that says NOWAIT, and without a limit to the waiting."""
    for text in installed(connection, "NOWAIT|lock_timeout"):
        connection.execute(re.sub(*IMPATIENT, text.replace(*WAITS)))


WEBSITE = (
    Mutant("lock order reversed", "the website was told 40P01", reversed_order),
    Mutant(
        "packages in no order",
        "the website was told 40P01",
        edited({"count_inserted": [(r"ORDER BY n\.package_id", "ORDER BY n.package_id DESC")]}),
    ),
)

CROWD = Mutant(
    "an event waited for with the seats in hand",
    "the website was told 40P01",
    edited({"closed_because": [("FOR KEY SHARE NOWAIT", "FOR SHARE")]}),
)


def _over_round_trips(ended_after: str) -> Callable[[Database, Actor, Mapping[str, str]], object]:
    def run(database: Database, actor: Actor, given: Mapping[str, str]) -> None:
        with database.transaction(actor) as tx:
            tx.execute(f"SET LOCAL idle_in_transaction_session_timeout = '{ended_after}'")
            tx.execute(
                "SELECT FROM package_seats WHERE package_id = :id FOR UPDATE", {"id": given["package"]}
            )
            tx.execute(
                "INSERT INTO event_registrations (event_id, package_id, attendee_email)"
                " SELECT event_id, id, :email FROM packages WHERE id = :id",
                {"id": given["package"], "email": f"{uuid4()}@example.org"},
            )

    return run


FROZEN = {
    "seats locked across round trips": Operation(
        "seats locked across round trips", PACKAGE, _over_round_trips("10s")
    ),
    "seats locked across round trips, ended early": Operation(
        "seats locked across round trips, ended early", PACKAGE, _over_round_trips("700ms")
    ),
    "nobody ends a frozen transaction": Operation(
        "nobody ends a frozen transaction", PACKAGE, _over_round_trips("0")
    ),
}
"""Operations that take more than one call, which say that they do not."""

BY_NAME = {mutant.name: mutant for mutant in (*SEATS, *STAFF_ALONE, *WAITLIST, *WEBSITE)}
