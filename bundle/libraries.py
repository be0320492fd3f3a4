"""Which libraries are shipped: those that something shipped needs, and of Qt only what a window of widgets uses."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from PyInstaller.depend import bindepend

if TYPE_CHECKING:
    from collections.abc import Iterable

    Entry = tuple[str, str, str]
    """Where a file comes to lie, where it is now, and PyInstaller's word for what it is."""

LEFT_OUT = (
    "PySide6.QtDBus",
    "PySide6.QtNetwork",
    "PySide6.QtOpenGL",
    "PySide6.QtOpenGLWidgets",
    "PySide6.QtPrintSupport",
    "PySide6.QtQml",
    "PySide6.QtQuick",
    "PySide6.QtSql",
    "pygments",
    "readline",  # GNU readline is GPL
    "setuptools",
    "tkinter",
)
"""Python modules that something would import if they were there."""

PLUGINS = {
    "iconengines": ("svg",),
    "imageformats": ("svg",),  # PNG is built into Qt
    "platforminputcontexts": ("compose", "ibus"),  # accents and other scripts are typed with these
    "platforms": ("cocoa", "minimal.", "offscreen", "wayland", "windows", "xcb"),
    "styles": ("",),
    "wayland-decoration-client": ("",),
    "wayland-graphics-integration-client": ("plugin-wayland-egl", "dmabuf"),
    "wayland-shell-integration": ("xdg-shell",),
    "xcbglintegrations": ("",),
}
"""Qt's plugins that are shipped: of each kind those whose file has one of these in its name."""


def needed(binaries: Iterable[Entry]) -> list[Entry]:
    """Of what PyInstaller found: Python's extensions, the plugins of `PLUGINS`, the interpreter, and every library
    one of these needs, or one that those need in their turn. PyInstaller itself keeps the libraries of plugins that
    are left out: GTK's are 12 MB."""
    entries = [
        one for one in binaries if _wanted(PurePosixPath(one[0].replace("\\", "/"))) and one[2] != "SYMLINK"
    ]
    roots = [one for one in entries if one[2] == "EXTENSION" or _is_root(PurePosixPath(one[0]))]
    by_source: dict[str, list[Entry]] = {}
    for one in entries:
        by_source.setdefault(str(Path(one[1]).resolve()), []).append(one)
    by_name = {PurePosixPath(one[0]).name: one for one in entries}
    kept: dict[str, Entry] = {}
    waiting = list(roots)
    while waiting:
        one = waiting.pop()
        if one[0] in kept:
            continue
        kept[one[0]] = one
        for name, path in bindepend.get_imports(one[1]):
            waiting += by_source.get(str(Path(path).resolve()), []) if path else []
            if (named := by_name.get(PurePosixPath(name).name)) is not None:
                waiting.append(named)
    links = [
        one for one in binaries if one[2] == "SYMLINK" and str(PurePosixPath(one[0]).parent / one[1]) in kept
    ]
    return [*kept.values(), *links]


def told(datas: Iterable[Entry]) -> list[Entry]:
    """The data without Qt's translations, as the window speaks English, and without what installers left behind."""
    return [
        one
        for one in datas
        if one[2] == "DATA"
        and "/translations/" not in one[0]
        and not one[0].startswith("setuptools")
        and PurePosixPath(one[0]).name not in {"direct_url.json", "INSTALLER", "RECORD", "REQUESTED"}
        and "__pycache__" not in one[0]
    ]


def strip(folder: Path) -> None:
    """Take what only a debugger reads out of the interpreter and of extensions that were built with it: 30 MB. Wheels
    that brought their libraries along are left alone: what patchelf moved, strip may break."""
    program = shutil.which("strip")
    if program is None:
        return
    files = [
        *folder.glob("libpython*.so*"),
        *folder.glob("python3*/**/*.so"),
        *folder.glob("sqlalchemy/**/*.so"),
    ]
    for file in files:
        if not file.is_symlink():
            subprocess.run([program, "--strip-unneeded", file], check=True)


def _wanted(place: PurePosixPath) -> bool:
    parts = place.parts
    if "plugins" not in parts:
        return True
    kind = parts[parts.index("plugins") + 1]
    return any(some in place.name for some in PLUGINS.get(kind, ()))


def _is_root(place: PurePosixPath) -> bool:
    return "plugins" in place.parts or place.name.lower().startswith(("libpython", "python"))
