"""What can go wrong, as the person is told it.

Every class is one situation; ``str(error)`` is the sentence a person reads: it names the thing, the rule and
the way out. Nothing here imports anything of ours, so that every layer may raise these.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


class AppError(Exception):
    """Something the person can understand; everything else is our bug."""


# --- the request is understood, and a rule says no ------------------------------------------------


class RuleViolation(AppError):
    """A correct request that a rule refuses. Shown beside the control it belongs to."""


class InvalidField(RuleViolation):
    """A value that cannot be taken; ``field`` names the input it came from."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


class PackageFull(RuleViolation):
    """No seat is free (ruling 8)."""

    def __init__(self, package: str, held: int | None = None, capacity: int | None = None) -> None:
        seats = f" ({held} of {capacity} seats are held)" if capacity is not None else ""
        super().__init__(
            f"“{package}” is full{seats}. Add the person to the waitlist, or raise the package's capacity."
        )
        self.package = package


class AlreadyRegistered(RuleViolation):
    """One person holds one place per package (specification 3.10, ruling 13)."""

    def __init__(self, email: str, package: str, status: str) -> None:
        super().__init__(
            f"{email} is already on the list of “{package}” ({status}). "
            "Open that registration instead of adding a second one."
        )
        self.email = email
        self.status = status


class WaitlistEmpty(RuleViolation):
    """There is nobody to promote."""

    def __init__(self, package: str) -> None:
        super().__init__(f"Nobody is waiting for “{package}”, so there is nobody to promote.")
        self.package = package


class EventClosed(RuleViolation):
    """The event takes no new registrations (ruling 15)."""

    def __init__(self, event: str, state: str) -> None:
        way_out = {
            "draft": "Publish it first.",
            "cancelled": "A cancelled event stays closed.",
            "completed": "A completed event stays closed.",
            "deleted": "Restore it from the bin first.",
        }.get(state, "Open the event to see why.")
        super().__init__(f"“{event}” is {state} and gives out no seats. {way_out}")
        self.event = event
        self.state = state


class PackageRetired(RuleViolation):
    """A retired package takes no new registrations (rulings 15 and 19)."""

    def __init__(self, package: str) -> None:
        super().__init__(
            f"“{package}” is retired and gives out no seats. Reactivate the package, or choose another one."
        )
        self.package = package


class WrongState(RuleViolation):
    """The transition is not one of ruling 14."""

    def __init__(self, who: str, wish: str, status: str) -> None:
        super().__init__(f"{who} cannot be {wish}: the registration is {status}.")
        self.status = status


class NotAdmitted(RuleViolation):
    """The door says no; ``verdict`` is the reason's code, the sentence is for the person at the door."""

    def __init__(self, verdict: str, sentence: str) -> None:
        super().__init__(sentence)
        self.verdict = verdict


class ImportRefused(RuleViolation):
    """A file that cannot be imported as it is; nothing was changed."""


class ColumnsUnclear(ImportRefused):
    """Which column holds what has to be said by a person. ``trouble`` leaves out how that is said on the
    command line, for those who choose from a list."""

    def __init__(self, trouble: str, way_out: str) -> None:
        super().__init__(f"{trouble} {way_out}")
        self.trouble = trouble


# --- what is asked for is not, or no longer, there -------------------------------------------------


class NotFound(AppError):
    """The thing does not exist (any more)."""

    def __init__(self, what: str, name: str = "") -> None:
        named = f" “{name}”" if name else ""
        super().__init__(f"There is no {what}{named}. It may have been deleted; reload the list.")


class Stale(AppError):
    """Somebody changed it meanwhile; reloading shows how."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} was changed by somebody else meanwhile. Reload it and try again.")


# --- who is asking -------------------------------------------------------------------------------


class NotAllowed(AppError):
    """The role does not include this (ruling 24)."""

    def __init__(self, wish: str, roles: str) -> None:
        super().__init__(f"Your role ({roles}) may not {wish}. Ask an admin, or somebody with that role.")


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


# --- the world is not as it should be; trying again may help ----------------------------------------


class Unavailable(AppError):
    """Shown in the message bar with Retry."""


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


class DatabaseRefused(Unavailable):
    """The server answered and said no: wrong password, missing database, missing privilege."""


class KeyringMissing(Unavailable):
    """This computer keeps no secrets for us."""

    def __init__(self) -> None:
        super().__init__("This computer has no keyring, so the password is not kept: type it each time.")


class LocalServerFailed(Unavailable):
    """The local PostgreSQL did not start; the sentence says why and what to do."""


class SchemaNewer(AppError):
    """The database was upgraded by a newer Greenroom (ruling 3)."""

    def __init__(self, revision: str) -> None:
        super().__init__(
            f"This database was upgraded by a newer Greenroom (its schema is {revision}). "
            "Update this program; nothing was changed."
        )


class CannotAdopt(AppError):
    """The database holds what this program's schema does not allow (ruling 3). ``findings`` are
    `desktop.db.findings.Finding`, those refused first. Nothing was changed, unless the upgrade had ``begun`` and
    somebody wrote it meanwhile."""

    def __init__(self, where: str, findings: Sequence[object], refused: int, *, begun: bool = False) -> None:
        kinds = "one kind of trouble" if refused == 1 else f"{refused} kinds of trouble"
        super().__init__(
            f"{where} cannot be adopted as it is: {kinds} must be put right first. "
            + (
                "It was written while the upgrade ran: what was done stays, and upgrading again goes on from there."
                if begun
                else "Nothing was changed."
            )
        )
        self.findings = tuple(findings)


class SchemaOlder(AppError):
    """The database must be upgraded before this program can work with it."""

    def __init__(self) -> None:
        super().__init__(
            "This database has not been prepared for this version of Greenroom. Run “greenroom db upgrade”."
        )
