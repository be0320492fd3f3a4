"""Registrations somebody selected, as the ids of a grid (16 bytes each): what many of them are, taken together."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID

import sqlalchemy as sa

from desktop.services.grid import WIDTH, reading
from desktop.services.permissions import Operation, acting

if TYPE_CHECKING:
    from collections.abc import Mapping

    from desktop.db.session import Actor, Database
    from desktop.services.grid import Cancellation

DIVIDED = (
    "SELECT r.status, count(*) AS number, count(*) FILTER (WHERE o.payment_status = 'paid') AS paid"
    " FROM (SELECT encode(substring(CAST(:ids AS bytea) FROM n * 16 + 1 FOR 16), 'hex')::uuid AS id"
    "         FROM generate_series(0, length(CAST(:ids AS bytea)) / 16 - 1) n) chosen"
    " JOIN event_registrations r ON r.id = chosen.id LEFT JOIN orders o ON o.id = r.order_id GROUP BY r.status"
)
"""The ids go in as one value and come apart on the server: a million UUIDs made here would stall the window."""


@dataclass(frozen=True, slots=True)
class Division:
    """How many have each status, and of how many the order is paid, by status."""

    statuses: Mapping[str, int] = field(default_factory=dict)
    paid: Mapping[str, int] = field(default_factory=dict)

    def of(self, *statuses: str) -> int:
        """How many have one of these."""
        return sum(self.statuses.get(one, 0) for one in statuses)


def divide(database: Database, actor: Actor, ids: bytes, cancellation: Cancellation) -> Division:
    """How the registrations divide; those that are not there any more are not counted. Raises `NotAllowed`,
    `QueryCancelled`."""
    with reading(database, acting(actor, Operation.SEE_REGISTRATIONS), cancellation) as connection:
        rows = list(connection.execute(sa.text(DIVIDED), {"ids": ids}))
    return Division({row.status: row.number for row in rows}, {row.status: row.paid for row in rows})


def each(ids: bytes) -> list[UUID]:
    """The ids one by one; for thousands of them only off the GUI thread."""
    return [UUID(bytes=ids[at : at + WIDTH]) for at in range(0, len(ids), WIDTH)]
