"""What people type, as it is kept: lines, texts and reasons; and all that cannot be taken, told at once."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any

from desktop import errors

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST_REASON = 500


def line(typed: str) -> str:
    """The text with single blanks and without control characters, in NFC: what looks the same is the same."""
    kept = "".join(" " if unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"} else c for c in typed)
    return " ".join(unicodedata.normalize("NFC", kept).split())


def text(typed: str) -> str | None:
    """The text, its lines kept; None when there is none."""
    lines = unicodedata.normalize("NFC", typed).replace("\r\n", "\n").replace("\r", "\n")
    return (
        "".join(c for c in lines if c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cs"}).strip()
        or None
    )


def reason(typed: str) -> str | None:
    """Why, on one line as the log keeps it; None when nobody said. Raises `InvalidField` above 500 letters."""
    kept = line(typed)
    if len(kept) > LONGEST_REASON:
        raise errors.InvalidField(
            "reason", f"The reason has {len(kept)} letters; there is room for {LONGEST_REASON}."
        )
    return kept or None


class Checked:
    """Collects what cannot be taken, so that it is all told at once."""

    def __init__(self) -> None:
        self.invalid: list[errors.InvalidField] = []

    def take(self, work: Callable[..., Any], *arguments: Any) -> Any:
        """What ``work`` returns; None when the value cannot be taken."""
        try:
            return work(*arguments)
        except errors.InvalidField as error:
            self.invalid.append(error)
            return None

    def done(self) -> None:
        """Raises the `InvalidField` there was, or `InvalidFields` when there were several."""
        if len(self.invalid) == 1:
            raise self.invalid[0]
        if self.invalid:
            raise errors.InvalidFields(self.invalid)
