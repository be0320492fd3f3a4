"""The program as a whole: starting, signing in and out, faults, and ending without losing anything."""

from __future__ import annotations

import asyncio
import platform
import re
import sys
import threading
import time
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from PySide6.QtCore import QSettings, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QProgressBar, QPushButton, QWidget

from desktop import app, background, errors
from desktop.db.session import Database, Scrubbed
from desktop.faults import logbook
from desktop.services import accounts
from desktop.services.opening import Opened
from desktop.services.preparing import Preparation, PreparingStopped
from desktop.views import theme
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from PySide6.QtGui import QPaintEvent

    from desktop.running import Greenroom
    from desktop.views.screen import Screen

pytestmark = pytest.mark.usefixtures("remembered", "quick_hashes", "light_again")

PASSWORD = "kaffee-und-Küchen-42"
ZONE = ZoneInfo("Asia/Kolkata")


@dataclass
class Server:
    """A local server that notes when it is let go."""

    closed: int = 0

    def close(self) -> None:
        self.closed += 1


@dataclass
class Opening:
    """Opens a database when it may; counts how often it was asked to, and fails as often as it is told to."""

    url: str
    may: threading.Event = field(default_factory=threading.Event)
    asked: int = 0
    failures: list[Exception] = field(default_factory=list)
    server: Server = field(default_factory=Server)
    databases: list[Database] = field(default_factory=list)

    def __call__(self) -> Opened:
        self.asked += 1
        self.may.wait(10)
        if self.failures:
            raise self.failures.pop()
        self.databases.append(Database(self.url))
        return Opened(self.databases[-1], self.server)  # type: ignore[arg-type]


@pytest.fixture
def opens(database_url: str) -> Opening:
    made = Opening(database_url)
    made.may.set()
    return made


@pytest.fixture
def zoe(database: Database) -> str:
    accounts.first_admin(database, "zoe", "zoe@example.org", PASSWORD)
    return "zoe"


def play(opens: Opening, scenario: Callable[[Greenroom], Coroutine[Any, Any, None]]) -> int:
    async def script(greenroom: Greenroom) -> int:
        await scenario(greenroom)
        return 0

    return app.play(app.Start(opens, ZONE), script)


async def sign_in(greenroom: Greenroom, name: str = "zoe") -> None:
    card = greenroom.window.sign_in
    await until(card.isVisible)
    greenroom.window.activateWindow()
    for text in (name, PASSWORD):
        await until(lambda: QApplication.focusWidget() is not None)
        editor: Any = QApplication.focusWidget()
        editor.setText(text)
        QTest.keyClick(editor, Qt.Key.Key_Return)
    await until(lambda: greenroom.window.shell is not None)


def screen_of(greenroom: Greenroom) -> Screen:
    assert greenroom.window.shell is not None
    screen = greenroom.window.shell.current_screen()
    assert screen is not None
    return screen


def test_the_window_is_there_before_the_database_is_open(opens: Opening, zoe: str) -> None:
    opens.may.clear()

    async def scenario(greenroom: Greenroom) -> None:
        await until(lambda: opens.asked)
        assert greenroom.window.isVisible()
        assert greenroom.window.starting.sentence() == "Opening the database…"
        assert opens.databases == []
        opens.may.set()
        await until(greenroom.window.sign_in.isVisible)

    assert play(opens, scenario) == 0


def test_a_database_that_does_not_open_is_a_sentence_with_retry(opens: Opening, zoe: str) -> None:
    opens.failures = [errors.LocalServerFailed("The disk is full.")]

    async def scenario(greenroom: Greenroom) -> None:
        page = greenroom.window.starting
        await until(lambda: page.state() == "failed")
        assert page.sentence() == "The disk is full."
        next(one for one in page.findChildren(QPushButton) if one.isVisible()).click()
        await until(greenroom.window.sign_in.isVisible)
        assert opens.asked == 2

    assert play(opens, scenario) == 0


