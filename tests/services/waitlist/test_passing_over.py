"""Who is next and cannot get a seat, wherever a seat is given."""

from __future__ import annotations

import pytest

from desktop import errors
from desktop.services import registering, waitlist


@pytest.fixture
def queue(building):
    """A package with one free seat and three people waiting, the first of whom has a seat there under another
    spelling, the second a deactivated account."""
    package = building.package(capacity=2)
    building.registration(package, "Zoe@Example.org")
    account = building.user(status="inactive", email="gone@example.org")
    people = building.waiting(package, "zoe@example.org", "gone@example.org", "next@example.org")
    building.do("UPDATE event_registrations SET user_id = %s WHERE id = %s", account, people[1])
    return package, people


def test_who_cannot_get_a_seat_is_passed_over_and_the_log_says_whom_and_why(
    queue, database, organizer, building
):
    package, people = queue
    done = waitlist.promote_next(database, organizer, package)
    assert done.ids == (people[2],)
    assert [(one.who, one.reason) for one in done.passed] == [
        ("zoe@example.org", "duplicate"),
        ("gone@example.org", "inactive"),
    ]
    assert building.log(people[2])[0][1].endswith(
        "“Monsoon Data Summit”, passing over zoe@example.org (has a seat already),"
        " gone@example.org (account deactivated)"
    )
    assert building.queue(package) == [(1, "zoe@example.org"), (2, "gone@example.org")]


def test_a_freed_seat_passes_them_over_too(queue, database, organizer, building):
    """Ruling 11: the seat goes to the next person who can have it, in the same transaction."""
    package, people = queue
    other = building.registration(package, "other@example.org")
    assert registering.cancel(database, organizer, other).promoted_id == people[2]


def test_an_account_that_only_shares_the_address_counts_for_guests(database, organizer, building):
    package = building.package(capacity=5)
    building.user(status="inactive", email="GUEST@example.org")
    guest, _ = building.waiting(package, "guest@example.org", "next@example.org")
    assert waitlist.promote_next(database, organizer, package).names == ("next@example.org",)
    own = building.user(email="own@example.org")
    building.do("UPDATE event_registrations SET user_id = %s WHERE id = %s", own, guest)
    assert waitlist.promote_next(database, organizer, package).ids == (guest,)


def test_when_nobody_can_get_a_seat_that_is_said_with_names_and_reasons(queue, database, organizer, building):
    package, people = queue
    building.do("DELETE FROM event_registrations WHERE id = %s", people[2])
    with pytest.raises(
        errors.NobodyEligible, match=r"zoe@example.org has a seat .*, gone@example.org has a dea"
    ):
        waitlist.promote_next(database, organizer, package)
    assert building.log() == []


@pytest.mark.parametrize(("which", "reason"), [(0, "has a seat in “Workshop pass”"), (1, "is deactivated")])
def test_whoever_is_picked_and_cannot_get_a_seat_is_told_why(
    which, reason, queue, database, organizer, building
):
    with pytest.raises(errors.CannotPromote, match=reason):
        waitlist.promote(database, organizer, queue[1][which])
    assert building.status(queue[1][which]) == "waitlisted"


def test_a_no_show_holds_no_seat_and_is_nobodys_duplicate(database, organizer, building):
    package = building.package(capacity=1)
    building.registration(package, "ZOE@example.org", status="no_show")
    (waiting,) = building.waiting(package, "zoe@example.org")
    assert waitlist.promote_next(database, organizer, package).ids == (waiting,)
