"""Light or dark, and how large text is: what the person may choose at any time and on every page."""

from functools import partial
from typing import Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QApplication

from desktop.views import theme
from desktop.views.tokens import Mode
from desktop.views.widgets.buttons import Action

PERCENT: Final = (100, 110, 125, 150, 175, 200)
"""The sizes of text one can step through."""


class Looks(QObject):
    """The actions; each shows its choice at once and tells it, so that it can be remembered."""

    chosen = Signal(str, float)
    """The mode ("light", "dark" or "system") and the size of text (1.0 to 2.0) that are shown from now on."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        tr = self.tr
        self.modes: dict[Mode, Action] = {
            "light": Action(tr("&Light"), partial(self._show, "light"), shortcut="Ctrl+Shift+L",
                            about=tr("Show everything light"), parent=self),
            "dark": Action(tr("&Dark"), partial(self._show, "dark"), shortcut="Ctrl+Shift+D",
                           about=tr("Show everything dark"), parent=self),
            "system": Action(tr("As the &system"), partial(self._show, "system"), shortcut="Ctrl+Shift+Y",
                             about=tr("Light or dark, as the system is"), parent=self),
        }  # fmt: skip
        one_of = QActionGroup(self)
        for action in self.modes.values():
            action.setCheckable(True)
            one_of.addAction(action)
        self.larger = Action(
            tr("L&arger text"), partial(self._step, 1), shortcut="Ctrl++", also=("Ctrl+=",), parent=self
        )
        self.smaller = Action(tr("S&maller text"), partial(self._step, -1), shortcut="Ctrl+-", parent=self)
        self.normal = Action(
            tr("&Normal text"), partial(self._show, None, 1.0), shortcut="Ctrl+0", parent=self
        )
        theme.signals.changed.connect(self._follow)
        self._follow()

    def sizes(self) -> tuple[Action, ...]:
        """Larger, smaller, normal."""
        return self.larger, self.smaller, self.normal

    def actions(self) -> tuple[Action, ...]:
        """All of them."""
        return (*self.modes.values(), *self.sizes())

    def _step(self, way: int) -> None:
        now = round(theme.scale() * 100)
        further = [size for size in PERCENT if (size - now) * way > 0]
        if further:
            self._show(None, min(further, key=lambda size: abs(size - now)) / 100)

    def _show(self, mode: Mode | None, scale: float | None = None) -> None:
        application = QApplication.instance()
        if isinstance(application, QApplication):
            theme.apply(application, mode or theme.mode(), scale or theme.scale())
            self.chosen.emit(theme.mode(), theme.scale())

    def _follow(self) -> None:
        self.modes[theme.mode()].setChecked(True)
        size = round(theme.scale() * 100)
        now = self.tr("Text is at %1 %").replace("%1", str(size))
        self.larger.set_available(size < PERCENT[-1], now)
        self.smaller.set_available(size > PERCENT[0], now)
        self.normal.set_available(size != PERCENT[0], now)
