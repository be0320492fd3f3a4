"""What a thread that opens a database is busy with, for whoever waits, and whether anybody still waits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from desktop import errors

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage, and how much of everything is done; ``of`` is 0 while nobody knows."""

    what: str
    done: int = 0
    of: int = 0


class PreparingStopped(errors.AppError):
    """Nobody waits any more; what was begun is undone."""

    def __init__(self) -> None:
        super().__init__("It was stopped before it was ready. Start it again.")


class Preparation:
    """Told of each step by the thread at work, asked by the window. `stop` ends the work at its next step."""

    def __init__(self, told: Callable[[str, int, int], None] = lambda *_: None) -> None:
        self.stage = Stage("")
        self._told = told
        self._stopped = False

    def progress(self, what: str, done: int, of: int) -> None:
        """A step of a work that is counted. Raises `PreparingStopped`."""
        if self._stopped:
            raise PreparingStopped
        self.stage = Stage(what, done, of)
        self._told(what, done, of)

    def say(self, what: str) -> None:
        """A step of which nothing is counted. Raises `PreparingStopped`."""
        self.progress(what, 0, 0)

    def stop(self) -> None:
        """Nobody waits for it any more."""
        self._stopped = True
