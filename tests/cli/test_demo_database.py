"""Which demo is shown: kept for a week, fresh for each tour, never taken from under somebody."""

from __future__ import annotations

from contextlib import closing
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from desktop import errors, settings
from desktop.__main__ import run
from desktop.cli import demo as command
from desktop.db.session import Database
from desktop.services import demo, demo_database
from desktop.services.preparing import Preparation, PreparingStopped, Stage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from desktop.db.embedded import LocalServer
    from desktop.services.opening import Opened

SUNDAY = date(2026, 11, 22)


def quiet(*_said: object) -> None:
    """Nobody reads along."""


@pytest.fixture(autouse=True)
def names(monkeypatch: pytest.MonkeyPatch, server: LocalServer) -> Iterator[None]:
    """Names of this test's own on the run's server, and a demo of one row instead of thousands."""

    def fill(
        database: Database, today: date, _progress: object = None, registrations: int | None = None
    ) -> None:
        with database.transaction() as tx:
            tx.execute(
                "INSERT INTO users (id, username, email) VALUES (:id, :day, 'a@example.org')",
                {"id": demo.STAFF[0].id, "day": f"{today.isoformat()} {registrations or ''}".strip()},
            )

    monkeypatch.setattr(demo, "fill", fill)
    mine = [f"demo_{uuid4().hex}", f"tour_{uuid4().hex}"]
    monkeypatch.setattr(demo_database, "DEMO", mine[0])
    monkeypatch.setattr(demo_database, "TOUR", mine[1])
    yield
    for name in (*mine, f"{mine[0]}_large", f"{mine[0]}_million"):
        assert demo_database._dropped(server, name)


def day_of(opened: Opened) -> str:
    with opened.database.transaction() as tx:
        return str(tx.value("SELECT string_agg(username, ' ' ORDER BY username) FROM users"))


def spend(opened: Opened, name: str) -> None:
    """Leave a trace in it, as work does."""
    with opened.database.transaction() as tx:
        tx.execute("INSERT INTO users (username, email) VALUES (:name, :name)", {"name": name})


@pytest.mark.parametrize(
    ("later", "shown"),
    [
        (date(2026, 11, 22), "2026-11-22 work"),
        (date(2026, 11, 29), "2026-11-22 work"),
        (date(2026, 11, 30), "2026-11-30"),
        (date(2026, 11, 14), "2026-11-14"),
    ],
)
def test_the_demo_is_kept_for_a_week_and_then_made_afresh(
    server: LocalServer, later: date, shown: str
) -> None:
    with closing(demo_database.open_demo(server.folder, SUNDAY, quiet, quiet)) as opened:
        spend(opened, "work")

    with closing(demo_database.open_demo(server.folder, later, quiet, quiet)) as opened:
        assert day_of(opened) == shown


def test_a_stale_demo_that_somebody_has_open_is_left_to_them(server: LocalServer) -> None:
    with closing(demo_database.open_demo(server.folder, SUNDAY, quiet, quiet)) as first:
        spend(first, "work")
        with closing(demo_database.open_demo(server.folder, date(2027, 1, 1), quiet, quiet)) as second:
            assert day_of(second) == "2026-11-22 work"


