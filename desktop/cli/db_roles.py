"""``greenroom db roles``: the group roles of a database. Standard output is SQL only where SQL is asked for, or
left to somebody else to run, so that it can be sent to a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop.cli import terminal

if TYPE_CHECKING:
    import argparse

    from desktop.db.roles import Outcome

MAY = {
    "door": "checks people in; sees names, statuses and what is due",
    "editor": "writes posts",
    "organizer": "runs events, packages and registrations; sees the log",
    "admin": "all of that, and gives people accounts",
}


def roles(arguments: argparse.Namespace) -> int:
    """Install the groups, or print the SQL: when ``--plan`` asks for it, or when this account may not. `REFUSED`
    then, and when the groups may do more than they should."""
    from desktop.cli import reaching
    from desktop.db import roles as groups

    with reaching.ready(arguments) as database:
        outcome = groups.plan(database) if arguments.plan else groups.install(database)
        name = database.name
    if outcome.refused is not None:
        terminal.complain(
            f"{outcome.refused} Whoever owns the database and may create roles runs this SQL in it:"
        )
        _print_sql(outcome)
    elif arguments.plan:
        terminal.note(
            f"{name} needs this SQL; nothing was changed." if outcome.statements else f"{name} needs nothing."
        )
        _print_sql(outcome)
    else:
        _tell(name, outcome)
    for excess in outcome.excesses:
        terminal.complain(f"{excess.sentence} If nothing of the website's needs it: {excess.sql};")
    return terminal.REFUSED if outcome.refused is not None or outcome.excesses else 0


def _print_sql(outcome: Outcome) -> None:
    if outcome.statements:
        for line in ("BEGIN", *outcome.statements, "COMMIT"):
            terminal.say(f"{line};")


def _tell(name: str, outcome: Outcome) -> None:
    from desktop.db import privileges
    from desktop.db import roles as groups

    done = f"{len(outcome.statements)} statements" if len(outcome.statements) != 1 else "one statement"
    if outcome.statements:
        terminal.say(f"The group roles of {name} were brought in order by {done}:")
    else:
        terminal.say(f"The group roles of {name} are as they should be already:")
    for role in privileges.GROUPS:
        terminal.say(f"  {privileges.group(role):<20} {MAY[role]}")
    terminal.say("Give each person or station a login of its own in one of them, in psql:")
    for line in groups.login_for("door", "north_gate"):
        terminal.say(f"  {line}")
