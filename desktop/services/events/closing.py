"""The words for why an event cannot become what is wished for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from desktop import errors
from desktop.services import readable

if TYPE_CHECKING:
    import sqlalchemy as sa


def check(row: sa.Row[Any], wish: str) -> None:
    """Raises what the ``outcome`` of a function of 0015_events.sql stands for, unless it did what was wished."""
    if row.outcome == "not_found":
        raise errors.NotFound("event")
    if row.outcome in {"deleted", "wrong_state"}:
        state = "deleted" if row.outcome == "deleted" else row.status
        raise errors.WrongEventState(row.title or readable.UNTITLED, wish, state)
