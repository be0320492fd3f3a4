"""One contender in a process of its own: ``python -m tests.bench.grid_run NAME URL EVENT USER`` prints its figures."""

from __future__ import annotations

import asyncio
import json
import os
import random
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import qasync
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from desktop import background, collecting, memory
from desktop.db.session import Actor
from desktop.views import theme
from tests.bench import grid_live
from tests.bench.grid_contenders import CONTENDERS, Contender, NoDriver, Ours
from tests.bench.heartbeat import Heart

if TYPE_CHECKING:
    from collections.abc import Callable

JUMPS = 40
PATIENCE_SECONDS = 60


class Paints(QObject):
    """Tells when the rows in sight were painted, all of them."""

    def __init__(self, contender: Contender) -> None:
        super().__init__()
        self._contender = contender
        self._future: asyncio.Future[float] | None = None
        contender.view.viewport().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint and self._future is not None and self._contender.ready():
            future, self._future = self._future, None
            asyncio.get_running_loop().call_soon(self._note, future)
        return super().eventFilter(watched, event)

    @staticmethod
    def _note(future: asyncio.Future[float]) -> None:
        if not future.done():
            future.set_result(time.perf_counter())

    async def after(self, work: Callable[[], object]) -> float:
        """Milliseconds from the start of ``work`` to rows on the screen."""
        started = time.perf_counter()
        work()
        self._future = asyncio.get_running_loop().create_future()
        self._contender.view.viewport().update()
        return (await asyncio.wait_for(self._future, PATIENCE_SECONDS) - started) * 1e3


def resident() -> float:
    """Megabytes this process has in memory."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


async def until(so: Callable[[], object]) -> None:
    started = time.monotonic()
    while not so():
        if time.monotonic() - started > PATIENCE_SECONDS:
            raise TimeoutError("waited in vain")
        await asyncio.sleep(0.005)


class Run:
    """One contender's figures, in milliseconds and megabytes."""

    def __init__(self, contender: Contender, ours: bool) -> None:
        self.contender = contender
        self.ours = ours
        self.paints = Paints(contender)
        self.heart = Heart()
        self.told: dict[str, Any] = {}
        self.empty = resident()

    async def timed(self, name: str, work: Callable[[], object]) -> None:
        """How long until rows are painted, and the longest stall until everything has settled."""
        started = time.perf_counter()
        with self.heart.watched() as beats:
            self.told[name] = await self.paints.after(work)
            await until(self.contender.complete)
            self.told[f"{name}, all known"] = (time.perf_counter() - started) * 1e3
            await asyncio.sleep(0.3)
        self.told[f"{name}, stall"] = beats.stall
        self.told[f"{name}, own"] = beats.own
        self.told[f"{name}, in memory"] = resident() - self.empty

    async def all(self) -> None:
        opened = self.contender.open
        await self.timed("first rows", lambda: opened("name"))
        self.told["memory"] = resident() - self.empty
        await self.jumps()
        self.told["jumps, in memory"] = resident() - self.empty
        await self.scrolling()
        self.told["scrolling, in memory"] = resident() - self.empty
        await self.timed("re-sort, indexed", lambda: opened("registered"))
        await self.timed("re-sort, not indexed", lambda: opened("payment"))
        await self.timed("re-sort, back", lambda: opened("name"))
        await self.timed("filter", lambda: opened("name", "status"))
        await self.timed("search", lambda: opened("name", "search"))
        await self.timed("all again", lambda: opened("name"))
        if self.ours:
            await self.choosing()
        self.told["memory, at the end"] = resident() - self.empty

    async def jumps(self) -> None:
        bar = self.contender.view.verticalScrollBar()
        drawn = random.Random(7)
        with self.heart.watched() as beats:
            self.told["jump to the middle"] = await self.paints.after(
                lambda: bar.setValue(bar.maximum() // 2)
            )
            self.told["jump to the end"] = await self.paints.after(lambda: bar.setValue(bar.maximum()))
            self.told["jumps"] = [
                await self.paints.after(lambda: bar.setValue(drawn.randrange(bar.maximum())))
                for _ in range(JUMPS)
            ]
        self.told["jumps, stall"], self.told["jumps, own"] = beats.stall, beats.own

    async def scrolling(self) -> None:
        """Page Down held for three seconds, then the handle dragged from one end to the other."""
        view, bar = self.contender.view, self.contender.view.verticalScrollBar()
        bar.setValue(0)
        await asyncio.sleep(0.3)
        with self.heart.watched() as beats:
            for _ in range(90):
                QTest.keyClick(view, Qt.Key.Key_PageDown)
                await asyncio.sleep(0.033)
            for step in range(120):
                bar.setValue(bar.maximum() * step // 120)
                await asyncio.sleep(0.016)
            await self.paints.after(lambda: None)
        self.told["scrolling, stall"], self.told["scrolling, own"] = beats.stall, beats.own

    async def choosing(self) -> None:
        """Each way to select many, and copying them."""
        view = self.contender.view
        none, control, shift = (
            Qt.KeyboardModifier.NoModifier,
            Qt.KeyboardModifier.ControlModifier,
            Qt.KeyboardModifier.ShiftModifier,
        )
        for name, key, keys in (
            ("End", Qt.Key.Key_End, none),
            ("Home", Qt.Key.Key_Home, none),
            ("select to the end", Qt.Key.Key_End, shift),
            ("select all", Qt.Key.Key_A, control),
            ("copy all", Qt.Key.Key_C, control),
            ("select one", Qt.Key.Key_Down, none),
        ):
            with self.heart.watched() as beats:
                QTest.keyClick(view, key, keys)
                await asyncio.sleep(0.3)
            self.told[f"{name}, stall"], self.told[f"{name}, own"] = beats.stall, beats.own


async def figures(name: str, url: str, event: UUID, actor: Actor) -> dict[str, Any]:
    contender = CONTENDERS[name](url, event, actor)
    contender.widget.resize(1360, 800)
    contender.widget.show()
    contender.view.setFocus()
    await asyncio.sleep(0.3)
    collecting.keep()  # as the program does
    run = Run(contender, name == "RowTable")
    try:
        await run.all()
        if isinstance(contender, Ours):
            run.told |= await grid_live.figures(contender, run.heart, url)
            run.told |= await grid_live.of_the_screen(contender, run.heart, url, event, actor)
    finally:
        contender.close()
        await background.finish()
    return run.told


def main(name: str, url: str, event: str, user: str) -> int:
    memory.give_large_blocks_back()  # as the program does
    application = QApplication(sys.argv[:1])
    theme.apply(application, "light")
    actor = Actor(UUID(user), "asha.menon", "asha@example.org", frozenset({"organizer"}))
    loop = qasync.QEventLoop(application)
    asyncio.set_event_loop(loop)
    with loop, collecting.on_this_thread():
        try:
            told = loop.run_until_complete(figures(name, url, UUID(event), actor))
        except NoDriver as error:
            told = {"missing": str(error)}
    with suppress(BrokenPipeError):
        sys.stdout.write(json.dumps(told) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
