"""The cards before anybody is signed in: by keyboard, over a real database, without holding the window up."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton

from desktop import errors
from desktop.services import accounts
from desktop.services.permissions import Role
from desktop.views import theme
from desktop.views.sign_in import FirstRunPage, SignInPage

if TYPE_CHECKING:
    from desktop.db.session import Actor, Database

pytestmark = pytest.mark.usefixtures("quick_hashes")

Loop = Any
Until = Any
Keyboard = Any
Show = Any

ENTER, TAB = Qt.Key.Key_Return, Qt.Key.Key_Tab
PASSWORD = "kaffee-und-Küchen-42"


@pytest.fixture
def zoe(database: Database) -> Actor:
    """The admin, who signs in with `PASSWORD`."""
    return accounts.first_admin(database, "zoë", "zoe@example.org", PASSWORD)


@pytest.fixture
def page(in_window: Show, database: Database, qtbot: Any) -> SignInPage:
    card = SignInPage()
    in_window(card)
    card.show_database(database)
    qtbot.waitUntil(card.login.editor.hasFocus)
    return card


@pytest.fixture
def came_in(page: SignInPage) -> list[Actor]:
    """Who was let in."""
    actors: list[Actor] = []
    page.signed_in.connect(actors.append)
    return actors


def secret(page: SignInPage) -> QLineEdit:
    editor = page.password.editor
    assert isinstance(editor, QLineEdit)
    return editor


def name(page: SignInPage) -> QLineEdit:
    editor = page.login.editor
    assert isinstance(editor, QLineEdit)
    return editor


def offer(keyboard: Keyboard, login: str, password: str) -> None:
    """Type a name and a password, each ended with Enter."""
    keyboard.type(login)
    keyboard.press(ENTER)
    keyboard.type(password)
    keyboard.press(ENTER)


async def refused(page: SignInPage, until: Until) -> None:
    """Wait until something is said to be wrong, and it can be tried again."""
    await until(lambda: page.error() and not page.action.running)


def test_who_comes_in_after_another_database_was_chosen_comes_in_nowhere(
    in_loop: Loop,
    until: Until,
    keyboard: Keyboard,
    page: SignInPage,
    zoe: Actor,
    came_in: list[Actor],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The answer is the first database's, and may be slow."""
    asked, answer = threading.Event(), threading.Event()

    def sign_in(*_given: object) -> Actor:
        asked.set()
        answer.wait(30)
        return zoe

    monkeypatch.setattr(accounts, "sign_in", sign_in)

    async def scenario() -> None:
        await until(name(page).hasFocus)
        offer(keyboard, "Zoë", PASSWORD)
        await until(asked.is_set)
        page.forget()
        answer.set()
        await until(lambda: not page.action.running)
        assert came_in == []

    in_loop(scenario())


def test_enter_goes_on_to_the_password_and_then_signs_in(
    in_loop: Loop, until: Until, keyboard: Keyboard, page: SignInPage, zoe: Actor, came_in: list[Actor]
) -> None:
    async def scenario() -> None:
        await until(name(page).hasFocus)
        offer(keyboard, "Zoë", PASSWORD)
        await until(lambda: came_in)
        assert came_in == [zoe]
        assert secret(page).text() == ""
        assert page.error() == ""

    in_loop(scenario())


