"""What Greenroom is told from outside: the environment's variables, and the folders it keeps things in.

Secrets are not settings: they live in the keyring, in libpq's own password file, or nowhere.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import platformdirs

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Settings:
    """``database`` is the address to work with, or None for the local server; never shown, because it may hold a
    password (ruling 26). ``traces`` asks for a trace where a fault of ours is reported. ``display`` is false where
    no window can be seen."""

    database: str | None = field(repr=False)
    traces: bool
    display: bool


def read(database: str | None = None, environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings of this run. An address given as ``database`` wins over ``GREENROOM_DATABASE``; an empty
    variable counts as none."""
    return Settings(
        database=database or environment.get("GREENROOM_DATABASE", "").strip() or None,
        traces=environment.get("GREENROOM_DEBUG", "") not in {"", "0"},
        display=_display(environment),
    )


def data_folder() -> Path:
    """This person's folder for what Greenroom keeps on this computer."""
    return platformdirs.user_data_path("greenroom", appauthor=False)


def config_folder() -> Path:
    """This person's folder for how Greenroom is set up on this computer."""
    return platformdirs.user_config_path("greenroom", appauthor=False)


def log_folder() -> Path:
    """This person's folder for what Greenroom wrote down about itself."""
    return platformdirs.user_log_path("greenroom", appauthor=False)


def _display(environment: Mapping[str, str]) -> bool:
    """Windows and macOS always draw windows; elsewhere X11 or Wayland is needed, unless somebody chose one of
    Qt's other ways (a framebuffer, VNC) on purpose."""
    if sys.platform in {"win32", "darwin"}:
        return True
    if environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"):
        return True
    chosen = environment.get("QT_QPA_PLATFORM", "").partition(":")[0]
    return chosen not in {"", "xcb", "wayland", "offscreen", "minimal"}
