"""The program testing itself on a person's computer: the real window, driven by its keyboard, on a database of its own.

``greenroom self-test`` runs it, from the packed program as well. Whatever it makes lies in one temporary folder, never
in the person's: a local server, a database, settings. Each step leaves a line; the first that does not happen ends it.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import secrets
import shutil
import stat
import tempfile
import time
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from PySide6.QtCore import QSettings, Qt

from desktop import app, background, errors
from desktop.db import embedded, embedded_cluster, upgrade
from desktop.driving import CTRL, ENTER, Driver, StepMissing, until
from desktop.services import attendance, demo, events, opening, packages
from desktop.services.attendance import Admission

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from desktop.running import Greenroom
    from desktop.services.opening import Opened

BOUND_SECONDS = 120.0
"""How long all of it may take; 6 s on a quick computer."""

PREFIX = "greenroom-self-test-"
LEFT_SECONDS = 600.0
"""A folder that is older is nobody's any more: its self-test was killed."""

ZONE = ZoneInfo("Europe/Berlin")
EVENT, PACKAGE = "self-test", "self-test-day"
SEATS = 5
IMPORTED = 12
"""Rows of the demo's export that can be imported; two more have something wrong with them."""

ADMIN = "self.test"
COUNT = (
    "SELECT count(*) FROM event_registrations r JOIN packages p ON p.id = r.package_id"
    " WHERE p.slug = :slug AND r.status = "
)


def run(say: Callable[[str], None], complain: Callable[[str], None]) -> int:
    """Test this computer, without a display. 0 when every step happened, each with a line to ``say``; else 1, and
    ``complain`` is told which did not."""
    _take_away_left()
    with tempfile.TemporaryDirectory(prefix=PREFIX) as name:
        folder = Path(name)
        _remember_in(folder)
        trial = Trial(folder, say, complain)
        try:
            code = app.play(app.Start(trial.open, ZONE), trial.play)
            if code == 0:
                trial.begin("quit")
                trial.gone()
        except errors.AppError as error:
            trial.complain(str(error))
            return 1
        except BaseException:
            complain(f"the self-test stopped at “{trial.step}”.")
            raise
        return code


