"""Rows that stand in the way of the specification's constraints are found, and nothing else is."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from desktop.db.catalog import reading, wanted
from desktop.db.session import Database
from desktop.db.survey import reported, rows
from desktop.db.survey.looking import SECRETS
from tests.adoption import websites
from tests.adoption.websites import id_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    import sqlalchemy as sa

    from desktop.db.findings import Finding

REGISTRATIONS = "public.event_registrations"
KEY = "ALTER TABLE event_registrations DROP CONSTRAINT event_registrations_package_id_attendee_email_key;"


@pytest.fixture(scope="module")
def website(server) -> Iterator[Database]:
    """A database made from the specification, whose tests roll back what they do to it."""
    with websites.empty(server) as url:
        websites.build(url, websites.SPECIFIED)
        opened = Database(url)
        yield opened
        opened.close()


@contextmanager
def damaged(website: Database, damage: str) -> Iterator[sa.Connection]:
    with website.engine.connect() as connection:
        begun = connection.begin()
        connection.exec_driver_sql(f"SET LOCAL search_path = public; {damage}".replace("%", "%%"))
        yield connection
        begun.rollback()


def refused(connection: sa.Connection) -> tuple[Finding, ...]:
    return rows.refused(connection, reading.read(connection), wanted.wanted())


def kept(connection: sa.Connection) -> tuple[Finding, ...]:
    return reported.habits(connection, reading.read(connection), wanted.wanted())


def shows(connection: sa.Connection, finding: Finding) -> list[str]:
    """What the finding's statement shows whoever runs it, who must not see a secret."""
    found = connection.exec_driver_sql(finding.sql.replace("%", "%%"))
    assert SECRETS.isdisjoint(found.keys())
    return [str(row[0]) for row in found]


