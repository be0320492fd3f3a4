"""What the website has is kept where it is equal, and ours is put beside it where it is not."""

from __future__ import annotations

from uuid import uuid4

import pytest

from desktop import errors
from desktop.db import upgrade
from tests.adoption import websites

WRITTEN = """
SELECT md5(string_agg(kind || id || version, ',' ORDER BY kind, id)) FROM (
  SELECT 'class', oid::text, xmin::text FROM pg_class WHERE oid >= 16384
  UNION ALL SELECT 'schema', oid::text, xmin::text FROM pg_namespace
  UNION ALL SELECT 'function', oid::text, xmin::text FROM pg_proc WHERE oid >= 16384
) AS things (kind, id, version)
"""
"""Every object and the version of its row in the catalog."""


def _names(site, table):
    return {
        row["conname"]
        for row in site.rows("SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass", table)
    }


def test_a_unique_index_where_the_specification_says_unique_becomes_the_constraint_itself(bare_site):
    websites.build(bare_site.url, websites.SPECIFIED, extras=False)
    bare_site.website.execute(
        "ALTER TABLE users DROP CONSTRAINT users_email_key; CREATE UNIQUE INDEX one_mail ON users (email)"
    )
    oid = bare_site.value("SELECT 'one_mail'::regclass::oid")
    bare_site.upgraded()
    assert bare_site.is_whole()
    assert bare_site.value("SELECT conindid FROM pg_constraint WHERE conname = 'one_mail'") == oid
    assert "users_email_key" not in _names(bare_site, "users")


def test_a_name_that_something_else_has_is_left_to_it(bare_site):
    websites.build(bare_site.url, websites.SPECIFIED, extras=False)
    bare_site.website.execute(
        "CREATE INDEX idx_event_regs_token ON contacts (token);"
        "CREATE FUNCTION mark() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';"
        "CREATE TRIGGER trg_set_name_key BEFORE INSERT ON event_registrations FOR EACH ROW EXECUTE FUNCTION mark();"
        "ALTER TABLE packages ADD CONSTRAINT chk_package_type_event CHECK (price >= 0)"
    )
    bare_site.upgraded()
    assert bare_site.is_whole()
    indexes = bare_site.rows(
        "SELECT indexname FROM pg_indexes WHERE indexname LIKE 'idx_event_regs_token%%' ORDER BY 1"
    )
    triggers = bare_site.rows(
        "SELECT tgname FROM pg_trigger WHERE tgname LIKE 'trg_set_name_key%%' ORDER BY 1"
    )
    assert [row["indexname"] for row in indexes] == ["idx_event_regs_token", "idx_event_regs_token_greenroom"]
    assert [row["tgname"] for row in triggers] == ["trg_set_name_key", "trg_set_name_key_greenroom"]
    assert "chk_package_type_event_greenroom" in _names(bare_site, "packages")


def test_columns_that_are_missing_get_their_values_row_by_row_and_no_trigger_notices(bare_site):
    websites.build(bare_site.url, websites.SPECIFIED)
    bare_site.website.execute(
        "ALTER TABLE event_registrations DROP COLUMN registration_token, DROP COLUMN registered_at,"
        " DROP COLUMN cancelled_at"
    )
    before = bare_site.snapshot()
    bare_site.upgraded()
    assert bare_site.is_whole()
    assert bare_site.snapshot().keys() >= before.keys()
    tokens = bare_site.rows("SELECT registration_token AS t FROM event_registrations")
    assert len({row["t"] for row in tokens}) == len(tokens) > 1
    assert bare_site.value("SELECT count(*) FROM event_registrations WHERE registered_at IS NULL") == 0


def test_what_may_be_empty_and_must_not_is_declared_without_reading_under_a_lock(bare_site):
    websites.build(bare_site.url, websites.SPECIFIED, extras=False)
    bare_site.website.execute(
        "ALTER TABLE users ALTER COLUMN status DROP NOT NULL, ALTER COLUMN oauth_provider DROP DEFAULT"
    )
    told = bare_site.upgraded()
    assert bare_site.is_whole()
    assert "  Declare users.status NOT NULL" in told
    assert "status_not_null_greenroom" not in _names(bare_site, "users")


def test_a_constraint_that_was_never_validated_is_validated(bare_site):
    websites.build(bare_site.url, websites.UPDATED, extras=False)
    bare_site.website.execute(
        "ALTER TABLE contacts DROP CONSTRAINT contacts_user_id_fkey;"
        "ALTER TABLE contacts ADD CONSTRAINT writer FOREIGN KEY (user_id) REFERENCES users ON DELETE SET NULL NOT VALID"
    )
    bare_site.upgraded()
    assert bare_site.is_whole()
    assert bare_site.value("SELECT convalidated FROM pg_constraint WHERE conname = 'writer'")


def test_the_plan_changes_nothing_and_the_upgrade_does_what_it_says(site):
    before = site.value(WRITTEN), site.snapshot()
    planned = [line for step in upgrade.plan(site.database).steps for a in step.actions for line in a.says]
    assert site.value("SELECT to_regnamespace('greenroom')") is None
    assert (site.value(WRITTEN), site.snapshot()) == before
    told = site.upgraded()
    assert [line.strip() for line in told if line.startswith("  ") and "%" not in line] == planned


