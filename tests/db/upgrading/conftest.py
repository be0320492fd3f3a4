"""A website's database of the test's own, and what an upgrade must leave behind in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from desktop.db import upgrade
from desktop.db.catalog import reading
from desktop.db.catalog.wanted import wanted
from desktop.db.session import Database
from tests.adoption import portraying, snapshots, websites

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg

    from desktop.db.embedded import LocalServer


@dataclass(frozen=True, slots=True)
class Site:
    """A database of a website's, reached as Greenroom and as the website."""

    database: Database
    website: psycopg.Connection[dict[str, Any]]
    url: str

    def rows(self, sql: str, *values: Any) -> list[dict[str, Any]]:
        return self.website.execute(sql, values or None).fetchall()

    def value(self, sql: str, *values: Any) -> Any:
        ((value,),) = (row.values() for row in self.rows(sql, *values))
        return value

    def upgraded(self) -> list[str]:
        """Upgrade; what was said."""
        told: list[str] = []
        upgrade.upgrade(self.database, told.append)
        return told

    def snapshot(self) -> Any:
        """Every value of every row that is there before an upgrade."""
        return snapshots.rows(self.website)

    def is_whole(self) -> bool:
        """The schema is this program's, nothing is left to do, and every seat is counted."""
        with self.database.engine.connect() as connection:
            catalog = reading.read(connection)
        assert portraying.portrait(catalog, wanted()) == portraying.portrait(wanted(), wanted())
        assert upgrade.plan(self.database).steps == ()
        assert self.rows(DRIFT) == []
        assert self.rows("SELECT * FROM pg_index WHERE NOT indisvalid") == []
        return upgrade.is_current(self.database)


DRIFT = """
SELECT p.id FROM packages p FULL JOIN package_seats s ON s.package_id = p.id
 WHERE s.capacity IS DISTINCT FROM p.capacity OR s.held IS DISTINCT FROM
       (SELECT count(*) FROM event_registrations r
         WHERE r.package_id = p.id AND r.status IN ('registered', 'attended'))
"""


@pytest.fixture
def bare_site(server: LocalServer) -> Iterator[Site]:
    """An empty database that a website is going to fill."""
    with websites.empty(server) as url, websites.connect(url) as website:
        database = Database(url)
        yield Site(database, website, url)
        database.close()


@pytest.fixture
def site(bare_site: Site) -> Site:
    """The database of a website with some of the additions, habits and triggers of its own, and rows."""
    websites.build(bare_site.url, websites.PARTLY)
    return bare_site
