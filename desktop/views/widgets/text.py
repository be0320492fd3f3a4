"""Labels in the roles the stylesheet knows."""

import math
from typing import Final, Literal

from PySide6.QtCore import QPoint, QPointF, QSize, Qt
from PySide6.QtGui import (
    QFontMetricsF,
    QGuiApplication,
    QPainter,
    QPaintEvent,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import QFrame, QLabel, QMenu, QSizePolicy, QWidget

from desktop.models import tips
from desktop.views import fonts, theme

Role = Literal[
    "", "muted", "small", "strong", "accent", "error", "title", "panel-title", "heading", "group", "brand",
    "brand-large", "big-number",
]  # fmt: skip


HEIGHTS_KEPT: Final = 4096
_heights: dict[tuple[object, ...], int] = {}


class WrappedLabel(QLabel):
    """Text over several lines: broken between words, and inside one that is wider than the label.

    QLabel itself never breaks a word, so that a long e-mail address would be cut off or push a panel wide.
    """

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int, /) -> int:
        margins = self.contentsMargins()
        inner = width - margins.left() - margins.right()
        return self._height(max(1, inner)) + margins.top() + margins.bottom()

    def sizeHint(self) -> QSize:
        self.ensurePolished()
        width = min(self._natural_width(), theme.px(380))
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        # The height at its favourite width: pages without a scroll area do not ask `heightForWidth`.
        hint = self.sizeHint()
        return QSize(min(hint.width(), theme.px(72)), hint.height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        rect = self.contentsRect()
        layout, height = self._lay_out(rect.width())
        top = rect.top()
        if self.alignment() & Qt.AlignmentFlag.AlignVCenter:
            top += max(0, (rect.height() - height) // 2)
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        layout.draw(painter, QPointF(rect.left(), top))
        painter.end()

    def _words(self, _width: int) -> str:
        """What is drawn where there is so much room."""
        return self.text()

    def _natural_width(self) -> int:
        margins = self.contentsMargins()
        lines = self.text().split("\n")
        text = max(math.ceil(QFontMetricsF(self.font()).horizontalAdvance(line)) for line in lines)
        return text + 1 + margins.left() + margins.right()

    def _height(self, width: int) -> int:
        """How high the text is. Layouts ask for many widths, and a panel that is filled again asks for the same."""
        font = self.font()
        key = (self._words(width), font.key(), tuple(font.featureTags()), width, theme.scale())
        found = _heights.get(key)
        if found is None:
            if len(_heights) >= HEIGHTS_KEPT:
                _heights.clear()
            found = _heights[key] = self._lay_out(width)[1]
        return found

    def _lay_out(self, width: int) -> tuple[QTextLayout, int]:
        option = QTextOption(self.alignment() | Qt.AlignmentFlag.AlignAbsolute)
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        layout = QTextLayout(self._words(width).replace("\n", "\u2028"), self.font())
        layout.setTextOption(option)
        layout.beginLayout()
        bottom, gap = 0.0, theme.px(2)
        while (line := layout.createLine()).isValid():
            line.setLineWidth(width)
            line.setPosition(QPointF(0, bottom))
            bottom += line.height() + gap
        layout.endLayout()
        return layout, max(0, math.ceil(bottom) - gap)


def label(
    text: str = "",
    role: Role = "",
    *,
    wrap: bool = False,
    tabular: bool = False,
    copyable: bool = False,
    parent: QWidget | None = None,
) -> QLabel:
    """A label of plain text: names people typed are never read as markup.

    ``wrap`` lets it go on in further lines, ``copyable`` offers to copy it in its context menu.
    """
    made = WrappedLabel(text, parent) if wrap else QLabel(text, parent)
    made.setTextFormat(Qt.TextFormat.PlainText)
    if role:
        made.setProperty("role", role)
    if wrap:
        made.setWordWrap(True)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        made.setSizePolicy(policy)
    if tabular:
        made.setFont(fonts.tabular())
    if copyable:
        made.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        made.customContextMenuRequested.connect(lambda where: _offer_to_copy(made, where))
    return made


def write(shown: QLabel, text: str) -> None:
    """Have a label say this. One that says it already is left alone: Qt would lay out everything around it again."""
    if shown.text() != text:
        shown.setText(text)


def tell_whole(shown: QLabel, whole: str) -> None:
    """Let a label that says it briefly tell it at length: in its tooltip, aloud and when it is copied."""
    tip = tips.as_it_is(whole) if whole != shown.text() else ""
    if (whole, tip) != (shown.accessibleName(), shown.toolTip()):
        shown.setAccessibleName(whole)
        shown.setToolTip(tips.as_it_is(whole) if tip else "")


def _offer_to_copy(shown: QLabel, where: QPoint) -> None:
    menu = QMenu(shown)  # Qt's own menu of a widget's actions would run a nested event loop
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    copy = menu.addAction(shown.tr("&Copy"))
    copy.triggered.connect(
        lambda: QGuiApplication.clipboard().setText(shown.accessibleName() or shown.text())
    )
    menu.popup(shown.mapToGlobal(where))


def hairline(parent: QWidget | None = None) -> QFrame:
    """A line of one pixel across."""
    made = QFrame(parent)
    made.setProperty("role", "hairline")
    made.setFixedHeight(1)
    return made
