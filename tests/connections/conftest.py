"""Ways to a database that are not a plain, healthy line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from desktop.db import pooling
from desktop.db.session import Database
from tests.connections import poolers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from desktop.db.embedded import LocalServer


@pytest.fixture
def through(
    server: LocalServer, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Database]]:
    """Open the test's database through a PgBouncer of a mode: ``through("transaction", default_pool_size=1)``. A busy
    computer is given all the time it takes."""
    monkeypatch.setattr(pooling, "PATIENCE_SECONDS", 60.0)
    if poolers.PGBOUNCER is None:
        pytest.skip("PgBouncer is not installed (Debian's package pgbouncer)")
    opened = []
    running = []

    def open_through(mode: str, **settings: object) -> Database:
        made = poolers.pooler(server.folder, mode, **settings)
        database = Database(made.__enter__().url(database_url))
        running.append(made)
        opened.append(database)
        return database

    yield open_through
    for database in opened:
        database.close()
    for made in running:
        made.__exit__(None, None, None)
