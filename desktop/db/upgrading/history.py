"""The revisions there are, as alembic reads them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from alembic.config import Config
from alembic.script import ScriptDirectory

import migrations

if TYPE_CHECKING:
    from migrations.steps import Backfill, Step


@dataclass(frozen=True, slots=True)
class Revision:
    """One revision of the schema's history; ``says`` is its message."""

    name: str
    says: str
    steps: tuple[Step | Backfill, ...]


def config() -> Config:
    """Alembic's, without a file."""
    made = Config()
    made.set_main_option("script_location", str(migrations.FOLDER).replace("%", "%%"))
    made.set_main_option("path_separator", "os")
    return made


@cache
def scripts() -> ScriptDirectory:
    """The revisions as alembic knows them. Read once, because alembic compiles every file each time."""
    return ScriptDirectory.from_config(config())


def revisions() -> tuple[Revision, ...]:
    """All of them, oldest first."""
    oldest_first = reversed(list(scripts().walk_revisions()))
    return tuple(
        Revision(script.revision, script.doc.splitlines()[0], tuple(script.module.STEPS))
        for script in oldest_first
    )
