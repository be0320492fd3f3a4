"""A check sees a structure that is not this program's, and whoever gets round the guards."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from desktop.db import upgrade
from desktop.db.session import Database
from desktop.services import checking
from desktop.services.checking.model import Severity
from tests.connections import elders

DAMAGE = {
    "a foreign key that is switched off": (
        "ALTER TABLE event_registrations DISABLE TRIGGER ALL; ALTER TABLE event_registrations ENABLE TRIGGER USER",
        "schema_constraint",
        "event_registrations_user_id_fkey",
    ),
    "a trigger that is switched off": (
        "ALTER TABLE event_registrations DISABLE TRIGGER trg_seats_insert",
        "schema_trigger",
        "trg_seats_insert",
    ),
    "a trigger that is gone": (
        "DROP TRIGGER trg_append_only ON check_ins",
        "schema_trigger",
        "trg_append_only",
    ),
    "a ledger that replicas may rewrite": (
        "ALTER TABLE admin_logs ENABLE TRIGGER trg_append_only",
        "schema_trigger",
        "trg_append_only",
    ),
    "a constraint that was never tried": (
        "ALTER TABLE packages DROP CONSTRAINT chk_package_type_event; ALTER TABLE packages ADD CHECK ("
        " (package_type = 'subscription' AND event_id IS NULL)"
        " OR (package_type = 'event' AND event_id IS NOT NULL)) NOT VALID",
        "schema_constraint",
        "packages_check",
    ),
    "an index that is half built": (
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'idx_event_regs_token'::regclass",
        "schema_index",
        "idx_event_regs_token",
    ),
    "a column that is gone": ("ALTER TABLE events DROP COLUMN time_zone", "schema_column", "time_zone"),
    "a function of somebody else's": (
        "CREATE OR REPLACE FUNCTION greenroom.count_truncated() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER"
        " SET search_path = pg_catalog, pg_temp AS 'BEGIN RETURN NULL; END'",
        "schema_function",
        "greenroom.count_truncated()",
    ),
    "a function everybody may execute": (
        "GRANT EXECUTE ON FUNCTION greenroom.repair_seats(uuid, uuid) TO PUBLIC",
        "schema_function",
        "greenroom.repair_seats(uuid,uuid)",
    ),
    "a function without its search path": (
        "ALTER FUNCTION greenroom.repair_seats(uuid, uuid) RESET search_path",
        "schema_function",
        "greenroom.repair_seats(uuid,uuid)",
    ),
    "a rule": (
        "CREATE RULE mute AS ON DELETE TO event_registrations DO INSTEAD NOTHING",
        "rule",
        "event_registrations.mute",
    ),
    "an unlogged table": ("ALTER TABLE check_ins SET UNLOGGED", "not_logged", "check_ins"),
    "a schema nobody may use": (
        "REVOKE USAGE ON SCHEMA greenroom FROM PUBLIC",
        "schema_out_of_reach",
        "greenroom",
    ),
}


def test_what_is_not_as_this_program_makes_it_is_named_and_an_upgrade_makes_it_again(summit):
    for damage, _kind, _name in DAMAGE.values():
        summit.do(damage)

    found = {(finding.kind, row.id): finding.severity for finding in summit.found() for row in finding.rows}

    assert {case: found.get((kind, name)) for case, (_, kind, name) in DAMAGE.items()} == dict.fromkeys(
        DAMAGE, Severity.WRONG
    )
    summit.do(
        "ALTER TABLE event_registrations ENABLE TRIGGER ALL;"
        "ALTER TABLE event_registrations DISABLE TRIGGER trg_seats_insert"
    )
    upgrade.upgrade(summit.database)
    assert {finding.kind for finding in summit.found()} == {"rule", "not_logged"}


def test_what_the_website_has_of_its_own_is_no_difference(summit):
    summit.do(
        "CREATE TABLE sessions (id int PRIMARY KEY); ALTER TABLE users ADD COLUMN theme text;"
        "CREATE INDEX users_theme ON users(theme); CREATE VIEW visitors AS SELECT id FROM users;"
        "CREATE FUNCTION hello() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';"
        "CREATE TRIGGER hello AFTER INSERT ON users FOR EACH ROW EXECUTE FUNCTION hello()"
    )

    assert summit.found() == []


def test_row_security_is_worth_a_note_and_stops_a_check_that_would_miss_rows(summit, role, database_url):
    summit.do(f"GRANT SELECT ON ALL TABLES IN SCHEMA public, greenroom TO {role}")
    summit.do(f"GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA greenroom TO {role}")
    assert kinds_as(role, database_url, "seats") == set()

    summit.do("ALTER TABLE event_registrations ENABLE ROW LEVEL SECURITY")

    assert [(finding.kind, finding.severity) for finding in summit.found()] == [
        ("row_security", Severity.NOTE)
    ]
    assert kinds_as(role, database_url, "seats") == {"not_looked_at"}


def test_a_role_whose_connections_fire_no_triggers_is_wrong(summit, role):
    # In this database only: the setting is committed, and a check of another test would meet it.
    name = summit.value("SELECT current_database()")
    summit.do(f"ALTER ROLE {role} IN DATABASE {name} SET session_replication_role = 'replica'")

    (found,) = summit.found()

    assert (found.kind, found.severity) == ("triggers_off", Severity.WRONG)
    assert found.rows[0].sentence == f"session_replication_role=replica for role {role} in this database"


def test_an_account_without_privileges_is_told_what_it_cannot_look_at(summit, role, database_url):
    summit.do(f"GRANT SELECT ON greenroom.schema_version TO {role}")

    assert kinds_as(role, database_url, "seats") == {"not_looked_at"}
    assert kinds_as(role, database_url, "schema") == set()


def test_what_is_about_a_table_that_is_gone_is_not_looked_at_and_the_rest_is(summit):
    summit.do("DROP TABLE package_seats CASCADE")

    found = {
        subject.name: {finding.kind for finding in subject.findings}
        for subject in checking.check(summit.database).subjects
    }

    assert found["schema"] >= {"schema_table"}
    assert found["seats"] == {"not_looked_at"}
    assert found["guards"] == found["waitlists"] == found["references"] == found["kept"] == set()


@pytest.mark.slow
@pytest.mark.parametrize("version", elders.present())
def test_every_version_of_postgresql_is_looked_over_alike(version):
    with elders.started(version) as server:
        database = Database(server.url("postgres"))
        upgrade.upgrade(database)
        clean = [
            finding.kind for subject in checking.check(database).subjects for finding in subject.findings
        ]
        for damage, _kind, _name in DAMAGE.values():
            with database.transaction() as tx:
                tx.execute(damage)
        found = {
            (finding.kind, row.id)
            for subject in checking.check(database).subjects
            for finding in subject.findings
            for row in finding.rows
        }
        database.close()

    assert clean == ["nobody_may_sign_in"]
    assert {(kind, name) for _, kind, name in DAMAGE.values()} <= found


def kinds_as(role, database_url, subject):
    """What a subject finds when this role looks."""
    address = sa.make_url(database_url).set(username=role)
    database = Database(address.render_as_string(hide_password=False))
    report = checking.check(database)
    database.close()
    (looked,) = (one for one in report.subjects if one.name == subject)
    return {finding.kind for finding in looked.findings}
