"""Our own small icons: SVG drawn on a 16 px grid in ``currentColor``, tinted with a token when loaded."""

from functools import lru_cache
from importlib.resources import files

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QIcon, QImage, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from desktop.views import theme

SIZES = (16, 20, 24, 32, 40, 48, 64)
"""Rendered ahead in device pixels, so that 100 to 200 % text on 1x to 2x screens finds an exact one."""


def icon(name: str, tint: str = "ink") -> QIcon:
    """The icon ``name`` in the colour of a token of the scheme in use now; KeyError if there is none.

    Ask again after ``theme.signals.changed``: a QIcon keeps the colour it was made with.
    """
    return _icon(name, getattr(theme.current(), tint))


def pixmap(name: str, tint: str = "ink", size: int = 16, ratio: float = 1.0) -> QPixmap:
    """The icon as a picture of ``size`` pixels at 100 % text, for a screen with that device pixel ratio."""
    image = _render(_source(name), getattr(theme.current(), tint), round(theme.px(size) * ratio))
    made = QPixmap.fromImage(image)
    made.setDevicePixelRatio(ratio)
    return made


def app_icon() -> QIcon:
    """Greenroom's own icon, in its own colours, for windows and the task bar."""
    return _icon("greenroom", "")


@lru_cache(maxsize=256)
def _icon(name: str, colour: str) -> QIcon:
    made = QIcon()
    for size in SIZES:
        made.addPixmap(QPixmap.fromImage(_render(_source(name), colour, size)))
    return made


@lru_cache(maxsize=64)
def _source(name: str) -> bytes:
    path = files("resources") / "icons" / f"{name}.svg"
    if not path.is_file():
        raise KeyError(name)
    return path.read_bytes()


def _render(source: bytes, colour: str, size: int) -> QImage:
    image = QImage(size, size, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    renderer = QSvgRenderer(QByteArray(source.replace(b"currentColor", colour.encode())))
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    renderer.render(painter, QRectF(0, 0, size, size))
    painter.end()
    return image
