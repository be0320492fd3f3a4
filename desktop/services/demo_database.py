"""Which database the demo is shown from: one of its own, and a fresh one before its dates are stale.

It remembers its day as the database's comment, written last, so that one whose filling was interrupted counts
as stale.
"""

from __future__ import annotations

from contextlib import closing
from datetime import date
from typing import TYPE_CHECKING

import psycopg
import sqlalchemy as sa

from desktop import errors
from desktop.db import embedded
from desktop.db.session import Database
from desktop.services import demo, opening

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from desktop.db.embedded import LocalServer
    from desktop.services.opening import Opened

DEMO = "greenroom_demo"
"""The ordinary one; those of a scale have its name behind."""
TOUR = "greenroom_tour"
KEPT_DAYS = 7
IN_USE = (
    "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = :name AND backend_type = 'client backend')"
)
"""Asked first, because DROP DATABASE would wait five seconds for them."""


def open_demo(
    folder: Path,
    today: date,
    say: Callable[[str], None],
    progress: demo.Progress,
    scale: demo.Scale | None = None,
) -> Opened:
    """The demo as it was left, or a fresh one when it was invented around a day more than `KEPT_DAYS` from
    ``today`` and nobody has it open. ``folder`` is the local server's. Those of a ``scale`` are kept apart. What
    ``progress`` raises comes out of here, and leaves nothing behind. Raises `LocalServerFailed`, `SchemaNewer`.
    """
    name = DEMO if scale is None else f"{DEMO}_{scale}"
    with embedded.start(folder) as server:
        day = _day(server, name)
        if day is None or abs((today - day).days) > KEPT_DAYS:
            _dropped(server, name)
        try:
            return _filled(folder, name, today, say, progress, demo.REGISTRATIONS[scale] if scale else None)
        except BaseException:
            if _day(server, name) is None:  # half of a million rows would only take up room
                _dropped(server, name, at_once=False)
            raise


def open_tour(folder: Path, today: date, say: Callable[[str], None], progress: demo.Progress) -> Opened:
    """A fresh demo for a tour, the same for the same day; the next tour's takes its place. Raises
    `RuleViolation` while another tour is on, `LocalServerFailed`."""
    with embedded.start(folder) as server:
        if not _dropped(server, TOUR):
            raise errors.RuleViolation(
                "Another tour is being played on this computer. Wait until it has ended."
            )
        return _filled(folder, TOUR, today, say, progress)


def _filled(
    folder: Path,
    name: str,
    today: date,
    say: Callable[[str], None],
    progress: demo.Progress,
    registrations: int | None = None,
) -> Opened:
    opened = opening.open_local(folder, name, say)
    try:
        if not demo.is_filled(opened.database):
            _fill(opened.database, today, progress, registrations)
    except BaseException:
        opened.close()
        raise
    return opened


def _fill(database: Database, today: date, progress: demo.Progress, registrations: int | None) -> None:
    try:
        demo.fill(database, today, progress, registrations)
    except errors.RuleViolation:
        # Two demos started at once: the other one was quicker.
        if not demo.is_filled(database):
            raise
    else:
        with database.transaction() as tx:
            tx.execute(f"COMMENT ON DATABASE {database.url.database} IS '{today.isoformat()}'")


def _day(server: LocalServer, name: str) -> date | None:
    """The day a demo was invented around; None when there is no such database or it is incomplete."""
    with closing(Database(server.url("postgres"))) as database, database.transaction() as tx:
        said = tx.value(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = :name",
            {"name": name},
        )
    return date.fromisoformat(said) if said else None


def _dropped(server: LocalServer, name: str, *, at_once: bool = True) -> bool:
    """Remove a database; False when somebody has it open, who is waited for a little unless it is to be ``at_once``."""
    with closing(Database(server.url("postgres"))) as database:
        connecting = database.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        with connecting as connection:
            if at_once and connection.execute(sa.text(IN_USE), {"name": name}).scalar():
                return False
            try:
                connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {name}")
            except sa.exc.OperationalError as error:
                if not isinstance(error.orig, psycopg.errors.ObjectInUse):
                    raise
                return False
    return True
