"""The database the window is on: opened, asked a password for, and exchanged for another one without a restart."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QTimer

from desktop import background, errors
from desktop.choosing import Choices
from desktop.db import locations
from desktop.services import accounts, connections, opening
from desktop.services.connections import LOCAL, keyrings
from desktop.views.widgets.states import LOADING_AFTER_MS
from desktop.views.wording import filled

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator
    from typing import Any

    from PySide6.QtCore import QSettings

    from desktop.services.connections import Profile
    from desktop.services.opening import Opened
    from desktop.starting import Start
    from desktop.views.database_card import DatabaseCard
    from desktop.views.window import Window

TOLD_SECONDS: Final = 0.1


class Connecting:
    """At most one database is open. Whoever chooses another one need not wait for the first: its answer is dropped."""

    def __init__(
        self,
        window: Window,
        start: Start,
        remembered: QSettings,
        leave: Callable[[], Coroutine[Any, Any, None]],
    ) -> None:
        self.window = window
        self.opened: Opened | None = None
        self._start = start
        self._remembered = remembered
        self._leave = leave
        self.choices = Choices(start.choosing, remembered)
        self._opened_as: Profile | None = None
        self._turn = 0
        self._reaching: asyncio.Task[Opened] | None = None
        self._closing = False
        self._held = 0
        self._told = 0
        """The turn whose outcome is on the screen."""
        window.connection_chosen.connect(self.switch)
        window.connection_tried.connect(self.switch)
        window.manage_asked.connect(self.manage)
        window.password_typed.connect(lambda password, keep: background.start(self.open(password, keep=keep)))
        window.connections_left.connect(self._come_back)
        window.connections_changed.connect(self.choices.learn)

    async def open(self, password: str = "", *, keep: bool = False) -> None:
        """Open what is chosen, unless it is open, and ask who is there. What goes wrong is said on a card, where
        another connection can be chosen or a password typed. ``keep`` asks the keyring to keep the password."""
        turn = self._begin()
        opened: Opened | None = None
        try:
            await self.choices.read_once()
            if self._closing:
                return
            profile = self.choices.profile()
            if self.opened is None:
                opened = await self._reach(profile, password)
                if turn != self._turn:
                    return
                self.opened, self._opened_as, opened = opened, profile, None
                self.choices.remember()
            staffed = await background.run(accounts.staff_exist, self.opened.database)
        except asyncio.CancelledError:
            if turn == self._turn and not self._closing:
                raise
        except (errors.PasswordWanted, errors.PasswordWrong) as refusal:
            if turn == self._turn and not self._closing:
                self._ask_password(refusal)
        except errors.AppError as error:
            if turn == self._turn and not self._closing:
                self._show_failed(str(error))
        else:
            if turn == self._turn and not self._closing:
                self._show_card(staffed=staffed)
                if keep and profile is not None:
                    background.start(self._remember_password(profile, password))
        finally:
            if opened is not None:  # another one was chosen meanwhile
                with self._whole():
                    await background.run(opened.close)

    def switch(self, key: str, password: str = "") -> None:
        """Close this database, after what is being written, and open that of ``key``."""
        background.start(self._switch(key, password))

    def manage(self) -> None:
        """Show the connections, after what is being written."""
        background.start(self._manage())

    def close(self) -> None:
        """The window closes: nobody waits for a database any more. The caller closes the one that is open."""
        self._closing = True
        if self._start.preparation is not None:
            self._start.preparation.stop()
        self._give_up()

    @property
    def unfinished(self) -> bool:
        """Whether a local server may be starting or stopping, which is not left half done."""
        return self._held > 0

    @contextmanager
    def _whole(self) -> Iterator[None]:
        self._held += 1
        try:
            yield
        finally:
            self._held -= 1

    def _give_up(self) -> None:
        if self._reaching is not None:
            self._reaching.cancel()
            self._reaching = None

    def _begin(self) -> int:
        """A new turn: the answers of older ones are dropped."""
        self._turn += 1
        self._give_up()
        self._show_opening(self._turn)
        return self._turn

    async def _reach(self, profile: Profile | None, password: str) -> Opened:
        """Of somebody else's server the answer may never come, so that it can be given up; this computer's own is
        started whole."""
        if self.choices.key == LOCAL:
            telling = background.start(self._tell_stages())
            try:
                with self._whole():
                    return await background.run(self._start.open)
            finally:
                telling.cancel()
        if profile is not None:
            work = partial(connections.connect, profile, password)
        else:
            choosing = self.choices.choosing
            if choosing is None or choosing.given is None:
                raise AssertionError("nothing was given")
            url = locations.parse(choosing.given)
            work = partial(opening.open_remote, url.set(password=password) if password else url)
        reaching = self._reaching = asyncio.ensure_future(background.run_apart(work, unwanted=_close))
        return await reaching

    async def _tell_stages(self) -> None:
        """What opening is busy with, while it is, for whoever looks."""
        while self._start.preparation is not None and not self._closing:
            stage = self._start.preparation.stage
            if stage.what:
                self.window.starting.show_progress(stage.done, stage.of, stage.what)
            await asyncio.sleep(TOLD_SECONDS)

    async def _switch(self, key: str, password: str) -> None:
        self._turn += 1
        turn = self._turn
        self._give_up()
        self.choices.key = key
        self.window.forget()
        if self.window.shell is not None:
            await self._leave()
        await self._let_go(turn)
        if turn == self._turn and not self._closing:
            await self.open(password)

    async def _let_go(self, turn: int) -> None:
        """Close what is open."""
        opened, self.opened = self.opened, None
        if opened is not None:
            self._show_opening(turn)
            with self._whole():
                await background.run(opened.close)

    async def _manage(self) -> None:
        choosing = self.choices.choosing
        if choosing is None:
            return
        if self.window.shell is not None:
            await self._leave()
        if self._closing:
            return
        self._turn += 1
        self._give_up()
        try:
            profiles = await self.choices.read_again()
        except errors.AppError as error:
            self._show_failed(str(error))
            return
        self.window.show_page(self.window.connections)
        self.window.connections.open(choosing.folder, profiles, self.choices.key)

    def _come_back(self) -> None:
        """From managing: to the connection there was, as it is now."""
        profile = self.choices.profile()
        gone = self.choices.is_gone()
        if gone or profile != self._opened_as:
            self.switch(LOCAL if gone else self.choices.key)
        else:
            background.start(self.open())

    async def _remember_password(self, profile: Profile, password: str) -> None:
        choosing = self.choices.choosing
        if choosing is None:
            return
        page = self.window.sign_in
        try:
            saved = await background.run(connections.remember, choosing.folder, profile, password)
        except errors.AppError as error:
            page.show_note(str(error))
            return
        self.choices.learn(saved.profiles)
        self._opened_as = saved.profile
        if saved.trouble:
            page.show_note(saved.trouble)

    # what is shown

    def _show_opening(self, turn: int) -> None:
        window = self.window
        if self.choices.choosing is None:
            window.show_starting(window.tr("Opening the database…"))
        elif window.is_on_card():
            self._offer_another(turn)
        else:
            window.show_starting(window.tr("Opening the database…"))
            QTimer.singleShot(LOADING_AFTER_MS, window, partial(self._offer_another, turn))

    def _offer_another(self, turn: int) -> None:
        """While it takes longer than a moment, or once a card is seen, another one can be chosen."""
        window = self.window
        if turn != self._turn or self._told == turn or self._closing:
            return
        self._offer(window.connect_page)
        window.connect_page.show_opening(filled(window.tr("Opening %1…"), self.choices.called()))
        window.show_page(window.connect_page)

    def _offer(self, page: DatabaseCard) -> None:
        page.offer_connections(self.choices.all(), self.choices.key)

    def _show_card(self, *, staffed: bool) -> None:
        if self.opened is None:
            raise AssertionError("nothing is open")
        self._told = self._turn
        self.opened.database.listener.start()  # so that nothing is missed between the first list and listening
        window = self.window
        page = window.sign_in if staffed else window.first_run
        window.forget(but=page)
        self._offer(page)
        window.show_page(page)
        if staffed:
            hint = self._start.hint
            window.sign_in.show_database(self.opened.database, hint)
        else:
            window.first_run.show_database(self.opened.database)
        if self.choices.note:
            page.show_note(self.choices.note)
            self.choices.note = ""

    def _show_failed(self, sentence: str) -> None:
        self._told = self._turn
        window = self.window
        if self.choices.choosing is None:
            window.show_failed(sentence, lambda: background.start(self.open()))
            return
        self._offer(window.connect_page)
        window.show_page(window.connect_page)
        window.connect_page.show_failed(sentence)

    def _ask_password(self, refusal: errors.DatabaseRefused) -> None:
        if self.choices.choosing is None:
            self._show_failed(str(refusal))
            return
        self._told = self._turn
        window = self.window
        self._offer(window.connect_page)
        window.show_page(window.connect_page)
        wrong = str(refusal) if isinstance(refusal, errors.PasswordWrong) else ""
        profile = self.choices.profile()
        text = window.tr("%1 asks for the password of its user.")
        if profile is not None and profile.user:
            text = window.tr("%1 asks for the password of “%2”.")
        text = filled(text, self.choices.called(), profile.user if profile is not None else "")
        window.connect_page.ask_password(text, wrong=wrong)
        if self.choices.profile() is not None:
            background.start(self._offer_keyring(self._turn))

    async def _offer_keyring(self, turn: int) -> None:
        """Whether the password can be remembered; where it cannot, why, said once on this computer."""
        try:
            await background.run(keyrings.usable)
        except errors.KeyringMissing as missing:
            if turn == self._turn and not self._remembered.value(f"keyring/{missing.why}"):
                self.window.connect_page.set_hint(str(missing))
                self._remembered.setValue(f"keyring/{missing.why}", "said")
        else:
            if turn == self._turn:
                self.window.connect_page.offer_to_remember()


def _close(opened: Opened) -> None:
    opened.close()
