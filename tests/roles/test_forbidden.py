"""What nobody of the staff may do in the database, tried on a connection of each group."""

from __future__ import annotations

from uuid import uuid4

import psycopg
import pytest

from desktop import errors
from desktop.db import privileges, upgrade
from desktop.db.privileges import GROUPS
from desktop.db.session import Database

SECRETS = [(table, column) for table, columns in privileges.SECRETS.items() for column in columns]

LEDGERS = ("admin_logs", "check_ins")

REFUSED = (
    "SELECT * FROM users",
    "SELECT * FROM event_registrations",
    "SELECT u FROM users u",
    "SELECT to_jsonb(r) FROM event_registrations r",
    "SELECT id FROM users ORDER BY password_hash",
    "SELECT id FROM event_registrations WHERE registration_token = gen_random_uuid()",
    "COPY users TO STDOUT",
    "COPY event_registrations (registration_token) TO STDOUT",
    "SELECT * FROM greenroom.sign_in_attempts",
    "DELETE FROM greenroom.sign_in_attempts",
    "SELECT * FROM greenroom.sign_in_tries",
    "INSERT INTO greenroom.sign_in_tries (login) VALUES ('asha.menon')",
    "SELECT * FROM greenroom.sign_in_key",
    "UPDATE greenroom.sign_in_key SET key = ''",
    "SELECT greenroom.looked_up('asha.menon')",
    "SELECT greenroom.stand_in('asha.menon')",
    "UPDATE greenroom.schema_version SET version_num = '0001'",
    "SELECT * FROM password_resets",
    "SELECT user_id FROM password_resets WHERE reset_token = gen_random_uuid()",
    "INSERT INTO password_resets (user_id) VALUES (gen_random_uuid())",
    "UPDATE password_resets SET is_used = false",
    "SELECT greenroom.put_password(gen_random_uuid(), 'eve')",
    "SELECT greenroom.is_last_admin(gen_random_uuid())",
    "SELECT greenroom.count_try('asha.menon')",
    "SELECT * FROM contacts",
    "SELECT * FROM newsletter_subscriptions",
    "DELETE FROM events",
    "DELETE FROM users",
    "DELETE FROM event_registrations",
    "DELETE FROM orders",
    "DELETE FROM blogs",
    "DELETE FROM packages",
    "UPDATE packages SET capacity = 1000",
    "UPDATE packages SET is_active = false",
    "UPDATE packages SET event_id = gen_random_uuid()",
    "TRUNCATE events CASCADE",
    "TRUNCATE users CASCADE",
    "UPDATE users SET password_hash = NULL",
    "UPDATE users SET status = 'inactive'",
    "INSERT INTO users (username, email) VALUES ('eve', 'eve@example.org')",
    "INSERT INTO user_roles SELECT gen_random_uuid(), gen_random_uuid()",
    "INSERT INTO roles (name) VALUES ('owner')",
    "UPDATE user_roles SET role_id = gen_random_uuid()",
    "UPDATE event_registrations SET status = 'attended'",
    "UPDATE event_registrations SET registration_token = gen_random_uuid()",
    "INSERT INTO event_registrations (attendee_email) VALUES ('eve@example.org')",
    "UPDATE orders SET payment_status = 'paid'",
    "UPDATE package_seats SET held = 0",
    "UPDATE events SET packages_ids = '{}'",
    "UPDATE events SET status = 'cancelled'",
    "UPDATE events SET published_at = now()",
    "UPDATE events SET deleted_at = NULL",
    "INSERT INTO check_ins (id) VALUES (gen_random_uuid())",
    "UPDATE blogs SET views_count = 0",
    "ALTER TABLE admin_logs DISABLE TRIGGER trg_append_only",
    "ALTER TABLE event_registrations DISABLE TRIGGER USER",
    "DROP TRIGGER trg_seats_insert ON event_registrations",
    "CREATE TRIGGER mine BEFORE INSERT ON users EXECUTE FUNCTION greenroom.refuse_rewrite()",
    "CREATE TABLE public.mine (id int)",
    "CREATE TABLE greenroom.mine (id int)",
    "CREATE FUNCTION public.lower(character varying) RETURNS text LANGUAGE sql AS 'SELECT $1'",
    "CREATE OR REPLACE FUNCTION greenroom.fold(p_text text) RETURNS text LANGUAGE sql AS 'SELECT $1'",
    "CREATE ROLE mine",
    "SET session_replication_role = replica",
    "SET ROLE greenroom",
    "GRANT SELECT ON events TO PUBLIC",
    "SELECT greenroom.move_seats(gen_random_uuid(), -1)",
    "SELECT greenroom.log(gen_random_uuid(), 'a', 'b', gen_random_uuid())",
    "SELECT greenroom.account_of('asha.menon')",
    "SELECT greenroom.give_seat(gen_random_uuid(), gen_random_uuid(), NULL, '')",
    "SELECT greenroom.number_waitlist(gen_random_uuid())",
)


