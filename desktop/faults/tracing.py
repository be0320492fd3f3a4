"""Where a fault of ours happened: with what was said, for those who asked for it, or by places in the code alone."""

from __future__ import annotations

import re
import sys
import traceback
from pathlib import PurePath
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

DEEPEST: Final = 24
"""Places of one error that are told: half of them where it came from, half where it happened."""


def trace(error: BaseException) -> str:
    """The trace of an error and of those behind it. Those of the database tell their SQLSTATE and primary message
    only: DETAIL prints whole rows, and not every driver error passes through `desktop.db.translating`."""
    import psycopg  # not before there is something to trace: the command line starts without
    import sqlalchemy as sa

    from desktop.db.translating import translated

    for one in chain(error):
        if isinstance(one, psycopg.Error | sa.exc.SQLAlchemyError):
            translated(one, "")
    return "".join(traceback.format_exception(error))


def way(error: BaseException) -> list[str]:
    """The types of an error and of those behind it, and their way through the code, a line each, without a word of
    what they say. Files are named from their package on, so nobody's folders are in it."""
    lines: list[str] = []
    for one in chain(error):
        lines.append(f"{'behind it: ' if lines else ''}{kind(one)}")
        frames = [
            f"  {place(frame.f_code.co_filename)}:{number} in {frame.f_code.co_name}"
            for frame, number in traceback.walk_tb(one.__traceback__)
        ]
        if len(frames) > DEEPEST:
            left_out = f"  … {len(frames) - DEEPEST} more"
            frames = [*frames[: DEEPEST // 2], left_out, *frames[-DEEPEST // 2 :]]
        lines += frames
    return lines


def chain(error: BaseException) -> Iterator[BaseException]:
    """The error and those behind it or in it, each once."""
    seen: set[int] = set()
    behind: list[BaseException | None] = [error]
    while behind:
        one = behind.pop(0)
        if one is not None and id(one) not in seen:
            seen.add(id(one))
            yield one
            behind += [one.__cause__, one.__context__, *getattr(one, "exceptions", ())]


def kind(error: BaseException) -> str:
    """The error's type, with the SQLSTATE and constraint of one that knows them."""
    of = type(error)
    name = of.__qualname__ if of.__module__ == "builtins" else f"{of.__module__}.{of.__qualname__}"
    known = [getattr(error, "sqlstate", None), getattr(error, "constraint", None)]
    words = [word for word in known if isinstance(word, str) and re.fullmatch(r"[\w$]{1,63}", word)]
    return f"{name} ({' '.join(words)})" if words else name


def place(file: str) -> str:
    """A file of the code, from its package on: “desktop/app.py”, “sqlalchemy/engine/base.py”."""
    parts = PurePath(file).parts
    for root in ("site-packages", "dist-packages", "desktop", "migrations"):
        if root in parts:
            start = len(parts) - parts[::-1].index(root)
            return "/".join(parts[start - (root in {"desktop", "migrations"}) :])
    stdlib = f"python{sys.version_info.major}.{sys.version_info.minor}"
    return "/".join(parts[parts.index(stdlib) + 1 :]) if stdlib in parts else parts[-1] if parts else "?"
