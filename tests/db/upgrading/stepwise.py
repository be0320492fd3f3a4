"""A database as an older Greenroom left it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alembic import command

from desktop.db.upgrading import history, session
from desktop.db.upgrading.working import Work

if TYPE_CHECKING:
    from desktop.db.session import Database


def names() -> list[str]:
    """The revisions there are, oldest first."""
    return [revision.name for revision in history.revisions()]


def upgrade_to(database: Database, revision: str) -> None:
    """Bring the database to one revision and no further, a step at a time, as programs of those times would have."""
    for name in names()[: names().index(revision) + 1]:
        with session.alone(database, lambda _line: None) as alone:
            work = Work(alone, database, lambda _line: None)
            work.begin()
            command.upgrade(work.config(), name)
