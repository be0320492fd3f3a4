"""Which databases the window may be on, and the one it is on: known by name, remembered from one run to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from desktop import background, errors
from desktop.db import locations
from desktop.services import connections
from desktop.services.connections import GIVEN, LOCAL
from desktop.views.wording import named

if TYPE_CHECKING:
    from PySide6.QtCore import QSettings

    from desktop.services.connections import Profile
    from desktop.starting import Choosing
    from desktop.views.widgets.connection_box import Choice


class Choices:
    """The connections as the window knows them. ``key`` is that of the one it is on, or on the way to; ``note`` is what
    is to be said of the file they are kept in."""

    def __init__(self, choosing: Choosing | None, remembered: QSettings) -> None:
        self.choosing = choosing
        self.key = LOCAL
        self.note = ""
        self._remembered = remembered
        self._profiles: tuple[Profile, ...] | None = None

    async def read_once(self) -> None:
        """Read what is kept, and choose the one to begin with."""
        if self.choosing is None or self._profiles is not None:
            return
        self._profiles = ()
        try:
            kept = await background.run(connections.read, self.choosing.folder)
        except errors.AppError as error:
            kept = connections.Kept((), str(error))
        self._profiles, self.note = kept.profiles, kept.trouble
        last = str(self._remembered.value("connection") or "")
        if self.choosing.first:
            self.key = self.choosing.first
        elif self.choosing.given is not None:
            self.key = GIVEN
        elif last in {str(one.id) for one in kept.profiles}:
            self.key = last

    async def read_again(self) -> tuple[Profile, ...]:
        """What is kept now, other windows' changes included. Raises `AppError`."""
        if self.choosing is not None:
            self._profiles = (await background.run(connections.read, self.choosing.folder)).profiles
        return self._profiles or ()

    def learn(self, profiles: tuple[Profile, ...]) -> None:
        """These are the connections now."""
        self._profiles = profiles

    def profile(self) -> Profile | None:
        """The connection the window is on; None for the two that are no profiles, and for one that is gone."""
        return next((one for one in self._profiles or () if str(one.id) == self.key), None)

    def is_gone(self) -> bool:
        """Whether the connection the window is on was removed."""
        return self.key not in {LOCAL, GIVEN} and self.profile() is None

    def all(self) -> list[Choice]:
        """What can be chosen, the current one included; empty where nothing can be."""
        if self.choosing is None:
            return []
        found = [(LOCAL, _translate("This computer"))]
        if self.choosing.given is not None:
            found.append(
                (GIVEN, " · ".join([_translate("From the command line"), *_hosts(self.choosing.given)]))
            )
        kept = self._profiles or ()
        return found + [(str(one.id), f"{named(one.name)} · {connections.shown(one)}") for one in kept]

    def called(self) -> str:
        """The name of the one the window is on."""
        profile = self.profile()
        if profile is not None:
            return named(profile.name)
        return next((text for key, text in self.all() if key == self.key), _translate("the database"))

    def remember(self) -> None:
        """Begin with this one the next time."""
        if self.choosing is not None and self.key != GIVEN:
            self._remembered.setValue("connection", self.key)


def _translate(text: str) -> str:
    return QCoreApplication.translate("Choices", text)


def _hosts(address: str) -> list[str]:
    """Where an address leads; nothing for one that cannot be read, which is said when it is opened."""
    try:
        hosts = locations.hosts_of(locations.parse(address))
    except errors.InvalidField:
        return []
    return [", ".join(hosts)] if any(hosts) else []
