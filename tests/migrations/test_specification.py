"""The schema compared with sections 2 and 3 of the specification, as they are written there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg
import pytest
from psycopg.rows import dict_row

from desktop.db import upgrade
from desktop.db.session import Database

if TYPE_CHECKING:
    from collections.abc import Iterator

TABLES = {
    "users": """
        id UUID NOT NULL = gen_random_uuid()
        username VARCHAR(50) NOT NULL
        email VARCHAR(255) NOT NULL
        password_hash TEXT
        oauth_provider VARCHAR(20) NOT NULL = 'local'
        oauth_provider_id VARCHAR(255)
        last_login_at TIMESTAMP
        created_at TIMESTAMP NOT NULL = CURRENT_TIMESTAMP
        updated_at TIMESTAMP NOT NULL = CURRENT_TIMESTAMP
        status VARCHAR(10) NOT NULL = 'active'
        """,
    "packages": """
        id UUID NOT NULL = gen_random_uuid()
        name VARCHAR(100) NOT NULL
        slug VARCHAR(100) NOT NULL
        description TEXT
        price DECIMAL(10,2) NOT NULL
        duration_days INT NOT NULL
        is_active BOOLEAN NOT NULL = true
        package_type VARCHAR(15) NOT NULL = 'subscription'
        event_id UUID
        capacity INT
        package_registration_deadline TIMESTAMP
        created_at TIMESTAMP NOT NULL = CURRENT_TIMESTAMP
        updated_at TIMESTAMP NOT NULL = CURRENT_TIMESTAMP
        deactivated_at TIMESTAMP
        """,
    "orders": """
        id UUID NOT NULL = gen_random_uuid()
        user_id UUID NOT NULL
        package_id UUID NOT NULL
        payment_gateway VARCHAR(50) NOT NULL = 'razorpay'
        payment_id VARCHAR(255) NOT NULL
        amount_paid DECIMAL(10,2) NOT NULL
        currency VARCHAR(10) NOT NULL = 'INR'
        payment_status VARCHAR(10) NOT NULL
        purchased_at TIMESTAMP NOT NULL = CURRENT_TIMESTAMP
        access_expires_at TIMESTAMP
        updated_at TIMESTAMP NOT NULL = CURRENT_TIMESTAMP
        """,
    "contacts": """
        id UUID NOT NULL = gen_random_uuid()
        user_id UUID
        name VARCHAR(150) NOT NULL
        email VARCHAR(255) NOT NULL
        country_code VARCHAR(5) NOT NULL
        phone_number VARCHAR(15) NOT NULL
        subject VARCHAR(255)
        message TEXT NOT NULL
        status VARCHAR(10) NOT NULL = 'unread'
        token UUID NOT NULL = gen_random_uuid()
        submitted_at TIMESTAMP NOT NULL = CURRENT_TIMESTAMP
        updated_at TIMESTAMP NOT NULL = CURRENT_TIMESTAMP
        """,
    "newsletter_subscriptions": """
        id UUID NOT NULL = gen_random_uuid()
        email VARCHAR(255) NOT NULL
        subscribed_at TIMESTAMP NOT NULL = CURRENT_TIMESTAMP
        is_verified BOOLEAN NOT NULL = false
        unsubscribe_token UUID
        verified_at TIMESTAMP
        """,
    "admin_logs": """
        id UUID NOT NULL = gen_random_uuid()
        admin_id UUID NOT NULL
        action_type VARCHAR(100) NOT NULL
        description TEXT
        logged_at TIMESTAMP NOT NULL = CURRENT_TIMESTAMP
        """,
    "password_resets": """
        id UUID NOT NULL = gen_random_uuid()
        user_id UUID NOT NULL
        reset_token UUID NOT NULL
        is_used BOOLEAN NOT NULL = false
        expires_at TIMESTAMP NOT NULL
        created_at TIMESTAMP NOT NULL = CURRENT_TIMESTAMP
        """,
    "blogs": """
        id UUID NOT NULL = gen_random_uuid()
        author_id UUID NOT NULL
        title VARCHAR(255)
        slug VARCHAR(255)
        summary TEXT
        content TEXT
        media_cid VARCHAR(255)
        status VARCHAR(10) NOT NULL = 'draft'
        views_count INT NOT NULL = 0
        published_at TIMESTAMP
        deleted_at TIMESTAMP
        created_at TIMESTAMP NOT NULL = CURRENT_TIMESTAMP
        updated_at TIMESTAMP NOT NULL = CURRENT_TIMESTAMP
        """,
    "events": """
        id UUID NOT NULL = gen_random_uuid()
        created_by UUID NOT NULL
        title VARCHAR(255)
        slug VARCHAR(255)
        description TEXT
        location VARCHAR(255)
        start_time TIMESTAMP
        end_time TIMESTAMP
        registration_deadline TIMESTAMP
        packages_ids UUID[] NOT NULL = '{}'
        payment_required BOOLEAN NOT NULL = false
        status VARCHAR(15) NOT NULL = 'draft'
        published_at TIMESTAMP
        cancelled_at TIMESTAMP
        created_at TIMESTAMP NOT NULL = CURRENT_TIMESTAMP
        updated_at TIMESTAMP NOT NULL = CURRENT_TIMESTAMP
        deleted_at TIMESTAMP
        """,
    "event_registrations": """
        id UUID NOT NULL = gen_random_uuid()
        event_id UUID NOT NULL
        user_id UUID
        attendee_name VARCHAR(150)
        attendee_email VARCHAR(255) NOT NULL
        phone_number VARCHAR(15)
        package_id UUID NOT NULL
        order_id UUID
        status VARCHAR(15) NOT NULL = 'registered'
        registered_at TIMESTAMP NOT NULL = CURRENT_TIMESTAMP
        cancelled_at TIMESTAMP
        waitlist_position INT
        registration_token UUID NOT NULL = gen_random_uuid()
        created_at TIMESTAMP NOT NULL = CURRENT_TIMESTAMP
        updated_at TIMESTAMP NOT NULL = CURRENT_TIMESTAMP
        """,
    "roles": """
        id UUID NOT NULL = gen_random_uuid()
        name VARCHAR(50) NOT NULL
        """,
    "user_roles": """
        user_id UUID NOT NULL
        role_id UUID NOT NULL
        """,
}

ADDED = {
    ("events", "time_zone"): "VARCHAR(64)",
    ("packages", "currency"): "VARCHAR(10)",
    ("event_registrations", "registration_meta"): "JSONB",
    ("event_registrations", "name_key"): "TEXT",
    ("admin_logs", "subject_id"): "UUID",
}

ALLOWED_VALUES = {
    ("users", "oauth_provider"): {"local", "google", "github", "apple", "other"},
    ("users", "status"): {"active", "inactive"},
    ("packages", "package_type"): {"subscription", "event"},
    ("orders", "payment_status"): {"pending", "paid", "failed", "refunded"},
    ("contacts", "status"): {"unread", "read", "resolved"},
    ("blogs", "status"): {"draft", "published", "archived"},
    ("events", "status"): {"draft", "published", "cancelled", "completed"},
    ("event_registrations", "status"): {"registered", "waitlisted", "cancelled", "attended", "no_show"},
}

FOREIGN_KEYS = {
    ("packages", "event_id", "events", "CASCADE"),
    ("orders", "user_id", "users", "CASCADE"),
    ("orders", "package_id", "packages", "RESTRICT"),
    ("contacts", "user_id", "users", "SET NULL"),
    ("admin_logs", "admin_id", "users", "CASCADE"),
    ("password_resets", "user_id", "users", "CASCADE"),
    ("blogs", "author_id", "users", "RESTRICT"),
    ("events", "created_by", "users", "RESTRICT"),
    ("event_registrations", "event_id", "events", "CASCADE"),
    ("event_registrations", "user_id", "users", "SET NULL"),
    ("event_registrations", "package_id", "packages", "RESTRICT"),
    ("event_registrations", "order_id", "orders", "SET NULL"),
    ("user_roles", "user_id", "users", "CASCADE"),
    ("user_roles", "role_id", "roles", "CASCADE"),
}

UNIQUE = {
    ("users", ("username",)),
    ("users", ("email",)),
    ("packages", ("slug",)),
    ("newsletter_subscriptions", ("email",)),
    ("password_resets", ("reset_token",)),
    ("blogs", ("slug",)),
    ("events", ("slug",)),
    ("event_registrations", ("package_id", "attendee_email")),
    ("roles", ("name",)),
}

INDEXES = {
    "idx_orders_user_id": "orders (user_id)",
    "idx_contacts_email": "contacts (email)",
    "idx_newsletter_unsubscribe_token": "newsletter_subscriptions (unsubscribe_token)",
    "idx_admin_logs_admin_id": "admin_logs (admin_id)",
    "idx_password_resets_user_id": "password_resets (user_id)",
    "idx_blogs_live": "blogs (status, deleted_at)",
    "idx_events_live": "events (status, deleted_at, start_time)",
    "idx_pkg_regs_status": "event_registrations (package_id, status)",
    "idx_packages_event_active": "packages (event_id) WHERE (is_active = true)",
    "idx_packages_type": "packages (package_type)",
    "idx_packages_slug_unique": "UNIQUE packages (slug)",
    "idx_packages_event_slug": "UNIQUE packages (event_id, slug) WHERE (event_id IS NOT NULL)",
}

TRIGGERS = {
    ("events", "trg_set_updated_at_events"),
    ("event_registrations", "trg_set_updated_at_event_regs"),
    ("packages", "trg_pkg_insert_update_event_array"),
    ("packages", "trg_pkg_delete_update_event_array"),
}

AS_THE_CATALOG_SAYS = {
    "VARCHAR": "character varying",
    "TIMESTAMP": "timestamp without time zone",
    "DECIMAL": "numeric",
    "INT": "integer",
}


@pytest.fixture(scope="module")
def catalog(server) -> Iterator[psycopg.Connection]:
    """A connection to a migrated database that no test changes."""
    name = f"catalog_{uuid4().hex}"
    server.ensure_database(name)
    database = Database(server.url(name))
    upgrade.upgrade(database)
    address = database.url.set(drivername="postgresql").render_as_string(hide_password=False)
    database.close()
    with psycopg.connect(address, autocommit=True, row_factory=dict_row) as connection:
        yield connection


def _columns(catalog: psycopg.Connection) -> dict[tuple[str, str], tuple[str, bool, str | None]]:
    """(table, column) → type, NOT NULL, default."""
    found = catalog.execute(
        "SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull,"
        " pg_get_expr(d.adbin, d.adrelid) AS value FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
        " LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum"
        " WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped"
    )
    return {
        (row["relname"], row["attname"]): (
            row["type"],
            row["attnotnull"],
            row["value"] and re.sub(r"::(character varying|uuid\[\])$", "", row["value"]),
        )
        for row in found
    }


def _catalog_type(words: str) -> str:
    name = re.match(r"[A-Z]+", words)
    assert name is not None
    return AS_THE_CATALOG_SAYS.get(name[0], name[0].lower()) + words[name.end() :]


def _specified() -> dict[tuple[str, str], tuple[str, bool, str | None]]:
    columns = {}
    for table, lines in TABLES.items():
        for line in lines.strip().splitlines():
            described, _, default = line.strip().partition(" = ")
            name, kind, *rest = described.split(" ")
            columns[table, name] = (_catalog_type(kind), rest == ["NOT", "NULL"], default or None)
    return columns


def test_every_column_is_as_specified(catalog):
    """Ruling 1."""
    found = _columns(catalog)
    specified = _specified()
    assert {key: found.get(key) for key in specified} == specified


def test_what_was_added_to_the_websites_tables_may_be_left_out_by_the_website(catalog):
    """Ruling 2: new columns are nullable or have a default."""
    found = _columns(catalog)
    specified = _specified()
    added = {key: value for key, value in found.items() if key[0] in TABLES and key not in specified}
    assert added == {key: (_catalog_type(kind), False, None) for key, kind in ADDED.items()}


def test_the_columns_of_the_specification_come_first_and_in_its_order(catalog):
    for table, lines in TABLES.items():
        wanted = [line.split()[0] for line in lines.strip().splitlines()]
        order = catalog.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 ORDER BY attnum",
            (table,),
        )
        assert [row["attname"] for row in order][: len(wanted)] == wanted


def test_every_primary_key_is_as_specified(catalog):
    found = catalog.execute(
        "SELECT conrelid::regclass::text AS t, pg_get_constraintdef(oid) AS d FROM pg_constraint WHERE contype = 'p'"
        " AND connamespace = 'public'::regnamespace"
    )
    keys = {row["t"]: row["d"] for row in found}
    assert {table: keys[table] for table in TABLES} == {
        table: "PRIMARY KEY (user_id, role_id)" if table == "user_roles" else "PRIMARY KEY (id)"
        for table in TABLES
    }


def test_every_foreign_key_is_as_specified_and_there_are_no_others(catalog):
    """Ruling 1."""
    found = catalog.execute(
        "SELECT conrelid::regclass::text AS t, a.attname, confrelid::regclass::text AS other, confdeltype AS deed"
        " FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = conrelid AND a.attnum = conkey[1]"
        " WHERE contype = 'f' AND connamespace = 'public'::regnamespace"
    )
    deeds = {"c": "CASCADE", "r": "RESTRICT", "n": "SET NULL", "a": "NO ACTION"}
    keys = {
        (row["t"], row["attname"], row["other"], deeds[row["deed"]]) for row in found if row["t"] in TABLES
    }
    assert keys == FOREIGN_KEYS


def test_every_unique_constraint_is_as_specified_and_there_are_no_others(catalog):
    found = catalog.execute(
        "SELECT conrelid::regclass::text AS t, (SELECT array_agg(a.attname::text ORDER BY k.n)"
        "   FROM unnest(conkey) WITH ORDINALITY k(num, n) JOIN pg_attribute a ON a.attrelid = conrelid"
        "    AND a.attnum = k.num) AS columns"
        " FROM pg_constraint WHERE contype = 'u' AND connamespace = 'public'::regnamespace"
    )
    assert {(row["t"], tuple(row["columns"])) for row in found} == UNIQUE


def test_every_status_takes_the_values_of_the_specification_only(catalog):
    """Ruling 1."""
    found = catalog.execute(
        "SELECT conrelid::regclass::text AS t, a.attname, pg_get_constraintdef(c.oid) AS d FROM pg_constraint c"
        " JOIN pg_attribute a ON a.attrelid = conrelid AND a.attnum = conkey[1]"
        " WHERE contype = 'c' AND cardinality(conkey) = 1 AND connamespace = 'public'::regnamespace"
    )
    values = {(row["t"], row["attname"]): set(re.findall(r"'([^']+)'", row["d"])) for row in found}
    assert {key: values[key] for key in values if key[0] in TABLES} == ALLOWED_VALUES


def test_no_table_of_the_website_is_checked_for_more_than_the_specification_says(catalog):
    """Ruling 2: nothing became stricter."""
    found = catalog.execute(
        "SELECT conname FROM pg_constraint WHERE contype = 'c' AND cardinality(conkey) > 1"
        " AND connamespace = 'public'::regnamespace"
    )
    named = {row["conname"] for row in found}
    assert named == {"chk_publish_fields", "chk_publish_event", "chk_package_type_event"}


def test_every_index_is_there_by_the_name_the_specification_gives(catalog):
    """Ruling 1."""
    found = catalog.execute("SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'")
    defined = {row["indexname"]: row["indexdef"] for row in found}

    def short(definition: str) -> str:
        match = re.fullmatch(r"CREATE (UNIQUE )?INDEX \w+ ON public\.(\w+) USING btree (.*)", definition)
        assert match is not None
        return f"{match[1] or ''}{match[2]} {match[3]}"

    assert {name: short(defined.get(name, "")) for name in INDEXES} == INDEXES


def test_no_other_index_refuses_what_the_website_may_write(catalog):
    found = catalog.execute(
        "SELECT indexrelid::regclass::text AS name FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid"
        " WHERE i.indisunique AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid)"
        " AND c.relnamespace = 'public'::regnamespace AND c.relname = ANY (%s)",
        (list(TABLES),),
    )
    assert {row["name"] for row in found} == {"idx_packages_slug_unique", "idx_packages_event_slug"}


def test_every_index_is_valid(catalog):
    assert catalog.execute("SELECT indexrelid::regclass FROM pg_index WHERE NOT indisvalid").fetchall() == []


def test_every_trigger_is_there_by_the_name_the_specification_gives(catalog):
    """Ruling 1."""
    found = catalog.execute(
        "SELECT tgrelid::regclass::text AS t, tgname FROM pg_trigger WHERE NOT tgisinternal"
    )
    assert {(row["t"], row["tgname"]) for row in found} >= TRIGGERS


def test_every_table_with_updated_at_has_a_trigger_that_sets_it(catalog):
    """Ruling 6."""
    found = catalog.execute(
        "SELECT tgrelid::regclass::text AS t FROM pg_trigger WHERE tgname LIKE 'trg_set_updated_at%%'"
    ).fetchall()
    with_column = {table for table, column in _columns(catalog) if column == "updated_at"}
    assert {row["t"] for row in found} == with_column


def test_the_capacity_view_is_materialized_with_its_four_columns(catalog):
    """Ruling 7."""
    found = catalog.execute(
        "SELECT a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0"
        " WHERE c.relname = 'package_capacity_status' AND c.relkind = 'm' ORDER BY a.attnum"
    )
    assert [row["attname"] for row in found] == [
        "package_id",
        "capacity",
        "registered_count",
        "seats_remaining",
    ]


def test_the_four_roles_are_there(catalog):
    found = catalog.execute("SELECT name FROM roles")
    assert {row["name"] for row in found} == {"admin", "organizer", "door", "editor"}


def test_every_foreign_key_can_be_followed_back_through_an_index(catalog):
    """Ruling 28."""
    found = catalog.execute(
        "SELECT c.conrelid::regclass::text AS t, a.attname FROM pg_constraint c"
        " JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]"
        " WHERE c.contype = 'f' AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.conrelid"
        "   AND i.indkey[0] = c.conkey[1]"
        "   AND (i.indpred IS NULL OR pg_get_expr(i.indpred, i.indrelid) = format('(%I IS NOT NULL)', a.attname)))"
    )
    assert {(row["t"], row["attname"]) for row in found} == set()


def test_a_scanned_token_is_found_through_an_index(catalog):
    """Ruling 28."""
    catalog.execute("SET enable_seqscan = off")
    plan = catalog.execute(
        "EXPLAIN SELECT * FROM event_registrations WHERE registration_token = '00000000-0000-4000-8000-000000000000'"
    ).fetchall()
    catalog.execute("RESET enable_seqscan")
    assert "idx_event_regs_token" in str(plan)