def test_what_somebody_took_away_is_made_again_by_the_next_upgrade(site):
    site.upgraded()
    site.website.execute(
        "DROP INDEX idx_event_regs_token; ALTER TABLE admin_logs ENABLE TRIGGER trg_append_only;"
        "DROP TRIGGER trg_seats_insert ON event_registrations; UPDATE package_seats SET held = 77;"
        "ALTER TABLE event_registrations DISABLE TRIGGER trg_set_name_key;"
        "UPDATE event_registrations SET attendee_name = 'Ünder';"
        "CREATE OR REPLACE FUNCTION greenroom.holds_seat(p_status text) RETURNS boolean LANGUAGE sql RETURN true;"
        "GRANT EXECUTE ON FUNCTION greenroom.cancel TO PUBLIC"
    )
    told = site.upgraded()
    assert "Put right: Count seats per package so that nobody oversells, whoever writes" in told
    assert site.is_whole()
    assert site.value("SELECT DISTINCT name_key FROM event_registrations") == "under"
    assert (
        site.value(
            "SELECT tgenabled FROM pg_trigger WHERE tgname = 'trg_append_only' AND tgrelid = 'admin_logs'::regclass"
        )
        == "A"
    )


def test_a_superuser_makes_what_belongs_to_the_owner_of_the_tables(bare_site):
    websites.build(bare_site.url, websites.SPECIFIED, extras=False)
    bare_site.website.execute("DROP ROLE IF EXISTS site_owner; CREATE ROLE site_owner")
    try:
        bare_site.website.execute(
            "DO $$ DECLARE t text; BEGIN FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP"
            " EXECUTE format('ALTER TABLE %I OWNER TO site_owner', t); END LOOP; END $$;"
            "GRANT CREATE ON SCHEMA public TO site_owner"
        )
        bare_site.website.execute("CREATE SCHEMA greenroom AUTHORIZATION site_owner")
        bare_site.upgraded()
        assert bare_site.is_whole()
        owners = bare_site.rows(
            "SELECT DISTINCT pg_get_userbyid(proowner) AS who FROM pg_proc"
            " WHERE pronamespace = 'greenroom'::regnamespace"
            " UNION SELECT pg_get_userbyid(relowner) FROM pg_class WHERE relkind IN ('r', 'm') AND"
            " relnamespace IN ('greenroom'::regnamespace, 'public'::regnamespace)"
            " UNION SELECT pg_get_userbyid(nspowner) FROM pg_namespace WHERE nspname = 'greenroom'"
        )
        assert owners == [{"who": "site_owner"}]
    finally:
        bare_site.website.execute("DROP OWNED BY site_owner CASCADE; DROP ROLE site_owner")


def test_a_list_trigger_that_appends_without_looking_fires_before_ours_and_no_package_is_listed_twice(
    bare_site,
):
    websites.build(bare_site.url, websites.SPECIFIED)
    bare_site.website.execute("DROP TRIGGER trg_pkg_insert_update_event_array ON packages")
    bare_site.website.execute(
        "CREATE FUNCTION zz_append() RETURNS trigger LANGUAGE plpgsql AS $$ DECLARE n int; BEGIN"
        " SELECT count(*) INTO n FROM events; UPDATE events SET packages_ids = array_append(packages_ids, NEW.id)"
        " WHERE id = NEW.event_id; RETURN NULL; END $$"
    )
    bare_site.website.execute(
        "CREATE TRIGGER zz_append AFTER INSERT ON packages FOR EACH ROW EXECUTE FUNCTION zz_append()"
    )
    bare_site.upgraded()

    user = bare_site.value("INSERT INTO users (username, email) VALUES ('zz', 'zz@b.org') RETURNING id")
    event = bare_site.value("INSERT INTO events (created_by) VALUES (%s) RETURNING id", user)
    package = bare_site.value(
        "INSERT INTO packages (name, slug, price, duration_days, package_type, event_id)"
        " VALUES ('a', 'its-own', 0, 0, 'event', %s) RETURNING id",
        event,
    )
    assert bare_site.value("SELECT packages_ids FROM events WHERE id = %s", event) == [package]
    assert bare_site.is_whole()


def test_what_the_owner_grants_on_every_new_table_is_not_granted_on_what_greenroom_decides_by(bare_site):
    websites.build(bare_site.url, websites.SPECIFIED)
    role = f"web_{uuid4().hex}"
    bare_site.website.execute(f"CREATE ROLE {role}")
    bare_site.website.execute(f"ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO {role}, PUBLIC")
    bare_site.upgraded()

    granted = bare_site.rows(
        "SELECT DISTINCT c.oid::regclass::text AS t FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) a"
        " WHERE c.relkind = 'r' AND a.grantee <> c.relowner AND c.relnamespace IN ('public'::regnamespace,"
        " 'greenroom'::regnamespace)"
    )
    bare_site.website.execute(f"DROP OWNED BY {role}; DROP ROLE {role}")
    assert granted == []


def test_what_is_written_between_the_survey_and_its_rule_is_refused_and_told_as_that(bare_site):
    websites.build(bare_site.url, websites.SPECIFIED)
    bare_site.website.execute("ALTER TABLE packages DROP CONSTRAINT IF EXISTS chk_package_type_event")

    def say(_line):
        bare_site.website.execute(
            "INSERT INTO packages (name, slug, price, duration_days, package_type) VALUES ('a', 'late', 0, 0, 'event')"
            " ON CONFLICT DO NOTHING"
        )

    with pytest.raises(errors.CannotAdopt, match="written while the upgrade ran") as refused:
        upgrade.upgrade(bare_site.database, say)
    assert any(finding.refused for finding in refused.value.findings)
    bare_site.website.execute("DELETE FROM packages WHERE slug = 'late'")
    bare_site.upgraded()
    assert bare_site.is_whole()
