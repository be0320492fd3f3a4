"""Who may do what: one table, role by operation, enforced in the services (ruling 24)."""

from enum import Enum
from uuid import UUID

from desktop import errors
from desktop.db.session import Actor, Transaction


class Role(Enum):
    """The roles of section 5.5 that Greenroom knows."""

    ADMIN = "admin"
    ORGANIZER = "organizer"
    DOOR = "door"
    EDITOR = "editor"


class Operation(Enum):
    """What staff do; the value completes “may not …”."""

    SEE_EVENTS = "see events"
    SEE_REGISTRATIONS = "see registrations"
    REGISTER = "add registrations"
    CANCEL = "cancel registrations"
    PROMOTE = "promote people from the waitlist"
    ADMIT = "check people in"
    UNDO_OWN_ADMISSION = "take back a check-in"
    UNDO_ANY_ADMISSION = "take back somebody else's check-in"
    IMPORT = "import registrations"
    SEE_LOG = "see the audit log"
    MANAGE_STAFF = "add staff"
    REPAIR = "repair the database"


_EVERYDAY = {
    Operation.SEE_EVENTS,
    Operation.SEE_REGISTRATIONS,
    Operation.ADMIT,
    Operation.UNDO_OWN_ADMISSION,
}

ALLOWED: dict[Role, frozenset[Operation]] = {
    Role.ADMIN: frozenset(Operation),
    Role.ORGANIZER: frozenset(Operation) - {Operation.MANAGE_STAFF, Operation.REPAIR},
    Role.DOOR: frozenset(_EVERYDAY),
    Role.EDITOR: frozenset(),
}


def allowed(roles: frozenset[str], operation: Operation) -> bool:
    """True when one of the roles includes the operation; roles Greenroom does not know include nothing."""
    known = {role.value: role for role in Role}
    return any(operation in ALLOWED[known[name]] for name in roles if name in known)


def require(actor: Actor, operation: Operation) -> None:
    """Raises `NotAllowed` unless the actor's roles include the operation."""
    if not allowed(actor.roles, operation):
        raise errors.NotAllowed(operation.value, ", ".join(sorted(actor.roles)) or "none")


def roles_of(tx: Transaction, user_id: UUID) -> frozenset[str]:
    """The roles a user has now."""
    rows = tx.rows(
        "SELECT r.name FROM user_roles ur JOIN roles r ON r.id = ur.role_id WHERE ur.user_id = :id",
        {"id": user_id},
    )
    return frozenset(row.name for row in rows)
