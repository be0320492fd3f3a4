"""Closing the window while it is busy: the process ends by itself, with 0, without a word, and nothing is half-done."""

from __future__ import annotations

import signal
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from desktop.db import embedded_cluster, schema
from desktop.db.session import Database
from desktop.services import accounts, opening
from tests.closing import scene
from tests.connections.black_hole import BlackHole

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [
    pytest.mark.unwatched,
    pytest.mark.skipif(sys.platform == "win32", reason="asks by signals"),
]

BOUND_SECONDS = 20
"""A window that waited for what it was busy with would take a minute, or 70 s on a dead line."""


def ended(busy: str, url: str, folder: Path, *signals: int, before: object = None) -> float:
    """Close a window that is busy, by these signals; how long it took, in seconds."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.closing.scene", busy, url, str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "busy\n"
        if callable(before):
            before()
        for one in signals or (signal.SIGTERM,):
            process.send_signal(one)
        said, complained = process.communicate(timeout=BOUND_SECONDS)
    finally:
        process.kill()
    assert (process.returncode, complained) == (0, "")
    return float(said)


def roles(url: str) -> list[str]:
    with closing(Database(url)) as database, database.transaction() as tx:
        return [
            row.name for row in tx.rows("SELECT name FROM roles WHERE name LIKE 'closing%' ORDER BY name")
        ]


def at_work(url: str) -> int:
    """Statements of others that the server is still working on for this database."""
    with closing(Database(url)) as database, database.transaction() as tx:
        return int(
            tx.value(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND state <> 'idle' AND pid <> pg_backend_pid() AND query LIKE '%pg_sleep%'"
            )
        )


def test_reads_without_end_are_cancelled_on_the_server(database_url: str, tmp_path: Path) -> None:
    ended("reading", database_url, tmp_path)

    assert at_work(database_url) == 0


def test_a_line_that_is_dead_holds_nobody(database_url: str, tmp_path: Path) -> None:
    with BlackHole(database_url) as hole:
        ended("reading", hole.url, tmp_path, before=hole.swallow)
    with (
        closing(Database(database_url)) as database,
        database.transaction() as tx,
    ):  # its server never heard of it
        tx.value(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND query LIKE '%pg_sleep%'"
        )


@pytest.mark.slow
def test_many_calls_stop_after_the_one_in_flight_which_is_whole(database_url: str, tmp_path: Path) -> None:
    ended("writing", database_url, tmp_path, signal.SIGINT)

    assert roles(database_url) in (["closing-0"], ["closing-0", "closing-1"])
    assert at_work(database_url) == 0


@pytest.mark.slow
def test_a_long_call_is_taken_back_whole(database_url: str, tmp_path: Path) -> None:
    ended("importing", database_url, tmp_path)

    assert roles(database_url) == []
    assert at_work(database_url) == 0


@pytest.mark.slow
def test_a_server_that_does_not_answer_is_not_waited_for(database_url: str, tmp_path: Path) -> None:
    with BlackHole(database_url) as hole:
        hole.swallow()
        ended("reaching", hole.url, tmp_path)


@pytest.mark.slow
def test_a_first_start_is_ended_whole(tmp_path: Path) -> None:
    """While this computer's own server is made: it stops, and the next start finds what it can go on with."""
    took = ended("beginning", f"local:{tmp_path / 'postgres'}", tmp_path)

    assert took < BOUND_SECONDS
    assert not embedded_cluster.of(tmp_path / "postgres").running()
    with closing(opening.open_local(tmp_path / "postgres")) as opened:
        assert schema.is_current(opened.database)


@pytest.mark.slow
def test_an_import_from_the_screen_is_whole_or_not_there(
    database_url: str, building: Any, tmp_path: Path
) -> None:
    """Five thousand people, the window closed while they are written and the list beside them is read."""
    with closing(Database(database_url)) as database:
        accounts.first_admin(database, "zoe", "zoe@example.org", scene.PASSWORD)
    building.package(building.event(), name="Workshop pass")
    lines = (f"Person {n},person{n}@example.org,Workshop pass\n" for n in range(scene.PEOPLE))
    (tmp_path / "people.csv").write_text("Name,Email,Product\n" + "".join(lines), encoding="utf-8")

    ended("importing_people", database_url, tmp_path)

    there = building.value("SELECT count(*) FROM event_registrations")
    assert there in (0, scene.PEOPLE)
    assert building.value("SELECT count(*) FROM admin_logs WHERE action_type = 'registration.import'") == (
        there > 0
    )


@pytest.mark.slow
def test_a_thread_nobody_reaches_is_left(database_url: str, tmp_path: Path) -> None:
    ended("stuck", database_url, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize(
    "signals", [(signal.SIGTERM,), (signal.SIGINT,), (signal.SIGHUP,), (signal.SIGINT, signal.SIGTERM)]
)
def test_asked_once_or_twice_it_ends_once(
    database_url: str, tmp_path: Path, signals: tuple[int, ...]
) -> None:
    ended("idle", database_url, tmp_path, *signals)
