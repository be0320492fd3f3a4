"""Which schema a database has, and which one this program brings: without alembic, which only upgrades need and which
takes 150 ms to import."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import sqlalchemy as sa

import migrations
from desktop import errors

if TYPE_CHECKING:
    from desktop.db.session import Database

THERE = sa.text(
    "SELECT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE n.nspname = 'greenroom' AND c.relname = 'schema_version' AND c.relkind = 'r')"
)
FINISHED = sa.text("SELECT version_num FROM greenroom.schema_version")


@cache
def revisions() -> tuple[str, ...]:
    """The names of all there are, oldest first: what their files begin with, as 0010_import.py."""
    return tuple(
        sorted(file.name.partition("_")[0] for file in (migrations.FOLDER / "versions").glob("0*.py"))
    )


def newest() -> str:
    """The revision this program brings a database to."""
    return revisions()[-1]


def at(connection: sa.Connection) -> str | None:
    """The revision that was finished last in this database; None when none was. Raises `SchemaNewer` for one that is
    not known."""
    if not connection.execute(THERE).scalar_one():
        return None
    revision: str | None = connection.execute(FINISHED).scalar()
    if revision is not None and revision not in revisions():
        raise errors.SchemaNewer(revision)
    return revision


def is_current(database: Database) -> bool:
    """True when the schema is this program's. Raises `SchemaNewer` when it is ahead."""
    with database.transaction() as tx:
        return at(tx.connection) == newest()
