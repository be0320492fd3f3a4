"""Who is asking."""

from __future__ import annotations

from desktop.errors.base import AppError, InvalidField, RuleViolation


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
        super().__init__(f"Name or password is not right. Check both, or ask an admin.{_hint(tries_left)}")
        self.tries_left = tries_left


class SignInPaused(AppError):
    """Too many wrong passwords, or reset codes; the pause is counted in the database (ruling 25)."""

    def __init__(self, seconds: int, what: str = "passwords") -> None:
        wait = f"{seconds} seconds" if seconds < 90 else f"{(seconds + 59) // 60} minutes"
        super().__init__(f"Too many wrong {what}. Wait {wait}, then try again.")
        self.seconds = seconds


class SignInRefused(AppError):
    """The password is right and the account still may not come in; says why (ruling 24)."""


class OldPasswordWrong(InvalidField):
    """Somebody who changes their password did not prove the old one (ruling 25)."""

    def __init__(self, tries_left: int | None = None) -> None:
        super().__init__("old", f"The old password is not right, so it stays.{_hint(tries_left)}")
        self.tries_left = tries_left


class NoPassword(RuleViolation):
    """There is no password to change: the account signs in through another provider."""

    def __init__(self, provider: str) -> None:
        how = (
            "Your account has no password to change."
            if provider == "local"
            else f"Your account signs in through {provider.title()} on the website and has no password to change."
        )
        super().__init__(f"{how} Ask an admin to set one, or use the website's “Forgot password”.")


class ResetRefused(InvalidField):
    """A reset code that sets no password (ruling 25)."""

    def __init__(self, sentence: str, tries_left: int | None = None) -> None:
        super().__init__("code", sentence)
        self.tries_left = tries_left

    @classmethod
    def wrong(cls, tries_left: int | None) -> ResetRefused:
        """One that was mistyped, used, or has run out: which of these, nobody is told."""
        return cls(
            "This code is not right, was used already, or has run out. If you have just set a password with it, sign "
            f"in with that; else ask for a new code.{_hint(tries_left)}",
            tries_left,
        )

    @classmethod
    def inactive(cls) -> ResetRefused:
        """A right one, of an account that is deactivated."""
        return cls(
            "The account of this code is deactivated. Ask an admin to reactivate it, then for a new code."
        )

    @classmethod
    def no_role(cls) -> ResetRefused:
        """A right one, of a customer of the website; it stays good there."""
        return cls(
            "The account of this code has no role in Greenroom. Use it on the website, or ask an admin for a role."
        )


class LastAdmin(RuleViolation):
    """Somebody must be left who can manage staff (ruling 24)."""

    def __init__(self, who: str, wish: str) -> None:
        super().__init__(
            f"“{who}” cannot {wish}: nobody else who is active and has a password is an admin. "
            "Give somebody else the role admin, and a password, first."
        )


class OwnAccount(RuleViolation):
    """An admin's own password is proven, not overwritten."""

    def __init__(self) -> None:
        super().__init__(
            "This is your own account. Change your password with the old one, or ask another admin to set it."
        )


class Deactivated(RuleViolation):
    """Nobody comes in with the account, so a code for it would be of no use."""

    def __init__(self, who: str) -> None:
        super().__init__(f"The account of “{who}” is deactivated. Reactivate it, then issue a code.")


def _hint(tries_left: int | None) -> str:
    if tries_left is None:
        return ""
    return f" {tries_left} {'try' if tries_left == 1 else 'tries'} left before a pause."
