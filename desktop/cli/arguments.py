"""What can be typed after ``greenroom``."""

from __future__ import annotations

import argparse
import re
from typing import TYPE_CHECKING, NoReturn

import desktop
from desktop.cli import (
    connections,
    db,
    db_check,
    db_roles,
    demo,
    doctor,
    imports,
    self_test,
    staff,
    terminal,
    window,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

HELD_BACK = "What was typed is not understood; it is not repeated here, because it may hold a password"


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence, and never repeats an address, which may hold a password (ruling 26)."""

    given: Sequence[str] = ()

    def error(self, message: str) -> NoReturn:
        if any(_secret(argument) for argument in self.given) and _repeats(message):
            message = HELD_BACK
        terminal.complain(f"{message}. “{self.prog} --help” shows how it is used.")
        self.exit(terminal.USAGE)


def parse(given: Sequence[str]) -> argparse.Namespace:
    """The arguments as attributes; ``run`` is the command's function, which takes them and returns the exit code.

    Leaves the program with code 2 and a sentence when they cannot be understood, with 0 after ``--help``.
    """
    _Parser.given = given
    parser = _parser()
    parsed = parser.parse_args(given)
    if parsed.connection is not None and parsed.run is not window.open_window:
        parser.error("--connection is for the window; a command takes --database")
    return parsed


def _address(text: str) -> str:
    """The address as it was typed. An empty one is a script's unset variable: it would mean the local database."""
    if not text.strip():
        raise argparse.ArgumentTypeError("the address is empty")
    return text


def _secret(argument: str) -> bool:
    """Whether this may be an address, however misspelt, or libpq's “password=”."""
    return re.search(r"//|:.*@|password", argument, re.IGNORECASE | re.DOTALL) is not None


def _repeats(message: str) -> bool:
    """Whether argparse quotes what was typed, as it does unless something is just missing."""
    return not (
        message.startswith("the following arguments are required") or message.endswith("one argument")
    )


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="greenroom",
        allow_abbrev=False,
        description="The back office event organizers keep on their own desks. Without a command, the window opens.",
        epilog="GREENROOM_DATABASE names the database to work with; without it, Greenroom keeps one on this "
        "computer. Exit codes: 1 refused, 2 not understood.",
    )
    parser.set_defaults(run=window.open_window, database=None)
    parser.add_argument("--version", action="version", version=f"Greenroom {desktop.__version__}")
    parser.add_argument(
        "--connection",
        metavar="NAME",
        help="open the window on the connection of that name; “this computer” is the one Greenroom keeps here. "
        "“greenroom connections” lists them",
    )
    database = _Parser(add_help=False)
    database.add_argument(
        "--database",
        metavar="URL",
        type=_address,
        help="the database, as postgresql://name@host:5432/database; wins over GREENROOM_DATABASE. "
        "Leave the password to ~/.pgpass: an address is seen by others on this computer",
    )
    groups = parser.add_subparsers(metavar="COMMAND", title="commands")
    _demo(groups)
    _connections(groups)
    _db(groups, database)
    _staff(groups, database)
    _import(groups, database)
    _doctor(groups, database)
    _self_test(groups)
    return parser


def _demo(groups: argparse._SubParsersAction[_Parser]) -> None:
    parser = groups.add_parser(
        "demo",
        allow_abbrev=False,
        help="try Greenroom with invented events",
        description="Opens the window on a database of invented events, kept apart from your own. Without a display "
        "it plays the tour instead.",
    )
    parser.add_argument(
        "--tour",
        metavar="DIR",
        help="play the tour: work through the window without showing it and leave pictures in DIR",
    )
    parser.add_argument(
        "--scale",
        choices=("large", "million"),
        help="a demo of its own with 200,000 or 1,000,000 registrations, nearly all for one event; it is made once, "
        "which takes a minute, and kept for a week as the other is",
    )
    parser.set_defaults(run=demo.run)


def _connections(groups: argparse._SubParsersAction[_Parser]) -> None:
    parser = groups.add_parser(
        "connections",
        allow_abbrev=False,
        help="list the connections of this computer",
        description="Lists the connections the window offers, each with its server, database and user. Passwords are "
        "in the keyring and are not looked at.",
    )
    parser.set_defaults(run=connections.listed)


def _db(groups: argparse._SubParsersAction[_Parser], database: _Parser) -> None:
    group = groups.add_parser("db", allow_abbrev=False, help="prepare or check a database")
    commands = group.add_subparsers(metavar="upgrade|downgrade|check|roles", required=True)
    upgrade = commands.add_parser(
        "upgrade",
        allow_abbrev=False,
        parents=[database],
        help="bring a database to this version's schema",
        description="Brings the database to this version's schema: an empty one, one the website made, or an older "
        "one. What the website uses is only added to, while it works. Running it again changes nothing.",
    )
    upgrade.add_argument(
        "--plan", action="store_true", help="say what would be done and what was found, and change nothing"
    )
    upgrade.set_defaults(run=db.upgrade)
    downgrade = commands.add_parser(
        "downgrade",
        allow_abbrev=False,
        parents=[database],
        help="take Greenroom out of a database again",
        description="Takes back what Greenroom made in the database and nothing else. Tables and columns that hold "
        "data stay, and are said; a later upgrade takes them up again.",
    )
    target = downgrade.add_mutually_exclusive_group(required=True)
    target.add_argument("--to", metavar="SCHEMA", help="take back what is newer than this schema, as 0010")
    target.add_argument("--all", action="store_true", help="take back everything")
    downgrade.set_defaults(run=db.downgrade)
    check = commands.add_parser(
        "check",
        allow_abbrev=False,
        parents=[database],
        help="look a database over, and mend what is derived",
        description="Says which server and schema this is, compares the schema with this program's, recounts seats, "
        "lists of packages and waitlists, and names what the rules forbid. Changes nothing without --repair; exit "
        "code 1 when something is wrong. Notes are worth knowing and not wrong.",
    )
    check.add_argument("--json", action="store_true", help="answer in JSON, as docs/db-check.md describes it")
    check.add_argument(
        "--repair",
        action="store_true",
        help="mend seat counters, lists of packages and places on waitlists first, and log it",
    )
    check.set_defaults(run=db_check.check)
    _roles(commands, database)


