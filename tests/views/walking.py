"""Walking through a page: what can be reached by Tab, what has a name, what is cut off, which keys mean two things."""

from __future__ import annotations

import re
from collections import Counter
from itertools import combinations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QAccessible, QAction, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QSplitterHandle,
    QWidget,
)

from desktop.views.list_pane import ListPane
from desktop.views.widgets.buttons import ActionButton
from desktop.views.widgets.header import PageHeader
from desktop.views.widgets.overlay import Overlay
from desktop.views.widgets.panel import DetailPanel
from desktop.views.widgets.search_field import SearchField
from desktop.views.widgets.side_bar import SideBar
from desktop.views.widgets.side_place import PlaceButton

MOST_STOPS = 60
CONTROLS = (QAbstractButton, QAbstractItemView, QAbstractSpinBox, QComboBox, QLineEdit, QPlainTextEdit)


def called(widget: QWidget) -> str:
    """A control, as a failing test names it."""
    text = widget.accessibleName() or (widget.text() if isinstance(widget, QAbstractButton) else "")
    return f"{type(widget).__name__} “{text}”"


def stops_of(page: QWidget) -> list[QWidget]:
    """Every control of the page that takes the keyboard by Tab, wherever it is."""
    sheets = [sheet for sheet in page.findChildren(Overlay) if sheet.isVisible()]
    return [
        one
        for one in (sheets[-1] if sheets else page).findChildren(QWidget)
        if one.isVisible()
        and one.isEnabled()
        and one.focusPolicy() & Qt.FocusPolicy.TabFocus
        and one.focusPolicy() != Qt.FocusPolicy.ClickFocus
        and not _inner(one)
    ]


def walked(key: Qt.Key) -> list[QWidget]:
    """Where the key leads, from where the keyboard is until it is there again."""
    found: list[QWidget] = []
    while (here := QApplication.focusWidget()) is not None and here not in found and len(found) < MOST_STOPS:
        found.append(here)
        # Not QTest's key: it runs the loop within the loop, and tasks of the window would miss their turn.
        QApplication.sendEvent(here, QKeyEvent(QEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier))
    return found


def unreached(page: QWidget) -> list[str]:
    """What Tab or Shift+Tab does not reach, and where they do not lead the same way."""
    wanted = stops_of(page)
    forwards, backwards = walked(Qt.Key.Key_Tab), walked(Qt.Key.Key_Backtab)
    faults = [
        f"{called(one)} is not reached"
        for one in wanted
        if one not in forwards and one.focusProxy() not in forwards
    ]
    faults += [
        f"{called(one)} takes no keyboard" for one in page.findChildren(QAbstractButton) if _mouse_only(one)
    ]
    if [forwards[0], *reversed(forwards[1:])] != backwards:
        faults.append(f"forwards {list(map(called, forwards))}, backwards {list(map(called, backwards))}")
    return faults


def astray(page: QWidget) -> list[str]:
    """Where Tab does not go from the sidebar to the head of the page, to the list and to what stands beside it."""
    areas = (SideBar, PageHeader, ListPane, DetailPanel)
    stops = walked(Qt.Key.Key_Tab)
    order = [
        next((at for at, area in enumerate(areas) if _within(stop, area)), None)
        for stop in [*stops[stops.index(first) :], *stops[: stops.index(first)]]
    ] if (first := next((stop for stop in stops if isinstance(stop, PlaceButton)), None)) else []  # fmt: skip
    known = [at for at in order if at is not None]
    return [] if known == sorted(known) else [f"{list(map(called, stops))}: {order}"]


def unseen(page: QWidget) -> list[str]:
    """Controls that look the same with the keyboard in them and without it."""
    faults = []
    for one in walked(Qt.Key.Key_Tab):
        one.setFocus(Qt.FocusReason.TabFocusReason)
        with_focus = one.grab().toImage()
        page.setFocus()
        one.clearFocus()
        if one.grab().toImage() == with_focus:
            faults.append(called(one))
        one.setFocus(Qt.FocusReason.TabFocusReason)
    return faults


