"""What is asked for is not, or no longer, there."""

from __future__ import annotations

from desktop.errors.base import AppError


class NotFound(AppError):
    """The thing does not exist (any more)."""

    def __init__(self, what: str, name: str = "") -> None:
        named = f" “{name}”" if name else ""
        super().__init__(f"There is no {what}{named}. It may have been deleted; reload the list.")


class Stale(AppError):
    """Somebody changed it meanwhile; reloading shows how. ``columns`` are those that are no longer as they were
    seen, as the specification calls them."""

    def __init__(self, what: str, columns: tuple[str, ...] = ()) -> None:
        named = f" ({', '.join(name.replace('_', ' ') for name in columns)})" if columns else ""
        super().__init__(
            f"The {what} was changed by somebody else meanwhile{named}. Nothing was saved; reload it and try again."
        )
        self.columns = columns
