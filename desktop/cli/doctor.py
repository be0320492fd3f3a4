"""``greenroom doctor``: what support would ask for, as text or JSON."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING

from desktop import settings
from desktop.cli import terminal

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from desktop.doctor.asking import Answer, Subject

FORMAT = 1
"""Of ``--json``: new subjects and facts may be added within a number, none is taken away or changes its meaning."""


def run(arguments: argparse.Namespace) -> int:
    """Look at everything and say it; `REFUSED` when something is wrong."""
    from desktop.cli import drawing
    from desktop.doctor import asking

    if arguments.drawing:
        return drawing.tell()
    found = list(asking.answers(_subjects(arguments)))
    wrong = sum(len(answer.troubles) for _, answer in found)
    if arguments.json:
        terminal.say(json.dumps(_as_json(found, wrong), indent=2, ensure_ascii=False))
    else:
        for subject, answer in found:
            _tell(subject, answer)
        if not wrong:
            terminal.say("All is well.")
    if wrong and not arguments.json:
        terminal.complain("One thing is wrong." if wrong == 1 else f"{wrong} things are wrong.")
    return terminal.REFUSED if wrong else 0


def _subjects(arguments: argparse.Namespace) -> tuple[Subject, ...]:
    from desktop.doctor import connections, database, display, folders, journal, keys, local_server, program
    from desktop.doctor.asking import Subject

    find = _finding(arguments)
    return (
        Subject("program", "Program", program.look, 10),
        Subject("folders", "Folders", folders.look),
        Subject("local_server", "Local server", local_server.look, 10),
        Subject("database", "Database", partial(database.look, find, names=arguments.verbose), 20),
        Subject("connections", "Connections", partial(connections.look, names=arguments.verbose)),
        Subject("keyring", "Keyring", keys.look),
        Subject("display", "Display", display.look, display.SECONDS),
        Subject("log", "Log", journal.look),
    )


def _finding(arguments: argparse.Namespace) -> Callable[[], str | None]:
    """How to get the address to look at. Raises `InvalidField` for the name of no connection."""
    from desktop.doctor import connections as doctors
    from desktop.services import connections

    if arguments.named is None:
        address = settings.read(arguments.database).database
        return lambda: address
    profile = connections.named(connections.look(settings.config_folder()).profiles, arguments.named)
    return partial(doctors.address, profile)


def _tell(subject: Subject, answer: Answer) -> None:
    terminal.say(subject.title)
    for name, value in answer.facts:
        terminal.say(f"  {name:<12} {value}")
    for sign, sentences in (("wrong", answer.troubles), ("note", answer.notes)):
        for sentence in sentences:
            terminal.say(f"  {sign}: {sentence}")


def _as_json(found: list[tuple[Subject, Answer]], wrong: int) -> dict[str, object]:
    return {
        "format": FORMAT,
        "wrong": wrong,
        "subjects": [
            {
                "key": subject.key,
                "title": subject.title,
                "facts": dict(answer.facts),
                "troubles": answer.troubles,
                "notes": answer.notes,
            }
            for subject, answer in found
        ],
    }
