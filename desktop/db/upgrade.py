"""Bring a database to this program's schema, take it back, and say whether it is there (ruling 3).

Alembic without ``alembic.ini``; its version table lives in schema ``greenroom``. A revision is not one transaction
but a row of steps, each compared with the database before it runs: what is there already is kept, and an upgrade
that was killed is finished by the next one (docs/decisions/0009). What an older upgrade made and somebody took away
since is made again.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import psycopg
import sqlalchemy as sa
from alembic import command

from desktop import errors
from desktop.db.schema import is_current, newest
from desktop.db.session import Database, translated
from desktop.db.upgrading import history, session, undoing
from desktop.db.upgrading.working import Plan, Work

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from desktop.db.findings import Finding

__all__ = ["LOCK", "OLDEST_SERVER", "Plan", "downgrade", "is_current", "newest", "plan", "upgrade"]

LOCK = session.LOCK
OLDEST_SERVER = session.OLDEST_SERVER


def upgrade(
    database: Database,
    say: Callable[[str], None] = lambda _line: None,
    tell: Callable[[Sequence[Finding]], None] = lambda _findings: None,
) -> list[str]:
    """Bring the database to the newest schema; the messages of the revisions something was done for.

    ``say`` is told each revision and what is done for it as it starts, ``tell`` what was found in the rows and is
    kept. Raises `CannotAdopt` when something must be put right first, `SchemaNewer` when the database is ahead of
    this program, `DatabaseRefused` when the server is too old, not UTF-8 or behind a transaction pooler, `Busy` when
    others hold the tables too long. Until `Busy`, what was done is complete in itself and stays.
    """
    with _translating(database), session.alone(database, say) as alone:
        work = Work(alone, database, say)
        if work.fresh:
            work.begin()
        else:
            plan, mending = work.plan()
            if not plan.steps and work.listed and work.at == newest():
                return []
            if plan.refused:
                raise errors.CannotAdopt(database.name, plan.findings, plan.refused)
            tell(plan.findings)
            say(
                f"{len(plan.steps)} {'step' if len(plan.steps) == 1 else 'steps'} to do; the website goes on working."
            )
            work.begin()
            work.mend(mending)
        try:
            command.upgrade(work.config(), "head")
        except psycopg.IntegrityError:  # somebody wrote what is not allowed between the survey and its rule
            found = work.surveyed()
            if any(finding.refused for finding in found):
                refused = sum(finding.refused for finding in found)
                raise errors.CannotAdopt(database.name, found, refused, begun=True) from None
            raise
        return work.done


def plan(database: Database) -> Plan:
    """What `upgrade` would do now. Changes nothing; waits for an upgrade that is at work. Raises as `upgrade` does,
    apart from `CannotAdopt`: what refuses is among the findings."""
    with _translating(database), session.alone(database, lambda _line: None) as alone:
        return Work(alone, database, lambda _line: None).plan()[0]


def downgrade(
    database: Database, revision: str | None = None, say: Callable[[str], None] = lambda _line: None
) -> list[str]:
    """Take the schema back to an older revision, or all of Greenroom away; the messages of the revisions taken back.

    Only what Greenroom made goes; what holds data stays and is said. Raises `InvalidField` for a revision that there
    is not or that is newer than the database's, and otherwise as `upgrade`.
    """
    known = [one.name for one in history.revisions()]
    if revision is not None and revision not in known:
        raise errors.InvalidField(
            "revision", f"There is no schema {revision}; they go from {known[0]} to {known[-1]}."
        )
    with _translating(database), session.alone(database, say) as alone:
        work = Work(alone, database, say)
        if work.at is None:
            return []
        if revision is not None and known.index(revision) > known.index(work.at):
            raise errors.InvalidField("revision", f"{database.name} has schema {work.at}, which is older.")
        work.begin()
        command.downgrade(work.config(), revision or "base")
        if revision is None:
            undoing.leave(work.runner)
        return work.done


@contextmanager
def _translating(database: Database) -> Iterator[None]:
    try:
        yield
    except (sa.exc.DBAPIError, psycopg.Error) as error:
        raise translated(error, database.name) from error
