"""``greenroom``: the command line; without a command, the window."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from typing import TYPE_CHECKING, NoReturn

import desktop
from desktop import errors, faults, settings
from desktop.cli import arguments, terminal
from desktop.faults import logbook, tracing

if TYPE_CHECKING:
    from collections.abc import Sequence

log = logging.getLogger("greenroom.command")


def main() -> int:
    """Run what was typed; the exit code: 0 done, 1 refused, 2 not understood, 130 interrupted."""
    terminal.prepare()
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:  # else “nohup” wants it ignored
            signal.signal(number, _leave)
    with (
        logbook.kept(settings.log_folder()),
        faults.threads_told(lambda error: faults.tell(faults.of(error), error)),
        faults.unraisable_noted(),
    ):
        code = run(sys.argv[1:])
    return _left(code)


def run(given: Sequence[str]) -> int:
    """The exit code of a command; what goes wrong is a sentence on standard error."""
    try:
        parsed = arguments.parse(given)
        name = f"{parsed.run.__module__.rpartition('.')[2]}.{parsed.run.__name__}"
        log.info("%s begins, Greenroom %s", name, desktop.__version__)
        code: int = parsed.run(parsed)
        log.info("%s ends: %d", name, code)
    except errors.InvalidField as mistake:
        log.warning("refused: %s", type(mistake).__name__)
        terminal.complain(str(mistake))
        return terminal.USAGE
    except errors.AppError as refusal:
        log.warning("refused: %s", type(refusal).__name__)
        terminal.complain(str(refusal))
        return terminal.REFUSED
    except KeyboardInterrupt:
        return terminal.INTERRUPTED
    except Exception as fault:  # noqa: BLE001 - the one place where a fault of ours becomes a sentence
        logging.getLogger("greenroom.fault").critical("%s", " | ".join(tracing.way(fault)))
        if settings.read().traces:
            terminal.note(tracing.trace(fault).rstrip())
        # Its own words may hold personal data or an address (ruling 26).
        terminal.complain(
            f"This is a fault in Greenroom: {type(fault).__name__}. GREENROOM_DEBUG=1 shows where it happened."
        )
        return terminal.REFUSED
    return code


def _left(code: int) -> int:
    """The exit code; unless a thread is still at work, or waiting for somebody who is gone, a dead line or a dead disk:
    then the program ends here. Python would wait for that thread, or, where it need not, end it in the middle of what
    it does for a driver or for Qt, which aborts the process."""
    background = sys.modules.get("desktop.background")
    stuck = background is not None and background.is_stuck()
    if stuck or any(thread.daemon for thread in threading.enumerate()):
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
        os._exit(code)
    return code


def _leave(number: int, _frame: object) -> NoReturn:
    """Leave through every ``finally``, so that the local server is stopped."""
    sys.exit(128 + number)


if __name__ == "__main__":
    sys.exit(main())
