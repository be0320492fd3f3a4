"""The detail panel at the right of a list, built from a few quiet blocks."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, TypeVar, cast

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from desktop.views import theme
from desktop.views.tokens import Tone
from desktop.views.widgets.buttons import ActionButton, Look
from desktop.views.widgets.panel_blocks import Buttons, Pairs, Pills, Seats, let_go
from desktop.views.widgets.text import Role, hairline, label, write

WIDTH_PX: Final = 300

W = TypeVar("W", bound=QWidget)


@dataclass(eq=False, slots=True)
class _Block:
    """What it is, and the gap above it."""

    kind: str
    widget: QWidget
    above: QWidget


class DetailPanel(QScrollArea):
    """Blocks from top to bottom, which are told again within `filled` whenever what is shown changes.

    A block that was there before says what is new in place: nothing flickers, and the keyboard, an open menu and the
    place one has scrolled to stay.
    """

    def __init__(self, name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(name or self.tr("Details"))
        body = QWidget()
        body.setProperty("role", "surface")
        self._column = QVBoxLayout(body)
        self._column.setContentsMargins(18, 18, 18, 18)
        self._column.setSpacing(0)
        self._column.addStretch(1)
        self._blocks: list[_Block] = []
        self._left: list[_Block] | None = None
        """While it is filled: those shown until now that have not been told again."""
        self.setWidget(body)
        theme.signals.changed.connect(self._restyle)
        self._restyle()

    @contextmanager
    def filled(self) -> Iterator[None]:
        """The blocks told within are what the panel shows from now on; the others go."""
        before, left = self._blocks, self._blocks[:]
        self._blocks, self._left = [], left
        try:
            yield
        finally:
            self._left = None
            if self._blocks != before:
                self._arrange(before)
            for block in left:
                let_go(block.above)
                let_go(block.widget)

    def clear(self) -> None:
        """Take every block away."""
        with self.filled():
            pass

    def scroll_up(self) -> None:
        """Something else is about to be shown, from its beginning."""
        self.verticalScrollBar().setValue(0)

    def shown_buttons(self) -> list[ActionButton]:
        """The buttons there are, from top to bottom."""
        rows = [block.widget for block in self._blocks if isinstance(block.widget, Buttons)]
        return [button for row in rows for button in row.buttons]

    def title(self, text: str) -> None:
        """Who or what is shown."""
        self.text(text, "panel-title", 4)

    def muted(self, text: str, gap: int = 4) -> None:
        """A second line, such as an e-mail address."""
        self.text(text, "muted", gap)

    def text(self, text: str, role: Role = "", gap: int = 8) -> None:
        """A plain paragraph, ``gap`` pixels below what stands above."""
        write(self._block(f"text {role}", gap, lambda: label("", role, wrap=True, copyable=True)), text)

    def pills(self, pills: Sequence[tuple[str, Tone]]) -> None:
        """One or more states."""
        self._block("pills", 12, Pills).show_pills(pills)

    def seats(
        self, name: str, figures: str, fraction: float | None, below: str = "", *, card: bool = False
    ) -> None:
        """A package: its name, seats as figures, a bar, a line below; ``card`` puts a box around it."""
        block = self._block("card" if card else "seats", 14, lambda: Seats(card=card))
        block.show_seats(name, figures, fraction, below)

    def buttons(self, buttons: Sequence[tuple[QAction, Look]]) -> None:
        """What can be done with it; wraps into a second line when there is no room."""
        self._block("buttons", 14, Buttons).show_buttons(buttons)

    def hairline(self) -> None:
        """A line between two parts."""
        self._block("hairline", 14, hairline)

    def heading(self, text: str) -> None:
        """The name of a part, such as “History”."""
        write(self._block("heading", 14, lambda: label("", "heading")), text.upper())

    def rows(self, rows: Sequence[tuple[str, str]], whole: Sequence[str] = ()) -> None:
        """Pairs under each other: a muted word or time at the left, what it is at the right. ``whole`` says the same
        at length, a text a row: it is the tooltip, what is read aloud and what is copied."""
        self._block("pairs" if whole else "rows", 8, Pairs).show_pairs(rows, whole)

    def widget_block(self, widget: QWidget, gap: int = 12) -> None:
        """Something of the screen's own, ``gap`` pixels below what stands above; the same one stays."""
        self._block(f"own {id(widget)}", gap, lambda: widget)

    def _block(self, kind: str, gap: int, made: Callable[[], W]) -> W:
        """The next of this kind among those that were there, or a new one."""
        if self._left is None:
            raise AssertionError("blocks are told within `filled`")
        found = next((one for one in self._left if one.kind == kind), None)
        if found is None:
            found = _Block(kind, made(), QWidget())
        else:
            self._left.remove(found)
        found.above.setFixedHeight(gap)
        self._blocks.append(found)
        return cast("W", found.widget)

    def _arrange(self, before: Sequence[_Block]) -> None:
        """Put the blocks into their order, each below its gap; the first begins at the top."""
        for block in before:
            self._column.removeWidget(block.above)
            self._column.removeWidget(block.widget)
        for at, block in enumerate(self._blocks):
            self._column.insertWidget(2 * at, block.above)
            self._column.insertWidget(2 * at + 1, block.widget)
            block.above.setVisible(at > 0)
            block.widget.raise_()  # screen readers go by the order of the children

    def sizeHint(self) -> QSize:
        return QSize(min(theme.px(WIDTH_PX), 480), theme.px(400))

    def _restyle(self) -> None:
        self.setMinimumWidth(self.sizeHint().width())
