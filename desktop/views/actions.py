"""What can be done in a window, read off the actions themselves, so that no list of them can be wrong."""

from collections.abc import Iterator

from PySide6.QtCore import QObject
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QWidget

from desktop.views.card import CardPage
from desktop.views.screen import Screen
from desktop.views.widgets.buttons import Action


def text_of(action: Action) -> str:
    """What an action is called, without its mnemonic."""
    return action.text().replace("&", "")


def keys_of(action: Action, *, every: bool = False) -> str:
    """The shortcut as the platform writes it, such as “Ctrl+N”; ``every`` adds the further ones."""
    native = QKeySequence.SequenceFormat.NativeText
    keys = [keys.toString(native) for keys in action.shortcuts()]
    return "  ".join(keys if every else keys[:1])


def actions_of(owner: QObject) -> list[Action]:
    """Every action that was made for the widget or for one of its parts."""
    return list(owner.findChildren(Action))


def window_wide(window: QObject) -> list[Action]:
    """Those that work whichever screen is shown."""
    return [
        action
        for action in actions_of(window)
        if not any(isinstance(owner, Screen | CardPage) for owner in owners_of(action))
    ]


def owners_of(action: Action) -> Iterator[QObject]:
    """What the action was made for, and what that is a part of."""
    owner = action.parent()
    while owner is not None:
        yield owner
        owner = owner.parent()


def offered_here(screen: QWidget) -> list[Action]:
    """Those a button or a shortcut of the screen offers now; of a screen that is hidden, those it would offer, except
    the ones that are about whatever happens to be selected in it."""
    seen = screen.isVisible()
    found = []
    for action in actions_of(screen):
        places = [place for place in action.associatedObjects() if isinstance(place, QWidget)]
        offered = any(place.isVisible() if seen else place.isVisibleTo(screen) for place in places)
        if offered and action.isVisible() and (seen or action.parent() is screen):
            found.append(action)
    return found
