"""Where a signed-in person is and may go. Knows navigation only; every screen knows its own business."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from desktop.services.permissions import Operation, allowed
from desktop.services.workspace import Workspace
from desktop.views.following import Following
from desktop.views.looks import Looks
from desktop.views.palette import Palette, commands
from desktop.views.screen import Screen
from desktop.views.widgets.buttons import Action, ActionButton
from desktop.views.widgets.connection_box import Choice
from desktop.views.widgets.entry_list import Entry
from desktop.views.widgets.message_bar import Offer
from desktop.views.widgets.overlay import Overlay
from desktop.views.widgets.side_bar import Connection, Group, Place, SideBar
from desktop.views.widgets.states import StatePane
from desktop.views.widgets.text import label

AHEAD_MS: Final = 1500
"""So long after somebody went somewhere, when they read, a screen they did not go to yet is made, and then the next:
the commands (Ctrl+K) are those of all screens, and making all of them at once would hold the window up."""
SOON_MS: Final = 20
"""While the commands or the shortcuts are listed they are made one after the other, each when what was there before has
been painted."""


@dataclass(frozen=True, slots=True)
class Section:
    """A screen the sidebar offers to those who may use it; made when it is first visited, or soon."""

    key: str
    heading: str
    text: str
    needs: Operation
    make: Callable[[Workspace], Screen]


class Shell(QWidget):
    """Sidebar, the current screen, status line."""

    sign_out_asked = Signal()

    connection_chosen = Signal(str)
    """The key of another connection; whatever was typed is saved or given up by then."""

    manage_asked = Signal()

    def __init__(
        self,
        workspace: Workspace,
        sections: tuple[Section, ...],
        parent: QWidget | None = None,
        *,
        begun: bool = True,
    ) -> None:
        """``begun`` is false when `begin` follows in a later turn of the event loop."""
        super().__init__(parent)
        self.workspace = workspace
        mine = [section for section in sections if allowed(workspace.actor.roles, section.needs)]
        self._sections: Mapping[str, Section] = {section.key: section for section in mine}
        self._screens: dict[str, Screen] = {}
        self._list_again: Callable[[], None] | None = None

        self.side_bar = SideBar()
        self.side_bar.set_places(_groups(mine))
        roles = ", ".join(sorted(map(self._role, workspace.actor.roles)))
        self.side_bar.set_person(f"{workspace.actor.name} · {roles}")
        self.side_bar.chosen.connect(self.go)
        self.side_bar.connections.chosen.connect(self._switch)
        self.side_bar.connections.manage_asked.connect(lambda: self.leave(self.manage_asked.emit))

        self._stack = QStackedWidget()
        self._status = label("", "muted", tabular=True, wrap=True)
        self._live = label("", "muted", tabular=True)
        tr = self.tr
        reload = self._action(tr("&Reload"), self._reload, "F5", tr("Read what is shown again"))
        self._action(tr("&Undo"), self._undo, "Ctrl+Z", tr("Take the last step back"))
        self._leave = self._action(
            tr("&Sign out"), self._sign_out, "Ctrl+Shift+Q", tr("Let somebody else sign in")
        )
        self.commands = self._action(
            tr("&Commands"), self._open_palette, "Ctrl+K", tr("Find a command, an event or a person")
        )
        self.side_bar.offer_to_leave(self._leave)
        status = QFrame()
        status.setProperty("role", "status")
        line = QHBoxLayout(status)
        line.setContentsMargins(24, 2, 16, 2)
        line.setSpacing(4)
        line.addWidget(self._status, 1)
        line.addSpacing(12)
        line.addWidget(self._live)
        line.addSpacing(12)
        for action in (reload, self.commands):
            line.addWidget(_hint(action))
        self._line = line
        right = QVBoxLayout()
        right.setSpacing(0)
        right.addWidget(self._stack, 1)
        right.addWidget(status)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.side_bar)
        row.addLayout(right, 1)

        for number, section in enumerate(mine, start=1):
            self._action(section.text, partial(self.go, section.key), f"Ctrl+{number}")
        self.following = Following(workspace, self.current_screen, self)
        self.following.told.connect(self._say_how_live)
        self.following.say()
        self._ahead = QTimer(self, singleShot=True)
        self._ahead.timeout.connect(self._make_ahead)
        if begun:
            self.begin()

    def begin(self) -> None:
        """Show the first section of those this person may use."""
        if self._sections:
            self.go(next(iter(self._sections)))
        else:
            nothing = StatePane(QWidget())
            nothing.show_empty(
                self.tr(
                    "Your role has no section in this version of Greenroom yet. An admin can give you another one."
                ),
                self.tr("&Sign out"),
                self._leave.start,
            )
            self._stack.addWidget(nothing)

    def current_screen(self) -> Screen | None:
        """The screen being shown."""
        current = self._stack.currentWidget()
        return current if isinstance(current, Screen) else None

    def go(self, key: str, argument: object = None) -> None:
        """Show a section; the ones this role may not use are ignored."""
        if key not in self._sections:
            return
        screen = self._screen(key)
        self._status.setText("")
        self._stack.setCurrentWidget(screen)
        self.side_bar.set_current(key)
        screen.open(argument)
        self._ahead.start(AHEAD_MS)

    def offer_view(self, looks: Looks, shortcuts: Action) -> None:
        """Let the sidebar's foot offer how everything looks, and the status line the list of all shortcuts."""
        self.side_bar.offer_view(looks)
        self._line.addWidget(_hint(shortcuts))

    def offer_connections(self, choices: Sequence[Choice], current: str) -> None:
        """The databases one may switch to from here; nothing where there is nothing to choose."""
        if choices:
            show = self._action(
                self.tr("S&witch connection…"),
                self.side_bar.connections.show_menu,
                "Ctrl+Shift+O",
                self.tr("Work with another database"),
            )
            self.side_bar.connections.offer(choices, current, show)

    def leave(self, then: Callable[[], object]) -> None:
        """Do this, unless something typed would be lost by it: then the person is asked first, where it was typed."""
        for key, screen in self._screens.items():
            if screen.unsaved:
                self.go(key)
                screen.leave(lambda: self.leave(then))
                return
        then()

    def places(self) -> list[tuple[str, str, Screen]]:
        """Every section somebody went to or that was made ahead: its key, what it is called and its screen, the one
        being shown first."""
        order = list(self._sections)
        made = [(key, self._sections[key].text, screen) for key, screen in self._screens.items()]
        return sorted(made, key=lambda place: (place[2] is not self.current_screen(), order.index(place[0])))

    def list_in(self, listing: Overlay, again: Callable[[], None]) -> None:
        """While this is open the screens nobody went to yet are made, one after the other, and ``again`` is called
        after each: it lists what can be done in `places`."""
        self._list_again = again
        listing.closed.connect(partial(self._unlist, again))
        self._ahead.start(SOON_MS)

    def show_error(self, sentence: str, offers: Sequence[Offer] = ()) -> None:
        """Say what went wrong, in the screen being shown."""
        if (screen := self.current_screen()) is not None:
            screen.messages.error(sentence, offers)
        else:
            self._status.setText(sentence)

    def reach(self) -> None:
        """Give the keyboard to the screen being shown; a shell that is not shown yet cannot."""
        if (screen := self.current_screen()) is not None:
            screen.reach()

    def close_down(self) -> None:
        """Stop every screen from reading."""
        self._ahead.stop()
        self.following.leave()
        for screen in self._screens.values():
            screen.close_down()

    def _switch(self, key: str) -> None:
        self.leave(partial(self.connection_chosen.emit, key))

    def _role(self, role: str) -> str:
        """What people call a role; one only the website knows stays as it is."""
        known = {
            "admin": self.tr("Admin"),
            "organizer": self.tr("Organizer"),
            "door": self.tr("Door"),
            "editor": self.tr("Editor"),
        }
        return known.get(role, role)

    def _say(self, screen: Screen, text: str) -> None:
        if self._stack.currentWidget() is screen:
            self._status.setText(text)

    def _screen(self, key: str) -> Screen:
        screen = self._screens.get(key)
        if screen is None:
            screen = self._sections[key].make(self.workspace)
            self._screens[key] = screen
            screen.went.connect(self.go)
            screen.status_changed.connect(lambda text, screen=screen: self._say(screen, text))
            self.following.watch(screen)
            self._stack.addWidget(screen)
        return screen

    def _make_ahead(self) -> None:
        """Make one of the screens nobody went to yet."""
        key = next((key for key in self._sections if key not in self._screens), None)
        if key is not None:
            self._screen(key)
            if self._list_again is not None:
                self._list_again()
            self._ahead.start(AHEAD_MS if self._list_again is None else SOON_MS)

    def _sign_out(self) -> None:
        self.leave(self.sign_out_asked.emit)

    def _say_how_live(self, state: Connection, beside_the_dot: str, below: str) -> None:
        database = self.workspace.database
        self.side_bar.set_connection(state, beside_the_dot, database.short_name, database.name)
        self._live.setText(below)

    def _reload(self) -> None:
        self.following.hurry()
        if (screen := self.current_screen()) is not None:
            screen.refresh()

    def _undo(self) -> None:
        if (screen := self.current_screen()) is not None:
            screen.undo()

    def _open_palette(self) -> None:
        """At once with what is known; what the screens offer that are not made yet comes while it is open."""
        palette = Palette(self, self.workspace, self._commands())
        palette.went.connect(self.go)
        palette.open()
        self.list_in(palette, lambda: palette.show_groups(self._commands()))

    def _unlist(self, again: Callable[[], None]) -> None:
        if self._list_again is again:
            self._list_again = None

    def _commands(self) -> Sequence[tuple[str, Sequence[Entry]]]:
        return commands(self.window(), self.places(), self.go)

    def _action(self, text: str, does: Callable[[], None], shortcut: str, about: str = "") -> Action:
        made = Action(text, does, shortcut=shortcut, about=about, parent=self)
        self.addAction(made)
        return made


def _hint(action: Action) -> ActionButton:
    """A command and its shortcut at the foot of the window. Whoever works by keyboard presses the shortcut that is
    written there, and does not meet it again at the end of every walk with Tab."""
    made = ActionButton(action, "link")
    made.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return made


def _groups(sections: list[Section]) -> list[Group]:
    groups: dict[str, list[Place]] = {}
    for number, section in enumerate(sections, start=1):
        place = Place(section.key, section.text, shortcut=f"Ctrl+{number}")
        groups.setdefault(section.heading, []).append(place)
    return [Group(heading, tuple(places)) for heading, places in groups.items()]
