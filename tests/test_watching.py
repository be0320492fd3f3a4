"""The tests' own watch over the log notices what it is there to notice (ruling 23)."""

from __future__ import annotations

from uuid import uuid4

import pytest

from desktop.db.session import Database

EDIT = "UPDATE events SET title = 'Renamed' RETURNING id"
LOG = (
    "INSERT INTO admin_logs (admin_id, action_type, subject_id)"
    " SELECT id, 'event.edit', {subject} FROM users LIMIT 1 RETURNING id"
)


@pytest.fixture
def watch(watched, request):
    """A watched database with an event and a registration, and what is unlogged after some statements."""
    url = watched.take()
    building = request.getfixturevalue("building_of")(url)
    registration = building.registration(building.package())

    def after(*statements: str):
        database = Database(url)
        for statement in statements:
            database.once(statement.replace("{subject}", f"'{registration}'"), {})
        database.close()
        return [(row["of"], row["op"]) for row in watched.unlogged()]

    yield after
    building.website.close()
    watched.give_back()


def test_a_change_without_a_line_is_noticed(watch):
    """Ruling 23: the watch fails when the ruling is broken."""
    assert watch(EDIT) == [("events", "UPDATE")]


def test_a_line_in_another_transaction_is_not_enough(watch):
    """Ruling 23: in the same transaction."""
    assert watch(EDIT, LOG) == [("events", "UPDATE")]


def test_a_change_of_somebody_needs_a_line_about_them(watch):
    cancel = f"WITH x AS ({LOG}) UPDATE event_registrations SET status = 'cancelled' RETURNING id"
    assert watch(cancel.replace("{subject}", f"'{uuid4()}'")) == [("event_registrations", "UPDATE")]


def test_with_its_line_all_is_well_and_what_is_derived_needs_none(watch):
    move = "UPDATE event_registrations SET waitlist_position = 4 RETURNING id"
    assert (
        watch(
            f"WITH x AS ({LOG}) {EDIT}",
            f"WITH x AS ({LOG}) UPDATE event_registrations SET status = 'no_show' RETURNING id",
            move,
        )
        == []
    )
