"""A website that keeps writing notices nothing of an upgrade: no error, and no wait worth speaking of."""

from __future__ import annotations

import sys

import pytest

from desktop import errors
from desktop.db import upgrade
from desktop.db.pooling import Pooling
from desktop.db.session import Database
from desktop.db.upgrading import running
from tests.adoption import websites
from tests.db.upgrading import writing


def test_the_website_s_statements_all_succeed_while_it_is_upgraded(site):
    with writing.website(site.url) as diary:
        site.upgraded()
    assert diary.failures == []
    assert diary.statements > 0
    assert site.is_whole()


def test_the_website_s_statements_all_succeed_while_greenroom_is_taken_out(site):
    site.upgraded()
    with writing.website(site.url) as diary:
        upgrade.downgrade(site.database)
    assert diary.failures == []
    assert diary.statements > 0


def test_who_holds_a_table_for_too_long_is_named_and_the_next_upgrade_goes_on(site, monkeypatch):
    monkeypatch.setattr(running, "PATIENCE_SECONDS", 0.0)
    with websites.connect(site.url, autocommit=False, application_name="nightly report") as old:
        old.execute("UPDATE users SET status = status")
        with pytest.raises(errors.Busy, match=r"“nightly report”.*is using users.*run it again"):
            site.upgraded()
        old.rollback()
    site.upgraded()
    assert site.is_whole()


def test_through_a_transaction_pooler_nothing_is_begun(site, monkeypatch):
    monkeypatch.setattr(Database, "pooling", Pooling.TRANSACTION)
    with pytest.raises(errors.DatabaseRefused, match="connection pooler"):
        site.upgraded()
    assert site.value("SELECT to_regnamespace('greenroom')") is None


@pytest.mark.slow
def test_with_200_000_registrations_no_statement_of_the_website_s_waits_a_second(bare_site, capsys):
    websites.build(bare_site.url, websites.SPECIFIED)
    bare_site.website.execute(
        "INSERT INTO event_registrations (event_id, package_id, attendee_name, attendee_email, status)"
        " SELECT event_id, id, 'Zoë ' || n, 'many' || n || '@example.org', 'registered'"
        "   FROM (SELECT event_id, id FROM packages WHERE event_id IS NOT NULL LIMIT 1) p,"
        "        generate_series(1, 200000) n;"
        "UPDATE packages SET capacity = NULL; ANALYZE"
    )
    with writing.website(bare_site.url) as diary:
        bare_site.upgraded()
    with capsys.disabled():
        sys.stdout.write(
            f"\n{diary.statements:,} statements beside the upgrade, longest {diary.longest * 1000:.0f} ms:"
            f" {diary.slowest[:60]}"
        )
    assert diary.failures == []
    assert diary.longest < 1.0
    assert bare_site.is_whole()
