"""The blocks of a detail panel. Each shows other values in place: the same labels and buttons say something else."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from desktop.views import theme
from desktop.views.tokens import Tone
from desktop.views.widgets.button_row import ButtonRow
from desktop.views.widgets.buttons import ActionButton, Look
from desktop.views.widgets.flow import FlowLayout, PairRow
from desktop.views.widgets.meter import Meter
from desktop.views.widgets.pill import Pill
from desktop.views.widgets.text import label, tell_whole, write

WORDS_PX: Final = 84
"""The least width of the words at the left of `Pairs`, at 100 % text."""


class Flowing(QWidget):
    """A row whose parts go on in the next line where there is no room."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)


class Pills(Flowing):
    """One or more states."""

    def __init__(self) -> None:
        super().__init__()
        self._flow = FlowLayout(self, 8)
        self._pills: list[Pill] = []

    def show_pills(self, states: Sequence[tuple[str, Tone]]) -> None:
        """Show these instead."""
        for text, tone in states[len(self._pills) :]:
            self._pills.append(Pill(text, tone))
            self._flow.addWidget(self._pills[-1])
        for pill, (text, tone) in zip(self._pills, states, strict=False):
            pill.show_status(text, tone)
        for pill in self._pills[len(states) :]:
            self._flow.removeWidget(pill)
            let_go(pill)
        del self._pills[len(states) :]


class Seats(QFrame):
    """A package: its name, seats as figures, a bar, a line below; a ``card`` has a box around it."""

    def __init__(self, *, card: bool) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setSpacing(6)
        if card:
            self.setProperty("role", "card")
            column.setContentsMargins(12, 12, 12, 12)
        else:
            column.setContentsMargins(0, 0, 0, 0)
        head = Flowing()
        row = PairRow(head, 8, below=2)
        self._name = label("", "strong", wrap=True)
        self._figures = label("", "muted", tabular=True)
        self._meter = Meter()
        self._below = label("", "muted", wrap=True)
        row.addWidget(self._name)
        row.addWidget(self._figures)
        column.addWidget(head)
        column.addWidget(self._meter)
        column.addWidget(self._below)

    def show_seats(self, name: str, figures: str, fraction: float | None, below: str) -> None:
        """Without a ``fraction`` there is no bar."""
        write(self._name, name)
        write(self._figures, figures)
        write(self._below, below)
        self._below.setVisible(bool(below))
        self._meter.setVisible(fraction is not None)
        if fraction is not None:
            self._meter.show_fraction(fraction, f"{name}: {figures}")


class Buttons(ButtonRow):
    """What can be done. A button stays as long as its action is among those shown, and with it the keyboard."""

    @property
    def buttons(self) -> Sequence[ActionButton]:
        """Those shown, in their order."""
        return self._buttons

    def show_buttons(self, offered: Sequence[tuple[QAction, Look]]) -> None:
        """Offer these instead."""
        before = {id(button.action): button for button in self._buttons}
        wanted = []
        for action, look in offered:
            button = before.pop(id(action), None) or ActionButton(action, look)
            button.show_look(look)
            wanted.append(button)
        if wanted == self._buttons:
            return
        for button in self._buttons:
            self._flow.removeWidget(button)
        for button in wanted:
            self._flow.addWidget(button)
            button.setVisible(button.action.isVisible())  # now, that it can take the keyboard
            button.raise_()  # screen readers go by the order of the children
        for button in before.values():
            let_go(button)
        self._buttons = wanted


class Pairs(QWidget):
    """Pairs under each other: a muted word or time at the left, what it is at the right."""

    def __init__(self) -> None:
        super().__init__()
        self._pairs: list[tuple[QLabel, QLabel]] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnStretch(1, 1)
        theme.signals.changed.connect(self._restyle)
        self._restyle()

    def show_pairs(self, pairs: Sequence[tuple[str, str]], whole: Sequence[str] = ()) -> None:
        """Show these instead; ``whole`` says at length what the values at the right say, a text a row."""
        for at in range(len(self._pairs), len(pairs)):
            what, value = label("", "muted", tabular=True), label("", wrap=True, copyable=True)
            self._grid.addWidget(what, at, 0, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(value, at, 1)
            self._pairs.append((what, value))
        for one, texts in zip(self._pairs, pairs, strict=False):
            for shown, text in zip(one, texts, strict=True):
                write(shown, text)
        for (_, value), text in zip(self._pairs, whole, strict=False):
            tell_whole(value, text)
        for one in self._pairs[len(pairs) :]:
            for shown in one:
                self._grid.removeWidget(shown)
                let_go(shown)
        del self._pairs[len(pairs) :]

    def _restyle(self) -> None:
        self._grid.setColumnMinimumWidth(0, theme.px(WORDS_PX))


def let_go(widget: QWidget) -> None:
    """It is shown no more, whatever is told to show it. Not deleted at once: the press of this very button may have led
    here."""
    nowhere = QWidget(widget.parentWidget())
    nowhere.hide()
    widget.hide()
    widget.setParent(nowhere)
    nowhere.deleteLater()