def _roles(commands: argparse._SubParsersAction[_Parser], database: _Parser) -> None:
    roles = commands.add_parser(
        "roles",
        allow_abbrev=False,
        parents=[database],
        help="install the group roles of staff",
        description="Installs greenroom_door, greenroom_editor, greenroom_organizer and greenroom_admin with "
        "exactly the grants each needs. Where the account may not, it prints the SQL for the owner. Exit code 1 "
        "then, and when the roles may do more than they should.",
    )
    roles.add_argument("--plan", action="store_true", help="print the SQL and change nothing")
    roles.set_defaults(run=db_roles.roles)


def _staff(groups: argparse._SubParsersAction[_Parser], database: _Parser) -> None:
    group = groups.add_parser("staff", allow_abbrev=False, help="the people who may sign in")
    commands = group.add_subparsers(metavar="add", required=True)
    add = commands.add_parser(
        "add",
        allow_abbrev=False,
        parents=[database],
        help="give somebody an account",
        description="Gives somebody an account with a role. The password is asked for, or read as one line from "
        "standard input; it is never an argument.",
    )
    add.add_argument("name", metavar="NAME", help="the user name to sign in with")
    add.add_argument("--email", metavar="E", required=True, help="the address, which also signs in")
    add.add_argument(
        "--role", metavar="R", required=True, help="admin, organizer, door or editor; the first is an admin"
    )
    add.set_defaults(run=staff.add)


def _import(groups: argparse._SubParsersAction[_Parser], database: _Parser) -> None:
    group = groups.add_parser("import", allow_abbrev=False, help="bring in lists of other systems")
    commands = group.add_subparsers(metavar="registrations", required=True)
    registrations = commands.add_parser(
        "registrations",
        allow_abbrev=False,
        parents=[database],
        help="import an attendee list (CSV or XLSX)",
        description="Checks every row of an attendee list, then adds its people to a package: seats while there "
        "are seats, then the waitlist in the order of the file. Running it twice adds nobody twice.",
    )
    registrations.add_argument("file", metavar="FILE", help="a CSV or XLSX file with column names")
    registrations.add_argument("--event", metavar="SLUG", required=True, help="the event's slug")
    registrations.add_argument("--package", metavar="SLUG", required=True, help="the package's slug")
    registrations.add_argument(
        "--dry-run", action="store_true", help="print the same report and change nothing"
    )
    registrations.add_argument(
        "--map",
        metavar="NAME=COLUMN",
        action="append",
        default=[],
        type=_choice,
        help="take NAME (email, name, status, ...) from COLUMN; “NAME=” leaves it out. Can be given several times",
    )
    registrations.set_defaults(run=imports.registrations)


def _doctor(groups: argparse._SubParsersAction[_Parser], database: _Parser) -> None:
    parser = groups.add_parser(
        "doctor",
        allow_abbrev=False,
        parents=[database],
        help="say what support would ask for",
        description="Looks at the program, its folders, the local server, the database, the keyring, the display "
        "and the log, and says what is wrong and what to do. Needs none of them, changes nothing, and names nobody and "
        "no host, so that it can be passed on. Exit code 1 when something is wrong.",
    )
    parser.add_argument("--json", action="store_true", help="answer in JSON")
    parser.add_argument(
        "--verbose", action="store_true", help="name the database, its host and the connections as well"
    )
    parser.add_argument(
        "--connection",
        dest="named",
        metavar="NAME",
        help="look at the database of this connection instead; reads its password from the keyring",
    )
    parser.add_argument("--drawing", action="store_true", help=argparse.SUPPRESS)
    parser.set_defaults(run=doctor.run)


def _self_test(groups: argparse._SubParsersAction[_Parser]) -> None:
    parser = groups.add_parser(
        "self-test",
        allow_abbrev=False,
        help="test whether Greenroom works on this computer",
        description="Starts a local server, prepares a database, signs in, imports, checks in, promotes and quits, in "
        "a temporary folder and without showing a window. Exit code 1 with a sentence when a step does not happen. "
        "Your own data are not touched.",
    )
    parser.set_defaults(run=self_test.run)


def _choice(text: str) -> tuple[str, str]:
    name, equals, column = text.partition("=")
    if not equals or not name:
        raise argparse.ArgumentTypeError(f"“{text}” is not of the form NAME=COLUMN")
    return name.strip(), column.strip()
