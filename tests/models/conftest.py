"""The event loop the window runs in, and a list that changes, answers late and fails when a test says so."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from qasync import QEventLoop

from desktop import background
from desktop.models.columns import Column
from desktop.services.grid import Cancellation, Order, QueryCancelled
from tests.answered import Answered

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator, Sequence

    from PySide6.QtWidgets import QApplication


COLUMNS = (
    Column("Name", lambda row: row.name, sort_key="name", strong=True, tooltip=lambda row: f"{row.name}!"),
    Column(
        "Size", lambda row: str(row.size), "number", sort_key="size", accessible=lambda r: f"{r.size} big"
    ),
    Column("Colour", lambda row: row.colour, "pill", tone=lambda row: row.colour, meter=lambda row: 0.5),
)


@dataclass(frozen=True, slots=True)
class Thing:
    id: UUID
    name: str
    size: int
    colour: str = "blue"


def make_thing(number: int, **changes: Any) -> Thing:
    made = Thing(UUID(int=number + 1), f"thing {number:06}", -number)
    return replace(made, **changes)


class Gate:
    """Answers wait here until `open`; a cancelled question leaves at once."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self._opened = threading.Event()

    def open(self) -> None:
        self._opened.set()

    def wait(self, cancellation: Cancellation) -> None:
        self.reached.set()
        while not self._opened.wait(0.002):
            if cancellation.cancelled:
                raise QueryCancelled


class FakeSource:
    """Where is a predicate or None. Answers are worked out when the question comes, then held at a gate."""

    def __init__(self, count: int = 0) -> None:
        self.things = {one.id: one for one in map(make_thing, range(count))}
        self.asked: list[tuple[str, Any]] = []
        self.running = 0
        self.most_at_once = 0
        self._gates: dict[str, list[Gate]] = {}
        self._failures: dict[str, list[Exception]] = {}
        self._lock = threading.Lock()

    def hold(self, question: str) -> Gate:
        """The next such question waits at the gate."""
        gate = Gate()
        self._gates.setdefault(question, []).append(gate)
        return gate

    def fail(self, question: str, *failures: Exception) -> None:
        """The next such questions fail."""
        self._failures.setdefault(question, []).extend(failures)

    def put(self, *things: Thing) -> None:
        self.things.update({one.id: one for one in things})

    def take(self, *ids: UUID) -> None:
        with self._lock:  # nobody who is just reading sees some of them gone
            for one in ids:
                del self.things[one]

    def count_asked(self, question: str) -> int:
        return sum(name == question for name, _ in self.asked)

    def sorted(self, order: Order, where: Any) -> list[Thing]:
        found = [one for one in list(self.things.values()) if where is None or where(one)]
        return sorted(found, key=lambda one: (getattr(one, order.key), one.id), reverse=order.descending)

    def first(self, order: Order, where: Any, limit: int, cancellation: Cancellation) -> Answered:
        return self._answer("first", order, cancellation, lambda: Answered(self.sorted(order, where)[:limit]))

    def skeleton(self, order: Order, where: Any, cancellation: Cancellation) -> bytes:
        def ids() -> bytes:
            return b"".join(one.id.bytes for one in self.sorted(order, where))

        return self._answer("skeleton", order, cancellation, ids)

    def rows(self, ids: Sequence[bytes], cancellation: Cancellation) -> Answered:
        def found() -> Answered:
            return Answered([self.things[one] for key in ids if (one := UUID(bytes=key)) in self.things])

        return self._answer("rows", list(ids), cancellation, found)

    def matching(self, where: Any, ids: Sequence[bytes], cancellation: Cancellation) -> Sequence[bytes]:
        def found() -> list[bytes]:
            here = [self.things[one] for key in ids if (one := UUID(bytes=key)) in self.things]
            return [one.id.bytes for one in here if where is None or where(one)]

        return self._answer("matching", list(ids), cancellation, found)

    def _answer(self, question: str, what: Any, cancellation: Cancellation, answer: Callable[[], Any]) -> Any:
        with self._lock:
            self.asked.append((question, what))
            self.running += 1
            self.most_at_once = max(self.most_at_once, self.running)
            answered = answer()
            gate = self._gates[question].pop(0) if self._gates.get(question) else None
            failure = self._failures[question].pop(0) if self._failures.get(question) else None
        try:
            if gate:
                gate.wait(cancellation)
            if failure:
                raise failure
            return answered
        finally:
            with self._lock:
                self.running -= 1


@pytest.fixture
def bugs() -> list[BaseException]:
    """What reached the loop's exception handler; a test that expects something there clears it."""
    return []


@pytest.fixture(scope="session")
def window_loop(qapp: QApplication) -> Iterator[QEventLoop]:
    """The window's kind of event loop: one for all tests, because a loop's Qt objects that are left to the
    garbage collector may be deleted in whatever thread it happens to run in, and crash a later test."""
    qapp.setQuitOnLastWindowClosed(False)  # as the program does: a closing window must not stop the loop
    with QEventLoop(qapp) as loop:
        yield loop


@pytest.fixture
def in_loop(
    window_loop: QEventLoop, bugs: list[BaseException]
) -> Iterator[Callable[[Coroutine[Any, Any, None]], None]]:
    """Runs a scenario in the event loop, and lets everything it started end."""

    def note(_: object, context: dict[str, Any]) -> None:
        bugs.append(context.get("exception") or RuntimeError(context["message"]))

    async def whole(scenario: Coroutine[Any, Any, None]) -> None:
        await asyncio.wait_for(scenario, 30)
        await asyncio.wait_for(background.finish(), 30)

    window_loop.set_exception_handler(note)
    yield lambda scenario: window_loop.run_until_complete(whole(scenario))
    background._tasks.clear()  # a scenario that failed must not take the next ones with it
    assert bugs == []


@pytest.fixture
def thing() -> Callable[..., Thing]:
    """Makes the row of a number; changes are fields by name."""
    return make_thing


@pytest.fixture
def source_of() -> Callable[[int], FakeSource]:
    """Makes a list of so many things."""
    return FakeSource


@pytest.fixture
def columns() -> tuple[Column, ...]:
    return COLUMNS
