"""What an owner or a superuser can do to the guards, who cannot be stopped: `greenroom db check` sees it."""

from __future__ import annotations

import pytest

from desktop.db.session import Transaction
from desktop.services.checking import derived, drift, guards
from desktop.services.checking.model import Severity

WAYS = {
    "a seat trigger is switched off": "ALTER TABLE event_registrations DISABLE TRIGGER trg_seats_insert",
    "every trigger of a table is switched off": "ALTER TABLE event_registrations DISABLE TRIGGER USER",
    "a seat trigger fires for replicas only": "ALTER TABLE packages ENABLE REPLICA TRIGGER trg_seats_package_update",
    "a ledger's trigger sleeps for replicas": "ALTER TABLE check_ins ENABLE TRIGGER trg_append_only",
    "a seat trigger is dropped": "DROP TRIGGER trg_seats_delete ON event_registrations",
    "a ledger's trigger is dropped": "DROP TRIGGER trg_append_only_truncate ON admin_logs",
    "a trigger never fires": "CREATE OR REPLACE TRIGGER trg_seats_insert AFTER INSERT ON event_registrations"
    " REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT WHEN (false) EXECUTE FUNCTION greenroom.count_inserted()",
    "a function refuses nothing": "CREATE OR REPLACE FUNCTION greenroom.refuse_rewrite() RETURNS trigger"
    " LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$",
    "a function counts nothing": "CREATE OR REPLACE FUNCTION greenroom.move_seats(p_package uuid, p_delta bigint)"
    " RETURNS void LANGUAGE plpgsql AS $$ BEGIN END $$",
    "another status holds no seat": "CREATE OR REPLACE FUNCTION greenroom.holds_seat(p_status text) RETURNS boolean"
    " LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN p_status = 'registered'",
    "a function runs with the caller's rights": "ALTER FUNCTION greenroom.count_inserted() SECURITY INVOKER",
    "a function looks in any schema": "ALTER FUNCTION greenroom.count_updated() RESET search_path",
    "a function counts under row security": "ALTER FUNCTION greenroom.move_seats(uuid, bigint) RESET row_security",
    "anybody may free seats": "GRANT EXECUTE ON FUNCTION greenroom.move_seats(uuid, bigint) TO PUBLIC",
    "a rule swallows deletes": "CREATE RULE swallow AS ON DELETE TO check_ins DO INSTEAD NOTHING",
    "a rule swallows inserts": "CREATE RULE swallow AS ON INSERT TO admin_logs DO INSTEAD NOTHING",
    "the counters may be lost in a crash": "ALTER TABLE package_seats SET UNLOGGED",
    "the counters are not tied to packages": "ALTER TABLE package_seats DROP CONSTRAINT package_seats_package_id_fkey",
    "the counters are gone": "DROP TABLE package_seats CASCADE",
    "connections switch triggers off": "ALTER ROLE CURRENT_USER SET session_replication_role = replica",
    "the website cannot insert": "REVOKE USAGE ON SCHEMA greenroom FROM PUBLIC",
}
OF_DATA = {
    "a counter is written by hand": "UPDATE package_seats SET held = 7",
    "a counter's capacity is written by hand": "UPDATE package_seats SET capacity = NULL",
    "a counter is taken away": "DELETE FROM package_seats",
    "people are written while triggers sleep": "SET LOCAL session_replication_role = replica;"
    " UPDATE event_registrations SET status = 'cancelled'",
}


@pytest.fixture
def tampered(database, building):
    """What a check says after a statement that is never committed."""
    building.registration(building.package(capacity=3))

    def run(statement, *looks):
        with database.engine.connect() as connection:
            tx = Transaction(connection, None)
            if statement is not None:
                connection.exec_driver_sql(statement)
            found = [finding for look in looks for finding in look(tx).findings]
            connection.rollback()
        return [finding for finding in found if finding.severity is Severity.WRONG]

    return run


def test_a_database_nobody_touched_has_nothing_wrong(tampered):
    assert tampered(None, drift.drift, guards.guards, derived.seats) == []


@pytest.mark.parametrize("way", WAYS)
def test_a_way_round_a_guard_is_seen(way, tampered):
    looks = [drift.drift] if "gone" in way else [drift.drift, guards.guards]
    assert tampered(WAYS[way], *looks) != []


@pytest.mark.parametrize("way", OF_DATA)
def test_seats_that_were_changed_behind_the_guard_are_seen(way, tampered):
    (finding,) = tampered(OF_DATA[way], derived.seats)
    assert (finding.kind, finding.count) == ("seat_counter", 1)
