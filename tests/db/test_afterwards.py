"""Work that nobody waits for."""

from __future__ import annotations

import threading
import time

import pytest

from desktop import errors
from desktop.db import afterwards
from desktop.db.afterwards import Afterwards


@pytest.fixture
def following(monkeypatch):
    """With short times."""
    monkeypatch.setattr(afterwards, "QUIET_SECONDS", 0.05)
    monkeypatch.setattr(afterwards, "LATEST_SECONDS", 0.3)
    made = Afterwards()
    yield made
    made.close(lambda: None)


def test_a_burst_is_done_once_when_it_is_quiet(following):
    done = []
    for _ in range(5):
        following.add("a", lambda: done.append(1))
        time.sleep(0.005)
    assert done == []
    time.sleep(0.2)
    assert done == [1]


def test_a_burst_without_end_is_not_waited_for(following):
    done = []
    until = time.monotonic() + 0.6
    while time.monotonic() < until:
        following.add("a", lambda: done.append(1))
        time.sleep(0.01)
    assert 1 <= len(done) <= 3


def test_other_keys_are_other_work_and_a_step_is_repeated_while_there_is_more(following):
    left = {"a": 3, "b": 1}
    threads = set()

    def step(key):
        threads.add(threading.current_thread())
        left[key] -= 1
        return left[key] > 0

    following.add("a", lambda: step("a"))
    following.add("b", lambda: step("b"))
    assert following.settle(5)
    assert left == {"a": 0, "b": 0}
    assert len(threads) == 1


def test_whoever_asks_while_it_is_done_gets_it_once_more(following):
    started, go = threading.Event(), threading.Event()
    done = []

    def step():
        started.set()
        go.wait(5)
        done.append(1)
        return False

    following.add("a", step)
    assert started.wait(5)
    following.add("a", step)
    following.add("a", step)
    go.set()
    assert following.settle(5)
    assert done == [1, 1]


def test_what_finds_others_busy_is_tried_again_and_given_up_in_the_end(following, monkeypatch):
    monkeypatch.setattr(afterwards, "TRIES", 3)
    tries = []

    def step():
        tries.append(1)
        raise errors.Busy

    following.add("a", step)
    assert following.settle(5)
    assert len(tries) == 3
    following.add("a", step)
    assert following.settle(5)
    assert len(tries) == 6


def test_closing_finishes_what_is_left_and_takes_no_more(following):
    done = []
    following.add("a", lambda: done.append(1))
    following.close(lambda: done.append("abandoned"))
    following.add("b", lambda: done.append(2))
    assert done == [1]
    assert following.settle(1)


def test_closing_leaves_what_hangs_within_a_second_and_clears_up_when_it_ends(following):
    go, cleared = threading.Event(), threading.Event()
    following.add("a", lambda: go.wait(10) and True)
    following.add("b", lambda: pytest.fail("must not begin"))
    began = time.monotonic()
    following.close(cleared.set)
    assert time.monotonic() - began < 1.2
    assert not cleared.is_set()
    go.set()
    assert cleared.wait(5)


def test_a_closed_database_leaves_no_connection_behind(database, building, organizer):
    """A step that hangs in the server when the window closes: its connection is closed when it comes back."""
    database.afterwards("slow", lambda: bool(database.once("SELECT pg_sleep(1.5)", {})) and False)
    time.sleep(0.4)
    began = time.monotonic()
    database.close()
    assert time.monotonic() - began < 1.3
    until = time.monotonic() + 5
    while building.value(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'greenroom'"
    ):
        assert time.monotonic() < until
        time.sleep(0.05)
