"""The page of connections: by keyboard, with what is wrong beside its field, and nothing typed ever lost."""

from __future__ import annotations

import asyncio
import socket
import threading
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QWidget

from desktop import errors
from desktop.db import locations
from desktop.services import connections
from desktop.services.connections import Profile, Tls
from desktop.views import theme
from desktop.views.connections import ConnectionsPage
from desktop.views.widgets.connection_box import ConnectionBox
from tests import keyrings
from tests.keyrings import Memory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

Loop = Any
Until = Any
Keyboard = Any
Show = Any

SECRET = "kaffee-und-Küchen-42"
GALA = Profile(uuid4(), "Gala office", "db.gala.example", "events", "asha")
FAIR = Profile(uuid4(), "معرض", "one,two:5433", "fair", tls=Tls.ENCRYPTED)
CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def memory() -> Iterator[Memory]:
    with keyrings.in_use(Memory()) as made:
        yield made


@pytest.fixture
def page(in_window: Show) -> ConnectionsPage:
    made = ConnectionsPage()
    in_window(made)
    return made


@pytest.fixture
def opened(page: ConnectionsPage, tmp_path: Path) -> Callable[[], None]:
    """Keeps two connections and shows them; only within a loop."""

    def open_page() -> None:
        for one in (GALA, FAIR):
            connections.keep(tmp_path, one)
        page.open(tmp_path, connections.read(tmp_path).profiles, str(GALA.id))

    return open_page


def line(page: ConnectionsPage, name: str) -> Any:
    return page.form.lines[name]


def press(page: QWidget, text: str) -> None:
    """Press a button that can be seen."""
    found = [one for one in page.findChildren(QPushButton) if one.isVisible()]
    next(one for one in found if one.text().replace("&", "") == text).click()


def test_the_first_connection_is_typed_and_saved_by_keyboard_alone(
    in_loop: Loop, until: Until, keyboard: Keyboard, page: ConnectionsPage, tmp_path: Path, memory: Memory
) -> None:
    used: list[tuple[str, str]] = []
    page.use_asked.connect(lambda key, password: used.append((key, password)))

    async def scenario() -> None:
        page.open(tmp_path, (), "")
        await until(line(page, "name").hasFocus)
        for text in ("Gala office", "db.gala.example", "", "events", "asha", SECRET):
            keyboard.type(text)
            keyboard.press(Qt.Key.Key_Tab)
        keyboard.press(Qt.Key.Key_Return, CTRL)
        await until(lambda: used)

    in_loop(scenario())
    (kept,) = connections.read(tmp_path).profiles
    assert (kept.name, kept.host, kept.port, kept.database, kept.user) == (
        *("Gala office", "db.gala.example", 5432, "events", "asha"),
    )
    assert kept.password_kept
    assert memory.kept == {str(kept.id): SECRET}
    assert used == [(str(kept.id), SECRET)]
    assert page.form.secret.text() == ""
    assert SECRET not in (tmp_path / "connections.json").read_text(encoding="utf-8")


