"""The world is not as it should be; trying again may help."""

from __future__ import annotations

from desktop.errors.base import Unavailable


class Busy(Unavailable):
    """Somebody else holds the rows for longer than we wait."""

    def __init__(self) -> None:
        super().__init__(
            "Somebody else is working on the same rows right now. Nothing was changed; try again."
        )


class DatabaseDown(Unavailable):
    """No connection, or it broke. ``unknown_outcome`` is true when a COMMIT may have happened unseen."""

    def __init__(self, where: str, reason: str = "", *, unknown_outcome: bool = False) -> None:
        tail = (
            " It is not known whether the last change arrived: reload before repeating it."
            if unknown_outcome
            else " Nothing was changed; check the network and try again."
        )
        why = f" ({reason})" if reason else ""
        super().__init__(f"The database {where} cannot be reached{why}.{tail}")
        self.unknown_outcome = unknown_outcome


class ProgramClosing(Unavailable):
    """The window is closing: nothing more is sent to the database."""

    def __init__(self) -> None:
        super().__init__("Greenroom is closing. This was not begun any more; nothing was changed.")


class DatabaseRefused(Unavailable):
    """The server answered and said no: wrong password, missing database, missing privilege."""


class PasswordWanted(DatabaseRefused):
    """The server asks for a password, and nobody has given one."""


class PasswordWrong(DatabaseRefused):
    """The server does not know that user with that password."""


class KeyringMissing(Unavailable):
    """This computer keeps no secrets for us; ``why`` is missing, locked, silent or failed."""

    def __init__(self, why: str = "missing") -> None:
        says = {
            "locked": "The keyring of this computer is locked",
            "silent": "The keyring of this computer does not answer",
            "failed": "The keyring of this computer refuses to work",
        }.get(why, "This computer has no keyring")
        super().__init__(f"{says}, so the database's password is not kept: type it each time.")
        self.why = why


class LocalServerFailed(Unavailable):
    """The local PostgreSQL did not start; the sentence says why and what to do."""
