"""What is read of a live database, whatever is in it and however the connection is used."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa

from desktop.db.catalog import reading
from desktop.db.catalog.model import Column, Constraint, Index, Table, Trigger
from tests.db.catalog.conftest import do


def _table(connection, name) -> Table:
    return reading.read(connection).tables[name]


def test_reading_leaves_the_search_path_and_the_open_transaction_as_they_were(changed):
    with changed(
        "SET LOCAL search_path = greenroom, public; CREATE TABLE public.made (id int)"
    ) as connection:
        assert "public.made" in reading.read(connection).tables
        assert connection.execute(sa.text("SHOW search_path")).scalar() == "greenroom, public"
        assert connection.execute(sa.text("SELECT to_regclass('public.made') IS NOT NULL")).scalar()


def test_a_catalog_is_read_in_autocommit_too(database):
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        do(connection, "SET search_path = public, greenroom")
        assert "public.users" in reading.read(connection).tables
        assert connection.execute(sa.text("SHOW search_path")).scalar() == "public, greenroom"
        assert not connection.connection.dbapi_connection.info.transaction_status.value
        do(connection, "SET search_path = public")


def test_names_are_qualified_whatever_the_search_path(changed):
    with changed("") as connection:
        table = _table(connection, "public.packages")
    definitions = {constraint.definition for constraint in table.constraints}
    assert "FOREIGN KEY (event_id) REFERENCES public.events(id) ON DELETE CASCADE" in definitions


def test_a_table_is_read_with_everything_it_has(changed):
    with changed(
        """
        CREATE TABLE "Odd ON public.things" (
          id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT "the key" PRIMARY KEY,
          "User Id" uuid REFERENCES users ON DELETE SET NULL DEFERRABLE,
          price numeric(10,2) DEFAULT 0 CHECK (price >= 0),
          twice numeric GENERATED ALWAYS AS (price * 2) STORED,
          day date NOT NULL DEFAULT CURRENT_DATE
        );
        CREATE UNIQUE INDEX "an index" ON "Odd ON public.things" (lower("User Id"::text) DESC) WHERE price > 1;
        CREATE TRIGGER "x ON public.things EXECUTE FUNCTION f()" BEFORE UPDATE OF price ON "Odd ON public.things"
          FOR EACH ROW WHEN (NEW.price > 3) EXECUTE FUNCTION greenroom.set_updated_at('a', 'b c');
        ALTER TABLE "Odd ON public.things" ENABLE REPLICA TRIGGER "x ON public.things EXECUTE FUNCTION f()"
        """
    ) as connection:
        table = _table(connection, "public.Odd ON public.things")
    assert replace(table, owner="") == Table(
        "Odd ON public.things",
        "table",
        "",
        (
            Column("id", "bigint", False, None, "identity"),
            Column("User Id", "uuid", True, None),
            Column("price", "numeric(10,2)", True, "0"),
            Column("twice", "numeric", True, "(price * (2)::numeric)", "stored"),
            Column("day", "date", False, "CURRENT_DATE"),
        ),
        (
            Constraint(
                "Odd ON public.things_User Id_fkey",
                "foreign key",
                ("User Id",),
                'FOREIGN KEY ("User Id") REFERENCES public.users(id) ON DELETE SET NULL DEFERRABLE',
            ),
            Constraint(
                "Odd ON public.things_price_check", "check", ("price",), "CHECK ((price >= (0)::numeric))"
            ),
            Constraint("the key", "primary key", ("id",), "PRIMARY KEY (id)"),
        ),
        (
            Index(
                "an index",
                True,
                'USING btree (lower(("User Id")::text) DESC) WHERE (price > (1)::numeric)',
            ),
        ),
        (
            Trigger(
                "x ON public.things EXECUTE FUNCTION f()",
                "BEFORE UPDATE OF price FOR EACH ROW WHEN ((new.price > (3)::numeric))",
                "greenroom.set_updated_at",
                "sets updated_at",
                "R",
            ),
        ),
    )


@pytest.mark.parametrize(
    ("sql", "name", "kind"),
    [
        ("CREATE VIEW taken AS SELECT 1", "public.taken", "view"),
        ("CREATE MATERIALIZED VIEW taken AS SELECT 1", "public.taken", "materialized view"),
        ("CREATE SEQUENCE taken", "public.taken", "sequence"),
        ("CREATE TYPE taken AS ENUM ('a')", "public.taken", "type"),
        ("CREATE TYPE taken AS (a int)", "public.taken", "type"),
        ("CREATE DOMAIN greenroom.taken AS text", "greenroom.taken", "type"),
        ("CREATE TABLE taken (a int) PARTITION BY HASH (a)", "public.taken", "partitioned table"),
    ],
)
def test_whatever_has_a_name_is_read_under_it(changed, sql, name, kind):
    with changed(sql) as connection:
        assert _table(connection, name).kind == kind


def test_what_another_schema_has_is_not_read(changed):
    with changed("CREATE SCHEMA shop; CREATE TABLE shop.users (id int)") as connection:
        found = reading.read(connection)
    assert not any("shop" in name for name in found.tables)


def test_a_constraint_that_was_never_tried_and_one_that_is_switched_off_say_so(changed):
    with changed(
        "ALTER TABLE users ADD CONSTRAINT untried CHECK (username <> '') NOT VALID;"
        "ALTER TABLE orders DISABLE TRIGGER ALL"
    ) as connection:
        found = reading.read(connection).tables
    (untried,) = (c for c in found["public.users"].constraints if c.name == "untried")
    assert (untried.definition, untried.validated, untried.enforced) == (
        "CHECK (((username)::text <> ''::text))",
        False,
        True,
    )
    off = {c.name for c in found["public.orders"].constraints if not c.enforced}
    assert off == {"orders_user_id_fkey", "orders_package_id_fkey"}


def test_a_value_that_is_demanded_of_new_rows_only_may_be_missing(changed):
    with changed("ALTER TABLE users ADD CONSTRAINT n NOT NULL password_hash NOT VALID") as connection:
        column = _table(connection, "public.users").column("password_hash")
    assert column is not None
    assert column.nullable


def test_a_constraint_that_is_not_enforced_says_so(changed):
    with changed("") as connection:
        do(connection, "ALTER TABLE users ADD CONSTRAINT wish CHECK (username <> '') NOT ENFORCED")
        (wish,) = (c for c in _table(connection, "public.users").constraints if c.name == "wish")
    assert (wish.definition, wish.enforced) == ("CHECK (((username)::text <> ''::text))", False)


def test_an_index_that_was_not_finished_says_so(changed):
    with changed(
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'idx_contacts_email'::regclass"
    ) as connection:
        table = _table(connection, "public.contacts")
    assert [index.name for index in table.indexes if not index.valid] == ["idx_contacts_email"]


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ("ALTER FUNCTION greenroom.holds_seat(text) STABLE", "source"),
        (
            "CREATE OR REPLACE FUNCTION greenroom.holds_seat(p_status text) RETURNS boolean LANGUAGE sql IMMUTABLE"
            " PARALLEL SAFE RETURN p_status IN ('registered')",
            "source",
        ),
        ("ALTER FUNCTION greenroom.holds_seat(text) SECURITY DEFINER", "security_definer"),
        ("ALTER FUNCTION greenroom.holds_seat(text) SET search_path = public", "settings"),
        ("REVOKE ALL ON FUNCTION greenroom.holds_seat(text) FROM PUBLIC", "public_may_execute"),
    ],
)
def test_what_is_changed_about_a_function_shows(changed, change, what):
    signature = "greenroom.holds_seat(text)"
    with changed("") as connection:
        before = reading.read(connection).functions[signature]
        do(connection, change)
        after = reading.read(connection).functions[signature]
    differing = {name for name in type(before).__slots__ if getattr(before, name) != getattr(after, name)}
    assert differing == {what}


def test_who_is_connected_and_what_owners_may_do_is_read(changed):
    with changed(
        "CREATE ROLE website; CREATE ROLE visitor; ALTER TABLE users OWNER TO website;"
        "GRANT CREATE ON SCHEMA public TO website; SET LOCAL ROLE visitor"
    ) as connection:
        access = reading.read(connection).access
        assert access.connected == "visitor"
        assert access.schemas == {"public", "greenroom"}
        website = access.roles["website"]
        assert (website.within_reach, website.creates_in) == (False, {"public"})
        do(connection, "RESET ROLE; GRANT website TO visitor; SET LOCAL ROLE visitor")
        assert reading.read(connection).access.roles["website"].within_reach