class Trial:
    """The steps; what one leaves behind, the next one finds. ``step`` is the one being taken."""

    def __init__(self, folder: Path, say: Callable[[str], None], complain: Callable[[str], None]) -> None:
        self.step = "start"
        self._folder = folder
        self._say = say
        self._complain = complain
        self._opened: Opened | None = None
        self._driver: Driver

    def open(self) -> Opened:
        """A database of this test's own on a local server of its own. Called off the GUI thread."""
        self._opened = opening.open_local(self._folder / "postgres", "greenroom")
        return self._opened

    async def play(self, greenroom: Greenroom) -> int:
        """Every step in turn but the last; the exit code."""
        try:
            await asyncio.wait_for(self._play(greenroom), BOUND_SECONDS)
        except errors.AppError as error:
            self.complain(str(error))
        except TimeoutError:
            self.complain(f"it is not done after {BOUND_SECONDS:.0f} s")
        else:
            return 0
        return 1

    def begin(self, step: str) -> None:
        """Remember what is being done, for the case that it is not."""
        self.step = step

    def done(self, what: str) -> None:
        """The line of a step that happened."""
        self._say(f"✓ {self.step}: {what}")

    def complain(self, why: str) -> None:
        """The line of a step that did not."""
        self._complain(f"the self-test stopped at “{self.step}”: {why}")

    def gone(self) -> None:
        """Nothing of it runs any more: the window closed, the local server stopped."""
        server = self._opened.server if self._opened is not None else None
        if server is not None and embedded_cluster.of(server.folder).running():
            raise StepMissing("the local server is still running")
        self.done("the window closed and the local server stopped")

    async def _play(self, greenroom: Greenroom) -> None:
        self.begin("local server")
        page, starting = greenroom.window.first_run, greenroom.window.starting
        await until(lambda: page.isVisible() or starting.state() == "failed", "the database to be opened")
        if self._opened is None:
            raise StepMissing(starting.sentence())
        driver = self._driver = Driver(greenroom, self._opened.database, self._folder)
        version = await driver.value("SELECT current_setting('server_version')")
        self.done(f"PostgreSQL {version} runs, in a folder of its own")
        self.begin("upgrade")
        self._must(
            await background.run(upgrade.is_current, driver.database), "the schema is not this program's"
        )
        self.done(f"an empty database has schema {upgrade.newest()} now")
        await self._sign_in()
        await self._import(await background.run(self._event))
        await self._check_in()
        await self._promote()
        self._must(not greenroom.faults, "something in Greenroom broke on the way; see above")

    async def _sign_in(self) -> None:
        """The first admin is made, signs out, and signs in again."""
        self.begin("sign in")
        driver = self._driver
        password = secrets.token_urlsafe(12)
        for text in (ADMIN, "self.test@example.org", password, password):
            driver.type(text)
            driver.press(ENTER)
        await driver.until(lambda: driver.window.shell is not None, "the first admin to be made")
        driver.shell.sign_out_asked.emit()
        await driver.until(driver.window.sign_in.isVisible, "the sign-in card")
        driver.type("self.test")
        if driver.window.sign_in.login.editor.hasFocus():
            driver.press(ENTER)
        driver.type(password)
        driver.press(ENTER)
        await driver.until(lambda: driver.window.shell is not None, "the window of somebody signed in")
        self.done(f"made {driver.shell.workspace.actor.name} the first admin, signed out and in again")

    def _event(self) -> UUID:
        """An event that began an hour ago, with a package of few seats."""
        workspace = self._driver.shell.workspace
        began = dt.datetime.now(ZONE).replace(tzinfo=None) - dt.timedelta(hours=1)
        event = events.create(
            workspace.database,
            workspace.actor,
            ZONE,
            title="Self-test",
            slug=EVENT,
            location="This computer",
            start_time=began.replace(tzinfo=ZONE),
            end_time=(began + dt.timedelta(hours=6)).replace(tzinfo=ZONE),
        )
        details = packages.Details("Day", Decimal(0), slug=PACKAGE)
        packages.create(
            workspace.database, workspace.actor, packages.NewPackage(details, event.id, SEATS), ZONE
        )
        events.publish(workspace.database, workspace.actor, event.id, ZONE)
        return event.id

    async def _import(self, event: UUID) -> None:
        self.begin("import")
        driver = self._driver
        file = self._folder / "attendees.csv"
        today = dt.datetime.now(ZONE).date()
        await background.run(file.write_text, demo.export_csv(today), encoding="utf-8")
        driver.shell.go("registrations", event)
        await driver.until(lambda: driver.registrations.list.pane is not None, "the list of registrations")
        await driver.settle()
        driver.press(Qt.Key.Key_I, CTRL)
        page = driver.registrations.importing
        await driver.until(page.isVisible, "the page for importing")
        page.read(file)
        await driver.until(page.report.isVisible, "the report of what would be imported")
        done: list[object] = []
        page.imported.connect(done.append)
        driver.press(ENTER, CTRL)
        await driver.until(lambda: done, "the file to be imported")
        seated, waiting = await self._people("registered"), await self._people("waitlisted")
        self._must(
            (seated, waiting) == (SEATS, IMPORTED - SEATS), f"{seated} got a seat and {waiting} are waiting"
        )
        self.done(f"{IMPORTED} people from a CSV file, {seated} with a seat and {waiting} waiting")
        await driver.settle()
        driver.press(Qt.Key.Key_Escape)

    async def _check_in(self) -> None:
        self.begin("check in")
        driver = self._driver
        await driver.list_of(EVENT, "registered")
        await driver.offered(driver.registrations.panel.offers.check_in, "“Check in”")
        said = await driver.told(lambda: driver.press(ENTER, CTRL))
        self._must(await self._people("attended") == 1, f"nobody was checked in: {said}")
        self.done(said)

    async def _promote(self) -> None:
        """Somebody does not come, and the first in line gets the seat."""
        self.begin("promote")
        driver = self._driver
        await background.run(self._nobody_came)
        await driver.list_of(EVENT, "waitlisted")
        await driver.offered(driver.registrations.panel.offers.promote_next, "“Promote next”")
        waiting = await self._people("waitlisted")
        said = await driver.told(lambda: driver.press(Qt.Key.Key_P, CTRL))
        self._must(await self._people("waitlisted") == waiting - 1, f"nobody was promoted: {said}")
        self.done(said)

    def _nobody_came(self) -> None:
        """One of those with a seat is a no-show."""
        workspace = self._driver.shell.workspace
        with workspace.database.transaction() as tx:
            absent = tx.value(
                "SELECT id FROM event_registrations WHERE status = 'registered' ORDER BY id LIMIT 1"
            )
        attendance.no_show(workspace.database, workspace.actor, Admission(absent, "self-test"))

    async def _people(self, status: str) -> int:
        return int(await self._driver.value(f"{COUNT} '{status}'", PACKAGE))

    def _must(self, happened: object, otherwise: str) -> None:
        if not happened:
            raise StepMissing(otherwise)


def _take_away_left() -> None:
    """What self-tests left that were killed: a server goes on running for ever, for whoever comes next, and here nobody
    does. What cannot be taken away is no reason to test nothing."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with suppress(errors.LocalServerFailed, OSError):
            made = folder.lstat()
            ours = not hasattr(os, "getuid") or made.st_uid == os.getuid()
            if not ours or not stat.S_ISDIR(made.st_mode) or made.st_mtime > time.time() - LEFT_SECONDS:
                continue
            server = folder / "postgres"
            if not server.is_dir() or embedded.remove(server):
                shutil.rmtree(folder)


def _remember_in(folder: Path) -> None:
    """What the window remembers on this computer is neither read nor written."""
    QSettings.setDefaultFormat(QSettings.Format.IniFormat)
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(folder / "settings"))
