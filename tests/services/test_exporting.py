"""Lists as files."""

from __future__ import annotations

import csv
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop import errors
from desktop.services import exporting
from desktop.services.grid import Order
from desktop.services.lists.registrations import Where

ZONE = ZoneInfo("Asia/Kolkata")


@pytest.fixture
def export(database, organizer, tmp_path):
    """Export an event's registrations by address; the rows of the file."""

    def run(event, where=None, actor=organizer):
        path = tmp_path / "guests.csv"
        number = exporting.export_registrations(
            database, actor, event, ZONE, Order("email"), where or Where(), path
        )
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.reader(file))
        assert number == len(rows) - 1
        return rows

    return run


@given(st.text())
def test_no_cell_begins_like_a_formula(text):
    """Ruling 27."""
    assert not exporting.neutral(text).startswith(("=", "+", "-", "@", "\t", "\r"))
    assert exporting.neutral(text).endswith(text)


def test_names_that_are_formulas_are_text_in_the_file(building, export):
    """Ruling 27: whoever registers as =HYPERLINK(…) does nothing to the organizer who opens the file."""
    package = building.package(name="@home")
    for n, name in enumerate(["=HYPERLINK(1)", "+1", "-1", "@x", "\t=1", "José, the 2nd", "نور"]):
        building.registration(package, f"{n}@example.org", attendee_name=name)
    rows = export(building.value("SELECT event_id FROM packages WHERE id = %s", package))
    assert rows[0] == ["Name", "E-mail", "Package", "Status", "Waitlist", "Payment", "Registered"]
    assert [row[0] for row in rows[1:]] == [
        "'=HYPERLINK(1)",
        "'+1",
        "'-1",
        "'@x",
        "'\t=1",
        "José, the 2nd",
        "نور",
    ]
    assert {row[2] for row in rows[1:]} == {"'@home"}


def test_no_token_is_in_the_file_and_the_filter_counts(building, export):
    """Ruling 26."""
    package = building.package()
    seated = building.registration(package, "a@example.org")
    building.waiting(package, "b@example.org")
    rows = export(building.registered(seated)["event_id"], Where(status="waitlisted"))
    assert [(row[1], row[4]) for row in rows[1:]] == [("b@example.org", "1")]
    text = str(export(building.registered(seated)["event_id"]))
    assert str(building.registered(seated)["registration_token"]) not in text


def test_the_door_exports_nothing_and_no_file_is_left(database, building, door, export, tmp_path):
    with pytest.raises(errors.NotAllowed, match="may not export lists"):
        export(building.event(), actor=door)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_a_sentence(database, building, organizer, tmp_path):
    with pytest.raises(errors.InvalidField, match="Choose a folder") as caught:
        exporting.export_registrations(
            database, organizer, building.event(), ZONE, Order("email"), Where(), tmp_path / "no" / "x.csv"
        )
    assert caught.value.field == "path"
