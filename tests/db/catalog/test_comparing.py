"""Two catalogs are compared by what things are: nothing that is lacking is overlooked, nothing else is told."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from desktop.db.catalog import comparing, reading
from desktop.db.catalog.differing import NOTE, WRONG, differences
from desktop.db.catalog.model import Catalog, Constraint, Index, Table, Trigger
from desktop.db.catalog.wanted import wanted
from tests.adoption.portraying import portrait
from tests.db.catalog.conftest import do

if TYPE_CHECKING:
    from collections.abc import Iterator

PARTS = ("columns", "constraints", "indexes", "triggers")


def _with_table(name: str, **changes: Any) -> Catalog:
    tables = {**wanted().tables, name: replace(wanted().tables[name], **changes)}
    return replace(wanted(), tables=tables)


def _with_function(signature: str, **changes: Any) -> Catalog:
    functions = {**wanted().functions, signature: replace(wanted().functions[signature], **changes)}
    return replace(wanted(), functions=functions)


def _one(table: Table) -> Catalog:
    return Catalog({f"public.{table.name}": table}, {})


def _things_and_catalogs_without_them() -> Iterator[tuple[str, Catalog, Catalog]]:
    for name, table in wanted().tables.items():
        yield name, Catalog({}, {}), Catalog({name: table}, {})
        for part in PARTS:
            for thing in getattr(table, part):
                left = tuple(other for other in getattr(table, part) if other is not thing)
                yield thing.name, _one(replace(table, **{part: left})), _one(table)
    for signature, function in wanted().functions.items():
        yield signature, Catalog({}, {}), Catalog({}, {signature: function})


def _told(catalog: Catalog, severity: str = WRONG) -> list[str]:
    return [found.name for found in differences(catalog, wanted()) if found.severity == severity]


def test_whatever_is_lacking_is_told_by_name_and_shows_in_the_portrait():
    lacking = list(_things_and_catalogs_without_them())
    assert len(lacking) > 200
    for name, found, whole in lacking:
        assert [(one.name, one.severity) for one in differences(found, whole)] == [(name, WRONG)]
        assert set(portrait(found, whole)) < set(portrait(whole, whole)), name


def _catalogs_with_one_thing_otherwise() -> Iterator[tuple[str, str, Catalog]]:
    users, blogs = wanted().tables["public.users"], wanted().tables["public.blogs"]
    logs, view = "public.admin_logs", "public.package_capacity_status"

    def column(name: str, **changes: Any) -> Catalog:
        columns = tuple(replace(c, **changes) if c.name == name else c for c in users.columns)
        return _with_table("public.users", columns=columns)

    def one(table: Table, part: str, name: str, **changes: Any) -> Catalog:
        things = tuple(replace(t, **changes) if t.name == name else t for t in getattr(table, part))
        return _with_table(f"public.{table.name}", **{part: things})

    yield "users is a view", "public.users", _with_table("public.users", kind="view")
    yield "type", "email", column("email", type="text")
    yield "null", "email", column("email", nullable=True)
    yield "not null", "password_hash", column("password_hash", nullable=False)
    yield "no default", "status", column("status", default=None)
    yield "generated", "email", column("email", generated="stored")
    yield "not tried", "users_email_key", one(users, "constraints", "users_email_key", validated=False)
    yield "not enforced", "users_pkey", one(users, "constraints", "users_pkey", enforced=False)
    yield "invalid", "idx_blogs_live", one(blogs, "indexes", "idx_blogs_live", valid=False)
    touch = "trg_set_updated_at_blogs"
    yield "disabled", touch, one(blogs, "triggers", touch, enabled="D")
    always = "trg_append_only"
    yield "not always", always, one(wanted().tables[logs], "triggers", always, enabled="O")
    yield "query", view, _with_table(view, query="SELECT 1")
    own = "greenroom.move_seats(uuid,bigint)"
    yield "text", own, _with_function(own, source="x")
    yield "rights", own, _with_function(own, security_definer=True)
    yield "settings", own, _with_function(own, settings=("search_path=public",))
    yield "public", own, _with_function(own, public_may_execute=True)
    yield (
        "not public",
        "greenroom.fold(text)",
        _with_function("greenroom.fold(text)", public_may_execute=False),
    )


@pytest.mark.parametrize(
    ("name", "catalog"),
    [pytest.param(name, catalog, id=what) for what, name, catalog in _catalogs_with_one_thing_otherwise()],
)
def test_whatever_is_otherwise_is_told_by_name_and_shows_in_the_portrait(name, catalog):
    assert _told(catalog) == [name]
    assert portrait(catalog, wanted()) != portrait(wanted(), wanted())


def test_another_default_is_worth_a_note():
    columns = wanted().tables["public.orders"].columns
    other = tuple(
        replace(c, default="'EUR'::character varying") if c.name == "currency" else c for c in columns
    )
    found = _with_table("public.orders", columns=other)
    (note,) = differences(found, wanted())
    assert (note.name, note.severity) == ("currency", NOTE)
    assert note.sentence.startswith("The column public.orders.currency begins as 'EUR'")
    assert portrait(found, wanted()) != portrait(wanted(), wanted())


RENAMED = """
ALTER TABLE users RENAME CONSTRAINT users_email_key TO uq_email;
ALTER TABLE events RENAME CONSTRAINT chk_publish_event TO published_events_are_complete;
ALTER TABLE packages RENAME CONSTRAINT packages_event_id_fkey TO fk;
ALTER INDEX idx_events_live RENAME TO live;
ALTER TRIGGER trg_set_updated_at_orders ON orders RENAME TO touch;
ALTER TABLE users ADD COLUMN moved varchar(10);
ALTER TABLE blogs DROP CONSTRAINT blogs_status_check,
  ADD CONSTRAINT ck CHECK (status = 'archived' OR status = 'draft' OR status = 'published');
