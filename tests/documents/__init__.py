"""Documents that are made from the program, so that they cannot say something else."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tests.documents import log, messages, permissions, rulings

if TYPE_CHECKING:
    from collections.abc import Callable

DOCS = Path(__file__).parents[2] / "docs"
DOCUMENTS: dict[Path, Callable[[], str]] = {
    DOCS / "log.md": log.render,
    DOCS / "messages.md": messages.render,
    DOCS / "permissions.md": permissions.render,
    DOCS / "rulings.md": rulings.render,
}
