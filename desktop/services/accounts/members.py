"""Who is on the staff, and who may do what: roles given and taken, accounts deactivated and reactivated (ruling 24)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from desktop import errors
from desktop.db.session import Acting
from desktop.services import inputs
from desktop.services.accounts import passwords
from desktop.services.permissions import Operation, Role, acting

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    import sqlalchemy as sa

    from desktop.db.session import Actor, Database


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody with a role. Times are UTC.

    ``provider`` is “local”, or through whom the account signs in on the website. ``password_cost`` is bcrypt's, None
    without a password to come in with. ``last_admin`` is true when the account can neither lose the role admin nor be
    deactivated, because nobody else could manage staff.
    """

    id: UUID
    username: str
    email: str
    active: bool
    roles: frozenset[Role]
    provider: str
    password_cost: int | None
    last_login_at: datetime | None
    created_at: datetime
    last_admin: bool

    @property
    def coming_in(self) -> str:
        """How this person comes in, or why not and what to do, as one sentence."""
        if not self.active:
            return "Cannot sign in: the account is deactivated. Reactivate it first."
        if self.password_cost is None and self.provider == "local":
            return "Cannot sign in: the account has no password. Set one, or issue a code."
        elsewhere = f"through {self.provider.title()} on the website"
        if self.password_cost is None:
            return f"Signs in {elsewhere} and has no password here. Set one, or issue a code."
        also = "" if self.provider == "local" else f", and {elsewhere}"
        if self.password_cost < passwords.COST:
            return f"Signs in with a password that another program stored too cheaply{also}. A new one would be safer."
        return f"Signs in with a password{also}."


@dataclass(frozen=True, slots=True)
class Standing:
    """An account after a change; ``changed`` is false when all was so already. ``roles`` are all it has now."""

    id: UUID
    username: str
    roles: frozenset[Role]
    changed: bool


def staff(database: Database, actor: Actor) -> tuple[Member, ...]:
    """Everybody who has a role, active or not, by name. Raises `NotAllowed`, `AccountClosed`."""
    may = acting(actor, Operation.SEE_STAFF)
    rows = database.once(f"SELECT * FROM greenroom.staff({Acting.ID})", {}, may)
    return tuple(
        Member(
            id=row.user_id,
            username=row.username,
            email=row.email,
            active=row.active,
            roles=_roles(row),
            provider=row.provider,
            password_cost=row.password_cost,
            last_login_at=row.last_login_at,
            created_at=row.created_at,
            last_admin=row.last_admin,
        )
        for row in rows
    )


def give_role(database: Database, actor: Actor, user_id: UUID, role: Role) -> Standing:
    """One role more. Locks the table of roles and all admins' accounts, for this one call. Raises `NotFound`,
    `NotAllowed`, `AccountClosed`, `Busy`."""
    return _set_role(database, actor, user_id, role, has=True)


def take_role(database: Database, actor: Actor, user_id: UUID, role: Role) -> Standing:
    """One role less, at once: rights are read with each operation. Without any the account is the website's only. It
    may be one's own. Locks as `give_role`. Raises `LastAdmin`, `NotFound`, `NotAllowed`, `AccountClosed`, `Busy`."""
    return _set_role(database, actor, user_id, role, has=False)


def deactivate(database: Database, actor: Actor, user_id: UUID, reason: str = "") -> Standing:
    """Nobody signs in with the account any more, on the website neither, and whoever is signed in does nothing more;
    its reset codes end, its roles and history stay (ruling 23). To end the work here only, take the roles.

    Locks as `give_role`. Raises `LastAdmin`, `NotFound` for who is not on the staff, `NotAllowed`, `AccountClosed`,
    `Busy`.
    """
    return _set_active(database, actor, user_id, reason, active=False)


def reactivate(database: Database, actor: Actor, user_id: UUID, reason: str = "") -> Standing:
    """The account is as it was before `deactivate`. Raises what that raises, but never `LastAdmin`."""
    return _set_active(database, actor, user_id, reason, active=True)


def _set_role(database: Database, actor: Actor, user_id: UUID, role: Role, *, has: bool) -> Standing:
    row = database.call(
        "set_role",
        {
            "p_actor": acting(actor, Operation.MANAGE_STAFF),
            "p_user": user_id,
            "p_role": role.value,
            "p_has": has,
        },
    )
    return _standing(row, user_id, "lose the role admin")


def _set_active(database: Database, actor: Actor, user_id: UUID, reason: str, *, active: bool) -> Standing:
    row = database.call(
        "set_active",
        {
            "p_actor": acting(actor, Operation.MANAGE_STAFF),
            "p_user": user_id,
            "p_active": active,
            "p_reason": inputs.reason(reason),
        },
    )
    return _standing(row, user_id, "be deactivated")


def _standing(row: sa.Row[tuple[object, ...]], user_id: UUID, wish: str) -> Standing:
    match row.outcome:
        case "not_found":
            raise errors.NotFound("staff account")
        case "last_admin":
            raise errors.LastAdmin(row.username, wish)
    return Standing(user_id, row.username, _roles(row), row.outcome == "changed")


def _roles(row: sa.Row[tuple[object, ...]]) -> frozenset[Role]:
    return frozenset(Role(name) for name in row.roles)
