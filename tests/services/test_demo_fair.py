"""The large demo, at a size that is quick: the same code writes a million."""

from __future__ import annotations

from collections import Counter
from datetime import date
from itertools import islice
from typing import TYPE_CHECKING

import pytest

from desktop.services import checking, demo
from desktop.services.demo import building, fair, pouring
from desktop.services.registering import clean_email, clean_name, clean_phone

if TYPE_CHECKING:
    from desktop.db.session import Database

pytestmark = pytest.mark.unwatched  # an invented past, log and all
TODAY = date(2026, 11, 22)
REGISTRATIONS = 9_500
INDEXES = "SELECT indexdef FROM pg_indexes WHERE tablename = 'event_registrations' ORDER BY 1"


def test_as_many_as_were_asked_for_are_written_and_every_rule_holds(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pouring, "BATCH", 400)
    told: list[tuple[str, int, int]] = []
    with database.transaction() as tx:
        indexes = tx.rows(INDEXES)

    demo.fill(database, TODAY, lambda *step: told.append(step), REGISTRATIONS)

    with database.transaction() as tx:
        of_the_fair = tx.rows(
            "SELECT p.slug, r.status, count(*) AS people, count(r.order_id) AS orders, max(r.waitlist_position) AS last"
            " FROM event_registrations r JOIN packages p ON p.id = r.package_id JOIN events e ON e.id = r.event_id"
            " WHERE e.slug = :fair GROUP BY 1, 2",
            {"fair": demo.FAIR},
        )
        assert tx.value("SELECT count(*) FROM event_registrations") == REGISTRATIONS
        assert tx.rows(INDEXES) == indexes
        reading = tx.row(
            "SELECT held, s.capacity FROM package_seats s JOIN packages p ON p.id = s.package_id WHERE slug = :slug",
            {"slug": demo.READING},
        )
    counts = {(row.slug, row.status): row.people for row in of_the_fair}
    waiting = counts[demo.READING, "waitlisted"]
    assert reading is not None
    assert reading.held == reading.capacity == counts[demo.READING, "registered"]
    assert waiting > 1
    assert {row.last for row in of_the_fair} == {None, waiting}
    assert {row.slug for row in of_the_fair if row.orders == row.people} == {"madras-book-fair-patron"}
    report = checking.check(database)
    assert not [finding for subject in report.subjects for finding in subject.findings]
    writing = [(done, of) for what, done, of in told if "for one event" in what]
    assert len(writing) > 3
    assert [done for done, _ in writing] == sorted(done for done, _ in writing)
    assert writing[-1][0] == writing[-1][1]


def test_its_people_are_acceptable_nobody_twice_and_of_many_scripts() -> None:
    large = building.build_fair(TODAY, demo.REGISTRATIONS["million"])

    some = [visitor.registration for visitor in islice(fair.coming(large), 4_000)]

    assert len({row.attendee_email for row in some}) == len(some)
    for row in some:
        assert clean_name(row.attendee_name) == row.attendee_name
        assert clean_email(row.attendee_email) == row.attendee_email
        assert row.phone_number is None or clean_phone(row.phone_number) == row.phone_number
    letters = "".join(row.attendee_name for row in some)
    assert all(
        any(low <= letter <= high for letter in letters)
        for low, high in ("\u0621\u064a", "\u4e00\u9fff", "\u0905\u0939")
    )
    assert Counter(row.status for row in some).keys() == {
        "registered",
        "cancelled",
    }  # the reading is not full yet


def test_the_same_day_brings_the_same_people() -> None:
    once, again = (list(islice(fair.coming(building.build_fair(TODAY, 20_000)), 50)) for _ in range(2))
    other = list(islice(fair.coming(building.build_fair(date(2026, 12, 1), 20_000)), 50))

    assert once == again
    assert once != other
