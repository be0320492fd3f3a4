"""Choosing the database in the real window: at the start, on the card, from inside, and what fails on the way."""

from __future__ import annotations

import asyncio
import socket
import threading
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from PySide6.QtCore import QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from desktop import app, background, connecting
from desktop.db import locations
from desktop.db.session import Database
from desktop.services import accounts, connections
from desktop.services.connections import GIVEN, LOCAL, Profile
from desktop.services.opening import Opened
from desktop.starting import Choosing, Start
from tests import keyrings
from tests.keyrings import Memory
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from desktop.running import Greenroom
    from tests.spare import Spare

pytestmark = pytest.mark.usefixtures("remembered", "quick_hashes", "light_again")

PASSWORD = "kaffee-und-Küchen-42"
SECRET = "the-databases-own-42"
Scenario = Any


@dataclass
class Here:
    """This computer's own database, opened when it may; notes what was opened and closed."""

    url: str
    may: threading.Event = field(default_factory=threading.Event)
    asked: int = 0
    closed: int = 0
    databases: list[Database] = field(default_factory=list)

    def __call__(self) -> Opened:
        self.asked += 1
        self.may.wait(10)
        self.databases.append(Database(self.url))
        return Opened(self.databases[-1], self)  # type: ignore[arg-type]

    def close(self) -> None:
        self.closed += 1


@pytest.fixture
def here(database_url: str) -> Iterator[Here]:
    """Where nobody has an account yet."""
    made = Here(database_url)
    made.may.set()
    yield made
    made.may.set()


@pytest.fixture
def zoe(database: Database) -> str:
    """This computer's admin."""
    accounts.first_admin(database, "zoe", "zoe@example.org", PASSWORD)
    return "zoe"


@pytest.fixture
def gala(spare: Spare) -> Iterator[Profile]:
    """The connection of another database, with another admin."""
    url = spare.take()
    database = Database(url)
    accounts.first_admin(database, "asha", "asha@example.org", PASSWORD)
    database.close()
    yield profile_of(url, "Gala office")
    spare.give_back()


def profile_of(url: str, name: str, **more: Any) -> Profile:
    address = sa.make_url(url)
    host = str(address.query.get("host", address.host))
    port = int(str(address.query.get("port") or address.port or 5432))
    return Profile(uuid4(), name, host, address.database or "", address.username or "", port, **more)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "config"


@pytest.fixture
def play(here: Here, folder: Path) -> Callable[..., int]:
    """Runs the program on what is kept in ``folder``."""

    def run(scenario: Scenario, **choosing: Any) -> int:
        async def script(greenroom: Greenroom) -> int:
            greenroom.window.activateWindow()
            await scenario(greenroom)
            return 0

        start = Start(here, ZoneInfo("Asia/Kolkata"), choosing=Choosing(folder, **choosing))
        return app.play(start, script)

    return run


async def sign_in(greenroom: Greenroom, name: str) -> None:
    card = greenroom.window.sign_in
    await until(lambda: card.isVisible() and card._database is not None)
    card.login.editor.setText(name)
    card.password.editor.setText(PASSWORD)
    card.action.start()
    await until(lambda: greenroom.window.shell is not None)


def on(greenroom: Greenroom) -> str | None:
    """The name of the database that is open."""
    opened = greenroom.connecting.opened
    return None if opened is None else opened.database.url.database


def test_a_first_run_on_this_computer_asks_for_nothing_but_offers_the_way_elsewhere(
    play: Callable[..., int], here: Here
) -> None:
    async def scenario(greenroom: Greenroom) -> None:
        card = greenroom.window.first_run
        await until(card.isVisible)
        assert not card.connection.isVisible()
        card.elsewhere.start()
        await until(greenroom.window.connections.isVisible)
        assert greenroom.window.connections.form.lines["name"].hasFocus()
        greenroom.window.connections.back.start()
        await until(card.isVisible)

    assert play(scenario) == 0
    assert here.closed == 1


