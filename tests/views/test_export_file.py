"""“Export…” on the screen: where to, how far, and how it went."""

from __future__ import annotations

import csv
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QDesktopServices
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit, QPushButton

from desktop.services import exporting
from desktop.views import long_work
from desktop.views.audit import AuditScreen
from desktop.views.events import EventsScreen

if TYPE_CHECKING:
    from desktop.db.session import Actor
    from desktop.views.registrations import RegistrationsScreen

Screens = Any
Loop = Any
Until = Any
Summit = Any

CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
NAMES = ["Ana =SUM(1)", "Łukasz Nowak", "نور الهدى"]


@pytest.fixture(autouse=True)
def drawn_by_qt(monkeypatch: pytest.MonkeyPatch) -> None:
    """The dialog is Qt's own, which a test can look at."""
    monkeypatch.setattr(QFileDialog, "open", _open)


def _open(dialog: QFileDialog) -> None:
    dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
    dialog.show()


async def opened(screen: RegistrationsScreen, summit: Summit, until: Until) -> RegistrationsScreen:
    for name in NAMES:
        summit.add(name, package="conference", attendee_email=f"{len(name)}@example.org")
    screen.open(summit.event_id)
    await until(lambda: screen.list.pane is not None and screen.list.pane.model.complete)
    await until(lambda: screen.panel.shown() is not None)
    return screen


def answer(screen: Any, name: str) -> None:
    """Type a name into the dialog and save."""
    dialog = screen.export.dialog if hasattr(screen, "export") else screen.bulk.export.dialog
    dialog.findChildren(QLineEdit)[0].setText(name)
    dialog.accept()


def press_offer(screen: Any, text: str) -> None:
    found = screen.messages.findChildren(QPushButton)
    next(one for one in found if one.text().replace("&", "") == text and not one.isHidden()).click()


def rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def test_the_list_is_exported_as_it_is_filtered_and_sorted(
    in_loop: Loop,
    until: Until,
    summit: Summit,
    screen_of: Screens,
    organizer: Actor,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    went: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: went.append(url.toLocalFile()))

    async def scenario() -> None:
        screen = await opened(screen_of(organizer), summit, until)
        pane = screen.list.pane
        pane.model.sort(0, Qt.SortOrder.DescendingOrder)
        await until(lambda: pane.model.complete)
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_E, CTRL | SHIFT)
        dialog = screen.bulk.export.dialog
        assert [Path(one).name for one in dialog.selectedFiles()] == ["monsoon-registrations.csv"]
        answer(screen, str(tmp_path / "all"))
        await until(screen.messages.text)
        assert screen.messages.text() == "Exported 3 registrations to “all.csv”."
        assert [row[0] for row in rows(tmp_path / "all.csv")] == ["Name", *sorted(NAMES, reverse=True)]
        press_offer(screen, "Open folder")
        assert went == [str(tmp_path)]

    in_loop(scenario())


def test_those_selected_are_exported_as_a_workbook(
    in_loop: Loop, until: Until, summit: Summit, screen_of: Screens, organizer: Actor, tmp_path: Path
) -> None:
    async def scenario() -> None:
        screen = await opened(screen_of(organizer), summit, until)
        table = screen.list.pane.table
        table.selectRow(1)
        QTest.keyClick(table, Qt.Key.Key_Down, SHIFT)
        await until(screen.bulk.panel.export.isEnabled)
        screen.bulk.panel.export.start()
        dialog = screen.bulk.export.dialog
        dialog.filterSelected.emit("Excel workbook (*.xlsx)")
        assert [Path(one).name for one in dialog.selectedFiles()] == ["monsoon-registrations-selected.xlsx"]
        answer(screen, str(tmp_path / "two"))
        await until(screen.messages.text)
        assert screen.messages.text() == "Exported 2 registrations to “two.xlsx”."
        sheet = openpyxl.load_workbook(tmp_path / "two.xlsx").active
        assert sheet is not None
        assert [cell.value for cell in sheet["A"]] == ["Name", *NAMES[1:]]

    in_loop(scenario())


def test_a_file_that_cannot_be_written_is_said_and_another_one_offered(
    in_loop: Loop, until: Until, summit: Summit, screen_of: Screens, organizer: Actor, tmp_path: Path
) -> None:
    async def scenario() -> None:
        screen = await opened(screen_of(organizer), summit, until)
        listed = screen.bulk._shown()
        assert listed is not None
        screen.bulk.export.write(tmp_path / "gone" / "list.csv", listed[1])
        await until(screen.messages.text)
        assert "there is no such folder" in screen.messages.text()
        press_offer(screen, "Choose another file")
        answer(screen, str(tmp_path / "list"))
        await until(lambda: (tmp_path / "list.csv").exists())
        await until(lambda: screen.messages.text().startswith("Exported 3"))

    in_loop(scenario())


def test_an_export_can_be_stopped_and_leaves_no_file(
    in_loop: Loop,
    until: Until,
    summit: Summit,
    screen_of: Screens,
    organizer: Actor,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gate = threading.Event()
    written = exporting.export_registrations

    def wait(*arguments: Any) -> int:
        assert gate.wait(30)
        return written(*arguments)

    monkeypatch.setattr(exporting, "export_registrations", wait)
    monkeypatch.setattr(long_work, "SHOWN_AFTER_MS", 0)

    async def scenario() -> None:
        screen = await opened(screen_of(organizer), summit, until)
        screen.bulk.export.action.start()
        answer(screen, str(tmp_path / "list"))
        await until(lambda: screen.bulk.work.text() == "Exporting 0 of 3")
        screen.bulk.work.stop.start()
        gate.set()
        await until(screen.messages.text)
        assert screen.messages.text() == "The export was stopped. No file was written."

    in_loop(scenario())
    assert list(tmp_path.iterdir()) == []


def test_events_and_the_log_are_exported_too(
    in_loop: Loop,
    until: Until,
    summit: Summit,
    workspace_of: Any,
    in_window: Any,
    organizer: Actor,
    tmp_path: Path,
) -> None:
    async def scenario() -> None:
        for make, name, said in (
            (EventsScreen, "events-upcoming.csv", "1 event"),
            (AuditScreen, "audit-log.csv", "1 entry"),
        ):
            screen = in_window(make(workspace_of(organizer)))
            screen.export.action.start()
            assert screen.export.dialog is None  # nothing is listed yet
            screen.open()
            await until(lambda screen=screen: screen.list.model.complete)
            screen.export.action.start()
            assert [Path(one).name for one in screen.export.dialog.selectedFiles()] == [name]
            answer(screen, str(tmp_path / name))
            await until(screen.messages.text)
            assert screen.messages.text() == f"Exported {said} to “{name}”."
        assert rows(tmp_path / "events-upcoming.csv")[1][0] == "Monsoon Data Summit"
        assert rows(tmp_path / "audit-log.csv")[1][2:] == ["event.export", "1 row, as CSV"]

    in_loop(scenario())


def test_whoever_may_not_export_is_offered_none(
    in_loop: Loop, until: Until, summit: Summit, workspace_of: Any, in_window: Any, door: Actor
) -> None:
    """Ruling 24."""

    async def scenario() -> None:
        screen = in_window(EventsScreen(workspace_of(door)))
        screen.open()
        await until(lambda: screen.list.model.complete)
        assert not screen.export.action.associatedObjects()

    in_loop(scenario())