def test_the_password_is_checked_in_another_thread_than_the_windows(
    in_loop: Loop,
    until: Until,
    keyboard: Keyboard,
    page: SignInPage,
    zoe: Actor,
    came_in: list[Actor],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    checked_in: list[threading.Thread] = []
    sign_in = accounts.sign_in

    def noting(*given: Any) -> Actor:
        checked_in.append(threading.current_thread())
        return sign_in(*given)

    monkeypatch.setattr(accounts, "sign_in", noting)

    async def scenario() -> None:
        offer(keyboard, "zoë", PASSWORD)
        await until(lambda: came_in)

    in_loop(scenario())
    assert len(checked_in) == 1
    assert checked_in[0] is not threading.main_thread()


def test_a_wrong_password_is_said_with_the_tries_left_and_is_selected_to_be_typed_again(
    in_loop: Loop, until: Until, keyboard: Keyboard, page: SignInPage, zoe: Actor, came_in: list[Actor]
) -> None:
    async def scenario() -> None:
        offer(keyboard, "zoë", "not-the-password")
        await refused(page, until)
        assert (
            page.error()
            == "Name or password is not right. Check both, or ask an admin. 4 tries left before a pause."
        )
        assert name(page).text() == "zoë"
        assert secret(page).hasFocus()
        assert secret(page).selectedText() == secret(page).text() != ""
        keyboard.type(PASSWORD)
        keyboard.press(ENTER)
        await until(lambda: came_in)
        assert page.error() == ""

    in_loop(scenario())


def test_a_corrected_name_leads_back_to_the_password_which_is_typed_anew(
    in_loop: Loop, until: Until, keyboard: Keyboard, page: SignInPage, zoe: Actor, came_in: list[Actor]
) -> None:
    async def scenario() -> None:
        offer(keyboard, "zo", "kaffee-und-Kuchen")
        await refused(page, until)
        name(page).setFocus(Qt.FocusReason.TabFocusReason)
        offer(keyboard, "zoë", PASSWORD)
        await until(lambda: came_in)

    in_loop(scenario())


def test_the_sixth_attempt_waits_even_with_the_right_password(
    in_loop: Loop, until: Until, keyboard: Keyboard, page: SignInPage, zoe: Actor, came_in: list[Actor]
) -> None:
    async def scenario() -> None:
        keyboard.type("zoë")
        keyboard.press(ENTER)
        said = []
        for password in (*["not-the-password"] * 5, PASSWORD):
            keyboard.type(password)
            keyboard.press(ENTER)
            await until(lambda: not page.action.running)
            said.append(page.error())
        assert [sentence.split(".")[2].split()[0] for sentence in said[:5]] == ["4", "3", "2", "1", "0"]
        assert said[5].startswith("Too many wrong passwords. Wait ")
        assert came_in == []

    in_loop(scenario())


@pytest.mark.parametrize(
    ("login", "password", "says", "where"),
    [
        ("", PASSWORD, "Type your user name or e-mail address.", "login"),
        ("zoë", "", "Type your password.", "password"),
    ],
)
def test_an_empty_field_says_so_beside_itself_and_takes_the_keyboard(
    in_loop: Loop,
    until: Until,
    keyboard: Keyboard,
    page: SignInPage,
    login: str,
    password: str,
    says: str,
    where: str,
) -> None:
    async def scenario() -> None:
        offer(keyboard, login, password)
        field = getattr(page, where)
        await until(lambda: field.error() and not page.action.running)
        assert field.error() == says
        assert field.editor.hasFocus()
        assert page.error() == ""
        keyboard.type("x")
        page.action.start()
        await until(lambda: not page.action.running)
        assert field.error() == ""

    in_loop(scenario())


def test_signing_in_cannot_start_twice(
    in_loop: Loop,
    until: Until,
    keyboard: Keyboard,
    page: SignInPage,
    came_in: list[Actor],
    admin: Actor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    go_on, started = threading.Event(), []

    def slow(*given: Any) -> Actor:
        started.append(given)
        go_on.wait(10)
        return admin

    monkeypatch.setattr(accounts, "sign_in", slow)

    async def scenario() -> None:
        offer(keyboard, "ada.admin", PASSWORD)
        await until(lambda: started)
        keyboard.press(ENTER)
        page.action.trigger()
        go_on.set()
        await until(lambda: came_in)
        assert len(started) == 1

    in_loop(scenario())


def test_a_database_that_cannot_be_reached_is_said_in_the_card_and_signing_in_works_afterwards(
    in_loop: Loop,
    until: Until,
    keyboard: Keyboard,
    page: SignInPage,
    zoe: Actor,
    came_in: list[Actor],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sign_in = accounts.sign_in

    def down(*_given: Any) -> Actor:
        raise errors.DatabaseDown("“gala” on db.example", "nothing answers there")

    async def scenario() -> None:
        monkeypatch.setattr(accounts, "sign_in", down)
        offer(keyboard, "zoë", PASSWORD)
        await refused(page, until)
        assert "nothing answers there" in page.error()
        monkeypatch.setattr(accounts, "sign_in", sign_in)
        keyboard.press(ENTER)
        await until(lambda: came_in)

    in_loop(scenario())


def test_coming_back_keeps_the_name_and_asks_for_the_password(
    in_loop: Loop,
    until: Until,
    keyboard: Keyboard,
    page: SignInPage,
    zoe: Actor,
    came_in: list[Actor],
    database: Database,
) -> None:
    async def scenario() -> None:
        offer(keyboard, "zoë", PASSWORD)
        await until(lambda: came_in)
        page.show_database(database, "Demo: sign in as somebody")
        assert (name(page).text(), secret(page).text()) == ("zoë", "")
        assert secret(page).hasFocus()

    in_loop(scenario())


def test_tab_reaches_every_field_and_the_button_of_the_sign_in_card(
    in_loop: Loop, until: Until, keyboard: Keyboard, page: SignInPage
) -> None:
    async def scenario() -> None:
        await until(name(page).hasFocus)
        assert [stop.accessibleName() for stop in keyboard.stops()] == [
            "Name or e-mail",
            "Password",
            "Sign in",
        ]

    in_loop(scenario())


def test_the_card_scrolls_instead_of_cutting_off_large_text(qapp: Any, in_window: Show) -> None:
    theme.apply(qapp, "light", 2.0)
    card = FirstRunPage()
    in_window(card)
    card.resize(960, 600)
    content = card.widget()
    assert content.height() >= content.minimumSizeHint().height()
    assert content.width() <= card.viewport().width()


@pytest.fixture
def first(in_window: Show, database: Database, qtbot: Any) -> FirstRunPage:
    card = FirstRunPage()
    in_window(card)
    card.show_database(database)
    qtbot.waitUntil(card.username.editor.hasFocus)
    return card


def fill(keyboard: Keyboard, *texts: str) -> None:
    """Type into the fields of the card, from the one that has the keyboard on; Enter goes on, and at last makes
    the account."""
    for text in texts:
        keyboard.at().selectAll()
        keyboard.type(text)
        keyboard.press(ENTER)


def test_the_first_admin_is_made_by_keyboard_alone_and_is_signed_in(
    in_loop: Loop, until: Until, keyboard: Keyboard, first: FirstRunPage, database: Database
) -> None:
    made: list[Actor] = []
    first.made.connect(made.append)

    async def scenario() -> None:
        fill(keyboard, "ada", "Ada@Example.org", PASSWORD, PASSWORD)
        await until(lambda: made)
        assert (made[0].name, made[0].email, made[0].roles) == ("ada", "ada@example.org", {"admin"})
        assert accounts.sign_in(database, "ada", PASSWORD).id == made[0].id
        assert first.password.editor.text() == first.again.editor.text() == ""

    in_loop(scenario())


@pytest.mark.parametrize(
    ("typed", "where", "says"),
    [
        (("ada", "ada@example.org", PASSWORD, PASSWORD + "!"), "again", "are not the same"),
        (("ada b", "ada@example.org", PASSWORD, PASSWORD), "username", "without blanks"),
        (("", "", "", ""), "username", "1 to 50 characters"),
        (("ada", "ada at home", PASSWORD, PASSWORD), "email", "is not an e-mail address"),
        (("ada", "ada@example.org", "short", "short"), "password", "at least 10 characters"),
        (("ada", "ada@example.org", "ü" * 40, "ü" * 40), "password", "too long"),
    ],
)
def test_what_is_wrong_with_the_first_account_is_said_beside_its_field(
    in_loop: Loop,
    until: Until,
    keyboard: Keyboard,
    first: FirstRunPage,
    database: Database,
    typed: tuple[str, ...],
    where: str,
    says: str,
) -> None:
    fields = {key: getattr(first, key) for key in ("username", "email", "password", "again")}

    async def scenario() -> None:
        fill(keyboard, *typed)
        await until(lambda: any(field.error() for field in fields.values()))
        assert [key for key, field in fields.items() if field.error()] == [where]
        assert says in fields[where].error()
        assert fields[where].editor.hasFocus()
        assert not accounts.staff_exist(database)

    in_loop(scenario())


def test_the_field_that_has_the_keyboard_can_be_seen_however_large_the_text(
    in_loop: Loop, until: Until, keyboard: Keyboard, first: FirstRunPage, qapp: Any
) -> None:
    async def scenario() -> None:
        theme.apply(qapp, "light", 2.0)
        first.resize(960, 400)
        await until(first.username.editor.hasFocus)
        for field in (first.email, first.password, first.again):
            keyboard.press(ENTER)
            assert field.editor.hasFocus()
            assert not field.editor.visibleRegion().isEmpty()

    in_loop(scenario())


def test_somebody_who_was_quicker_leads_to_signing_in(
    in_loop: Loop, until: Until, keyboard: Keyboard, first: FirstRunPage, zoe: Actor
) -> None:
    asked: list[bool] = []
    first.sign_in_asked.connect(lambda: asked.append(True))

    async def scenario() -> None:
        fill(keyboard, "ada", "ada@example.org", PASSWORD, PASSWORD)
        await until(first.error)
        assert "made the first account meanwhile" in first.error()
        next(one for one in first.findChildren(QPushButton) if one.text() == "&Sign in").click()
        assert asked

    in_loop(scenario())


def test_tab_reaches_every_field_and_the_button_of_the_first_run_card(
    in_loop: Loop, until: Until, keyboard: Keyboard, first: FirstRunPage
) -> None:
    async def scenario() -> None:
        await until(first.username.editor.hasFocus)
        assert [stop.accessibleName() for stop in keyboard.stops()] == [
            "User name",
            "E-mail",
            "Password",
            "Password again",
            "Create and sign in",
        ]

    in_loop(scenario())


def test_an_account_without_a_role_is_told_why_it_cannot_come_in(
    in_loop: Loop,
    until: Until,
    keyboard: Keyboard,
    page: SignInPage,
    zoe: Actor,
    database: Database,
    came_in: list[Actor],
) -> None:
    accounts.add_staff(database, zoe, "guest", "guest@example.org", Role.DOOR, PASSWORD)
    with database.transaction() as tx:
        tx.execute("DELETE FROM user_roles WHERE user_id IN (SELECT id FROM users WHERE username = 'guest')")

    async def scenario() -> None:
        offer(keyboard, "guest", PASSWORD)
        await refused(page, until)
        assert "no role in Greenroom" in page.error()
        assert came_in == []

    in_loop(scenario())


def test_every_word_of_the_cards_can_be_translated(
    in_loop: Loop,
    until: Until,
    keyboard: Keyboard,
    in_window: Show,
    database: Database,
    in_another_language: None,
) -> None:
    for card in (SignInPage(), FirstRunPage()):
        in_window(card)
        card.show_database(database)
        texts = [one.text() for one in card.findChildren(QLabel) if one.isVisible() and one.text()]
        texts += [one.text() for one in card.findChildren(QPushButton) if one.isVisible()]
        texts += [one.accessibleName() for one in card.findChildren(QLineEdit)]
        texts += [one.toolTip() for one in card.findChildren(QPushButton) if one.isVisible()]
        assert len(texts) >= 6
        assert [text for text in texts if "‹" not in text and text not in ("Green", "room")] == []
