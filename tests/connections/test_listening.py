"""The line by which changes are told: lost, found again, frozen, and behind a pooler."""

from __future__ import annotations

import queue
import threading
import time
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
import sqlalchemy as sa

from desktop.db import listen, pooling
from desktop.db.listen import Heard, Listening, Offline, Unheard
from desktop.db.session import Database
from tests.proving.proxy import Proxy

if TYPE_CHECKING:
    from collections.abc import Iterator

Building = Any


class Told:
    """What somebody who follows a database is told; `next` waits for it."""

    def __init__(self, database: Database) -> None:
        self.reports: queue.SimpleQueue[listen.Report] = queue.SimpleQueue()
        self.database = database
        database.listener.follow(self.reports.put)
        database.listener.start()

    def next(self) -> listen.Report:
        return self.reports.get(timeout=30)


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything that is waited for comes in no time."""
    monkeypatch.setattr(listen, "QUIET_SECONDS", 0.05)
    monkeypatch.setattr(listen, "SLOW_SECONDS", 0.05)
    monkeypatch.setattr(listen, "FIRST_TRY_SECONDS", 0.01)
    monkeypatch.setattr(listen, "LAST_TRY_SECONDS", 0.05)


@pytest.fixture
def line(server_url: str, database_url: str) -> Iterator[Proxy]:
    with Proxy(server_url) as proxy:
        yield proxy


@pytest.fixture
def told(line: Proxy, database_url: str) -> Iterator[Told]:
    database = Database(line.url(str(sa.make_url(database_url).database)))
    yield Told(database)
    database.close()


def _said(report: listen.Report) -> str:
    assert isinstance(report, Heard)
    return "".join(report.payloads)


@pytest.mark.parametrize("how", ["kill", "cut"])
def test_a_lost_line_is_told_once_and_found_again(
    told: Told, line: Proxy, by_hand: Building, how: str
) -> None:
    assert told.next() == Listening()
    before = time.time()
    getattr(line, how)()
    lost = told.next()
    assert isinstance(lost, Offline)
    assert lost.since.timestamp() >= before
    assert told.next() == Listening(), "after which everything is read again"
    event = by_hand.event()
    assert str(event) in _said(told.next())


def test_a_line_that_carries_nothing_any_more_is_noticed(
    told: Told, line: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert told.next() == Listening()
    monkeypatch.setattr(pooling, "PATIENCE_SECONDS", 0.1)
    line.blackhole()
    assert isinstance(told.next(), Offline)
    monkeypatch.setattr(pooling, "PATIENCE_SECONDS", 60.0)
    line.heal()
    assert told.next() == Listening()


def test_a_quiet_line_is_asked_and_stays(
    told: Told, by_hand: Building, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert told.next() == Listening()
    answered = threading.Semaphore(0)
    ask = listen._answered

    def asked(connection: Any, got: list[Any]) -> bool:
        if whole := ask(connection, got):
            answered.release()
        return whole

    monkeypatch.setattr(listen, "_answered", asked)
    assert all(answered.acquire(timeout=30) for _ in range(3))
    event = by_hand.event()
    assert str(event) in _said(told.next())


@pytest.mark.parametrize("question", [b"SELECT 1/0", b""])
def test_a_server_that_cannot_say_how_things_stand_is_tried_again(
    told: Told, monkeypatch: pytest.MonkeyPatch, question: bytes
) -> None:
    """No answer of a server's ends the thread that listens."""
    assert told.next() == Listening()
    understood = listen.UNTOLD
    monkeypatch.setattr(listen, "UNTOLD", question)
    assert isinstance(told.next(), Offline)
    monkeypatch.setattr(listen, "UNTOLD", understood)
    assert told.next() == Listening()


def test_who_comes_later_is_told_how_things_stand(told: Told) -> None:
    assert told.next() == Listening()
    assert Told(told.database).next() == Listening()


