"""``greenroom db``: prepare and check a database."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from desktop import errors
from desktop.cli import terminal

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from desktop.db.findings import Finding
    from desktop.db.upgrade import Plan


def upgrade(arguments: argparse.Namespace) -> int:
    """Bring the database to this program's schema, saying each step and what was found; with ``--plan`` only say what
    would be done. `REFUSED` when something must be put right first."""
    from desktop.cli import reaching
    from desktop.db import roles
    from desktop.db import upgrade as schema

    with reaching.as_it_is(arguments) as database:
        if arguments.plan:
            return _planned(database.name, schema.plan(database))
        try:
            steps = schema.upgrade(database, terminal.say, _told)
        except errors.CannotAdopt as refusal:
            _told(cast("tuple[Finding, ...]", refusal.findings))
            raise
        behind = roles.behind(database)
    if steps:
        count = "1 step" if len(steps) == 1 else f"{len(steps)} steps"
        terminal.say(f"{database.name} was upgraded in {count} and has schema {schema.newest()} now.")
    else:
        terminal.say(f"{database.name} is up to date: it has schema {schema.newest()} already.")
    if behind:
        terminal.say("The group roles of staff lack privileges on what is new. Run “greenroom db roles” now.")
    return 0


def downgrade(arguments: argparse.Namespace) -> int:
    """Take the schema back to an older revision, or all of Greenroom away, saying what stays and why."""
    from desktop.cli import reaching
    from desktop.db import upgrade as schema

    with reaching.as_it_is(arguments) as database:
        steps = schema.downgrade(database, arguments.to, terminal.say)
    if not steps:
        terminal.say(f"There is nothing to take back in {database.name}.")
    elif arguments.to is None:
        terminal.say(f"Greenroom was taken out of {database.name}.")
    else:
        terminal.say(f"{database.name} was taken back and has schema {arguments.to} now.")
    return 0


def _told(found: Sequence[Finding]) -> None:
    from desktop.cli import findings

    for line in findings.lines(found):
        terminal.say(line)


def _planned(name: str, plan: Plan) -> int:
    """The findings and the steps; `REFUSED` when an upgrade would be."""
    _told(plan.findings)
    for step in plan.steps:
        terminal.say(step.says)
        for action in step.actions:
            for line in action.says:
                terminal.say(f"  {line}")
    if plan.widened:
        terminal.say(
            f"Programs that keep a prepared “SELECT * FROM {plan.widened[0]}” have to prepare it again. Some drivers "
            "do so by themselves; restart a program that says “cached plan must not change result type”."
        )
    if plan.refused:
        kinds = "one kind of trouble is" if plan.refused == 1 else f"{plan.refused} kinds of trouble are"
        terminal.complain(f"{name} cannot be upgraded before {kinds} put right. Nothing was changed.")
        return terminal.REFUSED
    if plan.steps:
        terminal.say(f"“greenroom db upgrade” would do this in {name}. Nothing was changed.")
    else:
        terminal.say(f"{name} is up to date: there is nothing to do.")
    return 0
