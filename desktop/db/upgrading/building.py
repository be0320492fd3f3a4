"""An index built beside the site's work, and what an interrupted build left behind taken away first."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import psycopg

from desktop.db.upgrading.running import TablesBusy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import sqlalchemy as sa

    from desktop.db.upgrading.actions import Build
    from desktop.db.upgrading.running import Runner

TRIES = 5
LOOK_SECONDS = 1.0
WAITING = """
SELECT p.phase, coalesce(nullif(a.application_name, ''), 'somebody'), a.usename,
       extract(epoch FROM clock_timestamp() - a.xact_start)::int,
       CASE WHEN p.blocks_total > 0 THEN p.blocks_done * 100 / p.blocks_total END
  FROM pg_stat_progress_create_index p LEFT JOIN pg_stat_activity a ON a.pid = p.current_locker_pid
 WHERE p.pid = :pid
"""


def build(runner: Runner, action: Build, engine: sa.Engine) -> None:
    """Build the index and see that it is valid. It stops no writer, and waits for the transactions that are open when
    it starts, however long they take; it says for whom. Raises `TablesBusy` when it failed `TRIES` times."""
    runner.note(action.made)
    for _ in range(TRIES):
        _drop_invalid(runner, action)
        try:
            with _telling(runner, engine):
                runner.connection.execute(action.sql.encode())
        except psycopg.errors.DeadlockDetected:
            continue
        except psycopg.errors.UniqueViolation:
            _drop_invalid(runner, action)
            raise
        if _valid(runner, action):
            return
    raise TablesBusy(f"The index {action.name} could not be built beside others who change {action.table}")


def _drop_invalid(runner: Runner, action: Build) -> None:
    if _valid(runner, action) is False:
        runner.connection.execute(f'DROP INDEX CONCURRENTLY {_schema(action)}."{action.name}"'.encode())


def _valid(runner: Runner, action: Build) -> bool | None:
    """None when there is no such index on the table."""
    found = runner.connection.execute(
        "SELECT i.indisvalid FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
        " WHERE i.indrelid = to_regclass(%s) AND c.relname = %s",
        [action.table, action.name],
    ).fetchone()
    return None if found is None else bool(found[0])


def _schema(action: Build) -> str:
    return action.table.partition(".")[0]


@contextmanager
def _telling(runner: Runner, engine: sa.Engine) -> Iterator[None]:
    """Say from another connection for whom the build waits, and how far it is."""
    done = threading.Event()
    watcher = threading.Thread(
        target=_watch, args=(engine, runner.connection.info.backend_pid, runner.say, done), daemon=True
    )
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()


def _watch(engine: sa.Engine, pid: int, say: Callable[[str], None], done: threading.Event) -> None:
    """Looking must not fail what is looked at: when it fails, nothing more is said."""
    if done.wait(LOOK_SECONDS):
        return
    import sqlalchemy as sa

    said = ""
    try:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            while not done.is_set():
                found = connection.execute(sa.text(WAITING), {"pid": pid}).one_or_none()
                line = "" if found is None else _told(*found)
                if line and line != said:
                    say(line)
                    said = line
                done.wait(LOOK_SECONDS)
    except (sa.exc.SQLAlchemyError, psycopg.Error):
        return


def _told(phase: str, program: str | None, user: str | None, seconds: int | None, percent: int | None) -> str:
    if phase.startswith("waiting for") and program is not None and user is not None:
        begun = f", begun {seconds // 10 * 10} s ago or more," if seconds else ""
        return f"  Waiting for the transaction of “{program}” ({user}){begun} to end; nobody waits for this."
    return f"  {percent // 10 * 10} % read" if percent is not None and percent >= 10 else ""