@pytest.mark.usefixtures("zoe")
def test_another_connection_is_chosen_on_the_card_by_keyboard_and_remembered(
    play: Callable[..., int], here: Here, gala: Profile, folder: Path
) -> None:
    connections.keep(folder, gala)

    async def choose(greenroom: Greenroom) -> None:
        window = greenroom.window
        await until(window.sign_in.isVisible)
        assert on(greenroom) == here.databases[0].url.database
        box = window.sign_in.connections
        assert [box.itemText(at) for at in range(box.count())] == [
            "This computer",
            f"Gala office · {gala.host}",
            "",
            "Manage connections…",
        ]
        box.setFocus()
        QTest.keyClick(box, Qt.Key.Key_Down)
        assert box.view().isVisible()
        assert on(greenroom) == here.databases[0].url.database  # walking past opens nothing
        QTest.keyClick(box.view(), Qt.Key.Key_Down)
        QTest.keyClick(box.view(), Qt.Key.Key_Return)
        await until(lambda: on(greenroom) == gala.database)
        await sign_in(greenroom, "asha")
        assert here.closed == 1
        assert here.databases[0].engine.pool.checkedin() == 0

    async def look(greenroom: Greenroom) -> None:
        await until(greenroom.window.sign_in.isVisible)
        assert on(greenroom) == gala.database
        assert greenroom.window.sign_in.connections.current() == str(gala.id)

    assert play(choose) == 0
    assert play(look) == 0
    assert here.asked == 1


@pytest.mark.usefixtures("zoe")
def test_from_inside_one_switches_after_what_is_being_written_and_is_asked_about_what_was_typed(
    play: Callable[..., int], here: Here, gala: Profile, folder: Path
) -> None:
    connections.keep(folder, gala)
    written: list[str] = []
    go_on = threading.Event()

    async def scenario(greenroom: Greenroom) -> None:
        await sign_in(greenroom, "zoe")
        shell = greenroom.window.shell
        assert shell is not None
        menu = shell.side_bar.connections.menu_of_connections
        assert menu is not None
        other = next(one for one in menu.actions() if one.text().startswith("Gala office"))
        assert next(one for one in menu.actions() if one.isChecked()).text() == "This computer"
        shell.go("registrations")
        screen: Any = shell.current_screen()
        screen.form.lines[0].setText("Zoë Fern")
        other.trigger()
        assert screen.form.question.isVisibleTo(screen.form)
        assert greenroom.window.shell is shell

        async def work() -> None:
            await background.run(lambda: go_on.wait(10))
            written.append(on(greenroom) or "")

        background.start(work())
        screen.form.discard.click()
        await until(lambda: greenroom.window.shell is None)
        await asyncio.sleep(0.02)
        assert here.closed == 0
        go_on.set()
        await until(lambda: on(greenroom) == gala.database)
        await sign_in(greenroom, "asha")

    assert play(scenario) == 0
    assert written == [here.databases[0].url.database]
    assert here.closed == 1


@pytest.fixture
def closed() -> Iterator[int]:
    """A port where nobody listens, kept so that nobody will."""
    with socket.socket() as kept:
        kept.bind(("127.0.0.1", 0))
        yield kept.getsockname()[1]


@pytest.mark.usefixtures("zoe")
def test_a_failed_switch_is_a_sentence_on_a_card_where_another_can_be_chosen(
    play: Callable[..., int], here: Here, gala: Profile, folder: Path, closed: int
) -> None:
    nowhere = Profile(uuid4(), "Nowhere", "127.0.0.1", "events", "asha", closed)
    for one in (gala, nowhere):
        connections.keep(folder, one)

    async def scenario(greenroom: Greenroom) -> None:
        window = greenroom.window
        await until(window.sign_in.isVisible)
        greenroom.connecting.switch(str(nowhere.id))
        card = window.connect_page
        await until(card.error)
        assert "“events” on this computer cannot be reached (nothing answers there)" in card.error()
        assert card.connections.current() == str(nowhere.id)
        before = greenroom.connecting._turn
        card.action.start()
        await until(lambda: before < greenroom.connecting._turn == greenroom.connecting._told)
        assert "nothing answers there" in card.error()
        card.connections.chosen.emit(LOCAL)
        await until(window.sign_in.isVisible)
        assert on(greenroom) == here.databases[-1].url.database

    assert play(scenario) == 0
    assert here.closed == here.asked == 2


