"""A correct request about somebody's registration that a rule refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop.errors.base import RuleViolation

if TYPE_CHECKING:
    from collections.abc import Sequence


class TransitionRefused(RuleViolation):
    """The transition is not one of ruling 14; ``ways`` are what can be done from where the registration is."""

    def __init__(self, who: str, wish: str, status: str, ways: Sequence[str]) -> None:
        super().__init__(
            f"{who} cannot be {wish}: the registration is {status.replace('_', '-')}. "
            f"What can be done instead: {', or '.join(ways)}."
        )
        self.status = status.replace("_", "-")
        self.ways = tuple(ways)


class PaidAlready(RuleViolation):
    """Who has paid is never put on a waitlist (ruling 17)."""

    def __init__(self, who: str, package: str) -> None:
        super().__init__(
            f"{who} has paid, and nobody who has paid waits for “{package}”. Refund the order first, or raise the "
            "package's capacity."
        )


class PaymentUnderWay(RuleViolation):
    """The website's gateway has the order in hand (ruling 18)."""

    def __init__(self, who: str) -> None:
        super().__init__(
            f"A payment of {who} is under way on the website. Wait until it has arrived, or record that it failed; "
            "then try again."
        )


class PriceDiffers(RuleViolation):
    """What was paid is not what the other package costs (ruling 17); both as people read money."""

    def __init__(self, who: str, paid: str, package: str, price: str) -> None:
        super().__init__(
            f"{who} paid {paid}, and “{package}” costs {price}. Refund the order first; moving then opens a new "
            "one at that price."
        )


class OrderShared(RuleViolation):
    """One order pays for several people, and only one of them is to move."""

    def __init__(self, who: str) -> None:
        super().__init__(
            f"The order of {who} pays for other people too, so it cannot go along to another package. Register "
            f"{who} there, and cancel this registration."
        )


class NoMove(RuleViolation):
    """The package is not another one of the same event."""

    def __init__(self, who: str, package: str, *, same: bool) -> None:
        super().__init__(
            f"{who} is in “{package}” already. Choose another package."
            if same
            else f"“{package}” belongs to another event than the registration of {who}. Choose a package of the "
            "same event, or register the person there."
        )


class SeatPassedOn(RuleViolation):
    """The seat an operation freed is somebody else's by now (ruling 8)."""

    def __init__(self, who: str, other: str, package: str) -> None:
        super().__init__(
            f"The seat of {who} in “{package}” went to {other}, who has paid or come in since. Raise the "
            f"package's capacity, or put {who} on the waitlist."
        )


class ChangedSince(RuleViolation):
    """Undoing would overwrite what somebody did meanwhile."""

    def __init__(self, who: str, status: str) -> None:
        super().__init__(
            f"{who} was changed by somebody else since and is {status.replace('_', '-')} now, so nothing was taken "
            "back. Open the registration to see what happened."
        )


class AnswersUnreadable(RuleViolation):
    """``registration_meta`` holds something else than answers by name (specification 5.4)."""

    def __init__(self, who: str) -> None:
        super().__init__(
            f"The website keeps the answers of {who} in a form of its own, not by name, so they cannot be edited "
            "here without losing them. Edit them on the website."
        )
