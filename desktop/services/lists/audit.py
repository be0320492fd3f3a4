"""The audit log as a list: `admin_logs`, which nobody can change (ruling 23)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from desktop.services import readable
from desktop.services.grid import Condition, Grid, Listing, Sort
from desktop.services.lists.searching import words
from desktop.services.permissions import Operation, acting

if TYPE_CHECKING:
    from uuid import UUID
    from zoneinfo import ZoneInfo

    from desktop.db.session import Actor, Database


@dataclass(frozen=True, slots=True)
class Where:
    """Each word of ``text`` is in the name, the action or the description."""

    text: str = ""


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One action. ``when`` is in the workspace's zone."""

    id: UUID
    when: str
    when_in_full: str
    who: str
    action_type: str
    description: str


def grid(database: Database, actor: Actor, zone: ZoneInfo) -> Grid[Where, AuditRow]:
    """The log, newest first when sorted by ``when`` downwards. Raises `NotAllowed`."""

    def row(row: Any) -> AuditRow:
        return AuditRow(
            id=row.id,
            when=readable.short(row.logged_at, zone),
            when_in_full=readable.full(row.logged_at, zone),
            who=row.username,
            action_type=row.action_type,
            description=row.description or "",
        )

    return Grid(
        database,
        acting(actor, Operation.SEE_LOG),
        Listing(
            columns="l.id, l.logged_at, l.action_type, l.description, u.username",
            # Everybody is there. As a LEFT JOIN it falls away where nothing is looked for, and the order of all rows
            # comes from the index alone.
            table="admin_logs l LEFT JOIN users u ON u.id = l.admin_id",
            joins="",
            identifier="l.id",
            scope=Condition(),
            sorts={"when": Sort(("l.logged_at",))},
            where=lambda where: words(where.text, "concat_ws(' ', u.username, l.action_type, l.description)"),
            row=row,
        ),
    )