@pytest.fixture
def filled(building, staff):
    """Somebody's account with a password, and a registration: there is something to take."""
    account = staff("organizer", "asha.menon")
    building.registration(building.package(), "zoe@example.org")
    building.insert("admin_logs", admin_id=account.id, action_type="a", description="b")
    return building


def done(connection: psycopg.Connection, statements: list[str]) -> list[str]:
    """Those that were not refused for want of a privilege, each in a transaction that is rolled back."""
    succeeded = []
    for statement in statements:
        try:
            with connection.transaction(force_rollback=True):
                if statement.startswith("COPY"):
                    with connection.cursor().copy(statement) as copy:
                        list(copy)
                else:
                    connection.execute(statement)
        except psycopg.errors.InsufficientPrivilege:
            continue
        except psycopg.Error as error:
            statement = f"{statement}: {error.sqlstate}"
        succeeded.append(statement)
    return succeeded


@pytest.mark.parametrize("group", GROUPS)
def test_each_of_these_is_refused_for_want_of_a_privilege(group, filled, session):
    """Ruling 29: nobody deletes events and users for good, among others."""
    assert done(session(group), [*REFUSED]) == []


@pytest.mark.parametrize("group", GROUPS)
def test_no_secret_column_is_read(group, filled, session):
    """Ruling 26."""
    assert done(session(group), [f"SELECT {column} FROM {table}" for table, column in SECRETS]) == []


@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize("ledger", LEDGERS)
def test_no_ledger_is_rewritten(group, ledger, filled, session):
    """Ruling 23."""
    key = "id = gen_random_uuid()"
    statements = [
        f"UPDATE {ledger} SET {key}",
        f"DELETE FROM {ledger}",
        f"TRUNCATE {ledger}",
        f"TRUNCATE {ledger} CASCADE",
        f"SELECT id FROM {ledger} FOR UPDATE",
        f"MERGE INTO {ledger} USING (SELECT 1) one ON true WHEN MATCHED THEN DELETE",
        f"INSERT INTO {ledger} (id) VALUES (gen_random_uuid()) ON CONFLICT (id) DO UPDATE SET {key}",
    ]
    assert done(session(group), statements) == []


def test_the_owner_may_do_each_of_the_refused_things_or_fails_for_another_reason(filled):
    """Else the list above would prove nothing: misspelt names are refused, too."""
    filled.website.execute("SET statement_timeout = '5s'")
    succeeded = done(filled.website, [*REFUSED])
    assert len(succeeded) == len(REFUSED)
    assert [one for one in succeeded if one.rpartition(": ")[2] in {"42P01", "42703", "42883", "42601"}] == []


@pytest.mark.parametrize("group", GROUPS)
def test_statistics_of_a_secret_column_are_not_shown(group, building, session):
    for number in range(30):
        building.user(password_hash=f"the same hash {number % 2}")
    building.do("ANALYZE users")
    asked = "SELECT count(*) FROM pg_stats WHERE tablename = 'users' AND attname = 'password_hash'"
    assert building.value(asked) == 1
    assert session(group).execute(asked).fetchone() == (0,)


@pytest.mark.parametrize("group", [*GROUPS, "nobody"])
def test_exactly_the_functions_of_the_table_can_be_called(group, building, logins):
    building.do("SET search_path = public")
    found = building.rows(
        "SELECT oid::regprocedure::text AS name FROM pg_proc WHERE pronamespace = 'greenroom'::regnamespace"
        " AND has_function_privilege(%s, oid, 'EXECUTE')",
        logins[group],
    )
    listed = privileges.granted(group) if group in GROUPS else ()
    wanted = {grant.name for grant in listed if grant.kind == "function"}
    assert {row["name"] for row in found} == wanted | set(privileges.PUBLIC_FUNCTIONS)