@pytest.mark.parametrize(("field", "text"), [("host", "db.gaia.example"), ("port", "5433"), ("user", "joe")])
def test_a_password_that_is_kept_does_not_go_to_another_server_or_user(
    in_loop: Loop,
    until: Until,
    page: ConnectionsPage,
    tmp_path: Path,
    memory: Memory,
    field: str,
    text: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Neither while it is tried nor when it is saved: a slip of the keyboard would hand it out."""
    asked: list[tuple[str, bool]] = []

    def examine(profile: Profile, password: str) -> None:
        asked.append((password, profile.password_kept))
        raise errors.DatabaseDown("there", "nothing answers there")

    monkeypatch.setattr(connections, "examine", examine)
    made = Profile(uuid4(), "Gala office", "db.gala.example", "events", "asha")
    gala = connections.save(tmp_path, made, password=SECRET).profile

    async def scenario() -> None:
        page.open(tmp_path, (gala,), str(gala.id))
        page.test.start()
        await until(lambda: len(asked) == 1 and not page.test.running)
        line(page, field).setText(text)
        page.test.start()
        await until(lambda: len(asked) == 2 and not page.test.running)
        page.save.start()
        await until(lambda: not page.form.changed and not page.save.running)
        assert "it is asked for again" in page.error()
        assert not page.forget.isVisible()

    in_loop(scenario())
    assert asked == [("", True), ("", False)]
    (kept,) = connections.read(tmp_path).profiles
    assert (getattr(kept, field), kept.password_kept) == (int(text) if field == "port" else text, False)
    assert memory.kept == {}


def test_every_control_is_reached_by_tab_and_has_a_name(
    in_loop: Loop, until: Until, keyboard: Keyboard, page: ConnectionsPage, opened: Callable[[], None]
) -> None:
    async def scenario() -> None:
        opened()
        await until(page.list.hasFocus)
        stops = keyboard.stops()
        wanted = [page.list, *page.form.lines.values(), page.form.secret, page.form.security]
        buttons = [one for one in page.findChildren(QPushButton) if one.isVisible() and one.isEnabled()]
        assert {id(one) for one in (*wanted, *buttons)} <= {id(one) for one in stops}
        for one in stops:
            assert one.accessibleName() or getattr(one, "text", lambda: "")()

    in_loop(scenario())


def test_what_cannot_be_taken_is_said_beside_each_field_and_nothing_is_kept(
    in_loop: Loop, until: Until, page: ConnectionsPage, tmp_path: Path
) -> None:
    async def scenario() -> None:
        page.open(tmp_path, (), "")
        line(page, "port").setText("0")
        page.save.start()
        await until(lambda: not page.save.running)
        fields = page.form.fields
        assert [name for name, field in fields.items() if field.error()] == [
            "name",
            "host",
            "port",
            "database",
        ]
        assert line(page, "name").hasFocus()
        QTest.keyClicks(line(page, "name"), "x")
        assert fields["name"].error() == ""

    in_loop(scenario())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("into", ["name", "host"])
def test_a_pasted_address_fills_the_fields_and_does_not_stay_where_its_password_could_be_read(
    in_loop: Loop,
    until: Until,
    keyboard: Keyboard,
    page: ConnectionsPage,
    opened: Callable[[], None],
    into: str,
) -> None:
    async def scenario() -> None:
        opened()
        QGuiApplication.clipboard().setText(
            f"postgresql://noor:{SECRET}@db2.gala.example:5433/fair?gssencmode=disable"
        )
        line(page, into).setFocus()
        line(page, into).selectAll()
        keyboard.press(Qt.Key.Key_V, CTRL)
        assert [line(page, name).text() for name in ("name", "host", "port", "database", "user")] == [
            *("Gala office", "db2.gala.example", "5433", "fair", "noor"),
        ]
        assert page.form.secret.text() == SECRET
        assert "put into the password field" in page.error()
        assert "no field for “gssencmode”" in page.error()
        keyboard.press(Qt.Key.Key_Z, CTRL)
        assert SECRET not in "".join(one.text() for one in page.form.lines.values())
        line(page, "host").clear()
        QGuiApplication.clipboard().setText(f"postgresql://noor:{SECRET}@x@db.gala.example/fair")
        line(page, "host").setFocus()
        keyboard.press(Qt.Key.Key_V, CTRL)
        assert line(page, "host").text() == ""
        assert "more than one @" in page.form.fields["host"].error()
        assert SECRET not in page.form.fields["host"].error()
        line(page, "host").clear()
        keyboard.type("postgresql://typed")  # letter by letter nothing is taken away
        assert line(page, "host").text() == "postgresql://typed"

    in_loop(scenario())


def test_what_was_typed_is_asked_about_before_another_connection_takes_its_place(
    in_loop: Loop, until: Until, page: ConnectionsPage, opened: Callable[[], None], tmp_path: Path
) -> None:
    left: list[bool] = []
    page.left.connect(lambda: left.append(True))

    async def scenario() -> None:
        opened()
        line(page, "host").setText("db2.gala.example")
        page.list.setCurrentRow(1)
        assert page.list.currentRow() == 0
        assert page.error() == "“Gala office” has changes that are not saved."
        press(page, "Save")
        await until(lambda: line(page, "name").text() == FAIR.name)
        assert page.list.currentRow() == 1
        assert connections.read(tmp_path).profiles[0].host == "db2.gala.example"
        page.form.secret.setText(SECRET)
        page.back.start()
        assert left == []
        press(page, "Discard")
        assert left == [True]
        assert page.form.secret.text() == ""

    in_loop(scenario())


def test_a_copy_is_begun_with_the_same_fields_and_a_removal_is_undone_with_its_password(
    in_loop: Loop,
    until: Until,
    page: ConnectionsPage,
    opened: Callable[[], None],
    tmp_path: Path,
    memory: Memory,
) -> None:
    async def scenario() -> None:
        opened()
        page.form.secret.setText(SECRET)
        page.save.start()
        await until(lambda: memory.kept)
        await until(lambda: page.forget.isVisible() and not page.save.running)
        page.duplicate.start()
        assert line(page, "name").text() == "Gala office (copy)"
        page.save.start()
        await until(lambda: page.list.count() == 3 and not page.save.running)
        assert [one.name for one in connections.read(tmp_path).profiles][-1] == "Gala office (copy)"
        page.list.setCurrentRow(0)
        page.remove.start()
        await until(lambda: not memory.kept and not page.remove.running)
        assert [one.name for one in connections.read(tmp_path).profiles] == [FAIR.name, "Gala office (copy)"]
        press(page, "Undo")
        await until(lambda: memory.kept and page.list.count() == 3)
        await until(lambda: page.forget.isVisible())
        assert connections.read(tmp_path).profiles[0].name == "Gala office"
        page.forget.start()
        await until(lambda: not memory.kept and not page.forget.running)
        page.list.setCurrentRow(1)
        page.list.setCurrentRow(0)
        assert not page.forget.isVisible(), "the list knows of it, too"

    in_loop(scenario())
    assert memory.kept == {}


def test_a_password_forgotten_late_changes_nothing_of_what_is_shown_by_then(
    in_loop: Loop, until: Until, page: ConnectionsPage, opened: Callable[[], None], tmp_path: Path,
    memory: Memory, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    asked, unlocked = threading.Event(), threading.Event()
    forget = memory.delete_password

    def slowly(service: str, username: str) -> None:
        asked.set()
        unlocked.wait(10)
        forget(service, username)

    async def scenario() -> None:
        opened()
        page.form.secret.setText(SECRET)
        page.save.start()
        await until(lambda: memory.kept and not page.save.running)
        monkeypatch.setattr(memory, "delete_password", slowly)
        page.forget.start()
        await until(asked.is_set)
        page.list.setCurrentRow(1)
        line(page, "user").setText("noor")
        unlocked.set()
        await until(lambda: not memory.kept and not page.forget.running)
        page.save.start()
        await until(lambda: not page.save.running)

    in_loop(scenario())
    assert [(one.name, one.user) for one in connections.read(tmp_path).profiles] == [
        (GALA.name, "asha"),
        (FAIR.name, "noor"),
    ]


def test_another_windows_change_is_not_written_over_and_is_said(
    in_loop: Loop, until: Until, page: ConnectionsPage, opened: Callable[[], None], tmp_path: Path
) -> None:
    async def scenario() -> None:
        opened()
        connections.remove(tmp_path, GALA.id)
        line(page, "user").setText("noor")
        page.save.start()
        await until(page.error)
        assert "was changed or removed in another window" in page.error()
        assert line(page, "user").text() == "noor"

    in_loop(scenario())


def test_trying_out_says_what_is_there_or_why_not(
    in_loop: Loop, until: Until, page: ConnectionsPage, tmp_path: Path, server_url: str, database_url: str
) -> None:
    address = sa.make_url(database_url)

    async def tried(database: str) -> str:
        line(page, "database").setText(database)
        page.test.start()
        page.test.start()  # twice is once
        await until(lambda: not page.test.running)
        return page.error()

    async def scenario() -> None:
        page.open(tmp_path, (), "")
        line(page, "name").setText("Here")
        line(page, "host").setText(str(address.query["host"]))
        line(page, "user").setText(address.username)
        said = await tried(address.database or "")
        assert "can be worked with: PostgreSQL 18" in said
        assert "on this computer, answers in" in said
        assert (await tried("opera")).startswith("There is no database of that name: “opera”")
        assert "has not been prepared" in await tried("postgres")

    in_loop(scenario())
    assert list(tmp_path.iterdir()) == []


def test_trying_out_says_what_it_waits_for_and_can_be_stopped(
    in_loop: Loop, until: Until, page: ConnectionsPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = locations.connect_arguments
    monkeypatch.setattr(locations, "connect_arguments", lambda url: real(url) | {"connect_timeout": 60})

    async def scenario() -> None:
        with socket.create_server(("127.0.0.1", 0)) as silent:
            page.open(tmp_path, (), "")
            for name, text in (("name", "Silence"), ("host", "127.0.0.1"), ("database", "events")):
                line(page, name).setText(text)
            line(page, "port").setText(str(silent.getsockname()[1]))
            page.test.start()
            await until(lambda: page.error() == "Waiting for 127.0.0.1 to answer…")
            press(page, "Stop")
            await until(lambda: not page.test.running)
            assert page.error() == ""

    in_loop(scenario())


def test_nothing_is_chosen_by_walking_past_it(qtbot: Any) -> None:
    box = ConnectionBox()
    qtbot.addWidget(box)
    box.offer([("here", "This computer"), ("a", "A & B · x"), ("b", "C")], "here")
    chosen: list[str] = []
    managed: list[bool] = []
    box.chosen.connect(chosen.append)
    box.manage_asked.connect(lambda: managed.append(True))
    box.show()
    for key in (Qt.Key.Key_Down, Qt.Key.Key_C, Qt.Key.Key_End):
        QTest.keyClick(box, key)
        assert (box.currentIndex(), box.view().isVisible()) == (0, True)
        box.hidePopup()
    box.showPopup()
    qtbot.waitUntil(lambda: box.view().verticalScrollBar().maximum() == 0)  # the last line is not cut
    box.hidePopup()
    box.activated.emit(0)
    box.activated.emit(2)
    assert (chosen, box.current()) == (["b"], "b")
    box.activated.emit(4)
    assert managed == [True]
    assert box.currentText() == "C"


@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_the_page_needs_no_sideways_scrolling_at_any_size_of_text(
    in_loop: Loop, until: Until, page: ConnectionsPage, opened: Callable[[], None], qapp: Any, scale: float
) -> None:
    async def scenario() -> None:
        with ExitStack() as after:
            after.callback(theme.apply, qapp, "light")
            theme.apply(qapp, "light", scale)
            page.resize(960, 600)
            opened()
            await until(page.isVisible)
            await asyncio.sleep(0.05)  # it is laid out
            assert page.horizontalScrollBar().maximum() == 0
            page.show_error("The database cannot be reached.")
            await until(lambda: not page._messages.visibleRegion().isEmpty())

    in_loop(scenario())
