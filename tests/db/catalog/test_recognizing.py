"""A trigger's function is recognized when it does just what Greenroom's does, and is seen to do it."""

from __future__ import annotations

from uuid import uuid4

import pytest
import sqlalchemy as sa

from desktop.db.catalog import comparing, reading, recognizing
from desktop.db.catalog.recognizing import ADDS_PACKAGE, OWN_LIST, REMOVES_PACKAGE, SETS_UPDATED_AT
from desktop.db.catalog.wanted import wanted

MOMENTS = [
    "NOW()",
    "CURRENT_TIMESTAMP",
    "current_timestamp::timestamp",
    "clock_timestamp()",
    "timezone('utc', now())",
    "(now() AT TIME ZONE 'UTC')",
    "pg_catalog.now()",
]
TOUCHING = [
    "BEGIN IF TG_OP IN ('INSERT', 'UPDATE') THEN NEW.updated_at = now(); END IF; RETURN NEW; END;",
    *(f"BEGIN NEW.updated_at = {moment}; RETURN NEW; END;" for moment in MOMENTS),
    'begin\n  -- as the “rails” trigger; does\n  new."updated_at" := now();\n  return new; /* yes */ end',
    "BEGIN IF TG_OP = 'UPDATE' THEN NEW.updated_at = now(); END IF; RETURN NEW; END;",
    "BEGIN IF (TG_OP <> 'INSERT') THEN NEW.updated_at = now(); RETURN NEW; END IF; RETURN NULL; END;",
]
SOMETHING_ELSE = [
    "BEGIN NEW.updated_at = now() AT TIME ZONE 'Asia/Kolkata'; RETURN NEW; END;",
    "BEGIN NEW.updated_at = NULL; RETURN NEW; END;",
    "BEGIN NEW.created_at = now(); RETURN NEW; END;",
    "BEGIN NEW.updated_at = now(); RETURN OLD; END;",
    "BEGIN NEW.updated_at = now(); RETURN NULL; END;",
    "BEGIN RETURN NEW; NEW.updated_at = now(); END;",
    "BEGIN RETURN NEW; END;",
    "BEGIN NEW.updated_at = now(); NEW.status = 'inactive'; RETURN NEW; END;",
    "BEGIN NEW.updated_at = now(); PERFORM pg_notify('website', ''); RETURN NEW; END;",
    "BEGIN IF NEW.username <> OLD.username THEN NEW.updated_at = now(); END IF; RETURN NEW; END;",
    "BEGIN IF TG_OP = 'INSERT' THEN NEW.updated_at = now(); END IF; RETURN NEW; END;",
    "BEGIN IF NEW.event_id IS NOT NULL THEN NEW.updated_at = now(); END IF; RETURN NEW; END;",
    "BEGIN IF NEW.event_id IS NULL THEN NEW.updated_at = now(); END IF; RETURN NEW; END;",
    "DECLARE v int; BEGIN NEW.updated_at = now(); RETURN NEW; END;",
    "BEGIN NEW.updated_at = now(); RETURN NEW; EXCEPTION WHEN others THEN RETURN NULL; END;",
    "BEGIN NEW.updated_at = now(); RETURN NEW; END; BEGIN END;",
    "BEGIN IF TG_OP = 'UPDATE' THEN NEW.updated_at = now();",
    "",
]
ADDING = [
    "BEGIN UPDATE events SET packages_ids = array_append(packages_ids, NEW.id) WHERE id = NEW.event_id;"
    " RETURN NEW; END;",
    "BEGIN IF NEW.event_id IS NOT NULL THEN UPDATE public.events SET packages_ids = packages_ids || NEW.id"
    " WHERE id = NEW.event_id; END IF; RETURN NULL; END",
    "BEGIN IF NEW.package_type = 'event' AND NEW.event_id IS NOT NULL THEN UPDATE events e SET"
    " packages_ids = array_append(coalesce(e.packages_ids, '{}'), NEW.id), updated_at = now()"
    " WHERE e.id = NEW.event_id AND NOT (NEW.id = ANY(e.packages_ids)); RETURN NEW; END IF; RETURN NEW; END;",
    "BEGIN IF NEW.event_id IS NULL THEN RETURN NEW; END IF; UPDATE events AS ev SET packages_ids ="
    " array_append(array_remove(ev.packages_ids, NEW.id), NEW.id) WHERE ev.id = NEW.event_id; RETURN NEW; END;",
    "BEGIN IF TG_OP = 'INSERT' THEN UPDATE events SET packages_ids = array_append(packages_ids, NEW.id)"
    " WHERE NEW.event_id = id AND NEW.id <> ALL (packages_ids); RETURN NEW; ELSIF TG_OP = 'DELETE' THEN UPDATE events"
    " SET packages_ids = '{}'; RETURN OLD; ELSE RETURN NULL; END IF; END;",
]
REMOVING = [
    "BEGIN UPDATE events SET packages_ids = array_remove(packages_ids, OLD.id) WHERE id = OLD.event_id;"
    " RETURN OLD; END;",
    "BEGIN IF OLD.event_id IS NOT NULL THEN UPDATE events SET packages_ids = array_remove(packages_ids, OLD.id)"
    " WHERE id = OLD.event_id AND OLD.id = ANY (packages_ids); END IF; RETURN COALESCE(NEW, OLD); END;",
    "BEGIN IF TG_OP = 'DELETE' AND OLD.package_type = 'event' THEN UPDATE ONLY events SET packages_ids ="
    " array_remove(packages_ids, OLD.id) WHERE id = OLD.event_id; END IF; RETURN NULL; END;",
]
NOT_QUITE = [
    "BEGIN UPDATE events SET packages_ids = array_append(packages_ids, NEW.id); RETURN NEW; END;",
    "BEGIN UPDATE events SET packages_ids = array_append(packages_ids, NEW.id) WHERE slug = NEW.slug; RETURN NEW; END;",
    "BEGIN UPDATE events SET packages_ids = array_prepend(NEW.id, packages_ids) WHERE id = NEW.event_id;"
    " RETURN NEW; END;",
    "BEGIN IF NEW.is_active THEN UPDATE events SET packages_ids = array_append(packages_ids, NEW.id)"
    " WHERE id = NEW.event_id; END IF; RETURN NEW; END;",
    "BEGIN IF NEW.event_id IS NOT NULL THEN RETURN NEW; END IF;"
    " UPDATE events SET packages_ids = array_append(packages_ids, NEW.id) WHERE id = NEW.event_id; RETURN NEW; END;",
    "BEGIN IF NEW.event_id IS NULL THEN UPDATE events SET packages_ids = array_append(packages_ids, NEW.id)"
    " WHERE id = NEW.event_id; END IF; RETURN NEW; END;",
    "BEGIN UPDATE events SET packages_ids = array_append(packages_ids, NEW.id) WHERE id = NEW.event_id;"
    " UPDATE events SET packages_ids = array_append(packages_ids, NEW.id) WHERE id = NEW.event_id; RETURN NEW; END;",
    "BEGIN IF NEW.event_id IS NOT NULL THEN UPDATE events SET packages_ids = array_append(packages_ids, NEW.id)"
    " WHERE id = NEW.event_id; ELSE DELETE FROM blogs; END IF; RETURN NEW; END;",
    "BEGIN UPDATE events SET packages_ids = array_append(packages_ids, NEW.id), updated_at = NULL"
    " WHERE id = NEW.event_id; RETURN NEW; END;",
    "BEGIN UPDATE shop.events SET packages_ids = array_append(packages_ids, NEW.id) WHERE id = NEW.event_id;"
    " RETURN NEW; END;",
    "BEGIN UPDATE events SET packages_ids = array_append(packages_ids, NEW.id), status = 'draft'"
    " WHERE id = NEW.event_id; RETURN NEW; END;",
]


