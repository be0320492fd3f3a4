"""Give rows that were there before a value, without anybody's triggers taking it for an edit.

The website's own triggers (mails, audit, ``updated_at``) must not fire for it, so each batch switches the table's
triggers off and on again to exactly what they were, in one transaction under a lock that keeps writers out: nobody
ever sees them off. A batch takes about a fifth of a second; between two, everybody gets through.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from desktop.db.upgrading.actions import bare

if TYPE_CHECKING:
    from desktop.db.upgrading.running import Runner
    from migrations.steps import Backfill

TARGET_SECONDS = 0.2
FIRST_BLOCKS = 16
MOST_BLOCKS = 4096
TELL_SECONDS = 2.0

BATCH = """
LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE;
SET LOCAL lock_timeout = 100;
DO $batch$
DECLARE
  v_triggers CONSTANT jsonb := (
    SELECT jsonb_object_agg(t.tgname, CASE t.tgenabled WHEN 'A' THEN 'ALWAYS ' WHEN 'R' THEN 'REPLICA ' ELSE '' END)
      FROM pg_catalog.pg_trigger t
     WHERE t.tgrelid = '{table}'::pg_catalog.regclass AND NOT t.tgisinternal AND t.tgenabled <> 'D');
  v record;
BEGIN
  FOR v IN SELECT key AS name FROM jsonb_each_text(v_triggers) LOOP
    EXECUTE format('ALTER TABLE {table} DISABLE TRIGGER %I', v.name);
  END LOOP;
  UPDATE {table} SET {column} = {value} WHERE {range} AND ({condition});
  FOR v IN SELECT key AS name, value AS how FROM jsonb_each_text(v_triggers) LOOP
    EXECUTE format('ALTER TABLE {table} ENABLE %sTRIGGER %I', v.how, v.name);
  END LOOP;
END $batch$
"""


def fill(runner: Runner, backfill: Backfill) -> None:
    """Go through the table until no row lacks its value. Raises `TablesBusy` as `Runner.patiently` does."""
    while _lacking(runner, backfill, "true"):
        _pass(runner, backfill)


def _pass(runner: Runner, backfill: Backfill) -> None:
    table = backfill.table
    found = runner.connection.execute(
        "SELECT pg_relation_size(%s::regclass) / current_setting('block_size')::bigint", [table]
    ).fetchone()
    total = int(found[0]) if found else 0
    at, blocks, told = 0, FIRST_BLOCKS, time.monotonic()
    while at < total:
        within = f"ctid >= '({at},0)'::tid AND ctid < '({at + blocks},0)'::tid"
        at += blocks
        if _lacking(runner, backfill, within):
            batch = BATCH.format(
                table=table,
                column=backfill.column,
                value=backfill.value,
                condition=backfill.condition,
                range=within,
            )
            took = _timed(runner, batch, table)
            blocks = max(1, min(MOST_BLOCKS, int(blocks * min(2.0, TARGET_SECONDS / max(took, 0.001)))))
            time.sleep(min(took / 2, TARGET_SECONDS))  # whoever queued behind the batch goes first
        if time.monotonic() - told > TELL_SECONDS:
            told = time.monotonic()
            runner.say(f"  {bare(table)}: {min(100, at * 100 // total)} %")


def _timed(runner: Runner, batch: str, table: str) -> float:
    """How long the batch that went through took; waiting for its lock is part of it, as others wait as long."""
    took = 0.0

    def attempt() -> None:
        nonlocal took
        begun = time.monotonic()
        runner.together([batch])
        took = time.monotonic() - begun

    runner.patiently(attempt, (table,))
    return took


def _lacking(runner: Runner, backfill: Backfill, within: str) -> bool:
    found = runner.connection.execute(
        f"SELECT EXISTS (SELECT FROM {backfill.table} WHERE {within} AND ({backfill.condition}))".encode()
    ).fetchone()
    return bool(found and found[0])
