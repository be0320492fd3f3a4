"""The wanted structure is that of a database at the newest revision, on every PostgreSQL there is."""

from __future__ import annotations

import pytest

from desktop.db import upgrade
from desktop.db.catalog import reading, wanted
from desktop.db.catalog.differing import differences
from desktop.db.session import Database
from tests.adoption.portraying import portrait
from tests.connections import elders


def test_what_is_wanted_is_what_the_revisions_make(database):
    with database.engine.connect() as connection:
        found = reading.read(connection)
    assert wanted.written(found) == wanted.FILE.read_text(encoding="utf-8"), "run “make schema”"


def test_what_is_wanted_is_read_as_it_was_written():
    assert wanted.written(wanted.wanted()) == wanted.FILE.read_text(encoding="utf-8")


def test_a_database_at_the_newest_revision_lacks_nothing_of_what_is_wanted(database):
    with database.engine.connect() as connection:
        found = reading.read(connection)
    assert differences(found, wanted.wanted()) == ()
    assert portrait(found, wanted.wanted()) == portrait(wanted.wanted(), wanted.wanted())


@pytest.mark.parametrize(
    "version",
    [pytest.param(version, marks=() if version == 16 else pytest.mark.slow) for version in elders.present()],
)
def test_another_version_of_postgresql_says_the_same_of_it(version):
    with elders.started(version) as server:
        with server.connect() as connection:
            connection.execute("CREATE DATABASE adopted")
        database = Database(server.url("adopted"))
        upgrade.upgrade(database)
        with database.engine.connect() as connection:
            found = reading.read(connection)
        database.close()
    assert wanted.written(found) == wanted.FILE.read_text(encoding="utf-8")
