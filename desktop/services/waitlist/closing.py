"""Places 1..n without gaps, a moment after whatever left a gap: `greenroom.close_gaps`."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from uuid import UUID

    from desktop.db.session import Database

STEP = 500
"""Places that are changed in one call; the package's seats are locked meanwhile, for about 30 ms."""


def close_gaps(database: Database, package_id: UUID) -> None:
    """Have the package's waitlist numbered 1..n again (ruling 10), in the background: once for a burst of promotions,
    in short steps, when nobody else is at work there. When others stay busy, or the link breaks, the gaps stay until
    the next change: the order is right with gaps, only the numbers people read are not."""
    database.afterwards(("waitlist", package_id), partial(_step, database, package_id))


def _step(database: Database, package_id: UUID) -> bool:
    return bool(database.call("close_gaps", {"p_package": package_id, "p_most": STEP}).close_gaps >= STEP)
