"""The one way off the GUI thread: ``await background.run(function, ...)``.

psycopg's asynchronous mode refuses the event loop qasync uses on Windows, so blocking calls run in a small
pool of threads and are awaited (architecture, "Database access from the window").
"""

import asyncio
import functools
import logging
import threading
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Final, ParamSpec, TypeVar

from desktop.errors import AppError

log = logging.getLogger("greenroom.work")

SLOW_SECONDS: Final = 0.5
"""What takes longer has a line in the log."""

CANCELLED_SECONDS: Final = 0.2
"""How long a task may take to hear that it was cancelled."""

P = ParamSpec("P")
T = TypeVar("T")

_pool = ThreadPoolExecutor(max_workers=8, thread_name_prefix="greenroom")
_tasks: set[asyncio.Task[Any]] = set()
_finishing: set[asyncio.Task[Any]] = set()
_at_work: set[object] = set()
"""What runs in the pool; added and taken away in one step of the interpreter each."""


async def run(function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Return ``function(*args, **kwargs)``, computed in another thread; its exception is raised here."""
    loop = asyncio.get_running_loop()

    def work() -> T:
        me = object()
        _at_work.add(me)
        try:
            return _noted(function, *args, **kwargs)
        finally:
            _at_work.discard(me)

    return await loop.run_in_executor(_pool, work)


def _noted(function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Its result. How long it took is logged when that was long, and of a situation only which it is: its sentence
    may name somebody."""
    began = time.monotonic()
    try:
        return function(*args, **kwargs)
    except AppError as situation:
        log.warning("%s: %s", _named(function), type(situation).__name__)
        raise
    finally:
        if (took := time.monotonic() - began) > SLOW_SECONDS:
            log.info("%s took %d ms", _named(function), round(took * 1000))


def _named(function: Callable[..., object]) -> str:
    """What is called, as “waitlist.promoting.promote_next”."""
    while isinstance(function, functools.partial):
        function = function.func
    module = getattr(function, "__module__", None) or type(function).__module__
    name = getattr(function, "__qualname__", type(function).__qualname__)
    return f"{module.removeprefix('desktop.').removeprefix('services.')}.{name}"


async def run_apart(function: Callable[[], T], unwanted: Callable[[T], object] = lambda _result: None) -> T:
    """As `run`, in a thread of its own that may hang: whoever waits can be cancelled, and the program ends without it.
    For what only looks. What it returns when nobody waits any more is given to ``unwanted``, in that thread."""
    told: Future[T] = Future()

    def work() -> None:
        try:
            result = _noted(function)
        except BaseException as error:  # noqa: BLE001 - it is raised where it is waited for
            if told.set_running_or_notify_cancel():
                told.set_exception(error)
            return
        if told.set_running_or_notify_cancel():
            told.set_result(result)
        else:
            unwanted(result)

    threading.Thread(target=work, name="greenroom-apart", daemon=True).start()
    try:
        return await asyncio.wrap_future(told)
    except asyncio.CancelledError:
        if told.done() and not told.cancelled() and told.exception() is None:  # it came at that very moment
            threading.Thread(target=unwanted, args=(told.result(),), daemon=True).start()
        raise


def start(work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
    """Start a coroutine and keep it alive until it ends (asyncio itself holds tasks only weakly).

    What it raises reaches the loop's exception handler at once, not when the task happens to be collected.
    """
    task = asyncio.get_running_loop().create_task(work)
    _tasks.add(task)
    task.add_done_callback(_ended)
    return task


def _ended(task: asyncio.Task[Any]) -> None:
    _tasks.discard(task)
    if not task.cancelled() and (error := task.exception()) is not None:
        context = {"message": "background work failed", "exception": error, "task": task}
        task.get_loop().call_exception_handler(context)


def is_stuck() -> bool:
    """Whether a thread of the pool is still at work, for which Python would wait before it ends."""
    return bool(_at_work)


async def finish(seconds: float | None = None) -> bool:
    """Wait until everything started by `start` has ended, and what that started in its turn; failures were shown
    where they happened. Those who wait here as well are not waited for, or two would wait for each other. False when
    it takes longer than so many ``seconds``."""
    me = asyncio.current_task()
    if me is None:
        raise AssertionError("outside of a task nothing can be awaited")
    loop = asyncio.get_running_loop()
    until = None if seconds is None else loop.time() + seconds
    _finishing.add(me)
    try:
        while waiting := _tasks - _finishing:
            left = None if until is None else until - loop.time()
            if left is not None and left <= 0:
                return False
            await asyncio.wait(waiting, timeout=left)
        return True
    finally:
        _finishing.discard(me)


async def abandon() -> None:
    """Cancel what `finish` would wait for: nobody hears any more what its threads have to say."""
    waiting = _tasks - _finishing - {asyncio.current_task()}
    for task in waiting:
        task.cancel()
    if waiting:
        await asyncio.wait(waiting, timeout=CANCELLED_SECONDS)
