"""Taking Greenroom out again: what it made goes, what is the website's and what holds data stays."""

from __future__ import annotations

import pytest

from desktop import errors
from desktop.db import upgrade
from tests.adoption import snapshots, websites
from tests.db.upgrading import stepwise


def _taken_back(site, revision=None):
    told: list[str] = []
    upgrade.downgrade(site.database, revision, told.append)
    return told


def test_taking_it_all_back_leaves_the_website_s_database_as_it_was(site):
    objects, rows = snapshots.objects(site.website), site.snapshot()
    site.upgraded()
    told = _taken_back(site)
    assert [line for line in told if line.startswith("  Kept")] == []
    assert snapshots.objects(site.website) == objects
    assert site.snapshot() == rows
    assert site.value("SELECT to_regnamespace('greenroom')") is None


def test_a_capacity_view_of_the_website_s_gets_its_own_query_back(bare_site):
    websites.build(bare_site.url, websites.UPDATED, extras=False)
    query = "SELECT pg_get_viewdef('package_capacity_status'::regclass)"
    before = bare_site.value(query)
    bare_site.upgraded()
    assert bare_site.value(query) != before
    _taken_back(bare_site)
    assert bare_site.value(query) == before


@pytest.mark.slow
def test_each_revision_can_be_taken_back_and_made_again(site):
    site.upgraded()
    for revision in reversed(stepwise.names()[:-1]):
        _taken_back(site, revision)
        assert site.value("SELECT version_num FROM greenroom.schema_version") == revision
    site.upgraded()
    assert site.is_whole()


def test_what_holds_data_stays_is_said_and_is_taken_up_again(site):
    site.upgraded()
    site.website.execute(
        "UPDATE events SET time_zone = 'Asia/Kolkata';"
        "INSERT INTO user_roles SELECT u.id, r.id FROM users u, roles r WHERE r.name = 'door' LIMIT 1;"
        "INSERT INTO check_ins (id, registration_id, action, station, staff_id, decided_at, decision, verdict)"
        " VALUES (gen_random_uuid(), gen_random_uuid(), 'admit', 'north', gen_random_uuid(), now(),"
        " 'asked', 'admitted')"
    )
    told = _taken_back(site)
    kept = [line for line in told if line.startswith("  Kept")]
    assert [line.split(", because")[0] for line in kept] == [
        "  Kept: table check_ins",
        "  Kept: column events.time_zone",
        "  Kept: table user_roles",
        "  Kept: table roles",
    ]
    assert not upgrade.is_current(site.database)
    site.upgraded()
    assert site.is_whole()
    assert site.value("SELECT count(*) FROM check_ins") == 1
    assert site.value("SELECT DISTINCT time_zone FROM events") == "Asia/Kolkata"
    site.website.execute("UPDATE events SET time_zone = NULL")
    assert "column events.time_zone" not in " ".join(_taken_back(site))


@pytest.mark.slow
def test_an_older_definition_of_a_function_comes_back(site):
    site.upgraded()
    source = "SELECT md5(prosrc) FROM pg_proc WHERE proname = 'move_seats'"
    newest = site.value(source)
    _taken_back(site, "0012")
    assert site.value(source) != newest
    site.upgraded()
    assert site.value(source) == newest


def test_a_schema_there_is_not_or_that_is_newer_cannot_be_gone_back_to(site):
    assert upgrade.downgrade(site.database) == []
    with pytest.raises(errors.InvalidField, match="no schema 4711"):
        upgrade.downgrade(site.database, "4711")
    stepwise.upgrade_to(site.database, "0003")
    with pytest.raises(errors.InvalidField, match="which is older"):
        upgrade.downgrade(site.database, "0005")


def test_a_unique_index_that_became_a_constraint_stays_is_said_and_nothing_else_does(bare_site):
    websites.build(bare_site.url, websites.SPECIFIED)
    bare_site.website.execute("ALTER TABLE events DROP CONSTRAINT events_slug_key")
    bare_site.website.execute("CREATE UNIQUE INDEX events_by_slug ON events (slug)")
    bare_site.upgraded()
    told: list[str] = []
    upgrade.downgrade(bare_site.database, None, told.append)
    assert any("events_by_slug" in line for line in told)
    assert bare_site.value("SELECT count(*) FROM pg_constraint WHERE conname = 'events_by_slug'") == 1
    assert bare_site.value("SELECT to_regnamespace('greenroom')") is None
