"""What of a database's structure stands in the way of Greenroom is said, with a way out that works, and nothing else
is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from desktop.db.catalog import reading
from desktop.db.catalog.wanted import wanted
from desktop.db.survey import structure
from tests.db.catalog.conftest import do

if TYPE_CHECKING:
    import sqlalchemy as sa

    from desktop.db.findings import Finding

EMPTY = "DROP SCHEMA greenroom, public CASCADE; CREATE SCHEMA public; SET LOCAL search_path = public;"
USERS = (
    "CREATE TABLE users (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), username varchar(50) NOT NULL, {});"
)


def found(connection: sa.Connection) -> tuple[Finding, ...]:
    return structure.conflicts(reading.read(connection), wanted())


def refused(connection: sa.Connection) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(one.kind, one.table, one.rows) for one in found(connection) if one.refused]


def shown(connection: sa.Connection, finding: Finding) -> tuple[str, ...]:
    return tuple(str(row[0]) for row in connection.exec_driver_sql(finding.sql.replace("%", "%%")))


def statements(remedy: str) -> list[str]:
    """What of a remedy can be run as it stands."""
    text = re.split(r"(?:^|[^\n;]*: |\n *)(?=ALTER|GRANT|CREATE|DROP)", remedy)
    return [
        one.partition(";")[0] for one in text if re.match("ALTER|GRANT|CREATE|DROP", one) and "…" not in one
    ]


DAMAGES = {
    "a column of another type": (
        "ALTER TABLE users ALTER COLUMN last_login_at TYPE timestamptz, ALTER COLUMN username TYPE text;"
        "ALTER TABLE orders ALTER COLUMN amount_paid TYPE numeric(12,4)",
        [
            ("column type", "public.orders", ("amount_paid",)),
            ("column type", "public.users", ("username", "last_login_at")),
        ],
    ),
    "a status that is an enumeration": (
        "CREATE TYPE currency AS ENUM ('INR', 'EUR'); ALTER TABLE orders ALTER COLUMN currency DROP DEFAULT,"
        " ALTER COLUMN currency TYPE currency USING currency::currency",
        [("column type", "public.orders", ("currency",))],
    ),
    "a column that only the database writes": (
        "ALTER TABLE users DROP COLUMN oauth_provider_id,"
        " ADD COLUMN oauth_provider_id varchar(255) GENERATED ALWAYS AS (username) STORED",
        [("generated column", "public.users", ("oauth_provider_id",))],
    ),
    "a column of another type with a default of its own": (
        "ALTER TABLE orders ALTER COLUMN payment_id TYPE text, ALTER COLUMN payment_id SET DEFAULT 'none'",
        [("column type", "public.orders", ("payment_id",))],
    ),
    "columns that may not be empty": (
        "ALTER TABLE event_registrations ALTER COLUMN user_id SET NOT NULL, ALTER COLUMN order_id SET NOT NULL",
        [("value demanded", "public.event_registrations", ("user_id", "order_id"))],
    ),
    "a column of the website's own that may not be empty": (
        'ALTER TABLE users ADD COLUMN "Home town" text NOT NULL; ALTER TABLE contacts ADD COLUMN town text NOT NULL',
        [("value demanded", "public.users", ("Home town",))],
    ),
    "references with another action or target": (
        'ALTER TABLE orders DROP CONSTRAINT orders_user_id_fkey, ADD CONSTRAINT "Buyer" FOREIGN KEY (user_id)'
        " REFERENCES users ON DELETE SET NULL;"
        "ALTER TABLE packages DROP CONSTRAINT packages_event_id_fkey,"
        " ADD CONSTRAINT of_event FOREIGN KEY (event_id) REFERENCES blogs ON DELETE CASCADE",
        [
            ("another foreign key", "public.orders", ("Buyer",)),
            ("another foreign key", "public.packages", ("of_event",)),
        ],
    ),
    "a reference that is tried late": (
        "ALTER TABLE orders ALTER CONSTRAINT orders_user_id_fkey DEFERRABLE INITIALLY DEFERRED",
        [("another foreign key", "public.orders", ("orders_user_id_fkey",))],
    ),
    "another primary key": (
        "ALTER TABLE newsletter_subscriptions DROP CONSTRAINT newsletter_subscriptions_pkey, ADD PRIMARY KEY (email)",
        [("another primary key", "public.newsletter_subscriptions", ("newsletter_subscriptions_pkey",))],
    ),
    "a reference that nobody has to keep": (
        "ALTER TABLE contacts DISABLE TRIGGER ALL",
        [("constraint switched off", "public.contacts", ("contacts_user_id_fkey",))],
    ),
    "a status that may be less": (
        "ALTER TABLE event_registrations DROP CONSTRAINT event_registrations_status_check, ADD CONSTRAINT statuses"
        " CHECK (status IN ('registered', 'waitlisted', 'cancelled'))",
        [("shorter list of values", "public.event_registrations", ("statuses",))],
    ),
}


@pytest.mark.parametrize(("sql", "expected"), DAMAGES.values(), ids=DAMAGES)
def test_a_structure_that_contradicts_the_specification_is_refused_with_a_way_out(changed, sql, expected):
    with changed(sql) as connection:
        conflicts = found(connection)
        assert all(one.refused for one in conflicts)
        assert sorted((one.kind, one.table, one.rows) for one in conflicts) == sorted(expected)
        for finding in conflicts:
            assert sorted(shown(connection, finding)) == sorted(finding.rows)
            assert finding.count == len(finding.rows)
        for finding in conflicts:
            remedies = statements(finding.remedy)
            if finding.kind == "constraint switched off":
                remedies = remedies[1:]  # the other of two ways
            for remedy in remedies:
                do(connection, remedy)
        assert [one for one in refused(connection) if "Home town" not in one[2]] == []


def test_a_column_that_is_a_key_by_mistake_is_told_as_a_key_only(changed):
    with changed("ALTER TABLE blogs DROP CONSTRAINT blogs_pkey, ADD PRIMARY KEY (slug)") as connection:
        assert [one.kind for one in found(connection)] == ["another primary key"]


NAMES = {
    "a view": ("CREATE VIEW users AS SELECT 1 AS id", "public.users", "view"),
    "a sequence": ("CREATE SEQUENCE package_seats", "public.package_seats", "sequence"),
    "a type": ("CREATE TYPE roles AS ENUM ('admin')", "public.roles", "type"),
    "a partitioned table": (
        "CREATE TABLE orders (id uuid) PARTITION BY HASH (id)",
        "public.orders",
        "partitioned table",
    ),
    "a table": ("CREATE TABLE package_capacity_status (id uuid)", "public.package_capacity_status", "table"),
}


@pytest.mark.parametrize(("sql", "name", "kind"), NAMES.values(), ids=NAMES)
def test_a_name_that_something_else_has_is_refused(changed, sql, name, kind):
    with changed(EMPTY + sql) as connection:
        (finding,) = found(connection)
        assert (finding.kind, finding.table, finding.refused) == ("name taken", name, True)
        assert f"is a {kind}" in finding.reason
        assert shown(connection, finding) == finding.rows
        (remedy,) = re.findall(r"ALTER .*RENAME TO …", finding.remedy)
        do(connection, remedy.replace("…", "another"))
        assert found(connection) == ()


@pytest.mark.parametrize(
    ("sql", "name"),
    [
        ("CREATE TABLE check_ins (id uuid PRIMARY KEY, visitor text)", "public.check_ins"),
        ("CREATE TABLE user_roles (user_id uuid, role text)", "public.user_roles"),
        (
            "CREATE MATERIALIZED VIEW package_capacity_status AS SELECT 1 AS capacity",
            "public.package_capacity_status",
        ),
    ],
)
def test_a_table_of_greenrooms_name_that_is_another_is_refused(changed, sql, name):
    with changed(EMPTY + sql) as connection:
        (finding,) = (one for one in found(connection) if one.refused)
    assert (finding.kind, finding.table) == ("name taken", name)
    assert "that is not Greenroom's" in finding.reason


def test_a_table_of_the_specification_that_lacks_columns_is_no_other_table(changed):
    with changed(EMPTY + USERS.format("email varchar(255) NOT NULL")) as connection:
        assert found(connection) == ()


def test_a_schema_greenroom_of_somebody_elses_is_refused(changed):
    with changed(EMPTY + "CREATE SCHEMA greenroom; CREATE TABLE greenroom.plants (id int)") as connection:
        (finding,) = found(connection)
        assert (finding.kind, finding.table, shown(connection, finding)) == (
            "name taken",
            "schema greenroom",
            ("greenroom",),
        )
    with changed(EMPTY + "CREATE SCHEMA greenroom") as connection:
        assert found(connection) == ()
    with changed("CREATE TABLE greenroom.made_by_an_older_greenroom (id int)") as connection:
        assert found(connection) == ()


KEPT = {
    "another default": (
        "ALTER TABLE orders ALTER COLUMN currency SET DEFAULT 'EUR', ALTER COLUMN payment_id SET DEFAULT 'none'",
        ("another default", "public.orders", ("payment_id", "currency")),
    ),
    "a rule of the website's own": (
        "ALTER TABLE orders ADD CONSTRAINT positive CHECK (amount_paid > 0), ADD CONSTRAINT once UNIQUE (payment_id)",
        ("further rule", "public.orders", ("once", "positive")),
    ),
    "a unique index of the website's own": (
        'CREATE UNIQUE INDEX "one\'s phone" ON event_registrations (event_id, phone_number)',
        ("further rule", "public.event_registrations", ("one's phone",)),
    ),
    "an updated_at that follows page views": (
        "CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'begin new.updated_at = now(); return new; end';"
        "CREATE TRIGGER touch BEFORE UPDATE ON blogs FOR EACH ROW EXECUTE FUNCTION touch()",
        ("page views", "public.blogs", ("touch",)),
    ),
}


@pytest.mark.parametrize(("sql", "expected"), KEPT.values(), ids=KEPT)
def test_what_can_stay_though_it_is_not_specified_is_only_reported(changed, sql, expected):
    with changed(sql) as connection:
        (finding,) = found(connection)
        assert (finding.kind, finding.table, finding.rows) == expected
        assert not finding.refused
        assert sorted(shown(connection, finding)) == sorted(finding.rows)


def test_nothing_is_said_of_the_websites_own_things_and_words(changed):
    with changed(
        "CREATE TABLE sessions (id uuid PRIMARY KEY REFERENCES users); CREATE VIEW live AS SELECT * FROM events;"
        "ALTER TABLE users ADD COLUMN locale text NOT NULL DEFAULT 'en' CHECK (locale <> ''), ADD COLUMN number serial,"
        " ADD COLUMN name text GENERATED ALWAYS AS (username) STORED, ALTER COLUMN created_at SET DEFAULT now();"
        "ALTER TABLE blogs DROP CONSTRAINT blogs_slug_key; CREATE UNIQUE INDEX by_slug ON blogs (slug);"
        "ALTER TABLE users RENAME CONSTRAINT users_email_key TO one_address_one_account;"
        "ALTER TABLE contacts ADD COLUMN town text NOT NULL"
    ) as connection:
        assert found(connection) == ()


def test_nothing_is_said_of_an_empty_database(changed):
    with changed(EMPTY) as connection:
        assert found(connection) == ()


OWNED = (
    EMPTY + "CREATE ROLE website; CREATE ROLE staff; GRANT USAGE, CREATE ON SCHEMA public TO website;"
    "DO $$BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO website', current_database()); END$$;"
    + USERS.format("email varchar(255) NOT NULL")
    + "CREATE TABLE contacts (id uuid PRIMARY KEY); ALTER TABLE users OWNER TO website;"
    "ALTER TABLE contacts OWNER TO website;"
)


def _refused_then_remedied(connection: sa.Connection, role: str) -> list[str]:
    """What is refused to a role; afterwards the owner of the database does what the remedies say."""
    do(connection, f"SET LOCAL ROLE {role}")
    conflicts = [one for one in found(connection) if one.refused]
    do(connection, "RESET ROLE")
    for finding in conflicts:
        assert len(shown(connection, finding)) == finding.count
        for remedy in statements(finding.remedy):
            do(connection, remedy)
    do(connection, f"SET LOCAL ROLE {role}")
    assert refused(connection) == []
    return [finding.kind for finding in conflicts]


def test_the_owner_of_the_tables_who_may_create_things_is_refused_nothing(changed):
    with changed(OWNED) as connection:
        assert _refused_then_remedied(connection, "website") == []


def test_who_is_not_the_owner_of_the_tables_is_told_to_be(changed):
    with changed(OWNED) as connection:
        assert _refused_then_remedied(connection, "staff") == ["another owner"]


def test_who_inherits_from_the_owner_but_may_not_become_the_owner_is_told_to_be(changed):
    with changed(OWNED + "GRANT website TO staff WITH INHERIT TRUE, SET FALSE") as connection:
        do(connection, "SET LOCAL ROLE staff")
        assert [kind for kind, _, _ in refused(connection)] == ["another owner"]


def test_tables_of_several_owners_are_refused(changed):
    with changed(OWNED + "CREATE TABLE orders (id uuid); ALTER TABLE orders OWNER TO staff") as connection:
        assert _refused_then_remedied(connection, "website") == ["several owners"]


@pytest.mark.parametrize(
    ("sql", "count"),
    [
        ("REVOKE CREATE ON SCHEMA public FROM website", 1),
        (
            "DO $$BEGIN EXECUTE format('REVOKE CREATE ON DATABASE %I FROM website', current_database()); END$$",
            1,
        ),
        ("CREATE SCHEMA greenroom; REVOKE CREATE ON SCHEMA public FROM website", 2),
    ],
)
def test_an_owner_who_may_not_create_what_is_missing_is_told_which_privilege(changed, sql, count):
    with changed(OWNED + sql) as connection:
        assert _refused_then_remedied(connection, "website") == ["missing privilege"] * count


def test_a_database_that_lacks_nothing_needs_no_privilege(changed):
    with changed("CREATE ROLE visitor; SET LOCAL ROLE visitor") as connection:
        assert found(connection) == ()
