"""``greenroom db check``: look a database over, and mend what is derived."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from desktop.cli import terminal

if TYPE_CHECKING:
    import argparse

    from desktop.services.checking.model import Mended


def check(arguments: argparse.Namespace) -> int:
    """Say what the database is and what was found; `REFUSED` when something is wrong. With ``--repair`` what is
    derived is mended first, in the name of the oldest admin."""
    from desktop.cli import check_report, reaching
    from desktop.services import acting, checking
    from desktop.services.checking import repairing
    from desktop.services.checking.model import Severity

    mended: tuple[Mended, ...] = ()
    with reaching.as_it_is(arguments) as database:
        report = checking.check(database)
        if arguments.repair and report.repairable:
            with terminal.Progress() as progress:
                mended = repairing.repair(database, acting.oldest_admin(database), progress)
            report = checking.check(database)
        name = database.name
    if arguments.json:
        terminal.say(json.dumps(check_report.as_json(name, report, mended), indent=2))
    else:
        check_report.tell(name, report, mended, asked=arguments.repair)
    return terminal.REFUSED if report.count(Severity.WRONG) else 0
