"""Registering and cancelling as an organizer does it, and a package that costs something."""

from __future__ import annotations

import pytest

from desktop.services import registering
from desktop.services.registering import Registering


@pytest.fixture
def register(database, organizer):
    """`registering.register` as the organizer does it."""

    def run(package, email="zoe@example.org", **known):
        return registering.register(database, organizer, Registering(package, email, **known))

    return run


@pytest.fixture
def cancel(database, organizer):
    """`registering.cancel` as the organizer does it."""

    def run(registration, reason=""):
        return registering.cancel(database, organizer, registration, reason)

    return run


@pytest.fixture
def paid(building):
    """A package of two seats that cost 499.50 each."""
    return building.package(building.event(payment_required=True), capacity=2, price="499.50")
