"""Staff accounts: signing in, and adding the people who may (rulings 24 and 25)."""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import bcrypt

from desktop import errors
from desktop.db.session import Actor
from desktop.services import registering
from desktop.services.permissions import Operation, Role, acting

if TYPE_CHECKING:
    from uuid import UUID

    from desktop.db.session import Acting, Database

COST = 12
MINIMUM_PASSWORD = 10
LONGEST_LOGIN = 255


@dataclass(frozen=True, slots=True)
class NewStaff:
    """An account that was added, or given a role. ``password_kept`` is true when the address already had an
    account with a password of its own, which stays."""

    id: UUID
    username: str
    role: Role
    password_kept: bool


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
    key = unicodedata.normalize("NFKC", login).replace("\0", "").strip().lower()[:LONGEST_LOGIN]
    if not key:
        raise errors.InvalidField("login", "Type your user name or e-mail address.")
    if not password:
        raise errors.InvalidField("password", "Type your password.")
    asked = database.call("sign_in_salt", {"p_login": key})
    if asked.pause:
        raise errors.SignInPaused(asked.pause)
    tried = database.call("sign_in_try", {"p_login": key, "p_proof": _proof(password, asked.salt)})
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


def add_staff(
    database: Database, actor: Actor, username: str, email: str, role: Role, password: str
) -> NewStaff:
    """Give somebody an account with a role. Raises `NotAllowed`, `InvalidField`, `Busy`."""
    may = acting(actor, Operation.MANAGE_STAFF)
    return _add(database, may, _checked(username, email, password), role, f"by {actor.name}")


def add_from_command_line(
    database: Database, username: str, email: str, role: Role, password: str
) -> NewStaff:
    """`add_staff` for whoever holds the database's own credentials, in whose name the log row is written as the
    account itself. The first account must be an admin (ruling 24). Locks ``user_roles``. Raises `InvalidField`,
    `Busy`."""
    return _add(database, None, _checked(username, email, password), role, "from the command line")


def first_admin(database: Database, username: str, email: str, password: str) -> Actor:
    """The admin of a database that has no staff yet. Locks ``user_roles``. Raises `NotAllowed` when somebody was
    quicker, `InvalidField`, `Busy`."""
    new = _checked(username, email, password)
    made = _add(database, None, new, Role.ADMIN, "in the first-run window", only_first=True)
    return Actor(made.id, made.username, new.email, frozenset({Role.ADMIN.value}))


def checked_password(password: str) -> str:
    """The password, when it may be set: at least 10 characters, at most 72 bytes, because bcrypt ignores the
    rest (ruling 25). Raises `InvalidField`."""
    if len(password) < MINIMUM_PASSWORD:
        raise errors.InvalidField("password", f"Choose a password of at least {MINIMUM_PASSWORD} characters.")
    if len(password.encode()) > 72:
        raise errors.InvalidField(
            "password", "The password is too long: only its first 72 bytes would count."
        )
    return password


def _proof(password: str, salt: str) -> bytes:
    """What `greenroom.sign_in_try` compares: the SHA-256 of the bcrypt hash."""
    return hashlib.sha256(bcrypt.hashpw(password.encode()[:72], salt.encode())).digest()


@dataclass(frozen=True, slots=True)
class _New:
    username: str
    email: str
    hash: str = field(repr=False)


def _checked(username: str, email: str, password: str) -> _New:
    """The account as it is stored; hashing is slow, so it is done before any lock is taken."""
    name = unicodedata.normalize("NFC", username).strip()
    if not name or len(name) > 50 or "@" in name or any(c.isspace() or not c.isprintable() for c in name):
        raise errors.InvalidField("username", "A user name has 1 to 50 characters, without blanks and @.")
    hashed = bcrypt.hashpw(checked_password(password).encode(), bcrypt.gensalt(COST)).decode()
    return _New(name, registering.clean_email(email), hashed)


def _add(
    database: Database, by: Acting | None, new: _New, role: Role, how: str, *, only_first: bool = False
) -> NewStaff:
    made = database.call(
        "add_staff",
        {
            "p_by": by,
            "p_username": new.username,
            "p_email": new.email,
            "p_hash": new.hash,
            "p_role": role.value,
            "p_how": how,
            "p_only_first": only_first,
        },
    )
    match made.outcome:
        case "username_taken":
            raise errors.InvalidField(
                "username", f"The user name “{new.username}” is taken. Choose another one."
            )
        case "admin_first":
            raise errors.InvalidField("role", "The first account must be an admin: use --role admin.")
        case "staff_exist":
            raise errors.NotAllowed("make the first admin, because there is staff already", "none")
    return NewStaff(made.user_id, made.username, role, made.password_kept)