ALTER TABLE contacts ALTER COLUMN submitted_at SET DEFAULT timezone('utc', now());
DROP INDEX idx_packages_event_active;
CREATE INDEX live_packages ON packages (event_id) WITH (fillfactor = 70) WHERE is_active;
CREATE SCHEMA shop;
CREATE FUNCTION shop.touch() RETURNS trigger LANGUAGE plpgsql AS 'begin new.updated_at = now(); return new; end';
DROP TRIGGER trg_set_updated_at_users ON users;
CREATE TRIGGER touch BEFORE INSERT OR UPDATE ON users FOR EACH ROW EXECUTE FUNCTION shop.touch();
ALTER TABLE users ENABLE ALWAYS TRIGGER touch;
CREATE TRIGGER off BEFORE UPDATE ON events FOR EACH ROW EXECUTE FUNCTION shop.touch();
ALTER TABLE events DISABLE TRIGGER off;
"""
EXTRAS = """
CREATE TABLE sessions (id uuid PRIMARY KEY REFERENCES users);
CREATE VIEW live AS SELECT * FROM events;
ALTER TABLE users ADD COLUMN locale text NOT NULL DEFAULT 'en' CHECK (locale <> '');
CREATE INDEX by_locale ON users (locale);
CREATE FUNCTION mail() RETURNS trigger LANGUAGE plpgsql AS 'begin perform 1; return new; end';
CREATE TRIGGER mail AFTER INSERT ON users FOR EACH ROW EXECUTE FUNCTION mail();
"""


@pytest.mark.parametrize(
    "sql", [RENAMED, EXTRAS], ids=["other names and words", "things of the website's own"]
)
def test_names_words_and_the_websites_own_things_make_no_difference(changed, sql):
    with changed(sql) as connection:
        found = reading.read(connection)
    assert differences(found, wanted()) == ()
    assert portrait(found, wanted()) == portrait(wanted(), wanted())


def test_a_thing_that_is_there_twice_has_two_lines_in_the_portrait(changed):
    with changed(
        "CREATE INDEX again ON contacts (email); ALTER TABLE blogs ADD CONSTRAINT once_more UNIQUE (slug);"
        "CREATE TRIGGER again BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION greenroom.set_updated_at()"
    ) as connection:
        lines = list(portrait(reading.read(connection), wanted()))
    for line in portrait(wanted(), wanted()):
        lines.remove(line)
    assert lines == [
        "public.blogs unique UNIQUE (slug)",
        "public.contacts index using btree ( email )",
        "public.orders trigger BEFORE UPDATE FOR EACH ROW: sets updated_at (O)",
    ]


def test_what_nobody_knows_in_greenrooms_schema_is_worth_a_note_and_shows(changed):
    with changed(
        "CREATE TABLE greenroom.left_over (id int); CREATE FUNCTION greenroom.old() RETURNS int LANGUAGE sql RETURN 1"
    ) as connection:
        found = reading.read(connection)
    assert _told(found, NOTE) == ["greenroom.left_over", "greenroom.old()"]
    assert _told(found) == []
    assert {"greenroom.left_over unknown", "greenroom.old() unknown"} < set(portrait(found, wanted()))


def test_a_function_with_its_owners_rights_belongs_to_the_owner_of_the_tables(changed):
    with changed(
        "CREATE ROLE somebody; ALTER FUNCTION greenroom.follow_capacity() OWNER TO somebody"
    ) as connection:
        found = differences(reading.read(connection), wanted())
    assert [(one.name, one.severity) for one in found] == [("greenroom.follow_capacity()", NOTE)]


def test_a_list_of_values_that_lets_fewer_through_is_told(changed):
    with changed("ALTER TABLE users ADD CONSTRAINT fewer CHECK (status IN ('active', 'gone'))") as connection:
        (found,) = differences(reading.read(connection), wanted())
    assert found.sentence == "The constraint fewer of public.users does not let 'inactive' through."


def test_a_unique_index_can_become_the_constraint_when_it_is_plain_and_whole():
    constraint = Constraint("c", "unique", ("a", "b"), "UNIQUE (a, b)")
    plain = Index("i", True, "USING btree (a, b)")
    assert comparing.backs(plain, constraint)
    assert comparing.backs(replace(plain, definition="USING btree (a, b) WITH (fillfactor='70')"), constraint)
    for other in (
        replace(plain, unique=False),
        replace(plain, valid=False),
        replace(plain, definition="USING btree (b, a)"),
        replace(plain, definition="USING btree (a, b DESC)"),
        replace(plain, definition="USING btree (a, b) WHERE (a IS NOT NULL)"),
        replace(plain, definition="USING btree (a, lower(b))"),
        replace(plain, definition="USING btree (a, b) NULLS NOT DISTINCT"),
    ):
        assert not comparing.backs(other, constraint)


def test_a_unique_index_that_can_become_a_constraint_does(changed):
    with changed(
        "ALTER TABLE blogs DROP CONSTRAINT blogs_slug_key; CREATE UNIQUE INDEX posts_by_slug ON blogs (slug)"
    ) as connection:
        table = reading.read(connection).tables["public.blogs"]
        (unique,) = (c for c in wanted().tables["public.blogs"].constraints if c.kind == "unique")
        (index,) = (index for index in table.indexes if comparing.backs(index, unique))
        do(connection, f"ALTER TABLE blogs ADD CONSTRAINT {index.name} UNIQUE USING INDEX {index.name}")
        found = reading.read(connection)
    assert differences(found, wanted()) == ()
    assert portrait(found, wanted()) == portrait(wanted(), wanted())


@pytest.mark.parametrize(
    ("mine", "same"),
    [
        ("btree (slug) WHERE (price > (0)::numeric)", True),
        ("btree (slug) WHERE ((0)::numeric < price)", True),
        ("btree (slug) WHERE (price >= (0)::numeric)", False),
        ("btree (slug)", False),
        ("hash (slug) WHERE (price > (0)::numeric)", False),
        ("btree (slug text_pattern_ops) WHERE (price > (0)::numeric)", False),
        ("btree (slug) INCLUDE (name) WHERE (price > (0)::numeric)", False),
    ],
)
def test_an_index_is_equal_by_method_columns_and_condition(mine, same):
    index = Index("mine", False, f"USING {mine}")
    assert (
        comparing.equal_index(index, Index("ours", False, "USING btree (slug) WHERE (price > (0)::numeric)"))
        is same
    )


def test_an_index_that_lets_twins_in_is_not_one_that_keeps_them_out():
    unique = Index("a", True, "USING btree (slug)")
    assert comparing.equal_index(replace(unique, name="b", valid=False), unique)
    assert not comparing.equal_index(replace(unique, unique=False), unique)


def test_a_trigger_that_fires_more_often_stands_for_another_only_where_it_is_known_what_it_does():
    wanted_one = Trigger("a", "AFTER DELETE FOR EACH ROW", "greenroom.f", "greenroom.f")
    assert comparing.equal_trigger(replace(wanted_one, name="b", enabled="D"), wanted_one)
    more = replace(wanted_one, definition="AFTER DELETE OR UPDATE FOR EACH ROW")
    assert not comparing.equal_trigger(more, wanted_one)


def test_a_constraint_of_another_kind_or_action_is_another():
    wanted_one = Constraint(
        "a", "foreign key", ("x",), "FOREIGN KEY (x) REFERENCES public.y(id) ON DELETE CASCADE"
    )
    assert comparing.equal_constraint(
        replace(wanted_one, name="b", validated=False, enforced=False), wanted_one
    )
    for definition in (
        "FOREIGN KEY (x) REFERENCES public.y(id)",
        "FOREIGN KEY (x) REFERENCES public.y(id) ON DELETE RESTRICT",
        "FOREIGN KEY (x) REFERENCES public.y(id) ON UPDATE CASCADE ON DELETE CASCADE",
        "FOREIGN KEY (x) REFERENCES shop.y(id) ON DELETE CASCADE",
    ):
        assert not comparing.equal_constraint(replace(wanted_one, definition=definition), wanted_one)
    unique = Constraint("a", "unique", ("x",), "UNIQUE (x)")
    assert not comparing.equal_constraint(
        replace(unique, kind="primary key", definition="PRIMARY KEY (x)"), unique
    )


def test_a_materialized_view_is_equal_by_its_query_whatever_version_printed_it(changed):
    view = wanted().tables["public.package_capacity_status"]
    with changed("") as connection:
        do(connection, "DROP MATERIALIZED VIEW package_capacity_status")
        do(connection, f"CREATE MATERIALIZED VIEW package_capacity_status AS {view.query}")
        again = reading.read(connection).tables["public.package_capacity_status"]
        do(connection, "DROP MATERIALIZED VIEW package_capacity_status")
        other = view.query.replace("'attended'", "'no_show'")
        do(connection, f"CREATE MATERIALIZED VIEW package_capacity_status AS {other}")
        another = reading.read(connection).tables["public.package_capacity_status"]
    assert comparing.equal_view(again, view)
    assert not comparing.equal_view(another, view)
    assert not comparing.equal_view(replace(again, kind="view"), view)
