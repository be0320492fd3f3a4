"""How a table's cells are painted: five lean delegates that only look up ready values.

Each reads the roles of `desktop.models.roles` and draws with the theme's colours, so a cell costs some
microseconds and never a query. A cell whose DisplayRole is None is not loaded yet: a quiet grey bar.
"""

import unicodedata
from functools import lru_cache
from typing import Final, NamedTuple

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QPainter, QStaticText, QTextOption
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from desktop.models.roles import METER_ROLE, TONE_ROLE
from desktop.views import fonts, theme
from desktop.views.tokens import TONES

ROW_PX: Final = 32
PAD_PX: Final = 8
NEARLY_FULL: Final = 0.97
_DISPLAY: Final = Qt.ItemDataRole.DisplayRole
_END: Final = Qt.TextElideMode.ElideRight
_MIDDLE: Final = Qt.TextElideMode.ElideMiddle
_PILL_PX: Final = 11.5
_PILL_WEIGHT: Final = 600

Index = QModelIndex | QPersistentModelIndex


def reads_right_to_left(text: str) -> bool:
    """Whether the first letter with a direction is Arabic, Hebrew or another right-to-left script."""
    if text.isascii():
        return False
    for letter in text:
        kind = unicodedata.bidirectional(letter)
        if kind == "L":
            return False
        if kind in ("R", "AL"):
            return True
    return False


class Line(NamedTuple):
    """A line of text ready to be painted, with what is asked of it each time."""

    text: QStaticText
    font: QFont
    width: float
    height: float


class Cell(QStyledItemDelegate):
    """The ground every cell shares: selection, hairline, skeleton; `draw` adds the content. Text that is ``strong`` is
    to be read first."""

    hovered_row: int = -1
    """The row under the mouse, told by the view: Qt itself marks only the one cell."""

    def __init__(self, parent: QObject | None = None, *, strong: bool = False) -> None:
        super().__init__(parent)
        self._weight = 600 if strong else 400

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        rect = option.rect
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, theme.color("selection"))
        elif index.row() == self.hovered_row:
            painter.fillRect(rect, theme.color("hover"))
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, theme.color("line"))
        pad = theme.px(PAD_PX)
        inner = rect.adjusted(pad, 0, -pad, -1)
        text = index.data(_DISPLAY)
        if text is None:
            self._skeleton(painter, inner, index)
        elif text:
            self.draw(painter, inner, text, index)

    def draw(self, painter: QPainter, rect: QRect, text: str, index: Index, /) -> None:
        """Draw a loaded cell's content into ``rect``, which is the cell without its padding."""
        raise NotImplementedError

    def line(self, text: str, width: int, index: Index, /) -> Line:
        """The text as `draw` paints it where the cell without its padding is so many pixels wide."""
        raise NotImplementedError

    def shape(self, index: Index, width: int) -> None:
        """Have the text of a cell so many pixels wide ready to be painted; nothing when it is not loaded."""
        text = index.data(_DISPLAY)
        if text:
            self.line(text, width - 2 * theme.px(PAD_PX), index)

    def sizeHint(self, _option: QStyleOptionViewItem, index: Index) -> QSize:
        text = index.data(_DISPLAY) or ""
        metrics = fonts.metrics(weight=self._weight, tabular=True)
        width = metrics.horizontalAdvance(text) + 1  # it may be rounded down
        return QSize(width + 2 * theme.px(PAD_PX), theme.px(ROW_PX))

    def _skeleton(self, painter: QPainter, rect: QRect, index: Index) -> None:
        height = theme.px(8)
        share = 0.45 + ((index.row() * 7 + index.column() * 5) % 9) / 20  # uneven, as text would be
        bar = QRectF(rect.left(), rect.top() + (rect.height() - height) / 2, rect.width() * share, height)
        _round(painter, bar, "skeleton")


def _round(painter: QPainter, rect: QRectF, token: str) -> None:
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color(token))
    radius = rect.height() / 2
    painter.drawRoundedRect(rect, radius, radius)
    painter.restore()


def _shaped(
    text: str, width: int, *, px: float = 13, weight: int = 400, elide: Qt.TextElideMode = _END
) -> Line:
    """A line of text shaped once, elided at its own end: shaping is most of what a cell costs, and scrolling repeats
    it."""
    return _shaped_at(text, width, px, weight, elide, theme.scale())


@lru_cache(maxsize=2048)  # a dozen screens; one takes two kilobytes
def _shaped_at(
    text: str,
    width: int,
    px: float,
    weight: int,
    elide: Qt.TextElideMode,
    scale: float,  # noqa: ARG001 - part of the cache's key
) -> Line:
    """Most texts fit, which is seen when they are shaped; asking before would shape them as well."""
    font = fonts.font(px, weight, tabular=True)
    whole = _prepared(text, text, font)
    if whole.width <= width:
        return whole
    metrics = fonts.metrics(px, weight, tabular=True)
    return _prepared(metrics.elidedText(text, elide, width), text, font)


def _prepared(shown: str, text: str, font: QFont) -> Line:
    """``shown``, which may be a part of ``text`` and is written in its direction."""
    line = QStaticText(shown)
    line.setTextFormat(Qt.TextFormat.PlainText)
    line.setPerformanceHint(QStaticText.PerformanceHint.AggressiveCaching)
    if reads_right_to_left(text):
        option = QTextOption()
        option.setTextDirection(Qt.LayoutDirection.RightToLeft)
        line.setTextOption(option)
    line.prepare(font=font)
    size = line.size()
    return Line(line, font, size.width(), size.height())


