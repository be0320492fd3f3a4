"""The commands as a person runs them: real processes against a real PostgreSQL."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from desktop.db import embedded_cluster
from desktop.services import accounts

if TYPE_CHECKING:
    from pathlib import Path

    from desktop.db.session import Database

PASSWORD = "kaffee-und-Küchen-42"
SECRET = "hunter2-hunter2"


def greenroom(
    *arguments: str, typed: str = "", database: str = "", **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run ``greenroom`` in a process of its own, with ``typed`` on its standard input."""
    return subprocess.run(
        [sys.executable, "-m", "desktop", *arguments],
        input=typed,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
        env={**os.environ, "GREENROOM_DATABASE": database, "GREENROOM_DEBUG": "", **environment},
    )


def test_help_needs_neither_qt_nor_the_database_driver() -> None:
    code = (
        "import sys; from desktop.__main__ import run\n"
        "try: run(['--help'])\n"
        "except SystemExit: pass\n"
        "print([m for m in ('PySide6', 'qasync', 'sqlalchemy', 'psycopg', 'alembic', 'bcrypt') if m in sys.modules])"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True)

    assert "usage: greenroom" in done.stdout
    assert done.stdout.splitlines()[-1] == "[]"


def test_an_empty_database_is_upgraded_step_by_step_and_the_second_time_is_up_to_date(empty_url: str) -> None:
    first = greenroom("db", "upgrade", database=empty_url)
    second = greenroom("db", "upgrade", database=empty_url)

    assert (first.returncode, first.stderr, second.returncode, second.stderr) == (0, "", 0, "")
    *steps, last = first.stdout.splitlines()
    assert "Create the tables of the specification, section 2" in steps
    assert f"was upgraded in {len(steps)} steps" in last
    assert len(second.stdout.splitlines()) == 1
    assert "is up to date" in second.stdout


def test_a_foreign_database_that_was_never_upgraded_is_left_alone(empty_url: str) -> None:
    added = greenroom("staff", "add", "ada", "--email", "a@b.org", "--role", "admin", database=empty_url)
    checked = greenroom("db", "check", database=empty_url)

    assert (added.returncode, added.stdout) == (1, "")
    assert "greenroom db upgrade" in added.stderr
    assert checked.returncode == 1
    assert "greenroom db upgrade" in checked.stdout


def test_the_first_admin_is_made_with_a_password_from_standard_input(
    database_url: str, database: Database
) -> None:
    made = greenroom(
        "staff",
        "add",
        "zoë",
        "--email",
        "Zoe@Example.org",
        "--role",
        "admin",
        typed=PASSWORD + "\n",
        database=database_url,
    )

    assert (made.returncode, made.stdout, made.stderr) == (0, "“zoë” can sign in now, as admin.\n", "")
    assert accounts.sign_in(database, "zoe@example.org", PASSWORD).roles == {"admin"}


@pytest.mark.parametrize(
    ("typed", "role", "says"),
    [
        ("", "admin", "no password on standard input"),
        ("short\n", "admin", "at least 10 characters"),
        (PASSWORD + "\n", "door", "first account must be an admin"),
        (PASSWORD + "\n", "king", "There is no role “king”"),
    ],
)
def test_staff_that_cannot_be_added_is_a_sentence_and_exit_code_2(
    database_url: str, database: Database, typed: str, role: str, says: str
) -> None:
    done = greenroom(
        "staff", "add", "ada", "--email", "a@b.org", "--role", role, typed=typed, database=database_url
    )

    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert PASSWORD not in done.stderr
    assert not accounts.staff_exist(database)


def test_an_explicit_database_wins_over_the_environment(database_url: str) -> None:
    done = greenroom("db", "check", "--database", database_url, database="postgresql://nobody@127.0.0.1:1/x")

    assert (done.returncode, done.stderr) == (0, "")


def test_a_server_that_is_not_there_is_a_sentence_without_the_password() -> None:
    done = greenroom("db", "check", database=f"postgresql://ada:{SECRET}@127.0.0.1:1/greenroom")

    assert (done.returncode, done.stdout) == (1, "")
    assert "cannot be reached" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert SECRET not in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="pipes without a reader are reported otherwise there")
def test_a_reader_that_goes_away_changes_neither_the_work_nor_the_exit_code(empty_url: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "desktop", "db", "upgrade", "--database", empty_url],
        stdout=writing,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        check=False,
    )
    os.close(writing)

    assert (done.returncode, done.stderr) == (0, "")
    assert greenroom("db", "check", database=empty_url).returncode == 0


def test_output_that_cannot_show_a_name_shows_question_marks(database_url: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "desktop", "db", "check", "--database", database_url],
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        check=False,
    )

    assert done.returncode == 0
    assert done.stdout.startswith(b"?")
    assert b"? on this computer runs PostgreSQL" in done.stdout


@pytest.mark.skipif(sys.platform != "linux", reason="the folder is chosen with XDG_DATA_HOME")
def test_without_an_address_the_local_server_is_used_and_stopped_even_when_the_command_is_refused(
    tmp_path: Path,
) -> None:
    refused = greenroom(
        *("staff", "add", "ada", "--email", "a@b.org", "--role", "door"),
        typed=PASSWORD,
        XDG_DATA_HOME=str(tmp_path),
    )
    data = tmp_path / "greenroom" / "postgres"

    assert refused.returncode == 2
    assert "first account must be an admin" in refused.stderr
    assert (data / "data" / "PG_VERSION").exists()
    assert not embedded_cluster.of(data).running()


@pytest.mark.skipif(sys.platform != "linux", reason="the folder is chosen with XDG_DATA_HOME")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_command_that_is_stopped_from_outside_stops_the_local_server_and_is_quiet(
    tmp_path: Path, number: signal.Signals, code: int
) -> None:
    folder = tmp_path / "greenroom" / "postgres"
    with subprocess.Popen(
        [sys.executable, "-m", "desktop", "staff", "add", "ada", "--email", "a@b.org", "--role", "admin"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env={**os.environ, "GREENROOM_DATABASE": "", "XDG_DATA_HOME": str(tmp_path)},
        # A shell that runs the tests in its background ignores Ctrl+C for all it starts, and Python keeps to that.
        preexec_fn=lambda: signal.signal(number, signal.SIG_DFL),
    ) as waiting:
        assert waiting.stderr is not None
        while "specification" not in waiting.stderr.readline():
            assert waiting.poll() is None
        assert embedded_cluster.of(folder).running()

        waiting.send_signal(number)

        assert waiting.wait(60) == code
        assert "Traceback" not in waiting.stderr.read()
    assert not embedded_cluster.of(folder).running()
