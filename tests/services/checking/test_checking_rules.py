"""Rows that a ruling forbids are wrong; habits that do no harm are notes. Nobody is named."""

from __future__ import annotations

import dataclasses
import json
from uuid import UUID

import pytest

from desktop.services.checking import kept, references, rules
from desktop.services.checking.model import Severity

WORKSHOP = "“Workshop” of “Monsoon Summit”"
WRITTEN = {
    "registration_of_other_event": (
        "INSERT INTO events (created_by, title, slug) SELECT created_by, 'Other', 'other' FROM events;"
        "UPDATE event_registrations SET event_id = (SELECT id FROM events WHERE slug = 'other')"
        " WHERE status = 'registered'",
        Severity.WRONG,
        f"{WORKSHOP}: the registration is for “Other”",
    ),
    "registration_of_other_event, of a subscription": (
        "INSERT INTO packages (id, name, slug, price, duration_days)"
        " VALUES ('00000000-0000-0000-0000-000000000003', 'Monthly', 'monthly', 9, 30);"
        "UPDATE event_registrations SET package_id = '00000000-0000-0000-0000-000000000003'"
        " WHERE status = 'attended'",
        Severity.WRONG,
        "“Monthly” of “an untitled event”: the package belongs to no event",
    ),
    "negative_capacity": (
        "UPDATE packages SET capacity = -1",
        Severity.WRONG,
        f"{WORKSHOP}: a capacity of -1",
    ),
    "seat_without_order": (
        "UPDATE events SET payment_required = true; UPDATE packages SET price = 5",
        Severity.NOTE,
        f"{WORKSHOP}: 2 people without an order for it",
    ),
    "place_without_waiting": (
        "UPDATE event_registrations SET waitlist_position = 3 WHERE status = 'attended'",
        Severity.NOTE,
        f"{WORKSHOP}: attended, place 3",
    ),
    "cancelled_without_time": (
        "UPDATE event_registrations SET status = 'cancelled' WHERE status = 'registered'",
        Severity.NOTE,
        f"{WORKSHOP}: no cancelled_at",
    ),
    "time_without_cancellation": (
        "UPDATE event_registrations SET cancelled_at = now() WHERE status = 'registered'",
        Severity.NOTE,
        f"{WORKSHOP}: registered, with a cancelled_at",
    ),
    "event_ends_before_start": (
        "UPDATE events SET start_time = '2026-03-01 10:00', end_time = '2026-03-01 04:30'",
        Severity.NOTE,
        "“Monsoon Summit”: from 2026-03-01 10:00:00 to 2026-03-01 04:30:00",
    ),
    "active_and_deactivated": (
        "UPDATE packages SET deactivated_at = now()",
        Severity.NOTE,
        f"{WORKSHOP}: active, with a deactivated_at",
    ),
    "half_archived_post": (
        "INSERT INTO blogs (author_id, title, status) SELECT created_by, 'Old news', 'archived' FROM events",
        Severity.NOTE,
        "“Old news”: archived without a deleted_at",
    ),
}


@pytest.mark.parametrize("case", WRITTEN)
def test_each_kind_of_row_is_found_as_what_it_is_and_its_statement_shows_it(summit, case):
    written, severity, sentence = WRITTEN[case]
    summit.do(written)

    found = {finding.kind: finding for finding in summit.found(rules.forbidden)}[case.partition(",")[0]]

    assert (found.severity, found.count) == (severity, 1)
    assert [row.sentence for row in found.rows] == [sentence]
    assert not found.repairable
    assert [str(row[0]) for row in summit.rows(found.sql)] == [row.id for row in found.rows]


def test_every_rule_has_a_case(summit):
    written = {case.partition(",")[0] for case in WRITTEN}

    assert {rule.kind for rule in (*rules.WRONG, *rules.NOTES)} == written | {"nobody_may_sign_in"}


def test_that_nobody_may_sign_in_is_worth_a_note(summit):
    summit.do("UPDATE users SET status = 'inactive'")

    (found,) = summit.found(rules.forbidden)

    assert (found.kind, found.severity, found.rows) == ("nobody_may_sign_in", Severity.NOTE, ())


def test_an_orphan_is_found_although_the_foreign_key_says_there_is_none(summit):
    gone = UUID(int=9)
    summit.do(
        "SET LOCAL session_replication_role = replica;"
        f"UPDATE event_registrations SET user_id = '{gone}' WHERE status = 'registered'"
    )

    (found,) = summit.found(references.references)

    assert (found.kind, found.severity) == ("orphan", Severity.WRONG)
    assert found.sentence == "One row of event_registrations names a row of users that does not exist"
    assert [row.sentence for row in found.rows] == [f"user_id {gone}"]


def test_overbooked_packages_and_people_who_are_there_twice_are_notes(summit):
    summit.do("UPDATE packages SET capacity = 1")
    summit.person("C@example.org ", "waitlisted", 2)

    found = {finding.kind: (finding.severity, finding.count) for finding in summit.found(kept.kept)}

    assert found == {"overbooked": (Severity.NOTE, 1), "one_person_twice": (Severity.NOTE, 2)}


def test_times_ahead_of_the_clock_are_a_note(summit):
    summit.do("UPDATE event_registrations SET registered_at = now() + interval '5 hours 30 minutes'")

    found = summit.found(kept.times)

    assert {(finding.kind, finding.severity, finding.count) for finding in found} == {
        ("local_time", Severity.NOTE, 3)
    }
    assert all(finding.sentence.startswith("public.event_registrations: ") for finding in found)


def test_a_role_that_writes_local_time_is_a_note(summit, role):
    # Taken back before it is committed: a check of another test would meet the setting.
    with summit.database.transaction() as tx:
        tx.execute(f"ALTER ROLE {role} SET TimeZone = 'Asia/Kolkata'")
        (found,) = kept.times(tx).findings
        tx.execute(f"ALTER ROLE {role} RESET TimeZone")

    assert (found.kind, found.severity) == ("local_time", Severity.NOTE)
    assert role in found.rows[0].id


def test_a_report_names_no_person_and_no_secret(summit):
    summit.do("UPDATE users SET password_hash = 'canary-hash', oauth_provider_id = 'canary-provider'")
    summit.do(
        "UPDATE event_registrations SET attendee_name = 'Canary Person', phone_number = '0555-canary',"
        " attendee_email = 'canary' || attendee_email"
    )
    summit.person("CANARYc@example.org", "waitlisted", 7)
    for written, _severity, _sentence in WRITTEN.values():
        summit.do(written)
    tokens = [str(row[0]) for row in summit.rows("SELECT registration_token FROM event_registrations")]

    report = json.dumps([dataclasses.asdict(finding) for finding in summit.found()], default=str)

    assert "one_person_twice" in report
    assert "canary" not in report.lower()
    assert not any(token in report for token in tokens)
