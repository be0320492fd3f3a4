"""Ruling 14: every way between two states of a registration, and that there is no other.

Each verb of the services is tried from each state. Where the table knows the way it must lead there; everywhere else it
must refuse with a sentence and change nothing.
"""

from __future__ import annotations

import pytest

from desktop import errors
from desktop.services import attendance, registering, registrations, transitions, waitlist
from desktop.services.attendance import Admission
from desktop.services.registering import Registering
from desktop.services.transitions import STATUSES, TRANSITIONS


def _admit(database, organizer, one):
    result = attendance.admit(database, organizer, Admission(one, "Desk 1"))
    attendance.require_change(result, "Ann", None)


def _undo(database, organizer, one):
    result = attendance.undo(database, organizer, Admission(one, "Desk 1"))
    attendance.require_change(result, "Ann", None)


def _one_of_many(bulk):
    """The bulk form of a verb, which says why not in a row instead of raising."""

    def run(database, organizer, one):
        (row,) = bulk(database, organizer, [one]).rows
        if row.result != "done":
            raise errors.RuleViolation(row.sentence)

    return run


def _register(when_full):
    def run(database, organizer, one):
        with database.transaction() as tx:
            row = tx.row(
                "SELECT package_id, attendee_email FROM event_registrations WHERE id = :id", {"id": one}
            )
        person = Registering(row.package_id, row.attendee_email, when_full=when_full)
        registering.register(database, organizer, person)

    return run


def _no_show(database, organizer, one):
    result = attendance.no_show(database, organizer, Admission(one, "Desk 1"))
    attendance.require_change(result, "Ann", None)


VERBS = {
    "promote": ("registered", waitlist.promote),
    "promote_all": ("registered", _one_of_many(registrations.promote_all)),
    "revive": ("registered", registrations.revive),
    "register": ("registered", _register("refuse")),
    "undo": ("registered", _undo),
    "put_back": ("waitlisted", lambda *who: registrations.put_back(*who, "the wrong person")),
    "put_back_all": (
        "waitlisted",
        _one_of_many(lambda *who: registrations.put_back_all(*who, "the wrong person")),
    ),
    "revive to wait": ("waitlisted", registrations.revive),
    "register to wait": ("waitlisted", _register("waitlist")),
    "cancel": ("cancelled", registering.cancel),
    "cancel_all": ("cancelled", _one_of_many(registrations.cancel_all)),
    "admit": ("attended", _admit),
    "no_show": ("no_show", _no_show),
}
"""What each verb leads to."""

WAYS = {
    ("waitlisted", "registered"): {"promote", "promote_all"},
    ("waitlisted", "cancelled"): {"cancel", "cancel_all"},
    ("registered", "attended"): {"admit"},
    ("registered", "no_show"): {"no_show"},
    ("registered", "cancelled"): {"cancel", "cancel_all"},
    ("registered", "waitlisted"): {"put_back", "put_back_all"},
    ("attended", "registered"): {"undo"},
    ("no_show", "registered"): {"undo"},
    ("no_show", "attended"): {"admit"},
    ("cancelled", "registered"): {"revive", "register"},
    ("cancelled", "waitlisted"): {"revive to wait", "register to wait"},
}


def _all(building):
    """Everything a refused operation must leave as it was; verdicts of the door are kept by design (ruling 16)."""
    return [
        building.rows(f"SELECT * FROM {table} ORDER BY 1")
        for table in ("event_registrations", "orders", "package_seats", "admin_logs")
    ]


def test_the_table_is_ruling_14():
    """Ruling 14, word for word."""
    said = """waitlisted→registered|cancelled; registered→attended|no_show|cancelled|waitlisted;
        attended→registered; no_show→registered|attended; cancelled→registered|waitlisted"""
    ways = {
        (before.strip(), after)
        for before, _, afters in (part.partition("→") for part in said.split(";"))
        for after in afters.split("|")
    }
    assert set(TRANSITIONS) == ways == set(WAYS)
    assert [way for way, told in TRANSITIONS.items() if told.needs_reason] == [("registered", "waitlisted")]
    assert {way for way in TRANSITIONS if transitions.takes_seat(*way)} == {
        ("waitlisted", "registered"),
        ("cancelled", "registered"),
        ("no_show", "registered"),
        ("no_show", "attended"),
    }
    assert all(transitions.ways(status) for status in STATUSES)
    assert not any(transitions.is_possible(status, status) for status in STATUSES)


@pytest.mark.parametrize("after", STATUSES)
@pytest.mark.parametrize("before", STATUSES)
def test_every_pair_of_states(database, building, organizer, before, after):
    """Ruling 14: what the table knows is done by some verb; nothing else is done by any, and nothing changes."""
    verbs = {name: run for name, (leads_to, run) in VERBS.items() if leads_to == after}
    refused = 0
    for name, run in verbs.items():
        full = name.endswith("to wait")
        package = building.package(capacity=1 if full else None)
        if full:
            building.registration(package)
        if full and transitions.takes_seat("cancelled", before):
            building.do("UPDATE packages SET capacity = 2 WHERE id = %s", package)
        place = 1 if before == "waitlisted" else None
        person = building.registration(
            package, "ann@example.org", attendee_name="Ann", status=before, waitlist_position=place
        )
        if name in WAYS.get((before, after), ()):
            run(database, organizer, person)
            assert building.status(person) == after, name
            assert transitions.is_possible(before, after)
            continue
        was = _all(building)
        with pytest.raises(errors.RuleViolation) as caught:
            run(database, organizer, person)
        assert len(str(caught.value).split()) > 3
        assert _all(building) == was, name
        refused += 1
    assert len(verbs) - refused == len(WAYS.get((before, after), ()))
    assert verbs or after == "no_show"


@pytest.mark.parametrize(
    ("before", "sentence"),
    [
        (
            "attended",
            "Ann cannot be put back on the waitlist: the registration is attended. "
            "What can be done instead: take the check-in back.",
        ),
        (
            "no_show",
            "Ann cannot be put back on the waitlist: the registration is no-show. "
            "What can be done instead: take the no-show back, or check in late.",
        ),
    ],
)
def test_a_refusal_says_what_can_be_done_instead(database, building, organizer, before, sentence):
    person = building.registration(building.package(), attendee_name="Ann", status=before)
    with pytest.raises(errors.TransitionRefused) as caught:
        registrations.put_back(database, organizer, person, "a mistake")
    assert str(caught.value) == sentence


@pytest.mark.parametrize("reason", ["", "  \n "])
def test_nobody_is_put_back_without_a_reason(database, building, organizer, reason):
    """Ruling 14: registered → waitlisted only by a person, with a reason."""
    person = building.registration(building.package())
    with pytest.raises(errors.InvalidField, match="Say why"):
        registrations.put_back(database, organizer, person, reason)
    with pytest.raises(errors.InvalidField, match="Say why"):
        registrations.put_back_all(database, organizer, [person], reason)
    assert building.status(person) == "registered"
    assert building.log() == []


def test_a_late_arrival_needs_a_free_seat(database, building, organizer):
    """Ruling 14: no_show → attended needs a free seat."""
    package = building.package(capacity=1)
    absent = building.registration(package, status="no_show")
    building.registration(package)
    result = attendance.admit(database, organizer, Admission(absent, "Desk 1"))
    assert result.verdict == "seat_given_away"
    assert building.status(absent) == "no_show"
