"""Lists as files."""

from __future__ import annotations

import csv
import errno
import os
import tempfile
import unicodedata
from pathlib import Path
from uuid import uuid4
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from desktop import errors
from desktop.services import exporting, sheets
from desktop.services.grid import Cancellation, Order, QueryCancelled
from desktop.services.lists import audit, events
from desktop.services.lists.registrations import Where
from desktop.services.registrations import RowResult

ZONE = ZoneInfo("Asia/Kolkata")


@pytest.fixture
def export(database, organizer, tmp_path):
    """Export an event's registrations by address; the rows of the file."""

    def run(event, where=None, actor=organizer, **more):
        path = tmp_path / "guests.csv"
        number = exporting.export_registrations(
            database, actor, event, ZONE, Order("email"), where or Where(), path, **more
        )
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.reader(file))
        assert number == len(rows) - 1
        return rows

    return run


@given(st.text(), st.sampled_from(["", " ", "\n", "\u00a0", "\u200b", "\ufeff", " \x01"]))
@example("＝1+1", "")
@example("＠SUM(A1)", "\u3000")
@example("=cmd|' /C calc'!A0", "\N{RIGHT-TO-LEFT OVERRIDE}")
def test_no_cell_begins_like_a_formula(text, before):
    """Ruling 27, also as a spreadsheet reads it that takes away what nobody sees, or writes wide letters narrow."""
    shown = sheets.neutral(before + text)
    read = unicodedata.normalize("NFKC", shown).lstrip("".join(map(chr, range(33))) + "\u200b\ufeff\u202e")
    assert not read.startswith(("=", "+", "-", "@"))
    assert not shown.startswith(("\t", "\r", "\n"))
    assert shown.removeprefix("'") == (before + text).removeprefix("'")


def test_what_is_no_formula_stays_as_it_is():
    names = ["José", " Ana", "نور", "李", "(x) = 1", "’t Hooft", "", "1-2", "\N{RIGHT-TO-LEFT MARK}נור"]
    assert [sheets.neutral(name) for name in names] == names


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


def test_a_time_python_has_none_for_is_in_the_file_as_it_is_on_the_screen(building, export):
    package = building.package()
    for at in ("2026-12-14", "infinity", "10000-01-01"):
        building.registration(package, f"{at}@example.org", registered_at=at)
    rows = export(building.value("SELECT event_id FROM packages WHERE id = %s", package))
    assert [row[6] for row in rows[2:]] == ["Mon 14 Dec 2026, 05:30 IST (Asia/Kolkata)", "infinitely late"]
    assert rows[1][6] == "in the year 10000"


def test_who_took_which_list_is_in_the_log(building, database, organizer, export, tmp_path):
    package = building.package()
    made = [building.registration(package, f"{n}@example.org") for n in range(2)]
    event = building.value("SELECT event_id FROM packages WHERE id = %s", package)
    building.value("UPDATE events SET title = 'Łódź' WHERE id = %s RETURNING title", event)
    export(event)
    export(event, ids=made[1].bytes)
    path = tmp_path / "list.xlsx"
    exporting.export_events(
        database, organizer, ZONE, Order("title"), events.Where("upcoming", "no such"), path
    )
    exporting.export_audit(database, organizer, ZONE, Order("when"), audit.Where("Łódź"), path)
    about_the_event = [
        ("registration.export", "“Łódź”: 2 rows, as CSV"),
        ("registration.export", "“Łódź”: 1 row, chosen, as CSV"),
    ]
    assert building.log(event) == about_the_event
    about_none = [("event.export", "0 rows, as XLSX"), ("log.export", "2 rows, as XLSX")]
    assert building.log() == about_the_event + about_none


def test_whose_right_is_taken_away_meanwhile_gets_no_file(building, export, organizer, tmp_path):
    """What is read already stays with nobody, and no line says that it left."""
    package = building.package()
    building.registration(package, "a@example.org")
    event = building.value("SELECT event_id FROM packages WHERE id = %s", package)

    def progress(done, of):
        if done == of:
            building.value("DELETE FROM user_roles WHERE user_id = %s RETURNING user_id", organizer.id)

    with pytest.raises(errors.NotAllowed, match="may not export lists"):
        export(event, progress=progress)
    assert list(tmp_path.iterdir()) == []
    assert building.log() == []


def test_the_door_exports_nothing_and_no_file_is_left(database, building, door, export, tmp_path):
    with pytest.raises(errors.NotAllowed, match="may not export lists"):
        export(building.event(), actor=door)
    assert list(tmp_path.iterdir()) == []


NAMES = ["=HYPERLINK(1)", "@x", "Łukasz Œuvre", "نور", "李 雷", "bell\a", "two\nlines"]


def test_a_workbook_says_the_same_as_the_list_and_works_nothing_out(database, building, organizer, tmp_path):
    """Ruling 27. Numbers are numbers, and what XML cannot say is shown to be missing."""
    package = building.package()
    for n, name in enumerate(NAMES):
        building.registration(package, f"{n}@example.org", attendee_name=name)
    building.waiting(package, "w@example.org")
    event = building.value("SELECT event_id FROM packages WHERE id = %s", package)
    path = tmp_path / "guests.XLSX"
    assert (
        exporting.export_registrations(database, organizer, event, ZONE, Order("email"), Where(), path) == 8
    )
    sheet = openpyxl.load_workbook(path)["Registrations"]
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0] == exporting.REGISTRATIONS
    names = ["'=HYPERLINK(1)", "'@x", *NAMES[2:5], "bell\N{REPLACEMENT CHARACTER}", "two\nlines", None]
    assert [row[0] for row in rows[1:]] == names
    assert [cell.data_type for cell in sheet["A"][1:-1]] == ["s"] * 7
    assert rows[-1][4] == 1
    assert list(tmp_path.iterdir()) == [path]


