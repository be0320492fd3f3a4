"""A connection and its password together: kept, forgotten, removed and brought back.

The file is written first: a connection without its password only asks for it, a password without its connection would
stay in the keyring for ever.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from desktop import errors
from desktop.services.connections import keyrings, storing
from desktop.services.connections.profile import same_account

if TYPE_CHECKING:
    from pathlib import Path

    from desktop.services.connections.profile import Profile


@dataclass(frozen=True, slots=True)
class Saved:
    """All connections as they are now, the one it was about, and what is to be said of its password; "" when nothing
    is."""

    profiles: tuple[Profile, ...]
    profile: Profile
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Removed:
    """What is left, and what is needed to take the removal back."""

    profiles: tuple[Profile, ...]
    profile: Profile
    at: int
    password: str | None = field(repr=False)
    trouble: str = ""


def save(folder: Path, profile: Profile, seen: Profile | None = None, password: str = "") -> Saved:
    """Keep a connection, and its ``password`` in the keyring when one is given. The password it had is forgotten
    where it would now go to another server, or be another user's. Raises as `storing.keep`."""
    had = seen if seen is not None and seen.password_kept else None
    stays = had is not None and same_account(profile, had)
    profile = replace(profile, password_kept=stays)
    profiles = storing.keep(folder, profile, seen)
    if password:
        return remember(folder, profile, password)
    trouble = ""
    if had is not None and not stays:
        try:
            keyrings.forget(profile.id)
            trouble = (
                "The password was the other server's or user's, so it was forgotten: it is asked for again."
            )
        except errors.KeyringMissing as missing:
            trouble = str(missing)
    return Saved(profiles, profile, trouble)


def remember(folder: Path, profile: Profile, password: str) -> Saved:
    """Keep the password of a connection that is kept. Raises `RuleViolation` when it was changed meanwhile, `AppError`
    when the file cannot be written."""
    trouble = ""
    try:
        keyrings.keep(profile.id, password)
    except errors.KeyringMissing as missing:
        trouble = str(missing)
    noted = replace(profile, password_kept=not trouble)
    if noted == profile:
        return Saved(storing.read(folder).profiles, profile, trouble)
    return Saved(storing.keep(folder, noted, profile), noted, trouble)


def forget(folder: Path, profile: Profile) -> Saved:
    """Take its password out of the keyring. What the keyring does not give back is not used any more all the same.
    Raises as `remember`."""
    trouble = ""
    try:
        keyrings.forget(profile.id)
    except errors.KeyringMissing as missing:
        trouble = str(missing)
    noted = replace(profile, password_kept=False)
    return Saved(storing.keep(folder, noted, profile), noted, trouble)


def discard(folder: Path, profile: Profile) -> Removed:
    """Remove a connection, and its password. Raises `AppError` when the file cannot be written."""
    profiles, at = storing.remove(folder, profile.id)
    if not profile.password_kept:
        return Removed(profiles, profile, at, None)
    password, trouble = None, ""
    try:
        password = keyrings.read(profile.id)
        keyrings.forget(profile.id)
    except errors.KeyringMissing as missing:
        trouble = str(missing)
    return Removed(profiles, profile, at, password, trouble)


def restore(folder: Path, removed: Removed) -> Saved:
    """Take a removal back, the password included. Raises as `storing.put_back`."""
    profile = replace(removed.profile, password_kept=False)
    profiles = storing.put_back(folder, profile, removed.at)
    return remember(folder, profile, removed.password) if removed.password else Saved(profiles, profile)
