"""Doing what was planned, beside a website that keeps writing.

A lock that is asked for makes everybody behind wait, so no transaction here waits longer than `FIRST_MS` for its
first lock and `FURTHER_MS` for all others together; then it lets everybody through and tries again. Each
transaction is sent in one go: no lock is held while an answer travels (concurrency.md).
"""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING, Any

import psycopg

from desktop import errors
from desktop.db.upgrading import inventory
from desktop.db.upgrading.actions import Short, bare

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from desktop.db.upgrading.actions import Made

FIRST_MS = 500
FURTHER_MS = 200
PATIENCE_SECONDS = 120.0
PAUSE_SECONDS = 3.0
RETRIED = (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected)


class TablesBusy(errors.Busy):
    """Others held a table for longer than an upgrade tries; what was done until then stays and is not done again."""

    def __init__(self, what: str) -> None:
        errors.Unavailable.__init__(
            self,
            f"{what} for too long, so the upgrade stopped. What it did so far is complete: run it again to finish.",
        )


class Runner:
    """Runs transactions on the session that holds the upgrade's lock; ``connection`` commits by itself."""

    def __init__(self, connection: psycopg.Connection[Any], say: Callable[[str], None]) -> None:
        self.connection = connection
        self.say = say
        self.revision = ""

    def short(self, action: Short) -> None:
        """One short transaction, tried again until its locks are to be had. Raises `TablesBusy`."""
        noting = inventory.noting(action.made, self.revision)
        statements = [*action.statements, noting] if noting else list(action.statements)
        new = {made.place for made in action.made if made.kind in {"table", "view"}}
        tables = [table for table in action.tables if table not in new]
        self.patiently(lambda: self.together(statements, tables), tables)

    def together(self, statements: Sequence[str], tables: Sequence[str] = ()) -> None:
        """The statements as one transaction, all or nothing, in one round trip. Several ``tables`` are locked first,
        one by one, so that the waiting adds up to no more than is allowed."""
        further = max(20, FURTHER_MS // max(1, len(tables) - 1))
        parts = ["BEGIN", f"SET LOCAL lock_timeout = {FIRST_MS}"]
        if len(tables) > 1:
            for table in tables:
                parts += [_lock(table), f"SET LOCAL lock_timeout = {further}"]
        try:
            self.connection.execute(";\n".join([*parts, *statements, "COMMIT"]).encode())
        except psycopg.Error:
            if not self.connection.closed:
                self.connection.execute("ROLLBACK")
            raise

    def patiently(self, attempt: Callable[[], None], tables: Sequence[str]) -> None:
        """Until nobody is in the way; says once who is. Raises `TablesBusy`."""
        until = time.monotonic() + PATIENCE_SECONDS
        ceiling = 0.5
        said = False
        while True:
            try:
                attempt()
            except RETRIED:
                who = self.holders(tables)
                if time.monotonic() > until:
                    raise TablesBusy(who) from None
                if not said and ceiling > 0.5:
                    self.say(f"  {who}; trying again until there is a gap.")
                    said = True
                time.sleep(random.uniform(0.1, ceiling))
                ceiling = min(ceiling * 2, PAUSE_SECONDS)
            else:
                return

    def holders(self, tables: Sequence[str]) -> str:
        """Who is in the way, as a sentence without its end: the oldest transaction that has a lock on the tables."""
        found = self.connection.execute(
            "SELECT coalesce(nullif(a.application_name, ''), 'somebody') AS program, a.usename,"
            " extract(epoch FROM clock_timestamp() - a.xact_start)::int AS seconds"
            "  FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid"
            " WHERE l.relation = ANY (SELECT to_regclass(t) FROM unnest(%s::text[]) AS t) AND l.granted"
            "   AND l.mode <> 'AccessShareLock' AND l.pid <> pg_backend_pid()"
            " ORDER BY a.xact_start NULLS LAST LIMIT 1",
            [list(tables)],
        ).fetchone()
        names = " and ".join(bare(table) for table in tables) or "a table"
        if found is None:
            return f"Others are using {names}"
        program, user, seconds = found
        since = f", in a transaction for {seconds} s," if seconds else ""
        return f"“{program}” ({user}){since} is using {names}"

    def note(self, made: Sequence[Made]) -> None:
        """Keep what is about to be made outside of a transaction."""
        self.connection.execute(inventory.noting(made, self.revision).encode())


def _lock(table: str) -> str:
    """The lock that triggers and foreign keys need: it keeps writers out and lets readers through."""
    return f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE"
