"""What becomes of calls that are on their way when the program ends."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from contextlib import closing
from typing import TYPE_CHECKING

import psycopg
import pytest

from desktop import errors
from desktop.db import in_flight
from desktop.db.session import Database
from tests.connections.black_hole import BlackHole
from tests.connections.waiting import until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

WRITE = "INSERT INTO roles (name) VALUES (:name)"
SLOW_WRITE = f"WITH made AS ({WRITE} RETURNING 1) SELECT pg_sleep(:seconds) FROM made"

pytestmark = pytest.mark.unwatched

BOUNDS = in_flight.FINISH_SECONDS, in_flight.OBEY_SECONDS, in_flight.GONE_SECONDS


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy computer is not taken for a server that does not obey."""
    monkeypatch.setattr(in_flight, "OBEY_SECONDS", 30.0)
    monkeypatch.setattr(in_flight, "GONE_SECONDS", 30.0)


@pytest.fixture
def ending(database_url: str) -> Iterator[Database]:
    with closing(Database(database_url)) as database:
        yield database


def in_a_thread(work: Callable[[], object]) -> Future[object]:
    told: Future[object] = Future()

    def run() -> None:
        try:
            told.set_result(work())
        except Exception as error:  # noqa: BLE001 - whoever waits is told
            told.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return told


def wait_until_lent(database: Database) -> None:
    until(lambda: database._in_flight._lent)


def wait_until_asleep(url: str) -> None:
    """Until the server is at work on it: whoever cancels a moment before cancels nothing, and has to cut the line."""
    with closing(Database(url)) as database, database.transaction() as tx:
        until(
            lambda: tx.value(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'"
            )
        )


def roles(url: str) -> list[str]:
    with closing(Database(url)) as database, database.transaction() as tx:
        return [row.name for row in tx.rows("SELECT name FROM roles WHERE name LIKE 'closing%'")]


def test_what_is_nearly_done_is_finished(
    ending: Database, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(in_flight, "FINISH_SECONDS", 30.0)
    done = in_a_thread(lambda: ending.once(SLOW_WRITE, {"name": "closing-1", "seconds": 0.02}))
    wait_until_lent(ending)

    assert ending.end()

    assert done.result(30)
    assert roles(database_url) == ["closing-1"]


def test_what_takes_long_is_taken_back_whole_and_not_tried_again(ending: Database, database_url: str) -> None:
    done = in_a_thread(lambda: ending.once(SLOW_WRITE, {"name": "closing-2", "seconds": 60}))
    wait_until_asleep(database_url)

    assert ending.end()

    with pytest.raises(errors.Unavailable):
        done.result(30)
    assert roles(database_url) == []


def test_a_transaction_between_two_statements_is_taken_back_whole(
    ending: Database, database_url: str
) -> None:
    def work() -> None:
        with ending.transaction() as tx:
            tx.execute(WRITE, {"name": "closing-3"})
            tx.value("SELECT pg_sleep(60)")

    done = in_a_thread(work)
    wait_until_asleep(database_url)

    assert ending.end()

    with pytest.raises(errors.Unavailable):
        done.result(30)
    assert roles(database_url) == []


def test_nothing_more_is_begun(ending: Database) -> None:
    assert ending.end()

    with pytest.raises(errors.ProgramClosing):
        ending.once("SELECT 1", {})
    with pytest.raises(errors.ProgramClosing), ending.transaction():
        pass


def test_what_follows_by_itself_goes_on_until_the_database_is_closed(ending: Database) -> None:
    seen: list[object] = []

    def step() -> bool:
        seen.extend(ending.once("SELECT 1", {}))
        return False

    ending.afterwards("key", step)

    assert ending.end()
    ending.close()

    assert len(seen) == 1


def test_a_line_that_is_dead_is_cut(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(in_flight, "OBEY_SECONDS", 0.1)
    with BlackHole(database_url) as hole, closing(Database(hole.url)) as database:
        database.once("SELECT 1", {})
        hole.swallow()
        done = in_a_thread(lambda: database.once("SELECT 2", {}))
        wait_until_lent(database)

        assert database.end()

        with pytest.raises(errors.DatabaseDown):
            done.result(30)
    assert sum(BOUNDS) < 1


def test_what_comes_back_to_a_pool_that_is_gone_is_closed(database_url: str) -> None:
    """A task was cancelled, so nobody waits for its thread; the database is closed before that is done."""
    database, may = Database(database_url), threading.Event()

    def work() -> object:
        with database.transaction() as tx:
            may.wait(60)
            return tx.connection.connection.driver_connection

    done = in_a_thread(work)
    wait_until_lent(database)

    database.close()
    may.set()

    driver = done.result(30)
    assert isinstance(driver, psycopg.Connection)
    assert driver.closed
