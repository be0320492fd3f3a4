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
import sqlalchemy as sa

from tests.proving.operations import PACKAGE, Operation

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

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


def sql(text: str) -> Callable[[psycopg.Connection[Any]], object]:
    """Runs the statements."""
    return lambda connection: connection.execute(text)


def edited(changes: dict[str, list[tuple[str, str]]]) -> Callable[[psycopg.Connection[Any]], object]:
    """Changes the text of functions: of each, by its name in `greenroom`, every match of a pattern."""

    def run(connection: psycopg.Connection[Any]) -> None:
        for name, pairs in changes.items():
            found = connection.execute(
                "SELECT pg_get_functiondef(p.oid) FROM pg_proc p WHERE p.pronamespace = 'greenroom'::regnamespace"
                " AND p.proname = %s",
                (name,),
            ).fetchall()
            assert len(found) == 1, f"there are {len(found)} functions greenroom.{name}"
            ((text,),) = found
            for pattern, instead in pairs:
                text, times = re.subn(pattern, instead, text)
                assert times, f"greenroom.{name} has no “{pattern}” any more: the mutant must be thought of anew"
            connection.execute(text)

    return run


FULL = """
    RAISE EXCEPTION 'package % is full', p_package
      USING ERRCODE = 'check_violation', CONSTRAINT = 'package_capacity', TABLE = 'event_registrations';
"""
MOVE_SEATS = """
CREATE OR REPLACE FUNCTION greenroom.move_seats(p_package uuid, p_delta bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  v_capacity integer;
  v_taken bigint;
BEGIN
{body}
END $$
"""

BY_ROW = """
DROP TRIGGER trg_seats_insert ON event_registrations;
DROP TRIGGER trg_seats_update ON event_registrations;
DROP TRIGGER trg_seats_delete ON event_registrations;
CREATE FUNCTION greenroom.count_row() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' AND greenroom.holds_seat(OLD.status) THEN
    PERFORM greenroom.move_seats(OLD.package_id, -1);
  END IF;
  IF TG_OP <> 'DELETE' AND greenroom.holds_seat(NEW.status) THEN
    PERFORM greenroom.move_seats(NEW.package_id, 1);
  END IF;
  IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER trg_seats_row BEFORE INSERT OR UPDATE OR DELETE ON event_registrations
  FOR EACH ROW EXECUTE FUNCTION greenroom.count_row();
""" + MOVE_SEATS.format(
    body=f"""
  UPDATE public.package_seats s SET held = s.held + p_delta
   WHERE s.package_id = p_package AND (p_delta <= 0 OR s.held + p_delta <= s.capacity);
  IF NOT FOUND AND p_delta > 0 THEN {FULL} END IF;
"""
)

COUNTED_WHILE_LOCKING = MOVE_SEATS.format(
    body=f"""
  SELECT s.capacity, (SELECT count(*) FROM public.event_registrations r
                       WHERE r.package_id = s.package_id AND greenroom.holds_seat(r.status))
    INTO v_capacity, v_taken FROM public.package_seats s WHERE s.package_id = p_package FOR UPDATE;
  IF p_delta > 0 AND v_taken > v_capacity THEN {FULL} END IF;
  UPDATE public.package_seats s SET held = s.held + p_delta WHERE s.package_id = p_package;
"""
)

LOCKED_THEN_COUNTED = MOVE_SEATS.format(
    body=f"""
  PERFORM pg_advisory_xact_lock(hashtextextended(p_package::text, 0));
  SELECT p.capacity, (SELECT count(*) FROM public.event_registrations r
                       WHERE r.package_id = p.id AND greenroom.holds_seat(r.status))
    INTO v_capacity, v_taken FROM public.packages p WHERE p.id = p_package;
  IF p_delta > 0 AND v_taken > v_capacity THEN {FULL} END IF;
"""
)

ONLY_COUNTED = MOVE_SEATS.format(
    body="UPDATE public.package_seats s SET held = s.held + p_delta WHERE s.package_id = p_package;"
)
"""A counter that refuses nobody: what is left is what staff's own functions decide under their lock."""

