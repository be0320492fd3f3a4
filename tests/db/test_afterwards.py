"""Work that nobody waits for."""

from __future__ import annotations

import threading
import time

import pytest

from desktop import errors
from desktop.db import afterwards
from desktop.db.afterwards import Afterwards
from tests.connections.waiting import until


@pytest.fixture
def following(monkeypatch):
    """With short times."""
    monkeypatch.setattr(afterwards, "QUIET_SECONDS", 0.05)
    made = Afterwards()
    yield made
    made.close(lambda: None)


def test_a_burst_is_done_once_when_it_is_quiet(following):
    """Each asking puts it off: it comes no sooner than its quiet after the last one, however slow the asking is."""
    done = []
    while True:
        asked = []
        done.clear()
        for _ in range(5):
            asked.append(time.monotonic())
            following.add("a", lambda: done.append(time.monotonic()))
            time.sleep(0.005)
        assert following.settle(30, hurry=False)
        if asked[-1] - asked[0] < afterwards.QUIET_SECONDS:
            break  # else this computer was so busy that it was several bursts
    (came,) = done
    assert came >= asked[-1] + afterwards.QUIET_SECONDS


def test_a_burst_without_end_is_not_waited_for(following, monkeypatch):
    monkeypatch.setattr(afterwards, "QUIET_SECONDS", 60.0)
    monkeypatch.setattr(afterwards, "LATEST_SECONDS", 0.1)
    done = []
    began = time.monotonic()
    while len(done) < 2:  # ends in the test's time limit
        following.add("a", lambda: done.append(time.monotonic()))
        time.sleep(0.005)
    assert done[0] >= began + 0.1
    assert done[1] >= done[0] + 0.1
    assert following.settle(30)


def test_other_keys_are_other_work_and_a_step_is_repeated_while_there_is_more(following):
    left = {"a": 3, "b": 1}
    threads = set()

    def step(key):
        threads.add(threading.current_thread())
        left[key] -= 1
        return left[key] > 0

    following.add("a", lambda: step("a"))
    following.add("b", lambda: step("b"))
    assert following.settle(30)
    assert left == {"a": 0, "b": 0}
    assert len(threads) == 1


def test_whoever_asks_while_it_is_done_gets_it_once_more(following):
    started, go = threading.Event(), threading.Event()
    done = []

    def step():
        started.set()
        go.wait(30)
        done.append(1)
        return False

    following.add("a", step)
    assert started.wait(30)
    following.add("a", step)
    following.add("a", step)
    go.set()
    assert following.settle(30)
    assert done == [1, 1]


def test_what_finds_others_busy_is_tried_again_and_given_up_in_the_end(following, monkeypatch):
    monkeypatch.setattr(afterwards, "TRIES", 3)
    tries = []

    def step():
        tries.append(1)
        raise errors.Busy

    following.add("a", step)
    assert following.settle(30)
    assert len(tries) == 3
    following.add("a", step)
    assert following.settle(30)
    assert len(tries) == 6


def test_closing_finishes_what_is_left_and_takes_no_more(following):
    done = []
    following.add("a", lambda: done.append(1))
    following.close(lambda: done.append("abandoned"))
    following.add("b", lambda: done.append(2))
    assert done == [1]
    assert following.settle(30)


def test_closing_leaves_what_hangs_and_clears_up_when_it_ends(following):
    hangs, go, cleared = threading.Event(), threading.Event(), threading.Event()
    following.add("a", lambda: (hangs.set(), go.wait(60))[1])
    following.add("b", lambda: pytest.fail("must not begin"))
    assert hangs.wait(30)
    following.close(cleared.set, 0.05)  # comes back, although it hangs until it is let go
    assert not cleared.is_set()
    go.set()
    assert cleared.wait(30)


def test_a_closed_database_leaves_no_connection_behind(database, building, organizer):
    """A step that hangs in the server when the window closes: its connection is closed when it comes back."""
    sleeping = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'"
    )
    database.afterwards("slow", lambda: bool(database.once("SELECT pg_sleep(60)", {})) and False)
    until(lambda: building.value(sleeping))
    database.close()
    assert building.value(sleeping), "nobody waits for it"
    building.do(
        "SELECT pg_cancel_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event = 'PgSleep'"
    )
    until(
        lambda: (
            not building.value(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND application_name = 'greenroom'"
            )
        )
    )
