"""The demo playing itself: the real window, driven by its keyboard, checked against the database.

``make demo`` plays it where there is no display. Each step says what it did and what the database then holds,
and leaves a picture; a step that does not happen ends the tour with exit code 1.
"""

from __future__ import annotations

import datetime as dt
import sys
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from PySide6.QtCore import Qt

from desktop import app
from desktop.driving import CTRL, ENTER, Driver, StepMissing
from desktop.services import demo, opening
from desktop.services.demo.plans import WORKSPACE_ZONE
from desktop.views import theme
from desktop.views.audit import AuditScreen
from desktop.views.events import EventsScreen

if TYPE_CHECKING:
    from pathlib import Path

    from desktop.db.session import Database

IMPORTED = 12
"""Rows of the demo's export that can be imported; two more have something wrong with them."""

PEOPLE = (
    "SELECT count(*) FROM event_registrations r JOIN packages p ON p.id = r.package_id WHERE p.slug = :slug"
)
HELD = "SELECT held FROM package_seats s JOIN packages p ON p.id = s.package_id WHERE p.slug = :slug"
SEATS = """
SELECT p.name || ': ' || s.held || coalesce(' of ' || s.capacity, '') || ' seats held, '
       || (SELECT count(*) FROM event_registrations r WHERE r.package_id = p.id AND r.status = 'waitlisted')
       || ' waiting'
  FROM packages p JOIN package_seats s ON s.package_id = p.id WHERE p.slug = :slug
"""
INSIDE = """
SELECT count(*) FROM event_registrations r JOIN events e ON e.id = r.event_id
 WHERE e.slug = :slug AND r.status = 'attended'
"""
LATEST = "SELECT action_type || ': ' || description FROM admin_logs ORDER BY logged_at DESC, id LIMIT 1"


def play(database: Database, folder: Path) -> int:
    """Play the tour on a database of fresh demo data, without a display; pictures go to ``folder``.

    0 when every step happened, 1 with a sentence on stderr when one did not.
    """
    start = app.Start(lambda: opening.Opened(database, None), ZoneInfo(WORKSPACE_ZONE))
    return app.play(start, lambda greenroom: Tour(greenroom, database, folder).play())