def _function(body: str) -> str:
    return (
        "CREATE SCHEMA shop; CREATE TABLE shop.events AS SELECT * FROM events;"
        f"CREATE FUNCTION shop.does() RETURNS trigger LANGUAGE plpgsql AS $body${body}$body$;"
    )


@pytest.mark.parametrize("body", TOUCHING)
def test_setting_updated_at_is_recognized_in_any_words_and_does_it(changed, body):
    with changed(
        _function(body) + "DROP TRIGGER trg_set_updated_at_users ON users;"
        "CREATE TRIGGER theirs BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION shop.does();"
        "INSERT INTO users (username, email, updated_at) VALUES ('a', 'a@example.org', '2020-02-20');"
        "UPDATE users SET username = 'b'"
    ) as connection:
        triggers = {t.name: t for t in reading.read(connection).tables["public.users"].triggers}
        new = connection.execute(sa.text("SELECT username, updated_at > '2024-01-01' FROM users")).one()
    specified = {t.name: t for t in wanted().tables["public.users"].triggers}["trg_set_updated_at_users"]
    assert triggers["theirs"].does == SETS_UPDATED_AT
    assert comparing.equal_trigger(triggers["theirs"], specified)
    assert tuple(new) == ("b", True)


@pytest.mark.parametrize("body", [*SOMETHING_ELSE, *ADDING])
def test_a_function_that_does_something_else_is_not_taken_to_set_updated_at(body):
    assert recognizing.does(body, "plpgsql", "BEFORE UPDATE FOR EACH ROW") != SETS_UPDATED_AT