def _write(painter: QPainter, rect: QRect, line: Line, token: str, *, right: bool = False) -> None:
    """One line of text, in its own direction, aligned as the column says."""
    painter.setFont(line.font)
    painter.setPen(theme.color(token))
    x = rect.left() + (rect.width() - line.width if right else 0)
    painter.drawStaticText(QPointF(x, rect.top() + int(rect.height() - line.height) // 2), line.text)


class TextCell(Cell):
    """Text of people, in ink."""

    def line(self, text: str, width: int, _index: Index, /) -> Line:
        return _shaped(text, width, weight=self._weight)

    def draw(self, painter: QPainter, rect: QRect, text: str, index: Index, /) -> None:
        _write(painter, rect, self.line(text, rect.width(), index), "ink")


class MutedCell(Cell):
    """Text that matters second: e-mail addresses, dates, places."""

    def line(self, text: str, width: int, _index: Index, /) -> Line:
        return _shaped(text, width)

    def draw(self, painter: QPainter, rect: QRect, text: str, index: Index, /) -> None:
        _write(painter, rect, self.line(text, rect.width(), index), "muted")


class AddressCell(MutedCell):
    """An e-mail address: where there is no room for it, both its ends tell more than its beginning alone."""

    def line(self, text: str, width: int, _index: Index, /) -> Line:
        return _shaped(text, width, elide=_MIDDLE)


class NumberCell(MutedCell):
    """A number, right-aligned, in tabular figures."""

    def draw(self, painter: QPainter, rect: QRect, text: str, index: Index, /) -> None:
        _write(painter, rect, self.line(text, rect.width(), index), "muted", right=True)


class PillCell(Cell):
    """A status: its text on the ground of its tone, so that it is never told by colour alone."""

    def line(self, text: str, width: int, index: Index, /) -> Line:
        return self._within(text, width) if index.data(TONE_ROLE) in TONES else _shaped(text, width)

    def _within(self, text: str, width: int) -> Line:
        wide, _, side = _pill_size(text, theme.scale())
        return _shaped(text, min(width, wide) - 2 * side, px=_PILL_PX, weight=_PILL_WEIGHT)

    def draw(self, painter: QPainter, rect: QRect, text: str, index: Index, /) -> None:
        tone = TONES.get(index.data(TONE_ROLE) or "")
        if tone is None:
            _write(painter, rect, _shaped(text, rect.width()), "muted")
            return
        ink, ground = tone
        line = self._within(text, rect.width())
        wide, height, side = _pill_size(text, theme.scale())
        top = rect.top() + (rect.height() - height) // 2
        pill = QRect(rect.left(), top, min(rect.width(), wide), height)
        _round(painter, QRectF(pill), ground)
        _write(painter, pill.adjusted(side, 0, -side, 0), line, ink)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        wide, _, _ = _pill_size(index.data(_DISPLAY) or "", theme.scale())
        return QSize(wide + 2 * theme.px(PAD_PX), super().sizeHint(option, index).height())


@lru_cache(maxsize=64)
def _pill_size(text: str, scale: float) -> tuple[int, int, int]:  # noqa: ARG001 - part of the cache's key
    """How wide and high a pill is, and the pixels at each side of its text."""
    metrics = fonts.metrics(_PILL_PX, _PILL_WEIGHT, tabular=True)
    side = theme.px(9)
    return metrics.horizontalAdvance(text) + 2 * side + 2, metrics.height() + theme.px(4), side


class MeterCell(Cell):
    """Seats held: a short bar, then the figures; amber from 97 % on, when it matters."""

    BAR_PX: Final = 56

    def line(self, text: str, width: int, index: Index, /) -> Line:
        return _shaped(text, width - self._beside(index.data(METER_ROLE)))

    def draw(self, painter: QPainter, rect: QRect, text: str, index: Index, /) -> None:
        fraction = index.data(METER_ROLE)
        if fraction is not None:
            height = theme.px(6)
            top = rect.top() + (rect.height() - height) / 2
            bar = QRectF(rect.left(), top, theme.px(self.BAR_PX), height)
            paint_meter(painter, bar, fraction)
        rest = rect.adjusted(self._beside(fraction), 0, 0, 0)
        _write(painter, rest, _shaped(text, rest.width()), "muted")

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return super().sizeHint(option, index) + QSize(self._beside(index.data(METER_ROLE)), 0)

    def _beside(self, fraction: float | None) -> int:
        """The pixels of the bar and the gap after it; 0 where there is none."""
        return theme.px(self.BAR_PX + 8) if fraction is not None else 0


def paint_meter(painter: QPainter, bar: QRectF, fraction: float) -> None:
    """A bar filled to ``fraction`` (0.0 to 1.0; more is full): accent, or amber when nearly full."""
    _round(painter, bar, "meter_track")
    if fraction > 0:
        filled = max(bar.height(), bar.width() * min(1.0, fraction))
        token = "meter_amber" if fraction >= NEARLY_FULL else "accent"
        _round(painter, QRectF(bar.left(), bar.top(), filled, bar.height()), token)
