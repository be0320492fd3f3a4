"""What the command line says, and the exit code beside it, within this process."""

from __future__ import annotations

import getpass
import io
import sys
from typing import TYPE_CHECKING

import pytest

from desktop.__main__ import run
from desktop.cli import db_check, staff, terminal
from desktop.services import accounts
from desktop.services.permissions import Role

if TYPE_CHECKING:
    from desktop.db.session import Database

SECRET = "hunter2-hunter2"


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Exit code, standard output, standard error."""
    try:
        code = run(arguments)
    except SystemExit as left:
        code = int(left.code or 0)
    return code, *capsys.readouterr()


@pytest.fixture
def terminal_typing(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a person types at the prompts, one after the other."""
    typed: list[str] = []
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    monkeypatch.setattr(getpass, "getpass", lambda _prompt: typed.pop(0))
    return typed


@pytest.mark.parametrize(
    "address",
    [
        f"mysql://ada:{SECRET}@db.example.org/greenroom",
        f"postgresql://ada:{SECRET}@db.example.org:99999/greenroom",
        f"postgresql://ada:{SECRET}@db.example.org",
        f"postgresql//ada:{SECRET}@[db.example.org/greenroom",
        f"ada:{SECRET}@db.example.org/greenroom",
        f"host=db.example.org password={SECRET}",
    ],
)
@pytest.mark.parametrize("way", ["--database", "GREENROOM_DATABASE", "--databse", ""])
def test_a_malformed_address_is_a_usage_error_that_never_repeats_the_password(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, address: str, way: str
) -> None:
    monkeypatch.setenv("GREENROOM_DATABASE", address)
    arguments = {"": [address], "GREENROOM_DATABASE": []}.get(way, [way, address])

    code, out, err = said(capsys, "db", "check", *arguments)

    assert (code, out) == (2, "")
    assert err.startswith("greenroom: ")
    assert len(err.splitlines()) == 1
    assert SECRET not in err


def test_an_empty_address_is_a_scripts_unset_variable_and_does_not_mean_the_local_database(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, out, err = said(capsys, "db", "upgrade", "--database", "")
    assert (code, out) == (2, "")
    assert "the address is empty" in err


def test_a_password_is_no_argument_and_is_not_repeated(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = said(
        capsys, "staff", "add", "ada", "--email", "a@b.org", "--role", "admin", "--password", SECRET
    )

    assert (code, out) == (2, "")
    assert "may hold a password" in err
    assert SECRET not in err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["demon"], "invalid choice: 'demon'"),
        (["db"], "required"),
        (["staff", "add", "ada"], "--email, --role"),
        (["import", "registrations", "x.csv", "--event", "a"], "--package"),
        (["import", "registrations", "x.csv", "--event", "a", "--package", "b", "--map", "c"], "NAME=COLUMN"),
        (["staff", "add", "ada", "--email", "no address", "--role", "admin"], "e-mail"),
    ],
)
def test_what_is_not_understood_is_one_sentence_and_exit_code_2(
    capsys: pytest.CaptureFixture[str], arguments: list[str], says: str
) -> None:
    code, out, err = said(capsys, *arguments)

    assert (code, out) == (2, "")
    assert says in err
    assert len(err.splitlines()) == 1


def test_help_names_every_role(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _err = said(capsys, "staff", "add", "--help")

    assert code == 0
    assert all(role.value in out for role in Role)


def test_the_prompt_asks_twice_and_the_answer_signs_in(
    capsys: pytest.CaptureFixture[str],
    terminal_typing: list[str],
    database_url: str,
    database: Database,
) -> None:
    terminal_typing[:] = [SECRET, SECRET]

    code, out, err = said(
        capsys, "staff", "add", "ada", "--email", "a@b.org", "--role", "admin", "--database", database_url
    )

    assert (code, err) == (0, "")
    assert SECRET not in out
    assert accounts.sign_in(database, "ada", SECRET).name == "ada"


def test_two_different_passwords_add_nobody(
    capsys: pytest.CaptureFixture[str],
    terminal_typing: list[str],
    database_url: str,
    database: Database,
) -> None:
    terminal_typing[:] = [SECRET, SECRET.upper()]

    code, _out, err = said(
        capsys, "staff", "add", "ada", "--email", "a@b.org", "--role", "admin", "--database", database_url
    )

    assert code == 2
    assert "not the same" in err
    assert not accounts.staff_exist(database)


def test_an_address_that_has_an_account_keeps_its_password(
    capsys: pytest.CaptureFixture[str], terminal_typing: list[str], database_url: str
) -> None:
    terminal_typing[:] = [SECRET, SECRET, "another password", "another password"]
    account = ("--email", "a@b.org", "--database", database_url)
    said(capsys, "staff", "add", "ada", *account, "--role", "admin")

    code, out, _err = said(capsys, "staff", "add", "ada2", *account, "--role", "door")

    assert (code, out) == (
        0,
        "The account “ada” of that address is door now and keeps the password it had.\n",
    )


def test_an_interruption_is_quiet(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_arguments: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(db_check, "check", interrupted)

    assert said(capsys, "db", "check") == (130, "", "")


@pytest.mark.parametrize("debugging", ["", "1"])
def test_a_fault_of_ours_names_its_kind_and_shows_the_rest_only_when_asked(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, debugging: str
) -> None:
    def broken(_arguments: object) -> int:
        raise LookupError("Zoë Fernández, zoe@example.org")

    monkeypatch.setattr(staff, "add", broken)
    monkeypatch.setenv("GREENROOM_DEBUG", debugging)

    code, out, err = said(capsys, "staff", "add", "ada", "--email", "a@b.org", "--role", "admin")

    assert (code, out) == (1, "")
    assert "This is a fault in Greenroom: LookupError." in err
    assert ("Zoë" in err) == ("Traceback" in err) == bool(debugging)


def test_what_stands_in_a_database_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.say("Monsoon \x1b[2J\x9b31m Summit")

    assert (
        capsys.readouterr().out == "Monsoon \N{REPLACEMENT CHARACTER}[2J\N{REPLACEMENT CHARACTER}31m Summit\n"
    )


def test_progress_is_a_line_for_each_stage_where_nobody_watches(capsys: pytest.CaptureFixture[str]) -> None:
    with terminal.Progress() as progress:
        for done in range(0, 3000, 1000):
            progress("reading", done, 0)
        progress("checking", 0, 3000)
        progress("checking", 3000, 3000)

    assert capsys.readouterr().err == "Reading\nChecking\n"


def test_progress_is_one_line_that_is_rewritten_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    class Screen(io.StringIO):
        def isatty(self) -> bool:
            return True

    screen = Screen()
    monkeypatch.setattr(sys, "stderr", screen)

    with terminal.Progress() as progress:
        progress("checking", 0, 3000)
        progress("checking", 3000, 3000)

    drawn = screen.getvalue()
    assert "\n" not in drawn
    assert [part.strip() for part in drawn.split("\r")] == [
        "",
        "Checking: 0 of 3,000",
        "Checking: 3,000 of 3,000",
        "",
        "",
    ]
