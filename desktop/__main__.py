"""``greenroom``: the command line; without a command, the window."""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING, NoReturn

from desktop import errors, settings
from desktop.cli import arguments, terminal

if TYPE_CHECKING:
    from collections.abc import Sequence


def main() -> int:
    """Run what was typed; the exit code: 0 done, 1 refused, 2 not understood, 130 interrupted."""
    terminal.prepare()
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:  # else “nohup” wants it ignored
            signal.signal(number, _leave)
    return run(sys.argv[1:])


def run(given: Sequence[str]) -> int:
    """The exit code of a command; what goes wrong is a sentence on standard error."""
    try:
        parsed = arguments.parse(given)
        code: int = parsed.run(parsed)
    except errors.InvalidField as mistake:
        terminal.complain(str(mistake))
        return terminal.USAGE
    except errors.AppError as refusal:
        terminal.complain(str(refusal))
        return terminal.REFUSED
    except KeyboardInterrupt:
        return terminal.INTERRUPTED
    except Exception as fault:  # noqa: BLE001 - the one place where a fault of ours becomes a sentence
        if settings.read().traces:
            from desktop import tracing

            terminal.note(tracing.trace(fault).rstrip())
        # Its own words may hold personal data or an address (ruling 26).
        terminal.complain(
            f"This is a fault in Greenroom: {type(fault).__name__}. GREENROOM_DEBUG=1 shows where it happened."
        )
        return terminal.REFUSED
    return code


def _leave(number: int, _frame: object) -> NoReturn:
    """Leave through every ``finally``, so that the local server is stopped."""
    sys.exit(128 + number)


if __name__ == "__main__":
    sys.exit(main())
