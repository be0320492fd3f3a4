"""Every screen as a picture: ``python -m tests.screenshots FOLDER``, or ``make screenshots``.

Light and dark, full and empty, at 1360x800 and 1920x1080, and with text of 200 %. Open them: a screen nobody
looked at is not done. ``PLATFORM=xcb make screenshots`` draws them through X11 instead, under Xvfb.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import sys
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING
from unittest import mock
from uuid import uuid4
from zoneinfo import ZoneInfo

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import Qt

from desktop import app, background, faults
from desktop.db import embedded, upgrade
from desktop.db.session import Database
from desktop.driving import CTRL, ENTER, Driver
from desktop.faults import reporting
from desktop.services import demo, opening
from desktop.services.connections import Profile
from desktop.services.demo.plans import WORKSPACE_ZONE
from desktop.views import bulk_steps, long_work, theme
from desktop.views.crash import drawn
from desktop.views.widgets.search_field import SearchField
from desktop.views.widgets.states import LOADING_AFTER_MS

if TYPE_CHECKING:
    from collections.abc import Callable

SIZES = ((1360, 800), (1920, 1080))
CARDS: tuple[tuple[str, theme.Mode, float], ...] = (
    ("light-1360x800", "light", 1.0),
    ("dark-1360x800", "dark", 1.0),
    ("light-200-percent", "light", 2.0),
)
EMPTY, FULL = "empty", "full"


class Photographer(Driver):
    """Goes everywhere and takes a picture in every light."""

    async def everywhere(self, what: str) -> int:
        """All pictures of a full or an empty database."""
        self.window.activateWindow()  # under Xvfb there is no window manager that would do it
        await self.until(self.window.isActiveWindow, "the keyboard")
        if what == FULL:
            await self.sign_in_card()
            await self.connections()
            self.window.show_page(self.window.sign_in)
            self.window.sign_in.login.editor.setFocus()
        else:
            await self.until(self.window.first_run.isVisible, "the first-run card")
            await self.states()
            self.window.show_page(self.window.first_run)
            self.window.first_run.show_database(self.database)
            await self.first_run_card()
        theme.apply(self.greenroom.qt, "light")
        if what == FULL:
            await self.sign_in(demo.STAFF[0].username)
        else:
            await self.make_the_first_admin()
        for mode in ("light", "dark"):
            for width, height in SIZES:
                theme.apply(self.greenroom.qt, mode)
                self.window.resize(width, height)
                await (self.full if what == FULL else self.empty)(f"{mode}-{width}x{height}")
        if what == FULL:
            await self.report()
            for width, height in SIZES:
                theme.apply(self.greenroom.qt, "light", 2.0)
                self.window.resize(width, height)
                await self.full(f"light-{width}x{height}-200-percent")
        return 1 if self.greenroom.faults else 0

    async def sign_in_card(self) -> None:
        """Empty, and after a wrong password."""
        card = self.window.sign_in
        await self.until(card.isVisible, "the sign-in card")
        card.offer_connections([("here", "This computer"), ("gala", "Gala office · db.gala.example")], "gala")
        await self.card("sign-in")
        self.type(demo.STAFF[0].username)
        self.press(ENTER)
        self.type("not-the-password")
        self.press(ENTER)
        await self.until(card.error, "the refusal")
        await self.card("sign-in-refused")
        card.login.editor.setFocus()
        card.login.editor.clear()

    async def connections(self) -> None:
        """The page of connections and the two outcomes of a test, and the card that asks for a password."""
        page, url = self.window.connections, self.database.url
        here = Profile(uuid4(), "Rehearsal", str(url.query["host"]), url.database or "", url.username or "")
        kept = (
            Profile(uuid4(), "Gala office", "db.gala.example", "events", "asha.menon"),
            Profile(
                uuid4(), "معرض القاهرة الدولي للكتاب", "one.fair.example,two.fair.example", "fair", "noor"
            ),
            here,
            Profile(uuid4(), "Nobody answers", "127.0.0.1", "events", "asha", 1),
        )
        page.open(self.folder, kept, str(kept[0].id))
        self.window.show_page(page)
        await self.card("connections")
        for name, profile in (("found", here), ("failed", kept[3])):
            page.open(self.folder, kept, str(profile.id))
            page.test.start()
            await self.until(lambda: page.error() and not page.test.running, "the outcome of the test")
            await self.card(f"connections-test-{name}")
        card = self.window.connect_page
        card.offer_connections([("gala", "Gala office · db.gala.example")], "gala")
        self.window.show_page(card)
        card.ask_password("Gala office asks for the password of “asha.menon”.")
        card.offer_to_remember()
        await self.card("database-password")

    async def first_run_card(self) -> None:
        """Empty, and with something wrong in a field."""
        card = self.window.first_run
        await self.until(card.isVisible, "the first-run card")
        await self.card("first-run")
        for text in ("ada", "ada@example.org", demo.DEMO_PASSWORD, "something else"):
            self.type(text)
            self.press(ENTER)
        await self.until(card.again.error, "the refusal")
        await self.card("first-run-refused")
        for field in (card.again, card.password, card.email, card.username):
            field.editor.clear()
            field.editor.setFocus()

    async def report(self) -> None:
        """The window that tells a fault, in each light, and in large text. Nothing broke."""
        crash = self.greenroom.crash
        fault = faults.Fault(
            "LookupError", way=("LookupError", "  desktop/views/events.py:142 in _read_panel")
        )
        lines = ["2026-11-27T20:41:06.123Z INFO 4711 window: opened"]
        for light, mode, scale in CARDS:
            theme.apply(self.greenroom.qt, mode, scale)
            crash.show_faults(reporting.of_faults({fault: 2}, 2, drawn(self.greenroom.qt), lines))
            await self.settle()
            crash.grab().save(str(self.folder / f"fault-{light}.png"))
            crash.reject()
        self.window.activateWindow()  # offscreen, nothing gives the keyboard back to it
        await self.until(self.window.isActiveWindow, "the keyboard")

    async def card(self, name: str) -> None:
        """A card in each light, and in large text."""
        for light, mode, scale in CARDS:
            theme.apply(self.greenroom.qt, mode, scale)
            await self.take(name, light)

    async def full(self, light: str) -> None:
        """The demo's database."""
        self.shell.go("events")
        await self.take("events", light)
        events = self.shell.current_screen()
        search = events.findChildren(SearchField)[0]
        search.setText("nothing is called this")
        await self.take("events-nothing-found", light)
        search.clear()
        await self.list_of(demo.MONSOON)
        await self.take("registrations", light)
        screen = self.registrations
        screen.filters.search.setText("zoë fern")
        await self.take("registrations-waitlisted", light)
        screen.filters.search.setText("nobody is called this")
        await self.take("registrations-nothing-found", light)
        screen.filters.search.clear()
        await self.settle()
        self.press(Qt.Key.Key_K, CTRL)
        await self.take("commands", light)
        self.type("zoe")
        await self.take("commands-found", light)
        self.press(Qt.Key.Key_Escape)
        self.press(Qt.Key.Key_F1)
        await self.take("shortcuts", light)
        self.press(Qt.Key.Key_Escape)
        screen.messages.error(
            "The database gala-db cannot be reached. Nothing was changed; check the network and try again.",
            retry=screen.refresh,
        )
        self.shell.following.told.emit("offline", "Offline since 09:12", "Offline since 09:12")
        await self.take("registrations-offline", light)
        screen.messages.dismiss()
        self.shell.following.say()
        self.press(Qt.Key.Key_N, CTRL)
        await self.take("registrations-add", light)
        self.press(Qt.Key.Key_Escape)
        screen.list.reach()
        self.press(Qt.Key.Key_I, CTRL)
        await self.take("import-start", light)
        file = self.folder / "attendees.csv"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(demo.export_csv(dt.datetime.now().astimezone().date()), encoding="utf-8")
        screen.importing.read(file)
        await self.until(screen.importing.report.isVisible, "the report of the import")
        await self.take("import-checked", light)
        file.unlink()
        self.press(Qt.Key.Key_Escape)
        await self.several(light)
        self.shell.go("audit")
        await self.take("audit", light)

    async def several(self, light: str) -> None:
        """Many registrations at once: what is asked, how far it is, what became of each; taken back afterwards."""
        screen = self.registrations
        screen.list.reach()
        self.press(Qt.Key.Key_A, CTRL)
        await self.until(screen.bulk.panel.offers["cancel"].isEnabled, "what those selected are")
        await self.take("registrations-several", light)
        self.press(Qt.Key.Key_B, CTRL)
        await self.take("bulk-question", light)
        self.press(Qt.Key.Key_Escape)
        so_far = threading.Event()

        def wait(progress: Callable[[int, int], None], _asking: object) -> None:
            progress(1_250, 48_213)
            so_far.wait()

        work = background.start(screen.bulk.work.run(bulk_steps.doing("cancel"), 48_213, wait))
        await self.until(screen.bulk.work.isVisible, "the bar of long work")
        await asyncio.sleep(long_work.KNOWN_AFTER_SECONDS)
        await self.take("bulk-progress", light)
        so_far.set()
        await work
        screen.filters.search.setText("garg")
        pane = screen.list.pane
        await self.until(lambda: pane is not None and 0 < pane.model.rowCount() < 200, "those called so")
        await self.settle()
        screen.list.reach()
        self.press(Qt.Key.Key_A, CTRL)
        await self.settle()
        await self.until(screen.bulk.panel.offers["promote"].isEnabled, "what those selected are")
        self.press(Qt.Key.Key_P, CTRL)  # most of them have a seat already, and are refused
        await self.until(screen.bulk.report.isVisible, "what became of each")
        await self.take("bulk-report", light)
        if screen.bulk.report.undo.isEnabled():
            await self.told(lambda: self.press(Qt.Key.Key_Z, CTRL))
        else:
            self.press(Qt.Key.Key_Escape)
        await self.until(
            lambda: not screen.bulk.work.running and not screen.bulk.report.isVisible(), "the list"
        )
        screen.filters.search.clear()
        await self.settle()
        screen.list.reach()
        self.press(Qt.Key.Key_Home)  # one person again

    async def states(self) -> None:
        """Before there is anything to show: waiting, and what went wrong."""
        for light, mode, scale in CARDS:
            theme.apply(self.greenroom.qt, mode, scale)
            self.window.show_starting("Opening the database…")
            await asyncio.sleep(2 * LOADING_AFTER_MS / 1000)
            self.picture(f"starting-{light}")
            self.window.show_failed(
                "The database gala-db cannot be reached. Check the network.", lambda: None
            )
            await self.take("failed", light)
            self.window.starting.show_offline("There is no connection to gala-db.", lambda: None)
            await self.take("offline", light)

    async def empty(self, light: str) -> None:
        """A database nobody has used yet."""
        for place in ("events", "registrations", "audit"):
            self.shell.go(place)
            await self.take(f"{place}-empty", light)

    async def make_the_first_admin(self) -> None:
        """Fill the first-run card."""
        for text in ("ada", "ada@example.org", demo.DEMO_PASSWORD, demo.DEMO_PASSWORD):
            self.type(text)
            self.press(ENTER)
        await self.until(lambda: self.window.shell is not None, "the first admin's window")

    async def take(self, name: str, light: str) -> None:
        """A picture, when what is on its way has been painted."""
        await self.settle()
        self.picture(f"{name}-{light}")


def main(folder: Path) -> int:
    """Take all pictures into ``folder``; 0 when every screen was reached and nothing broke."""
    code = 0
    with (
        tempfile.TemporaryDirectory() as place,
        mock.patch.dict(os.environ, {"XDG_CONFIG_HOME": place}),  # nobody's own columns and looks
        embedded.start(Path(place) / "server", durable=False) as server,
    ):
        for name in (EMPTY, FULL):
            server.ensure_database(name)
            database = Database(server.url(name))
            upgrade.upgrade(database)
            if name == FULL:
                demo.fill(database, dt.datetime.now().astimezone().date())
            opened = opening.Opened(database, None)
            start = app.Start(lambda opened=opened: opened, ZoneInfo(WORKSPACE_ZONE))
            code |= app.play(
                start, lambda greenroom, d=database, n=name: Photographer(greenroom, d, folder).everywhere(n)
            )
    return code


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
