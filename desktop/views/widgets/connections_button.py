"""The button of the sidebar that switches to another database."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from desktop.views.widgets.buttons import IconButton
from desktop.views.widgets.connection_box import Choice


class ConnectionsButton(IconButton):
    """Opens a menu of the connections; the one in use is marked. Hidden until there is something to choose."""

    chosen = Signal(str)
    """The key of another connection."""

    manage_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("switch", "", parent=parent)
        self.show_icon("switch", self.tr("Switch connection"))
        self.menu_of_connections: QMenu | None = None
        self.hide()

    def offer(self, choices: Sequence[Choice], current: str, show: QAction) -> None:
        """Offer these, and to manage them; ``show`` is the action that opens the menu."""
        self.show_icon("switch", show.text().replace("&", ""))
        self.setToolTip(show.toolTip())
        self.clicked.connect(show.trigger)
        menu = self.menu_of_connections = QMenu(self)
        group = QActionGroup(menu)
        for key, text in choices:
            action = menu.addAction(text.replace("&", "&&"))
            action.setCheckable(True)
            action.setChecked(key == current)
            group.addAction(action)
            if key != current:
                action.triggered.connect(lambda _=False, key=key: self.chosen.emit(key))
        menu.addSeparator()
        menu.addAction(self.tr("&Manage connections…")).triggered.connect(self.manage_asked)
        self.show()

    def show_menu(self) -> None:
        """Open the menu above the button; the arrow keys and Enter choose."""
        if self.menu_of_connections is not None:
            self.menu_of_connections.popup(self.mapToGlobal(self.rect().topLeft()))
