"""Where a fault of ours happened, for those who asked for it, without what it quotes (ruling 26)."""

from __future__ import annotations

import traceback


def trace(error: BaseException) -> str:
    """The trace of an error and of those behind it. Those of the database tell their SQLSTATE and primary message
    only: DETAIL prints whole rows, and not every driver error passes through `desktop.db.translating`."""
    import psycopg  # not before there is something to trace: the command line starts without
    import sqlalchemy as sa

    from desktop.db.translating import translated

    seen: set[int] = set()
    behind: list[BaseException | None] = [error]
    while behind:
        one = behind.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        behind += [one.__cause__, one.__context__]
        if isinstance(one, psycopg.Error | sa.exc.SQLAlchemyError):
            translated(one, "")
    return "".join(traceback.format_exception(error))
