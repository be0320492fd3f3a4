"""``greenroom db``: prepare and check a database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop.cli import terminal

if TYPE_CHECKING:
    import argparse

LISTED = 20


def upgrade(arguments: argparse.Namespace) -> int:
    """Bring the database to this program's schema, saying each step."""
    from desktop.cli import reaching
    from desktop.db import upgrade as schema

    with reaching.as_it_is(arguments) as database:
        steps = schema.upgrade(database, terminal.say)
    if steps:
        count = "1 step" if len(steps) == 1 else f"{len(steps)} steps"
        terminal.say(f"{database.name} was upgraded in {count} and has schema {schema.newest()} now.")
    else:
        terminal.say(f"{database.name} is up to date: it has schema {schema.newest()} already.")
    return 0


def check(arguments: argparse.Namespace) -> int:
    """Say what the database is and recount it; `REFUSED` when something is wrong."""
    from desktop.cli import reaching
    from desktop.services import checking_database

    with reaching.as_it_is(arguments) as database:
        found = checking_database.check(database)
    terminal.say(f"{database.name} runs PostgreSQL {found.server}.")
    if found.schema != found.wanted:
        schema = f"schema {found.schema}" if found.schema else "no schema of Greenroom's"
        terminal.complain(
            f"{database.name} has {schema}, and this program needs {found.wanted}. Run “greenroom db upgrade”."
        )
        return terminal.REFUSED
    terminal.say(f"It has schema {found.schema}, as this program needs it.")
    for recount in found.recounts:
        verdict = f"{len(recount.wrong):,} wrong" if recount.wrong else "all right"
        terminal.say(f"{recount.subject}: {recount.counted:,} recounted, {verdict}.")
        for sentence in recount.wrong[:LISTED]:
            terminal.say(f"  {sentence}")
        if len(recount.wrong) > LISTED:
            terminal.say(f"  … and {len(recount.wrong) - LISTED:,} more.")
    wrong = sum(len(recount.wrong) for recount in found.recounts)
    if wrong:
        things = "One thing is wrong" if wrong == 1 else f"{wrong:,} things are wrong"
        terminal.complain(f"{things} in {database.name}; nothing was changed.")
        return terminal.REFUSED
    return 0
