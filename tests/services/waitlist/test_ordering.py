"""Leaving the waitlist and being moved within it."""

from __future__ import annotations

from uuid import uuid4

import pytest

from desktop import errors
from desktop.services import waitlist


@pytest.fixture
def five(building):
    """A full package with a to e waiting."""
    package = building.package(capacity=0)
    return package, building.waiting(package, *(f"{letter}@example.org" for letter in "abcde"))


def _letters(building, package):
    queue = building.queue(package)
    assert [place for place, _ in queue] == list(range(1, len(queue) + 1))
    return "".join(email[0] for _, email in queue)


@pytest.mark.parametrize(
    ("who", "place", "order", "others", "says"),
    [
        (
            "d",
            2,
            "adbce",
            "bc",
            "from #4 to #2 on the waitlist of {}, ahead of b@example.org, c@example.org: ",
        ),
        ("b", 4, "acdbe", "cd", "from #2 to #4 on the waitlist of {}, behind c@example.org, d@example.org: "),
        ("e", 1, "eabcd", "abcd", "ahead of a@example.org, b@example.org, c@example.org and 1 more: speaker"),
        ("a", 99, "bcdea", "bcde", "from #1 to #5 on the waitlist of {}, behind "),
    ],
)
def test_somebody_is_moved_and_the_log_names_who_was_overtaken_and_why(
    who, place, order, others, says, five, database, organizer, building
):
    package, people = five
    person = people["abcde".index(who)]
    done = waitlist.move_to(database, organizer, person, place, " speaker \n of the day ")
    assert (done.who, done.old_place, done.new_place) == (
        f"{who}@example.org",
        "abcde".index(who) + 1,
        min(place, 5),
    )
    assert "".join(name[0] for name in done.others) == others
    assert _letters(building, package) == order
    ((action, sentence),) = building.log()
    assert action == "waitlist.move"
    assert says.format("“Workshop pass” of “Monsoon Data Summit”") in sentence
    assert sentence.endswith(": speaker of the day")


def test_moving_heals_what_others_wrote(five, database, organizer, building):
    """Ruling 10: equal and missing places are ordered by time and healed on the next change."""
    package, people = five
    building.do("UPDATE event_registrations SET waitlist_position = NULL WHERE id = %s", people[0])
    building.do("UPDATE event_registrations SET waitlist_position = 3 WHERE id = ANY (%s)", people[1:4])
    waitlist.move_to(database, organizer, people[4], 2, "agreed")
    assert _letters(building, package) == "becda"


def test_who_is_there_already_stays_and_nothing_is_logged(five, database, organizer, building):
    done = waitlist.move_to(database, organizer, five[1][1], 2, "agreed")
    assert (done.old_place, done.new_place, done.others) == (2, 2, ())
    assert building.log() == []


@pytest.mark.parametrize(
    ("place", "reason", "field"), [(1, "  ", "reason"), (1, "x" * 501, "reason"), (0, "agreed", "place")]
)
def test_a_place_and_a_reason_are_needed(place, reason, field, five, database, organizer, building):
    with pytest.raises(errors.InvalidField) as caught:
        waitlist.move_to(database, organizer, five[1][3], place, reason)
    assert caught.value.field == field
    assert _letters(building, five[0]) == "abcde"


def test_who_leaves_is_cancelled_and_the_others_move_up(five, database, organizer, building):
    package, people = five
    done = waitlist.leave(database, organizer, people[1], "cannot come")
    assert (done.who, done.package_id, done.waiting) == ("b@example.org", package, 4)
    assert building.status(people[1]) == "cancelled"
    assert _letters(building, package) == "acde"
    assert building.log(people[1])[0][1].endswith("(was waitlisted): cannot come")


@pytest.mark.parametrize("status", ["registered", "attended", "cancelled", "no_show"])
def test_only_who_waits_can_leave_or_be_moved(status, database, organizer, building):
    """Ruling 14; above all nobody loses the seat that was given a moment ago."""
    person = building.registration(building.package(), attendee_name="עדי 王", status=status)
    for wish in (
        lambda: waitlist.leave(database, organizer, person),
        lambda: waitlist.move_to(database, organizer, person, 1, "agreed"),
    ):
        with pytest.raises(errors.NotOnWaitlist, match=f"עדי 王 is not on the waitlist .*is {status[:2]}"):
            wish()
    assert building.status(person) == status
    assert building.log() == []


def test_unknown_people_are_told_as_such(database, organizer):
    with pytest.raises(errors.NotFound):
        waitlist.leave(database, organizer, uuid4())
    with pytest.raises(errors.NotFound):
        waitlist.move_to(database, organizer, uuid4(), 1, "agreed")


@pytest.mark.parametrize("fixture", ["door", "editor"])
def test_the_door_and_editors_change_no_waitlist(fixture, request, five, database, building):
    package, people = five
    actor = request.getfixturevalue(fixture)
    for wish in (
        lambda: waitlist.leave(database, actor, people[0]),
        lambda: waitlist.move_to(database, actor, people[0], 3, "agreed"),
        lambda: waitlist.preview(database, actor, package),
        lambda: waitlist.preview_one(database, actor, people[0]),
    ):
        with pytest.raises(errors.NotAllowed):
            wish()
    assert _letters(building, package) == "abcde"
