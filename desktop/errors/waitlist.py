"""People who wait, and get no seat."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop.errors.base import RuleViolation

if TYPE_CHECKING:
    from collections.abc import Sequence

_NAMED = 3


class CannotPromote(RuleViolation):
    """The person who was picked cannot get a seat; ``reason`` is “duplicate” or “inactive” (ruling 13)."""

    def __init__(self, who: str, package: str, reason: str) -> None:
        super().__init__(
            f"{who} cannot be promoted: "
            + (
                f"the same address has a seat in “{package}” already. Take one of the two off the list."
                if reason == "duplicate"
                else "the account is deactivated. Have it reactivated first, or promote somebody else."
            )
        )
        self.reason = reason


class NobodyEligible(RuleViolation):
    """People wait, and none of them can get a seat. ``passed`` are names, each with what completes it to a reason."""

    def __init__(self, package: str, passed: Sequence[tuple[str, str]]) -> None:
        named = ", ".join(f"{who} {why}" for who, why in passed[:_NAMED])
        more = f", and {len(passed) - _NAMED} more" if len(passed) > _NAMED else ""
        super().__init__(
            f"Nobody who waits for “{package}” can get a seat: {named}{more}. Take them off the waitlist, or put right "
            "what keeps them from a seat."
        )
        self.package = package


class NotOnWaitlist(RuleViolation):
    """What is asked for is for people who wait only (ruling 14)."""

    def __init__(self, who: str, status: str) -> None:
        super().__init__(
            f"{who} is not on the waitlist (any more): the registration is {status}. Nothing was changed; reload the "
            "waitlist."
        )
        self.status = status


class PreviewChanged(RuleViolation):
    """What was previewed no longer holds, and nothing was done (ruling 11). ``changes`` are sentences; ``now`` is the
    `desktop.services.waitlist.Preview` that holds now."""

    def __init__(self, package: str, changes: Sequence[str], now: object) -> None:
        super().__init__(
            f"Nobody was promoted, because the waitlist of “{package}” is not what you saw any more: "
            f"{' '.join(changes)} Look at it as it is now, then promote again."
        )
        self.changes = tuple(changes)
        self.now = now
