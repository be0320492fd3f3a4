"""Reset codes: rows of ``password_resets``, which the website issues and takes as well (specification 2.7)."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID

from desktop import errors
from desktop.services.accounts import passwords
from desktop.services.permissions import Operation, acting

if TYPE_CHECKING:
    from datetime import datetime

    from desktop.db.session import Actor, Database

_CODE = re.compile(r"(?<![0-9a-f])[0-9a-f]{8}(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12}(?![0-9a-f])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ResetCode:
    """What the person types to set a password; ``code`` is shown once and kept out of logs, errors and `repr` (ruling
    26). ``expires_at`` is UTC. ``provider`` is as in `changing.PasswordSet`."""

    username: str
    code: str = field(repr=False)
    expires_at: datetime
    provider: str


@dataclass(frozen=True, slots=True)
class PasswordReset:
    """Who may sign in with the new password. ``provider`` is as in `changing.PasswordSet`."""

    username: str
    email: str
    provider: str


def issue_reset(database: Database, actor: Actor, user_id: UUID) -> ResetCode:
    """A code with which somebody else on the staff sets a password themselves: once, within 15 minutes, here or on the
    website. It ends those that were asked for before, so asking again after an unknown outcome does no harm.

    Locks the account. Raises `OwnAccount`, `Deactivated`, `NotFound` for who is not on the staff, `NotAllowed`,
    `AccountClosed`, `Busy`.
    """
    made = database.call("issue_reset", {"p_actor": acting(actor, Operation.MANAGE_STAFF), "p_user": user_id})
    match made.outcome:
        case "not_found":
            raise errors.NotFound("staff account")
        case "own":
            raise errors.OwnAccount
        case "inactive":
            raise errors.Deactivated(made.username)
    return ResetCode(made.username, str(made.token), made.expires_at, made.provider)


def reset_password(database: Database, code: str, password: str) -> PasswordReset:
    """Set the password of the account the code was issued for, here or by the website; nobody is signed in for it.

    ``code`` may be the link in the website's mail. Wrong ones are counted, for all codes of a database login together.
    The code is used when, and only when, the password is set; it is not sent to the database, only its SHA-256.
    Takes the time of a bcrypt hash; call it off the GUI thread. Locks the account, then its codes. Raises
    `InvalidField`, `ResetRefused` (with the tries left), `SignInPaused`, `Busy`. Ruling 25.
    """
    wanted = passwords.checked(password)
    found = {one.lower().replace("-", "") for one in _CODE.findall(code)}
    if len(found) != 1:
        raise errors.InvalidField(
            "code", "Type or paste the whole code as you were given it, or the link it came in."
        )
    proof = hashlib.sha256(UUID(found.pop()).bytes).digest()
    tried = database.call("reset_try", {"p_proof": proof})
    if tried.pause:
        raise errors.SignInPaused(tried.pause, "codes")
    done = database.call("reset_password", {"p_try": tried.try_id, "p_hash": passwords.hashed(wanted)})
    match done.outcome:
        case "wrong":
            raise errors.ResetRefused.wrong(done.tries_left)
        case "inactive":
            raise errors.ResetRefused.inactive()
        case "no_role":
            raise errors.ResetRefused.no_role()
    return PasswordReset(done.username, done.email, done.provider)
