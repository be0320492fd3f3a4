"""Take a revision back: what Greenroom made goes, what holds data stays and is said.

What stays is kept on the list of ``greenroom.created``, so that a later upgrade takes it up again and a later
downgrade may still take it away.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg

from desktop.db.upgrading import capacity_view, inventory
from desktop.db.upgrading.actions import Made, bare

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from desktop.db.upgrading.running import Runner
    from migrations.steps import Step

ORDER = (
    "trigger",
    "view",
    "view query",
    "index",
    "constraint",
    "not null",
    "default",
    "column",
    "table",
    "function",
)
OVER_INDEX = "constraint over index"
"""UNIQUE declared over an index that the website had: the index became the constraint's, and can only go with it."""
DERIVED = frozenset(
    {
        Made("column", "public.event_registrations", "name_key"),
        Made("table", "public.package_seats"),
        Made("table", "greenroom.sign_in_attempts"),
        Made("table", "greenroom.sign_in_tries"),
        Made("table", "greenroom.sign_in_key"),
    }
)
"""Computed from other rows, or forgotten by itself: nothing is lost with it, and kept it would become wrong."""
SEEDED = {"public.roles": "name IN ('admin', 'organizer', 'door', 'editor')"}
"""Rows that an upgrade put there; whoever has such a role is a row of another table."""


def undo(runner: Runner, revision: str, history: Sequence[Step]) -> None:
    """Take back what ``greenroom.created`` says the revision made; functions that it only replaced become again what
    the revision before had made of them. Raises `TablesBusy`."""
    for sql in _earlier(revision, history):
        runner.together([sql])
    found = [
        Made(*row)
        for row in runner.connection.execute(
            "SELECT kind, place, name FROM greenroom.created WHERE revision = %s"
            " ORDER BY array_position(%s, kind), made_at DESC, place DESC, name DESC",
            [revision, list(ORDER)],
        )
    ]
    for made in found:
        if made.kind == OVER_INDEX:
            runner.together([inventory.forgetting(made)])
            called = f"constraint {bare(made.place)}.{made.name}"
            runner.say(f"  Kept: {called}, because the website's own index would go with it.")
    left = [made for made in found if made.kind in ORDER]
    while left:
        waiting = [made for made in left if not _taken_back(runner, made, history)]
        if len(waiting) == len(left):
            break
        left = waiting
    for made in left:
        runner.say(f"  Kept: {_called(made)}, because something else depends on it.")


def leave(runner: Runner) -> None:
    """After the first revision was taken back: remove the list as well, and schema ``greenroom`` with it when nothing
    is left in it."""
    if runner.connection.execute("SELECT FROM greenroom.created LIMIT 1").fetchone() is None:
        runner.together(["DROP TABLE greenroom.created", "DROP TABLE greenroom.schema_version"])
        try:
            runner.together(["DROP SCHEMA greenroom"])
        except psycopg.errors.DependentObjectsStillExist:
            runner.say("  Kept: schema greenroom, because there is something in it that is not Greenroom's.")


def _earlier(revision: str, history: Sequence[Step]) -> Iterable[str]:
    """The definitions, before this revision, of functions that it defines again."""
    before: dict[tuple[str, str, str], str] = {}
    for step in history:
        for statement in step.statements:
            if statement.kind != "function":
                continue
            if step.revision < revision:
                before[statement.key] = statement.sql
    for step in history:
        if step.revision == revision:
            for statement in step.statements:
                if statement.key in before:
                    yield before[statement.key].replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION", 1)


def _taken_back(runner: Runner, made: Made, history: Sequence[Step]) -> bool:
    """False when something that is still there depends on it."""
    try:
        _BACK[made.kind](runner, made, history)
    except (psycopg.errors.DependentObjectsStillExist, psycopg.errors.InvalidTableDefinition):
        return False
    return True


def _short(runner: Runner, made: Made, *statements: str) -> None:
    together = [*statements, inventory.forgetting(made)]
    runner.patiently(lambda: runner.together(together), (made.place,) if made.kind != "function" else ())


def _here(runner: Runner, place: str) -> bool:
    found = runner.connection.execute("SELECT to_regclass(%s) IS NOT NULL", [place]).fetchone()
    return bool(found and found[0])


def _trigger(runner: Runner, made: Made, _history: Sequence[Step]) -> None:
    there = _here(runner, made.place)
    _short(runner, made, *([f'DROP TRIGGER IF EXISTS "{made.name}" ON {made.place}'] if there else []))


