"""Where a signed-in person is and may go. Knows navigation only; every screen knows its own business."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from desktop.services.permissions import Operation, allowed
from desktop.services.workspace import Workspace
from desktop.views import theme
from desktop.views.screen import Screen
from desktop.views.widgets.message_bar import Offer
from desktop.views.widgets.side_bar import Group, Place, SideBar
from desktop.views.widgets.states import StatePane
from desktop.views.widgets.text import label


@dataclass(frozen=True, slots=True)
class Section:
    """A screen the sidebar offers to those who may use it; made when it is first visited."""

    key: str
    heading: str
    text: str
    needs: Operation
    make: Callable[[Workspace], Screen]


class Shell(QWidget):
    """Sidebar, the current screen, status line."""

    sign_out_asked = Signal()
    theme_chosen = Signal(str)

    def __init__(
        self, workspace: Workspace, sections: tuple[Section, ...], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.workspace = workspace
        mine = [section for section in sections if allowed(workspace.actor.roles, section.needs)]
        self._sections: Mapping[str, Section] = {section.key: section for section in mine}
        self._screens: dict[str, Screen] = {}

        self.side_bar = SideBar()
        self.side_bar.set_places(_groups(mine))
        self.side_bar.set_connection("live", workspace.database.name)
        roles = ", ".join(sorted(map(self._role, workspace.actor.roles)))
        self.side_bar.set_person(f"{workspace.actor.name} · {roles}")
        self.side_bar.set_theme_mode(theme.mode())
        self.side_bar.chosen.connect(self.go)
        self.side_bar.sign_out_asked.connect(self.sign_out_asked)
        self.side_bar.theme_chosen.connect(self.theme_chosen)
        theme.signals.changed.connect(self._show_theme)

        self._stack = QStackedWidget()
        self._status = label("", "muted", tabular=True)
        self._keys = label(self.tr("F5 reload"), "muted")
        status = QFrame()
        status.setProperty("role", "status")
        line = QHBoxLayout(status)
        line.setContentsMargins(24, 6, 24, 6)
        line.addWidget(self._status, 1)
        line.addWidget(self._keys)
        right = QVBoxLayout()
        right.setSpacing(0)
        right.addWidget(self._stack, 1)
        right.addWidget(status)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.side_bar)
        row.addLayout(right, 1)

        self._shortcut("F5", lambda screen: screen.refresh())
        self._shortcut("Ctrl+Z", lambda screen: screen.undo())
        for number, section in enumerate(mine, start=1):
            keys = QShortcut(QKeySequence(f"Ctrl+{number}"), self)
            keys.activated.connect(lambda key=section.key: self.go(key))
        if mine:
            self.go(mine[0].key)
        else:
            nothing = StatePane(QWidget())
            nothing.show_empty(
                self.tr(
                    "Your role has no section in this version of Greenroom yet. An admin can give you another one."
                )
            )
            self._stack.addWidget(nothing)

    def current_screen(self) -> Screen | None:
        """The screen being shown."""
        current = self._stack.currentWidget()
        return current if isinstance(current, Screen) else None

    def go(self, key: str, argument: object = None) -> None:
        """Show a section; the ones this role may not use are ignored."""
        section = self._sections.get(key)
        if section is None:
            return
        screen = self._screens.get(key)
        if screen is None:
            screen = section.make(self.workspace)
            self._screens[key] = screen
            screen.went.connect(self.go)
            screen.status_changed.connect(lambda text, screen=screen: self._say(screen, text))
            self._stack.addWidget(screen)
        self._status.setText("")
        self._stack.setCurrentWidget(screen)
        self.side_bar.set_current(key)
        screen.open(argument)

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
        for screen in self._screens.values():
            screen.close_down()

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

    def _show_theme(self) -> None:
        self.side_bar.set_theme_mode(theme.mode())

    def _shortcut(self, keys: str, does: Callable[[Screen], None]) -> None:
        shortcut = QShortcut(QKeySequence(keys), self)
        shortcut.setContext(Qt.ShortcutContext.WindowShortcut)

        def run() -> None:
            if (screen := self.current_screen()) is not None:
                does(screen)

        shortcut.activated.connect(run)


def _groups(sections: list[Section]) -> list[Group]:
    groups: dict[str, list[Place]] = {}
    for number, section in enumerate(sections, start=1):
        place = Place(section.key, section.text, shortcut=f"Ctrl+{number}")
        groups.setdefault(section.heading, []).append(place)
    return [Group(heading, tuple(places)) for heading, places in groups.items()]
