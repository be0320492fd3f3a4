"""Several computers on one database, and a way to see that somebody waits."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from desktop.db.session import Database

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Future


@pytest.fixture
def windows(database_url: str) -> Iterator[list[Database]]:
    """Four organizers' computers, each with connections of its own."""
    opened = [Database(database_url) for _ in range(4)]
    yield opened
    for one in opened:
        one.close()


@pytest.fixture
def until_it_waits(building) -> Callable[[Future[object]], bool]:
    """True as soon as somebody in this database waits for a lock, False when the work ended without waiting."""

    def look(work: Future[object]) -> bool:
        while not work.done():
            if building.value(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            ):
                return True
            time.sleep(0.002)
        return False

    return look