DAMAGES = {
    "an event package without an event, a subscription with one": (
        "UPDATE packages SET event_id = NULL WHERE slug = 'monsoon-vip';"
        "UPDATE packages SET event_id = (SELECT id FROM events WHERE slug = 'fete') WHERE slug = 'friends'",
        [("package type against event", "public.packages", {"package monsoon-vip", "package friends"})],
    ),
    "packages with events from before there were types": (
        "ALTER TABLE packages DROP COLUMN package_type",
        [
            (
                "package type against event",
                "public.packages",
                {
                    *("package monsoon-workshop", "package monsoon-vip", "package fete-entree"),
                    *("package bayanat-general", "package off-early", "package long-ago-table"),
                },
            )
        ],
    ),
    "one person twice where the unique constraint is missing": (
        f"{KEY} UPDATE event_registrations SET attendee_email = 'vip1@example.org'"
        " WHERE attendee_email = 'vip2@example.org'",
        [("duplicates", REGISTRATIONS, {"registration vip 1", "registration vip 2"})],
    ),
    "the same slug twice, of which three indexes speak": (
        "ALTER TABLE packages DROP CONSTRAINT packages_slug_key;"
        "UPDATE packages SET slug = 'vip' WHERE slug IN ('monsoon-vip', 'monsoon-workshop')",
        [("duplicates", "public.packages", {"package monsoon-vip", "package monsoon-workshop"})],
    ),
    "the same secret twice": (
        "ALTER TABLE password_resets DROP CONSTRAINT password_resets_reset_token_key;"
        "UPDATE password_resets SET reset_token = md5('one')::uuid",
        [("duplicates", "public.password_resets", {"reset 1", "reset 2"})],
    ),
    "no primary key, and an id twice": (
        "ALTER TABLE admin_logs DROP CONSTRAINT admin_logs_pkey; INSERT INTO admin_logs SELECT * FROM admin_logs"
        " WHERE id = md5('log 1')::uuid",
        [("duplicates", "public.admin_logs", {"log 1"})],
    ),
    "orders that do not exist": (
        "ALTER TABLE event_registrations DROP CONSTRAINT event_registrations_order_id_fkey;"
        "DELETE FROM orders WHERE id IN (md5('order 1')::uuid, md5('order 2')::uuid)",
        [("orphans", REGISTRATIONS, {"registration workshop 1", "registration workshop 2"})],
    ),
    "orders that do not exist, and a foreign key that never looked": (
        "ALTER TABLE event_registrations DROP CONSTRAINT event_registrations_order_id_fkey;"
        "DELETE FROM orders WHERE id = md5('order 1')::uuid;"
        "ALTER TABLE event_registrations ADD CONSTRAINT fk FOREIGN KEY (order_id) REFERENCES orders(id)"
        " ON DELETE SET NULL NOT VALID",
        [("orphans", REGISTRATIONS, {"registration workshop 1"})],
    ),
    "a table that is referred to and is not there": (
        "DROP TABLE orders CASCADE",
        [("orphans", REGISTRATIONS, {f"registration workshop {n}" for n in range(1, 9)})],
    ),
    "a status of the website's own": (
        "ALTER TABLE event_registrations DROP CONSTRAINT event_registrations_status_check;"
        "UPDATE event_registrations SET status = 'maybe' WHERE attendee_email LIKE 'vip1%'",
        [("value outside the list", REGISTRATIONS, {"registration vip 1"})],
    ),
    "a status of the website's own, which its constraint knows": (
        "ALTER TABLE orders DROP CONSTRAINT orders_payment_status_check;"
        "ALTER TABLE orders ADD CHECK (payment_status IN ('pending','paid','failed','refunded','disputed'));"
        "UPDATE orders SET payment_status = 'disputed' WHERE payment_id = 'pay_3'",
        [("value outside the list", "public.orders", {"order 3"})],
    ),
    "a published event without a place": (
        "ALTER TABLE events DROP CONSTRAINT chk_publish_event; UPDATE events SET location = NULL WHERE slug = 'fete'",
        [("incomplete publication", "public.events", {"event 2"})],
    ),
    "a published post without a title": (
        "ALTER TABLE blogs DROP CONSTRAINT chk_publish_fields; UPDATE blogs SET title = NULL WHERE slug = 'gruesse'",
        [("incomplete publication", "public.blogs", {"blog 1"})],
    ),
    "no value where there must be one": (
        "ALTER TABLE users ALTER updated_at DROP NOT NULL; ALTER TABLE users DISABLE TRIGGER USER;"
        "UPDATE users SET updated_at = NULL WHERE username IN ('user3', 'user4')",
        [("missing value", "public.users", {"user 3", "user 4"})],
    ),
    "a column that is missing and has no default": (
        "ALTER TABLE contacts DROP COLUMN phone_number",
        [("missing value", "public.contacts", {"contact 1", "contact 2", "contact 3", "contact 4"})],
    ),
    "no primary key, and no id": (
        "ALTER TABLE blogs DROP COLUMN id; UPDATE blogs SET status = status;"
        "ALTER TABLE blogs DROP CONSTRAINT blogs_slug_key; UPDATE blogs SET slug = 'same' WHERE slug IS NOT NULL",
        [("duplicates", "public.blogs", None)],
    ),
    "roles of the website's own, given twice": (
        "CREATE TABLE roles (id UUID PRIMARY KEY DEFAULT gen_random_uuid(), name VARCHAR(50) NOT NULL UNIQUE);"
        "CREATE TABLE user_roles (user_id UUID NOT NULL, role_id UUID NOT NULL);"
        "INSERT INTO roles (id, name) VALUES (md5('role')::uuid, 'moderator');"
        "INSERT INTO user_roles SELECT md5('user 1')::uuid, md5('role')::uuid FROM generate_series(1, 2)",
        [("duplicates", "public.user_roles", None)],
    ),
}


def test_a_website_that_keeps_the_specification_has_nothing_to_put_right(website):
    with damaged(website, "") as connection:
        assert refused(connection) == ()


@pytest.mark.parametrize("case", DAMAGES)
def test_rows_that_break_a_constraint_are_named_and_shown(website, case):
    damage, expected = DAMAGES[case]
    with damaged(website, damage) as connection:
        found = refused(connection)
        assert [(finding.kind, finding.table) for finding in found] == [
            (kind, table) for kind, table, _ in expected
        ]
        for finding, (_, _, ids) in zip(found, expected, strict=True):
            assert finding.refused
            assert shows(connection, finding) == list(finding.rows)
            assert len(finding.rows) == finding.count > 0
            if ids is not None:
                assert set(finding.rows) == {str(id_of(what)) for what in ids}
            assert finding.reason.endswith(".")
            assert finding.remedy.endswith(".")


