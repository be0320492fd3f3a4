"""What Greenroom runs on and with, as facts that are nobody's secret: versions, system, language."""

from __future__ import annotations

import locale
import os
import platform
import sys
from typing import TYPE_CHECKING

import desktop

if TYPE_CHECKING:
    from collections.abc import Iterator

Facts = tuple[tuple[str, str], ...]


def program() -> Facts:
    """Greenroom itself, and the system it runs on."""
    return (
        ("Greenroom", f"{desktop.__version__}, {'packaged' if frozen() else 'from its source'}"),
        ("Schema", _schema()),
        ("System", " ".join(_system())),
        ("Python", f"{platform.python_version()}, {64 if sys.maxsize > 2**32 else 32} bit"),
        ("Language", f"{_language()}, {sys.getfilesystemencoding()}"),
    )


def libraries() -> Facts:
    """What it is made with."""
    import psycopg

    return (
        ("Qt", _installed("PySide6_Essentials")),
        ("psycopg", f"{psycopg.__version__} ({psycopg.pq.__impl__}), libpq {readable(psycopg.pq.version())}"),
        ("SQLAlchemy", _installed("SQLAlchemy")),
    )


def frozen() -> bool:
    """Whether this is the program as it is installed, without a Python around it."""
    return bool(getattr(sys, "frozen", False))


def readable(number: int) -> str:
    """A version of PostgreSQL as people write it: 180001 is 18.1."""
    return f"{number // 10000}.{number % 10000}"


def _schema() -> str:
    from desktop.db import schema

    return schema.newest()


def _system() -> Iterator[str]:
    if sys.platform == "linux":
        try:
            yield platform.freedesktop_os_release().get("PRETTY_NAME", "Linux") + ","
        except OSError:
            yield "an unnamed Linux,"
    yield from (platform.system(), platform.release(), platform.machine())


def _language() -> str:
    try:
        return locale.getlocale()[0] or os.environ.get("LANG", "") or "C"
    except ValueError:  # an LC_ALL nobody knows
        return "unknown"


def _installed(package: str) -> str:
    from importlib import metadata  # takes longer than all else here, and the window does without

    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "packaged"
