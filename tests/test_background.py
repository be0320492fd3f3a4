"""Work off the GUI thread: where it runs, what becomes of its failures, and waiting for its end."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any

import pytest

from desktop import background

if TYPE_CHECKING:
    from collections.abc import Coroutine


class Broken(Exception):
    pass


def in_loop(scenario: Coroutine[Any, Any, None]) -> list[dict[str, Any]]:
    """Run a scenario in a loop; what reached its exception handler."""
    reported: list[dict[str, Any]] = []

    async def whole() -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _loop, context: reported.append(context))
        await asyncio.wait_for(scenario, 20)

    asyncio.run(whole())
    return reported


def test_a_function_runs_in_another_thread_and_its_result_comes_back() -> None:
    async def scenario() -> None:
        thread, total = await background.run(
            lambda *numbers, plus: (threading.current_thread(), sum(numbers) + plus), 1, 2, plus=3
        )
        assert thread is not threading.main_thread()
        assert total == 6

    assert in_loop(scenario()) == []


def test_what_a_function_raises_is_raised_where_it_was_awaited() -> None:
    def break_down() -> None:
        raise Broken

    async def scenario() -> None:
        with pytest.raises(Broken):
            await background.run(break_down)

    assert in_loop(scenario()) == []


def test_the_loop_goes_on_while_a_function_blocks_its_thread() -> None:
    async def scenario() -> None:
        go_on = threading.Event()
        blocked = background.start(background.run(go_on.wait, 10))
        await asyncio.sleep(0)
        go_on.set()
        assert await blocked is True

    assert in_loop(scenario()) == []


def test_what_started_work_raises_reaches_the_exception_handler_once_and_at_once() -> None:
    async def break_down() -> None:
        raise Broken

    async def scenario() -> None:
        task = background.start(break_down())
        await asyncio.wait([task])
        await asyncio.sleep(0)

    (context,) = in_loop(scenario())
    assert isinstance(context["exception"], Broken)


def test_cancelled_work_is_no_failure() -> None:
    async def scenario() -> None:
        task = background.start(asyncio.sleep(30))
        await asyncio.sleep(0)
        task.cancel()
        await background.finish()
        assert task.cancelled()

    assert in_loop(scenario()) == []


def test_finishing_waits_for_what_was_started_and_for_what_that_starts() -> None:
    done: list[str] = []

    async def second() -> None:
        await asyncio.sleep(0.01)
        done.append("second")

    async def first() -> None:
        await asyncio.sleep(0.01)
        background.start(second())
        done.append("first")

    async def scenario() -> None:
        background.start(first())
        await background.finish()
        assert done == ["first", "second"]

    assert in_loop(scenario()) == []


def test_finishing_does_not_stumble_over_work_that_fails() -> None:
    done: list[str] = []

    async def break_down() -> None:
        raise Broken

    async def go_well() -> None:
        await asyncio.sleep(0.01)
        done.append("well")

    async def scenario() -> None:
        background.start(break_down())
        background.start(go_well())
        await background.finish()
        assert done == ["well"]

    assert len(in_loop(scenario())) == 1


def test_two_that_wait_for_the_end_do_not_wait_for_each_other() -> None:
    ended: list[str] = []

    async def end(name: str) -> None:
        await background.finish()
        ended.append(name)

    async def work() -> None:
        await asyncio.sleep(0.02)
        ended.append("work")

    async def scenario() -> None:
        background.start(work())
        both = [background.start(end("one")), background.start(end("two"))]
        await asyncio.wait_for(asyncio.gather(*both), 5)
        assert ended[0] == "work"
        assert sorted(ended[1:]) == ["one", "two"]

    assert in_loop(scenario()) == []


def test_giving_up_waiting_leaves_the_work_alone() -> None:
    done: list[str] = []

    async def work(go_on: asyncio.Event) -> None:
        await go_on.wait()
        done.append("work")

    async def scenario() -> None:
        go_on = asyncio.Event()
        background.start(work(go_on))
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(background.finish(), 0.01)
        go_on.set()
        await background.finish()
        assert done == ["work"]

    assert in_loop(scenario()) == []
