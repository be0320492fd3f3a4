"""Who is asking."""

from __future__ import annotations

from desktop.errors.base import AppError


class NotAllowed(AppError):
    """The role does not include this (ruling 24)."""

    def __init__(self, wish: str, roles: str) -> None:
        super().__init__(f"Your role ({roles}) may not {wish}. Ask an admin, or somebody with that role.")


class AccountClosed(AppError):
    """The account was deactivated since its owner signed in (ruling 24)."""

    def __init__(self, wish: str) -> None:
        super().__init__(
            f"Your account is deactivated, so it may not {wish} any more. Nothing was changed; ask an admin to "
            "reactivate it."
        )


class SignInFailed(AppError):
    """A wrong name and a wrong password say the same (ruling 25)."""

    def __init__(self, tries_left: int | None = None) -> None:
        hint = ""
        if tries_left is not None:
            hint = f" {tries_left} {'try' if tries_left == 1 else 'tries'} left before a pause."
        super().__init__(f"Name or password is not right.{hint}")
        self.tries_left = tries_left


class SignInPaused(AppError):
    """Too many wrong passwords; the pause is counted in the database (ruling 25)."""

    def __init__(self, seconds: int) -> None:
        wait = f"{seconds} seconds" if seconds < 90 else f"{(seconds + 59) // 60} minutes"
        super().__init__(f"Too many wrong passwords. Wait {wait}, then try again.")
        self.seconds = seconds


class SignInRefused(AppError):
    """The password is right and the account still may not come in; says why (ruling 24)."""
