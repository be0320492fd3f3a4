"""The tour: what ``make demo`` plays where there is no display, once as a whole and where it has to fail."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from desktop import errors, tour

if TYPE_CHECKING:
    from pathlib import Path

    from desktop.db.session import Database


pytestmark = pytest.mark.usefixtures("remembered", "light_again")


class Slip(Exception):
    """A fault of ours."""


@pytest.mark.skipif(sys.platform != "linux", reason="the folders are chosen with XDG variables")
def test_the_tour_takes_every_step_and_leaves_pictures(tmp_path: Path) -> None:
    pictures = tmp_path / "pictures"
    folders = {name: str(tmp_path / name) for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME")}
    done = subprocess.run(
        [sys.executable, "-m", "desktop", "demo", "--tour", str(pictures)],
        capture_output=True,
        encoding="utf-8",
        timeout=110,
        check=False,
        env={**os.environ, **folders, "HOME": str(tmp_path), "GREENROOM_DATABASE": ""},
    )
    output = done.stdout
    assert done.returncode == 0, output + done.stderr
    steps = [line for line in output.splitlines() if line.startswith("✓ ")]
    for step in (
        "Signed in as",
        "Opened the registrations of Monsoon Data Summit",
        "Imported attendees.csv",
        "Promoted",
        "is checked in",
        "check-in",
        "Cancelled",
        "Found registration.import in the log",
        "Found waitlist.promote in the log",
        "Found attendance.admit in the log",
        "Found registration.cancel in the log",
        "Showed dark mode",
    ):
        assert any(step in line for line in steps), (step, output)
    taken = sorted(file.name for file in pictures.glob("*.png"))
    assert len(taken) >= 12
    assert all((pictures / name).stat().st_size > 10_000 for name in taken)
    assert not any("stopped" in name for name in taken)


def test_a_step_that_does_not_happen_ends_the_tour_with_exit_code_1_and_a_picture(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("desktop.driving.PATIENCE_SECONDS", 0.3)
    assert tour.play(database, tmp_path) == 1
    assert "the tour stopped: waited 0 s for the sign-in card" in capsys.readouterr().err
    assert [file.name for file in tmp_path.glob("*.png")] == ["stopped.png"]


def test_a_folder_that_takes_no_pictures_is_a_sentence(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desktop.driving.PATIENCE_SECONDS", 0.3)
    (tmp_path / "taken").touch()
    with pytest.raises(errors.AppError, match="cannot be written"):
        tour.play(database, tmp_path / "taken")


STEPS = (
    "come_in",
    "look_at_events",
    "import_a_file",
    "promote",
    "check_in_and_undo",
    "cancel",
    "read_the_log",
    "show_dark",
)


def test_a_tour_during_which_something_broke_fails(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def nothing(_tour: tour.Tour) -> None:
        pass

    async def break_down(self: tour.Tour) -> None:
        self.greenroom.caught.fault(Slip())

    for step in STEPS:
        monkeypatch.setattr(tour.Tour, step, nothing)
    assert tour.play(database, tmp_path) == 0
    monkeypatch.setattr(tour.Tour, "promote", break_down)
    assert tour.play(database, tmp_path) == 1
    assert "something in Greenroom broke on the way" in capsys.readouterr().err
