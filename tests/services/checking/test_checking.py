"""A check finds what was made wrong, names it, and changes nothing."""

from __future__ import annotations

import pytest

from desktop import errors
from desktop.db import upgrade
from desktop.db.findings import LISTED
from desktop.services import checking
from desktop.services.checking import derived
from desktop.services.checking.model import Severity

WORKSHOP = "“Workshop” of “Monsoon Summit”"
EVERYTHING = [
    "connection",
    "schema",
    "guards",
    "privileges",
    "seats",
    "packages_ids",
    "waitlists",
    "references",
    "rules",
    "kept",
    "times",
]


def test_a_database_in_order_is_looked_over_and_nothing_is_found(summit):
    report = checking.check(summit.database)

    assert [subject.findings for subject in report.subjects] == [()] * len(EVERYTHING)
    assert [subject.name for subject in report.subjects] == EVERYTHING
    assert {subject.name: subject.counted for subject in report.subjects}.items() >= {
        ("seats", 1),
        ("packages_ids", 1),
        ("waitlists", 1),
    }
    assert report.schema == report.wanted == upgrade.newest()


@pytest.mark.parametrize(
    ("damage", "kind", "sentence"),
    [
        (
            "UPDATE package_seats SET held = 1",
            "seat_counter",
            f"{WORKSHOP}: the counter says 1 seats are held, and 2 are",
        ),
        (
            "UPDATE package_seats SET capacity = NULL",
            "seat_counter",
            f"{WORKSHOP}: the counter knows a capacity of no limit, and the package has 2",
        ),
        ("DELETE FROM package_seats", "seat_counter", f"{WORKSHOP}: there is no seat counter"),
        (
            "UPDATE events SET packages_ids = '{}'",
            "packages_ids",
            "“Monsoon Summit”: packages_ids lacks 1 of the event's 1 packages",
        ),
        (
            "UPDATE events SET packages_ids = packages_ids || gen_random_uuid()",
            "packages_ids",
            "“Monsoon Summit”: packages_ids lists 1 packages that are not of this event",
        ),
        (
            "UPDATE events SET packages_ids = packages_ids || packages_ids",
            "packages_ids",
            "“Monsoon Summit”: packages_ids lists a package twice",
        ),
        (
            "UPDATE event_registrations SET waitlist_position = 4 WHERE status = 'waitlisted'",
            "waitlist_positions",
            f"{WORKSHOP}: the places of the 1 waiting people have gaps: they go from 4 to 4",
        ),
        (
            "UPDATE event_registrations SET waitlist_position = NULL WHERE status = 'waitlisted'",
            "waitlist_positions",
            f"{WORKSHOP}: 1 of 1 waiting people have no place",
        ),
        (
            "INSERT INTO event_registrations (event_id, package_id, attendee_email, status, waitlist_position)"
            " SELECT event_id, package_id, 'd@example.org', status, 1 FROM event_registrations"
            " WHERE status = 'waitlisted'",
            "waitlist_positions",
            f"{WORKSHOP}: some of the 2 waiting people share a place",
        ),
    ],
)
def test_what_is_derived_is_recounted_and_its_statement_shows_it(summit, damage, kind, sentence):
    summit.do(damage)

    (found,) = summit.found(derived.seats, derived.lists_of_packages, derived.waitlists)

    assert (found.kind, found.severity, found.count) == (kind, Severity.WRONG, 1)
    assert [row.sentence for row in found.rows] == [sentence]
    assert found.repairable
    assert [str(row[0]) for row in summit.rows(found.sql)] == [row.id for row in found.rows]


def test_a_counter_whose_package_is_gone_is_found(summit):
    summit.do(
        "SET LOCAL session_replication_role = replica; INSERT INTO package_seats VALUES (gen_random_uuid(), 3, 0)"
    )

    kinds = {found.kind: [row.sentence for row in found.rows] for found in summit.found()}

    assert kinds["seat_counter"] == ["a package that is gone: its seat counter is still there"]


def test_everything_is_seen_at_one_moment(summit, monkeypatch):
    first = derived.seats

    def seats_while_others_write(tx):
        counted = first(tx)
        summit.do("UPDATE event_registrations SET waitlist_position = 9 WHERE status = 'waitlisted'")
        return counted

    monkeypatch.setattr(derived, "seats", seats_while_others_write)

    assert summit.found() == []
    assert [found.kind for found in summit.found()] == ["waitlist_positions"]


def test_at_most_fifty_are_listed_and_all_are_counted(summit):
    summit.do(
        "INSERT INTO packages (name, slug, price, duration_days, package_type, event_id)"
        " SELECT 'P', 'p' || n, 0, 0, 'event', id FROM events, generate_series(1, 60) n"
    )
    summit.do("UPDATE package_seats SET held = held + 1")

    (found,) = summit.found(derived.seats)

    assert (found.count, len(found.rows)) == (61, LISTED)
    assert found.sentence == "61 packages' seat counters do not say what a recount says"


def test_an_older_schema_is_told_and_the_rest_is_not_looked_at(summit):
    summit.do("UPDATE greenroom.schema_version SET version_num = '0005'")

    report = checking.check(summit.database)

    assert [subject.name for subject in report.subjects] == ["connection", "schema"]
    (found,) = report.subjects[1].findings
    assert (found.kind, found.severity) == ("schema_older", Severity.WRONG)
    assert found.sentence == f"The database has schema 0005, and this program needs {upgrade.newest()}"


def test_a_database_greenroom_never_saw_is_told_to_be_upgraded(empty_url):
    database = upgrade.Database(empty_url)
    report = checking.check(database)
    database.close()

    assert report.schema is None
    assert report.subjects[-1].findings[0].sentence.startswith("The database has no schema of Greenroom's")


def test_a_newer_schema_is_refused(summit):
    summit.do("UPDATE greenroom.schema_version SET version_num = '9999'")

    with pytest.raises(errors.SchemaNewer, match="9999"):
        checking.check(summit.database)
