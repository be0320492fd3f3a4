"""Importing a file: what it would do is seen before anything is written, and can be changed."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit, QPushButton

from desktop import errors
from desktop.services import importing

if TYPE_CHECKING:
    from pathlib import Path

    from desktop.db.session import Actor
    from desktop.views.import_file import ImportPage
    from desktop.views.registrations import RegistrationsScreen

Screens = Any
Loop = Any
Until = Any
Summit = Any

CTRL = Qt.KeyboardModifier.ControlModifier
FOUR = """Attendee name,Attendee email,Status,Product
Zoë Fernández,zoe@example.org,paid,Workshop pass
Priya Raman,priya@example.org,paid,Workshop pass
محمد العلي,m.alali@example.org,paid,Workshop pass
Broken,broken(at)example.org,paid,Workshop pass
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Three people for two seats, and one whose address is none."""
    path = tmp_path / "attendees.csv"
    path.write_text(FOUR, encoding="utf-8")
    return path


async def page_of(screen: RegistrationsScreen, summit: Summit, until: Until) -> ImportPage:
    """The page that waits for a file."""
    screen.open(summit.event_id)
    await until(screen.import_file.isEnabled)
    await until(lambda: screen.list.pane is not None and not screen.list.pane.model.is_loading)
    screen.import_file.start()
    await until(screen.importing.isVisible)
    return screen.importing


async def checked(page: ImportPage, file: Path, until: Until) -> None:
    """Read a file, and wait for what it would do."""
    page.read(file)
    await until(lambda: page.report.isVisible() and page.state.state() == "content")


def choose(box: QComboBox, text: str) -> None:
    """Choose as a person does."""
    box.setCurrentIndex(box.findText(text))
    box.activated.emit(box.currentIndex())


def reasons(page: ImportPage) -> list[str]:
    model = page.report.problems
    return [str(model.index(row, 3).data()).lstrip("\u200e") for row in range(model.rowCount())]


def test_a_small_file_is_shown_first_and_then_imported(
    in_loop: Loop, until: Until, summit: Summit, screen_of: Screens, organizer: Actor, file: Path
) -> None:
    async def scenario() -> None:
        screen = screen_of(organizer)
        page = await page_of(screen, summit, until)
        assert not page.write.isEnabled()
        await checked(page, file, until)
        assert page.columns.package.currentText() == "Workshop pass"
        assert page.columns.fields["name"].currentText() == "Attendee name"
        assert page.columns.fields["phone"].currentText() == "not read"
        assert page.report.figures() == {
            "new, with a seat": "2",
            "new, waiting": "1",
            "new, cancelled": "0",
            "changed": "0",
            "unchanged": "0",
            "not imported": "1",
        }
        assert page.report.sentence().startswith("Place on the waitlist: #1.")
        assert page.report.sentence().endswith("Afterwards: 2 of 2 seats held, 1 waiting.")
        assert any(reason.startswith("The address “broken(at)example.org”") for reason in reasons(page))
        assert summit.count("event_registrations") == 0
        assert page.write.text() == "&Import 3 people"

        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return, CTRL)
        await until(lambda: page.messages.text() != "")
        assert page.messages.text() == "“attendees.csv” is imported: 3 new, 0 changed, 1 not imported."
        assert summit.count("event_registrations") == 3
        assert not page.write.isEnabled()

        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Escape)
        assert not page.isVisible()
        pane = screen.list.pane
        await until(lambda: pane.model.rowCount() == 3)
        assert QApplication.focusWidget() is pane.table

    in_loop(scenario())


def test_the_same_file_again_has_nothing_to_import(
    in_loop: Loop, until: Until, summit: Summit, screen_of: Screens, organizer: Actor, file: Path
) -> None:
    async def scenario() -> None:
        page = await page_of(screen_of(organizer), summit, until)
        await checked(page, file, until)
        page.write.start()
        await until(lambda: page.messages.text() != "")
        await checked(page, file, until)
        await until(lambda: page.report.figures()["unchanged"] == "3")
        assert not page.write.isEnabled()
        assert "Nothing in this file is new." in page.write.toolTip()

    in_loop(scenario())


def test_another_package_is_checked_anew(
    in_loop: Loop, until: Until, summit: Summit, screen_of: Screens, organizer: Actor, file: Path
) -> None:
    async def scenario() -> None:
        page = await page_of(screen_of(organizer), summit, until)
        await checked(page, file, until)
        choose(page.columns.package, "Conference")
        await until(lambda: page.report.figures()["new, with a seat"] == "3")
        page.write.start()
        await until(lambda: page.messages.text() != "")
        with summit.database.transaction() as tx:
            assert (
                tx.value(
                    "SELECT count(*) FROM event_registrations WHERE package_id = :id",
                    {"id": summit.conference},
                )
                == 3
            )

    in_loop(scenario())


def test_a_column_that_is_not_recognised_is_chosen_by_hand(
    in_loop: Loop, until: Until, summit: Summit, screen_of: Screens, organizer: Actor, tmp_path: Path
) -> None:
    odd = tmp_path / "odd.csv"
    odd.write_text("Who,Where\nAnna Berg,anna@example.org\n", encoding="utf-8")

    async def scenario() -> None:
        page = await page_of(screen_of(organizer), summit, until)
        page.read(odd)
        await until(lambda: page.state.state() == "empty" and page.columns.fields)
        assert page.state.sentence() == (
            "“odd.csv” has no column with e-mail addresses that is recognised. Choose the column at the right."
        )
        assert not page.write.isEnabled()
        choose(page.columns.fields["email"], "Where")
        await until(lambda: page.state.state() == "content" and page.report.isVisible())
        choose(page.columns.fields["name"], "Who")
        await until(lambda: page.columns.fields["name"].currentText() == "Who" and page.write.isEnabled())
        page.write.start()
        await until(lambda: page.messages.text() != "")
        with summit.database.transaction() as tx:
            row = tx.row("SELECT attendee_name, attendee_email FROM event_registrations")
        assert tuple(row) == ("Anna Berg", "anna@example.org")

    in_loop(scenario())


def test_a_recognised_column_can_be_left_out(
    in_loop: Loop, until: Until, summit: Summit, screen_of: Screens, organizer: Actor, file: Path
) -> None:
    async def scenario() -> None:
        page = await page_of(screen_of(organizer), summit, until)
        await checked(page, file, until)
        choose(page.columns.fields["name"], "not read")
        await until(lambda: page.write.isEnabled() and page.state.state() == "content")
        page.write.start()
        await until(lambda: page.messages.text() != "")
        with summit.database.transaction() as tx:
            assert tx.value("SELECT count(attendee_name) FROM event_registrations") == 0

    in_loop(scenario())


def test_columns_with_secrets_cannot_be_chosen(
    in_loop: Loop, until: Until, summit: Summit, screen_of: Screens, organizer: Actor, tmp_path: Path
) -> None:
    path = tmp_path / "secrets.csv"
    path.write_text("Email,Name,Ticket secret\nanna@example.org,Anna,abcdef\n", encoding="utf-8")

    async def scenario() -> None:
        page = await page_of(screen_of(organizer), summit, until)
        await checked(page, path, until)
        assert page.columns.fields
        assert all(box.findText("Ticket secret") == -1 for box in page.columns.fields.values())

    in_loop(scenario())


def test_a_file_that_is_no_list_is_refused_in_a_sentence_with_the_way_out(
    in_loop: Loop, until: Until, summit: Summit, screen_of: Screens, organizer: Actor, tmp_path: Path
) -> None:
    picture = tmp_path / "photo.pdf"
    picture.write_bytes(b"%PDF-1.7 nothing to see")

    async def scenario() -> None:
        page = await page_of(screen_of(organizer), summit, until)
        page.read(picture)
        await until(lambda: page.state.state() == "empty")
        assert page.state.sentence().startswith("“photo.pdf” is a PDF")
        next(one for one in page.state.findChildren(QPushButton) if one.isVisible()).click()
        assert page.dialog is not None
        assert page.dialog.isVisible()
        page.dialog.reject()

    in_loop(scenario())


def test_a_file_is_chosen_with_the_keyboard(
    in_loop: Loop, until: Until, summit: Summit, screen_of: Screens, organizer: Actor, file: Path
) -> None:
    async def scenario() -> None:
        screen = screen_of(organizer)
        page = await page_of(screen, summit, until)
        await until(screen.isActiveWindow)
        assert QApplication.focusWidget() is page.drop.button
        QTest.keyClick(page.drop.button, Qt.Key.Key_Return)
        dialog = page.dialog
        assert dialog is not None
        name = dialog.findChild(QLineEdit, "fileNameEdit")
        name.setText(str(file))
        QTest.keyClick(name, Qt.Key.Key_Return)
        await until(lambda: page.write.isEnabled())

    in_loop(scenario())


def test_a_file_is_dropped_anywhere_on_the_page(
    in_loop: Loop, until: Until, summit: Summit, screen_of: Screens, organizer: Actor, file: Path
) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(file)), QUrl.fromLocalFile("/elsewhere/other.csv")])
    copy, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier

    async def scenario() -> None:
        page = await page_of(screen_of(organizer), summit, until)
        enter = QDragEnterEvent(QPoint(300, 300), copy, data, left, none)
        QApplication.sendEvent(page, enter)
        assert enter.isAccepted()
        QApplication.sendEvent(page, QDropEvent(QPointF(300, 300), copy, data, left, none))
        assert (
            page.messages.text() == "One file at a time: “attendees.csv” is being read, the others are not."
        )
        await until(lambda: page.write.isEnabled())

    in_loop(scenario())


def test_something_that_is_no_file_is_not_taken(
    in_loop: Loop, until: Until, summit: Summit, screen_of: Screens, organizer: Actor
) -> None:
    data = QMimeData()
    data.setText("hello")

    async def scenario() -> None:
        page = await page_of(screen_of(organizer), summit, until)
        enter = QDragEnterEvent(
            QPoint(300, 300),
            Qt.DropAction.CopyAction,
            data,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
        enter.ignore()
        QApplication.sendEvent(page, enter)
        assert not enter.isAccepted()

    in_loop(scenario())


def test_going_back_stops_reading_and_writes_nothing(
    in_loop: Loop,
    until: Until,
    summit: Summit,
    screen_of: Screens,
    organizer: Actor,
    file: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gate, ended = threading.Event(), []

    def slowly(_path: Path, _overrides: Any, _zone: Any, progress: Any) -> Any:
        gate.wait(30)
        try:
            progress("reading", 1, 2)
        except BaseException as stop:
            ended.append(type(stop).__name__)
            raise

    monkeypatch.setattr(importing, "plan_file", slowly)

    async def scenario() -> None:
        screen = screen_of(organizer)
        page = await page_of(screen, summit, until)
        page.read(file)
        await until(lambda: page.state.state() == "loading")
        page.back.start()
        gate.set()
        await until(lambda: ended == ["Superseded"])
        assert not page.isVisible()
        assert summit.count("event_registrations") == 0
        screen.import_file.start()
        await until(page.drop.isVisible)

    in_loop(scenario())


def test_while_the_file_is_written_nothing_else_can_be_started(
    in_loop: Loop,
    until: Until,
    summit: Summit,
    screen_of: Screens,
    organizer: Actor,
    file: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gate, calls, apply = threading.Event(), [], importing.apply

    def slowly(*arguments: Any) -> Any:
        calls.append(arguments)
        gate.wait(30)
        return apply(*arguments)

    monkeypatch.setattr(importing, "apply", slowly)

    async def scenario() -> None:
        screen = screen_of(organizer)
        page = await page_of(screen, summit, until)
        await checked(page, file, until)
        page.write.start()
        page.write.start()
        await until(lambda: calls)
        assert page.writing
        assert not page.back.isEnabled()
        assert not page.columns.package.isEnabled()
        assert page.state.sentence() == "Importing “attendees.csv”…"
        screen.open(None)
        assert page.isVisible()
        gate.set()
        await until(lambda: page.messages.text() != "")
        assert page.back.isEnabled()
        assert len(calls) == 1

    in_loop(scenario())


def test_a_lost_connection_while_importing_offers_retry_which_is_harmless(
    in_loop: Loop,
    until: Until,
    summit: Summit,
    screen_of: Screens,
    organizer: Actor,
    file: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    apply, tries = importing.apply, []

    def lost_on_the_way_back(*arguments: Any) -> Any:
        tries.append(arguments)
        report = apply(*arguments)
        if len(tries) == 1:
            raise errors.DatabaseDown("gala-db", unknown_outcome=True)
        return report

    monkeypatch.setattr(importing, "apply", lost_on_the_way_back)

    async def scenario() -> None:
        page = await page_of(screen_of(organizer), summit, until)
        await checked(page, file, until)
        page.write.start()
        await until(lambda: page.messages.kind() == "error" and page.write.isEnabled())
        assert page.report.isVisible()
        retry = next(one for one in page.messages.findChildren(QPushButton) if one.text() == "&Retry")
        retry.click()
        await until(lambda: page.messages.text().startswith("“attendees.csv” is imported"))
        assert summit.count("event_registrations") == 3

    in_loop(scenario())


def test_rows_that_are_not_imported_can_be_looked_at_alone(
    in_loop: Loop, until: Until, summit: Summit, screen_of: Screens, organizer: Actor, file: Path
) -> None:
    async def scenario() -> None:
        page = await page_of(screen_of(organizer), summit, until)
        await checked(page, file, until)
        everything = len(reasons(page))
        chips = {one.text(): one for one in page.report.findChildren(QPushButton)}
        chips["Not imported 1"].click()
        assert [reason[:11] for reason in reasons(page)] == ["The address"]
        assert everything > 1

    in_loop(scenario())
