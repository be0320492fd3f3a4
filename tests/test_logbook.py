"""The log: one line an event, without secrets, of bounded size, whoever writes and whatever the disk says."""

from __future__ import annotations

import logging
import os
import re
import stat
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from desktop import __main__ as program
from desktop import faults
from desktop.faults import logbook

if TYPE_CHECKING:
    from pathlib import Path

LINE = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (INFO|WARNING|ERROR|CRITICAL) \d+ [\w.]+: .+$")


def written(folder: Path) -> list[str]:
    return [
        line
        for file in reversed(logbook.files(folder))
        if file.exists()
        for line in file.read_text().splitlines()
    ]


def raised(error: Exception) -> Exception:
    try:
        raise error
    except type(error) as caught:
        return caught


def test_an_event_is_one_line_with_its_moment_in_utc_level_process_and_subject(tmp_path: Path) -> None:
    folder = tmp_path / "not" / "there"
    with logbook.kept(folder) as book:
        logging.getLogger("greenroom.window").info("opened\nwith a %s", "break")
        recent = logbook.recent()

    (line,) = written(folder)
    assert LINE.match(line)
    assert line.endswith(f"Z INFO {os.getpid()} window: opened with a break")
    assert recent == list(book.recent) == [line]
    assert logbook.recent() == []
    assert logging.getLogger("greenroom").level == logging.NOTSET


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX")
def test_only_its_owner_reads_the_log(tmp_path: Path) -> None:
    with logbook.kept(tmp_path / "log"):
        logging.getLogger("greenroom.window").info("opened")

    assert stat.S_IMODE((tmp_path / "log").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "log" / logbook.NAME).stat().st_mode) == 0o600


def test_of_a_library_only_the_place_is_told_and_of_an_error_only_its_way(tmp_path: Path) -> None:
    with logbook.kept(tmp_path):
        logging.getLogger("sqlalchemy.pool").setLevel(logging.INFO)
        logging.getLogger("sqlalchemy.pool").info("SELECT 'Asha'")
        logging.getLogger("asyncio").error("task of %s", "Asha", exc_info=raised(LookupError("Asha Menon")))
        logging.getLogger("sqlalchemy.pool").setLevel(logging.NOTSET)

    (line,) = written(tmp_path)
    assert "Asha" not in line
    assert "asyncio: said at test_logbook:" in line
    assert "| LookupError | test_logbook.py:" in line


def test_a_fault_of_a_command_and_one_of_a_finalizer_are_in_the_log_without_what_they_quote(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Torn:
        def __del__(self) -> None:
            raise LookupError("Asha")

    def broken(_arguments: object) -> int:
        Torn()
        raise LookupError("Asha Menon")

    monkeypatch.setattr("desktop.cli.db_check.check", broken)
    with logbook.kept(tmp_path), faults.unraisable_noted():
        assert program.run(["db", "check"]) == 1

    begins, finalizer, fault = written(tmp_path)
    assert "command: test_logbook.broken begins, Greenroom " in begins
    assert "fault: unraisable: LookupError | " in finalizer
    assert "CRITICAL" in fault
    assert "fault: LookupError | " in fault
    assert "in broken" in fault
    assert "Asha" not in "".join([finalizer, fault, *capsys.readouterr()])


def test_what_was_said_is_on_the_disk_after_a_flush(tmp_path: Path) -> None:
    with logbook.kept(tmp_path) as book:
        logging.getLogger("greenroom.window").info("opened")
        book.flush()
        assert len(written(tmp_path)) == 1


def test_files_are_put_aside_and_the_oldest_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logbook, "SIZE", 1_000)
    with logbook.kept(tmp_path):
        for number in range(200):
            logging.getLogger("greenroom.work").info("number %d", number)

    logs = set(tmp_path.glob("*.log"))
    assert set(logbook.files(tmp_path)[1:]) <= logs <= set(logbook.files(tmp_path))
    assert all(file.stat().st_size < 1_100 for file in logs)
    numbers = [int(line.rsplit(" ", 1)[1]) for line in written(tmp_path)]
    assert numbers == list(range(numbers[0], 200))


def test_several_processes_lose_no_line_and_break_none_while_files_are_put_aside(tmp_path: Path) -> None:
    code = (
        "import logging, sys\nfrom pathlib import Path\nfrom desktop.faults import logbook\n"
        "logbook.SIZE = 20_000\n"
        "with logbook.kept(Path(sys.argv[1])):\n"
        "    for number in range(300): logging.getLogger('greenroom.work').info('%s-%d', sys.argv[2], number)\n"
    )
    writers = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path), name]) for name in "abc"]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0]

    lines = written(tmp_path)
    assert all(LINE.match(line) for line in lines)
    assert {line.rsplit(" ", 1)[1] for line in lines} == {f"{name}-{n}" for name in "abc" for n in range(300)}
    assert len(lines) == 900
    assert len(list(tmp_path.glob("*.log"))) > 1


def test_a_folder_that_cannot_be_written_to_costs_lines_only(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with logbook.kept(tmp_path / "file") as book:
        logging.getLogger("greenroom.window").info("opened")

    assert len(book.recent) == 1
    assert (tmp_path / "file").read_text() == "in the way"


def test_a_full_disk_costs_lines_only_and_later_ones_are_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, full = os.write, [True]

    def write(handle: int, data: bytes) -> int:
        if full.pop():
            full.append(False)
            raise OSError(28, "No space left on device")
        full.append(False)
        return real(handle, data)

    monkeypatch.setattr(os, "write", write)
    with logbook.kept(tmp_path):
        logging.getLogger("greenroom.window").info("lost")
        logging.getLogger("greenroom.window").info("kept")

    assert [line.rsplit(" ", 1)[1] for line in written(tmp_path)] == ["kept"]


def test_the_last_fault_is_found_in_whichever_file_it_is(tmp_path: Path) -> None:
    assert logbook.last_fault(tmp_path) is None
    with logbook.kept(tmp_path):
        logging.getLogger("greenroom.fault").critical("Slip in slip:3 | Slip")
        logging.getLogger("greenroom.fault").critical("Fall in fall:3 | Fall")
        logging.getLogger("greenroom.window").info("closed")
    (tmp_path / logbook.NAME).rename(logbook.files(tmp_path)[2])
    (tmp_path / logbook.NAME).write_text("2026-11-27T20:41:06.123Z INFO 12 window: opened\n")

    found = logbook.last_fault(tmp_path)
    assert found is not None
    assert found[1] == "Fall"


def test_of_a_log_that_somebody_blew_up_the_end_is_looked_at(tmp_path: Path) -> None:
    with (tmp_path / logbook.NAME).open("wb") as file:
        file.truncate(5_000_000_000)
        file.seek(0, 2)
        file.write(b"\n2026-11-27T20:41:06.123Z CRITICAL 12 fault: Fall in fall:3 | Fall\n")
    assert logbook.last_fault(tmp_path) == ("2026-11-27T20:41:06.123Z", "Fall")
