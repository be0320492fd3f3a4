"""The same adoption on the elder PostgreSQL versions, which print and parse some things otherwise."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING

import pytest

from desktop.__main__ import run
from desktop.db import upgrade
from desktop.db.catalog import differing, reading, wanted
from desktop.db.session import Database
from tests.adoption import portraying, snapshots, websites
from tests.connections import elders

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.connections.servers import Server

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", params=elders.VERSIONS)
def elder(request: pytest.FixtureRequest) -> Iterator[Server]:
    if elders.binaries(request.param) is None:
        pytest.skip(f"this computer has no PostgreSQL {request.param}")
    with elders.started(request.param) as running:
        yield running


@pytest.mark.parametrize(
    "build",
    [
        pytest.param(lambda _url: None, id="empty"),
        *(pytest.param(partial(websites.build, kind=kind), id=str(kind)) for kind in websites.KINDS),
        *(
            pytest.param(partial(websites.build_older, revision=revision), id=revision)
            for revision in ("0001", "0006", "0010")
        ),
    ],
)
def test_every_kind_of_database_ends_with_the_same_schema_and_its_rows(elder, build):
    """Ruling 4: PostgreSQL 14 and newer."""
    with websites.empty(elder) as url:
        build(url)
        database = Database(url)
        with websites.connect(url) as website:
            before = snapshots.rows(website)
            upgrade.upgrade(database)
            after = snapshots.rows(website)
        with database.engine.connect() as connection:
            catalog = reading.read(connection)
        database.close()
        assert differing.differences(catalog, wanted.wanted()) == ()
        assert portraying.portrait(catalog, wanted.wanted()) == portraying.portrait(
            wanted.wanted(), wanted.wanted()
        )
        assert {name: snapshots.surviving(rows, after[name]) for name, rows in before.items()} == {
            name: Counter() for name in before
        }


def test_rows_in_the_way_are_refused_there_too(elder, capsys):
    with websites.empty(elder) as url:
        websites.build(url, websites.SPECIFIED)
        with websites.connect(url) as website:
            website.execute("UPDATE packages SET event_id = NULL WHERE slug = 'monsoon-vip'")
        assert run(["db", "upgrade", "--database", url]) == 1
        assert "public.packages: package type against event (1)" in capsys.readouterr().out
