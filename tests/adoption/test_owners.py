"""Whose things an adopted database's are, and what is left to its owner to decide."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
import sqlalchemy as sa

from desktop import errors
from desktop.__main__ import run
from desktop.db import upgrade
from desktop.db.session import Database
from tests.adoption import websites

if TYPE_CHECKING:
    from collections.abc import Iterator

FOREIGN = """
SELECT c.oid::regclass::text AS what FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname IN ('public', 'greenroom') AND c.relowner <> %(owner)s::regrole
UNION ALL
SELECT p.oid::regprocedure::text FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
 WHERE n.nspname IN ('public', 'greenroom') AND p.proowner <> %(owner)s::regrole
UNION ALL
SELECT n.nspname FROM pg_namespace n WHERE n.nspname = 'greenroom' AND n.nspowner <> %(owner)s::regrole
"""


@pytest.fixture
def site(server) -> Iterator[tuple[str, str]]:
    """A database that belongs to a role which may do nothing else: the role, and the address to connect as it."""
    role = f"site_{uuid4().hex[:12]}"
    with websites.connect(server.url("postgres")) as maintenance:
        maintenance.execute(f"CREATE ROLE {role} LOGIN")
        with websites.empty(server) as url:
            name = sa.make_url(url).database
            maintenance.execute(f"ALTER DATABASE {name} OWNER TO {role}")
            yield role, _as(url, role)
        maintenance.execute(f"DROP ROLE {role}")


def _as(url: str, role: str) -> str:
    return sa.make_url(url).set(username=role).render_as_string(hide_password=False)


def test_what_a_superuser_adds_belongs_to_the_owner_of_the_tables(site, server):
    role, url = site
    websites.build(url, websites.SPECIFIED)
    superuser = Database(_as(url, "greenroom"))
    upgrade.upgrade(superuser)
    superuser.close()
    with websites.connect(url) as website:
        assert website.execute(FOREIGN, {"owner": role}).fetchall() == []


def test_tables_of_several_owners_are_refused(site, server):
    _, url = site
    websites.build(url, websites.SPECIFIED)
    with websites.connect(_as(url, "greenroom")) as superuser:
        superuser.execute("ALTER TABLE orders OWNER TO greenroom")
    superuser = Database(_as(url, "greenroom"))
    with pytest.raises(errors.CannotAdopt) as refused:
        upgrade.upgrade(superuser)
    superuser.close()
    assert any("owner" in finding.kind for finding in refused.value.findings if finding.refused)


def test_a_role_that_owns_nothing_is_refused_and_told_whose_it_is(site, server, capsys):
    role, url = site
    websites.build(url, websites.SPECIFIED)
    stranger = f"stranger_{uuid4().hex[:12]}"
    with websites.connect(server.url("postgres")) as maintenance:
        maintenance.execute(f"CREATE ROLE {stranger} LOGIN")
        assert run(["db", "upgrade", "--database", _as(url, stranger)]) == 1
        maintenance.execute(f"DROP ROLE {stranger}")
    out, err = capsys.readouterr()
    assert role in out + err
    with websites.connect(url) as website:
        assert website.execute("SELECT FROM pg_namespace WHERE nspname = 'greenroom'").fetchall() == []


def test_a_capacity_view_that_others_build_on_is_kept_and_reported(site, capsys):
    _, url = site
    websites.build(url, websites.UPDATED)
    with websites.connect(url) as website:
        website.execute(
            "CREATE VIEW nearly_full AS SELECT * FROM package_capacity_status WHERE seats_remaining < 3"
        )
        before = website.execute(
            "SELECT 'package_capacity_status'::regclass::oid, pg_get_viewdef('nearly_full')"
        ).fetchall()
        assert run(["db", "upgrade", "--database", url]) == 0
        assert (
            website.execute(
                "SELECT 'package_capacity_status'::regclass::oid, pg_get_viewdef('nearly_full')"
            ).fetchall()
            == before
        )
    assert "package_capacity_status" in capsys.readouterr().out


def test_the_owner_adopts_without_being_a_superuser_and_owns_what_is_added_and_exchanged(site):
    role, url = site
    websites.build(url, websites.UPDATED)
    with websites.connect(url) as website:
        website.execute(
            "GRANT SELECT ON package_capacity_status TO pg_monitor; REFRESH MATERIALIZED VIEW package_capacity_status"
        )
    database = Database(url)
    upgrade.upgrade(database)
    database.close()
    with websites.connect(url) as website:
        assert website.execute(FOREIGN, {"owner": role}).fetchall() == []
        website.execute("REFRESH MATERIALIZED VIEW CONCURRENTLY package_capacity_status")
        (found,) = website.execute(
            "SELECT relowner::regrole::text AS owner, has_table_privilege('pg_monitor', oid, 'SELECT') AS granted"
            " FROM pg_class WHERE oid = 'package_capacity_status'::regclass"
        ).fetchall()
        (counted,) = website.execute(
            "SELECT registered_count, seats_remaining FROM package_capacity_status WHERE package_id ="
            " (SELECT id FROM packages WHERE slug = 'monsoon-workshop')"
        ).fetchall()
        (held,) = website.execute(
            "SELECT count(*) FILTER (WHERE status = 'registered') AS registered_count,"
            " 20 - count(*) FILTER (WHERE status IN ('registered', 'attended')) AS seats_remaining"
            " FROM event_registrations WHERE package_id = (SELECT id FROM packages WHERE slug = 'monsoon-workshop')"
        ).fetchall()
    assert found == {"owner": role, "granted": True}
    assert counted == held
