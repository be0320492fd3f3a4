"""``greenroom doctor``: works where nothing else does, hangs nowhere, and tells nothing of anybody."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import keyring
import pytest
import sqlalchemy as sa

from desktop import __main__ as program
from desktop import errors, settings
from desktop.db import embedded
from desktop.doctor import asking, database, display, folders, journal, keys, local_server
from desktop.doctor.asking import Answer, Subject
from desktop.faults import logbook
from desktop.services import connections
from desktop.services.connections import keyrings

if TYPE_CHECKING:
    from pathlib import Path

NOWHERE = "postgresql://ada@127.0.0.1:1/events"


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A person who has never used Greenroom."""
    monkeypatch.setattr(settings, "data_folder", lambda: tmp_path / "data")
    monkeypatch.setattr(settings, "log_folder", lambda: tmp_path / "log")
    monkeypatch.setattr(settings, "config_folder", lambda: tmp_path / "config")
    monkeypatch.setattr(embedded, "default_folder", lambda: tmp_path / "data" / "postgres")
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any]]:
    """The exit code, and each subject by its key."""
    code = program.run(["doctor", "--json", *arguments])
    answer = json.loads(capsys.readouterr().out)
    return code, {subject["key"]: subject for subject in answer["subjects"]}


@pytest.fixture
def without_qt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(display, "look", Answer)


