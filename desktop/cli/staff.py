"""``greenroom staff``: the people who may sign in."""

from __future__ import annotations

import getpass
import sys
from typing import TYPE_CHECKING

from desktop import errors
from desktop.cli import terminal

if TYPE_CHECKING:
    import argparse


def add(arguments: argparse.Namespace) -> int:
    """Give somebody an account with a role, with a password from the prompt or from standard input."""
    from desktop.cli import reaching
    from desktop.services import accounts, registering
    from desktop.services.permissions import Role

    roles = {role.value: role for role in Role}
    if arguments.role not in roles:
        known = ", ".join(roles)
        raise errors.InvalidField("role", f"There is no role “{arguments.role}”. The roles are: {known}.")
    registering.clean_email(arguments.email)
    with reaching.ready(arguments) as database:
        made = accounts.add_from_command_line(
            database, arguments.name, arguments.email, roles[arguments.role], _password()
        )
    if made.password_kept:
        terminal.say(
            f"The account “{made.username}” of that address is {made.role.value} now and keeps the password it had."
        )
    elif made.active:
        terminal.say(f"“{made.username}” can sign in now, as {made.role.value}.")
    if not made.active:
        terminal.say(
            f"“{made.username}” is deactivated, and cannot sign in before an admin reactivates the account."
        )
    return 0


def _password() -> str:
    """One line of standard input, or what is typed twice without being shown."""
    if sys.stdin is None or not sys.stdin.isatty():
        return _from_standard_input()
    try:
        password = getpass.getpass("Password: ")
        again = getpass.getpass("The same again: ")
    except EOFError:
        raise errors.InvalidField("password", "No password was typed, so nobody was added.") from None
    if password != again:
        raise errors.InvalidField("password", "The two passwords are not the same, so nobody was added.")
    return password


def _from_standard_input() -> str:
    line = sys.stdin.buffer.readline() if sys.stdin is not None else b""
    try:
        password = line.decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError:
        raise errors.InvalidField("password", "The password on standard input is not UTF-8.") from None
    if not password:
        raise errors.InvalidField(
            "password",
            "There is no password on standard input. Write it there as one line, or use a terminal.",
        )
    return password
