"""Who does something, and whether they may at that moment: `greenroom.acting` (ruling 24)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psycopg
import sqlalchemy as sa

from desktop import errors

if TYPE_CHECKING:
    from uuid import UUID


@dataclass(frozen=True, slots=True)
class Actor:
    """The member of staff on whose behalf something is done."""

    id: UUID
    name: str
    email: str
    roles: frozenset[str]


@dataclass(frozen=True, slots=True)
class Acting:
    """Somebody about to do something that is for ``roles`` only. The database looks up the rights the actor has at
    that moment, in the same call (`greenroom.acting`), so that a role taken away counts at once. ``wish`` completes
    “may not …”."""

    actor: Actor
    roles: tuple[str, ...]
    wish: str

    ID = "greenroom.acting(:acting_id, :acting_roles)"
    """The actor's id as an SQL expression; raises when the rights are missing."""

    @property
    def values(self) -> dict[str, Any]:
        """What `ID` refers to."""
        return {"acting_id": self.actor.id, "acting_roles": list(self.roles)}

    def refused(self, error: Exception) -> errors.AppError | None:
        """The situation, when the statement failed for want of rights."""
        original = error.orig if isinstance(error, sa.exc.StatementError) else error
        diagnosis = original.diag if isinstance(original, psycopg.errors.InsufficientPrivilege) else None
        if diagnosis is not None and diagnosis.constraint_name == "greenroom_account":
            return errors.AccountClosed(self.wish)
        if diagnosis is not None and diagnosis.constraint_name == "greenroom_rights":
            return errors.NotAllowed(self.wish, diagnosis.message_primary or "none")
        return None


def check_rights(connection: sa.Connection, acting: Acting) -> None:
    """Raises `NotAllowed` or `AccountClosed` unless the actor has the right now."""
    try:
        connection.execute(sa.text(f"SELECT {Acting.ID}"), acting.values)
    except sa.exc.StatementError as error:
        refuse(error, acting)
        raise


def refuse(error: Exception, acting: Acting) -> None:
    """Raises `NotAllowed` or `AccountClosed` when the statement failed for want of rights."""
    refused = acting.refused(error)
    if refused is not None:
        raise refused from None
