"""A door: Desk 1 of an event that has begun, and the office behind it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from desktop.services import attendance
from desktop.services.attendance import Admission


@pytest.fixture
def ask(database, door):
    """Runs `attendance.admit`, ``undo``, ``no_show`` or ``release`` as the door does it at Desk 1, unless ``by``
    somebody else: ``ask("admit", registration, sequence=3)``."""

    def run(action, registration, by=None, **known):
        admission = Admission(registration, **{"station": "Desk 1"} | known)
        return getattr(attendance, action)(database, by or door, admission)

    return run


@pytest.fixture
def ledger(building):
    """The ledger of a registration, or all of it, as (action, verdict), oldest first."""

    def read(registration=None):
        rows = building.rows(
            "SELECT action, verdict FROM check_ins WHERE %s::uuid IS NULL OR registration_id = %s ORDER BY recorded_at",
            registration,
            registration,
        )
        return [(row["action"], row["verdict"]) for row in rows]

    return read


@pytest.fixture
def hours_ago():
    """Naive UTC, as the database keeps times."""
    return lambda hours: datetime.now(UTC).replace(tzinfo=None) - timedelta(hours=hours)
