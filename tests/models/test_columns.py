from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest

from desktop.models import columns
from desktop.services.lists import audit, events, registrations

if TYPE_CHECKING:
    from desktop.db.session import Actor, Database

ZONE = ZoneInfo("Asia/Kolkata")
ZOE = registrations.RegistrationRow(
    id=UUID(int=1),
    package_id=UUID(int=2),
    name="Zoë Fernández",
    email="zoe@example.org",
    package="Workshop pass",
    status="registered",
    waitlist_position=None,
    payment="₹9,000 paid",
    payment_due=False,
    registered="2 Dec 11:02",
    registered_in_full="Wed 2 Dec 2026, 11:02 IST (Asia/Kolkata)",
)
SUMMIT = events.EventRow(
    id=UUID(int=3),
    title="Monsoon Data Summit",
    when="Mon 14 Dec, 09:00",
    when_in_full="Mon 14 Dec 2026, 09:00 IST (Asia/Kolkata)",
    place="Palace Grounds",
    status="published",
    held=1178,
    capacity=1199,
    waiting=61,
    packages=3,
)


def cell(made: tuple[columns.Column, ...], label: str) -> columns.Column:
    return next(column for column in made if column.label == label)


def test_every_column_that_offers_sorting_has_a_sort(database: Database, admin: Actor) -> None:
    for made, grid in (
        (columns.registration_columns(), registrations.grid(database, admin, uuid4(), ZONE)),
        (columns.event_columns(), events.grid(database, admin, ZONE)),
        (columns.audit_columns(), audit.grid(database, admin, ZONE)),
    ):
        offered = {column.sort_key for column in made if column.sort_key}
        assert offered == set(grid._listing.sorts)


def test_a_registration_is_told_as_the_list_shows_it() -> None:
    texts = [column.text(ZOE) for column in columns.registration_columns()]
    assert texts == [
        "Zoë Fernández",
        "zoe@example.org",
        "Workshop pass",
        "Registered",
        "",
        "₹9,000 paid",
        "2 Dec 11:02",
    ]
    nameless = replace(ZOE, name="")
    assert columns.registration_columns()[0].text(nameless) == "zoe@example.org"


@pytest.mark.parametrize(
    ("changes", "text", "tone", "aloud"),
    [
        ({}, "Registered", "blue", "Registered"),
        ({"payment_due": True}, "Payment due", "red", "Registered, payment due"),
        ({"status": "waitlisted"}, "Waitlisted", "amber", "Waitlisted"),
        ({"status": "attended"}, "Attended", "green", "Attended"),
        ({"status": "no_show"}, "No-show", "grey", "No-show"),
        ({"status": "cancelled"}, "Cancelled", "grey", "Cancelled"),
    ],
)
def test_a_status_has_words_and_a_tone(changes: dict[str, Any], text: str, tone: str, aloud: str) -> None:
    status = cell(columns.registration_columns(), "Status")
    row = replace(ZOE, **changes)
    assert status.tone is not None
    assert status.accessible is not None
    assert (status.text(row), status.tone(row), status.accessible(row)) == (text, tone, aloud)


def test_a_place_in_the_queue_is_read_aloud_as_a_sentence() -> None:
    place = cell(columns.registration_columns(), "Waitlist")
    assert place.accessible is not None
    waiting = replace(ZOE, waitlist_position=3)
    assert (place.text(waiting), place.accessible(waiting)) == ("#3", "number 3 on the waitlist")
    assert (place.text(ZOE), place.accessible(ZOE)) == ("", "not waiting")


@pytest.mark.parametrize(
    ("changes", "text", "fraction"),
    [
        ({}, "1,178 / 1,199", 1178 / 1199),
        ({"held": 310, "capacity": None}, "310 · no limit", None),
        ({"held": 0, "capacity": None, "packages": 0}, "no packages yet", None),
        ({"held": 12, "capacity": 10}, "12 / 10", 1.0),
        ({"held": 0, "capacity": 0}, "0 / 0", 1.0),
    ],
)
def test_seats_are_told_with_how_full_they_are(
    changes: dict[str, Any], text: str, fraction: float | None
) -> None:
    seats = cell(columns.event_columns(), "Seats held")
    assert seats.meter is not None
    row = replace(SUMMIT, **changes)
    assert (seats.text(row), seats.meter(row)) == (text, fraction)


def test_nobody_waiting_leaves_the_cell_empty_and_an_event_without_title_is_named() -> None:
    made = columns.event_columns()
    assert cell(made, "Waiting").text(SUMMIT) == "61"
    assert cell(made, "Waiting").text(replace(SUMMIT, waiting=0)) == ""
    assert cell(made, "Event").text(replace(SUMMIT, title="")) == "Untitled event"
    assert cell(made, "Place").text(replace(SUMMIT, place="")) == "—"