def nameless(page: QWidget) -> list[str]:
    """Controls, tables and headers a screen reader has no name for, and labels of fields that lead nowhere."""
    faults = []
    for one in page.findChildren(QWidget):
        if not one.isVisible() or _inner(one):
            continue
        if isinstance(one, CONTROLS) and not isinstance(one, QHeaderView):
            interface = QAccessible.queryAccessibleInterface(one)
            name = interface.text(QAccessible.Text.Name) if interface is not None else ""
            if not name.strip():
                faults.append(f"{type(one).__name__} in {type(one.parent()).__name__}")
        if isinstance(one, QLabel) and re.search(r"&\w", one.text()) and one.buddy() is None:
            plain = one.textFormat() == Qt.TextFormat.PlainText
            if not plain:
                faults.append(f"the label “{one.text()}” leads nowhere")
    return faults


def doubled(page: QWidget) -> list[str]:
    """Letters and shortcuts that mean two things at once on this page."""
    letters = Counter(
        found[1].casefold()
        for one in page.findChildren(QWidget)
        if one.isVisible() and one.isEnabled()
        for found in [re.search(r"(?<!&)&(\w)", _mnemonic_text(one))]
        if found
    )
    keys = Counter(
        shortcut.toString()
        for action in page.window().findChildren(QAction)
        if action.isEnabled() and any(_seen(place) for place in action.associatedObjects())
        for shortcut in action.shortcuts()
    )
    return [f"Alt+{one}" for one, number in letters.items() if number > 1] + [
        one for one, number in keys.items() if number > 1
    ]


def cut_off(page: QWidget) -> list[str]:
    """What is smaller than its text needs, stands outside of its parent or on top of its neighbour."""
    found = []
    for parent in [page, *page.findChildren(QWidget)]:
        if isinstance(parent, QLineEdit | QAbstractSpinBox | QComboBox) or not parent.isVisible():
            continue
        parts = [
            part
            for part in parent.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly)
            if part.isVisible() and not isinstance(part, Overlay | QSplitterHandle)
        ]
        for one, other in combinations(parts, 2):
            if one.geometry().intersects(other.geometry()) and not isinstance(parent, QAbstractItemView):
                found.append(f"{called(one)} {one.geometry()} and {called(other)} {other.geometry()}")
    for part in page.findChildren(QWidget):
        if not part.isVisible() or not isinstance(part, QLabel | QAbstractButton | QLineEdit):
            continue
        if _inner(part):
            continue
        needed = part.minimumSizeHint()
        if isinstance(part, QLabel) and part.wordWrap():
            needed.setHeight(part.heightForWidth(part.width()))
        inside = part.parentWidget().rect().contains(part.geometry())
        if part.width() < needed.width() or part.height() < needed.height() or not inside:
            found.append(f"{called(part)} {part.geometry()} needs {needed}")
    return found


def _mouse_only(button: QAbstractButton) -> bool:
    """A button that is not reached by Tab, nor by arrow keys from its neighbours, nor has a shortcut of its own."""
    if not button.isVisible() or not button.isEnabled() or _inner(button):
        return False
    if button.focusPolicy() & Qt.FocusPolicy.TabFocus:
        return False
    among_others = button.focusPolicy() == Qt.FocusPolicy.ClickFocus and any(
        other.focusPolicy() & Qt.FocusPolicy.TabFocus and type(other) is type(button)
        for other in button.parentWidget().findChildren(QAbstractButton)
    )
    written = isinstance(button, ActionButton) and not button.action.shortcut().isEmpty()
    return not (among_others or written or isinstance(button.parentWidget(), SearchField))


def _within(widget: QWidget | None, kind: type[QWidget]) -> bool:
    while widget is not None and not isinstance(widget, kind):
        widget = widget.parentWidget()
    return widget is not None


def _inner(widget: QWidget) -> bool:
    """A part of a control that Qt made itself."""
    owner = widget.parentWidget()
    return (
        widget.objectName().startswith("qt_")
        or isinstance(owner, QAbstractSpinBox | QComboBox)
        or (isinstance(widget, QAbstractButton) and isinstance(owner, QAbstractItemView))
    )


def _seen(place: object) -> bool:
    return isinstance(place, QWidget) and place.isVisible()


def _mnemonic_text(widget: QWidget) -> str:
    if isinstance(widget, QAbstractButton):
        return widget.text()
    return widget.text() if isinstance(widget, QLabel) and widget.buddy() is not None else ""