def test_the_extension_that_sets_updated_at_is_known_by_its_argument():
    fires = "BEFORE UPDATE FOR EACH ROW"
    assert recognizing.does("moddatetime", "c", fires, ("updated_at",)) == SETS_UPDATED_AT
    assert recognizing.does("moddatetime", "c", fires, ("changed_at",)) is None
    assert recognizing.does("NEW.updated_at = now()", "plpython3u", fires) is None


@pytest.mark.parametrize(
    ("bodies", "operation", "does"),
    [(ADDING, "INSERT", ADDS_PACKAGE), (REMOVING, "DELETE", REMOVES_PACKAGE)],
    ids=["adding", "removing"],
)
def test_keeping_the_list_of_packages_is_recognized_in_any_words_and_does_it(
    changed, bodies, operation, does
):
    specified = {trigger.does: trigger for trigger in wanted().tables["public.packages"].triggers}[does]
    for body in bodies:
        with changed(
            _function(body) + f"DROP TRIGGER {specified.name} ON packages;"
            f"CREATE TRIGGER theirs AFTER {operation} ON packages FOR EACH ROW EXECUTE FUNCTION shop.does()"
        ) as connection:
            triggers = {t.name: t for t in reading.read(connection).tables["public.packages"].triggers}
            lists = _lists_after_adding_and_removing(connection)
        assert comparing.equal_trigger(triggers["theirs"], specified), body
        assert lists == (["stays"], []), body


def _lists_after_adding_and_removing(connection: sa.Connection) -> tuple[list[str], list[str]]:
    """What two events list, by slug, when one of two packages of the first was removed and a subscription came and
    went."""
    event, other, stays, goes, subscription = (uuid4() for _ in range(5))
    connection.exec_driver_sql(
        "WITH u AS (INSERT INTO users (username, email) VALUES ('a', 'a@example.org') RETURNING id)"
        " INSERT INTO events (id, created_by, slug) SELECT e.id, u.id, e.slug FROM u, (VALUES (%s, 'one'), (%s, 'two'))"
        " AS e (id, slug)",
        (event, other),
    )
    for package, slug, kind, of in (
        (stays, "stays", "event", event),
        (goes, "goes", "event", event),
        (subscription, "sub", "subscription", None),
    ):
        connection.exec_driver_sql(
            "INSERT INTO packages (id, name, slug, price, duration_days, package_type, event_id)"
            " VALUES (%s, 'P', %s, 0, 0, %s, %s)",
            (package, slug, kind, of),
        )
    connection.exec_driver_sql("DELETE FROM packages WHERE slug IN ('goes', 'sub')")
    found = connection.exec_driver_sql(
        "SELECT ARRAY(SELECT coalesce(p.slug, i.id::text) FROM unnest(e.packages_ids) AS i (id)"
        " LEFT JOIN packages p ON p.id = i.id) FROM events e ORDER BY e.slug"
    )
    first, second = (row[0] for row in found)
    return first, second


@pytest.mark.parametrize("body", NOT_QUITE)
def test_a_function_that_keeps_the_list_otherwise_is_not_recognized(body):
    assert recognizing.does(body, "plpgsql", "AFTER INSERT FOR EACH ROW") is None


@pytest.mark.parametrize(
    ("table", "path", "recognized"),
    [
        ("events", "shop", False),
        ("events", "shop, public", True),
        ("public.events", "shop", True),
    ],
)
def test_a_function_that_may_mean_another_table_is_not_recognized(changed, table, path, recognized):
    body = (
        f"BEGIN UPDATE {table} SET packages_ids = array_append(packages_ids, NEW.id) WHERE id = NEW.event_id;"
        " RETURN NULL; END;"
    )
    with changed(
        _function(body) + f"ALTER FUNCTION shop.does() SET search_path = {path};"
        "CREATE TRIGGER theirs AFTER INSERT ON packages FOR EACH ROW EXECUTE FUNCTION shop.does()"
    ) as connection:
        triggers = {t.name: t.does for t in reading.read(connection).tables["public.packages"].triggers}
    assert triggers["theirs"] == (ADDS_PACKAGE if recognized else OWN_LIST)


