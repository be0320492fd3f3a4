"""A list of things to choose from or to look up: a text, where it belongs, and its keys at the right."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QPainter
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from desktop.models import tips
from desktop.views import fonts, theme
from desktop.views.widgets.cells import reads_right_to_left

ROW_PX: Final = 32
PAD_PX: Final = 12
KEYS_SHARE: Final = 0.45
Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class Entry:
    """One line. Without ``does`` it is only to be read; as a ``heading`` it names the ones below.

    ``about`` stands muted behind the text, ``keys`` at the right; ``why_not`` says why it cannot be done now.
    """

    text: str
    about: str = ""
    keys: str = ""
    does: Callable[[], object] | None = None
    why_not: str = ""
    heading: bool = False

    def read_out(self) -> str:
        """The line as a screen reader says it."""
        return ", ".join(filter(None, (self.text, self.about, self.keys, self.why_not)))


class _Entries(QAbstractListModel):
    def __init__(self) -> None:
        super().__init__()
        self.entries: tuple[Entry, ...] = ()

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.entries)

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        if not index.isValid():
            return None
        entry = self.entries[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return entry.text
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return entry.read_out()
        if role == Qt.ItemDataRole.ToolTipRole and not entry.heading:
            return tips.as_it_is("\n".join(filter(None, (entry.text, entry.about, entry.why_not))))
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        if index.isValid() and self.entries[index.row()].heading:
            return Qt.ItemFlag.ItemIsEnabled
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable


class EntryList(QListView):
    """Driven from the field above it, which keeps the keyboard: `step` and `take`. A click takes an entry, too."""

    taken = Signal(object)
    """An `Entry` that can be done was chosen."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._entries = _Entries()
        self._entries.setParent(self)
        self.setModel(self._entries)
        self.setItemDelegate(_Line(self))
        self.setProperty("look", "entries")
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.clicked.connect(self._take)
        theme.signals.changed.connect(self.doItemsLayout)

    def show_entries(self, entries: Sequence[Entry]) -> None:
        """Show these; the same line stays the current one if it is still there, else the first is."""
        before = self.current()
        self._entries.beginResetModel()
        self._entries.entries = tuple(entries)
        self._entries.endResetModel()
        rows = [at for at, entry in enumerate(entries) if not entry.heading]
        same = [at for at in rows if before is not None and entries[at].text == before.text
                and entries[at].about == before.about]  # fmt: skip
        if rows:
            self._go(same[0] if same else rows[0], say=False)

    def entries(self) -> tuple[Entry, ...]:
        """What is shown, headings included."""
        return self._entries.entries

    def current(self) -> Entry | None:
        """The line Enter would take."""
        at = self.currentIndex()
        return self._entries.entries[at.row()] if at.isValid() else None

    def step(self, lines: int) -> None:
        """Go up or down; headings are passed over, and the ends are ends."""
        rows = [at for at, entry in enumerate(self._entries.entries) if not entry.heading]
        if rows:
            here = self.currentIndex().row()
            at = rows.index(here) + lines if here in rows else 0
            self._go(rows[max(0, min(len(rows) - 1, at))], say=True)

    def take(self) -> None:
        """Choose the current line, if it can be done now."""
        self._take(self.currentIndex())

    def page(self) -> int:
        """How many lines are seen at once."""
        return max(1, self.viewport().height() // theme.px(ROW_PX) - 1)

    def _go(self, row: int, *, say: bool) -> None:
        above = row - 1
        if above >= 0 and self._entries.entries[above].heading:
            self.scrollTo(self._entries.index(above))
        self.setCurrentIndex(self._entries.index(row))
        if say:
            event = QAccessibleAnnouncementEvent(self, self._entries.entries[row].read_out())
            QAccessible.updateAccessibility(event)

    def _take(self, index: Index) -> None:
        if index.isValid():
            entry = self._entries.entries[index.row()]
            if entry.does is not None and not entry.why_not:
                self.taken.emit(entry)


class _Line(QStyledItemDelegate):
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        model = index.model()
        entry = model.entries[index.row()] if isinstance(model, _Entries) else Entry("")
        pad = theme.px(PAD_PX)
        rect = option.rect.adjusted(pad, 0, -pad, 0)
        if entry.heading:
            rect.setBottom(rect.bottom() - theme.px(4))
            _write(painter, rect, entry.text.upper(), "muted", 11, 600, Qt.AlignmentFlag.AlignBottom)
            return
        if option.state & QStyle.StateFlag.State_Selected:
            painter.save()
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("selection"))
            painter.drawRoundedRect(QRectF(option.rect), 6, 6)
            painter.restore()
        if entry.keys:
            keys = QRect(rect)
            wide = fonts.metrics(12, 500).horizontalAdvance(entry.keys)
            keys.setLeft(rect.right() - min(wide, round(rect.width() * KEYS_SHARE)))
            _write(painter, keys, entry.keys, "muted", 12, 500)
            rect.setRight(keys.left() - pad)
        tint = "muted" if entry.why_not else "ink"
        used = _write(painter, rect, entry.text, tint, 13, 500)
        rect.setLeft(rect.left() + used + pad)
        if rect.width() > theme.px(24):
            _write(painter, rect, entry.why_not or entry.about, "muted", 13, 400)

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        return QSize(0, theme.px(ROW_PX))


def _write(
    painter: QPainter, rect: QRect, text: str, token: str, px: int, weight: int,
    vertical: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignVCenter,
) -> int:  # fmt: skip
    """One line at the left, elided at its own end and written in its own direction; how wide it came out."""
    metrics = fonts.metrics(px, weight)
    shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
    painter.setFont(fonts.font(px, weight))
    painter.setPen(theme.color(token))
    painter.setLayoutDirection(
        Qt.LayoutDirection.RightToLeft if reads_right_to_left(text) else Qt.LayoutDirection.LeftToRight
    )
    left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignAbsolute
    painter.drawText(rect, int(left | vertical | Qt.TextFlag.TextSingleLine), shown)
    painter.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
    return metrics.horizontalAdvance(shown)
