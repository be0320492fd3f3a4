"""New passwords: one's own, proven by the old one, and those an admin sets for others (rulings 25 and 26)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from desktop import errors
from desktop.services.accounts import passwords
from desktop.services.permissions import Operation, acting

if TYPE_CHECKING:
    from uuid import UUID

    from desktop.db.session import Actor, Database


@dataclass(frozen=True, slots=True)
class PasswordSet:
    """Whose password is new. ``active`` is false when the account is deactivated, and stays so. ``provider`` is
    “local”, or through whom the account signs in on the website, which it still may."""

    username: str
    active: bool
    provider: str


def change_password(database: Database, actor: Actor, old: str, new: str) -> None:
    """The actor's own password. The old one is proven inside the database, and wrong ones are counted with those of
    signing in; a code that was issued before opens nothing any more.

    Takes the time of two bcrypt hashes; call it off the GUI thread. Locks the account in the last call. Raises
    `InvalidField`, `OldPasswordWrong` (with the tries left), `SignInPaused`, `NoPassword` for an account that signs in
    through somebody else, `NotAllowed`, `AccountClosed`, `Busy`.
    """
    wanted = passwords.checked(new)
    if not old:
        raise errors.InvalidField("old", "Type your old password as well.")
    if passwords.plain(old) == wanted:
        raise errors.InvalidField("password", "This is the old password. Choose another one.")
    may = acting(actor, Operation.CHANGE_OWN_PASSWORD)
    asked = database.call("own_salt", {"p_actor": may})
    if asked.provider is not None:
        raise errors.NoPassword(asked.provider)
    if asked.pause:
        raise errors.SignInPaused(asked.pause)
    proof = passwords.proof(old, asked.salt)
    hashed = passwords.hashed(wanted)
    tried = database.call("sign_in_try", {"p_login": asked.login, "p_proof": proof})
    if tried.pause:
        raise errors.SignInPaused(tried.pause)
    done = database.call(
        "change_password", {"p_actor": may, "p_try": tried.try_id, "p_proof": proof, "p_hash": hashed}
    )
    if done.outcome == "wrong":
        raise errors.OldPasswordWrong(done.tries_left)


def set_password(database: Database, actor: Actor, user_id: UUID, password: str) -> PasswordSet:
    """Somebody else's password, as an admin; tell it to them on a way that nobody listens to. `issue_reset` needs no
    such way, because they choose it themselves.

    Pauses after wrong passwords end, and so do codes that were issued before. Takes the time of a bcrypt hash; call it
    off the GUI thread. Locks the account. Raises `InvalidField`, `OwnAccount`, `NotFound` for who is not on the staff,
    `NotAllowed`, `AccountClosed`, `Busy`.
    """
    hashed = passwords.hashed(passwords.checked(password))
    done = database.call(
        "set_password",
        {"p_actor": acting(actor, Operation.MANAGE_STAFF), "p_user": user_id, "p_hash": hashed},
    )
    match done.outcome:
        case "not_found":
            raise errors.NotFound("staff account")
        case "own":
            raise errors.OwnAccount
    return PasswordSet(done.username, done.active, done.provider)
