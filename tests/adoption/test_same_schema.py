"""Whatever a database was before, `greenroom db upgrade` ends with one schema, and nothing of what was there is lost
(ruling 3)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from desktop.db import upgrade
from desktop.db.catalog import comparing, differing, reading, wanted
from desktop.db.session import Database
from tests.adoption import portraying, snapshots, websites
from tests.adoption.websites import id_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from desktop.db.catalog.model import Catalog

CAPACITY_VIEW = "package_capacity_status"
"""The one object that is replaced, by ruling 7's of the same name, when it is the specification's."""

LATEST = websites.OLDER[-1]

FOUND: dict[str, Callable[[str], None]] = {
    "an empty database": lambda _url: None,
    **{str(kind): partial(websites.build, kind=kind) for kind in websites.KINDS},
    **{
        f"an older Greenroom, {revision}": partial(websites.build_older, revision=revision)
        for revision in websites.OLDER
    },
}
QUICK = [name for name in FOUND if "older" not in name or name.endswith(LATEST)]


@dataclass(frozen=True)
class Adopted:
    """A database before and after; ``url`` is what it is now. Tests roll back what they do to it."""

    url: str
    objects: tuple[dict[tuple[str, str], str], dict[tuple[str, str], str]]
    definitions: tuple[Counter[tuple[str, str, str]], Counter[tuple[str, str, str]]]
    rows: tuple[dict[str, list[dict[str, Any]]], dict[str, list[dict[str, Any]]]]
    catalogs: tuple[Catalog, Catalog]

    def website(self) -> psycopg.Connection[dict[str, Any]]:
        """A connection of the website's, in a transaction that is to be rolled back."""
        return websites.connect(self.url, autocommit=False)


@pytest.fixture(
    scope="module",
    params=[pytest.param(name, marks=[] if name in QUICK else pytest.mark.slow, id=name) for name in FOUND],
)
def adopted(server, request: pytest.FixtureRequest) -> Iterator[Adopted]:
    with websites.empty(server) as url:
        FOUND[request.param](url)
        database = Database(url)
        before = _seen(database)
        upgrade.upgrade(database)
        yield Adopted(url, *zip(before, _seen(database), strict=True))
        database.close()


def _seen(database: Database) -> tuple[Any, ...]:
    with database.engine.connect() as connection, websites.connect(str(database.url)) as website:
        return (
            snapshots.objects(website),
            snapshots.definitions(website),
            snapshots.rows(website),
            reading.read(connection),
        )


@pytest.fixture(scope="module")
def fresh(server, template) -> tuple[Catalog, Counter[tuple[str, str, str]]]:
    """The catalog and the definitions of a database that was empty."""
    database = Database(server.url(template))
    seen = _seen(database)
    database.close()
    return seen[3], seen[1]


def test_the_schema_is_that_of_a_database_that_was_empty(adopted, fresh):
    """Ruling 3."""
    mine, theirs = (
        portraying.portrait(catalog, wanted.wanted()) for catalog in (adopted.catalogs[1], fresh[0])
    )
    assert mine == theirs
    assert differing.differences(adopted.catalogs[1], wanted.wanted()) == ()


def test_every_key_index_and_foreign_key_is_there_and_nothing_is_there_twice(adopted, fresh):
    """Compared by PostgreSQL's own texts, without the program's own way of comparing."""
    before, after = adopted.definitions
    needed = {key: count for key, count in fresh[1].items() if key[0] == "constraint"}
    assert {key: after[key] for key in needed} == needed
    indexes = {key: count for key, count in fresh[1].items() if key[0] == "index"}
    assert {key: after[key] for key in indexes} == {
        key: max(count, before[key]) for key, count in indexes.items()
    }


def test_checks_and_triggers_are_there_once(adopted):
    after = adopted.catalogs[1].tables
    for name, table in wanted.wanted().tables.items():
        for constraint in table.constraints:
            equal = [own for own in after[name].constraints if comparing.equal_constraint(own, constraint)]
            assert [(own.validated, own.enforced) for own in equal] == [(True, True)], constraint
        for trigger in table.triggers:
            equal = [own for own in after[name].triggers if comparing.equal_trigger(own, trigger)]
            assert [own.enabled for own in equal] == [trigger.enabled], trigger


def test_what_the_website_has_keeps_its_name_its_definition_and_its_privileges(adopted):
    before, after = adopted.objects
    changed = {
        key: (text, after.get(key))
        for key, text in before.items()
        if after.get(key) != text and CAPACITY_VIEW not in text
    }
    view = {key[1].split(".")[0] for key, text in before.items() if CAPACITY_VIEW in text}
    assert {key: both for key, both in changed.items() if key[1].split(".")[0] not in view} == {}


def test_every_value_of_every_row_survives(adopted):
    before, after = adopted.rows
    assert {name: snapshots.surviving(rows, after[name]) for name, rows in before.items()} == {
        name: Counter() for name in before
    }


