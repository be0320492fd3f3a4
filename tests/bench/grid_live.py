"""A hundred changes a second on the rows in sight: what they cost the window, and how soon they are painted.

Told by the database and heard by the program's own listener: once by the list alone, and once by the whole screen,
with its chips, its panel of somebody selected, and the words in the status line.
"""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import psycopg
from PySide6.QtWidgets import QStackedWidget

from desktop import background
from desktop.services import changes
from desktop.services.workspace import Workspace
from desktop.views.following import Following
from desktop.views.registrations import RegistrationsScreen
from tests.bench.grid_contenders import Ours, in_sight

if TYPE_CHECKING:
    from uuid import UUID

    from desktop.db.session import Actor
    from desktop.services.lists.registrations import RegistrationRow
    from desktop.views.list_pane import ListPane
    from tests.bench.heartbeat import Heart

RATE = 100
SECONDS = 8
PATIENCE_SECONDS = 60


async def figures(contender: Ours, heart: Heart, url: str) -> dict[str, Any]:
    """CPU share of one core in the first half, milliseconds from before the commit to the screen, and the longest stall
    and burst in the second half, of the list."""
    loop, pane = asyncio.get_running_loop(), contender.pane

    def take(report: changes.Report) -> None:
        if isinstance(report, changes.Changes):
            pane.follow(report.registrations, report.heard_at)

    contender.database.listener.start()
    leave = changes.follow(
        contender.database, lambda report: loop.call_soon_threadsafe(take, report) and None
    )
    try:
        return await _while_it_changes("live", pane, heart, url)
    finally:
        leave()


async def of_the_screen(contender: Ours, heart: Heart, url: str, event: UUID, actor: Actor) -> dict[str, Any]:
    """The same of everything that is shown, and followed as in the window."""
    workspace = Workspace(contender.database, actor, ZoneInfo("Asia/Kolkata"), "bench")
    screen = RegistrationsScreen(workspace)
    parent = QStackedWidget()
    parent.addWidget(screen)
    parent.resize(1360, 800)
    parent.show()
    screen.open(event)
    await _until(lambda: screen.list.pane is not None and screen.list.pane.model.complete)
    pane = screen.list.pane
    assert pane is not None
    pane.table.selectRow(1)
    following = Following(workspace, lambda: screen, parent)
    following.watch(screen)
    try:
        return await _while_it_changes("live, whole screen", pane, heart, url)
    finally:
        following.leave()
        screen.close_down()
        parent.close()


async def _while_it_changes(name: str, pane: ListPane, heart: Heart, url: str) -> dict[str, Any]:
    model, view = pane.model, pane.table
    await asyncio.sleep(1)
    first, last = in_sight(view)
    ids = [str(model.id_at(row)) for row in range(first, last + 1)]
    seen: dict[str, float] = {}
    arrived: list[float] = []

    def painted() -> None:
        now = time.time()
        for row in range(first, last + 1):
            loaded: RegistrationRow | None = model.row_at(row)
            if loaded is not None and loaded.name.startswith("~"):
                at = float(loaded.name[1:])
                if seen.get(str(loaded.id)) != at:
                    seen[str(loaded.id)] = at
                    arrived.append((now - at) * 1e3)

    names = await background.run(_names, url, ids)
    # The change is painted by the event loop's next round.
    told = model.dataChanged.connect(lambda *_: asyncio.get_running_loop().call_soon(painted))
    command = [sys.executable, "-m", "tests.bench.grid_live", url, *ids]
    website = await background.run(subprocess.Popen, command)
    waited = asyncio.ensure_future(background.run(website.wait))
    await _until(lambda: arrived)  # importing takes it a second
    started, computed, threads = time.perf_counter(), time.process_time(), time.thread_time()
    await asyncio.sleep(SECONDS / 2)
    took = time.perf_counter() - started
    share, own = (time.process_time() - computed) / took, (time.thread_time() - threads) / took
    with heart.watched() as beats:  # not while the share is measured: it would be a quarter of it
        await waited
        await asyncio.sleep(0.2)
    model.dataChanged.disconnect(told)
    await background.run(_give_back, url, names)
    return {
        f"{name}, share of a core": share,
        f"{name}, the window's own share": own,
        f"{name}, to the screen": arrived,
        f"{name}, to the screen p95": statistics.quantiles(arrived, n=20)[-1] if len(arrived) > 1 else None,
        f"{name}, stall": beats.stall,
        f"{name}, own": beats.own,
    }


async def _until(so: Any) -> None:
    started = time.monotonic()
    while not so():
        if time.monotonic() - started > PATIENCE_SECONDS:
            raise TimeoutError("waited in vain")
        await asyncio.sleep(0.005)


def _names(url: str, ids: list[str]) -> list[tuple[str, str]]:
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        return connection.execute(
            "SELECT attendee_name, id::text FROM event_registrations WHERE id = ANY(%s::uuid[])", [ids]
        ).fetchall()


def _give_back(url: str, names: list[tuple[str, str]]) -> None:
    with psycopg.connect(url.replace("+psycopg", "")) as connection, connection.cursor() as cursor:
        cursor.executemany("UPDATE event_registrations SET attendee_name = %s WHERE id = %s", names)


def _website(url: str, *ids: str) -> int:
    """Change the rows in turn, `RATE` a second, each name telling when."""
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        started = time.perf_counter()
        for number in range(RATE * SECONDS):
            time.sleep(max(0, started + number / RATE - time.perf_counter()))
            one = ids[number % len(ids)]
            connection.execute(
                "UPDATE event_registrations SET attendee_name = %s WHERE id = %s",
                [f"~{time.time():.4f}", one],
            )
    return 0


if __name__ == "__main__":
    sys.exit(_website(*sys.argv[1:]))
