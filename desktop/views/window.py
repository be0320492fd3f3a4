"""The one window: starting, signing in, working. Its pages are made when they are first needed: to show a window takes
none of what they import. What their people ask for is heard here, so that nobody has to make a page to listen to it."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QMainWindow, QStackedWidget, QWidget

from desktop.views import icons
from desktop.views.card import CardPage
from desktop.views.looks import Looks
from desktop.views.widgets import reading_order
from desktop.views.widgets.buttons import Action
from desktop.views.widgets.states import StatePane

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QCloseEvent

    from desktop.views.connect import ConnectPage
    from desktop.views.connections import ConnectionsPage
    from desktop.views.database_card import DatabaseCard
    from desktop.views.shell import Shell
    from desktop.views.shortcut_list import Groups
    from desktop.views.sign_in import FirstRunPage, SignInPage

Page = TypeVar("Page", bound=QWidget)
Card = TypeVar("Card", bound="DatabaseCard")


class Window(QMainWindow):
    """Shows one page at a time. Closing is asked for, never done: the application finishes its work first."""

    closing = Signal()

    signed_in = Signal(object)
    """The `Actor` who came in, on the one card or the other."""

    sign_in_asked = Signal()
    """The first account is there by now."""

    connection_chosen = Signal(str)
    """The key of a connection, on a card."""

    connection_tried = Signal(str, str)
    """The key of a connection to be used, and the password it was tried with."""

    connections_changed = Signal(object)
    """The profiles there are now."""

    connections_left = Signal()

    manage_asked = Signal()

    password_typed = Signal(str, bool)
    """The database's, to open it with; and whether it shall be remembered."""

    def __init__(self) -> None:
        super().__init__()
        self.setWindowTitle("Greenroom")
        self.setWindowIcon(icons.app_icon())
        self.setMinimumSize(QSize(960, 600))
        self.resize(1360, 800)
        self.starting = StatePane(QWidget())
        self.shell: Shell | None = None
        self._stack = QStackedWidget()
        self._stack.addWidget(self.starting)
        self._cards: list[DatabaseCard] = []
        self.setCentralWidget(self._stack)
        self.looks = Looks(self)
        self.shortcuts = Action(
            self.tr("S&hortcuts"),
            self._list_shortcuts,
            shortcut="Ctrl+?",
            also=("F1",),
            about=self.tr("List all shortcuts"),
            parent=self,
        )
        leave = Action(
            self.tr("&Quit"), self._quit, shortcut="Ctrl+Q", about=self.tr("Close Greenroom"), parent=self
        )
        self.addActions([*self.looks.actions(), self.shortcuts, leave])

    @cached_property
    def sign_in(self) -> SignInPage:
        """Who is there?"""
        from desktop.views.sign_in import SignInPage

        page = self._card(SignInPage())
        page.signed_in.connect(self.signed_in)
        return page

    @cached_property
    def first_run(self) -> FirstRunPage:
        """The first account of a database."""
        from desktop.views.sign_in import FirstRunPage

        page = self._card(FirstRunPage())
        page.made.connect(self.signed_in)
        page.sign_in_asked.connect(self.sign_in_asked)
        return page

    @cached_property
    def connect_page(self) -> ConnectPage:
        """Reaching a database."""
        from desktop.views.connect import ConnectPage

        page = self._card(ConnectPage())
        page.asked.connect(self.password_typed)
        return page

    @cached_property
    def connections(self) -> ConnectionsPage:
        """The connections there are."""
        from desktop.views.connections import ConnectionsPage

        page = self._added(ConnectionsPage())
        page.left.connect(self.connections_left)
        page.use_asked.connect(self.connection_tried)
        page.changed.connect(self.connections_changed)
        return page

    def forget(self, but: QWidget | None = None) -> None:
        """What was typed on every card, ``but`` on this one: it must not go to another database."""
        for card in self._cards:
            if card is not but:
                card.forget()

    def _card(self, card: Card) -> Card:
        card.connection_chosen.connect(self.connection_chosen)
        card.manage_asked.connect(self.manage_asked)
        self._cards.append(card)
        return self._added(card)

    def _added(self, page: Page) -> Page:
        self._stack.addWidget(page)
        return page

    def show_starting(self, sentence: str) -> None:
        """Say what is being waited for, if it takes longer than half a second."""
        self.starting.show_loading(sentence)
        self._stack.setCurrentWidget(self.starting)

    def show_failed(self, sentence: str, retry: Callable[[], object]) -> None:
        """Nothing can be shown without a database: why, and Retry."""
        self.starting.show_failed(sentence, retry)
        self._stack.setCurrentWidget(self.starting)
        self.starting.reach()

    def show_page(self, page: QWidget) -> None:
        """Show one of the window's own pages."""
        self._stack.setCurrentWidget(page)

    def is_on_card(self) -> bool:
        """Whether what is shown is a card, which is not taken away for a moment's waiting."""
        return isinstance(self._stack.currentWidget(), CardPage)

    def show_shell(self, shell: Shell) -> None:
        """Start working; `leave_shell` ends it."""
        self.shell = shell
        shell.offer_view(self.looks, self.shortcuts)
        self._stack.addWidget(shell)
        self._stack.setCurrentWidget(shell)
        shell.reach()

    def leave_shell(self, sentence: str) -> Shell | None:
        """Take the signed-in part out of sight and stop its reading; ``sentence`` says what is being waited for.

        The caller deletes it, but not while something it started is running and will want to show its result.
        """
        shell, self.shell = self.shell, None
        self.show_starting(sentence)
        if shell is not None:
            shell.close_down()
            self._stack.removeWidget(shell)
        return shell

    def show_fault(self, sentence: str, retry: Callable[[], object], report: Callable[[], object]) -> None:
        """Say that something of ours broke, where the person is looking; ``report`` shows more, ``retry`` is for
        where nothing else can be done."""
        page = self._stack.currentWidget()
        offers = [(self.tr("&Show the report"), report)]
        if self.shell is not None:
            self.shell.show_error(sentence, offers)
        elif isinstance(page, CardPage):
            page.show_error(sentence, offers)
        else:
            self.show_failed(sentence, retry)

    def _list_shortcuts(self) -> None:
        from desktop.views.shortcut_list import ShortcutList, groups_of

        page, shell = self._stack.currentWidget() or self, self.shell

        def groups() -> Groups:
            places: list[tuple[str, QWidget]] = []
            if isinstance(page, CardPage):
                places.append((page.accessibleName(), page))
            elif shell is not None:
                places.extend((name, screen) for _, name, screen in shell.places())
            return groups_of(self, places)

        listing = ShortcutList(page, groups())
        listing.open()
        if shell is not None and page is shell:
            shell.list_in(listing, lambda: listing.show_groups(groups()))

    def _quit(self) -> None:
        self.close()

    def focusNextPrevChild(self, next_one: bool) -> bool:
        return reading_order.step(self, forwards=next_one)

    def closeEvent(self, event: QCloseEvent) -> None:
        event.ignore()
        self.closing.emit()