def test_no_trigger_of_the_websites_fired_and_none_was_switched(adopted):
    before, after = adopted.rows
    assert after.get("outbox") == before.get("outbox")
    switched = {
        text[-1]
        for text in (adopted.objects[1].get(key) for key in adopted.objects[0] if key[0] == "trigger")
        if text and "no_longer" in text
    }
    assert switched == ({"D"} if "outbox" in before else set())


def test_seats_are_counted_and_people_can_be_found(adopted):
    with adopted.website() as website:
        counted = website.execute(
            "SELECT count(*) FROM packages p LEFT JOIN package_seats s ON s.package_id = p.id"
            " WHERE s.capacity IS DISTINCT FROM p.capacity OR s.held IS DISTINCT FROM (SELECT count(*)"
            " FROM event_registrations r WHERE r.package_id = p.id AND r.status IN ('registered', 'attended'))"
        ).fetchone()
        unnamed = website.execute(
            "SELECT count(*) FROM event_registrations WHERE name_key IS NULL"
        ).fetchone()
        website.rollback()
    assert (counted, unnamed) == ({"count": 0}, {"count": 0})


# --- what triggers do, whoever's they are ---------------------------------------------------------


@pytest.fixture
def live(adopted) -> Iterator[psycopg.Connection[dict[str, Any]]]:
    """The adopted database with rows in it; everything is rolled back."""
    with adopted.website() as website:
        if not adopted.rows[0].get("users"):
            website.execute("SET LOCAL session_replication_role = replica")
            website.execute(websites.sql("rows"))
            website.execute("SET LOCAL session_replication_role = origin")
            website.execute(
                "INSERT INTO package_seats SELECT p.id, p.capacity, count(r.id) FROM packages p LEFT JOIN"
                " event_registrations r ON r.package_id = p.id AND r.status IN ('registered', 'attended') GROUP BY p.id"
            )
        yield website
        website.rollback()


def _listed(website: psycopg.Connection[dict[str, Any]], slug: str) -> list[Any]:
    (row,) = website.execute("SELECT packages_ids FROM events WHERE slug = %s", (slug,)).fetchall()
    return row["packages_ids"]


def test_a_package_is_listed_once_moves_and_leaves(live):
    monsoon, fete = _listed(live, "monsoon"), _listed(live, "fete")
    new = id_of("a new package")
    live.execute(
        "INSERT INTO packages (id, name, slug, price, duration_days, is_active, package_type, event_id, created_at,"
        " updated_at) SELECT %s, 'New', 'new', 0, 0, TRUE, 'event', id, created_at, created_at FROM events"
        " WHERE slug = 'monsoon'",
        (new,),
    )
    assert _listed(live, "monsoon") == [*monsoon, new]
    live.execute(
        "UPDATE packages SET event_id = (SELECT id FROM events WHERE slug = 'fete') WHERE id = %s", (new,)
    )
    assert (_listed(live, "monsoon"), _listed(live, "fete")) == (monsoon, [*fete, new])
    live.execute("DELETE FROM packages WHERE id = %s", (new,))
    assert _listed(live, "fete") == fete


@pytest.mark.parametrize(
    "change",
    [
        "users SET username = username",
        "events SET title = title",
        "packages SET name = name",
        "orders SET currency = currency",
        "contacts SET name = name",
        "blogs SET title = 'Edited'",
        "event_registrations SET phone_number = '1'",
    ],
)
def test_an_edit_is_dated(live, change):
    (row,) = live.execute(
        f"WITH edited AS (UPDATE {change} RETURNING updated_at) SELECT min(updated_at) > now() - interval '1 minute'"
        " AS dated FROM edited"
    ).fetchall()
    assert row["dated"]


def test_a_page_view_is_no_edit(live):
    before = live.execute("SELECT id, updated_at FROM blogs ORDER BY id").fetchall()
    live.execute("UPDATE blogs SET views_count = views_count + 1")
    assert live.execute("SELECT id, updated_at FROM blogs ORDER BY id").fetchall() == before


def test_an_overbooked_package_takes_nobody_and_lets_people_go(live):
    new = (
        "INSERT INTO event_registrations (event_id, package_id, attendee_email, status)"
        " SELECT event_id, id, 'one-more@example.org', 'registered' FROM packages WHERE slug = %s"
    )
    live.execute(new, ("bayanat-general",))
    live.execute("SAVEPOINT one")
    with pytest.raises(psycopg.errors.CheckViolation) as refused:
        live.execute(new, ("monsoon-vip",))
    assert refused.value.diag.constraint_name == "package_capacity"
    live.execute("ROLLBACK TO one")
    gone = live.execute(
        "UPDATE event_registrations SET status = 'cancelled' WHERE status = 'registered' AND package_id ="
        " (SELECT id FROM packages WHERE slug = 'monsoon-vip')"
    )
    assert gone.rowcount == 5
    live.execute(new, ("monsoon-vip",))


@pytest.mark.parametrize(
    "change", ["UPDATE admin_logs SET description = ''", "DELETE FROM admin_logs", "TRUNCATE admin_logs"]
)
def test_the_log_is_not_rewritten(live, change):
    with pytest.raises(psycopg.errors.RestrictViolation):
        live.execute(change)
