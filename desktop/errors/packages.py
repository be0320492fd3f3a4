"""A correct request about a package that a rule refuses."""

from __future__ import annotations

from desktop.errors.base import RuleViolation


class CapacityBelowSeats(RuleViolation):
    """Fewer seats than are held: only for who confirms it (ruling 8). ``held`` is what is to be confirmed."""

    def __init__(self, package: str, capacity: int, held: int) -> None:
        seats = f"{_count(held, 'seat')} of “{package}” {'is' if held == 1 else 'are'} held"
        until = f" until {_more(held - capacity + 1)} given back" if capacity else ""
        super().__init__(
            f"{seats}, more than {capacity:,}. Nobody would lose a seat, and nobody new gets one{until}. "
            f"Confirm that, or choose {held:,} or more."
        )
        self.package = package
        self.capacity = capacity
        self.held = held


class PackageInUse(RuleViolation):
    """Only a package that nobody ever used is deleted (ruling 19); ``elsewhere`` is a table of the website's own."""

    def __init__(
        self, package: str, registrations: int = 0, orders: int = 0, check_ins: int = 0, elsewhere: str = ""
    ) -> None:
        uses = _listed(
            (registrations, "registration"),
            (orders, "order"),
            (check_ins, "check-in"),
        )
        if not uses:
            uses = f"other records ({elsewhere})" if elsewhere else "other records"
        super().__init__(
            f"“{package}” cannot be deleted: {uses} belong to it and are kept. Retire it instead; then it is no longer "
            "sold, and its history stays."
        )
        self.package = package
        self.registrations = registrations
        self.orders = orders
        self.check_ins = check_ins
        self.elsewhere = elsewhere


class PackageOccupied(RuleViolation):
    """A package moves to another event only while nobody counts on it. ``buying`` are orders that are open or paid and
    have no registration yet."""

    def __init__(
        self, package: str, held: int = 0, waiting: int = 0, no_shows: int = 0, buying: int = 0
    ) -> None:
        uses = _listed((held, "seat held"), (waiting, "person waiting"), (no_shows, "no-show"))
        if uses:
            why = f"it has {uses}, and they are for the event it belongs to"
        else:
            why = f"{_count(buying, 'order')} without a registration {'is' if buying == 1 else 'are'} open or paid"
        super().__init__(
            f"“{package}” cannot be moved to another event: {why}. Make a package for the other event, and retire "
            "this one."
        )
        self.package = package
        self.held = held
        self.waiting = waiting
        self.no_shows = no_shows
        self.buying = buying


class SeatsUnpaid(RuleViolation):
    """A free package begins to cost something while people hold its seats (ruling 17): only for who confirms it."""

    def __init__(self, package: str, seats: int, price: str) -> None:
        who = (
            "1 person holds a seat of it without an order"
            if seats == 1
            else f"{seats:,} people hold seats of it without an order"
        )
        super().__init__(
            f"“{package}” was free: {who}, and the door would ask for {price}. Confirm that, or make "
            "another package at the new price and retire this one."
        )
        self.package = package
        self.seats = seats


PLURALS = {"person waiting": "people waiting", "seat held": "seats held"}


def _count(number: int, what: str) -> str:
    return f"{number:,} {what if number == 1 else PLURALS.get(what, what + 's')}"


def _more(number: int) -> str:
    return "1 is" if number == 1 else f"{number:,} are"


def _listed(*counts: tuple[int, str]) -> str:
    """“3 registrations and 2 orders”, of those that are not 0."""
    parts = [_count(number, what) for number, what in counts if number]
    return " and ".join(filter(None, (", ".join(parts[:-1]), *parts[-1:])))
