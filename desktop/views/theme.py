"""Colours, sizes and the switch between light and dark (look.md, "Colour tokens").

This module owns every colour of the program. `apply` sets the palette first and a small stylesheet last;
`current` is what delegates and painted widgets read while they paint; `signals.changed` tells whoever keeps
something derived (icons, fixed row heights) that it must be made again.
"""

from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

from desktop.views import fonts, style
from desktop.views.tokens import DARK, LIGHT, Mode, Tokens

__all__ = ["DARK", "LIGHT", "Mode", "Tokens", "apply", "color", "current", "mode", "px", "scale", "signals"]


class Signals(QObject):
    """What the theme tells the rest of the window."""

    changed = Signal(object)
    """Emitted after colours or the text size changed, with the new `Tokens`."""


@dataclass(slots=True)
class _State:
    tokens: Tokens = LIGHT
    mode: Mode = "system"
    scale: float = 1.0
    follows: bool = False


signals = Signals()
_state = _State()


def current() -> Tokens:
    """The colours in use now."""
    return _state.tokens


def mode() -> Mode:
    """What the person chose; "system" says nothing about what is shown now (see `current`)."""
    return _state.mode


def scale() -> float:
    """The size of text, 1.0 to 2.0."""
    return _state.scale


def px(pixels: float) -> int:
    """A length drawn for 100 % text, at the size of text in use."""
    return round(pixels * _state.scale)


@lru_cache(maxsize=128)
def _color(value: str) -> QColor:
    return QColor(value)


def color(token: str) -> QColor:
    """The colour of a token of `Tokens`, such as "ink"; AttributeError for a name that is none."""
    return _color(getattr(_state.tokens, token))


def apply(app: QApplication, mode: Mode, scale: float = 1.0) -> None:
    """Show the program in light or dark, or as the system does, with text of 100 to 200 %.

    Works while windows are open. "system" keeps following until another mode is applied.
    """
    hints = app.styleHints()
    if not _state.follows:
        _state.follows = True
        app.setStyle("Fusion")
        hints.colorSchemeChanged.connect(_follow_the_system)
    _state.mode = mode
    _state.scale = min(2.0, max(1.0, scale))
    wish = {"light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark, "system": Qt.ColorScheme.Unknown}[
        mode
    ]
    hints.setColorScheme(wish)  # title bars and native dialogs follow too, where the platform can
    _show(app, DARK if (mode == "dark" or (mode == "system" and _system_is_dark(app))) else LIGHT)


def _system_is_dark(app: QApplication) -> bool:
    return app.styleHints().colorScheme() == Qt.ColorScheme.Dark


def _follow_the_system(scheme: Qt.ColorScheme) -> None:
    app = QApplication.instance()
    if _state.mode == "system" and isinstance(app, QApplication):
        _show(app, DARK if scheme == Qt.ColorScheme.Dark else LIGHT)


def _show(app: QApplication, tokens: Tokens) -> None:
    _state.tokens = tokens
    app.setStyleSheet("")  # Qt replaces a sheet in 330 ms, and takes it away and sets another one in 60
    fonts.use(app, _state.scale)
    app.setPalette(palette(tokens))
    app.setStyleSheet(style.sheet(tokens, _state.scale))
    signals.changed.emit(tokens)


def palette(tokens: Tokens) -> QPalette:
    """Qt's palette in our colours, so that what the stylesheet does not name looks right too."""
    made = QPalette()
    role = QPalette.ColorRole
    for where, value in {
        role.Window: tokens.background,
        role.WindowText: tokens.ink,
        role.Base: tokens.surface,
        role.AlternateBase: tokens.background,
        role.Text: tokens.ink,
        role.PlaceholderText: tokens.muted,
        role.Button: tokens.surface,
        role.ButtonText: tokens.ink,
        role.BrightText: tokens.red,
        role.ToolTipBase: tokens.ink,
        role.ToolTipText: tokens.surface,
        role.Highlight: tokens.accent,
        role.HighlightedText: tokens.accent_ink,
        role.Accent: tokens.accent,
        role.Link: tokens.accent,
        role.LinkVisited: tokens.accent,
        role.Light: tokens.surface,
        role.Midlight: tokens.line,
        role.Mid: tokens.line,
        role.Dark: tokens.control_line,
        role.Shadow: tokens.line,
    }.items():
        made.setColor(where, QColor(value))
    for where in (role.WindowText, role.Text, role.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, where, QColor(tokens.disabled))
    return made
