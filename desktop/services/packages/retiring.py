"""Taking packages off sale, putting them back, and deleting those nobody used (ruling 19)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from desktop import errors
from desktop.db.session import Scrubbed
from desktop.services import inputs
from desktop.services.permissions import Operation, acting

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from desktop.db.session import Actor, Database

KEPT = frozenset({"23503", "23001"})
"""foreign_key_violation and restrict_violation: something else refers to the row."""


@dataclass(frozen=True, slots=True)
class Shelved:
    """A package that is on sale (``active``) or is not. ``changed`` is False when it was so already. People who hold a
    seat or wait are as they were: ``free`` is None without limit. ``since`` is when it was retired, in UTC."""

    package_id: UUID
    package: str
    active: bool
    changed: bool
    held: int
    free: int | None
    waiting: int
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Deleted:
    """A package that is no more."""

    package_id: UUID
    package: str
    event: str | None


def retire(database: Database, actor: Actor, package_id: UUID, reason: str = "") -> Shelved:
    """Take the package off sale: nobody new gets a seat or waits from now on; who does so already stays as they are.

    Locks the package's seats. Raises `NotFound`, `InvalidField` for a long reason, `NotAllowed`, `AccountClosed`,
    `Busy`. Rulings 15 and 19.
    """
    return _set_active(database, actor, package_id, active=False, reason=reason)


def reactivate(database: Database, actor: Actor, package_id: UUID, reason: str = "") -> Shelved:
    """Put the package back on sale; ``deactivated_at`` is cleared. Nobody is promoted: ``free`` and ``waiting`` say
    whether somebody could be. Locks and raises as `retire`."""
    return _set_active(database, actor, package_id, active=True, reason=reason)


def delete(database: Database, actor: Actor, package_id: UUID) -> Deleted:
    """Delete a package that no registration, order or check-in belongs to.

    Locks the package's seats. Raises `PackageInUse`, which says what belongs to it, `NotFound`, `NotAllowed`,
    `AccountClosed`, `Busy`, also while somebody is just registering for it. Rulings 19 and 22.
    """
    try:
        row = database.call(
            "delete_package",
            {"p_actor": acting(actor, Operation.EDIT_PACKAGES), "p_package": package_id},
        )
    except Scrubbed as error:
        if error.sqlstate not in KEPT:  # a foreign key of the website's that is checked at the end
            raise
        raise errors.PackageInUse("The package") from None
    if row.outcome == "not_found":
        raise errors.NotFound("package")
    if row.outcome == "used":
        raise errors.PackageInUse(
            row.package_name, row.registrations, row.orders, row.check_ins, row.elsewhere or ""
        )
    return Deleted(package_id, row.package_name, row.event_title)


def _set_active(database: Database, actor: Actor, package_id: UUID, *, active: bool, reason: str) -> Shelved:
    row = database.call(
        "set_package_active",
        {
            "p_actor": acting(actor, Operation.EDIT_PACKAGES),
            "p_package": package_id,
            "p_active": active,
            "p_reason": inputs.reason(reason),
        },
    )
    if row.outcome == "not_found":
        raise errors.NotFound("package")
    held = row.held or 0
    return Shelved(
        package_id=package_id,
        package=row.package_name,
        active=active,
        changed=row.outcome != "unchanged",
        held=held,
        free=None if row.capacity is None else max(row.capacity - held, 0),
        waiting=row.waiting,
        since=row.since,
    )