def test_one_function_for_several_operations_is_told_for_each(changed):
    body = (
        "BEGIN IF TG_OP = 'INSERT' THEN UPDATE events SET packages_ids = array_append(packages_ids, NEW.id)"
        " WHERE id = NEW.event_id; ELSE UPDATE events SET packages_ids = array_remove(packages_ids, OLD.id)"
        " WHERE id = OLD.event_id; END IF; RETURN NULL; END;"
    )
    with changed(
        _function(body)
        + "CREATE TRIGGER theirs AFTER INSERT OR DELETE ON packages FOR EACH ROW EXECUTE FUNCTION shop.does()"
    ) as connection:
        triggers = {t.name: t for t in reading.read(connection).tables["public.packages"].triggers}
    theirs = triggers["theirs"]
    assert theirs.does == f"INSERT: {ADDS_PACKAGE}; DELETE: {REMOVES_PACKAGE}"
    stood_for = {name for name, trigger in triggers.items() if comparing.equal_trigger(theirs, trigger)}
    assert stood_for == {"theirs", "trg_pkg_insert_update_event_array", "trg_pkg_delete_update_event_array"}


@pytest.mark.parametrize(
    ("definition", "equal"),
    [
        ("BEFORE UPDATE FOR EACH ROW", True),
        ("BEFORE INSERT OR UPDATE FOR EACH ROW", True),
        ("AFTER UPDATE FOR EACH ROW", False),
        ("BEFORE INSERT FOR EACH ROW", False),
        ("BEFORE UPDATE FOR EACH STATEMENT", False),
        ("BEFORE UPDATE OF username FOR EACH ROW", False),
        ("BEFORE INSERT OR UPDATE FOR EACH ROW WHEN ((new.id IS NOT NULL))", False),
    ],
)
def test_a_trigger_stands_for_another_that_fires_whenever_it_does(changed, definition, equal):
    timing, _, rest = definition.partition(" FOR ")
    with changed(
        _function("BEGIN NEW.updated_at = now(); RETURN NEW; END;")
        + f"CREATE TRIGGER theirs {timing} ON users FOR {rest} EXECUTE FUNCTION shop.does()"
    ) as connection:
        triggers = {t.name: t for t in reading.read(connection).tables["public.users"].triggers}
    assert comparing.equal_trigger(triggers["theirs"], triggers["trg_set_updated_at_users"]) is equal


MOVING = [
    "IF OLD.event_id IS NULL THEN RETURN NEW; END IF; {removing} {adding}",
    "IF OLD.event_id IS NOT NULL THEN {removing} {adding} END IF;",
]


@pytest.mark.parametrize("body", MOVING)
def test_a_package_without_an_event_before_it_moved_must_not_be_forgotten(body):
    removing = "UPDATE events SET packages_ids = array_remove(packages_ids, OLD.id) WHERE id = OLD.event_id;"
    adding = "UPDATE events SET packages_ids = array_append(packages_ids, NEW.id) WHERE id = NEW.event_id;"

    def does(inner: str) -> str | None:
        return recognizing.does(f"BEGIN {inner} RETURN NEW; END", "plpgsql", "AFTER UPDATE FOR EACH ROW")

    assert does(removing + adding) == f"{REMOVES_PACKAGE} and {ADDS_PACKAGE}"
    assert does(body.format(removing=removing, adding=adding)) is None


def test_a_function_taken_for_one_of_greenrooms_own_says_what_it_is_called(changed):
    with changed(
        _function("BEGIN PERFORM 1; RETURN NEW; END;")
        + "CREATE TRIGGER theirs BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION shop.does('a')"
    ) as connection:
        triggers = {t.name: t.does for t in reading.read(connection).tables["public.users"].triggers}
    assert triggers["theirs"] == "shop.does(a)"
    do_nothing = recognizing.does("BEGIN RETURN NEW; END", "plpgsql", "BEFORE INSERT OR UPDATE FOR EACH ROW")
    assert do_nothing is None
