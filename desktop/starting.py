"""What a window is started with. Imports nothing that takes time: the window is on the screen before the rest."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from desktop.services.opening import Opened
    from desktop.services.preparing import Preparation


@dataclass(frozen=True, slots=True)
class Choosing:
    """The connections that can be chosen from: those kept in ``folder``, and the address ``given`` for this run.
    ``first`` is the key of the one to begin with, "" for the given one or that of last time."""

    folder: Path
    given: str | None = field(default=None, repr=False)
    first: str = ""


@dataclass(frozen=True, slots=True)
class Start:
    """What the window starts with: how to open the database (called off the GUI thread), the zone of the
    workspace (None: this computer's), a line under the sign-in card, what opening tells of itself when it
    takes long (closing the window stops it), and which others it may be exchanged for (None: none). With those,
    ``open`` is for this computer's own."""

    open: Callable[[], Opened]
    zone: ZoneInfo | None = None
    hint: str = ""
    preparation: Preparation | None = None
    choosing: Choosing | None = None