UNCOUNTED_MOVES = """
CREATE OR REPLACE FUNCTION greenroom.count_updated() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
  v record;
BEGIN
  FOR v IN SELECT n.package_id, sum(greenroom.holds_seat(n.status)::int - greenroom.holds_seat(o.status)::int) AS delta
             FROM new_rows n JOIN old_rows o USING (id) GROUP BY n.package_id ORDER BY n.package_id
  LOOP
    PERFORM greenroom.move_seats(v.package_id, v.delta);
  END LOOP;
  RETURN NULL;
END $$
"""

SEATS = (
    Mutant("counter as BEFORE ROW trigger", "drift", sql(BY_ROW)),
    Mutant("count in the locking statement", "oversold", sql(COUNTED_WHILE_LOCKING)),
    Mutant("REPEATABLE READ without the counter", "oversold", sql(LOCKED_THEN_COUNTED)),
    Mutant("no guard beneath the website", "oversold", sql(ONLY_COUNTED)),
    Mutant("a counter that looks at INSERT only", "oversold", sql("DROP TRIGGER trg_seats_update ON event_registrations")),
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
                "admit": [
                    (
                        r"v_seats := greenroom\.lock_package\(v_reg\.package_id\)",
                        "SELECT * INTO v_seats FROM public.package_seats s WHERE s.package_id = v_reg.package_id",
                    )
                ]
            }
        ),
    ),
)

REORDERING = """
CREATE OR REPLACE FUNCTION greenroom.close_gaps(p_package uuid, p_most integer) RETURNS integer LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM greenroom.lock_package(p_package);
  UPDATE public.event_registrations r SET waitlist_position = w.place
    FROM (SELECT x.id, row_number() OVER (ORDER BY x.registered_at, x.id) AS place
            FROM public.event_registrations x WHERE x.package_id = p_package AND x.status = 'waitlisted') w
   WHERE r.id = w.id AND r.waitlist_position IS DISTINCT FROM w.place;
  RETURN 0;
END $$
"""

COUNTED_PLACES = """
CREATE OR REPLACE FUNCTION greenroom.next_place(p_package uuid) RETURNS integer LANGUAGE sql
SET search_path = pg_catalog, pg_temp AS $$
  SELECT count(*)::integer + 1 FROM public.event_registrations r
   WHERE r.package_id = p_package AND r.status = 'waitlisted'
$$
"""

WAITLIST = (
    Mutant("gap closing that reorders", "overtaken", sql(REORDERING)),
    Mutant("a place counted instead of the last one", "overtaken", sql(COUNTED_PLACES)),
    Mutant(
        "promotion skips whoever is being edited",
        "overtaken",
        edited({"give_seats": [("NOWAIT", "SKIP LOCKED")]}),
    ),
    Mutant(
        "promotion by the seats seen before the cancellation",
        "lost promotion",
        edited({"cancel": [(r"SELECT s\.held INTO held[^;]*;", "held := v_seats.held;")]}),
    ),
    Mutant(
        "promotion that forgets the order",
        "promoted without an order",
        edited({"give_seats": [(r"greenroom\.needs_order\(p_package\)", "false")]}),
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


def installed(connection: psycopg.Connection[Any], pattern: str) -> list[str]:
    """The text of our functions that match."""
    found = connection.execute(
        "SELECT pg_get_functiondef(p.oid) FROM pg_proc p WHERE p.pronamespace = 'greenroom'::regnamespace"
        " AND pg_get_functiondef(p.oid) ~ %s ORDER BY 1",
        (pattern,),
    ).fetchall()
    assert found, f"no function of ours says {pattern} any more"
    return [text for (text,) in found]


WEBSITE = (
    Mutant("lock order reversed", "the website was told 40P01", reversed_order),
    Mutant(
        "packages in no order",
        "the website was told 40P01",
        edited({"count_inserted": [(r"ORDER BY n\.package_id", "ORDER BY n.package_id DESC")]}),
    ),
)


def _over_round_trips(ended_after: str) -> Callable[[Database, Actor, Mapping[str, str]], object]:
    def run(database: Database, actor: Actor, given: Mapping[str, str]) -> None:
        with database.transaction(actor) as tx:
            tx.execute(f"SET LOCAL idle_in_transaction_session_timeout = '{ended_after}'")
            tx.execute("SELECT FROM package_seats WHERE package_id = :id FOR UPDATE", {"id": given["package"]})
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
