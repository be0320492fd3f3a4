"""A correct request about seats and places that a rule refuses."""

from __future__ import annotations

from desktop.errors.base import RuleViolation


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
        is_what = "a draft" if state == "draft" else state
        super().__init__(f"“{event}” is {is_what} and gives out no seats. {way_out}")
        self.event = event
        self.state = state


class PackageRetired(RuleViolation):
    """A retired package takes no new registrations (rulings 15 and 19)."""

    def __init__(self, package: str) -> None:
        super().__init__(
            f"“{package}” is retired and gives out no seats. Reactivate the package, or choose another one."
        )
        self.package = package
