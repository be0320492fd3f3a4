"""A client that can be frozen: ``python -m tests.proving.freezing URL ACTOR``.

Reads one command per line, ``{"operation": ..., "given": {...}}``, does that operation of staff, and answers one line:
``{"told": "done" or the situation}``. It is stopped from outside, by SIGSTOP, whenever the proof likes.
"""

from __future__ import annotations

import json
import sys
from uuid import UUID

from desktop import errors
from desktop.db.session import Actor, Database, Scrubbed
from tests.proving import crew, mutants, operations
from tests.proving.storm import said


def main(url: str, actor_id: str) -> None:
    """Serve commands until the input ends."""
    database = Database(url)
    actor = Actor(UUID(actor_id), "frozen", "frozen@example.org", frozenset({"organizer", "admin"}))
    known = {**operations.BY_NAME, **mutants.FROZEN}
    for line in sys.stdin:
        command = json.loads(line)
        try:
            known[command["operation"]].run(database, actor, command["given"])
            crew.settle([database])
        except (errors.AppError, Scrubbed) as error:
            told = said(error)
        else:
            told = "done"
        sys.stdout.write(json.dumps({"told": told}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
