"""The connections kept on this computer: how many, what kind of place each leads to, and how it is reached."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop import errors, settings
from desktop.db import links
from desktop.doctor.asking import Answer
from desktop.services import connections
from desktop.services.connections import keyrings

if TYPE_CHECKING:
    from desktop.services.connections import Profile


def look(*, names: bool) -> Answer:
    """Each by its number, by its name with ``names``: people call them after hosts. Raises `AppError` for a file that
    cannot be read; a damaged one is said, and left for the window."""
    kept = connections.look(settings.config_folder())
    facts = tuple(
        (
            profile.name if names else f"Connection {number}",
            f"{links.where(connections.address(profile))}, TLS {profile.tls.value}, password"
            f" {'in the keyring' if profile.password_kept else 'typed, or in the password file'}",
        )
        for number, profile in enumerate(kept.profiles, start=1)
    )
    return Answer(facts or (("Kept", "none"),), (kept.trouble,) if kept.trouble else ())


def address(profile: Profile) -> str:
    """The address of a connection that was asked for by name, with the password the keyring has. Without one libpq
    looks into the password file, and the server says what it thinks of that."""
    password = None
    if profile.password_kept:
        try:
            password = keyrings.read(profile.id)
        except errors.KeyringMissing:  # told as the keyring's own subject
            password = None
    return connections.address(profile, password).render_as_string(hide_password=False)
