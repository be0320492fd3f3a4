"""Rows that were there keep every value, and no trigger of the website's takes an upgrade for an edit."""

from __future__ import annotations

from desktop.db.upgrading import backfilling
from tests.adoption import websites

STATES = "SELECT tgname AS name, tgenabled AS state FROM pg_trigger WHERE tgname LIKE 'site_%%' ORDER BY 1"


def test_a_backfill_leaves_every_old_value_and_every_trigger_as_it_was(site, monkeypatch):
    monkeypatch.setattr(backfilling, "FIRST_BLOCKS", 1)
    site.website.execute(
        "INSERT INTO event_registrations (event_id, package_id, attendee_name, attendee_email, status)"
        " SELECT event_id, id, 'Zoë', 'zoe' || n || '@example.org', 'registered' "
        "  FROM packages, generate_series(1, 300) n"
        "  WHERE slug = (SELECT slug FROM packages WHERE event_id IS NOT NULL AND capacity IS NULL LIMIT 1);"
        "CREATE FUNCTION site_alarm() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE ''fired''; END';"
        "CREATE TRIGGER site_on BEFORE UPDATE ON event_registrations EXECUTE FUNCTION site_alarm();"
        "CREATE TRIGGER site_always AFTER UPDATE ON event_registrations FOR EACH ROW EXECUTE FUNCTION site_alarm();"
        "CREATE TRIGGER site_replica AFTER UPDATE ON event_registrations FOR EACH ROW EXECUTE FUNCTION site_alarm();"
        "CREATE TRIGGER site_off AFTER UPDATE ON event_registrations FOR EACH ROW EXECUTE FUNCTION site_alarm();"
        "ALTER TABLE event_registrations ENABLE ALWAYS TRIGGER site_always, ENABLE REPLICA TRIGGER site_replica,"
        " DISABLE TRIGGER site_off"
    )
    states, before = site.rows(STATES), site.snapshot()
    site.upgraded()
    after = site.snapshot()
    assert site.rows(STATES) == states
    for table, rows in before.items():
        kept = (
            [{name: value for name, value in row.items() if name in rows[0]} for row in after[table]]
            if rows
            else []
        )
        assert sorted(map(str, kept)) == sorted(map(str, rows))
    assert site.value("SELECT count(*) FROM event_registrations WHERE name_key IS NULL") == 0
    assert site.value("SELECT count(*) FROM event_registrations WHERE name_key = 'zoe'") >= 300


def test_the_website_s_capacity_view_gets_the_new_query_and_keeps_its_name_grants_and_indexes(bare_site):
    websites.build(bare_site.url, websites.UPDATED, extras=False)
    bare_site.website.execute(
        "DROP ROLE IF EXISTS view_reader; CREATE ROLE view_reader;"
        "GRANT SELECT ON package_capacity_status TO view_reader;"
        "GRANT SELECT (capacity) ON package_capacity_status TO PUBLIC;"
        "CREATE INDEX by_capacity ON package_capacity_status (capacity);"
        "COMMENT ON MATERIALIZED VIEW package_capacity_status IS 'shown on the site'"
    )
    try:
        bare_site.upgraded()
        assert bare_site.is_whole()
        assert bare_site.value(
            "SELECT has_table_privilege('view_reader', 'package_capacity_status', 'SELECT')"
        )
        assert bare_site.value(
            "SELECT has_column_privilege('public', 'package_capacity_status', 'capacity', 'SELECT')"
        )
        assert bare_site.value("SELECT to_regclass('by_capacity') IS NOT NULL")
        assert (
            bare_site.value("SELECT obj_description('package_capacity_status'::regclass)")
            == "shown on the site"
        )
        assert bare_site.value("SELECT to_regclass('greenroom.package_capacity_status')") is None
    finally:
        bare_site.website.execute("DROP OWNED BY view_reader; DROP ROLE view_reader")


def test_a_capacity_view_that_others_build_upon_stays_as_it_is(bare_site):
    websites.build(bare_site.url, websites.UPDATED, extras=False)
    bare_site.website.execute(
        "CREATE VIEW full_ones AS SELECT * FROM package_capacity_status WHERE seats_remaining = 0"
    )
    oid = bare_site.value("SELECT 'package_capacity_status'::regclass::oid")
    bare_site.upgraded()
    assert bare_site.value("SELECT 'package_capacity_status'::regclass::oid") == oid
