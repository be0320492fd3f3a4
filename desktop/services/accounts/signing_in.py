"""Signing in (rulings 24 and 25)."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from desktop import errors
from desktop.db.session import Actor
from desktop.services.accounts import passwords

if TYPE_CHECKING:
    from desktop.db.session import Database

LONGEST_LOGIN = 255


def staff_exist(database: Database) -> bool:
    """False on a database nobody can sign in to yet: time for the first-run window."""
    return bool(database.call("has_staff", {}).has_staff)


def sign_in(database: Database, login: str, password: str) -> Actor:
    """The member of staff behind a user name or e-mail address, compared without case.

    Nobody reads a password hash for it: the database gives the salt, is told the SHA-256 of what bcrypt makes of
    the password with it, counts and compares by itself, and tells a later transaction what came of it
    (`greenroom.sign_in_salt`, ``sign_in_try``, ``sign_in``).
    Takes the time of a bcrypt check whether the name is known or not; call it off the GUI thread. Raises
    `SignInFailed` (with the tries left), `SignInPaused` from the sixth wrong password on, and `SignInRefused`
    when the account is inactive, has no role, or signs in through somebody else. Never logs what was typed.
    """
    key = _key(login)
    if not key:
        raise errors.InvalidField("login", "Type your user name or e-mail address.")
    if not password:
        raise errors.InvalidField("password", "Type your password.")
    asked = database.call("sign_in_salt", {"p_login": key})
    if asked.pause:
        raise errors.SignInPaused(asked.pause)
    proof = passwords.proof(password, asked.salt)
    tried = database.call("sign_in_try", {"p_login": key, "p_proof": proof})
    if tried.pause:
        raise errors.SignInPaused(tried.pause)
    found = database.call("sign_in", {"p_try": tried.try_id})
    match found.outcome:
        case "signed_in":
            return Actor(found.user_id, found.username, found.email, frozenset(found.roles))
        case "elsewhere":
            raise errors.SignInRefused(
                f"This account signs in through {found.provider.title()} on the website and has no password here. "
                "Set one with the website's “Forgot password”, then sign in with it."
            )
        case "inactive":
            raise errors.SignInRefused("This account is deactivated. Ask an admin to reactivate it.")
        case "no_role":
            raise errors.SignInRefused("This account has no role in Greenroom. Ask an admin to give it one.")
    raise errors.SignInFailed(found.tries_left)


def _key(login: str) -> str:
    """The name as the database looks for it; what no name can hold is merely wrong."""
    name = unicodedata.normalize("NFKC", login.encode(errors="replace").decode())
    return name.replace("\0", "").strip().lower()[:LONGEST_LOGIN]