@pytest.fixture
def silent(monkeypatch: pytest.MonkeyPatch) -> Iterator[Profile]:
    """A connection that is taken and never answered."""
    real = locations.connect_arguments
    monkeypatch.setattr(locations, "connect_arguments", lambda url: real(url) | {"connect_timeout": 60})
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield Profile(uuid4(), "Silence", "127.0.0.1", "events", "asha", listening.getsockname()[1])


@pytest.mark.usefixtures("zoe")
def test_nobody_waits_for_a_server_that_does_not_answer(
    play: Callable[..., int], here: Here, silent: Profile, folder: Path
) -> None:
    connections.keep(folder, silent)

    async def back_and_forth(greenroom: Greenroom) -> None:
        window = greenroom.window
        await until(window.sign_in.isVisible)
        for _ in range(2):
            greenroom.connecting.switch(str(silent.id))
            await until(window.connect_page.isVisible)
            assert window.connect_page.connections.hasFocus()
            greenroom.connecting.switch(LOCAL)
            await until(window.sign_in.isVisible)
        assert on(greenroom) == here.databases[-1].url.database
        greenroom.connecting.switch(str(silent.id))
        await until(lambda: greenroom.connecting._reaching is not None)
        # and the window closes at once, although the server still says nothing

    assert play(back_and_forth) == 0
    assert here.closed == here.asked == 3


