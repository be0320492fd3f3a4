"""What PostgreSQL refuses to whoever notified, and the website does nevertheless."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from desktop.db import listen, upgrade
from desktop.db.listen import Listening, Unheard
from desktop.db.session import Database
from desktop.services import checking
from tests.connections import servers
from tests.connections.test_listening import Told

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Building
    from tests.connections.servers import Server

SETTINGS = """
max_prepared_transactions = 5
max_notify_queue_pages = 64
"""


@pytest.fixture
def prepares(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that allows prepared transactions, with a queue of notifications that is soon full."""
    with servers.made(tmp_path_factory.mktemp("prepares") / "server") as server:
        server.configure(SETTINGS)
        server.start()
        yield server


def _found(database: Database) -> set[str]:
    subjects = checking.check(database).subjects
    return {one.kind for subject in subjects for one in subject.findings if subject.name == "connection"}


def test_a_website_that_prepares_and_one_beside_a_stuck_listener_go_on(
    prepares: Server, building_of: type[Building], monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(prepares.url("postgres"))
    upgrade.upgrade(database)
    site = building_of(prepares.url("postgres"))
    assert _found(database) == {"website_silent"}
    monkeypatch.setattr(listen, "SLOW_SECONDS", 0.05)
    monkeypatch.setattr(listen, "QUIET_SECONDS", 0.05)
    told = Told(database)
    assert [told.next(), told.next()] == [Unheard(), Unheard()], "so that lists are read again"
    site.do("BEGIN")
    event = site.event()
    site.do("PREPARE TRANSACTION 'sold'")
    site.do("COMMIT PREPARED 'sold'")
    assert site.rows("SELECT FROM events WHERE id = %s", event)
    site.do("ALTER ROLE greenroom SET greenroom.notify = 'true'")
    assert _found(database) == {"website_silent", "notify_misunderstood"}
    site.do("ALTER ROLE greenroom SET greenroom.notify = 'on'")
    site.website.close()
    database.close()

    site.website = site.connect()
    database = Database(prepares.url("postgres"))
    told = Told(database)
    assert told.next() == Listening(), "the owner says that nobody prepares"
    assert str(site.event()) in str(told.next())
    assert _found(database) == set()
    with prepares.connect() as stuck:
        stuck.execute("LISTEN others")
        stuck.execute("BEGIN")
        stuck.execute("SELECT 1")
        others = 0
        while not site.value("SELECT pg_notification_queue_usage() >= 0.5"):
            site.do("SELECT pg_notify('others', concat(%s::int, repeat('.', 7000)))", others)
            others += 1
        assert _found(database) == {"notifications_full"}
        usage = site.value("SELECT pg_notification_queue_usage()")
        site.do("UPDATE events SET title = 'Another'")
        site.do("TRUNCATE events CASCADE")
        assert site.value("SELECT pg_notification_queue_usage()") == usage
        assert told.next() == Unheard(), "what is on screen is old, and is read again now and then"
    while told.next() != Listening():
        pass
    assert str(site.event()) in str(told.next())
    site.website.close()
    database.close()
