"""How a table's cells are painted: five lean delegates that only look up ready values.

Each reads the roles of `desktop.models.roles` and draws with the theme's colours, so a cell costs some
microseconds and never a query. A cell whose DisplayRole is None is not loaded yet: a quiet grey bar.
"""

import unicodedata
from functools import lru_cache
from typing import Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QStaticText, QTextOption
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from desktop.models.roles import METER_ROLE, STRONG_ROLE, TONE_ROLE
from desktop.views import fonts, theme
from desktop.views.tokens import TONES

ROW_PX: Final = 32
PAD_PX: Final = 8
NEARLY_FULL: Final = 0.97
_DISPLAY: Final = Qt.ItemDataRole.DisplayRole

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


class Cell(QStyledItemDelegate):
    """The ground every cell shares: selection, hairline, skeleton; `draw` adds the content."""

    hovered_row: int = -1
    """The row under the mouse, told by the view: Qt itself marks only the one cell."""

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

    def sizeHint(self, _option: QStyleOptionViewItem, index: Index) -> QSize:
        text = index.data(_DISPLAY) or ""
        weight = 600 if index.data(STRONG_ROLE) else 400
        width = (
            fonts.metrics(weight=weight, tabular=True).horizontalAdvance(text) + 1
        )  # it may be rounded down
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


@lru_cache(maxsize=2048)  # a dozen screens; one takes two kilobytes
def _shaped(
    text: str,
    px: float,
    weight: int,
    width: int,
    elide: Qt.TextElideMode,
    scale: float,  # noqa: ARG001 - part of the cache's key
) -> QStaticText:
    """A line of text shaped once: shaping is most of what a cell costs, and scrolling repeats it."""
    metrics = fonts.metrics(px, weight, tabular=True)
    line = QStaticText(metrics.elidedText(text, elide, width))
    line.setTextFormat(Qt.TextFormat.PlainText)
    line.setPerformanceHint(QStaticText.PerformanceHint.AggressiveCaching)
    if reads_right_to_left(text):
        option = QTextOption()
        option.setTextDirection(Qt.LayoutDirection.RightToLeft)
        line.setTextOption(option)
    line.prepare(font=fonts.font(px, weight, tabular=True))
    return line


def _write(
    painter: QPainter,
    rect: QRect,
    text: str,
    token: str,
    weight: int,
    *,
    right: bool = False,
    px: float = 13,
    elide: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
) -> None:
    """One line of text, elided at its own end, shaped in its own direction, aligned as the column says."""
    line = _shaped(text, px, weight, rect.width(), elide, theme.scale())
    size = line.size()
    painter.setFont(fonts.font(px, weight, tabular=True))
    painter.setPen(theme.color(token))
    x = rect.left() + (rect.width() - size.width() if right else 0)
    painter.drawStaticText(QPointF(x, rect.top() + int(rect.height() - size.height()) // 2), line)


class TextCell(Cell):
    """Text of people: in ink, semi-bold where STRONG_ROLE says so."""

    def draw(self, painter: QPainter, rect: QRect, text: str, index: Index, /) -> None:
        _write(painter, rect, text, "ink", 600 if index.data(STRONG_ROLE) else 400)


class MutedCell(Cell):
    """Text that matters second: e-mail addresses, dates, places."""

    def draw(self, painter: QPainter, rect: QRect, text: str, _index: Index, /) -> None:
        _write(painter, rect, text, "muted", 400)


class AddressCell(Cell):
    """An e-mail address: where there is no room for it, both its ends tell more than its beginning alone."""

    def draw(self, painter: QPainter, rect: QRect, text: str, _index: Index, /) -> None:
        _write(painter, rect, text, "muted", 400, elide=Qt.TextElideMode.ElideMiddle)


class NumberCell(Cell):
    """A number, right-aligned, in tabular figures."""

    def draw(self, painter: QPainter, rect: QRect, text: str, _index: Index, /) -> None:
        _write(painter, rect, text, "muted", 400, right=True)


class PillCell(Cell):
    """A status: its text on the ground of its tone, so that it is never told by colour alone."""

    def draw(self, painter: QPainter, rect: QRect, text: str, index: Index, /) -> None:
        tone = TONES.get(index.data(TONE_ROLE) or "")
        if tone is None:
            _write(painter, rect, text, "muted", 400)
            return
        ink, ground = tone
        metrics, side = _pill_metrics()
        width = min(rect.width(), metrics.horizontalAdvance(text) + 2 * side + 2)
        height = metrics.height() + theme.px(4)
        pill = QRect(rect.left(), rect.top() + (rect.height() - height) // 2, width, height)
        _round(painter, QRectF(pill), ground)
        _write(painter, pill.adjusted(side, 0, -side, 0), text, ink, 600, px=11.5)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        metrics, side = _pill_metrics()
        width = metrics.horizontalAdvance(index.data(_DISPLAY) or "") + 2 * side + 2 + 2 * theme.px(PAD_PX)
        return QSize(width, super().sizeHint(option, index).height())


def _pill_metrics() -> tuple[QFontMetrics, int]:
    """Of a pill's text, and the pixels at each side of it."""
    return fonts.metrics(11.5, 600, tabular=True), theme.px(9)


class MeterCell(Cell):
    """Seats held: a short bar, then the figures; amber from 97 % on, when it matters."""

    BAR_PX: Final = 56

    def draw(self, painter: QPainter, rect: QRect, text: str, index: Index, /) -> None:
        fraction = index.data(METER_ROLE)
        if fraction is not None:
            height = theme.px(6)
            top = rect.top() + (rect.height() - height) / 2
            bar = QRectF(rect.left(), top, theme.px(self.BAR_PX), height)
            paint_meter(painter, bar, fraction)
            rect = rect.adjusted(theme.px(self.BAR_PX + 8), 0, 0, 0)
        _write(painter, rect, text, "muted", 400)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        bar = theme.px(self.BAR_PX + 8) if index.data(METER_ROLE) is not None else 0
        return super().sizeHint(option, index) + QSize(bar, 0)


def paint_meter(painter: QPainter, bar: QRectF, fraction: float) -> None:
    """A bar filled to ``fraction`` (0.0 to 1.0; more is full): accent, or amber when nearly full."""
    _round(painter, bar, "meter_track")
    if fraction > 0:
        filled = max(bar.height(), bar.width() * min(1.0, fraction))
        token = "meter_amber" if fraction >= NEARLY_FULL else "accent"
        _round(painter, QRectF(bar.left(), bar.top(), filled, bar.height()), token)
