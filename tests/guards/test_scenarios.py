"""The website untouched: the specification's five scenarios and its other work, played with plain SQL by a role that
owns nothing, before and after the upgrade of the same database; the same answers, statement by statement."""

from __future__ import annotations

import itertools

import psycopg
import pytest

from desktop.db import upgrade
from desktop.db.session import Database
from tests.adoption import websites
from tests.guards import playing, scenarios, work

PLAYS = (*scenarios.SCENARIOS, *work.WORK)
KINDS = [
    websites.SPECIFIED,
    websites.RENAMED,
    pytest.param(websites.UPDATED, marks=pytest.mark.slow),
]
"""The others lack parts of the specification, and are answered as it says only after the upgrade."""


RESTRICTED = "23001"  # of the tests' server; 23503 before PostgreSQL 18
REFUSED = {
    "a_user_buys_a_ticket": ["23505", "23514"],
    "an_organizer_reviews_registrations": ["23514"],
    "a_user_cancels": [],
    "an_admin_archives_a_post": ["23514", RESTRICTED],
    "an_admin_deletes_a_package": [RESTRICTED],
    "people_sign_up_and_reset_their_passwords": ["23505", "23505", "23514"],
    "people_write_to_the_desk_and_subscribe": ["23514"],
    "an_admin_runs_an_event": ["23514", "23505"],
    "code_has_its_habits": ["23502", "22001", "23503"],
}
"""What is refused in each play by the specification itself; every other statement is answered."""


def _refused(answers):
    return {play.__name__: [one.sqlstate for one in found if one.sqlstate] for play, found in answers.items()}


def _with_mails(play):
    """The play, and then what the website's own triggers did because of it."""

    def run(site):
        play(site)
        site.say(
            "SELECT split_part(what, ' ', 1) AS did, split_part(what, ' ', 2) AS on, count(*) AS times FROM outbox"
            " GROUP BY 1, 2"
        )

    return run


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_a_website_is_answered_the_same_after_the_upgrade_as_before(kind, empty_url):
    """Ruling 2."""
    websites.build(empty_url, kind)
    with websites.connect(empty_url) as owner, playing.role(owner) as role:
        before = {play: playing.played(owner, role, _with_mails(play)) for play in PLAYS}
        assert _refused(before) == REFUSED
        database = Database(empty_url)
        upgrade.upgrade(database)
        database.close()
        for play in PLAYS:
            assert playing.differences(before[play], playing.played(owner, role, _with_mails(play))) == []


def test_a_website_is_answered_the_same_at_every_step_of_the_upgrade(empty_url):
    """Ruling 2."""
    websites.build(empty_url, websites.SPECIFIED)
    with websites.connect(empty_url) as owner, playing.role(owner) as role:
        before = {play: playing.played(owner, role, play) for play in PLAYS}
        turns = itertools.cycle(PLAYS)
        different, played = [], set()

        def play_one(says):
            play = next(turns)
            played.add(play)
            found = playing.differences(before[play], playing.played(owner, role, play))
            different.extend((says, play.__name__, one) for one in found)

        database = Database(empty_url)
        upgrade.upgrade(database, play_one)
        database.close()
    assert played == set(PLAYS)
    assert different == []


def test_a_website_that_is_in_the_middle_of_something_ends_it_on_the_same_connection(empty_url):
    """Statements it prepared before the upgrade, by the names of columns; a star is another matter (below)."""
    websites.build(empty_url, websites.UPDATED)
    with (
        websites.connect(empty_url) as owner,
        playing.role(owner) as role,
        websites.connect(empty_url) as site,
    ):
        site.execute(f"SET SESSION AUTHORIZATION {role}")
        count = (
            "SELECT count(*) AS n FROM event_registrations WHERE package_id = %s AND status = 'registered'"
        )
        add = (
            "INSERT INTO event_registrations (event_id, package_id, attendee_email) SELECT event_id, id, %s"
            " FROM packages WHERE id = %s RETURNING id, status"
        )
        package = site.execute(
            "SELECT id FROM packages WHERE package_type = 'event' AND capacity IS NULL LIMIT 1"
        ).fetchall()[0]["id"]
        before = site.execute(count, (package,), prepare=True).fetchall()[0]["n"]
        site.execute(add, ("before@site.example", package), prepare=True)
        site.execute("SELECT * FROM events", prepare=True)
        database = Database(empty_url)
        upgrade.upgrade(database)
        database.close()
        (added,) = site.execute(add, ("after@site.example", package), prepare=True).fetchall()
        assert added["status"] == "registered"
        assert site.execute(count, (package,), prepare=True).fetchall()[0]["n"] == before + 2
        with pytest.raises(psycopg.errors.FeatureNotSupported, match="cached plan"):
            site.execute("SELECT * FROM events", prepare=True)


def test_what_a_website_notices_is_what_the_rulings_want(empty_url):
    """Rulings 2, 8 and 23. The only statements a website may write that are answered otherwise: rulings 8 and 23."""

    def oversell_and_rewrite(site):
        admin, event, package = scenarios.stage(site, 1)
        for who in ("first", "second"):
            scenarios.register(site, event, package, who, "registered")
        site.say("INSERT INTO admin_logs (admin_id, action_type) VALUES (%s, 'x')", admin)
        site.say("UPDATE admin_logs SET description = 'changed' WHERE admin_id = %s", admin)
        site.say("DELETE FROM admin_logs WHERE admin_id = %s", admin)

    websites.build(empty_url, websites.UPDATED, rows=False)
    with websites.connect(empty_url) as owner, playing.role(owner) as role:
        before = playing.played(owner, role, oversell_and_rewrite)
        database = Database(empty_url)
        upgrade.upgrade(database)
        database.close()
        after = playing.played(owner, role, oversell_and_rewrite)
    assert [answer.sqlstate for answer in before] == [None] * len(before)
    assert [(a.sqlstate, a.constraint) for a in after if a.sqlstate] == [
        ("23514", "package_capacity"),
        ("23001", "admin_logs_append_only"),
        ("23001", "admin_logs_append_only"),
    ]
