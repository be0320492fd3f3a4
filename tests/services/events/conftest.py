"""Events as an organizer keeps them; the workspace is in India."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from desktop.services import events

KOLKATA = ZoneInfo("Asia/Kolkata")


@pytest.fixture
def zone():
    """The workspace's."""
    return KOLKATA


@pytest.fixture
def create(database, organizer, zone):
    """`events.create` as the organizer does it."""
    return lambda **fields: events.create(database, organizer, zone, **fields)


@pytest.fixture
def read(database, organizer):
    """`events.read` as the organizer does it."""
    return lambda event: events.read(database, organizer, event)


@pytest.fixture
def edit(database, organizer, zone, read):
    """`events.edit` of the event as it is, or as it was ``seen``."""

    def run(event, seen=None, **fields):
        return events.edit(database, organizer, seen or read(event), zone, **fields)

    return run


@pytest.fixture
def publish(database, organizer, zone):
    """`events.publish` as the organizer does it."""
    return lambda event: events.publish(database, organizer, event, zone)


@pytest.fixture
def row(building):
    """The event's row."""
    return lambda event: building.row("SELECT * FROM events WHERE id = %s", event)


def at(text):
    """A time as ISO 8601 writes it."""
    return datetime.fromisoformat(text)


@pytest.fixture(name="at")
def _at():
    return at
