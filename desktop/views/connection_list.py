"""The list of connections."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QListWidget, QListWidgetItem

from desktop.models import tips
from desktop.services import connections
from desktop.views import theme
from desktop.views.wording import named

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QWidget

    from desktop.services.connections import Profile


class ConnectionList(QListWidget):
    """Each with its name and where it leads."""

    asked = Signal(object)
    """The person went to another `Profile`; the list itself stays where it is until `choose`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._profiles: tuple[Profile, ...] = ()
        self._chosen: Profile | None = None
        self.setAccessibleName(self.tr("Connections"))
        self.setProperty("look", "boxed")
        self.setUniformItemSizes(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.currentRowChanged.connect(self._ask)
        theme.signals.changed.connect(self._restyle)

    def offer(self, profiles: Sequence[Profile], chosen: Profile | None) -> None:
        """Show these, with one of them, or none, chosen."""
        self._profiles = tuple(profiles)
        self.blockSignals(True)
        self.clear()
        for profile in self._profiles:
            item = QListWidgetItem(f"{named(profile.name)}\n{connections.shown(profile)}")
            item.setToolTip(tips.as_it_is(item.text()))
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{profile.name}, {connections.shown(profile)}")
            self.addItem(item)
        self.blockSignals(False)
        self._restyle()
        self.choose(chosen)

    def choose(self, chosen: Profile | None) -> None:
        """Mark one, without telling anybody."""
        self._chosen = chosen
        self.blockSignals(True)
        self.setCurrentRow(self._profiles.index(chosen) if chosen in self._profiles else -1)
        self.blockSignals(False)

    def _ask(self, at: int) -> None:
        wanted = self._profiles[at] if 0 <= at < len(self._profiles) else None
        self.choose(self._chosen)
        if wanted is not None and wanted != self._chosen:
            self.asked.emit(wanted)

    def _restyle(self) -> None:
        for at in range(self.count()):
            self.item(at).setSizeHint(QSize(0, theme.px(44)))