def test_a_demo_whose_filling_was_interrupted_is_made_afresh(
    server: LocalServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    complete: Callable[[Database, date], None] = demo.fill

    def interrupted(database: Database, today: date, *_rest: object) -> None:
        complete(database, today)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(demo, "fill", interrupted)
        demo_database.open_demo(server.folder, SUNDAY, quiet, quiet)

    assert not made(server, demo_database.DEMO)
    with closing(demo_database.open_demo(server.folder, date(2026, 11, 23), quiet, quiet)) as opened:
        assert day_of(opened) == "2026-11-23"


def test_a_demo_of_a_scale_is_kept_apart_from_the_ordinary_one(server: LocalServer) -> None:
    with (
        closing(demo_database.open_demo(server.folder, SUNDAY, quiet, quiet)) as ordinary,
        closing(demo_database.open_demo(server.folder, SUNDAY, quiet, quiet, "million")) as million,
    ):
        assert (day_of(ordinary), day_of(million)) == ("2026-11-22", "2026-11-22 1000000")


def test_closing_the_window_stops_the_making_and_leaves_nothing_behind(
    server: LocalServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    preparation = Preparation()
    complete: Callable[[Database, date], None] = demo.fill

    def fill(database: Database, today: date, progress: demo.Progress, _registrations: int) -> None:
        complete(database, today)
        progress("Writing", 1, 2)
        assert preparation.stage == Stage("Writing", 1, 2)
        preparation.stop()
        progress("Writing", 2, 2)

    monkeypatch.setattr(demo, "fill", fill)
    with pytest.raises(PreparingStopped):
        demo_database.open_demo(server.folder, SUNDAY, preparation.say, preparation.progress, "large")

    assert not made(server, f"{demo_database.DEMO}_large")


def made(server: LocalServer, name: str) -> bool:
    with closing(Database(server.url("postgres"))) as database, database.transaction() as tx:
        return bool(tx.value("SELECT EXISTS (SELECT FROM pg_database WHERE datname = :n)", {"n": name}))


def test_each_tour_has_a_fresh_database_and_only_one_is_on_at_a_time(server: LocalServer) -> None:
    with closing(demo_database.open_tour(server.folder, SUNDAY, quiet, quiet)) as opened:
        spend(opened, "work")
        with pytest.raises(errors.RuleViolation, match="Another tour"):
            demo_database.open_tour(server.folder, SUNDAY, quiet, quiet)

    with closing(demo_database.open_tour(server.folder, SUNDAY, quiet, quiet)) as opened:
        assert day_of(opened) == "2026-11-22"


@pytest.mark.parametrize(
    ("environment", "display"),
    [
        ({}, False),
        ({"DISPLAY": ":0"}, True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, True),
        ({"QT_QPA_PLATFORM": "offscreen"}, False),
        ({"QT_QPA_PLATFORM": "vnc:size=800x600"}, True),
    ],
)
def test_a_display_is_x11_or_wayland_or_what_somebody_chose(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], display: bool
) -> None:
    monkeypatch.setattr("sys.platform", "linux")

    assert settings.read(environment=environment).display is display


def test_without_a_display_the_window_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)

    assert run([]) == 1
    assert "no display here" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "pictures"), [([], "build/tour"), (["--tour", "elsewhere"], "elsewhere")]
)
def test_without_a_display_or_with_a_folder_the_tour_is_played_on_a_server_of_the_demos_own(
    server: LocalServer,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    arguments: list[str],
    pictures: str,
) -> None:
    asked: list[Path] = []
    played: list[tuple[str, str]] = []
    opened = demo_database.open_tour(server.folder, SUNDAY, quiet, quiet)

    def open_tour(folder: Path, *_rest: object) -> Opened:
        asked.append(folder)
        return opened

    def play(tour: Opened, folder: Path) -> int:
        played.append((tour.database.url.database or "", folder.as_posix()))
        return 3

    monkeypatch.setattr(settings, "data_folder", lambda: tmp_path)
    monkeypatch.setattr(demo_database, "open_tour", open_tour)
    monkeypatch.setattr(command, "_play", play)
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    if arguments:
        monkeypatch.setenv("DISPLAY", ":0")

    assert run(["demo", *arguments]) == 3
    assert asked == [tmp_path / "demo"]
    assert played == [(demo_database.TOUR, pictures)]


def test_without_a_display_a_demo_of_a_scale_is_made_ready_and_that_is_said(
    server: LocalServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[object] = []
    real = demo_database.open_demo

    def open_demo(_folder: Path, *rest: Any) -> Opened:
        asked.append(rest[-1])
        return real(server.folder, *rest)

    monkeypatch.setattr(demo_database, "open_demo", open_demo)
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)

    assert run(["demo", "--scale", "large"]) == 0
    assert asked == ["large"]
    assert "no display here" in capsys.readouterr().out


def test_a_tour_has_no_scale(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["demo", "--scale", "large", "--tour", "elsewhere"]) == 2
    assert "Choose --tour or --scale" in capsys.readouterr().err