def test_a_fault_while_opening_can_be_tried_again_too(
    opens: Opening, zoe: str, capsys: pytest.CaptureFixture[str]
) -> None:
    opens.failures = [ZeroDivisionError("asha.menon@example.org")]

    async def scenario(greenroom: Greenroom) -> None:
        page = greenroom.window.starting
        await until(lambda: page.state() == "failed")
        assert page.sentence() == "Something in Greenroom broke (ZeroDivisionError). Try again."
        next(one for one in page.findChildren(QPushButton) if one.isVisible()).click()
        await until(greenroom.window.sign_in.isVisible)

    assert play(opens, scenario) == 0
    assert "asha" not in capsys.readouterr().err


def test_nobody_to_sign_in_as_leads_to_the_first_run_card(opens: Opening) -> None:
    async def scenario(greenroom: Greenroom) -> None:
        await until(greenroom.window.first_run.isVisible)
        greenroom.window.activateWindow()
        for text in ("ada", "ada@example.org", PASSWORD, PASSWORD):
            await until(lambda: QApplication.focusWidget() is not None)
            editor: Any = QApplication.focusWidget()
            editor.setText(text)
            QTest.keyClick(editor, Qt.Key.Key_Return)
        await until(lambda: greenroom.window.shell is not None)

    assert play(opens, scenario) == 0


def test_whoever_lost_the_race_for_the_first_account_comes_to_the_sign_in_card(
    opens: Opening, database: Database
) -> None:
    async def scenario(greenroom: Greenroom) -> None:
        await until(greenroom.window.first_run.isVisible)
        accounts.first_admin(database, "zoe", "zoe@example.org", PASSWORD)
        greenroom.window.first_run.sign_in_asked.emit()
        await sign_in(greenroom)

    assert play(opens, scenario) == 0


def test_signing_out_stops_reading_and_asks_who_is_there_again(opens: Opening, zoe: str) -> None:
    async def scenario(greenroom: Greenroom) -> None:
        await sign_in(greenroom)
        left = screen_of(greenroom)
        closed: list[bool] = []
        left.close_down = lambda: closed.append(True)  # type: ignore[method-assign]
        greenroom.window.shell.sign_out_asked.emit()
        await until(greenroom.window.sign_in.isVisible)
        assert greenroom.window.shell is None
        assert closed == [True]
        assert opens.asked == 1
        greenroom.window.sign_in.login.editor.setText("")
        greenroom.window.sign_in.login.editor.setFocus()
        await sign_in(greenroom)
        assert screen_of(greenroom) is not left

    assert play(opens, scenario) == 0


@pytest.mark.parametrize("leaving", ["signing out", "closing"])
def test_what_is_being_written_is_finished_and_its_screen_is_there_to_hear_of_it(
    opens: Opening, zoe: str, capfd: pytest.CaptureFixture[str], leaving: str
) -> None:
    heard: list[str] = []
    go_on = threading.Event()

    async def scenario(greenroom: Greenroom) -> None:
        await sign_in(greenroom)
        screen = screen_of(greenroom)

        def write() -> None:
            go_on.wait(10)
            with opens.databases[0].transaction() as tx:
                tx.execute("UPDATE users SET username = 'written'")

        async def work() -> None:
            await background.run(write)
            screen.messages.success("Written.")
            heard.append(screen.messages._text.text())

        background.start(work())
        if leaving == "closing":
            greenroom.window.close()
            greenroom.window.close()  # impatience does no harm
        else:
            greenroom.window.shell.sign_out_asked.emit()
        await asyncio.sleep(0.05)
        assert heard == []
        assert greenroom.window.isVisible() == (leaving != "closing")
        go_on.set()
        await until(lambda: heard)

    assert play(opens, scenario) == 0
    assert heard == ["Written."]
    database = Database(opens.url)
    with database.transaction() as tx:
        assert tx.value("SELECT username FROM users") == "written"
    database.close()
    assert opens.server.closed == 1
    assert opens.databases[0].engine.pool.checkedin() == 0
    assert capfd.readouterr().err.replace("This plugin does not support propagateSizeHints()\n", "") == ""


