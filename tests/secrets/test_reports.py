"""What a survey of a website's database and the log of what staff did tell about rows with secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from desktop import __main__ as program
from desktop.services import registering, waitlist
from desktop.services.registering import Registering
from tests.adoption import websites
from tests.secrets import canaries as cage

if TYPE_CHECKING:
    import psycopg

    from desktop.db.session import Actor, Database
    from tests.conftest import Building
    from tests.secrets.canaries import Canaries, Planted
    from tests.secrets.conftest import Ears

BROKEN = """
    ALTER TABLE users DROP CONSTRAINT users_status_check, DROP CONSTRAINT users_email_key;
    ALTER TABLE event_registrations DROP CONSTRAINT event_registrations_package_id_attendee_email_key,
      DROP CONSTRAINT event_registrations_order_id_fkey, DROP CONSTRAINT event_registrations_pkey,
      DROP CONSTRAINT event_registrations_status_check;
    ALTER TABLE password_resets DROP CONSTRAINT password_resets_reset_token_key,
      DROP CONSTRAINT password_resets_user_id_fkey, DROP CONSTRAINT password_resets_pkey;
    ALTER TABLE contacts ALTER token DROP NOT NULL, DROP CONSTRAINT contacts_status_check,
      ALTER phone_number DROP NOT NULL;
    INSERT INTO users (username, email, password_hash, status)
      SELECT 'twin', email, password_hash, 'asleep' FROM users WHERE username = 'canary';
    INSERT INTO event_registrations (id, event_id, package_id, attendee_email, registration_token, status, order_id)
      SELECT id, event_id, package_id, attendee_email, registration_token, 'lost', gen_random_uuid()
        FROM event_registrations;
    INSERT INTO password_resets (id, user_id, reset_token, expires_at)
      SELECT id, gen_random_uuid(), reset_token, now() FROM password_resets;
    UPDATE contacts SET status = 'lost', phone_number = NULL;
"""
RETYPED = """
    ALTER TABLE password_resets ALTER reset_token TYPE text;
    ALTER TABLE contacts ALTER token DROP DEFAULT, ALTER token TYPE varchar(50);
    ALTER TABLE newsletter_subscriptions ALTER unsubscribe_token TYPE text;
    ALTER TABLE users ALTER password_hash TYPE varchar(255);
"""


@pytest.mark.parametrize("trouble", [BROKEN, RETYPED], ids=["rows", "columns"])
def test_what_cannot_be_adopted_is_listed_without_its_secrets(
    trouble: str, empty_url: str, canaries: Canaries, ears: Ears, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GREENROOM_DEBUG", "1")
    websites.build(empty_url, websites.SPECIFIED, rows=False, extras=False)
    with websites.connect(empty_url) as website:
        cage.plant(website, canaries)
        website.execute(trouble)
        for command in (["db", "upgrade", "--plan"], ["db", "upgrade"], ["db", "check"]):
            assert program.run([*command, "--database", empty_url]) == 1
            told = ears.everything()
            assert canaries.traces(told) == [], command
            if command[1] == "upgrade":
                assert "password_resets" in told
                assert canaries.traces(_run_what_is_suggested(website, told)) == []


def _run_what_is_suggested(website: psycopg.Connection[Any], told: str) -> str:
    """Every statement of the report, run as a person would who pastes it; all that comes back."""
    answers = []
    for statement in told.split("Shown by:\n")[1:]:
        sql = statement[: statement.index(";") + 1]
        answers += website.execute(sql).fetchall()
    return repr(answers)


def test_moving_in_and_out_again_prints_no_secret(empty_url: str, canaries: Canaries, ears: Ears) -> None:
    websites.build(empty_url, websites.SPECIFIED, rows=False, extras=False)
    with websites.connect(empty_url) as website:
        cage.plant(website, canaries)
        for command in ("upgrade --plan", "upgrade", "check --json", "downgrade --all"):
            assert program.run(["db", *command.split(), "--database", empty_url]) == 0, command
            assert canaries.traces(ears.everything()) == [], command
        kept = website.execute(
            "SELECT to_jsonb(u)::text AS u, to_jsonb(r)::text AS r FROM users u, event_registrations r"
        )
        assert canaries.traces(repr(kept.fetchall())) == ["hash", "registration"]


def test_the_log_of_what_staff_did_holds_no_secret(
    database: Database, building: Building, organizer: Actor, planted: Planted, canaries: Canaries
) -> None:
    building.do("UPDATE packages SET capacity = 1")
    person = Registering(planted.package, "next@example.org", when_full="waitlist")
    placed = registering.register(database, organizer, person)
    building.do("UPDATE packages SET capacity = 2")
    waitlist.promote(database, organizer, placed.registration_id)
    registering.cancel(database, organizer, planted.registration, "asked by phone")
    registering.register(database, organizer, Registering(planted.package, "guest@example.org"))

    told = repr(building.rows("SELECT to_jsonb(l)::text FROM admin_logs l"))
    told += repr(building.rows("SELECT to_jsonb(c)::text FROM check_ins c"))

    assert "registration" in told
    assert canaries.traces(told) == []
    token = building.registered(planted.registration)["registration_token"]
    assert str(token) != canaries.registration  # the old link died with the cancellation (ruling 12)
    assert str(token) not in told


def test_every_column_that_looks_like_a_secret_is_known_as_one(building: Building) -> None:
    found = building.rows(
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema IN ('public', 'greenroom')"
        " AND column_name ~ '(hash|token|secret|password)'"
    )

    assert {(row["table_name"], row["column_name"]) for row in found} == cage.SECRET_COLUMNS
