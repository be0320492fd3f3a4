"""``greenroom``: the window."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from desktop import errors, settings

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator


def open_window(arguments: argparse.Namespace) -> int:
    """Open the window on the database that was named, else the local server's; returns when it is closed."""
    chosen = settings.read(arguments.database)
    if not chosen.display:
        raise errors.AppError(
            "There is no display here (neither DISPLAY nor WAYLAND_DISPLAY is set), so no window can open. "
            "Start it from a desktop session; “greenroom demo” plays its tour without one."
        )
    return show(chosen.database, _key(arguments.connection))


def show(database: str | None, connection: str = "") -> int:
    """The window's exit code. Raises `AppError` when Qt's libraries are missing."""
    with qt_found():
        from desktop import app
    return app.run(database, connection)


def _key(name: str | None) -> str:
    """The key of the connection of that name; "" when none is named. Raises `InvalidField` when there is none of it."""
    if name is None:
        return ""
    from desktop.services import connections

    return connections.key(connections.look(settings.config_folder()).profiles, name)


@contextmanager
def qt_found() -> Iterator[None]:
    """An import that fails for want of a system library comes out as a sentence."""
    try:
        yield
    except ImportError as error:
        if ".so" not in str(error) and "DLL" not in str(error):
            raise
        raise errors.AppError(
            f"Qt cannot be loaded on this computer: {error}. The README's “When something does not work” names "
            "the libraries it needs."
        ) from error
