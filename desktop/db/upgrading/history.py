"""The revisions there are, and the one a database has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

import migrations
from desktop import errors

if TYPE_CHECKING:
    import sqlalchemy as sa

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


def scripts() -> ScriptDirectory:
    """The revisions as alembic knows them."""
    return ScriptDirectory.from_config(config())


def revisions() -> tuple[Revision, ...]:
    """All of them, oldest first."""
    oldest_first = reversed(list(scripts().walk_revisions()))
    return tuple(
        Revision(script.revision, script.doc.splitlines()[0], tuple(script.module.STEPS))
        for script in oldest_first
    )


def newest() -> str:
    """The revision this program brings a database to."""
    return str(scripts().get_current_head())


def at(connection: sa.Connection) -> str | None:
    """The revision that was finished last in this database. Raises `SchemaNewer` for one that is not known."""
    context = MigrationContext.configure(
        connection, opts={"version_table": "schema_version", "version_table_schema": "greenroom"}
    )
    revision = context.get_current_revision()
    known = {script.revision for script in scripts().walk_revisions()}
    if revision is not None and revision not in known:
        raise errors.SchemaNewer(revision)
    return revision
