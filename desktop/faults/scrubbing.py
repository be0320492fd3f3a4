"""Takes out of a text what must not stand in a log or a report (ruling 26), should it ever get there.

Nothing here is the reason why they hold no secrets: that is that nobody writes one into them. This is the net below.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

GONE: Final = "…"

_RULES: Final[tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...]] = (
    # What PostgreSQL says of rows: DETAIL, and the same words without it.
    (re.compile(r"\b(DETAIL|HINT|CONTEXT|STATEMENT|PARAMETERS):.*", re.DOTALL), rf"\1: {GONE}"),
    (re.compile(r"(Failing row contains) .*", re.DOTALL), rf"\1 {GONE}"),
    (re.compile(r"(Key \([^)]*\))=\(.*?\)(?=[\s.]|$)", re.DOTALL), rf"\1={GONE}"),
    # Addresses with everything that hangs on them; “file:” and the like lead to people's folders.
    (re.compile(r"\b([a-z][a-z0-9+.\-]*):/{1,3}\S+", re.IGNORECASE), rf"\1://{GONE}"),
    (re.compile(r"\b(bearer|basic)\s+[\w.~+/=\-]{6,}", re.IGNORECASE), rf"\1 {GONE}"),
    (
        re.compile(
            r"\b(pass(?:word|wd|phrase)?|pwd|secret|token|api_?key|authorization|cookie)(\"?'?\s*[=:]\s*)"
            r"(?:'[^']*'|\"[^\"]*\"|\S+)",
            re.IGNORECASE,
        ),
        rf"\1\2{GONE}",
    ),
    # A line of libpq's password file: host:port:database:user:password.
    (re.compile(r"[^\s:]+:(?:\d+|\*):[^\s:]+:[^\s:]+:\S+"), GONE),
    (re.compile(r"[^\s<>\"'“”(),;]+@[^\s<>\"'“”(),;]+"), f"{GONE}@{GONE}"),
    (re.compile(r"\$2[abxy]?\$\d\d\$[./A-Za-z0-9]+|SCRAM-SHA-256\$\S+"), GONE),
    (re.compile(r"\beyJ[\w\-]+\.[\w\-]+(?:\.[\w\-]*)?"), GONE),
    (re.compile(r"\b[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}\b", re.IGNORECASE), GONE),
    (re.compile(r"\b(?=[A-Za-z_\-]*\d)(?=[\d_\-]*[A-Za-z])[A-Za-z0-9_\-+=]{24,}"), GONE),
    (
        re.compile(r"(?<![\w/])(?:/home|/Users)/[^/\s]+|\b[A-Za-z]:[\\/]Users[\\/][^\\/\s]+", re.IGNORECASE),
        "~",
    ),
)


def scrub(text: str) -> str:
    """The text with “…” for addresses, e-mail addresses, passwords, tokens, hashes and what the database quotes of
    rows, and “~” for people's home folders."""
    for pattern, instead in _RULES:
        text = pattern.sub(instead, text)
    return homeless(text)


def homeless(text: str) -> str:
    """The text with “~” for this person's home folder, which is called after them."""
    home = _home()
    return text.replace(home, "~") if home else text


@lru_cache(maxsize=1)
def _home() -> str:
    """The home folder, or "" where there is none, or where it is the root of everything."""
    try:
        home = str(Path.home())
    except RuntimeError:
        return ""
    return home if len(home) > 1 else ""
