"""An upgrade that is killed with SIGKILL: ``python -m tests.db.upgrading.dying URL NUMBER [before|after]``.

It dies at its NUMBERth statement, before that is sent or when it was answered; without dying it prints how many
statements there were.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

import psycopg

from desktop.db import upgrade
from desktop.db.session import Database


def main(url: str, number: int, when: str) -> None:
    """Upgrade, and die on the way."""
    sent = 0
    execute = psycopg.Cursor.execute

    def counted(self: psycopg.Cursor[Any], *arguments: Any, **options: Any) -> psycopg.Cursor[Any]:
        nonlocal sent
        sent += 1
        if sent == number and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        found = execute(self, *arguments, **options)
        if sent == number:
            os.kill(os.getpid(), signal.SIGKILL)
        return found

    psycopg.Cursor.execute = counted  # type: ignore[method-assign]
    upgrade.upgrade(Database(url))
    sys.stdout.write(f"{sent}\n")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3] if len(sys.argv) > 3 else "after")