class Tour(Driver):
    """The steps; what one leaves behind, the next one finds."""

    pictures = 0

    async def play(self) -> int:
        """Every step in turn; the exit code."""
        self.window.resize(1360, 800)
        theme.apply(self.greenroom.qt, "light")
        try:
            await self.come_in()
            await self.look_at_events()
            await self.import_a_file()
            await self.promote()
            await self.check_in_and_undo()
            await self.cancel()
            await self.read_the_log()
            await self.show_dark()
            self.must(not self.greenroom.faults, "something in Greenroom broke on the way; see above")
        except StepMissing as error:
            self.picture("stopped")
            print(f"greenroom: the tour stopped: {error}", file=sys.stderr)
            return 1
        return 0

    async def come_in(self) -> None:
        """Sign in, as an organizer."""
        await self.until(self.window.sign_in.isVisible, "the sign-in card")
        self.show("sign-in")
        await self.sign_in(demo.STAFF[0].username)
        self.tell(f"Signed in as {demo.STAFF[0].name}.", await self.value(LATEST))

    async def look_at_events(self) -> None:
        """Down the list of events to the big one, and with Enter to its registrations."""
        screen = self.shell.current_screen()
        if not isinstance(screen, EventsScreen):
            raise StepMissing("the events are not what is seen first")
        await self.until(lambda: screen.list.row() is not None, "the list of events")
        await self.settle()
        for _ in range(20):
            row = screen.list.row()
            if row is not None and row.title == "Monsoon Data Summit":
                break
            self.press(Qt.Key.Key_Down)
        await self.settle()
        self.show("events")
        self.press(ENTER)
        await self.until(
            lambda: self.registrations.panel.shown() is not None, "the registrations of the event"
        )
        await self.settle()
        self.show("registrations")
        self.tell(
            "Opened the registrations of Monsoon Data Summit.",
            await self.value(SEATS, demo.MONSOON_WORKSHOP),
        )

    async def import_a_file(self) -> None:
        """A small export of another system: first what it would do, then doing it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        file = self.folder / "attendees.csv"
        file.write_text(demo.export_csv(dt.datetime.now().astimezone().date()), encoding="utf-8")
        known = await self.value(PEOPLE, demo.MONSOON_CONFERENCE)
        self.press(Qt.Key.Key_I, CTRL)
        page = self.registrations.importing
        await self.until(page.isVisible, "the page for importing")
        page.read(file)
        await self.until(page.report.isVisible, "the report of what would be imported")
        page.columns.package.setFocus()
        self.type("Conf")
        await self.settle()
        await self.until(page.report.isVisible, "the report for the package Conference")
        self.show("import-checked")
        done: list[object] = []
        page.imported.connect(done.append)
        self.press(ENTER, CTRL)
        await self.until(lambda: done, "the file to be imported")
        await self.settle()
        self.show("imported")
        added = await self.value(PEOPLE, demo.MONSOON_CONFERENCE) - known
        self.must(added == IMPORTED, f"{added} people were imported into Conference, not {IMPORTED}")
        self.tell(f"Imported {file.name}: {added} people.", await self.value(SEATS, demo.MONSOON_CONFERENCE))
        self.press(Qt.Key.Key_Escape)

    async def promote(self) -> None:
        """The next in line gets one of the free seats."""
        await self.list_of(demo.RUNNING, "waitlisted")
        held = await self.value(HELD, demo.RUNNING_PASS)
        await self.offered(self.registrations.panel.offers.promote_next, "“Promote next”")
        await self.settle()
        self.show("waitlist")
        said = await self.told(lambda: self.press(Qt.Key.Key_P, CTRL))
        self.show("promoted")
        self.must(await self.value(HELD, demo.RUNNING_PASS) == held + 1, f"no seat was given: {said}")
        self.tell(said, await self.value(SEATS, demo.RUNNING_PASS))

    async def check_in_and_undo(self) -> None:
        """A guest with a paid ticket comes in, and goes out again."""
        await self.list_of(demo.RUNNING, "registered")
        screen = self.registrations
        for _ in range(50):
            if (row := self.selected()) is not None and not row.payment_due:
                break
            self.press(Qt.Key.Key_Down)
        await self.offered(screen.panel.offers.check_in, "“Check in”")
        inside = await self.value(INSIDE, demo.RUNNING)
        said = await self.told(lambda: self.press(ENTER, CTRL))
        self.show("checked-in")
        self.must(await self.value(INSIDE, demo.RUNNING) == inside + 1, f"nobody was checked in: {said}")
        self.tell(said, f"{inside + 1} inside; {await self.value(LATEST)}")
        said = await self.told(lambda: self.press(Qt.Key.Key_Z, CTRL))
        self.show("undone")
        self.must(
            await self.value(INSIDE, demo.RUNNING) == inside, f"the check-in was not taken back: {said}"
        )
        self.tell(said, f"{inside} inside; {await self.value(LATEST)}")

    async def cancel(self) -> None:
        """Somebody cancels, and the seat goes to the first in line."""
        await self.list_of(demo.MONSOON, "registered")
        screen = self.registrations
        screen.filters.packages.setFocus()
        self.type("Work")
        await self.settle()
        screen.list.reach()
        await self.offered(screen.panel.offers.cancel, "“Cancel registration”")
        self.press(Qt.Key.Key_Backspace, CTRL)
        await self.until(screen.panel.question, "the question before cancelling")
        await self.settle()
        self.show("cancel-asked")
        said = await self.told(screen.panel.offers.confirm.start)
        self.show("cancelled")
        seats = await self.value(SEATS, demo.MONSOON_WORKSHOP)
        self.must("120 of 120" in seats and "60 waiting" in seats, f"the seat was not passed on: {seats}")
        self.tell(said, seats)

    async def read_the_log(self) -> None:
        """Each of these stands in the audit log."""
        self.shell.go("audit")
        screen = self.shell.current_screen()
        if not isinstance(screen, AuditScreen):
            raise StepMissing("the audit log is not what is shown")
        await self.until(lambda: screen.list.row() is not None, "the audit log")
        await self.settle()
        self.show("audit-log")
        for action in ("registration.import", "waitlist.promote", "attendance.admit", "registration.cancel"):
            sql = "SELECT description FROM admin_logs WHERE action_type = :slug ORDER BY logged_at DESC, id LIMIT 1"
            said = await self.value(sql, action)
            self.must(said, f"the log has no {action}")
            self.tell(f"Found {action} in the log.", said)

    async def show_dark(self) -> None:
        """The same in dark."""
        theme.apply(self.greenroom.qt, "dark")
        await self.list_of(demo.MONSOON)
        self.show("dark")
        self.tell("Showed dark mode.", f"pictures are in {self.folder}")

    def show(self, name: str) -> None:
        """A numbered picture."""
        self.pictures += 1
        self.picture(f"{self.pictures:02}-{name}")

    def tell(self, step: str, holds: object) -> None:
        """What was done, and what the database now holds."""
        print(f"✓ {step}\n    {holds}", flush=True)

    def must(self, happened: object, otherwise: str) -> None:
        """End the tour with this sentence unless it happened."""
        if not happened:
            raise StepMissing(otherwise)
