"""What is kept of the connections, changed off the GUI thread: saved, forgotten, removed and brought back."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject, Signal

from desktop import background, errors
from desktop.services import connections
from desktop.services.connections import Removed, Saved, keyrings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from desktop.services.connections import Profile

Made = TypeVar("Made", Saved, Removed)


class ConnectionKeeping(QObject):
    """The connections in one folder, and the keyring of this computer. A change is made whole, or it is `refused`; then
    what was to be done gives None."""

    changed = Signal(object)
    """All connections as they are now."""

    refused = Signal(object)
    """The `AppError` because of which nothing was changed."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.profiles: tuple[Profile, ...] = ()
        self._folder: Path | None = None
        self._no_keyring = ""

    def open(self, folder: Path, profiles: Sequence[Profile]) -> None:
        """These are kept in ``folder``."""
        self._folder, self.profiles = folder, tuple(profiles)

    async def look_for_keyring(self) -> None:
        """Find out whether passwords can be kept; until then it is believed."""
        try:
            await background.run(keyrings.usable)
        except errors.KeyringMissing as missing:
            self._no_keyring = str(missing)
        else:
            self._no_keyring = ""

    def about_password(self, profile: Profile | None) -> str:
        """Where the password of this connection is, or of a new one goes."""
        if self._no_keyring:
            return self._no_keyring
        if profile is not None and profile.password_kept:
            return self.tr("It is in the keyring of this computer. Type another one to replace it.")
        return self.tr("Goes into the keyring of this computer. Empty: it is asked for when it is needed.")

    async def save(self, profile: Profile, seen: Profile | None, password: str) -> Saved | None:
        """Keep it, with its password where there is a keyring; ``seen`` is what it was."""
        return await self._made(connections.save, profile, seen, "" if self._no_keyring else password)

    async def forget(self, profile: Profile) -> Saved | None:
        """Take its password out of the keyring."""
        return await self._made(connections.forget, profile)

    async def discard(self, profile: Profile) -> Removed | None:
        """Remove it, and its password."""
        return await self._made(connections.discard, profile)

    async def restore(self, removed: Removed) -> Saved | None:
        """Take a removal back."""
        return await self._made(connections.restore, removed)

    async def _made(self, change: Callable[..., Made], *given: object) -> Made | None:
        if self._folder is None:
            raise AssertionError("nothing can be changed before it is shown")
        try:
            made = await background.run(change, self._folder, *given)
        except errors.AppError as error:
            self.refused.emit(error)
            return None
        self.profiles = made.profiles
        self.changed.emit(made.profiles)
        return made