def test_of_many_rows_fifty_are_listed_and_all_are_counted_and_shown(website):
    many = (
        "INSERT INTO contacts (name, email, country_code, phone_number, message, user_id)"
        " SELECT 'Nobody', 'a@example.org', '+91', '1', 'hello', gen_random_uuid() FROM generate_series(1, 73)"
    )
    with damaged(
        website, f"ALTER TABLE contacts DROP CONSTRAINT contacts_user_id_fkey; {many}"
    ) as connection:
        (finding,) = refused(connection)
        assert (finding.kind, finding.count, len(finding.rows)) == ("orphans", 73, 50)
        shown = shows(connection, finding)
        assert len(shown) == 73
        assert shown[:50] == list(finding.rows)


def test_columns_of_another_type_are_left_to_the_survey_of_the_structure(website):
    with damaged(
        website,
        "ALTER TABLE event_registrations DROP CONSTRAINT event_registrations_order_id_fkey;"
        "ALTER TABLE orders DROP CONSTRAINT orders_pkey, ALTER id TYPE text;"
        "ALTER TABLE contacts DROP CONSTRAINT contacts_status_check, ALTER status DROP DEFAULT,"
        " ALTER status TYPE int USING 1",
    ) as connection:
        assert refused(connection) == ()


KEPT = {
    ("overbooked", "public.packages"): {"package monsoon-vip"},
    ("one person twice", REGISTRATIONS): {f"registration twin {n}" for n in (1, 2, 3)},
    ("waitlist positions", REGISTRATIONS): {f"registration waiting {n}" for n in (1, 3, 4)},
    ("list of packages", "public.events"): {"event 4", "event 5", "event 6"},
}
LOCAL = [
    {f"registration local {n}" for n in (1, 2)},
    {f"registration pune {n}" for n in (1, 2, 3, 4)},
]


def test_habits_are_reported_with_their_rows_and_refuse_nothing(website):
    with damaged(website, "") as connection:
        found = kept(connection)
        assert {
            (finding.kind, finding.table): set(finding.rows)
            for finding in found
            if finding.kind != "local time"
        } == {key: {str(id_of(what)) for what in ids} for key, ids in KEPT.items()}
        assert [set(finding.rows) for finding in found if finding.kind == "local time"] == [
            {str(id_of(what)) for what in ids} for ids in LOCAL
        ]
        assert not any(finding.refused for finding in found)
        assert [shows(connection, finding) for finding in found] == [list(finding.rows) for finding in found]


def test_sessions_that_do_not_run_in_utc_are_reported_with_whose_they_are(website):
    with damaged(
        website,
        "DO $$ DECLARE d text := current_database(); BEGIN CREATE ROLE indian; CREATE ROLE british;"
        " EXECUTE format('ALTER DATABASE %I SET TimeZone = %L', d, 'Asia/Kolkata');"
        " EXECUTE format('ALTER ROLE british IN DATABASE %I SET TimeZone = %L', d, 'Europe/London');"
        " EXECUTE format('ALTER ROLE indian IN DATABASE %I SET TimeZone = %L', d, 'Etc/UTC'); END $$",
    ) as connection:
        database = connection.exec_driver_sql("SELECT current_database()").scalar_one()
        settings = next(finding for finding in kept(connection) if finding.table == "the database")
        assert list(settings.rows) == [f"every role in {database}", f"role british in {database}"]
        assert shows(connection, settings) == list(settings.rows)


def test_times_typed_by_people_hours_apart_are_no_sign_of_a_clock(website):
    with damaged(
        website,
        "DELETE FROM event_registrations WHERE attendee_email ~ '^(pune|local)';"
        "ALTER TABLE event_registrations DISABLE TRIGGER USER;"
        "UPDATE event_registrations SET created_at = date_trunc('second', created_at),"
        " registered_at = date_trunc('second', created_at) + interval '2 hours'",
    ) as connection:
        assert [finding for finding in kept(connection) if finding.kind == "local time"] == []


def test_what_is_missing_is_not_looked_at(website):
    with damaged(website, "DROP TABLE event_registrations CASCADE; DROP TABLE events CASCADE") as connection:
        assert kept(connection) == ()
