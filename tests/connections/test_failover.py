"""Two servers, one following the other: the first dies, the second takes over, and people go on working.

The follower is synchronous, as it has to be where nothing that was confirmed may be lost.
"""

from __future__ import annotations

import threading
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from desktop import errors
from desktop.db import upgrade
from desktop.db.session import Actor, Database
from desktop.services import registering
from desktop.services.registering import Registering
from tests.connections import servers
from tests.connections.waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from tests.connections.servers import Server

FOLLOWS = "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync' AND replay_lsn >= pg_current_wal_lsn()"


@dataclass(frozen=True, slots=True)
class Pair:
    """The server in charge and the one that follows, with one event's package and somebody to sell it."""

    first: Server
    second: Server
    package: UUID
    seller: Actor

    def open(self) -> Database:
        """As an office has it in its settings: both servers, whoever is in charge."""
        return Database(
            f"postgresql://greenroom@127.0.0.1:{self.first.port},127.0.0.1:{self.second.port}/summit"
        )

    def take_over(self) -> None:
        """The second server is put in charge."""
        with self.second.connect() as connection:
            connection.execute("SELECT pg_promote()")

    def addresses(self) -> list[str]:
        """Whom the second server has on its list."""
        with self.second.connect("summit") as connection:
            found = connection.execute("SELECT attendee_email FROM event_registrations ORDER BY 1")
            return [email for (email,) in found]


@pytest.fixture
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    base = tmp_path_factory.mktemp("pair")
    with servers.made(base / "a") as first, servers.copied(first, base / "b") as second:
        follow = f"primary_conninfo = 'host=127.0.0.1 port={first.port} user=greenroom'\n"
        first.configure()
        second.configure(follow, {"standby.signal": ""})
        first.start()
        with first.connect() as connection:
            connection.execute("CREATE DATABASE summit")
        database = Database(first.url("summit"))
        upgrade.upgrade(database)
        seller, package = _prepared(database)
        database.close()
        second.start()
        with first.connect() as connection:
            connection.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
            connection.execute("SELECT pg_reload_conf()")
            until(lambda: connection.execute(FOLLOWS).fetchone() == (1,))
        yield Pair(first, second, package, seller)


def _prepared(database: Database) -> tuple[Actor, UUID]:
    seller = Actor(uuid4(), "asha.menon", "asha.menon@example.org", frozenset({"organizer"}))
    with database.transaction() as tx:
        tx.execute(
            "INSERT INTO users (id, username, email) VALUES (:id, :name, :email)",
            {"id": seller.id, "name": seller.name, "email": seller.email},
        )
        tx.execute(
            "INSERT INTO user_roles SELECT :id, id FROM roles WHERE name = 'organizer'", {"id": seller.id}
        )
        event = tx.value(
            "INSERT INTO events (title, slug, location, start_time, status, created_by) VALUES"
            " ('Monsoon Data Summit', 'summit', 'Pune', now() + interval '7 days', 'published', :id) RETURNING id",
            {"id": seller.id},
        )
        package = tx.value(
            "INSERT INTO packages (name, slug, price, duration_days, package_type, event_id)"
            " VALUES ('Pass', 'pass', 0, 0, 'event', :id) RETURNING id",
            {"id": event},
        )
    return seller, package


class Office(threading.Thread):
    """Somebody who registers guests one after the other, and after an error tries the same guest again."""

    def __init__(self, pair: Pair, name: str, enough: threading.Event) -> None:
        super().__init__()
        self.pair, self.office, self.enough = pair, name, enough
        self.confirmed: list[str] = []
        self.trouble: list[errors.DatabaseDown] = []
        self.wrong: list[str] = []

    def run(self) -> None:
        database = self.pair.open()
        while not self.enough.is_set():
            self._register(database, f"{self.office}-{len(self.confirmed)}@example.org")
        database.close()

    def _register(self, database: Database, guest: str) -> None:
        unknown = False
        while True:
            try:
                registering.register(database, self.pair.seller, Registering(self.pair.package, guest))
            except errors.DatabaseDown as error:
                self.trouble.append(error)
                unknown = unknown or error.unknown_outcome
            except errors.AlreadyRegistered:
                if not unknown:
                    self.wrong.append(f"{guest}: “nothing was changed” was not true")
                break
            else:
                break
        self.confirmed.append(guest)


def test_what_is_confirmed_while_another_server_takes_over_is_there_once_and_what_is_unknown_is_said(pair):
    _work_through_it(pair)


@pytest.mark.slow
@pytest.mark.parametrize("_time", range(12))
def test_so_it_is_time_after_time(pair, _time):
    _work_through_it(pair)


def _work_through_it(pair: Pair) -> None:
    enough = threading.Event()
    offices = [Office(pair, name, enough) for name in ("pune", "leeds", "lima", "oslo")]
    for office in offices:
        office.start()
    until(lambda: all(len(office.confirmed) >= 5 for office in offices))
    pair.first.end(servers.IMMEDIATELY)
    _refused_by_the_follower(pair)
    pair.take_over()
    reached = {office: len(office.confirmed) for office in offices}
    until(lambda: all(len(office.confirmed) >= reached[office] + 5 for office in offices))
    enough.set()
    for office in offices:
        office.join()
    assert [office.wrong for office in offices] == [[], [], [], []]
    assert any(office.trouble for office in offices)  # or this proved nothing
    assert pair.addresses() == sorted(guest for office in offices for guest in office.confirmed)


def _refused_by_the_follower(pair: Pair) -> None:
    with (
        closing(pair.open()) as database,
        pytest.raises(errors.DatabaseDown, match="only a standby answers") as caught,
    ):
        registering.register(database, pair.seller, Registering(pair.package, "nobody@example.org"))
    assert not caught.value.unknown_outcome
