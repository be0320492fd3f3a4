"""Where Tab leads: through a page as one reads it, line by line and from left to right.

Qt goes in the order in which widgets were made. What a panel or a message shows is made later than what stands
below it, so that Tab would jump about; where something stands on the screen is always known.
"""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QScrollArea, QWidget


def stops(page: QWidget) -> list[QWidget]:
    """Every widget of the page that takes the keyboard by Tab now, in reading order."""
    found: list[QWidget] = []
    for part in _in_lines(page):
        if part.isEnabled() and part.focusPolicy() & Qt.FocusPolicy.TabFocus and part.focusProxy() is None:
            found.append(part)
        found += stops(part)
    return found


def step(page: QWidget, *, forwards: bool) -> bool:
    """Give the keyboard to the next stop, or the one before; the first follows the last. False without any."""
    order = stops(page)
    if not order:
        return False
    here = QApplication.focusWidget()
    at = order.index(here) + (1 if forwards else -1) if here in order else 0 if forwards else -1
    stop = order[at % len(order)]
    stop.setFocus(Qt.FocusReason.TabFocusReason if forwards else Qt.FocusReason.BacktabFocusReason)
    around = stop.parentWidget()
    while around is not None and around is not page:
        if isinstance(around, QScrollArea):
            around.ensureWidgetVisible(stop)
        around = around.parentWidget()
    return True


def _in_lines(parent: QWidget) -> list[QWidget]:
    """The visible children; those whose middle is above the bottom of the line's first one stand in that line."""
    direct = Qt.FindChildOption.FindDirectChildrenOnly
    parts = [
        part
        for part in parent.findChildren(QWidget, options=direct)
        if part.isVisible() and not part.isWindow()
    ]
    parts.sort(key=lambda part: (part.y(), part.x()))
    lines: list[list[QWidget]] = []
    for part in parts:
        middle = part.y() + part.height() // 2
        if lines and middle <= lines[-1][0].y() + lines[-1][0].height():
            lines[-1].append(part)
        else:
            lines.append([part])
    return [part for line in lines for part in sorted(line, key=QWidget.x)]
