"""The detail panel at the right of a list, built from a few quiet blocks."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QGridLayout,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from desktop.views import theme
from desktop.views.tokens import Tone
from desktop.views.widgets.button_row import ButtonRow
from desktop.views.widgets.buttons import ActionButton, Look
from desktop.views.widgets.flow import FlowLayout, PairRow
from desktop.views.widgets.meter import Meter
from desktop.views.widgets.pill import Pill
from desktop.views.widgets.text import hairline, label, tell_whole

WIDTH_PX: Final = 300


class DetailPanel(QScrollArea):
    """Blocks from top to bottom; `clear` and add them again when the selection changes.

    Adding between `clear` and the return to the event loop is painted once, so nothing flickers.
    """

    def __init__(self, name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(name or self.tr("Details"))
        self._body = QWidget()
        self._column = QVBoxLayout()
        self._kept: QAction | None = None
        self.clear()
        theme.signals.changed.connect(self._restyle)
        self._restyle()

    def clear(self) -> None:
        """Take every block away; a button that has the keyboard gets it back when `buttons` makes it again."""
        focus = QApplication.focusWidget()
        mine = isinstance(focus, ActionButton) and self._body.isAncestorOf(focus)
        self._kept = focus.action if mine and isinstance(focus, ActionButton) else None
        if (before := self.takeWidget()) is not None:
            before.hide()
            before.deleteLater()  # not deleted at once: the press of one of its buttons may have led here
        self._body = QWidget()
        self._body.setProperty("role", "surface")
        self._column = QVBoxLayout(self._body)
        self._column.setContentsMargins(18, 18, 18, 18)
        self._column.setSpacing(0)
        self._column.addStretch(1)
        self.setWidget(self._body)

    def stay(self) -> None:
        """What is about to be shown is the same thing, changed: it stays scrolled to where it is."""
        bar = self.verticalScrollBar()
        if at := bar.value():
            QTimer.singleShot(0, bar, lambda: bar.setValue(at))  # when the blocks have their heights

    def title(self, text: str) -> None:
        """Who or what is shown."""
        self._add(label(text, "panel-title", wrap=True, copyable=True), 4)

    def muted(self, text: str) -> None:
        """A second line, such as an e-mail address."""
        self._add(label(text, "muted", wrap=True, copyable=True), 4)

    def text(self, text: str) -> None:
        """A plain paragraph."""
        self._add(label(text, wrap=True, copyable=True), 8)

    def pills(self, pills: Sequence[tuple[str, Tone]]) -> None:
        """One or more states."""
        row = QWidget()
        flow = FlowLayout(row, 8)
        for text, tone in pills:
            flow.addWidget(Pill(text, tone))
        self._add(_flowing(row), 12)

    def seats(
        self, name: str, figures: str, fraction: float | None, below: str = "", *, card: bool = False
    ) -> None:
        """A package: its name, seats as figures, a bar, a line below; ``card`` puts a box around it."""
        frame = QFrame()
        column = QVBoxLayout(frame)
        column.setSpacing(6)
        if card:
            frame.setProperty("role", "card")
            column.setContentsMargins(12, 12, 12, 12)
        else:
            column.setContentsMargins(0, 0, 0, 0)
        head = QWidget()
        row = PairRow(head, 8, below=2)
        row.addWidget(label(name, "strong", wrap=True))
        row.addWidget(label(figures, "muted", tabular=True))
        column.addWidget(_flowing(head))
        if fraction is not None:
            column.addWidget(Meter(fraction, f"{name}: {figures}"))
        if below:
            column.addWidget(label(below, "muted", wrap=True))
        self._add(frame, 14)

    def buttons(self, buttons: Sequence[tuple[QAction, Look]]) -> None:
        """What can be done with it; wraps into a second line when there is no room."""
        row = ButtonRow()
        for action, look in buttons:
            button = ActionButton(action, look)
            row.add(button)
            if action is self._kept:
                self._kept = None
                QTimer.singleShot(0, button, button.setFocus)
        self._add(row, 14)

    def hairline(self) -> None:
        """A line between two parts."""
        self._add(hairline(), 14)

    def heading(self, text: str) -> None:
        """The name of a part, such as “History”."""
        self._add(label(text.upper(), "heading"), 14)

    def rows(self, rows: Sequence[tuple[str, str]], whole: Sequence[str] = ()) -> None:
        """Pairs under each other: a muted word or time at the left, what it is at the right. ``whole`` says the same
        at length, a text a row: it is the tooltip, what is read aloud and what is copied."""
        holder = QWidget()
        grid = QGridLayout(holder)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(6)
        grid.setColumnMinimumWidth(0, theme.px(84))
        grid.setColumnStretch(1, 1)
        for at, (what, value) in enumerate(rows):
            grid.addWidget(label(what, "muted", tabular=True), at, 0, Qt.AlignmentFlag.AlignTop)
            shown = label(value, wrap=True, copyable=True)
            if whole:
                tell_whole(shown, whole[at])
            grid.addWidget(shown, at, 1)
        self._add(holder, 8)

    def widget_block(self, widget: QWidget, gap: int = 12) -> None:
        """Something of the screen's own, ``gap`` pixels below what stands above."""
        self._add(widget, gap)

    def _add(self, widget: QWidget, gap: int) -> None:
        at = self._column.count() - 1
        if at > 0 and gap:
            self._column.insertSpacing(at, gap)
            at += 1
        self._column.insertWidget(at, widget)

    def sizeHint(self) -> QSize:
        return QSize(min(theme.px(WIDTH_PX), 480), theme.px(400))

    def _restyle(self) -> None:
        self.setMinimumWidth(self.sizeHint().width())


def _flowing(row: QWidget) -> QWidget:
    policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
    policy.setHeightForWidth(True)
    row.setSizePolicy(policy)
    return row
