"""Greenroom's icon in the sizes and formats of desktops, drawn from ``resources/icons/greenroom.svg``."""

from __future__ import annotations

import struct
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QBuffer, QIODevice, Qt
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

if TYPE_CHECKING:
    from collections.abc import Iterable

SOURCE: Final = Path(__file__).parents[1] / "resources" / "icons" / "greenroom.svg"
HICOLOR: Final = (16, 22, 24, 32, 48, 64, 128, 256, 512)
ICO: Final = (16, 24, 32, 48, 64, 256)
ICNS: Final = {b"icp4": 16, b"icp5": 32, b"ic07": 128, b"ic08": 256, b"ic09": 512, b"ic10": 1024}


def put(theme: Path) -> None:
    """The icon theme “hicolor” in ``theme``, for Linux: each size as PNG, and the drawing itself."""
    for size in HICOLOR:
        place = theme / f"{size}x{size}" / "apps" / "greenroom.png"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(_png(size))
    scalable = theme / "scalable" / "apps" / "greenroom.svg"
    scalable.parent.mkdir(parents=True, exist_ok=True)
    scalable.write_bytes(SOURCE.read_bytes())


def ico(file: Path) -> Path:
    """The icon of a Windows program: PNGs behind one another, as since Windows Vista."""
    pictures = [(size, _png(size)) for size in ICO]
    head = struct.pack("<HHH", 0, 1, len(pictures))
    offset = len(head) + 16 * len(pictures)
    for size, png in pictures:
        head += struct.pack("<BBBBHHII", size % 256, size % 256, 0, 0, 1, 32, len(png), offset)
        offset += len(png)
    return _written(file, [head, *(png for _, png in pictures)])


def icns(file: Path) -> Path:
    """The icon of a macOS application."""
    parts = [(kind, _png(size)) for kind, size in ICNS.items()]
    total = 8 + sum(8 + len(png) for _, png in parts)
    chunks = [kind + struct.pack(">I", 8 + len(png)) + png for kind, png in parts]
    return _written(file, [b"icns" + struct.pack(">I", total), *chunks])


def _written(file: Path, parts: Iterable[bytes]) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"".join(parts))
    return file


def _png(size: int) -> bytes:
    drawing = QSvgRenderer(str(SOURCE))
    if not drawing.isValid():
        raise ValueError(f"{SOURCE} is not a drawing")
    image = QImage(size, size, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    drawing.render(painter)
    painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    if not image.save(buffer, "PNG"):  # type: ignore[call-overload, unused-ignore]
        raise ValueError(f"no PNG of {size} pixels could be made")
    return bytes(buffer.data().data())


def application() -> QGuiApplication:
    """What Qt needs before it draws; no window opens."""
    running = QGuiApplication.instance()
    return (
        running
        if isinstance(running, QGuiApplication)
        else QGuiApplication([sys.argv[0], "-platform", "offscreen"])
    )