def test_it_works_in_an_empty_home_without_display_keyring_or_database(tmp_path: Path) -> None:
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "LD_LIBRARY_PATH"}}
    done = subprocess.run(
        [sys.executable, "-m", "desktop", "doctor"],
        env={**kept, "HOME": str(tmp_path), "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    lines = done.stdout.splitlines()
    assert lines[-1] == "All is well."
    assert [line for line in lines if not line.startswith(" ")][:-1] == [
        "Program",
        "Folders",
        "Local server",
        "Database",
        "Connections",
        "Keyring",
        "Display",
        "Log",
    ]
    assert "  Data         ~/.local/share/greenroom: not there yet" in done.stdout
    assert "  Drawn by     offscreen" in lines
    assert str(tmp_path) not in done.stdout


@pytest.mark.usefixtures("without_qt")
def test_a_database_in_order_is_told_with_its_state_and_without_its_name(
    database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, subjects = run(capsys, "--database", database_url)

    facts = subjects["database"]["facts"]
    assert (code, subjects["database"]["troubles"]) == (0, [])
    assert list(facts) == ["Place", "Server", "Schema", "TLS", "Round trip", "Its clock", "Pooler"]
    assert facts["Place"] == "on this computer"
    assert facts["Server"].startswith("PostgreSQL 18.")
    assert facts["Round trip"].endswith(" ms")


@pytest.mark.usefixtures("without_qt")
def test_a_database_that_does_not_answer_is_wrong_and_named_only_when_asked(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, subjects = run(capsys, "--database", NOWHERE)
    _, named = run(capsys, "--database", NOWHERE, "--verbose")

    assert code == 1
    (sentence,) = subjects["database"]["troubles"]
    assert sentence.startswith("The database “…” cannot be reached (nothing answers there).")
    assert "events" not in json.dumps(subjects)
    assert named["database"]["facts"]["Address"] == "“events” on this computer"


@pytest.mark.usefixtures("without_qt")
def test_a_connection_is_looked_at_by_its_name_and_told_by_its_number(
    own_folders: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    monkeypatch.setattr(keyrings, "read", lambda profile: asked.append(profile) or "hunter2-hunter2")
    profile = connections.Profile(uuid4(), "North hall", "127.0.0.1", "events", "ada", 1, password_kept=True)
    connections.keep(own_folders / "config", profile)
    monkeypatch.setattr(connections, "read", None)  # the doctor changes nothing

    code, subjects = run(capsys, "--connection", "north hall")
    _, named = run(capsys, "--connection", "North hall", "--verbose")
    unknown = program.run(["doctor", "--connection", "South hall"])

    assert (code, unknown, asked) == (1, 2, [profile.id, profile.id])
    assert subjects["database"]["troubles"][0].startswith("The database “…” cannot be reached")
    assert list(subjects["connections"]["facts"]) == ["Connection 1"]
    assert list(named["connections"]["facts"]) == ["North hall"]
    told = json.dumps([subjects, named])
    assert "hunter2" not in told
    assert "North" not in json.dumps(subjects)


def test_a_database_that_is_not_prepared_says_the_way_out(empty_url: str) -> None:
    answer = database.look(lambda: empty_url, names=False)

    assert dict(answer.facts)["Schema"] == "not prepared for Greenroom"
    assert answer.troubles == (str(errors.SchemaOlder()),)


def test_clocks_that_are_apart_are_wrong(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    late = SimpleNamespace(time=lambda: time.time() - 90, perf_counter=time.perf_counter)
    monkeypatch.setattr(database, "time", late)

    answer = database.look(lambda: database_url, names=False)

    assert "s ahead of this computer's" in dict(answer.facts)["Its clock"]
    assert [sentence[:45] for sentence in answer.troubles] == [
        "The clocks of this computer and the server ar"
    ]


def test_who_hangs_is_late_and_who_breaks_is_told_by_the_place() -> None:
    go_on = threading.Event()

    def hang() -> Answer:
        go_on.wait(10)
        return Answer()

    def break_down() -> Answer:
        raise LookupError("asha.menon@example.org")

    subjects = [
        Subject("hangs", "Hangs", hang, 0.05),
        Subject("breaks", "Breaks", break_down),
        Subject("well", "Well", lambda: Answer((("Who", "asha.menon@example.org"),))),
    ]
    late, broken, well = (answer for _, answer in asking.answers(subjects))
    go_on.set()

    assert "no answer within" in late.troubles[0]
    assert broken.troubles[0].startswith("Looking broke: LookupError at ")
    assert "asha" not in broken.troubles[0] + well.facts[0][1]


def test_folders_that_cannot_be_used_are_wrong(own_folders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (own_folders / "log").write_text("in the way")
    assert "has to be a folder" in folders.look().troubles[0]
    (own_folders / "log").unlink()
    assert folders.look().troubles == ()
    for name in ("data", "log", "config"):
        monkeypatch.setattr(settings, f"{name}_folder", lambda name=name: own_folders / "home" / name)
    (own_folders / "home").write_text("no home at all")
    assert [one.partition("”")[0].endswith("home") for one in folders.look().troubles] == [True] * 3
    (own_folders / "home").unlink()

    def full(**_given: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tempfile, "TemporaryFile", full)
    assert all("(No space left on device)" in sentence for sentence in folders.look().troubles)
    assert len(folders.look().troubles) == 3


def test_a_local_server_that_runs_is_told_with_its_users_and_asked_for_its_database(
    server: embedded.LocalServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "default_folder", lambda: server.folder)

    facts = dict(local_server.look().facts)
    found = local_server.url()

    assert facts["State"] == "runs, PostgreSQL 18"
    assert int(facts["Used by"].split()[0]) >= 1
    assert found is not None
    assert sa.make_url(found).database == "greenroom"


def test_a_data_folder_of_a_newer_server_is_wrong(own_folders: Path) -> None:
    data = own_folders / "data" / "postgres" / "data"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("99\n")

    assert "made by a newer server" in local_server.look().troubles[0]
    assert local_server.url() is None


def test_a_keyring_that_keeps_passwords_is_all_right_and_none_is_worth_knowing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for priority, notes in ((keyrings.LEAST_PRIORITY, 0), (0, 1)):
        monkeypatch.setattr(
            keyring, "get_keyring", lambda priority=priority: SimpleNamespace(priority=priority)
        )
        answer = keys.look()
        assert (len(answer.notes), answer.troubles) == (notes, ())


def test_the_last_fault_is_told_by_type_and_time(own_folders: Path) -> None:
    assert dict(journal.look().facts)["Last fault"] == "none"
    own_folders.joinpath("log").mkdir()
    line = "2026-11-27T20:41:06.123Z CRITICAL 12 fault: Slip in slip:3 | Slip\n"
    (own_folders / "log" / logbook.NAME).write_text(line)

    answer = journal.look()

    assert dict(answer.facts)["Last fault"] == "Slip, 2026-11-27T20:41:06.123Z"
    assert len(answer.notes) == 1


def test_libraries_that_are_missing_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    said = "\tlibxcb-cursor.so.0 => not found\n\tlibc.so.6 => /lib/libc.so.6 (0x1)\n"
    monkeypatch.setattr(display, "_drawn", lambda _environment: None)
    monkeypatch.setattr(display.subprocess, "run", lambda *_, **__: SimpleNamespace(stdout=said))
    monkeypatch.setattr(display.sys, "platform", "linux")

    (sentence,) = display.look().troubles

    assert sentence.startswith("Libraries Qt needs are missing: libxcb-cursor.so.0. ")


def test_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        program.run(["--version"])

    assert left.value.code == 0
    assert capsys.readouterr().out.startswith("Greenroom ")
