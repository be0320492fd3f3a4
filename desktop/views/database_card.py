"""A card about one database, which can be exchanged for another one without leaving the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal

from desktop.views.card import CardPage
from desktop.views.widgets.connection_box import ConnectionBox
from desktop.views.widgets.form_field import FormField

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QWidget

    from desktop.views.widgets.connection_box import Choice


class DatabaseCard(CardPage):
    """Its first field chooses the connection, where there are connections to choose from."""

    connection_chosen = Signal(str)
    """The key of another connection."""

    manage_asked = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self.connections = ConnectionBox()
        self.connection = FormField(self.tr("&Connection"), self.connections)
        self.connection.hide()
        self.add(self.connection)
        self.connections.chosen.connect(self.connection_chosen)
        self.connections.manage_asked.connect(self.manage_asked)

    def forget(self) -> None:
        """Another database was chosen: what was typed for this one must not go there."""

    def offer_connections(self, choices: Sequence[Choice], current: str) -> None:
        """Offer these; none at all where there is nothing to choose, as in the demo."""
        self.connections.offer(choices, current)
        self.connection.setVisible(bool(choices))
