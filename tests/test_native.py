"""A window that breaks down in native code leaves its trace, and the next one tells it, once."""

from __future__ import annotations

import faulthandler
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from desktop.faults import native

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BREAKING = """
import faulthandler, sys
from pathlib import Path
from desktop.faults import native
def broken():
    faulthandler._sigabrt()
with native.watched(Path(sys.argv[1])):
    broken()
"""


@pytest.fixture(autouse=True)
def pytests_own_faulthandler() -> Iterator[None]:
    yield
    faulthandler.enable(sys.__stderr__)


def test_a_breakdown_is_told_to_the_next_window_and_only_to_that(tmp_path: Path) -> None:
    broke = subprocess.run([sys.executable, "-c", BREAKING, str(tmp_path)], capture_output=True, check=False)
    assert broke.returncode != 0

    with native.watched(tmp_path) as told:
        assert told.startswith("Fatal Python error: Aborted")
        assert "<string>:6 in broken" in told
        assert str(tmp_path) not in told
    with native.watched(tmp_path) as told:
        assert told == ""


def test_a_window_that_lives_and_one_that_ended_well_are_no_breakdown(tmp_path: Path) -> None:
    with native.watched(tmp_path) as first, native.watched(tmp_path) as second:
        assert (first, second) == ("", "")
        assert len(list(tmp_path.glob("native-*"))) == 2
    assert [file.read_bytes() for file in tmp_path.glob("native-*")] == [b"", b""]


def test_a_window_that_was_killed_is_noted_and_nobody_is_troubled(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "native-0").write_bytes(native.RUNNING)

    with native.watched(tmp_path) as told:
        assert told == ""
    assert [record.message for record in caplog.records] == ["an earlier window ended without being closed"]


def test_where_nothing_can_be_written_nothing_is_watched(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with native.watched(tmp_path / "file") as told:
        assert told == ""


def test_files_are_named_from_their_package_on() -> None:
    written = (
        "Fatal Python error: Segmentation fault\n\nCurrent thread 0x1 (most recent call first):\n"
        '  File "/home/asha/.venv/lib/python3.11/site-packages/qasync/__init__.py", line 3 in run\n'
        '  File "/home/asha/greenroom/desktop/views/crash.py", line 5 in show\n\nExtension modules: a, b (total: 2)\n'
    )

    assert native.readable(written).splitlines()[2:] == [
        "  qasync/__init__.py:3 in run",
        "  desktop/views/crash.py:5 in show",
    ]


def test_a_display_that_cannot_be_opened_is_no_breakdown_and_in_the_log(tmp_path: Path) -> None:
    environment = {**os.environ, "XDG_STATE_HOME": str(tmp_path), "QT_QPA_PLATFORM": "nothing-like-that"}
    environment |= {"DISPLAY": ":1"}
    done = subprocess.run(
        [sys.executable, "-m", "desktop"], env=environment, capture_output=True, encoding="utf-8", check=False
    )

    assert done.returncode != 0
    assert "greenroom: " in done.stderr
    assert "Qt platform plugin" in done.stderr
    log = (tmp_path / "greenroom" / "log" / "greenroom.log").read_text()
    assert "Qt platform plugin" in log
    with native.watched(tmp_path / "greenroom" / "log") as told:
        assert told == ""
