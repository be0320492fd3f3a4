"""On whose behalf the command line acts: there is nobody signed in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop import errors
from desktop.db.session import Actor
from desktop.services.permissions import Role

if TYPE_CHECKING:
    from desktop.db.session import Database


def oldest_admin(database: Database) -> Actor:
    """The admin whose active account is the oldest: whoever holds the database's credentials acts for them.

    Raises `RuleViolation` when there is none yet.
    """
    with database.transaction() as tx:
        user = tx.row(
            "SELECT u.id, u.username, u.email, ARRAY(SELECT r.name::text FROM user_roles ur JOIN roles r"
            " ON r.id = ur.role_id WHERE ur.user_id = u.id) AS roles FROM users u"
            " JOIN user_roles ur ON ur.user_id = u.id JOIN roles r ON r.id = ur.role_id"
            " WHERE r.name = :admin AND u.status = 'active' ORDER BY u.created_at, u.id LIMIT 1",
            {"admin": Role.ADMIN.value},
        )
        if user is None:
            raise errors.RuleViolation(
                f"{database.name} has no active admin in whose name this could be done. "
                "Make one with “greenroom staff add NAME --email E --role admin” first."
            )
        return Actor(user.id, user.username, user.email, frozenset(user.roles))
