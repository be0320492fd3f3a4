"""``greenroom self-test`` without being packed; ``tests/packed`` has the packed one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from desktop import app, driving, errors, self_test
from desktop.cli import terminal
from desktop.db import embedded, embedded_lease
from desktop.db.session import Database
from desktop.services import accounts
from desktop.services.opening import Opened


@pytest.fixture(autouse=True)
def forgetful(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Settings of the test's own, quick hashes, and temporary folders that can be looked at afterwards."""
    monkeypatch.setattr(self_test, "_remember_in", lambda _folder: None)
    file = str(tmp_path / "settings.ini")
    settings = app.QSettings
    monkeypatch.setattr(app, "QSettings", lambda: settings(file, settings.Format.IniFormat))
    monkeypatch.setattr(accounts.passwords, "COST", 4)
    monkeypatch.setattr(driving, "SETTLED_SECONDS", 0.1)
    monkeypatch.setattr(self_test.tempfile, "tempdir", str(tmp_path))


def left_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.name.startswith("greenroom-self-test-")]


def test_every_step_happens_in_the_real_window(
    qapp: object,
    database_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(self_test.opening, "open_local", lambda *_: Opened(Database(database_url), None))

    assert self_test.run(terminal.say, terminal.complain) == 0

    said = capsys.readouterr()
    steps = [line.removeprefix("✓ ").partition(":")[0] for line in said.out.splitlines()]
    assert steps == ["local server", "upgrade", "sign in", "import", "check in", "promote", "quit"]
    assert said.err == ""
    assert left_in(tmp_path) == []


def test_what_a_killed_self_test_left_is_taken_away_by_the_next(
    qapp: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its server would run for ever. Who is still at work, or has just begun, is left alone."""
    killed, used, new = (tmp_path / f"greenroom-self-test-{name}" for name in ("killed", "used", "new"))
    left = embedded.start(killed / "postgres", durable=False)
    assert left._lease is not None
    left._lease.close()  # as the kernel does
    (used / "postgres").mkdir(parents=True)
    lease = embedded_lease.take(used / "postgres")
    new.mkdir()
    for old in (killed, used):
        os.utime(old, (0, 0))
    server = os.open(killed / "postgres" / "running", os.O_RDWR)
    assert not embedded_lease._grab(server)

    def full(*_: object) -> Opened:
        raise errors.LocalServerFailed("The disk is full.")

    monkeypatch.setattr(self_test.opening, "open_local", full)
    assert self_test.run(terminal.say, terminal.complain) == 1

    assert sorted(left_in(tmp_path)) == [new.name, used.name]
    assert embedded_lease._grab(server), "none of its processes is there any more"
    os.close(server)
    lease.close()
    assert capsys.readouterr().err.startswith("greenroom: the self-test stopped")


def test_the_step_that_does_not_happen_is_named(
    qapp: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*_: object) -> Opened:
        raise errors.LocalServerFailed("The disk is full.")

    monkeypatch.setattr(self_test.opening, "open_local", full)

    assert self_test.run(terminal.say, terminal.complain) == 1

    assert capsys.readouterr().err == (
        "greenroom: the self-test stopped at “local server”: The disk is full.\n"
    )
    assert left_in(tmp_path) == []


def test_what_takes_too_long_ends_the_self_test(
    qapp: object,
    database_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(self_test.opening, "open_local", lambda *_: Opened(Database(database_url), None))
    monkeypatch.setattr(self_test, "BOUND_SECONDS", 0.2)

    assert self_test.run(terminal.say, terminal.complain) == 1

    assert "it is not done after 0 s" in capsys.readouterr().err
    assert left_in(tmp_path) == []


@pytest.mark.slow
def test_with_a_local_server_of_its_own_it_leaves_nothing_behind(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "desktop", "self-test"],
        env={"HOME": str(home), "TMPDIR": str(tmp_path), "PATH": os.defpath, "PYTHONPATH": str(Path.cwd())},
        capture_output=True,
        encoding="utf-8",
        timeout=200,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert [path for path in tmp_path.rglob("*") if path.is_file() and "log" not in path.parts] == []
