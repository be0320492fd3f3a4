"""The bar at the left: where one can go, the state of the connection, who is signed in."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QMenu,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from desktop.models import tips
from desktop.views import theme
from desktop.views.looks import Looks
from desktop.views.widgets.buttons import IconButton
from desktop.views.widgets.connections_button import ConnectionsButton
from desktop.views.widgets.named_label import NamedLabel
from desktop.views.widgets.side_place import Place, PlaceButton, StateDot
from desktop.views.widgets.text import hairline, label

__all__ = ["Connection", "Group", "Place", "SideBar"]

WIDTH_PX: Final = 208
Connection = Literal["live", "behind", "offline"]
_DOTS: Final[dict[Connection, str]] = {"live": "accent", "behind": "amber", "offline": "red"}
_ICONS: Final = {"light": "sun", "dark": "moon", "system": "system"}


@dataclass(frozen=True, slots=True)
class Group:
    """Places under a heading; the first group usually has none."""

    heading: str
    places: tuple[Place, ...]


class SideBar(QFrame):
    """Up and down walk through the places, Enter or Space goes there; Tab stops once, at the current one."""

    chosen = Signal(str)
    """The person wants to go to the place with this key; call `set_current` when one is there."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "side")
        self.setAccessibleName(self.tr("Sections"))
        self._entries: dict[str, PlaceButton] = {}
        self._current = ""

        brand = QHBoxLayout()
        brand.setSpacing(0)
        brand.setContentsMargins(10, 0, 0, 0)
        brand.addWidget(label("Green", "brand"))
        room = label("room", "brand")
        room.setProperty("tint", "accent")
        brand.addWidget(room, 1)

        self._places = QVBoxLayout()
        self._places.setSpacing(2)
        self._places.setContentsMargins(0, 0, 0, 0)
        holder = QWidget()
        holder.setProperty("role", "surface")
        holder.setLayout(self._places)
        scroll = self._scroll = QScrollArea()
        scroll.setProperty("role", "plain")
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(holder)

        self._dot = StateDot()
        self._state = NamedLabel("small")
        self._person = label("", "small", wrap=True)
        self._view_button = IconButton("system", self.tr("View: light or dark, size of text"))
        self._view_button.clicked.connect(self._show_view)
        self._view_button.hide()
        self.connections = ConnectionsButton()
        self._leave = IconButton("sign-out", "")
        self._leave.hide()
        state = QHBoxLayout()
        state.setSpacing(7)
        state.addWidget(self._dot)
        state.addWidget(self._state, 1)
        state.addWidget(self.connections)
        state.addWidget(self._view_button)
        person = QHBoxLayout()
        person.setSpacing(0)
        person.addWidget(self._person, 1)
        person.addWidget(self._leave)
        foot = QVBoxLayout()
        foot.setContentsMargins(10, 0, 0, 0)
        foot.setSpacing(0)
        foot.addLayout(state)
        foot.addLayout(person)

        column = QVBoxLayout(self)
        column.setContentsMargins(12, 20, 12, 12)
        column.setSpacing(0)
        column.addLayout(brand)
        column.addSpacing(28)
        column.addWidget(scroll, 1)
        column.addWidget(hairline())
        column.addSpacing(10)
        column.addLayout(foot)

        self._view = QMenu(self)
        theme.signals.changed.connect(self._restyle)
        self._restyle()

    def set_places(self, groups: Sequence[Group]) -> None:
        """Show these places; the ones a role may not use are simply not given."""
        while (item := self._places.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self._entries = {}
        for number, group in enumerate(groups):
            if number:
                self._places.addSpacing(16)
            if group.heading:
                heading = label(group.heading.upper(), "group")
                heading.setContentsMargins(10, 0, 0, 6)
                self._places.addWidget(heading)
            for place in group.places:
                entry = PlaceButton(place, self)
                entry.clicked.connect(lambda _=False, key=place.key: self.chosen.emit(key))
                entry.walked.connect(lambda key, place=place.key: self._walk(place, key))
                self._places.addWidget(entry)
                self._entries[place.key] = entry
        self._places.addStretch(1)
        if self._entries:
            self.set_current(self._current if self._current in self._entries else next(iter(self._entries)))

    def places(self) -> tuple[str, ...]:
        """The keys shown, from top to bottom."""
        return tuple(self._entries)

    def current(self) -> str:
        """The key of the place one is at."""
        return self._current

    def set_current(self, key: str) -> None:
        """Mark where one is, without emitting `chosen`; KeyError for a place that is not shown."""
        self._entries[key].setChecked(True)
        self._current = key
        for other, entry in self._entries.items():
            entry.setChecked(other == key)
            entry.setFocusPolicy(Qt.FocusPolicy.StrongFocus if other == key else Qt.FocusPolicy.ClickFocus)

    def set_connection(self, state: Connection, text: str, name: str = "", where: str = "") -> None:
        """The dot's colour and the words beside it, which say the same: “Live · gala-db”, “Behind · gala-db”,
        “Offline since 09:12”. Where there is no room, the middle of the database's ``name`` gives way. The tooltip
        says at length ``where`` it is."""
        self._dot.show_tint(_DOTS[state])
        self._state.say(text, name)
        self._state.setToolTip(tips.as_it_is(where))

    def set_person(self, text: str) -> None:
        """Who is signed in, such as “Asha Menon · Organizer”."""
        self._person.setText(text)

    def offer_view(self, looks: Looks) -> None:
        """A menu of light and dark and of the size of text."""
        self._view.clear()
        self._view.addActions(list(looks.modes.values()))
        self._view.addSeparator()
        self._view.addActions(looks.sizes())
        self._view_button.show()

    def offer_to_leave(self, action: QAction) -> None:
        """The button beside whoever is signed in."""
        self._leave.show_icon("sign-out", action.text().replace("&", ""))
        self._leave.setToolTip(action.toolTip())
        self._leave.clicked.connect(action.trigger)
        self._leave.show()

    def _walk(self, place: str, key: Qt.Key) -> None:
        keys = list(self._entries)
        at = {
            Qt.Key.Key_Down: keys.index(place) + 1,
            Qt.Key.Key_Up: keys.index(place) - 1,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: len(keys) - 1,
        }[key]
        entry = self._entries[keys[max(0, min(len(keys) - 1, at))]]
        entry.setFocus(Qt.FocusReason.TabFocusReason)
        self._scroll.ensureWidgetVisible(entry)

    def _show_view(self) -> None:
        self._view.popup(self._view_button.mapToGlobal(self._view_button.rect().topLeft()))

    def _restyle(self) -> None:
        self._view_button.show_icon(_ICONS[theme.mode()], self._view_button.accessibleName())
        self.setFixedWidth(round(WIDTH_PX * (1 + (theme.scale() - 1) * 0.45)))
