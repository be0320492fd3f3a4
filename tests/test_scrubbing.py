"""What is taken out of a text, and what is left in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop.faults import scrubbing
from tests.secrets import canaries as cage

SENTENCES = (
    "could not connect to postgresql://ada:{address}@db.example.org:5432/events",
    "address is postgresql+psycopg://ada@db.example.org/events?password={plain}",
    "host=db.example.org user=ada password={plain} dbname=events",
    "password = '{address}' refused",
    '{{"token": "{registration}", "reset_token":"{reset}"}}',
    "duplicate key value DETAIL:  Key (registration_token)=({registration}) already exists.",
    "Key (token)=({contact}) is not present",
    "Failing row contains (1, {hash}, {unsubscribe}, 2).",
    "hash {hash} does not match",
    "Authorization: Bearer {plain}",
    "notified with {registration} and {reset_bare}",
    "db.example.org:5432:events:ada:{plain}",
    "*:*:*:*:{plain}",
)


@pytest.mark.parametrize("sentence", SENTENCES)
def test_no_secret_is_left_in_a_text(sentence: str) -> None:
    canaries = cage.make()
    text = sentence.format(
        address=canaries.address.replace("'", ""),
        plain=canaries.address.split(":")[0],
        hash=canaries.hash,
        registration=canaries.registration,
        reset=canaries.reset,
        reset_bare=canaries.reset.replace("-", ""),
        contact=canaries.contact,
        unsubscribe=canaries.unsubscribe,
    )
    assert canaries.traces(text)

    assert canaries.traces(scrubbing.scrub(text)) == []


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("who is asha.menon@example.org here", "who is …@… here"),
        ("eyJhbGciOi.eyJzdWIiOiIx.c2ln sent", "… sent"),
        ("in /home/asha/events and C:\\Users\\Asha\\x", "in ~/events and ~\\x"),
        (f"in {Path.home()}/events", "in ~/events"),
    ],
)
def test_people_are_not_left_in_a_text(text: str, left: str) -> None:
    assert scrubbing.scrub(text) == left


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-27T20:41:06.123Z WARNING 123 connection: lost: OperationalError (08006)",
        "window: opened, Greenroom 0.1.0, schema 0021, PostgreSQL 18.1 on this computer",
        "Slip in Greenroom.open:123 | desktop/app.py:123 in open | sqlalchemy/engine/base.py:1961 in _exec_single",
        "psycopg.errors.UniqueViolation (23505 event_registrations_registration_token_key)",
        "registrations.promote_next took 812 ms: PackageFull",
    ],
)
def test_what_a_line_of_the_log_says_is_left_as_it_is(text: str) -> None:
    assert scrubbing.scrub(text) == text