def _view(runner: Runner, made: Made, _history: Sequence[Step]) -> None:
    _short(runner, made, f"DROP MATERIALIZED VIEW IF EXISTS {made.place}")


def _view_query(runner: Runner, made: Made, history: Sequence[Step]) -> None:
    """The website's own query again."""
    (query,) = (
        statement.sql
        for step in history
        for statement in step.statements
        if (statement.kind, statement.table) == ("view", made.place)
    )
    first = query.replace("er.status IN ('registered', 'attended')", "er.status = 'registered'")
    capacity_view.put(runner, made.place, first, inventory.forgetting(made))


def _index(runner: Runner, made: Made, _history: Sequence[Step]) -> None:
    schema = made.place.partition(".")[0]
    runner.connection.execute(f'DROP INDEX CONCURRENTLY IF EXISTS {schema}."{made.name}"'.encode())
    _short(runner, made)


def _alter(change: Callable[[str], str]) -> Callable[[Runner, Made, Sequence[Step]], None]:
    def back(runner: Runner, made: Made, _history: Sequence[Step]) -> None:
        _short(
            runner,
            made,
            *([f"ALTER TABLE {made.place} {change(made.name)}"] if _here(runner, made.place) else []),
        )

    return back


def _column(runner: Runner, made: Made, _history: Sequence[Step]) -> None:
    if not _here(runner, made.place):
        _short(runner, made)
        return
    column = runner.connection.execute(
        "SELECT FROM pg_attribute WHERE attrelid = to_regclass(%s) AND attname = %s AND NOT attisdropped",
        [made.place, made.name],
    ).fetchone()
    if column is None:
        _short(runner, made)
        return
    filled = f"SELECT EXISTS (SELECT FROM {made.place} WHERE {made.name} IS NOT NULL)"
    drop = f"ALTER TABLE {made.place} DROP COLUMN {made.name}"
    _unless(runner, made, filled, drop)


def _table(runner: Runner, made: Made, _history: Sequence[Step]) -> None:
    if not _here(runner, made.place):
        _short(runner, made)
        return
    ours = SEEDED.get(made.place, "false")
    filled = f"SELECT EXISTS (SELECT FROM {made.place} WHERE NOT ({ours}))"
    _unless(runner, made, filled, f"DROP TABLE {made.place}")


def _unless(runner: Runner, made: Made, filled: str, drop: str) -> None:
    """Drop it unless it holds something; looked at again under the lock, which is taken only when it looks empty."""
    if made in DERIVED:
        _short(runner, made, drop)
        return
    found = runner.connection.execute(filled.encode()).fetchone()
    if found and found[0]:
        runner.say(f"  Kept: {_called(made)}, because it holds data; a later upgrade takes it up again.")
        return
    lock = f"LOCK TABLE {made.place} IN ACCESS EXCLUSIVE MODE"
    again = (
        f"DO $look$ BEGIN IF ({filled}) THEN RAISE object_not_in_prerequisite_state; END IF;"
        f" EXECUTE $drop${drop}$drop$; END $look$"
    )
    try:
        _short(runner, made, lock, again)
    except psycopg.errors.ObjectNotInPrerequisiteState:  # somebody wrote the first value meanwhile
        runner.say(f"  Kept: {_called(made)}, because it holds data; a later upgrade takes it up again.")


def _function(runner: Runner, made: Made, _history: Sequence[Step]) -> None:
    schema, name = made.place.split(".")
    found = runner.connection.execute(
        "SELECT p.oid::regprocedure::text FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
        " WHERE n.nspname = %s AND p.proname = %s",
        [schema, name],
    ).fetchall()
    _short(runner, made, *(f"DROP FUNCTION {row[0]}" for row in found))


_BACK: dict[str, Callable[[Runner, Made, Sequence[Step]], None]] = {
    "trigger": _trigger,
    "view": _view,
    "view query": _view_query,
    "index": _index,
    "constraint": _alter(lambda name: f'DROP CONSTRAINT IF EXISTS "{name}"'),
    "not null": _alter(lambda name: f"ALTER COLUMN {name} DROP NOT NULL"),
    "default": _alter(lambda name: f"ALTER COLUMN {name} DROP DEFAULT"),
    "column": _column,
    "table": _table,
    "function": _function,
}


def _called(made: Made) -> str:
    return f"{made.kind} {bare(made.place)}{f'.{made.name}' if made.name else ''}"