def test_closing_while_the_database_is_being_opened_ends_cleanly(
    opens: Opening, zoe: str, capfd: pytest.CaptureFixture[str]
) -> None:
    opens.may.clear()

    async def scenario(greenroom: Greenroom) -> None:
        await until(lambda: opens.asked)
        greenroom.window.close()
        opens.may.set()

    assert play(opens, scenario) == 0
    assert opens.server.closed == 1
    assert "fault" not in capfd.readouterr().err


def test_somebody_who_signs_in_while_the_window_closes_is_not_let_in(
    opens: Opening, zoe: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    go_on, real = threading.Event(), accounts.sign_in
    shells: list[object] = []

    def slow(*given: Any) -> Any:
        go_on.wait(10)
        return real(*given)

    monkeypatch.setattr(accounts, "sign_in", slow)

    async def scenario(greenroom: Greenroom) -> None:
        card = greenroom.window.sign_in
        await until(card.isVisible)
        card.login.editor.setText("zoe")
        card.password.editor.setText(PASSWORD)
        monkeypatch.setattr(greenroom.window, "show_shell", shells.append)
        card.action.start()
        greenroom.close()
        go_on.set()

    assert play(opens, scenario) == 0
    assert shells == []
    assert "fault" not in capfd.readouterr().err


def test_a_database_that_cannot_be_closed_does_not_keep_the_window_open(
    opens: Opening, zoe: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def refuse() -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(opens.server, "close", refuse)

    async def scenario(greenroom: Greenroom) -> None:
        await until(greenroom.window.sign_in.isVisible)

    assert play(opens, scenario) == 0
    assert "ZeroDivisionError" in capfd.readouterr().err


SECRET = "asha.menon@example.org"


class Slip(Exception):
    """A fault of ours that quotes somebody."""


def slip() -> None:
    raise Slip(SECRET)


async def slip_later() -> None:
    raise Slip(SECRET)


@pytest.mark.parametrize(
    "make",
    [
        lambda: QTimer.singleShot(0, slip),
        lambda: background.start(slip_later()),
        lambda: background.start(background.run(slip)),
        lambda: asyncio.get_running_loop().call_soon(slip),
        lambda: threading.Thread(target=slip).start(),
    ],
    ids=["slot", "task", "pool", "callback", "thread"],
)
def test_a_fault_is_said_in_the_window_and_on_one_line_of_stderr_and_the_program_goes_on(
    opens: Opening, zoe: str, capfd: pytest.CaptureFixture[str], make: Callable[[], object]
) -> None:
    async def scenario(greenroom: Greenroom) -> None:
        await sign_in(greenroom)
        screen = screen_of(greenroom)
        make()
        await until(screen.messages.text)
        assert screen.messages.text().startswith("Something in Greenroom broke (Slip). ")
        assert greenroom.faults == 1
        greenroom.window.shell.go("audit")
        await until(lambda: screen_of(greenroom).list.row() is not None)

    assert play(opens, scenario) == 0
    (line,) = [one for one in capfd.readouterr().err.splitlines() if "propagateSizeHints" not in one]
    assert line.startswith("greenroom: a fault in Greenroom: Slip in slip")
    assert SECRET not in line


class Torn(QWidget):
    """Breaks each time it is painted."""

    def paintEvent(self, _event: QPaintEvent) -> None:
        slip()


def test_a_fault_in_what_qt_calls_is_caught_too(opens: Opening, zoe: str) -> None:
    async def scenario(greenroom: Greenroom) -> None:
        await until(greenroom.window.sign_in.isVisible)
        torn = Torn(greenroom.window)
        torn.show()
        torn.update()
        await until(lambda: greenroom.faults)
        torn.hide()
        assert "in paintEvent" in greenroom.crash.report.toPlainText()

    assert play(opens, scenario) == 0


def test_the_first_fault_shows_a_report_and_the_same_one_again_is_counted_only(
    opens: Opening, zoe: str
) -> None:
    async def scenario(greenroom: Greenroom) -> None:
        await sign_in(greenroom)
        crash = greenroom.crash
        for times in range(1, 4):
            background.start(slip_later())
            await until(lambda times=times: greenroom.faults == times)
        assert crash.isVisible()
        assert ".Slip, 3 times\n  " in crash.report.toPlainText()
        crash.go_on.click()
        background.start(slip_later())
        await until(lambda: greenroom.faults == 4)
        assert crash.isHidden()
        bar = screen_of(greenroom).messages
        next(one for one in bar.findChildren(QPushButton) if "report" in one.text()).click()
        assert crash.isVisible()
        assert ".Slip, 4 times\n  " in crash.report.toPlainText()
        QTimer.singleShot(0, slip)
        await until(lambda: greenroom.faults == 5)
        assert len(greenroom.window.findChildren(type(crash))) == 1

    assert play(opens, scenario) == 0


def test_a_report_tells_where_and_on_what_and_nothing_of_anybody(opens: Opening, zoe: str) -> None:
    reports: list[str] = []

    async def scenario(greenroom: Greenroom) -> None:
        await sign_in(greenroom)
        background.start(slip_later())
        await until(lambda: greenroom.faults)
        reports.append(greenroom.crash.report.toPlainText())

    assert play(opens, scenario) == 0
    (report,) = reports
    for fact in ("Greenroom ", "Schema ", "Python ", "Qt ", "psycopg ", "Screens ", "Drawn by ", "Theme "):
        assert f"\n{fact}" in report
    assert re.search(r"\nConnection +PostgreSQL 18\.\d+ on this computer\n", report)
    assert re.search(r"\n  (tests/)?test_app\.py:\d+ in slip_later\n", report)
    for personal in (
        SECRET,
        "zoe",
        opens.url,
        Database(opens.url).url.database,
        str(Path.home()),
        platform.node(),
    ):
        assert str(personal) not in report


def test_quit_in_the_report_closes_the_window(opens: Opening, zoe: str) -> None:
    async def scenario(greenroom: Greenroom) -> None:
        await until(greenroom.window.sign_in.isVisible)
        background.start(slip_later())
        await until(greenroom.crash.isVisible)
        greenroom.crash.leave.click()
        await until(lambda: opens.server.closed)

    assert play(opens, scenario) == 0


def test_a_window_that_broke_down_before_is_told_of(opens: Opening, zoe: str) -> None:
    async def script(greenroom: Greenroom) -> int:
        await until(greenroom.window.sign_in.isVisible)
        assert greenroom.crash.isVisible()
        assert "Segmentation fault" in greenroom.crash.report.toPlainText()
        assert greenroom.faults == 0
        return 0

    assert (
        app.play(app.Start(opens, ZONE), script, nullcontext("Fatal Python error: Segmentation fault")) == 0
    )


def test_the_log_tells_what_happened_without_telling_of_anybody(
    opens: Opening, zoe: str, tmp_path: Path
) -> None:
    opens.failures = [errors.LocalServerFailed(f"The folder of {SECRET} is full.")]

    async def scenario(greenroom: Greenroom) -> None:
        await until(lambda: greenroom.window.starting.state() == "failed")
        greenroom.window.starting.findChildren(QPushButton)[0].click()
        await sign_in(greenroom)
        background.start(slip_later())
        await until(lambda: greenroom.faults)

    with logbook.kept(tmp_path):
        assert play(opens, scenario) == 0
    log = (tmp_path / logbook.NAME).read_text()
    for said in (
        "window: opened",
        "Opening: LocalServerFailed",
        "connection: opened: PostgreSQL 18.",
        "Slip in slip_later",
    ):
        assert said in log
    assert log.splitlines()[-1].endswith("window: closed, 1 faults")
    for personal in (SECRET, "zoe", str(Database(opens.url).url.database)):
        assert personal not in log


def test_a_fault_of_the_database_is_told_by_its_code_on_one_line(
    opens: Opening, zoe: str, capsys: pytest.CaptureFixture[str]
) -> None:
    async def scenario(greenroom: Greenroom) -> None:
        await until(greenroom.window.sign_in.isVisible)
        greenroom.caught.fault(Scrubbed("23514", "some_check", "new row violates\ncheck constraint"))
        greenroom.caught.fault(asyncio.CancelledError())
        assert greenroom.window.sign_in.error() == "Something in Greenroom broke (Scrubbed). Try again."

    assert play(opens, scenario) == 0
    (line,) = capsys.readouterr().err.splitlines()
    assert line.endswith("Scrubbed (23514 some_check new row violates check constraint)")


def test_a_fault_shows_where_it_happened_when_traces_are_asked_for(
    opens: Opening, zoe: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GREENROOM_DEBUG", "1")

    async def scenario(greenroom: Greenroom) -> None:
        await until(greenroom.window.sign_in.isVisible)
        background.start(slip_later())
        await until(lambda: greenroom.faults)

    assert play(opens, scenario) == 0
    assert "in slip_later" in capsys.readouterr().err


def test_what_the_loop_complains_of_is_a_fault_too(
    opens: Opening, zoe: str, capsys: pytest.CaptureFixture[str]
) -> None:
    async def scenario(greenroom: Greenroom) -> None:
        await until(greenroom.window.sign_in.isVisible)
        asyncio.get_running_loop().call_exception_handler({"message": "Task was destroyed"})
        assert greenroom.faults == 1

    assert play(opens, scenario) == 0
    assert capsys.readouterr().err == "greenroom: a fault in Greenroom: asyncio (Task was destroyed)\n"


def test_a_script_that_breaks_closes_the_window_and_comes_out(opens: Opening, zoe: str) -> None:
    async def scenario(greenroom: Greenroom) -> None:
        await until(lambda: opens.asked)
        raise Slip

    before = sys.excepthook
    with pytest.raises(Slip):
        play(opens, scenario)
    assert opens.server.closed == 1
    assert sys.excepthook is before


def test_light_and_dark_are_switched_while_running_and_remembered(
    opens: Opening, zoe: str, remembered: QSettings, qapp: QApplication
) -> None:
    async def choose(greenroom: Greenroom) -> None:
        await sign_in(greenroom)
        ctrl = Qt.KeyboardModifier.ControlModifier
        await until(lambda: QApplication.focusWidget() is not None)
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_D, ctrl | Qt.KeyboardModifier.ShiftModifier)
        assert theme.current() is theme.DARK
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Plus, ctrl)
        assert theme.scale() == 1.1

    async def look(_greenroom: Greenroom) -> None:
        assert theme.mode() == "dark"
        assert theme.current() is theme.DARK
        assert theme.scale() == 1.1

    assert play(opens, choose) == 0
    remembered.sync()
    assert remembered.value("theme") == "dark"
    theme.apply(qapp, "light")
    assert play(opens, look) == 0


def test_a_remembered_theme_that_is_none_is_as_the_system_does(
    opens: Opening, zoe: str, remembered: QSettings
) -> None:
    remembered.setValue("theme", "purple")
    remembered.sync()

    async def look(_greenroom: Greenroom) -> None:
        assert theme.mode() == "system"

    assert play(opens, look) == 0


def test_the_window_tells_what_opening_is_busy_with_and_closing_it_stops_that(qapp: QApplication) -> None:
    preparation = Preparation()
    stopped: list[int] = []

    def opens() -> Opened:
        try:
            while True:
                preparation.progress("Writing 1,000,000 registrations", 10, 100)
                time.sleep(0.001)
        except PreparingStopped:
            stopped.append(preparation.stage.done)
            raise

    async def script(greenroom: Greenroom) -> int:
        starting = greenroom.window.starting
        await until(lambda: starting.sentence() == "Writing 1,000,000 registrations")
        bar = starting.findChild(QProgressBar)
        assert bar is not None
        await until(lambda: (bar.value(), bar.maximum()) == (10, 100))
        greenroom.close()
        return 0

    assert app.play(app.Start(opens, ZONE, preparation=preparation), script) == 0
    assert stopped == [10]