@pytest.mark.usefixtures("zoe")
def test_switching_to_and_fro_without_waiting_leaves_one_connection_open_and_one_listener(
    play: Callable[..., int],
    here: Here,
    gala: Profile,
    silent: Profile,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """This computer's, another one, and one that never answers."""
    for profile in (gala, silent):
        connections.keep(folder, profile)
    opened: list[Opened] = []
    connect = connections.connect

    def counted(profile: Profile, password: str = "") -> Opened:
        opened.append(connect(profile, password))
        return opened[-1]

    monkeypatch.setattr(connections, "connect", counted)

    async def scenario(greenroom: Greenroom) -> None:
        await until(greenroom.window.sign_in.isVisible)
        for number in range(21):
            key = (str(gala.id), str(silent.id), LOCAL)[number % 3]
            greenroom.connecting.switch(key)
            await asyncio.sleep(0.03 * (number % 4 == 3))
        greenroom.connecting.switch(str(gala.id))
        await until(lambda: on(greenroom) == gala.database)
        await until(lambda: here.closed == here.asked)
        await until(lambda: sum(one.name == "greenroom-listen" for one in threading.enumerate()) == 1)
        assert greenroom.connecting.opened is not None
        kept = [one for one in opened if one.database.engine.pool.checkedin()]  # type: ignore[attr-defined]
        assert [one.database for one in kept] == [greenroom.connecting.opened.database]

    assert play(scenario) == 0
    assert not any(one.name == "greenroom-listen" for one in threading.enumerate())


@pytest.mark.usefixtures("zoe")
def test_an_answer_that_comes_too_late_is_closed_and_not_shown(
    play: Callable[..., int], here: Here, gala: Profile, folder: Path
) -> None:
    connections.keep(folder, gala)
    here.may.clear()

    async def scenario(greenroom: Greenroom) -> None:
        await until(lambda: here.asked)
        greenroom.connecting.switch(str(gala.id))
        await until(lambda: on(greenroom) == gala.database)
        here.may.set()
        await until(lambda: here.closed)
        assert on(greenroom) == gala.database
        await sign_in(greenroom, "asha")

    assert play(scenario) == 0


@pytest.mark.usefixtures("zoe")
def test_what_the_command_line_names_wins_and_is_not_remembered(
    play: Callable[..., int], here: Here, gala: Profile, folder: Path, remembered: QSettings
) -> None:
    connections.keep(folder, gala)
    address = connections.address(gala).render_as_string(hide_password=False)

    async def given(greenroom: Greenroom) -> None:
        card = greenroom.window.sign_in
        await until(card.isVisible)
        assert card.connections.current() == GIVEN
        assert card.connections.currentText().startswith("From the command line")
        assert on(greenroom) == gala.database

    async def by_name(greenroom: Greenroom) -> None:
        await until(greenroom.window.sign_in.isVisible)
        assert greenroom.window.sign_in.connections.current() == str(gala.id)

    async def unreadable(greenroom: Greenroom) -> None:
        card = greenroom.window.connect_page
        await until(card.error)
        assert "more than one @" in card.error()
        assert SECRET not in card.error() + card.connections.currentText()

    assert play(given, given=address) == 0
    remembered.sync()
    assert remembered.value("connection") is None
    assert play(by_name, first=str(gala.id)) == 0
    assert play(unreadable, given=f"postgresql://u:{SECRET}@x@127.0.0.1/db") == 0
    assert SECRET not in repr(Choosing(folder, f"postgresql://u:{SECRET}@127.0.0.1/db"))


@pytest.fixture
def memory() -> Iterator[Memory]:
    with keyrings.in_use(Memory()) as made:
        yield made


@pytest.fixture
def asks(monkeypatch: pytest.MonkeyPatch) -> list[str | None]:
    """Servers that want `SECRET`; what they were offered."""
    from desktop import errors

    offered: list[str | None] = []
    real = connections.trying.opening.open_remote

    def open_remote(url: Any) -> Opened:
        offered.append(url.password)
        if not url.password:
            raise errors.PasswordWanted("“events” on db.gala.example wants a password.")
        if url.password != SECRET:
            raise errors.PasswordWrong("“events” did not accept the user name or password of the connection.")
        return real(url.set(password=None))

    monkeypatch.setattr(connections.trying.opening, "open_remote", open_remote)
    return offered


@pytest.mark.usefixtures("zoe")
def test_a_password_is_asked_for_and_remembered_when_that_is_wanted(
    play: Callable[..., int], gala: Profile, folder: Path, memory: Memory, asks: list[str | None], here: Here
) -> None:
    connections.keep(folder, gala)

    async def first_time(greenroom: Greenroom) -> None:
        card = greenroom.window.connect_page
        await until(greenroom.window.sign_in.isVisible)
        greenroom.connecting.switch(str(gala.id))
        await until(card.remember.isVisible)
        assert card.error() == ""
        assert card.secret.hasFocus()
        card.secret.setText("not-the-password")
        QTest.keyClick(card.secret, Qt.Key.Key_Return)
        await until(card.error)
        assert card.error().startswith("“events” did not accept")
        assert card.secret.selectedText() == card.secret.text() != ""
        await until(card.remember.isVisible)
        card.secret.setText(SECRET)
        card.remember.setChecked(True)
        QTest.keyClick(card.secret, Qt.Key.Key_Return)
        await until(greenroom.window.sign_in.isVisible)
        await until(lambda: memory.kept)
        assert card.secret.text() == ""

    async def second_time(greenroom: Greenroom) -> None:
        await until(greenroom.window.sign_in.isVisible)
        assert on(greenroom) == gala.database

    assert play(first_time) == 0
    assert memory.kept == {str(gala.id): SECRET}
    assert connections.read(folder).profiles == (replace(gala, password_kept=True),)
    assert SECRET not in (folder / "connections.json").read_text(encoding="utf-8")
    assert play(second_time) == 0
    assert asks == [None, "not-the-password", SECRET, SECRET]


@pytest.mark.usefixtures("zoe")
def test_without_a_keyring_that_is_said_once_on_this_computer(
    play: Callable[..., int], gala: Profile, folder: Path, asks: list[str | None], here: Here
) -> None:
    connections.keep(folder, gala)
    said: list[str] = []

    async def scenario(greenroom: Greenroom) -> None:
        card = greenroom.window.connect_page
        await until(greenroom.window.sign_in.isVisible)
        greenroom.connecting.switch(str(gala.id))
        await until(card.secret.isVisible)
        await background.finish()
        assert not card.remember.isVisible()
        said.append(card.hint())
        greenroom.connecting.switch(LOCAL)
        await until(greenroom.window.sign_in.isVisible)

    for _ in range(2):
        assert play(scenario) == 0
    assert said == [
        "This computer has no keyring, so the database's password is not kept: type it each time.",
        "",
    ]


@pytest.mark.usefixtures("zoe", "asks")
def test_closing_does_not_wait_for_a_keyring_that_hangs(
    play: Callable[..., int], gala: Profile, folder: Path, monkeypatch: pytest.MonkeyPatch, here: Here
) -> None:
    """While a password is asked for, nothing is open; that is no reason to wait as for a server that starts."""
    connections.keep(folder, gala)
    asked, answer, answered = threading.Event(), threading.Event(), threading.Event()

    def usable() -> None:
        asked.set()
        answer.wait(10)
        answered.set()

    monkeypatch.setattr(connecting.keyrings, "usable", usable)

    async def scenario(greenroom: Greenroom) -> None:
        await until(greenroom.window.sign_in.isVisible)
        greenroom.connecting.switch(str(gala.id))
        await until(asked.is_set)

    assert play(scenario) == 0
    assert not answered.is_set()
    assert here.closed == 1
    answer.set()
    assert answered.wait(10)


@pytest.mark.usefixtures("zoe")
def test_a_damaged_file_is_said_and_the_window_opens_all_the_same(
    play: Callable[..., int], folder: Path, here: Here
) -> None:
    folder.mkdir()
    (folder / "connections.json").write_text("{")

    async def scenario(greenroom: Greenroom) -> None:
        card = greenroom.window.sign_in
        await until(card.isVisible)
        assert "The file of your connections was damaged" in card.error()
        assert card.connections.count() == 3

    assert play(scenario) == 0


@pytest.mark.usefixtures("zoe")
def test_a_demo_offers_no_other_connection(here: Here) -> None:
    async def script(greenroom: Greenroom) -> int:
        await until(greenroom.window.sign_in.isVisible)
        assert not greenroom.window.sign_in.connection.isVisible()
        await sign_in(greenroom, "zoe")
        shell = greenroom.window.shell
        assert shell is not None
        assert not shell.side_bar.connections.isVisible()
        return 0

    assert app.play(Start(here, ZoneInfo("Asia/Kolkata")), script) == 0


@pytest.mark.usefixtures("zoe")
def test_what_is_managed_from_inside_leads_back_to_the_connection_as_it_is_then(
    play: Callable[..., int], gala: Profile, folder: Path, here: Here
) -> None:
    connections.keep(folder, gala)

    async def scenario(greenroom: Greenroom) -> None:
        window = greenroom.window
        await sign_in(greenroom, "asha")
        assert window.shell is not None
        window.shell.manage_asked.emit()
        page = window.connections
        await until(page.isVisible)
        assert page.form.lines["name"].text() == "Gala office"
        page.remove.start()
        await until(lambda: page.list.count() == 0)
        next(one for one in page.findChildren(QPushButton) if one.text() == "&Undo").click()
        await until(lambda: page.list.count() == 1)
        page.remove.start()
        await until(lambda: page.list.count() == 0)
        page.back.start()
        await until(window.sign_in.isVisible)
        await until(lambda: on(greenroom) == sa.make_url(here.url).database)
        assert window.sign_in.connections.current() == LOCAL

    assert play(scenario, first=str(gala.id)) == 0
    assert connections.read(folder).profiles == ()