@pytest.mark.parametrize("group", [*GROUPS, "nobody"])
def test_exactly_the_columns_of_the_table_can_be_used(group, building, logins):
    """Of every table in both schemas, the website's and those of later revisions included."""
    found = building.rows(
        "SELECT format('%%I.%%I', n.nspname, c.relname) AS name, a.attname AS col, p.what"
        " FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace,"
        " unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'REFERENCES']) AS p(what)"
        " WHERE n.nspname IN ('public', 'greenroom') AND c.relkind IN ('r', 'v', 'm', 'p', 'f') AND a.attnum > 0"
        " AND NOT a.attisdropped AND has_column_privilege(%s, c.oid, a.attnum, p.what)",
        logins[group],
    )
    listed = privileges.granted(group) if group in GROUPS else ()
    wanted = {(grant.name, grant.column, grant.privilege) for grant in listed if grant.kind == "column"}
    assert {(row["name"], row["col"], row["what"]) for row in found} == wanted


@pytest.mark.parametrize("group", [*GROUPS, "nobody"])
def test_no_table_can_be_deleted_from(group, building, logins):
    may = building.rows(
        "SELECT c.oid::regclass::text AS name, p.what FROM pg_class c,"
        " unnest(ARRAY['DELETE', 'TRUNCATE', 'TRIGGER']) AS p(what)"
        " WHERE c.relnamespace IN ('public'::regnamespace, 'greenroom'::regnamespace)"
        " AND c.relkind IN ('r', 'v', 'm', 'p', 'f') AND has_table_privilege(%s, c.oid, p.what)",
        logins[group],
    )
    assert may == []


def test_every_function_with_its_owners_rights_pins_its_search_path(building):
    found = building.rows(
        "SELECT oid::regprocedure::text AS name FROM pg_proc WHERE pronamespace = 'greenroom'::regnamespace"
        " AND prosecdef AND NOT 'search_path=pg_catalog, pg_temp' = ANY (coalesce(proconfig, '{}'))"
    )
    assert found == []


def test_no_function_of_ours_belongs_to_somebody_else_than_the_tables(building):
    found = building.rows(
        "SELECT p.oid::regprocedure::text AS name FROM pg_proc p"
        " WHERE p.pronamespace = 'greenroom'::regnamespace"
        " AND p.proowner <> (SELECT relowner FROM pg_class WHERE oid = 'public.users'::regclass)"
    )
    assert found == []


def test_the_door_takes_back_its_own_check_ins_only_whatever_it_asks_for(building, staff, session):
    mine, theirs = staff("door"), staff("organizer")
    package = building.package()
    registration = building.registration(package)
    other = (
        "SELECT verdict FROM greenroom.admit(%s, 'undo', %s, NULL, 's', NULL, %s, now()::timestamp, 'asked',"
        " false, NULL)"
    )
    own = (
        "SELECT verdict FROM greenroom.admit_at_door(%s, %s, %s, NULL, 's', NULL, %s, now()::timestamp, 'asked',"
        " NULL)"
    )
    building.rows(own, uuid4(), "admit", registration, theirs.id)
    door = session("door")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        door.execute(other, (uuid4(), registration, mine.id))
    assert door.execute(own, (uuid4(), "undo", registration, mine.id)).fetchone() == ("not_yours",)
    assert building.status(registration) == "attended"


def test_the_door_reads_the_history_of_a_registration_and_no_other_rows_of_the_log(building, staff, session):
    organizer = staff("organizer")
    registration = building.registration(building.package())
    for subject, told in ((registration, "Moved Zoë"), (organizer.id, "Added asha as organizer")):
        building.insert(
            "admin_logs", admin_id=organizer.id, action_type="a", description=told, subject_id=subject
        )
    door = session("door")
    asked = "SELECT what FROM greenroom.history_of(%s, 50)"
    assert ("Moved Zoë · organizer.person",) in door.execute(asked, (registration,)).fetchall()
    assert door.execute(asked, (organizer.id,)).fetchall() == []


def test_a_schema_somebody_else_put_there_before_us_is_not_moved_into(building, empty_url):
    """Its owner could exchange the functions in it for others, and staff would call these."""
    plain = empty_url.replace("postgresql+psycopg", "postgresql")
    eve = f"eve_{uuid4().hex}"
    building.do(f"CREATE ROLE {eve}")
    try:
        with psycopg.connect(plain, autocommit=True) as connection:
            connection.execute(f"CREATE SCHEMA greenroom AUTHORIZATION {eve}".encode())
            connection.execute("GRANT ALL ON SCHEMA greenroom TO PUBLIC")
            database = Database(empty_url)
            try:
                with pytest.raises(errors.DatabaseRefused, match=f"belongs to “{eve}”"):
                    upgrade.upgrade(database)
            finally:
                database.close()
            made = "SELECT FROM pg_class WHERE relnamespace IN ('public'::regnamespace, 'greenroom'::regnamespace)"
            assert connection.execute(made).fetchall() == []
            connection.execute("DROP SCHEMA greenroom")
    finally:
        building.do(f"DROP ROLE {eve}")
