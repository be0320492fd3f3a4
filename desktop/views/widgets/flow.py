"""A layout that puts its items in a line and goes on in the next one when the line is full."""

from PySide6.QtCore import QMargins, QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget


class FlowLayout(QLayout):
    """Left to right, then down; so that nothing is cut off in a narrow window or with large text."""

    def __init__(self, parent: QWidget | None = None, spacing: int = 8) -> None:
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self.setSpacing(spacing)
        self.setContentsMargins(QMargins())

    def addItem(self, item: QLayoutItem, /) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int, /) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int, /) -> QLayoutItem | None:
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int, /) -> int:
        return self._place(QRect(0, 0, width, 0), move=False)

    def setGeometry(self, rect: QRect, /) -> None:
        super().setGeometry(rect)
        self._place(rect, move=True)

    def sizeHint(self) -> QSize:
        shown = [item.sizeHint() for item in self._items if not item.isEmpty()]
        width = sum(size.width() for size in shown) + self.spacing() * max(0, len(shown) - 1)
        return QSize(width, max((size.height() for size in shown), default=0))

    def minimumSize(self) -> QSize:
        size = QSize()
        for item in self._items:
            if not item.isEmpty():
                size = size.expandedTo(item.minimumSize())
        return size

    def _place(self, rect: QRect, *, move: bool) -> int:
        x, y, line = rect.x(), rect.y(), 0
        for item in self._items:
            if item.isEmpty():
                continue
            size = item.sizeHint()
            if x > rect.x() and x + size.width() > rect.x() + rect.width():
                x, y, line = rect.x(), y + line + self.spacing(), 0
            if move:
                size.setWidth(min(size.width(), rect.width()))
                item.setGeometry(QRect(QPoint(x, y), size))
            x += size.width() + self.spacing()
            line = max(line, size.height())
        return y + line - rect.y()


def row_of(*parts: QWidget) -> QWidget:
    """Buttons, say: side by side, and below each other where there is no room."""
    row = QWidget()
    flow = FlowLayout(row)
    for part in parts:
        flow.addWidget(part)
    return row


class FilterRow(FlowLayout):
    """A row whose expanding items take what is left; when it is too narrow, they go below, full width."""

    def _place(self, rect: QRect, *, move: bool) -> int:
        shown = [item for item in self._items if not item.isEmpty()]
        wide = [item for item in shown if item.expandingDirections() & Qt.Orientation.Horizontal]
        widths = {id(item): item.sizeHint().width() for item in shown}
        missing = sum(widths.values()) + self.spacing() * max(0, len(shown) - 1) - rect.width()
        for item in shown:
            if item not in wide and missing > 0:  # a search field may be narrower than it likes
                give = min(missing, widths[id(item)] - item.minimumSize().width())
                widths[id(item)] -= give
                missing -= give
        if missing > 0 and wide:
            return self._below(shown, wide, rect, move=move)
        for item in wide:
            widths[id(item)] += max(0, -missing) // len(wide)
        x, line = rect.x(), max((item.sizeHint().height() for item in shown), default=0)
        for item in shown:
            height = item.sizeHint().height()
            if move:
                item.setGeometry(QRect(x, rect.y() + (line - height) // 2, widths[id(item)], height))
            x += widths[id(item)] + self.spacing()
        return line

    def _below(self, shown: list[QLayoutItem], wide: list[QLayoutItem], rect: QRect, *, move: bool) -> int:
        y = self._line([item for item in shown if item not in wide], rect, move=move)
        for item in wide:
            height = max(item.heightForWidth(rect.width()), item.sizeHint().height())
            y += self.spacing() if y else 0
            if move:
                item.setGeometry(QRect(rect.x(), rect.y() + y, rect.width(), height))
            y += height
        return y

    def _line(self, items: list[QLayoutItem], rect: QRect, *, move: bool) -> int:
        """Items beside each other, the last one at the right end; each in a line of its own if too narrow."""
        sizes = [item.sizeHint() for item in items]
        if sum(size.width() + self.spacing() for size in sizes) - self.spacing() > rect.width():
            y = 0
            for item, size in zip(items, sizes, strict=True):
                y += self.spacing() if y else 0
                if move:
                    width = min(size.width(), rect.width())
                    item.setGeometry(QRect(rect.x(), rect.y() + y, width, size.height()))
                y += size.height()
            return y
        x = rect.x()
        for at, (item, size) in enumerate(zip(items, sizes, strict=True)):
            if move:
                right = at == len(items) - 1 and at > 0
                start = rect.x() + rect.width() - size.width() if right else x
                item.setGeometry(QRect(QPoint(start, rect.y()), size))
            x += size.width() + self.spacing()
        return max((size.height() for size in sizes), default=0)


class PairRow(FlowLayout):
    """Words at the left, and what belongs to them at the right, or below where the words would not fit beside it."""

    def __init__(self, parent: QWidget | None = None, spacing: int = 12, below: int = 12) -> None:
        """``spacing`` is left between the two beside each other, ``below`` under each other, in pixels."""
        super().__init__(parent, spacing)
        self._gap = below

    def _place(self, rect: QRect, *, move: bool) -> int:
        words, other = self._items
        size = other.sizeHint()
        left = rect.width() - (size.width() + self.spacing() if size.width() else 0)
        if left >= words.sizeHint().width() or not size.width():
            height = max(words.heightForWidth(left), size.height())
            if move:
                words.setGeometry(QRect(rect.x(), rect.y(), left, height))
                top = rect.y() + height - size.height()
                other.setGeometry(QRect(QPoint(rect.x() + rect.width() - size.width(), top), size))
            return height
        over = words.heightForWidth(rect.width())
        under = max(other.heightForWidth(rect.width()), size.height())
        if move:
            words.setGeometry(QRect(rect.x(), rect.y(), rect.width(), over))
            other.setGeometry(QRect(rect.x(), rect.y() + over + self._gap, rect.width(), under))
        return over + self._gap + under