def test_a_burst_is_told_in_few_words(told: Told, by_hand: Building) -> None:
    """Two hundred commits, and no more words than there were spaces of 100 ms; the first at once."""
    assert told.next() == Listening()
    event = by_hand.event()
    assert str(event) in _said(told.next())
    began = time.monotonic()
    for number in range(200):
        by_hand.do("UPDATE events SET title = %s", str(number))
    by_hand.do("UPDATE events SET id = gen_random_uuid()")
    last = str(by_hand.value("SELECT id FROM events"))
    words, heard = [], ""
    while last not in heard:
        heard = _said(told.next())
        words.append(heard)
    took = time.monotonic() - began
    assert len(words) <= took / listen.TOGETHER_SECONDS + 3
    assert sum(word.count("update") for word in words) == 201


@pytest.mark.parametrize("state", ["listening", "trying", "connecting"])
def test_closing_is_prompt(told: Told, line: Proxy, state: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert told.next() == Listening()
    if state != "listening":
        monkeypatch.setattr(listen, "FIRST_TRY_SECONDS", 60.0 if state == "trying" else 0.001)
        if state == "connecting":
            line.blackhole()
        line.cut()
        assert isinstance(told.next(), Offline)
    told.database.listener.close(0.5 if state == "connecting" else 30.0)
    if state != "connecting":  # else it ends by itself
        assert not any(one.name == "greenroom-listen" for one in threading.enumerate())


def test_who_hurries_need_not_wait_for_the_next_try(
    told: Told, line: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert told.next() == Listening()
    monkeypatch.setattr(listen, "FIRST_TRY_SECONDS", 3_000.0)
    line.cut()
    assert isinstance(told.next(), Offline)
    told.database.listener.hurry()
    assert told.next() == Listening()


def test_who_hurries_waits_for_nobody_who_is_told(told: Told) -> None:
    """It is the window's thread that hurries; a storm of changes takes a while to be read."""
    assert told.next() == Listening()
    being_told, go_on = threading.Event(), threading.Event()

    def slow(_report: listen.Report) -> None:
        being_told.set()
        go_on.wait(30)

    following = threading.Thread(target=told.database.listener.follow, args=(slow,))
    following.start()
    assert being_told.wait(30)
    told.database.listener.hurry()
    assert following.is_alive()
    go_on.set()
    following.join(30)


def test_where_nobody_can_be_told_it_is_said_again_and_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that lists are read again; as `pooling` sees a pooler in transaction mode."""

    def prepare(connection: Any) -> None:
        connection.prepare_threshold, connection.cursor_factory = None, pooling.PooledCursor

    monkeypatch.setattr(pooling, "prepare", prepare)
    monkeypatch.setattr(database, "pooling", pooling.Pooling.TRANSACTION)
    told = Told(database)
    assert [told.next(), told.next()] == [Unheard(), Unheard()]


def test_behind_a_pooler_that_lends_its_connections_it_is_said_that_nothing_is_told(through: Any) -> None:
    told = Told(through("transaction"))
    assert [told.next(), told.next()] == [Unheard(), Unheard()], (
        "again and again, so that lists are read again"
    )


def test_a_pooler_that_lends_a_connection_for_the_session_takes_nothing_away(
    through: Any, by_hand: Building
) -> None:
    told = Told(through("session"))
    assert told.next() == Listening()
    event = by_hand.event()
    assert str(event) in _said(told.next())


def test_whoever_hurries_never_waits_for_it(told: Told, line: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    """F5 held down while the thread that listens is busy connecting: it is the window's thread that hurries."""
    assert told.next() == Listening()
    connecting, go_on = threading.Event(), threading.Event()

    def connect(*arguments: Any, **options: Any) -> Any:
        connecting.set()
        go_on.wait(30)
        return connected(*arguments, **options)

    connected = psycopg.connect
    monkeypatch.setattr(psycopg, "connect", connect)
    line.cut()
    assert isinstance(told.next(), Offline)
    assert connecting.wait(30)
    hurrying = threading.Thread(
        target=lambda: [told.database.listener.hurry() for _ in range(2000)], daemon=True
    )
    hurrying.start()
    hurrying.join(10)
    waits = hurrying.is_alive()
    go_on.set()
    assert not waits
    assert told.next() == Listening()
