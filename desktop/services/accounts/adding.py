"""Adding staff (ruling 24)."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from desktop import errors
from desktop.db.session import Actor
from desktop.services import registering
from desktop.services.accounts import passwords
from desktop.services.permissions import Operation, Role, acting

if TYPE_CHECKING:
    from uuid import UUID

    from desktop.db.session import Acting, Database


@dataclass(frozen=True, slots=True)
class NewStaff:
    """An account that was added, or given a role. ``password_kept`` is true when the address already had an account
    with a password of its own, which stays; ``active`` is false when that account is deactivated, and stays so."""

    id: UUID
    username: str
    role: Role
    password_kept: bool
    active: bool = True


def add_staff(
    database: Database, actor: Actor, username: str, email: str, role: Role, password: str
) -> NewStaff:
    """Give somebody a role, and an account with this password unless the address has one already.

    An account that buys tickets on the website, or signs in there through Google and the like, is the same account:
    it gets the password when it has none. Raises `NotAllowed`, `AccountClosed`, `InvalidField` (a name somebody else
    has, among others), `Busy`.
    """
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
    address = registering.clean_email(email)
    return _New(name, address, passwords.hashed(passwords.checked(password)))


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
    return NewStaff(
        made.user_id, made.username, role, made.password_kept, active=made.outcome != "added_inactive"
    )
