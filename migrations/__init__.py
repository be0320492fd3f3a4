"""The schema's history: revisions in ``versions/``, the SQL they install beside them as ``.sql``.

A revision names its ``STEPS``; its ``upgrade`` hands them to `run`, its ``downgrade`` calls `undo`. Who runs them,
compared with the database as it is, is `desktop.db.upgrade`. Alembic is there when that runs; to look where the
revisions are, nobody needs it.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from migrations.steps import Backfill, Step, divided

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["FOLDER", "Backfill", "Step", "run", "sql", "steps", "undo"]

FOLDER = Path(__file__).parent


def sql(name: str) -> str:
    """The text of ``versions/<name>.sql``."""
    return (FOLDER / "versions" / f"{name}.sql").read_text(encoding="utf-8")


@cache
def steps(*names: str) -> tuple[Step, ...]:
    """The steps of ``versions/<name>.sql``, file by file; the revision is what the names begin with."""
    return tuple(step for name in names for step in divided(name.partition("_")[0], sql(name)))


def run(planned: Sequence[Step | Backfill]) -> None:
    """Do what of these steps the database still lacks."""
    from alembic import context

    context.config.attributes["run"](planned)


def undo(revision: str) -> None:
    """Take away what the revision made here, unless it holds data."""
    from alembic import context

    context.config.attributes["undo"](revision)