def test_chosen_ones_are_exported_in_the_order_they_stand(building, export):
    package = building.package()
    made = [building.registration(package, f"{n}@example.org") for n in range(3)]
    event = building.value("SELECT event_id FROM packages WHERE id = %s", package)
    rows = export(event, ids=made[2].bytes + made[0].bytes)
    assert [row[1] for row in rows[1:]] == ["2@example.org", "0@example.org"]


def test_events_and_the_log_are_exported_as_they_are_filtered(database, building, organizer, tmp_path):
    """Ruling 27, and an event's own zone."""
    building.event(title="=Summit", time_zone="Europe/Zurich")
    building.event(title="Another")
    building.insert("admin_logs", admin_id=organizer.id, action_type="event.create", description="-made")
    path = tmp_path / "list.csv"
    done = exporting.export_events(
        database, organizer, ZONE, Order("title"), events.Where("upcoming", "summit"), path
    )
    head, only = csv.reader(path.read_text(encoding="utf-8-sig").splitlines())
    assert (done, head, only[0]) == (1, list(exporting.EVENTS), "'=Summit")
    assert only[1].endswith(" (Europe/Zurich)")
    done = exporting.export_audit(database, organizer, ZONE, Order("when"), audit.Where("made"), path)
    head, only = csv.reader(path.read_text(encoding="utf-8-sig").splitlines())
    assert (done, head, only[1:]) == (1, list(exporting.AUDIT), [organizer.name, "event.create", "'-made"])


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_an_export_that_was_stopped_leaves_the_file_of_before(
    monkeypatch, building, export, organizer, database, tmp_path, ending
):
    """Whole or not at all, and nothing is left lying about; a workbook can be stopped while it is packed, too."""
    package = building.package()
    for n in range(3):
        building.registration(package, f"{n}@example.org")
    event = building.value("SELECT event_id FROM packages WHERE id = %s", package)
    path = tmp_path / f"guests.{ending}"
    path.write_text("of before")
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    monkeypatch.setattr(exporting, "STEP", 2)
    for at in (2, 3) if ending == "xlsx" else (2,):  # 3: all rows are there
        asking = Cancellation()

        def progress(done, _of, at=at, asking=asking):
            if done == at:
                asking.cancel()

        with pytest.raises(QueryCancelled):
            exporting.export_registrations(
                database, organizer, event, ZONE, Order("name"), Where(), path, progress, asking
            )
    assert path.read_text() == "of before"
    assert building.log() == []
    assert sorted(tmp_path.iterdir()) == sorted([path, scratch])
    assert list(scratch.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "trouble", "said"),
    [
        ("list.pdf", None, "Let the name end in one of them"),
        ("folder.csv", None, "there is a folder of that name"),
        ("no/list.csv", None, "there is no such folder"),
        ("list.csv", errno.ENOSPC, "the disk is full"),
        ("list.xlsx", errno.ENOSPC, "the disk is full"),
        ("list.csv", errno.EACCES, "Choose a folder you may write to"),
        ("list.csv", errno.EIO, "Choose a folder you may write to"),
    ],
)
def test_a_file_that_cannot_be_written_is_a_sentence(
    monkeypatch, building, database, organizer, tmp_path, name, trouble, said
):
    (tmp_path / "folder.csv").mkdir()
    if trouble is not None:

        def broken(_number):
            raise OSError(trouble, os.strerror(trouble))

        monkeypatch.setattr(os, "fsync", broken)
    with pytest.raises(errors.InvalidField, match=said) as caught:
        exporting.export_registrations(
            database, organizer, building.event(), ZONE, Order("email"), Where(), tmp_path / name
        )
    assert caught.value.field == "path"
    assert [one.name for one in tmp_path.iterdir()] == ["folder.csv"]


def test_a_full_disk_of_temporary_files_is_called_so(tmp_path):
    """A workbook's rows are collected there; to choose another folder for it would be of no use."""

    def rows():
        yield ["Zoë"]
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(errors.InvalidField, match="export as CSV") as caught:
        sheets.write(tmp_path / "list.xlsx", "List", ["Name"], rows())
    assert tempfile.gettempdir() in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_file_open_elsewhere_is_called_so(monkeypatch, tmp_path):
    """Windows does not replace a file another program has open."""

    def refused(_self, _target):
        raise PermissionError(errno.EACCES, "Access is denied")

    monkeypatch.setattr(Path, "replace", refused)
    with pytest.raises(errors.InvalidField, match="another program has it open"):
        sheets.write(tmp_path / "list.csv", "List", ["Name"], [["Zoë"]])
    assert list(tmp_path.iterdir()) == []


def test_a_workbook_holds_no_more_rows_than_a_sheet_has(tmp_path):
    sheets.check(tmp_path / "list.xlsx", 1_048_575)
    sheets.check(tmp_path / "list.csv", 2_000_000)
    with pytest.raises(errors.InvalidField, match="Export it as CSV"):
        sheets.check(tmp_path / "list.xlsx", 1_048_576)


def test_what_became_of_each_is_written_in_words(tmp_path):
    rows = [
        RowResult(uuid4(), "=Zoë", "done", "Zoë is cancelled."),
        RowResult(uuid4(), "", "left", "Not tried: the work was stopped before."),
    ]
    path = tmp_path / "results.csv"
    assert exporting.export_results(rows, path) == 2
    assert path.read_text(encoding="utf-8-sig").splitlines() == [
        "Person,Result,What happened",
        "'=Zoë,done,Zoë is cancelled.",
        ",not tried,Not tried: the work was stopped before.",
    ]
