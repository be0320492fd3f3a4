"""Packages as an organizer sees and makes them."""

from __future__ import annotations

from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from desktop.services import packages
from desktop.services.packages import Details, NewPackage

ZONE = ZoneInfo("Asia/Kolkata")


@pytest.fixture
def zone():
    """The workspace's."""
    return ZONE


@pytest.fixture
def see(database, organizer):
    """`packages.read` as the organizer does it."""
    return lambda package: packages.read(database, organizer, package, ZONE)


@pytest.fixture
def create(database, organizer):
    """`packages.create` as the organizer does it; “VIP” for 500 when nothing else is said."""

    def run(event=None, *, name="VIP", price=Decimal(500), capacity=None, **details):
        new = NewPackage(Details(name, price, **details), event, capacity)
        return packages.create(database, organizer, new, ZONE)

    return run


@pytest.fixture
def resize(database, organizer, see):
    """`packages.set_capacity` as the organizer does it, who has just looked and gives a reason."""

    def run(package, capacity, **known):
        known = {"seen": see(package).capacity, "reason": "a larger room"} | known
        return packages.set_capacity(database, organizer, package, capacity, **known)

    return run
